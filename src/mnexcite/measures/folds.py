"""What spikes leave behind from window to window: O(1) per lane, the same for any windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.measures.measure import Array, Span, View
from mnexcite.spikes import SpikeTrains
from mnexcite.spikes.patterns import goes_on, longest_interval


@dataclass(frozen=True)
class Seen:
    """Hold what most statistics need of the spikes so far, each of shape (lanes,).

    Attributes
    ----------
    count
        Number of spikes.
    first, before, last
        Times of the first spike, the last but one and the last [ms]; NaN where there is
        none.
    longest
        Longest interval [ms]; NaN below two spikes.
    """

    count: NDArray[np.int64]
    first: Array
    before: Array
    last: Array
    longest: Array

    @classmethod
    def none(cls, span: Span) -> Seen:
        """Return the state before a run."""
        nothing = np.full(span.lanes, np.nan)
        return cls(np.zeros(span.lanes, np.int64), nothing, nothing, nothing, nothing)


def see(seen: Seen, window: View) -> Seen:
    """Take in the spikes of a window."""
    trains = window.spikes
    times, ends = trains.times, trains.offsets[1:]
    some, two = trains.counts > 0, trains.counts > 1
    new = some & (seen.count == 0)
    first, before, last = seen.first.copy(), seen.before.copy(), seen.last.copy()
    across = np.full(seen.last.size, np.nan)
    across[some] = times[trains.offsets[:-1][some]] - seen.last[some]
    longest = np.fmax(seen.longest, np.fmax(across, longest_interval(trains)))
    first[new] = times[trains.offsets[:-1][new]]
    before[some] = seen.last[some]
    before[two] = times[ends[two] - 2]
    last[some] = times[ends[some] - 1]
    return Seen(seen.count + trains.counts, first, before, last, longest)


def stopped(seen: Seen, end: float) -> NDArray[np.bool_]:
    """Return where two spikes or more came and firing does not go on at the end."""
    return (seen.count >= 2) & ~goes_on(seen.count, seen.last, seen.longest, end)


def intervals(last: Array, trains: SpikeTrains) -> Iterator[tuple[NDArray[np.int64], Array]]:
    """Yield lanes and their intervals [ms] that end in a window, in time order.

    Each round holds one interval of a lane at most, so that sums over rounds are made in
    the same order however a run is cut into windows. `last`, each lane's last spike before
    the window [ms] and NaN where there is none, is moved on to the window's end.
    """
    for k in range(int(trains.counts.max(initial=0))):
        lanes = np.flatnonzero(trains.counts > k)
        times = trains.times[trains.offsets[lanes] + k]
        gaps = times - last[lanes]
        last[lanes] = times
        known = ~np.isnan(gaps)
        yield lanes[known], gaps[known]
