"""How a cell differs from the published one of its name, in words."""

from __future__ import annotations

from functools import cache

from mnexcite.cells.catalogue import CATALOGUE
from mnexcite.cells.cell import Cell
from mnexcite.errors import checked


@checked
def changes(cell: Cell) -> dict[str, str]:
    """Return what was changed in a cell of the catalogue: path -> "from -> to unit".

    Parameters
    ----------
    cell
        The cell. One of one's own, whose name the catalogue does not have, is described by
        all its numbers.

    Returns
    -------
    dict
        Empty for a cell as published. Channels that were added or removed are told by their
        numbers, changed kinetics by the gate.

    Examples
    --------
    >>> from mnexcite import cells
    >>> cell = cells.hodgkin_huxley_1952()
    >>> changes(cell), changes(cell.scaled({"Na.g": 0.5}))
    ({}, {'Na.g': '120 -> 60 mS/cm2'})
    """
    if cell.name not in CATALOGUE:
        return {
            path: f"{number.value!r} {number.unit}" for path, number in cell.parameters.items()
        }
    original = _published(cell.name)
    before, after = original.parameters, cell.parameters
    found = {}
    for path in (*before, *(path for path in after if path not in before)):
        if path not in after:
            found[path] = f"{_short(before[path].value)} -> removed"
        elif path not in before:
            found[path] = f"added: {_short(after[path].value)} {after[path].unit}"
        elif before[path].value != after[path].value:
            old, new = before[path], after[path]
            found[path] = f"{_short(old.value)} -> {_short(new.value)} {new.unit}"
    found |= _kinetics(original, cell)
    for name in ("spike_threshold", "dt", "area"):
        old, new = getattr(original, name), getattr(cell, name)
        if old != new:
            found.setdefault(name, f"{_short(old)} -> {_short(new)}")
    if original.initial != cell.initial:
        found["initial"] = ", ".join(
            f"{path} {original.initial.get(path)} -> {value}"
            for path, value in cell.initial.items()
            if original.initial.get(path) != value
        )
    return found


@cache
def _published(name: str) -> Cell:
    return CATALOGUE[name]()


def _kinetics(original: Cell, cell: Cell) -> dict[str, str]:
    """Return the gates whose functions are others, though their numbers may be the same."""
    before, after = _functions(original), _functions(cell)
    return {
        name: "other kinetics"
        for name, functions in before.items()
        if after.get(name, functions) != functions
    }


def _functions(cell: Cell) -> dict[str, tuple[object, ...]]:
    return {
        f"{compartment.name}.{channel.name}.{gate.name}": (
            *(gate.inf, gate.tau, gate.alpha, gate.beta),
            gate.power,
        )
        for compartment in cell.compartments
        for channel in compartment.channels
        for gate in channel.gates
    }


def _short(value: float | None) -> str:
    return "none" if value is None else repr(float(value)).removesuffix(".0")


def in_words(cell: Cell) -> str:
    """Return the changes of a cell in one line.

    Examples
    --------
    >>> from mnexcite import cells
    >>> in_words(cells.hodgkin_huxley_1952())
    'as published'
    """
    found = changes(cell)
    told = "; ".join(f"{path}: {change}" for path, change in found.items())
    if cell.name not in CATALOGUE:
        return f"a cell of one's own: {told}"
    return told or "as published"
