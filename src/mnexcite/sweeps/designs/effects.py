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
from mnexcite.conditions import Condition
from mnexcite.errors import InputError
from mnexcite.sweeps.designs.axes import Array

Changing = Callable[[Cell], Cell]
Maker = Callable[[float], Changing]
#: What makes a condition of its axes' values, and these: lanes x axes of that condition.
Under = Sequence[tuple[Callable[[Sequence[float]], Changing], Array]]


def are_numeric(under: Under) -> bool:
    """Tell whether all conditions are data that change numbers alone."""
    made = [make(values[0].tolist()) for make, values in under]
    return all(isinstance(one, Condition) and one.is_numeric for one in made)


def numbers_under(cell: Cell, columns: Mapping[str, Array], under: Under) -> dict[str, Array]:
    """Return the columns under numeric conditions: the bits of `changed_numbers`."""
    own = {path: value for path, (value, _) in scalars(cell).items()}
    out = dict(columns)
    for make, values in under:
        distinct, which = np.unique(values, axis=0, return_inverse=True)
        before = dict(out)
        for index, row in enumerate(distinct.tolist()):
            lanes = which.reshape(-1) == index
            here = own | {path: column[lanes] for path, column in before.items()}
            condition = make(row)
            assert isinstance(condition, Condition)
            for path, value in condition.act(cell, here).items():
                if path not in out:
                    out[path] = np.full(len(values), own[path])
                elif out[path] is before.get(path):
                    out[path] = out[path].copy()
                out[path][lanes] = value
    return out


def changed_numbers(cell: Cell, columns: Mapping[str, Array], under: Under) -> dict[str, Array]:
    """Return the columns under any conditions, from one cell per distinct combination.

    Raises
    ------
    InputError
        If a condition changes more than the cell's numbers, or is refused by the cell.
    """
    given = [*columns.values(), *(column for _, values in under for column in values.T)]
    distinct, which = np.unique(np.stack(given, axis=1), axis=0, return_inverse=True)
    numbers, changing = [], {}
    for row in distinct:
        changed = with_values(cell, dict(zip(columns, row.tolist(), strict=False)))
        rest = row[len(columns) :].tolist()
        for make, values in under:
            own, rest = rest[: values.shape[1]], rest[values.shape[1] :]
            changed = changed.under(make(own))
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
        if getattr(channel, "E", 0.0) is None
    )
