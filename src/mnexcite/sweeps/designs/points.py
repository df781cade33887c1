"""Points of a design as what a run is given: columns of parameters, and stimuli."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.cells.paths import resolve, scalars
from mnexcite.cells.values import with_values
from mnexcite.cells.warmth import Numbers
from mnexcite.conditions import PRESETS, Condition, temperature
from mnexcite.errors import InputError, did_you_mean
from mnexcite.stimuli import Stimulus, VoltageClamp
from mnexcite.sweeps.designs.axes import Array, Axis
from mnexcite.sweeps.designs.design import Design, IntArray
from mnexcite.sweeps.designs.effects import Under, are_numeric, changed_numbers, numbers_under

Maker = Callable[[float], Callable[[Cell], Cell]]
Drive = Stimulus | VoltageClamp | Callable[..., Stimulus] | None


@dataclass(frozen=True)
class Inputs:
    """Hold what `mnexcite.simulate` is given for some points, one lane each.

    `parameters`: full path -> (lanes,) absolute values, never empty unless `stimuli` is a
    list. `stimuli`: one for all lanes, or one per lane, where points with the same
    arguments share one object. `seeds`: of each lane's stimulus, None where nothing in it
    is random.
    """

    lanes: int
    parameters: Numbers
    stimuli: Stimulus | VoltageClamp | list[Stimulus] | None
    seeds: NDArray[np.int64] | None = None


def inputs_of(
    cell: Cell,
    design: Design,
    points: IntArray,
    conditions: Mapping[str, Maker] | None = None,
    stimulus: Drive = None,
    seed: int = 0,
) -> Inputs:
    """Return what a run is given at flat points of a design.

    The cell of a point is the base cell with the numbers of the parameter axes set
    (factors multiply the base cell's own value), then under the conditions of the
    condition axes at their strengths, in the order of the axes. A reversal that an axis
    sets no longer follows its ion, also where it is set to its own value.

    Parameters
    ----------
    cell
        The base cell.
    design
        Checked before by `check`.
    points
        Flat points, shape (lanes,).
    conditions
        Name -> function of a strength that returns a condition, beside the presets and
        `temperature`.
    stimulus
        One for all points, or a function of the stimulus axes' arguments. One that takes a
        `seed` is given each point's own, unless an axis or `functools.partial` sets it.
    seed
        From which the points' seeds follow.

    Raises
    ------
    InputError
        If a condition or the stimulus cannot be made at a point.
    """
    given = design.at(points)
    count = len(next(iter(given.values())))
    columns = parameter_columns(cell, design.axes, given)
    under = conditions_of(design, conditions, given)
    if under:
        act = numbers_under if are_numeric(under) else changed_numbers
        columns = act(cell, columns, under)
    seeds = seeds_of(seed, points) if takes_seed(design, stimulus) else None
    stimuli = _of_points(_stimuli(design, given, count, stimulus, seeds), points, seed)
    if not columns and not isinstance(stimuli, list):
        columns = {"temperature": np.full(count, cell.temperature)}
    return Inputs(count, Numbers(columns), stimuli, seeds)


def takes_seed(design: Design, stimulus: Drive) -> bool:
    """Return whether the stimulus is random: a function with a `seed` that nothing sets.

    One that is None by default is left to the run, as that of `ornstein_uhlenbeck` is.
    """
    if not callable(stimulus) or "stimulus.seed" in design.names:
        return False
    inner: Any = stimulus
    while isinstance(inner, partial):
        if "seed" in inner.keywords:
            return False
        inner = inner.func
    try:
        known = inspect.signature(stimulus).parameters
        return "seed" in known and known["seed"].default is not None
    except (TypeError, ValueError):
        return False  # a function that does not tell its arguments


def seeds_of(seed: int, points: IntArray) -> NDArray[np.int64]:
    """Return the seed of each point's noise, shape (points,): by counter, not by order."""
    drawn = [np.random.SeedSequence((seed, int(point))).generate_state(2) for point in points]
    words = np.array(drawn, dtype=np.int64).reshape(-1, 2)
    return (words[:, 0] << 20) ^ words[:, 1]


def point_cell(
    cell: Cell,
    design: Design,
    point: int,
    conditions: Mapping[str, Maker] | None = None,
) -> Cell:
    """Return the cell of one point, as `inputs_of` says it."""
    given = design.at(np.array([point]))
    columns = parameter_columns(cell, design.axes, given)
    cell = with_values(cell, {path: float(column[0]) for path, column in columns.items()})
    under = conditions_of(design, conditions, given)
    return cell.under(*(make(values[0].tolist()) for make, values in under))


def parameter_columns(
    cell: Cell, axes: Iterable[Axis], given: Mapping[str, Array]
) -> dict[str, Array]:
    """Return full path -> absolute values of the parameter axes."""
    own = scalars(cell)
    return {
        path: own[path][0] * given[axis.name] if axis.is_factor else given[axis.name]
        for axis in axes
        if axis.kind == "parameter"
        for path in resolve(cell, axis.path)
    }


def conditions_of(
    design: Design, conditions: Mapping[str, Maker] | None, given: Mapping[str, Array]
) -> Under:
    """Return each condition once, with the values of all its axes, in the order of these."""
    owners: dict[str, list[Axis]] = {}
    for axis in design.axes:
        if axis.kind == "condition":
            owners.setdefault(owner_of(axis, conditions), []).append(axis)
    return [
        (
            partial(_condition_at, axes, conditions),
            np.stack([given[axis.name] for axis in axes], axis=1),
        )
        for axes in owners.values()
    ]


def _condition_at(
    axes: list[Axis], conditions: Mapping[str, Maker] | None, values: Sequence[float]
) -> Callable[[Cell], Cell]:
    """Return the condition of some axes: its own numbers first, its strength after them."""
    first, own = axes[0], (conditions or {}).get(_head(axes[0]))
    if not isinstance(own, Condition):
        return condition_of(first, conditions)(values[0])
    strength = None
    for axis, value in zip(axes, values, strict=True):
        if axis.target == _head(axis):
            strength = value
        else:
            own = own.with_number(axis.target.partition(".")[2], value)
    return own if strength is None else own.at(strength)


def owner_of(axis: Axis, conditions: Mapping[str, Maker] | None) -> str:
    """Return the name of the condition that an axis sets, or a number of which it sets."""
    head = _head(axis)
    return head if isinstance((conditions or {}).get(head), Condition) else axis.target


def _head(axis: Axis) -> str:
    return axis.target.partition(".")[0]


def condition_of(axis: Axis, conditions: Mapping[str, Maker] | None) -> Maker:
    """Return the function strength -> condition of a condition axis.

    Raises
    ------
    InputError
        If there is none.
    """
    known: dict[str, Any] = {**PRESETS, "temperature": temperature, **(conditions or {})}
    name, _, inner = axis.target.partition(".")
    if isinstance(own := known.get(name), Condition):
        return partial(own.with_number, inner) if inner else own.at
    if axis.target not in known:
        raise InputError(
            f"axis {axis.name!r}: no condition {axis.target!r}; "
            f"{did_you_mean(axis.target, known)}, or give conditions={{name: function of a "
            "strength}"
        )
    return known[axis.target]


def _stimuli(
    design: Design,
    given: Mapping[str, Array],
    count: int,
    stimulus: Drive,
    seeds: NDArray[np.int64] | None,
) -> Stimulus | VoltageClamp | list[Stimulus] | None:
    axes = [axis for axis in design.axes if axis.kind == "stimulus"]
    if not axes and seeds is None:
        return stimulus  # type: ignore[return-value]
    columns = [given[axis.name] for axis in axes]
    rows = np.stack(columns, axis=1) if columns else np.empty((count, 0))
    if seeds is not None:
        own = zip(rows, seeds.tolist(), strict=True)
        return [_made(stimulus, axes, row, {"seed": seed}) for row, seed in own]
    distinct, which = np.unique(rows, axis=0, return_inverse=True)
    made = [_made(stimulus, axes, row, {}) for row in distinct]
    return [made[k] for k in which.reshape(-1)]


def _of_points(
    stimuli: Stimulus | VoltageClamp | list[Stimulus] | None, points: IntArray, seed: int
) -> Stimulus | VoltageClamp | list[Stimulus] | None:
    """Return stimuli whose noise is that of its point, in whatever block it runs."""
    if isinstance(stimuli, list):
        pairs = zip(stimuli, points.tolist(), strict=True)
        return [s.seeded(seed, point) if s.noisy else s for s, point in pairs]
    if isinstance(stimuli, Stimulus) and stimuli.noisy:
        return [stimuli.seeded(seed, point) for point in points.tolist()]
    return stimuli


def _made(stimulus: Any, axes: list[Axis], row: Array, more: dict[str, int]) -> Stimulus:
    # a count must be a whole number, and a whole number is as good for all others
    arguments = more | {
        axis.target: int(value) if _is_whole(axis) else float(value)
        for axis, value in zip(axes, row, strict=True)
    }
    said = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    try:
        made = stimulus(**arguments)
    except InputError as error:
        raise InputError(f"stimulus({said}): {error}") from None
    if not isinstance(made, Stimulus):
        raise InputError(
            f"stimulus({said}) is {type(made).__name__}; allowed: a function that returns a "
            "stimulus of mnexcite.stimuli"
        )
    return made


def _is_whole(axis: Axis) -> bool:
    return bool(np.all(axis.values == np.floor(axis.values)))
