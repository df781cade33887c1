"""How steeply a cell's rate grows with injected current."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, checked, number
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Array, Experiment, IntArray, RunLanes
from mnexcite.measures.flags import status_of
from mnexcite.measures.measure import Output, Values
from mnexcite.measures.rheobase import STATUS as RHEOBASE
from mnexcite.measures.rheobase import search, search_settings
from mnexcite.spikes import fires_on, rate
from mnexcite.stimuli import step

_STATUS = status_of("fi_slope", "too_few_firing", *RHEOBASE.flags[1:-1])
_OK, _TOO_FEW, _FAILED = map(_STATUS.flags.index, ("ok", "too_few_firing", "failed"))

_OUTPUTS = (Output("fi_slope", "Hz/{current}", "slope of the f-I curve"), _STATUS)
_OF_RHEOBASE = np.array([_STATUS.flags.index(flag) for flag in RHEOBASE.flags], np.int8)


@checked
def fi_slope(
    *,
    currents: Iterable[float] | None = None,
    multiples: Iterable[float] = (1.2, 1.4, 1.6, 1.8, 2.0),
    duration: float = 1000.0,
    discard: float = 500.0,
    settle: float = 200.0,
    watch: float = 200.0,
    highest: float | None = None,
    precision: float = 0.01,
) -> Experiment:
    """Fit a straight line through the rates at several current steps.

    All steps of all lanes run as one batch. A step counts where the cell still fires at its
    end: two spikes or more after `discard`, and then no silence longer than three times the
    last interval. The line is that of least squares.

    Parameters
    ----------
    currents
        Amplitudes of the steps [the cell's unit], two or more.
    multiples
        Without `currents`: amplitudes as multiples of each lane's own rheobase, which is
        then searched first. The default, up to twice the rheobase, is a choice: changed
        cells are compared at the same distance from threshold.
    duration
        Length of each step [ms]; the rheobase is that of a step as long. A choice.
    discard
        Start of each step whose spikes do not count [ms], so that the rate is the adapted
        one; 0 for all spikes. The default, half of the step, is a choice.
    settle, watch, highest, precision
        As for `rheobase`.

    Returns
    -------
    Experiment
        `fi_slope` [Hz per the cell's unit] and `fi_slope_status`: `ok`, or with NaN
        `too_few_firing` (fewer than two steps with firing), `failed`, and where a rheobase
        is needed `fires_by_itself` (it is 0; give `currents`) and `above_highest`.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> [output.unit for output in fi_slope(currents=(0.5, 1.0, 2.0)).outputs]
    ['Hz/{current}', '1']
    """
    settings = search_settings("fi_slope", highest, settle, watch, precision)
    duration = experiment.time("fi_slope: duration", duration)
    amplitudes = None if currents is None else _several("currents", currents)
    discard = experiment.time("fi_slope: discard", discard, zero=True)
    if discard >= duration:
        raise InputError(
            f"fi_slope: discard is {discard:g} ms of a step of {duration:g} ms; allowed: less "
            "than the step"
        )
    return Experiment(
        _OUTPUTS,
        partial(
            _measure,
            currents=amplitudes,
            multiples=_several("multiples", multiples, above=0.0),
            duration=duration,
            discard=discard,
            **settings,
        ),
    )


def _several(name: str, given: Iterable[float], above: float = -np.inf) -> tuple[float, ...]:
    allowed = "finite numbers" if above < 0 else "numbers above 0"
    if not isinstance(given, Iterable):
        raise InputError(f"fi_slope: {name} is {given!r}; allowed: two or more {allowed}")
    values = tuple(number(f"fi_slope: {name}", i, allowed, above=above) for i in given)
    if len(set(values)) < 2:
        raise InputError(
            f"fi_slope: {name} holds {len(set(values))} different values; allowed: two or more"
        )
    return values


def _measure(
    run: RunLanes,
    *,
    currents: tuple[float, ...] | None,
    multiples: tuple[float, ...],
    duration: float,
    discard: float,
    settle: float,
    **settings: Any,
) -> Values:
    if currents is None:
        least, found = search(
            run, np.arange(run.lanes), duration=duration, settle=settle, **settings
        )
        flag = _OF_RHEOBASE[found]
        amplitudes = least[:, None] * np.array(multiples)
    else:
        flag = np.full(run.lanes, _OK, np.int8)
        amplitudes = np.tile(currents, (run.lanes, 1))
    slope = np.full(run.lanes, np.nan)
    lanes = np.flatnonzero(flag == _OK)
    if lanes.size:
        rates, failed = _rates(run, lanes, amplitudes[lanes], duration, discard, settle)
        for lane, row, broke in zip(lanes, rates, failed, strict=True):
            slope[lane], flag[lane] = (
                (np.nan, _FAILED) if broke else _fit(amplitudes[lane], row)
            )
    return {"fi_slope": slope, "fi_slope_status": flag}


def _rates(
    run: RunLanes,
    lanes: IntArray,
    amplitudes: Array,
    duration: float,
    discard: float,
    settle: float,
) -> tuple[Array, NDArray[np.bool_]]:
    """Return rates, (lanes, steps) [Hz], 0 where firing stopped, and which lanes failed."""
    end = settle + duration
    steps = [
        step(i, unit=run.unit, start=settle, duration=duration) for i in amplitudes.ravel()
    ]
    batch = run(steps, duration=end, lanes=np.repeat(lanes, amplitudes.shape[1]))
    trains = batch.spike_times.between(settle + discard, end)
    rates = np.where(fires_on(trains, end), rate(trains), 0.0).reshape(amplitudes.shape)
    failed = experiment.failed_lanes(batch).reshape(amplitudes.shape)
    return rates, np.any(failed, axis=1)


def _fit(currents: Array, rates: Array) -> tuple[float, int]:
    """Return the slope of least squares over the steps with firing, and its flag."""
    fires = rates > 0.0
    x, y = currents[fires], rates[fires]
    if np.unique(x).size < 2:
        return np.nan, _TOO_FEW
    x, y = x - x.mean(), y - y.mean()
    return float((x * y).sum() / (x * x).sum()), _OK
