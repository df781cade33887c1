"""Where a cell starts and stops firing on a slow triangle of current."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

import numpy as np

from mnexcite.errors import checked
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Array, Experiment, RunLanes
from mnexcite.measures.flags import status_of
from mnexcite.measures.measure import Output, Values
from mnexcite.stimuli import Stimulus, triangle

_STATUS = status_of(
    "ramp",
    "unresolved",
    "no_spike",
    "silent_on_the_way_up",
    "silent_on_the_way_down",
    "fires_to_the_end",
    "fires_by_itself",
)
_OK, _UNRESOLVED, _NO_SPIKE, _SILENT_UP, _SILENT_DOWN, _TO_THE_END, _BY_ITSELF, _FAILED = range(
    8
)

#: peak by default, by the cell's unit
PEAK = MappingProxyType({"nA": 1.0, "uA/cm2": 20.0})
#: duration by default, by the cell's unit [ms]
DURATION = MappingProxyType({"nA": 60_000.0, "uA/cm2": 10_000.0})

_OUTPUTS = (
    Output("recruitment_current", "{current}", "current at the first spike of a ramp"),
    Output("derecruitment_current", "{current}", "current at the last spike of a ramp"),
    Output("hysteresis", "{current}", "derecruitment less recruitment current", signed=True),
    Output("hysteresis_resolution", "{current}", "current change in first and last interval"),
    _STATUS,
)


@checked
def ramp(
    *,
    peak: float | None = None,
    duration: float | None = None,
    settle: float = 1000.0,
    watch: float = 1000.0,
) -> Experiment:
    """Find the currents at which a slow triangle starts and stops a cell's firing.

    Their difference, derecruitment less recruitment, is the usual estimate of the
    persistent inward current that keeps the cell going: negative where it fires on at
    currents too small to recruit it. Both currents are read at spikes, so that they are as
    coarse as the current's change within an interval, and the recruitment lags behind on a
    fast ramp: a slower one resolves more, and changes less with its duration.

    Parameters
    ----------
    peak
        Current at the middle of the triangle, which starts and ends at 0 [the cell's unit].
        Default 20 uA/cm2 (Molkov et al. 2025), or 1 nA, four times what Purvis & Butera's
        cell needs to fire.
    duration
        Length of the triangle, up and down [ms]. Default 10 s for cells per area (Molkov et
        al. 2025), 60 s for those in nA: on a 10 s ramp Purvis & Butera's cell is recruited
        too early to show its hysteresis, which twice as slow a ramp changes by 5 % only.
    settle
        Time before [ms]. A spike in its second half says that the cell fires by itself.
        The default is a choice.
    watch
        Time after, without current [ms]. A spike in it says that nothing stopped the
        firing. The default is a choice.

    Returns
    -------
    Experiment
        `recruitment_current` at the first spike, if on the way up; `derecruitment_current`
        at the last spike, if on the way down; `hysteresis`, their difference, and
        `hysteresis_resolution`, by how much the current changes within the first and the last
        interval together [the cell's unit]. `ramp_status` is `ok`; `unresolved`, a hysteresis
        smaller than its resolution, whose sign means nothing; or says why there is NaN:
        `no_spike`, `silent_on_the_way_up`,
        `silent_on_the_way_down`, `fires_to_the_end` (and on without current, so only the
        recruitment has a value), `fires_by_itself` before the triangle, `failed`.

    Raises
    ------
    InputError
        If an argument is not allowed.

    References
    ----------
    Molkov et al. 2025, Front Cell Neurosci 19:1710893.

    Examples
    --------
    >>> [output.name for output in ramp(peak=2.0).outputs]
    ['recruitment_current', 'derecruitment_current', 'hysteresis', 'hysteresis_resolution',
     'ramp_status']
    """
    return Experiment(
        _OUTPUTS,
        partial(
            _measure,
            peak=experiment.current("ramp: peak", peak),
            duration=None if duration is None else experiment.time("ramp: duration", duration),
            settle=experiment.time("ramp: settle", settle, zero=True),
            watch=experiment.time("ramp: watch", watch, zero=True),
        ),
    )


def _measure(
    run: RunLanes, *, peak: float | None, duration: float | None, settle: float, watch: float
) -> Values:
    top = experiment.current_for(run, peak, PEAK)
    duration = experiment.current_for(run, duration, DURATION)
    shape = triangle(top, unit=run.unit, start=settle, duration=duration)
    batch = run(shape, duration=settle + duration + watch)
    failed = experiment.failed_lanes(batch)
    rows = [
        (np.nan, np.nan, np.nan, _FAILED) if broke else _read(spikes, shape, settle, duration)
        for spikes, broke in zip(batch.spike_times, failed, strict=True)
    ]
    up, down, resolution, flag = (np.array(column) for column in zip(*rows, strict=True))
    unresolved = (flag == _OK) & (np.abs(down - up) < resolution)
    flag = np.where(unresolved, _UNRESOLVED, flag)
    return {
        "recruitment_current": up,
        "derecruitment_current": down,
        "hysteresis": down - up,
        "hysteresis_resolution": resolution,
        "ramp_status": flag.astype(np.int8),
    }


def _read(
    spikes: Array, shape: Stimulus, settle: float, duration: float
) -> tuple[float, float, float, int]:
    """Return one lane's currents of recruitment and derecruitment, resolution and flag."""
    if experiment.settled(spikes, settle).size:
        return np.nan, np.nan, np.nan, _BY_ITSELF
    spikes = spikes[spikes >= settle]
    if not spikes.size:
        return np.nan, np.nan, np.nan, _NO_SPIKE
    middle, end = settle + 0.5 * duration, settle + duration
    first, last = spikes[0], spikes[-1]
    up = float(shape.at(first)) if first < middle else np.nan
    down = float(shape.at(last)) if middle <= last < end else np.nan
    if last >= end:
        return up, down, np.nan, _TO_THE_END
    if first >= middle:
        return up, down, np.nan, _SILENT_UP
    if last < middle:
        return up, down, np.nan, _SILENT_DOWN
    slope = 2.0 * float(shape.at(middle)) / duration
    return up, down, slope * float(spikes[1] - first + last - spikes[-2]), _OK
