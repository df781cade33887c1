"""Save a cell to a JSON file and load it again.

Kinetics of this package are kept by name, with their numbers. Functions of the user are
kept as the values they take on the table's axis: a loaded cell computes the same without
their code, but their named numbers are then fixed.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite import disk
from mnexcite.cells.cell import Cell
from mnexcite.cells.compartment import Compartment, Coupling, Ion
from mnexcite.channels import GHK, Binding, Carrier, Channel, Gate, IonPool, Pump, Synapse
from mnexcite.channels.axes import axis_of, cubics
from mnexcite.errors import InputError, checked, place

FORMAT = "mnexcite cell, format 3"
#: What a file that was edited by hand says in place of its checksum.
EDITED = "edited"
_PLAIN = ("name", "temperature", "rt_f", "temperature_0", "membrane", "area")
_PLAIN += ("spike_threshold", "dt", "source", "status")


def save(cell: Cell, path: str | os.PathLike[str]) -> None:
    """Write `cell` to a JSON file.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    described = json.loads(json.dumps(describe(cell), default=float))
    text = json.dumps({"checksum": _checksum(described), **described}, indent=1)
    disk.write(path, text + "\n")


@checked
def load(path: str | Path) -> Cell:
    """Read a cell that `save` wrote.

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If it is not a saved cell.
    """
    with disk.explained("read", path):
        raw = place("path", path).read_bytes()
    try:
        described = json.loads(raw.decode("utf-8"))
        known = described.pop("checksum", None)
        if described["format"] != FORMAT:
            raise KeyError(f"format {described['format']!r}")
        if known not in (EDITED, _checksum(described)):
            raise ValueError(
                "its numbers are not those that were saved; if they were changed on purpose, "
                f'write "checksum": "{EDITED}"'
            )
        return build(described)
    except Exception as error:  # whatever is damaged, the reader hears one line
        raise InputError(
            f"{path} is not a saved cell ({type(error).__name__}: {error}); allowed: a file "
            f"that Cell.save wrote ({FORMAT})"
        ) from error


def _checksum(described: dict[str, Any]) -> str:
    return disk.checksum(json.dumps(described, sort_keys=True))


def describe(cell: Cell) -> dict[str, Any]:
    """Return the cell as lists, names and numbers that `build` turns into it again."""
    return {
        "format": FORMAT,
        **{key: getattr(cell, key) for key in _PLAIN},
        "groups": {key: list(members) for key, members in cell.groups.items()},
        "provenance": {path: list(record) for path, record in cell.provenance.items()},
        "ions": [asdict(ion) for ion in cell.ions],
        "couplings": [asdict(coupling) for coupling in cell.couplings],
        "compartments": [
            {
                "name": compartment.name,
                "C": compartment.C,
                "initial": dict(compartment.initial),
                "pools": [asdict(pool) for pool in compartment.pools],
                "synapses": [asdict(synapse) for synapse in compartment.synapses],
                "channels": [_describe_channel(channel) for channel in compartment.channels],
            }
            for compartment in cell.compartments
        ],
    }


def build(described: dict[str, Any]) -> Cell:
    """Return the cell that `describe` described."""
    compartments = [
        Compartment(
            name=c["name"],
            C=c["C"],
            channels=[_build_channel(channel) for channel in c["channels"]],
            pools=[IonPool(**pool) for pool in c["pools"]],
            synapses=[Synapse(**synapse) for synapse in c["synapses"]],
            initial=c["initial"],
        )
        for c in described["compartments"]
    ]
    return Cell(
        compartments=compartments,
        couplings=[Coupling(**coupling) for coupling in described["couplings"]],
        ions=[Ion(**ion) for ion in described["ions"]],
        groups={key: tuple(members) for key, members in described["groups"].items()},
        provenance={path: (r[0], r[1]) for path, r in described["provenance"].items()},
        **{key: described[key] for key in _PLAIN},
    )


