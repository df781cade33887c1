"""Measures of a user's own: a function of one point, or a fold over windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mnexcite.errors import InputError, checked, number
from mnexcite.measures.flags import status_of, where
from mnexcite.measures.kept import Kept, keep_force, keep_spikes
from mnexcite.measures.measure import Array, Ending, Measure, Output, Span, Values, View
from mnexcite.muscle import Force


@dataclass(frozen=True, eq=False)
class Point:
    """Hold what a function of one point is given; times are absolute.

    Attributes
    ----------
    spike_times
        Spikes from `discard` on, shape (n,) [ms].
    force
        The motor unit's force with its samples every 1 ms; None if not asked for.
    start, discard, end, status
        As in `Span`, and the status of the point's run, "ok" if it reached its end.
    """

    spike_times: Array
    force: Force | None
    start: float
    discard: float
    end: float
    status: str


@checked
def per_point(
    name: str,
    function: Callable[[Point], float],
    *,
    unit: str,
    long_name: str = "",
    force: bool = False,
) -> Measure:
    """Make a measure from a function of one point's spike times and force.

    Every spike of a chunk's points is kept until their runs end, so memory grows with the
    number of spikes and, with `force`, with the duration. `streaming` needs neither.

    Parameters
    ----------
    name
        Name of the variable in the dataset; `<name>_status` says where it is undefined.
    function
        Takes a `Point` and returns a number; NaN where it is undefined.
    unit
        Unit of the number, "1" for none.
    long_name
        What it is, for labels; default the name.
    force
        Whether it needs `Point.force`.

    Returns
    -------
    Measure
        Its outputs are `name` and `<name>_status`: `ok`, `undefined` or `failed`.

    Raises
    ------
    InputError
        If an argument is not allowed; and when a sweep runs, if the function raises or
        returns something else than a number for a point whose run is "ok".

    Examples
    --------
    >>> from mnexcite import measures
    >>> def longest(point):
    ...     gaps = np.diff(point.spike_times)
    ...     return gaps.max() if gaps.size else np.nan
    >>> measures.per_point("longest_interval", longest, unit="ms").outputs[1].flags
    ('ok', 'undefined', 'failed')
    """
    return Measure(
        _outputs(name, unit, long_name),
        start=Kept,
        update=keep_force if force else keep_spikes,
        finish=partial(_apply, name, _callable(name, "function", function)),
        force=force,
        force_samples=force,
        spikes_kept=True,
    )


@checked
def streaming(
    name: str,
    start: Callable[[Span], Any],
    update: Callable[[Any, View], Any],
    finish: Callable[[Any, Ending], ArrayLike],
    *,
    unit: str,
    long_name: str = "",
    every: float | None = None,
    force: bool = False,
) -> Measure:
    """Make a measure that folds a run window by window, so that its memory need not grow.

    The points of a chunk are folded together, one lane each. Where a run is cut into
    windows and which lanes run together is not part of the result: let no value depend on
    them, not even by the order in which numbers are added.

    Parameters
    ----------
    name
        Name of the variable in the dataset; `<name>_status` says where it is undefined.
    start
        Takes the `Span` of the run and returns the first state.
    update
        Takes the state and a `View` and returns the next state.
    finish
        Takes the state and the `Ending` and returns one number per lane, shape (lanes,);
        NaN where it is undefined.
    unit
        Unit of the number, "1" for none.
    long_name
        What it is, for labels; default the name.
    every
        Needs the voltage sampled every so many ms.
    force
        Whether it needs `View.force` and `Ending.forces`.

    Returns
    -------
    Measure
        Its outputs are `name` and `<name>_status`: `ok`, `undefined` or `failed`.

    Raises
    ------
    InputError
        If an argument is not allowed; later, if a function raises or `finish` returns
        something else than one number per lane.

    Examples
    --------
    >>> from mnexcite import measures
    >>> late = measures.streaming(
    ...     "late_spikes",
    ...     start=lambda span: np.zeros(span.lanes),
    ...     update=lambda n, window: n + window.spikes.after(1000.0).counts,
    ...     finish=lambda n, ending: n,
    ...     unit="1",
    ... )
    >>> late.spikes_kept
    False
    """
    for role, call in (("start", start), ("update", update), ("finish", finish)):
        _callable(name, role, call)
    if every is not None:
        every = number(f"measure {name!r}: every", every, "more than 0", above=0.0, unit="ms")
    return Measure(
        _outputs(name, unit, long_name),
        start=partial(_call, name, "start", start),
        update=partial(_call, name, "update", update),
        finish=partial(_numbers, name, finish),
        every=every,
        force=force,
        force_samples=force,
    )


def _outputs(name: str, unit: str, long_name: str) -> tuple[Output, Output]:
    if not isinstance(name, str) or not name.isidentifier():
        raise InputError(f"a measure is named {name!r}; allowed: letters, digits and _")
    if not (isinstance(unit, str) and unit and isinstance(long_name, str)):
        raise InputError(
            f"measure {name!r}: unit is {unit!r}, long_name {long_name!r}; allowed: text, "
            "unit '1' for none"
        )
    output = Output(name, unit, long_name or name.replace("_", " "))
    return output, status_of(name, "undefined")


def _callable(name: str, role: str, given: Any) -> Any:
    if not callable(given):
        raise InputError(f"measure {name!r}: {role} is {given!r}; allowed: a function")
    return given


def _call(name: str, role: str, function: Callable[..., Any], *given: Any) -> Any:
    try:
        return function(*given)
    except Exception as error:  # a user's function may fail in any way
        said = " ".join(str(error).split())
        raise InputError(
            f"measure {name!r}: its {role} raised {type(error).__name__}: {said}; mend it"
        ) from error


def _apply(name: str, function: Callable[[Point], float], kept: Kept, ending: Ending) -> Values:
    span, trains = kept.span, kept.trains()
    force = _forces(kept, ending)
    values = np.full(span.lanes, np.nan)
    for lane, status in enumerate(ending.status):
        point = Point(trains[lane], force(lane), span.start, span.discard, span.end, status)
        try:
            values[lane] = _number(name, _call(name, "function", function, point))
        except InputError:
            if status == "ok":
                raise
    return _with_status(name, values)


def _forces(kept: Kept, ending: Ending) -> Callable[[int], Force | None]:
    forces = ending.forces
    if forces is None or not kept.force:
        return lambda lane: None
    t, samples = np.concatenate(kept.force_t), np.concatenate(kept.force, axis=1)
    return lambda lane: replace(forces[lane], t=t, force=samples[lane])


def _number(name: str, value: Any) -> float:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if not isinstance(value, int | float | np.integer | np.floating | np.bool_):
        raise InputError(
            f"measure {name!r}: its function returned {type(value).__name__}; allowed: a "
            "number, NaN where it is undefined"
        )
    return float(value)


def _numbers(
    name: str, finish: Callable[[Any, Ending], ArrayLike], state: Any, ending: Ending
) -> Values:
    values = _call(name, "finish", lambda: np.asarray(finish(state, ending)))
    if values.shape != (ending.span.lanes,) or values.dtype.kind not in "biuf":
        raise InputError(
            f"measure {name!r}: its finish returned {values.dtype} of shape {values.shape}; "
            f"allowed: one number per lane, shape ({ending.span.lanes},)"
        )
    return _with_status(name, values.astype(np.float64))


def _with_status(name: str, values: Array) -> Values:
    return {name: values, f"{name}_status": where(np.isnan(values))}
