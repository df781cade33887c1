"""The least current step that makes a cell fire."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import checked
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Array, Experiment, IntArray, RunLanes
from mnexcite.measures.flags import status_of
from mnexcite.measures.measure import Output, Values
from mnexcite.measures.search import least
from mnexcite.stimuli import step

#: By what a search knows of a lane.
STATUS = status_of("rheobase", "fires_by_itself", "above_highest")

#: largest current tried by default, by the cell's unit; steps shorter than this [ms] may have
#: as much more as they are shorter, since below it the charge decides
HIGHEST = MappingProxyType({"nA": 32.0, "uA/cm2": 64.0})
_BRIEF = 2.0

_OUTPUTS = (Output("rheobase", "{current}", "rheobase"), STATUS)


@checked
def rheobase(
    *,
    highest: float | None = None,
    duration: float = 1000.0,
    settle: float = 200.0,
    watch: float = 200.0,
    precision: float = 0.01,
) -> Experiment:
    """Find the least depolarising current step that makes at least one spike.

    Each lane is tried without current, then at `highest` / 1024 and twice as much each
    time until it fires, then by bisection. All lanes of a chunk run together, each at its
    own current, and leave when they are done: after 19 runs at most by default. The value
    is a current at which the lane fired; one less by `precision` did not make it fire.

    Parameters
    ----------
    highest
        Largest current tried [the cell's unit]. Default 32 nA, above the 21.3 nA of a
        fast-fatigable motoneuron, or 64 uA/cm2, six times the 10 of Molkov et al. 2025; for
        steps below 2 ms the charge that this makes in 2 ms, whatever their duration.
    duration
        Length of the step [ms]. The default is a choice: long against the slowest gate
        that sets a threshold (NaP.h, 150 ms, in Purvis & Butera 2005).
    settle
        Time before the step [ms], for the transient from an initial state that is no rest;
        its spikes do not count. The default is a choice: Molkov's transient takes 20 ms.
    watch
        Time after the step [ms], in which its spike may still come: after a brief pulse it
        does. The default is a choice; the closer to threshold, the later the spike.
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
    settings = search_settings("rheobase", highest, settle, watch, precision)
    settings["duration"] = experiment.time("rheobase: duration", duration)
    return Experiment(_OUTPUTS, partial(_measure, **settings))


def search_settings(
    who: str, highest: float | None, settle: float, watch: float, precision: float
) -> dict[str, Any]:
    """Return the arguments of `search` but the duration, checked."""
    return {
        "highest": experiment.current(f"{who}: highest", highest),
        "settle": experiment.time(f"{who}: settle", settle, zero=True),
        "watch": experiment.time(f"{who}: watch", watch, zero=True),
        "precision": experiment.precision(f"{who}: precision", precision),
    }


def search(
    run: RunLanes,
    lanes: IntArray,
    *,
    duration: float,
    highest: float | None,
    settle: float,
    watch: float,
    precision: float,
) -> tuple[Array, IntArray]:
    """Return the threshold of steps of one duration [the cell's unit], and its flag."""
    top = highest
    if top is None:
        top = HIGHEST[run.unit] * max(1.0, _BRIEF / duration)

    def fires(of: IntArray, currents: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        steps = [step(i, unit=run.unit, start=settle, duration=duration) for i in currents]
        end = settle + duration + watch
        batch = run(steps, duration=end, lanes=lanes[of])
        return batch.spike_times.between(settle, end).counts > 0, experiment.failed_lanes(batch)

    return least(fires, lanes.size, top, precision)


def _measure(run: RunLanes, **settings: Any) -> Values:
    value, flag = search(run, np.arange(run.lanes), **settings)
    return {"rheobase": value, "rheobase_status": flag.astype(np.int8)}
