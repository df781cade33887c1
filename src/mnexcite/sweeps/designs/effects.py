"""Conditions at many strengths as columns of parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from mnexcite.cells import Cell
from mnexcite.cells.paths import join, scalars
from mnexcite.cells.values import with_values
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.conditions import als_early, temperature
from mnexcite.errors import InputError
from mnexcite.sweeps.designs.axes import Array

Maker = Callable[[float], Callable[[Cell], Cell]]
Strengths = Sequence[tuple[Maker, Array]]
Ends = Sequence[tuple[Maker, float, float]]

#: Conditions that multiply numbers by factors which only the strength decides (and
#: `temperature`, which sets the cell's temperature beside): no cell per point is needed.
_SCALING: tuple[Maker, ...] = (als_early, temperature)
#: A product with a power of 2 is exact, so a factor can be read off it to the bit.
_PROBE = 0.5


def scales_only(makers: Sequence[Maker]) -> bool:
    """Tell whether all conditions only scale, and one at most sets the temperature."""
    return all(make in _SCALING for make in makers) and makers.count(temperature) < 2


def scaled_numbers(
    cell: Cell, columns: Mapping[str, Array], under: Strengths, ends: Ends
) -> dict[str, Array]:
    """Return the columns under conditions that only scale: the bits of `changed_numbers`."""
    own = scalars(cell)
    out = dict(columns)
    probe = _probe(cell, tuple(columns), tuple(ends))
    for make, strengths in under:
        distinct, which = np.unique(strengths, return_inverse=True)
        effects = [_effect(probe, make, float(strength)) for strength in distinct]
        for path in {path: None for effect in effects for path in effect}:
            factors = np.array([effect.get(path, 1.0) for effect in effects])[which]
            out[path] = out.get(path, own[path][0]) * factors
        if make is temperature:
            out["temperature"] = np.array(strengths)
    return out


def changed_numbers(
    cell: Cell, columns: Mapping[str, Array], under: Strengths
) -> dict[str, Array]:
    """Return the columns under any conditions, from one cell per distinct combination.

    Raises
    ------
    InputError
        If a condition changes more than the cell's numbers, or is refused by the cell.
    """
    given = [*columns.values(), *(strengths for _, strengths in under)]
    distinct, which = np.unique(np.stack(given, axis=1), axis=0, return_inverse=True)
    numbers, changing = [], {}
    for row in distinct:
        changed = with_values(cell, dict(zip(columns, row.tolist(), strict=False)))
        for (make, _), strength in zip(under, row[len(columns) :], strict=True):
            changed = changed.under(make(float(strength)))
        changing |= dict.fromkeys(_changes(cell, changed))
        numbers.append(scalars(changed))
    # a reversal that follows its ion in some points and not in others is given in all
    return {
        path: np.array([values[path][0] for values in numbers])[which.reshape(-1)]
        for path in changing
    }


def _changes(cell: Cell, changed: Cell) -> dict[str, float]:
    """Return the numbers that make `changed` out of `cell`, and check that they do."""
    before, after = scalars(cell), scalars(changed)
    followed, following = _followers(cell), _followers(changed)
    found = {
        path: value
        for path, (value, _) in after.items()
        if path not in following and (path in followed or before.get(path) != after[path])
    }
    if before.keys() == after.keys() and "area" not in found:
        rebuilt = with_values(cell, found)
        if _bare(rebuilt) == _bare(changed):
            return found
    raise InputError(
        f"a condition of the sweep changes more of cell {cell.name} than its numbers; allowed: "
        "conditions that change numbers; put the cell under the others before, with cell.under"
    )


def _bare(cell: Cell) -> Cell:
    return replace(cell, provenance=FrozenMapping())


@lru_cache(maxsize=64)
def _followers(cell: Cell) -> frozenset[str]:
    """Return the reversals that follow their ion's: set, they would follow no longer."""
    return frozenset(
        join(cell, compartment, channel.name, "E")
        for compartment in cell.compartments
        for channel in compartment.channels
        if channel.E is None
    )


@lru_cache(maxsize=64)
def _probe(
    cell: Cell, paths: tuple[str, ...], ends: tuple[tuple[Maker, float, float], ...]
) -> Cell:
    """Return the cell with `_PROBE` wherever an axis or a condition acts."""
    own, acted = scalars(cell), dict.fromkeys(paths)
    for make, *strengths in ends:
        for strength in strengths:
            after = scalars(cell.under(make(strength)))
            acted |= dict.fromkeys(path for path in after if after[path] != own[path])
    followed = _followers(cell)
    acting = (p for p in acted if p != "temperature" and (p in paths or p not in followed))
    return with_values(cell, dict.fromkeys(acting, _PROBE))


@lru_cache(maxsize=4096)
def _effect(probe: Cell, make: Maker, strength: float) -> dict[str, float]:
    """Return path -> factor of a condition that only scales."""
    after, following = scalars(probe.under(make(strength))), _followers(probe)
    return {
        path: after[path][0] / _PROBE
        for path, (value, _) in scalars(probe).items()
        if value == _PROBE and path not in following and after[path][0] != value
    }