class Tabulated:
    """Give back a function of one argument from its values on a table's axis."""

    def __init__(self, values: NDArray[np.float64], pool: str | None) -> None:
        self.values, self.pool = values, pool
        self.rows = cubics(axis_of(pool).nodes, values)
        self.__signature__ = inspect.signature(
            _of_voltage if pool is None else _of_concentration
        )

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return the spline at x, exact on the axis' nodes."""
        row, u = axis_of(self.pool).locate(x)
        c0, c1, c2, c3 = np.moveaxis(self.rows[row], -1, 0)
        inside = np.clip(
            c0 + u * (c1 + u * (c2 + u * c3)), self.values.min(), self.values.max()
        )
        return np.where(u == 1.0, self.values[row + 1], inside)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Tabulated)
            and self.pool == other.pool
            and np.array_equal(self.values, other.values)
        )

    def __hash__(self) -> int:
        return hash((self.pool, self.values.tobytes()))


def _of_voltage(v: ArrayLike) -> ArrayLike:
    return v


def _of_concentration(c: ArrayLike) -> ArrayLike:
    return c


def _describe_channel(channel: Carrier) -> dict[str, Any]:
    gates = [_describe_gate(gate) for gate in channel.gates]
    if isinstance(channel, Pump):
        own = {"i_max": channel.i_max, "carries": dict(channel.carries)}
    else:
        numbers = ("P", "ion") if isinstance(channel, GHK) else ("g", "E", "ion")
        own = {key: getattr(channel, key) for key in numbers}
        own["bindings"] = [_describe_binding(b) for b in channel.bindings]
    return {"name": channel.name, **own, "gates": gates}


def _build_channel(described: dict[str, Any]) -> Carrier:
    own = {**described, "gates": [_build_gate(gate) for gate in described["gates"]]}
    if "i_max" in own:
        return Pump(**own)
    own["bindings"] = [Binding(**binding) for binding in described["bindings"]]
    return GHK(**own) if "P" in own else Channel(**own)


def _describe_binding(binding: Binding) -> dict[str, Any]:
    told = ("name", "on", "off", "c", "outside", "unit")
    return {key: getattr(binding, key) for key in told} | {"through": dict(binding.through)}


def _describe_gate(gate: Gate) -> dict[str, Any]:
    roles = {role: getattr(gate, role) for role in ("inf", "tau", "alpha", "beta")}
    roles = {role: function for role, function in roles.items() if function is not None}
    common = {"name": gate.name, "power": gate.power, "shift": gate.shift, "rate": gate.rate}
    common["pool"] = gate.pool
    names = {role: _name_of(function) for role, function in roles.items()}
    if all(names.values()):
        return {
            **common,
            "functions": names,
            "numbers": dict(gate.numbers),
            "units": dict(gate.units),
        }
    plain = gate.with_scalars({"rate": 1.0})
    if gate.pool is None:
        plain = plain.with_scalars({"shift": 0.0})
    x = axis_of(gate.pool).nodes
    tables = {"inf": plain.steady_state(x).tolist()}
    if not gate.instantaneous:
        tables["tau"] = plain.time_constant(x).tolist()
    return {**common, "tables": tables}


def _build_gate(described: dict[str, Any]) -> Gate:
    pool, functions = described["pool"], {}
    for role, name in described.get("functions", {}).items():
        functions[role] = _function(name)
    for role, values in described.get("tables", {}).items():
        functions[role] = Tabulated(np.array(values, dtype=float), pool)
    return Gate(
        described["name"],
        power=described["power"],
        inf=functions.get("inf"),
        tau=functions.get("tau"),
        alpha=functions.get("alpha"),
        beta=functions.get("beta"),
        shift=described["shift"],
        rate=described["rate"],
        pool=pool,
        numbers=described.get("numbers"),
        units=described.get("units"),
    )


def _name_of(function: Callable[..., Any]) -> str | None:
    """Return where this package has the function, None for a function of the user."""
    module = getattr(function, "__module__", None) or ""
    name = getattr(function, "__qualname__", "")
    if not module.startswith("mnexcite.") or module not in sys.modules:
        return None
    return f"{module}:{name}" if getattr(sys.modules[module], name, None) is function else None


def _function(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    if not module.startswith("mnexcite."):  # a file must not choose what code is imported
        raise InputError(f"kinetics {name!r} are not of this package; save the cell again")
    return getattr(importlib.import_module(module), function)
