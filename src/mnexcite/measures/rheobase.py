"""The least current step that makes a cell fire."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import checked, number
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Array, Experiment, IntArray, RunLanes
from mnexcite.measures.flags import status_of
from mnexcite.measures.measure import Output, Values
from mnexcite.stimuli import step

STATUS = status_of("rheobase", "fires_by_itself", "above_highest")
OK, BY_ITSELF, ABOVE_HIGHEST, FAILED = range(len(STATUS.flags))

#: largest current tried by default, by the cell's unit
HIGHEST = MappingProxyType({"nA": 32.0, "uA/cm2": 64.0})
_DOUBLINGS = 10
_UNDECIDED = -1

_OUTPUTS = (Output("rheobase", "{current}", "rheobase"), STATUS)


@checked
def rheobase(
    *,
    highest: float | None = None,
    duration: float = 1000.0,
    settle: float = 200.0,
    precision: float = 0.01,
) -> Experiment:
    """Find the least depolarising current step that makes at least one spike within it.

    Each lane is tried without current, then at `highest` / 1024 and twice as much each
    time until it fires, then by bisection. All lanes of a chunk run together, each at its
    own current, and leave when they are done: after 19 runs at most by default. The value
    is a current at which the lane fired; one less by `precision` did not make it fire.

    Parameters
    ----------
    highest
        Largest current tried [the cell's unit]. Default 32 nA, above the 21.3 nA of a
        fast-fatigable motoneuron, or 64 uA/cm2, six times the 10 of Molkov et al. 2025.
    duration
        Length of the step [ms]. The default is a choice: long against the slowest gate
        that sets a threshold (NaP.h, 150 ms, in Purvis & Butera 2005).
    settle
        Time before the step [ms], for the transient from the initial state; its spikes do
        not count. The default is a choice: Molkov's transient takes 20 ms.
    precision
        Width of the last bracket relative to the value, or to `highest` / 1024 where the
        value is less; 1e-6 to 0.5. The default is a choice.

    Returns
    -------
    Experiment
        `rheobase` [the cell's unit] and `rheobase_status`: `ok`; `fires_by_itself`, without
        current, the value is 0; `above_highest` and, where a run failed, `failed`: NaN.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> [output.name for output in rheobase(highest=2.0).outputs]
    ['rheobase', 'rheobase_status']
    """
    settings = search_settings("rheobase", highest, duration, settle, precision)
    return Experiment(_OUTPUTS, partial(_measure, **settings))


def search_settings(
    who: str, highest: float | None, duration: float, settle: float, precision: float
) -> dict[str, float | None]:
    """Return the arguments of `search`, checked."""
    return {
        "highest": experiment.current(f"{who}: highest", highest),
        "duration": experiment.time(f"{who}: duration", duration),
        "settle": experiment.time(f"{who}: settle", settle, zero=True),
        "precision": number(
            f"{who}: precision", precision, "1e-6 to 0.5", lowest=1e-6, highest=0.5
        ),
    }


def search(
    run: RunLanes, *, highest: float | None, duration: float, settle: float, precision: float
) -> tuple[Array, IntArray]:
    """Return the rheobase of every lane [the cell's unit], and its flag."""
    top = experiment.current_for(run, highest, HIGHEST)
    first = top / 2.0**_DOUBLINGS
    silent, fired = np.zeros(run.lanes), np.full(run.lanes, np.inf)
    trial, flag = np.zeros(run.lanes), np.full(run.lanes, _UNDECIDED)
    active = np.arange(run.lanes)
    while active.size:
        fires, failed = _fires(run, active, trial[active], duration, settle)
        fired[active[fires]] = trial[active[fires]]
        silent[active[~fires]] = trial[active[~fires]]
        high, low = fired[active], silent[active]
        found = np.isfinite(high)
        width = np.where(found, high, np.nan) - low
        narrow = width <= precision * np.maximum(high, first)
        flag[active[~found & (low >= top)]] = ABOVE_HIGHEST
        flag[active[narrow]] = OK
        flag[active[high == 0.0]] = BY_ITSELF
        flag[active[failed]] = FAILED
        grown = np.minimum(np.maximum(first, 2.0 * low), top)
        trial[active] = np.where(found, low + 0.5 * width, grown)
        active = active[flag[active] == _UNDECIDED]
    return np.where((flag == OK) | (flag == BY_ITSELF), fired, np.nan), flag


def _fires(
    run: RunLanes, lanes: IntArray, currents: Array, duration: float, settle: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which lanes fire within a step of their own current, and which runs failed."""
    steps = [step(i, unit=run.unit, start=settle, duration=duration) for i in currents]
    batch = run(steps, duration=settle + duration, lanes=lanes)
    during = batch.spike_times.between(settle, settle + duration)
    return during.counts > 0, experiment.failed_lanes(batch)


def _measure(run: RunLanes, **settings: float) -> Values:
    value, flag = search(run, **settings)
    return {"rheobase": value, "rheobase_status": flag.astype(np.int8)}
