"""Units of axes: what was given in another unit is converted to the quantity's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from mnexcite import stimuli
from mnexcite.cells import Cell
from mnexcite.cells.paths import resolve
from mnexcite.errors import InputError, converted, is_unit
from mnexcite.stimuli import Stimulus
from mnexcite.sweeps.designs.axes import Axis
from mnexcite.sweeps.designs.design import Design

_TIMES = dict.fromkeys(("start", "duration", "width", "tau", "every"), "ms")
#: Units of arguments by their names; all others are currents.
_ARGUMENTS = {**_TIMES, "rate": "Hz", "count": "1", "seed": "1"}
_CURRENTS = ("amplitude", "first", "last", "peak", "base", "sd", "mean")


def in_own_units(cell: Cell, design: Design, stimulus: Any = None) -> Design:
    """Return the design with every axis in the unit of what it changes.

    `stimulus.duration [s]` becomes ms, `stimulus.amplitude [pA]` the unit of the stimulus,
    `NaP.g [nS]` the cell's uS.

    Raises
    ------
    InputError
        If a unit does not convert.

    Examples
    --------
    >>> import mnexcite as mx
    >>> given = mx.sweeps.grid({"ions.K_o [M]": [0.004, 0.005]})
    >>> in_own_units(mx.cells.purvis_butera_2005(), given).axes[0].values.tolist()
    [4.0, 5.0]
    """
    axes = tuple(
        _converted(axis, _wanted(cell, axis, stimulus)) if _has_unit(axis) else axis
        for axis in design.axes
    )
    return replace(design, axes=axes)


def unit_of_argument(name: str, stimulus: Any) -> str | None:
    """Return the unit of an argument of a stimulus of this package, None for others."""
    unit_of: Any = getattr(stimulus, "unit_of", None)
    if unit_of is not None:
        return unit_of(name)  # a sum of stimuli tells each argument's
    given: dict[str, Any] = {}
    while isinstance(stimulus, partial):
        given, stimulus = {**stimulus.keywords, **given}, stimulus.func
    if getattr(stimulus, "__name__", None) not in stimuli.__all__ or (
        getattr(stimuli, stimulus.__name__) is not stimulus
    ):
        return None
    return _ARGUMENTS.get(name, given.get("unit"))


def _has_unit(axis: Axis) -> bool:
    return axis.unit is not None and not axis.is_factor


def _wanted(cell: Cell, axis: Axis, stimulus: Any) -> str | None:
    if axis.kind == "condition":
        return "degC" if axis.target == "temperature" else "1"
    if axis.kind == "parameter":
        units = {cell.scalars[path][1] or "1" for path in resolve(cell, axis.path)}
        if len(units) > 1:
            raise InputError(
                f"axis {axis.name!r} is in {axis.unit!r}, and its numbers are in "
                f"{', '.join(sorted(units))}; give factors, or an axis for each"
            )
        return units.pop()
    known = unit_of_argument(axis.target, stimulus)
    if known is None and callable(stimulus):
        known = _ARGUMENTS.get(axis.target)
        if known is None and axis.target in _CURRENTS:
            known = _unit_of_current(stimulus, axis)
    return known


def _unit_of_current(stimulus: Callable[..., Any], axis: Axis) -> str | None:
    """Return the unit of the currents that a user's own function makes."""
    try:
        made = stimulus(**{axis.target: float(axis.values[0])})
    except Exception:  # what it lacks or refuses is told where points are made
        return None
    units = {current.unit for current in made.currents} if isinstance(made, Stimulus) else set()
    return units.pop() if len(units) == 1 else None


def _converted(axis: Axis, wanted: str | None) -> Axis:
    assert axis.unit is not None
    if wanted is None:
        if not is_unit(axis.unit):
            raise InputError(
                f"axis {axis.name!r} is in {axis.unit!r}; allowed: a unit such as ms, Hz, mV, "
                "nA or uA/cm2"
            )
        return axis
    values = converted(f"axis {axis.name!r}", axis.values, axis.unit, wanted)
    return replace(axis, values=values, unit=wanted)
