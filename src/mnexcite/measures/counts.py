"""Number, rate and latency of spikes."""

from __future__ import annotations

import numpy as np

from mnexcite.measures.flags import status_of, where
from mnexcite.measures.folds import Seen, see, stopped
from mnexcite.measures.measure import Ending, Measure, Output, Values


def count() -> Measure:
    """Count the spikes after discard.

    Examples
    --------
    >>> from mnexcite import measures
    >>> measures.count().outputs[0].long_name
    'spikes after discard'
    """
    return Measure((Output("count", "1", "spikes after discard"),), Seen.none, see, _count)


def rate() -> Measure:
    """Take the mean rate of the intervals, (n - 1)/(t_n - t_1), after discard [Hz].

    It is 0 below two spikes, and says how fast the cell fires while it fires: `rate_status`
    is `stopped` where firing does not go on at the end, by the rule of
    `mnexcite.spikes.fires_on`. `mean_rate` counts the silence too. eFEL's `mean_frequency` is
    n/(t_n - start of the stimulus), Elephant's `mean_firing_rate` that of `mean_rate`.
    """
    output = Output("rate", "Hz", "mean firing rate after discard")
    return Measure((output, status_of("rate", "stopped")), Seen.none, see, _rate)


def mean_rate() -> Measure:
    """Take the number of spikes after discard over the time from there to the end [Hz]."""
    output = Output("mean_rate", "Hz", "spikes after discard over that time")
    return Measure((output,), Seen.none, see, _mean_rate)


def last_rate() -> Measure:
    """Take the rate 1/last interval [Hz]; 0 below two spikes.

    `last_rate_status` is `stopped` where firing does not go on at the end, as for `rate`.
    """
    output = Output("last_rate", "Hz", "firing rate of the last interval")
    return Measure((output, status_of("last_rate", "stopped")), Seen.none, see, _last_rate)


def latency() -> Measure:
    """Take the time from discard to the first spike at or after it [ms].

    Discard hides earlier spikes, so let it be the onset of the stimulus. Without a spike the
    latency is NaN and `latency_status` is `no_spikes`.
    """
    output = Output("latency", "ms", "time from discard to the first spike after it")
    return Measure((output, status_of("latency", "no_spikes")), Seen.none, see, _latency)


def _count(seen: Seen, ending: Ending) -> Values:
    return {"count": seen.count.astype(np.float64)}


def _rate(seen: Seen, ending: Ending) -> Values:
    values = np.zeros(seen.count.size)
    two = seen.count >= 2
    values[two] = 1000.0 * (seen.count[two] - 1) / (seen.last[two] - seen.first[two])
    return {"rate": values, "rate_status": where(stopped(seen, ending.span.end))}


def _mean_rate(seen: Seen, ending: Ending) -> Values:
    span = ending.span
    return {"mean_rate": 1000.0 * seen.count / (span.end - span.discard)}


def _last_rate(seen: Seen, ending: Ending) -> Values:
    values = np.zeros(seen.count.size)
    two = seen.count >= 2
    values[two] = 1000.0 / (seen.last[two] - seen.before[two])
    return {"last_rate": values, "last_rate_status": where(stopped(seen, ending.span.end))}


def _latency(seen: Seen, ending: Ending) -> Values:
    return {
        "latency": seen.first - ending.span.discard,
        "latency_status": where(seen.count == 0),
    }
