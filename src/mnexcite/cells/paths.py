"""Paths: names of a cell's numbers, and how to read and change the number at a path.

`[compartment.]channel.parameter`, `[compartment.]channel.gate.parameter`, the same of pools and
synapses, `ions.name`,
`temperature`, `area`, `C`; a cell of one compartment leaves its name out, and in a cell of
several a path without one means every compartment that has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnexcite.channels import GHK, Carrier, Pump, Synapse
from mnexcite.channels.gate import OF_THE_POOL
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, did_you_mean, number, shown, text

if TYPE_CHECKING:
    from mnexcite.cells.cell import Cell
    from mnexcite.cells.compartment import Compartment

Path = str | tuple[str, ...]


def join(cell: Cell, compartment: Compartment, *parts: str) -> str:
    """Return the path of `parts` in a compartment of the cell."""
    prefix = () if len(cell.compartments) == 1 else (compartment.name,)
    return ".".join((*prefix, *parts))


def scalars(cell: Cell) -> FrozenMapping[tuple[float, str]]:
    """Return every number of the cell and its unit by path."""
    return cell.scalars


def list_scalars(cell: Cell) -> dict[str, tuple[float, str]]:
    """List every number of the cell and its unit by path: what `scalars` keeps."""
    found: dict[str, tuple[float, str]] = {"temperature": (cell.temperature, "degC")}
    if cell.area is not None:
        found["area"] = (cell.area, "cm2")
    reversals = {}
    for ion in cell.ions:
        reversals[ion.name] = ion.E
        found[f"ions.E_{ion.name}"] = (ion.E, "mV")
        for side, value in (("o", ion.outside), ("i", ion.inside)):
            if value is not None:
                found[f"ions.{ion.name}_{side}"] = (value, "mM")
    for coupling in cell.couplings:
        found[f"{coupling.name}.g_c"] = (coupling.g_c, cell.units["g"])
        if coupling.p is not None:
            found[f"{coupling.name}.p"] = (coupling.p, "")
    for compartment in cell.compartments:
        of = join(cell, compartment, "")
        found[of + "C"] = (compartment.C, cell.units["C"])
        for channel in compartment.channels:
            name = of + channel.name
            if isinstance(channel, Pump):
                found[f"{name}.i_max"] = channel.i_max, cell.units["i"]
            elif isinstance(channel, GHK):
                found[f"{name}.P"] = channel.P, cell.units["P"]
            else:
                E = reversals[channel.ion] if channel.E is None else channel.E  # type: ignore[index]
                found[f"{name}.g"] = (channel.g, cell.units["g"])
                found[f"{name}.E"] = (E, "mV")
            for gate in channel.gates:
                for key, (value, unit) in gate.scalars.items():
                    if unit == OF_THE_POOL:
                        unit = next(p.unit for p in compartment.pools if p.name == gate.pool)
                    found[f"{name}.{gate.name}.{key}"] = (value, unit)
            for binding in channel.bindings:
                for key, number_with_unit in binding.scalars.items():
                    found[f"{name}.{binding.name}.{key}"] = number_with_unit
        for synapse in compartment.synapses:
            name = of + synapse.name
            found[f"{name}.g"] = (synapse.g, cell.units["g"])
            found[f"{name}.E"] = (synapse.E, "mV")
            for key, number_with_unit in synapse.scalars.items():
                found[f"{name}.{key}"] = number_with_unit
        for pool in compartment.pools:
            for key, (value, unit) in pool.scalars.items():
                unit = unit.replace("current", cell.units["i"])
                found[f"{of}{pool.name}.{key}"] = (value, unit)
    return found


def strengths(cell: Cell) -> dict[str, Carrier | Synapse]:
    """Return path -> part of every conductance, permeability and pump's current."""
    named = {Pump: "i_max", GHK: "P"}
    return {
        join(cell, compartment, part.name, named.get(type(part), "g")): part
        for compartment in cell.compartments
        for part in (*compartment.channels, *compartment.synapses)
    }


def resolve(cell: Cell, key: Path, of: str | None = None) -> tuple[str, ...]:
    """Return the full paths that `key` means: itself, a group's, or several.

    Raises
    ------
    InputError
        If the cell has no such number.
    """
    if isinstance(key, tuple) and key:  # a number that two parts name is one number
        return tuple(dict.fromkeys(path for part in key for path in resolve(cell, part)))
    if not isinstance(key, str):
        raise InputError(
            f"path is {shown(key)}; allowed: a text such as 'C', or a tuple of them"
        )
    known = scalars(cell)
    if key in known:
        return (key,)
    head, _, tail = key.partition(".")
    if tail and head in cell.groups:
        return tuple(
            path for member in cell.groups[head] for path in resolve(cell, f"{member}.{tail}")
        )
    if len(cell.compartments) == 1 and head == cell.compartments[0].name and tail in known:
        return (tail,)
    spread = tuple(
        path for c in cell.compartments if (path := join(cell, c, key)) in known and path != key
    )
    if spread:
        return spread
    tails = {g: "c" if f"{of[0]}.c" in known else "g" for g, of in cell.groups.items() if of}
    names = [*known, *(f"{group}.{tail}" for group, tail in tails.items())]
    key = text("path", key, "a text such as 'C', or a tuple of them")
    where = f" in {of}" if of else ""
    raise InputError(
        f"no number {key!r} in cell {cell.name}{where}; {did_you_mean(key, names)}"
    )


def check_one_value(cell: Cell, key: Path) -> None:
    """Refuse to set several numbers that differ to one value, which is seldom meant."""
    known = scalars(cell)
    values = {path: known[path][0] for path in resolve(cell, key)}
    if isinstance(key, str) and len(set(values.values())) > 1:
        listed = ", ".join(f"{path} = {value:g}" for path, value in values.items())
        raise InputError(
            f"{key} means several numbers that differ ({listed}); scale them together with "
            "scaled or factors, or name each path"
        )


def finite(cell: Cell, key: Path, value: object) -> float:
    """Return `value` as a finite float in the unit of the number at `key`."""
    units = {scalars(cell)[path][1] for path in resolve(cell, key)}
    name = key if isinstance(key, str) else "+".join(key)
    return number(name, value, unit=units.pop() if len(units) == 1 else "")


def find_part(cell: Cell, path: str) -> tuple[Compartment, Carrier | Synapse]:
    """Return the channel, pump or synapse that a full path leads into, and where it is."""
    compartment, parts = _locate(cell, path)
    every = (*compartment.channels, *compartment.synapses)
    return compartment, next(part for part in every if part.name == parts[0])


def _locate(cell: Cell, path: str) -> tuple[Compartment, list[str]]:
    parts = path.split(".")
    if len(cell.compartments) == 1:
        return cell.compartments[0], parts
    return next(c for c in cell.compartments if c.name == parts[0]), parts[1:]
