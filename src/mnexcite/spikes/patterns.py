"""How a train goes on: whether it still fires, and whether it fires in bursts."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import checked
from mnexcite.spikes.arrays import FloatArray, number
from mnexcite.spikes.trains import SpikeTrains, as_trains

#: How many times its longest interval a train may be silent before it has stopped.
SILENCE = 3.0
#: How many times the interval within bursts a pause between bursts is, at least; and how
#: many pauses there are, at least.
PAUSE, PAUSES = 4.0, 2
#: Short intervals between two pauses, at least, in the mean: halfway from a doublet's one
#: to the two of a burst of three spikes.
WITHIN = 1.5

BoolArray = NDArray[np.bool_]


@overload
def fires_on(times: SpikeTrains, at: float) -> BoolArray: ...
@overload
def fires_on(times: ArrayLike, at: float) -> bool: ...
@checked
def fires_on(times: ArrayLike | SpikeTrains, at: float) -> bool | BoolArray:
    """Tell whether firing goes on at a time, judged by the spikes up to it.

    It does after two spikes or more, if the silence since the last is no longer than three
    times the longest interval so far. The longest and not the last: the last interval of an
    irregular train is short by chance as often as not (of a Poisson train that goes on, one
    in four would have stopped, however long it is), and that of a burst is always short.
    Of the longest, chance makes too much in 6/((n + 1)(n + 2)(n + 3)) of Poisson trains with
    n intervals: 1 in 286 at 10.

    Parameters
    ----------
    times
        Spike times of one train [ms], shape (spikes,), or several trains.
    at
        The time, such as the end of a run [ms]; later spikes are not looked at.

    Returns
    -------
    bool or ndarray
        One for each train, shape (trains,), for `SpikeTrains`.

    Raises
    ------
    InputError
        If the times are not finite, negative or not ascending, or `at` is not a number.

    Examples
    --------
    >>> from mnexcite.spikes import fires_on
    >>> spikes = [10.0, 60.0, 110.0]
    >>> fires_on(spikes, 250.0), fires_on(spikes, 270.0), fires_on(spikes[:1], 20.0)
    (True, False, False)
    """
    at = number("at", at, "ms")
    trains, single = as_trains(times)
    trains = trains.between(0.0, np.nextafter(at, np.inf))
    last = np.full(len(trains), np.nan)
    some = trains.counts > 0
    last[some] = trains.times[trains.offsets[1:][some] - 1]
    found = goes_on(trains.counts, last, longest_interval(trains), at)
    return bool(found[0]) if single else found


def goes_on(
    counts: NDArray[np.int64], last: FloatArray, longest: FloatArray, at: float
) -> BoolArray:
    """Apply the rule of `fires_on` to numbers of spikes, last spikes and longest intervals."""
    return (counts >= 2) & (at - last <= SILENCE * longest)


def longest_interval(trains: SpikeTrains) -> FloatArray:
    """Return each train's longest interval [ms], NaN where it has none."""
    longest = np.full(len(trains), np.nan)
    two = trains.counts >= 2
    if two.any():
        lanes = trains.lanes
        gaps = np.diff(trains.times)[lanes[1:] == lanes[:-1]]
        sizes = trains.counts[two] - 1
        longest[two] = np.maximum.reduceat(gaps, np.cumsum(sizes) - sizes)
    return longest


@overload
def bursts(times: SpikeTrains) -> BoolArray: ...
@overload
def bursts(times: ArrayLike) -> bool: ...
@checked
def bursts(times: ArrayLike | SpikeTrains) -> bool | BoolArray:
    """Tell whether a train is one of bursts: intervals of two kinds, with a void between.

    Intervals up to some length are at least half of all; pauses, of more than four times
    that length, are at least two, and more than the intervals between both, by more than
    chance (two standard deviations of that number); and between two pauses there are 1.5
    short intervals or more in the mean, so that regular doublets are none. These are shares
    of intervals, not their number: a longer train of the same kind has the same answer. A
    Poisson train is of bursts in 3 of 100 cases at 10 intervals and in none from 40 on.

    Parameters
    ----------
    times
        Spike times of one train [ms], shape (spikes,), or several trains.

    Returns
    -------
    bool or ndarray
        One for each train, shape (trains,), for `SpikeTrains`.

    Raises
    ------
    InputError
        If the times are not finite, negative or not ascending.

    References
    ----------
    Selinger et al. 2007, PLoS One 2:e439, on the void between the two kinds.

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite.spikes import bursts
    >>> triplets = np.add.outer(np.arange(5) * 200.0, [0.0, 10.0, 20.0]).ravel()
    >>> bursts(triplets), bursts(np.arange(0.0, 900.0, 60.0))
    (True, False)
    """
    trains, single = as_trains(times)
    found = np.array([_in_bursts(np.diff(train)) for train in trains], dtype=bool)
    return bool(found[0]) if single else found


def _in_bursts(gaps: FloatArray) -> bool:
    ordered = np.sort(gaps)
    n = ordered.size
    if n < PAUSES + 2:
        return False
    # the k shortest are within bursts, those above PAUSE times the longest of them are pauses
    k = np.arange((n + 1) // 2, n)
    limits = PAUSE * ordered[k - 1]
    above = np.searchsorted(ordered, limits, side="right")
    pauses, void = n - above, above - k
    parted = (pauses >= PAUSES) & (pauses >= void + 2.0 * np.sqrt(void))
    if not parted.any():
        return False
    best = int(np.argmax(np.where(parted, pauses / (void + 1.0), 0.0)))
    places = np.flatnonzero(gaps > limits[best])
    # only between pauses: the train's ends may have cut a burst
    within = places[-1] - places[0] + 1 - places.size
    return bool(within >= WITHIN * (places.size - 1))


@overload
def stretches(times: SpikeTrains, *, pause: float) -> list[FloatArray]: ...
@overload
def stretches(times: ArrayLike, *, pause: float) -> FloatArray: ...
@checked
def stretches(times: ArrayLike | SpikeTrains, *, pause: float) -> FloatArray | list[FloatArray]:
    """Find the stretches of firing between pauses.

    Parameters
    ----------
    times
        Spike times of one train [ms], shape (spikes,), or several trains.
    pause
        Longest interval within a stretch [ms].

    Returns
    -------
    ndarray or list of ndarray
        First and last spike of each stretch [ms], shape (stretches, 2); a lone spike is a
        stretch that begins and ends with it. One for each train, for `SpikeTrains`.

    Raises
    ------
    InputError
        If the times are not finite, negative or not ascending, or `pause` is not above 0.

    Examples
    --------
    >>> stretches([10.0, 60.0, 110.0, 900.0], pause=500.0).tolist()
    [[10.0, 110.0], [900.0, 900.0]]
    """
    pause = number("pause", pause, "ms", above=0.0)
    trains, single = as_trains(times)
    found = [_stretches(train, pause) for train in trains]
    return found[0] if single else found


def _stretches(train: FloatArray, pause: float) -> FloatArray:
    if not train.size:
        return np.empty((0, 2))
    breaks = np.flatnonzero(np.diff(train) > pause)
    return np.stack([train[np.r_[0, breaks + 1]], train[np.r_[breaks, train.size - 1]]], axis=1)
