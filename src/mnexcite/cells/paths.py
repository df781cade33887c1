"""Paths: names of a cell's numbers, and how to read and change the number at a path.

`[compartment.]channel.parameter`, `[compartment.]channel.gate.parameter`, `ions.name`,
`temperature`, `area`, `C`; a cell of one compartment leaves its name out, and in a cell of
several a path without one means every compartment that has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from mnexcite.channels import Channel
from mnexcite.channels.gate import OF_THE_POOL
from mnexcite.errors import InputError, did_you_mean, number

if TYPE_CHECKING:
    from mnexcite.cells.cell import Cell
    from mnexcite.cells.compartment import Compartment, Ion

Path = str | tuple[str, ...]
Part = TypeVar("Part")


def join(cell: Cell, compartment: Compartment, *parts: str) -> str:
    """Return the path of `parts` in a compartment of the cell."""
    prefix = () if len(cell.compartments) == 1 else (compartment.name,)
    return ".".join((*prefix, *parts))


def scalars(cell: Cell) -> dict[str, tuple[float, str]]:
    """Return every number of the cell and its unit by path."""
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
        found[join(cell, compartment, "C")] = (compartment.C, cell.units["C"])
        for channel in compartment.channels:
            name = channel.name
            E = reversals[channel.ion] if channel.E is None else channel.E  # type: ignore[index]
            found[join(cell, compartment, name, "g")] = (channel.g, cell.units["g"])
            found[join(cell, compartment, name, "E")] = (E, "mV")
            for gate in channel.gates:
                for key, (value, unit) in gate.scalars.items():
                    if unit == OF_THE_POOL:
                        unit = next(p.unit for p in compartment.pools if p.name == gate.pool)
                    found[join(cell, compartment, name, gate.name, key)] = (value, unit)
        for pool in compartment.pools:
            for key, (value, unit) in pool.scalars.items():
                unit = unit.replace("current", cell.units["i"])
                found[join(cell, compartment, pool.name, key)] = (value, unit)
    return found


def resolve(cell: Cell, key: Path, of: str | None = None) -> tuple[str, ...]:
    """Return the full paths that `key` means: itself, a group's, or several.

    Raises
    ------
    InputError
        If the cell has no such number.
    """
    if isinstance(key, tuple):  # a number that two parts name is one number
        return tuple(dict.fromkeys(path for part in key for path in resolve(cell, part)))
    if not isinstance(key, str):
        raise InputError(f"path is {key!r}; allowed: a text such as 'C', or a tuple of them")
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
    names = [*known, *(f"{group}.g" for group in cell.groups)]
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


def finite(key: Path, value: object) -> float:
    """Return `value` as a finite float, or refuse it by name."""
    return number(str(key), value)


def with_value(cell: Cell, path: str, value: float) -> Cell:
    """Return the cell with the number at one full path replaced."""
    if path in ("temperature", "area"):
        return replace(cell, **{path: value})
    head, _, tail = path.partition(".")
    if head == "ions":
        return replace(cell, ions=tuple(_with_ion_value(ion, tail, value) for ion in cell.ions))
    for coupling in cell.couplings:
        if coupling.name == head:
            changed = replace(coupling, **{tail: value})
            return replace(cell, couplings=_swap(cell.couplings, coupling, changed))
    compartment, parts = _locate(cell, path)
    if parts == ["C"]:
        if value <= 0:
            raise InputError(f"{path} is {value!r}; allowed: above 0")
        return _with_compartment(cell, compartment, "C", value)
    for pool in compartment.pools:
        if pool.name == parts[0]:
            pools = _swap(compartment.pools, pool, replace(pool, **{parts[1]: value}))
            return _with_compartment(cell, compartment, "pools", pools)
    channel = next(c for c in compartment.channels if c.name == parts[0])
    if len(parts) == 2:
        changed = _renew(path, lambda: replace(channel, **{parts[1]: value}))
    else:
        gate = next(g for g in channel.gates if g.name == parts[1])
        turned = _renew(path, lambda: gate.with_scalar(parts[2], value))
        changed = replace(channel, gates=_swap(channel.gates, gate, turned))
    channels = _swap(compartment.channels, channel, changed)
    return _with_compartment(cell, compartment, "channels", channels)


def find_channel(cell: Cell, path: str) -> Channel:
    """Return the channel that a full path leads into."""
    compartment, parts = _locate(cell, path)
    return next(channel for channel in compartment.channels if channel.name == parts[0])


def _locate(cell: Cell, path: str) -> tuple[Compartment, list[str]]:
    parts = path.split(".")
    if len(cell.compartments) == 1:
        return cell.compartments[0], parts
    return next(c for c in cell.compartments if c.name == parts[0]), parts[1:]


def _with_ion_value(ion: Ion, name: str, value: float) -> Ion:
    fields = {f"E_{ion.name}": "E", f"{ion.name}_o": "outside", f"{ion.name}_i": "inside"}
    if name not in fields:
        return ion
    return _renew(f"ions.{name}", lambda: replace(ion, **{fields[name]: value}))


def _with_compartment(cell: Cell, compartment: Compartment, field: str, value: object) -> Cell:
    """Change one field of a compartment and keep its published initial state."""
    fields = {key: getattr(compartment, key) for key in ("name", "C", "channels", "pools")}
    changed = type(compartment)(**{**fields, field: value}, initial=compartment.initial)
    return replace(cell, compartments=_swap(cell.compartments, compartment, changed))


def _renew(path: str, change: Callable[[], Part]) -> Part:
    try:
        return change()
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _swap(parts: tuple[Part, ...], old: Part, new: Part) -> tuple[Part, ...]:
    return tuple(new if part is old else part for part in parts)
