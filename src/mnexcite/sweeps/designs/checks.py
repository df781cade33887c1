"""What a sweep refuses before any work."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mnexcite.cells import Cell
from mnexcite.cells.paths import check_one_value, resolve, scalars
from mnexcite.cells.values import with_value, with_values
from mnexcite.errors import InputError, did_you_mean
from mnexcite.stimuli import Stimulus, VoltageClamp
from mnexcite.sweeps.designs.axes import Axis
from mnexcite.sweeps.designs.design import Design, IntArray
from mnexcite.sweeps.designs.points import (
    Drive,
    Maker,
    condition_of,
    inputs_of,
    owner_of,
    parameter_columns,
    takes_seed,
)

_SAMPLE = 64


def check(
    cell: Cell,
    design: Design,
    conditions: Mapping[str, Maker] | None = None,
    stimulus: Drive = None,
) -> None:
    """Refuse a design that this cell, these conditions and this stimulus cannot have.

    Every axis is tried at its lowest and highest value and at the one nearest to 0, and
    up to 64 points are made as a whole.

    Raises
    ------
    InputError
        With the axis and what is allowed.
    """
    owners: dict[str, str] = {}
    for axis in design.axes:
        if axis.kind == "parameter":
            _check_parameter(cell, axis, owners)
        elif axis.kind == "condition":
            make = condition_of(axis, conditions)
            for value in _extremes(axis):
                cell.under(_made(axis, make, value))
    _check_names(design, conditions)
    _check_stimulus(design, stimulus)
    _check_independent(cell, design, conditions)
    inputs_of(cell, design, sample(design), conditions, stimulus)


def sample(design: Design, most: int = _SAMPLE) -> IntArray:
    """Return up to `most` flat points in which every axis takes values from end to end."""
    if design.kind != "grid":
        return np.unique(np.linspace(0, design.size - 1, most).astype(np.int64))
    steps = np.linspace(0.0, 1.0, min(most, max(design.shape)))
    # on the diagonal; half the axes run backwards on a second one
    forth = [np.rint(steps * (n - 1)).astype(np.int64) for n in design.shape]
    mixed = [places[:: -1 if k % 2 else 1] for k, places in enumerate(forth)]
    flat = [np.ravel_multi_index(tuple(places), design.shape) for places in (forth, mixed)]
    return np.unique(np.concatenate(flat))


def _check_parameter(cell: Cell, axis: Axis, owners: dict[str, str]) -> None:
    own = scalars(cell)
    paths = resolve(cell, axis.path)
    for path in paths:
        if path == "area":
            raise InputError(
                "axis 'area': one area converts the stimulus of all points; change it with "
                "cell.replaced, or sweep the stimulus"
            )
        if path == "temperature":
            raise InputError(
                f"axis {axis.name!r} sets the temperature; write it 'temperature', on its own"
            )
        if path in owners:
            raise InputError(
                f"axes {owners[path]!r} and {axis.name!r} both set {path}; keep one of them"
            )
        owners[path] = axis.name
    if axis.is_factor and not any(own[path][0] for path in paths):
        raise InputError(
            f"axis {axis.name!r}: the own value of {', '.join(paths)} is 0, which no factor "
            "changes; give absolute values"
        )
    if not axis.is_factor:
        check_one_value(cell, axis.path)
    for value in _extremes(axis):
        for path in paths:
            with_value(cell, path, own[path][0] * value if axis.is_factor else value)


def _extremes(axis: Axis) -> list[float]:
    places = {int(pick(axis.values)) for pick in (np.argmin, np.argmax)}
    places.add(int(np.argmin(np.abs(axis.values))))
    return [float(axis.values[place]) for place in sorted(places)]


def _made(axis: Axis, make: Maker, value: float) -> Callable[[Cell], Cell]:
    if not callable(make):
        raise InputError(
            f"conditions[{axis.target!r}] is {make!r}; allowed: a function of a strength that "
            "returns a condition, such as mnexcite.conditions.als_early"
        )
    return make(value)


def _check_names(design: Design, conditions: Mapping[str, Maker] | None) -> None:
    swept = [axis.target for axis in design.axes if axis.kind == "condition"]
    if twice := [name for name in swept if swept.count(name) > 1]:
        raise InputError(f"two axes set the condition {twice[0]!r}; keep one of them")
    heads = {name.partition(".")[0] for name in swept}
    for name in conditions or {}:
        if name not in swept and name not in heads:
            raise InputError(
                f"conditions names {name!r}, which no axis sweeps; add an axis "
                f"'conditions.{name}', or put the cell under it before"
            )


def _check_stimulus(design: Design, stimulus: Any) -> None:
    names = [axis.target for axis in design.axes if axis.kind == "stimulus"]
    if takes_seed(design, stimulus):
        names.append("seed")
    plain = stimulus is None or isinstance(stimulus, Stimulus | VoltageClamp)
    if not names:
        if plain:
            return
        hint = "; add an axis 'stimulus.<argument>', or call it" if callable(stimulus) else ""
        raise InputError(
            f"stimulus is {type(stimulus).__name__}, and no axis sweeps it; allowed: a "
            f"stimulus of mnexcite.stimuli{hint}"
        )
    if plain or not callable(stimulus):
        raise InputError(
            f"axis 'stimulus.{names[0]}' needs a function of {names[0]} that returns a "
            f"stimulus, such as partial(mnexcite.stimuli.step, unit='nA'); stimulus is "
            f"{'None' if stimulus is None else type(stimulus).__name__}"
        )
    try:
        signature = inspect.signature(stimulus)
    except (TypeError, ValueError):
        return  # a function that does not tell its arguments
    kinds = {p.name: p for p in signature.parameters.values()}
    named = [
        p.name for p in kinds.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    if not any(p.kind is p.VAR_KEYWORD for p in kinds.values()):
        for name in names:
            if name not in named:
                raise InputError(
                    f"axis 'stimulus.{name}': the stimulus takes no argument {name!r}; "
                    f"{did_you_mean(name, named)}"
                )
    for p in kinds.values():
        needed = p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        if needed and p.name not in names:
            raise InputError(
                f"the stimulus needs {p.name!r}, which no axis gives; add an axis "
                f"'stimulus.{p.name}', or fix it with functools.partial"
            )


def _check_independent(
    cell: Cell, design: Design, conditions: Mapping[str, Maker] | None
) -> None:
    """Refuse a condition that sets what an axis before it has set."""
    under = [axis for axis in design.axes if axis.kind == "condition"]
    for axis in design.axes:
        later = under[under.index(axis) + 1 :] if axis in under else under
        if axis.kind == "stimulus" or not later or np.ptp(axis.values) == 0:
            continue
        ends = [_alone(cell, axis, pick(axis.values), conditions) for pick in (np.min, np.max)]
        low, high = (scalars(end) for end in ends)
        moved = [path for path in low if low[path] != high.get(path)]
        owner = owner_of(axis, conditions)
        for other in later:
            if axis in under and owner_of(other, conditions) == owner:
                continue  # two numbers of one condition
            make = condition_of(other, conditions)
            lost = set(moved)
            for value in {float(other.values.min()), float(other.values.max())}:
                one, two = (scalars(end.under(make(value))) for end in ends)
                lost &= {path for path in moved if one.get(path) == two.get(path)}
            if lost:
                raise InputError(
                    f"axes {axis.name!r} and {other.name!r} both set {sorted(lost)[0]}; keep "
                    "one of them"
                )


def _alone(
    cell: Cell, axis: Axis, value: float, conditions: Mapping[str, Maker] | None
) -> Cell:
    """Return the cell in which one axis alone acts."""
    if axis.kind == "condition":
        return cell.under(condition_of(axis, conditions)(float(value)))
    columns = parameter_columns(cell, [axis], {axis.name: np.array([value])})
    return with_values(cell, {path: float(column[0]) for path, column in columns.items()})
