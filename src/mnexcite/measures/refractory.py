"""How soon after a spike a second pulse makes another one."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import checked, number
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Array, Experiment, IntArray, RunLanes
from mnexcite.measures.flags import status_of
from mnexcite.measures.measure import Output, Values
from mnexcite.measures.rheobase import search, search_settings
from mnexcite.measures.search import ABOVE_HIGHEST, FAILED, FOUND, least
from mnexcite.stimuli import Stimulus, pulse

_STATUS = status_of(
    "refractory", "no_first_spike", "fires_more_than_once", "above_longest", "no_threshold"
)
_OK, _SILENT, _MORE, _LONG, _NONE, _FAILED = range(len(_STATUS.flags))


@checked
def refractory(
    *,
    amplitude: float | None = None,
    multiple: float = 2.0,
    width: float = 1.0,
    longest: float = 100.0,
    settle: float = 200.0,
    watch: float = 50.0,
    highest: float | None = None,
    precision: float = 0.01,
) -> Experiment:
    """Find the least interval of two equal pulses at which the second makes a spike too.

    The interval is from onset to onset, and is doubled from `longest` / 1024 until the second
    pulse fires, then bisected. With strong pulses it comes near the absolute refractory
    period; with weak ones the relative one is longer.

    Parameters
    ----------
    amplitude
        Of both pulses [the cell's unit]; by default `multiple` times the least at which one
        pulse fires, which is then searched for each point.
    multiple
        Pulses over their threshold, above 1. The default of twice is a choice.
    width
        Length of each pulse [ms].
    longest
        Longest interval tried [ms].
    settle
        Time before the first pulse [ms]; its spikes do not count.
    watch
        Time after the second pulse in which its spike may come [ms].
    highest, precision
        As for `rheobase`; `precision` is of the interval too.

    Returns
    -------
    Experiment
        `refractory` [ms], an interval at which two spikes came, where one less by `precision`
        gave one; `refractory_amplitude`; and `refractory_status`: `ok`, or with NaN
        `no_first_spike` (the amplitude is too small), `fires_more_than_once` (after one
        pulse, or by itself), `above_longest`, `no_threshold` (no pulse up to `highest` fires)
        and `failed`.

    Raises
    ------
    InputError
        If an argument is not allowed.

    References
    ----------
    Hodgkin and Huxley 1952 (J Physiol 117:500), the refractory period.

    Examples
    --------
    >>> [output.name for output in refractory(amplitude=20.0).outputs]
    ['refractory', 'refractory_amplitude', 'refractory_status']
    """
    settings = search_settings("refractory", highest, settle, watch, precision)
    outputs = (
        Output("refractory", "ms", "least interval of two pulses that both fire"),
        Output("refractory_amplitude", "{current}", "amplitude of the two pulses"),
        _STATUS,
    )
    told = {
        "amplitude": experiment.current("refractory: amplitude", amplitude),
        "multiple": number("refractory: multiple", multiple, "above 1", above=1.0),
        "width": experiment.time("refractory: width", width),
        "longest": experiment.time("refractory: longest", longest),
    }
    return Experiment(outputs, partial(_measure, **told, **settings))


def _measure(
    run: RunLanes,
    *,
    amplitude: float | None,
    multiple: float,
    width: float,
    longest: float,
    settle: float,
    watch: float,
    highest: float | None,
    precision: float,
) -> Values:
    flag = np.full(run.lanes, _OK)
    if amplitude is None:
        told: dict[str, Any] = {"highest": highest, "precision": precision, "watch": watch}
        every = np.arange(run.lanes)
        threshold, found = search(run, every, duration=width, settle=settle, **told)
        flag[found != FOUND] = _MORE  # it fires without a pulse
        flag[found == ABOVE_HIGHEST] = _NONE
        flag[found == FAILED] = _FAILED
        sizes = np.where(found == FOUND, multiple * threshold, np.nan)
    else:
        sizes = np.full(run.lanes, amplitude)

    def spikes(of: IntArray, intervals: Array | None) -> tuple[IntArray, NDArray[np.bool_]]:
        """Return how many spikes come after one pulse, or two, and which runs failed."""

        def pulses(place: int) -> Stimulus:
            size = float(sizes[of[place]])
            first = pulse(size, unit=run.unit, start=settle, duration=width)
            if intervals is None:
                return first
            second = settle + float(intervals[place])
            return first + pulse(size, unit=run.unit, start=second, duration=width)

        # one run for all intervals: what comes late is cut off lane by lane
        end = settle + width + watch + longest
        batch = run([pulses(place) for place in range(of.size)], duration=end, lanes=of)
        trains = batch.spike_times.between(settle, end)
        shift = longest if intervals is None else intervals
        last = settle + width + watch + np.broadcast_to(shift, of.shape)
        inside = trains.times < last[trains.lanes]
        counts = np.bincount(trains.lanes[inside], minlength=of.size)
        return counts, experiment.failed_lanes(batch)

    lanes = np.flatnonzero(flag == _OK)
    if lanes.size:
        alone, failed = spikes(lanes, None)
        flag[lanes[alone == 0]] = _SILENT
        flag[lanes[alone > 1]] = _MORE
        flag[lanes[failed]] = _FAILED
    lanes = np.flatnonzero(flag == _OK)
    value = np.full(run.lanes, np.nan)
    if lanes.size:

        def both(of: IntArray, tried: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
            counts, failed = spikes(lanes[of], tried)
            return (counts > 1) & (tried > 0.0), failed

        value[lanes], found = least(both, lanes.size, longest, precision)
        flag[lanes[found == ABOVE_HIGHEST]] = _LONG
        flag[lanes[found == FAILED]] = _FAILED
    return {
        "refractory": value,
        "refractory_amplitude": sizes,
        "refractory_status": flag.astype(np.int8),
    }
