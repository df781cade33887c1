"""A design as coordinates of a labelled dataset, and as plain data that identify it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from mnexcite.cells import Cell
from mnexcite.cells.paths import resolve
from mnexcite.conditions import Condition
from mnexcite.errors import cf
from mnexcite.stimuli import Noise, Stimulus, VoltageClamp, Waveform
from mnexcite.sweeps.designs.axes import Array, Axis
from mnexcite.sweeps.designs.checks import sample
from mnexcite.sweeps.designs.design import Design
from mnexcite.sweeps.designs.points import Drive, Inputs, Maker, condition_of, inputs_of
from mnexcite.sweeps.designs.units import unit_of_argument

#: Ends the name under which an axis of factors has them.
FACTOR = "_factor"
#: Begins the long name of factors; then come the paths that they multiply.
FACTOR_OF = "factor of "
#: Begins the names of the coordinates of a Saltelli design that tell its points apart.
SALTELLI = "saltelli_"

#: dimension, values, attributes: what xarray takes for a variable.
Coordinate = tuple[str, np.ndarray, dict[str, Any]]


def coordinates(
    cell: Cell,
    design: Design,
    conditions: Mapping[str, Maker] | None = None,
    stimulus: Drive = None,
) -> dict[str, Coordinate]:
    """Return the coordinates of a sweep on a design, by name.

    `<axis>` holds absolute values with their unit, and for a parameter the source and
    status of the cell's own value; an axis given as factors has them in `<axis>_factor`.
    The members of a group whose own values differ have no single absolute value: then
    `<axis>` is the factor too, and each member's absolute values stand under its path. A
    saltelli design has `saltelli_sample` and `saltelli_matrix`, from which `sensitivity`
    finds its points.

    Returns
    -------
    dict
        Name -> (dimension, values, attributes), as `xarray.Dataset` takes them.
    """
    found: dict[str, Coordinate] = {}
    for axis in design.axes:
        dim = axis.name if design.kind == "grid" else "point"
        if axis.kind == "parameter":
            described = _of_parameter(cell, axis)
        elif axis.kind == "condition":
            described = {axis.name: _of_condition(axis, conditions)}
        else:
            described = {axis.name: _of_stimulus(axis, stimulus)}
        found |= {name: (dim, values, attrs) for name, (values, attrs) in described.items()}
    if design.kind != "grid":
        found["point"] = ("point", np.arange(design.size), {"long_name": "point"})
    if design.kind == "saltelli":
        found |= _of_matrices(design)
    return found


def describe(
    cell: Cell,
    design: Design,
    conditions: Mapping[str, Maker] | None = None,
    stimulus: Drive = None,
) -> dict[str, Any]:
    """Return what decides a sweep's points, as plain data for JSON.

    Values are told by their SHA-256. Conditions and stimuli are told by what they do, never
    by their code: the numbers and waveforms they make at up to 64 points of the design.
    """
    described: dict[str, Any] = {
        "design": design.kind,
        "shape": list(design.shape),
        "seed": design.seed,
        "axes": {axis.name: _identity(cell, axis) for axis in design.axes},
    }
    made = inputs_of(cell, design, sample(design), conditions, stimulus)
    if any(axis.kind == "condition" for axis in design.axes):
        described["conditions"] = _digest_numbers(made)
    described["stimulus"] = _digest_stimuli(made)
    return described


def _of_parameter(cell: Cell, axis: Axis) -> dict[str, tuple[Array, dict[str, Any]]]:
    parameters = cell.parameters
    members = {path: parameters[path] for path in resolve(cell, axis.path)}
    listed = ", ".join(members)
    described = {
        path: {
            "units": cf(p.unit),
            "long_name": path,
            "own_value": p.value,
            "source": p.source,
            "status": p.status,
        }
        for path, p in members.items()
    }
    first = next(iter(members.values()))
    alike = len({(p.value, p.unit) for p in members.values()}) == 1
    absolute = {**described[next(iter(members))], "long_name": listed}
    if not axis.is_factor:
        return {axis.name: (axis.values, absolute)}
    factor = {"units": "1", "long_name": f"{FACTOR_OF}{listed}"}
    found = {axis.name: (axis.values, factor), f"{axis.name}{FACTOR}": (axis.values, factor)}
    if alike:
        found[axis.name] = (first.value * axis.values, absolute)
    else:
        for path, p in members.items():
            found[path] = (p.value * axis.values, described[path])
    return found


def _of_condition(
    axis: Axis, conditions: Mapping[str, Maker] | None
) -> tuple[Array, dict[str, Any]]:
    warmth = axis.target == "temperature"
    attrs = {
        "units": "degC" if warmth else "1",
        "long_name": "temperature" if warmth else _of_what(axis, conditions),
    }
    made = condition_of(axis, conditions)(float(axis.values[0]))
    if isinstance(made, Condition):
        attrs |= {"source": made.source, "status": made.status}
    return axis.values, attrs


def _of_what(axis: Axis, conditions: Mapping[str, Maker] | None) -> str:
    name, _, inner = axis.target.partition(".")
    own = isinstance((conditions or {}).get(name), Condition)
    return f"{inner} of {name}" if own and inner else f"strength of {axis.target}"


def _of_stimulus(axis: Axis, stimulus: Any) -> tuple[Array, dict[str, Any]]:
    attrs = {"long_name": f"{axis.target} of the stimulus"}
    unit = axis.unit or unit_of_argument(axis.target, stimulus)
    return axis.values, attrs | ({"units": cf(unit)} if unit else {})


def _of_matrices(design: Design) -> dict[str, Coordinate]:
    matrices = ["A", "B", *(f"AB_{name}" for name in design.names)]
    index = np.arange(design.size)
    flags = {
        "long_name": "matrix of the Saltelli design",
        "flag_values": np.arange(len(matrices), dtype=np.int16),
        "flag_meanings": " ".join(matrices),
    }
    return {
        f"{SALTELLI}sample": ("point", index // len(matrices), {"long_name": "sample"}),
        f"{SALTELLI}matrix": ("point", (index % len(matrices)).astype(np.int16), flags),
    }


def _identity(cell: Cell, axis: Axis) -> dict[str, Any]:
    return {
        "kind": axis.kind,
        "paths": list(resolve(cell, axis.path)) if axis.kind == "parameter" else [],
        "factor": axis.is_factor,
        "values": axis.values.size,
        "lowest": float(axis.values.min()),
        "highest": float(axis.values.max()),
        "sha256": hashlib.sha256(axis.values.astype("<f8").tobytes()).hexdigest(),
    }


def _digest_numbers(made: Inputs) -> str:
    digest = hashlib.sha256()
    for path in sorted(made.parameters):
        digest.update(path.encode() + b"\0")
        digest.update(made.parameters[path].astype("<f8").tobytes())
    return digest.hexdigest()


def _digest_stimuli(made: Inputs) -> str:
    digest = hashlib.sha256()
    several = isinstance(made.stimuli, list)
    for one in made.stimuli if several else [made.stimuli]:  # type: ignore[union-attr]
        digest.update(type(one).__name__.encode() + b"\0")
        if isinstance(one, VoltageClamp):
            _digest_waveform(digest, one.command, f"mV {one.compartment}")
        elif isinstance(one, Stimulus):
            for part in (*one.currents, *one.conductances):
                said = f"{part.unit} {part.compartment} {getattr(part, 'E', None)!r}"
                _digest_waveform(digest, part.waveform, said)
            for each in one.events:
                digest.update(f"{each.synapse} {each.compartment}\0".encode())
                digest.update(np.stack([each.times, each.weights]).astype("<f8").tobytes())
    return digest.hexdigest()


def _digest_waveform(digest: Any, waveform: Waveform | Noise, said: str) -> None:
    digest.update(f"{said} {waveform.numbers.size}\0".encode())
    digest.update(waveform.numbers.astype("<f8").tobytes())
