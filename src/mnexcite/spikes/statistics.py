"""Numbers that describe a spike train: rates, intervals, regularity, latency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import InputError, checked
from mnexcite.spikes.arrays import FloatArray, IntArray, number
from mnexcite.spikes.patterns import fires_on
from mnexcite.spikes.trains import SpikeTrains, as_trains
from mnexcite.spikes.variation import cv2s, lvs

#: Longest interval of a doublet [ms].
DOUBLET = 10.0

#: What each status of `TrainStatistics` means and what to do.
TRAIN_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "ok": "all numbers are defined",
        "no_spikes": "no spike at or after discard: intervals, CV, CV2, LV and adaptation are "
        "undefined; lower discard or run longer",
        "one_spike": "one spike: intervals, CV, CV2, LV and adaptation are undefined; run "
        "longer",
        "two_spikes": "one interval: CV, CV2, LV and adaptation are undefined; run longer",
        "no_response": "no spike at or after start: the latency is undefined; check start",
        "stopped": "firing does not go on until the end (see fires_on): rate, CV and "
        "adaptation are those of the time while it did; mean_rate counts the silence too",
    }
)


@dataclass(frozen=True, eq=False)
class TrainStatistics:
    """Describe one spike train, or several with one value per train.

    A number that is undefined is NaN; `status` then is not "ok" and `sentence` says why.

    Parameters
    ----------
    count
        Spikes at or after `discard`, and before `until` if it was given.
    rate
        Mean rate (n - 1)/(t_n - t_1) [Hz]; 0 below two spikes.
    last_rate
        1/last interval [Hz]; 0 below two spikes.
    cv
        Population standard deviation of the intervals over their mean.
    doublets
        Intervals of 10 ms or less.
    latency
        First spike at or after `start`, less `start` [ms]. `discard` does not hide it.
    min_rate, max_rate
        Slowest and fastest instantaneous rate, 1/interval [Hz].
    adaptation
        Mean of (I_k+1 - I_k)/(I_k+1 + I_k) over neighbouring intervals I: -1 to 1,
        0 for a regular train, positive where firing slows down.
    cv2, lv
        Local variation of neighbouring intervals (`mnexcite.spikes.cv2` and `lv`).
    status
        Key of `TRAIN_STATUSES`; the first that applies.
    """

    count: int | IntArray = field(metadata={"unit": "1"})
    rate: float | FloatArray = field(metadata={"unit": "Hz"})
    last_rate: float | FloatArray = field(metadata={"unit": "Hz"})
    cv: float | FloatArray = field(metadata={"unit": "1"})
    doublets: int | IntArray = field(metadata={"unit": "1"})
    latency: float | FloatArray = field(metadata={"unit": "ms"})
    min_rate: float | FloatArray = field(metadata={"unit": "Hz"})
    max_rate: float | FloatArray = field(metadata={"unit": "Hz"})
    adaptation: float | FloatArray = field(metadata={"unit": "1"})
    cv2: float | FloatArray = field(metadata={"unit": "1"})
    lv: float | FloatArray = field(metadata={"unit": "1"})
    status: str | tuple[str, ...]

    @property
    def sentence(self) -> str | tuple[str, ...]:
        """What the status means and what to do."""
        if isinstance(self.status, str):
            return TRAIN_STATUSES[self.status]
        return tuple(TRAIN_STATUSES[status] for status in self.status)


@overload
def intervals(times: SpikeTrains) -> tuple[FloatArray, ...]: ...
@overload
def intervals(times: ArrayLike) -> FloatArray: ...
@checked
def intervals(times: ArrayLike | SpikeTrains) -> FloatArray | tuple[FloatArray, ...]:
    """Return the intervals between spikes [ms], one array per train.

    Raises
    ------
    InputError
        If the times are not finite, negative or not ascending.

    Examples
    --------
    >>> from mnexcite.spikes import intervals
    >>> intervals([10.0, 30.0, 35.0])
    array([20.,  5.])
    """
    trains, single = as_trains(times)
    every = tuple(np.diff(train) for train in trains)
    return every[0] if single else every


@overload
def rate(times: SpikeTrains) -> FloatArray: ...
@overload
def rate(times: ArrayLike) -> float: ...
@checked
def rate(times: ArrayLike | SpikeTrains) -> float | FloatArray:
    """Return the mean rate (n - 1)/(t_n - t_1) [Hz]; 0 below two spikes.

    Raises
    ------
    InputError
        If the times are not finite, negative or not ascending.

    Examples
    --------
    >>> from mnexcite.spikes import SpikeTrains, rate
    >>> rate([0.0, 50.0, 200.0])
    10.0
    >>> rate(SpikeTrains.from_list([[0.0, 50.0, 200.0], [7.0]]))
    array([10.,  0.])
    """
    trains, single = as_trains(times)
    values = _rates(trains)
    return float(values[0]) if single else values


@overload
def mean_rate(times: SpikeTrains, *, until: float, discard: float = 0.0) -> FloatArray: ...
@overload
def mean_rate(times: ArrayLike, *, until: float, discard: float = 0.0) -> float: ...
@checked
def mean_rate(
    times: ArrayLike | SpikeTrains, *, until: float, discard: float = 0.0
) -> float | FloatArray:
    """Return the number of spikes over the time from `discard` to `until` [Hz].

    Unlike `rate` it counts the silence before the first and after the last spike.

    Parameters
    ----------
    times
        Spike times of one train [ms], shape (spikes,), or several trains.
    until
        End of the time that counts, such as that of the recording [ms].
    discard
        Its start [ms].

    Raises
    ------
    InputError
        If the times are not finite, negative or not ascending, or `until` is not after
        `discard`.

    Examples
    --------
    >>> from mnexcite.spikes import mean_rate, rate
    >>> rate([10.0, 30.0, 50.0]), mean_rate([10.0, 30.0, 50.0], until=1000.0)
    (50.0, 3.0)
    """
    discard = number("discard", discard, "ms")
    until = number("until", until, "ms", above=discard)
    trains, single = as_trains(times)
    counts = trains.between(discard, until).counts.astype(np.float64)
    values = 1000.0 * counts / (until - discard)
    return float(values[0]) if single else values


@overload
def last_rate(times: SpikeTrains) -> FloatArray: ...
@overload
def last_rate(times: ArrayLike) -> float: ...
@checked
def last_rate(times: ArrayLike | SpikeTrains) -> float | FloatArray:
    """Return 1/last interval [Hz]; 0 below two spikes.

    Raises
    ------
    InputError
        If the times are not finite, negative or not ascending.

    Examples
    --------
    >>> from mnexcite.spikes import last_rate
    >>> last_rate([0.0, 50.0, 250.0])
    5.0
    """
    trains, single = as_trains(times)
    values = _last_rates(trains)
    return float(values[0]) if single else values


@overload
def doublets(times: SpikeTrains, *, longest: float = DOUBLET) -> IntArray: ...
@overload
def doublets(times: ArrayLike, *, longest: float = DOUBLET) -> int: ...
@checked
def doublets(times: ArrayLike | SpikeTrains, *, longest: float = DOUBLET) -> int | IntArray:
    """Count the doublets: intervals of `longest` [ms] or less.

    Raises
    ------
    InputError
        If the times are not finite, negative or not ascending, or `longest` is not above 0.

    Examples
    --------
    >>> from mnexcite.spikes import doublets
    >>> doublets([0.0, 5.0, 105.0, 115.0])
    2
    """
    longest = number("longest", longest, "ms", above=0.0)
    trains, single = as_trains(times)
    values = _doublets(trains, longest)
    return int(values[0]) if single else values


@overload
def cv(times: SpikeTrains) -> FloatArray: ...
@overload
def cv(times: ArrayLike) -> float: ...
@checked
def cv(times: ArrayLike | SpikeTrains) -> float | FloatArray:
    """Return the coefficient of variation of the intervals.

    It is the population standard deviation over the mean, and needs three spikes;
    `describe` returns a status instead of an error where there are fewer.

    Raises
    ------
    InputError
        If a train has fewer than three spikes, or its times are not finite, negative or
        not ascending.

    Examples
    --------
    >>> from mnexcite.spikes import cv
    >>> cv([0.0, 50.0, 200.0])
    0.5
    """
    trains, single = as_trains(times)
    few = np.flatnonzero(trains.counts < 3)
    if few.size:
        i = int(few[0])
        raise InputError(
            f"{trains.label(i)} has {trains.counts[i]} spikes; CV needs 3 or more; "
            "use describe(), which returns a status"
        )
    values = _cvs(trains)
    return float(values[0]) if single else values


@overload
def latency(times: SpikeTrains, *, start: float = 0.0) -> FloatArray: ...
@overload
def latency(times: ArrayLike, *, start: float = 0.0) -> float: ...
@checked
def latency(times: ArrayLike | SpikeTrains, *, start: float = 0.0) -> float | FloatArray:
    """Return the time from `start` to the first spike at or after it [ms].

    `describe` returns a status instead of an error where there is no such spike.

    Parameters
    ----------
    times
        Spike times of one train [ms], shape (spikes,), or several trains.
    start
        Start of the stimulus [ms].

    Raises
    ------
    InputError
        If a train has no spike at or after `start`, or its times are not finite, negative
        or not ascending.

    Examples
    --------
    >>> from mnexcite.spikes import latency
    >>> latency([5.0, 32.5, 80.0], start=20.0)
    12.5
    """
    start = number("start", start, "ms")
    trains, single = as_trains(times)
    values = _latencies(trains, start)
    none = np.flatnonzero(np.isnan(values))
    if none.size:
        raise InputError(
            f"{trains.label(int(none[0]))} has no spike at or after {start:g} ms; "
            "use describe(), which returns a status"
        )
    return float(values[0]) if single else values


@checked
def describe(
    times: ArrayLike | SpikeTrains,
    *,
    discard: float = 0.0,
    until: float | None = None,
    start: float = 0.0,
) -> TrainStatistics:
    """Describe a spike train, or each of several.

    Parameters
    ----------
    times
        Spike times of one train [ms], shape (spikes,), or several trains.
    discard
        Hide the spikes before this time [ms] from all numbers but the latency.
    until
        End of the time that counts [ms], such as that of the recording: spikes from it on
        are hidden, and a train in which firing does not go on until then is `stopped`.
        None: the end is not known.
    start
        Start of the stimulus, for the latency [ms].

    Returns
    -------
    TrainStatistics
        Plain numbers for one train; arrays of shape (trains,) for `SpikeTrains`.

    Raises
    ------
    InputError
        If the times are not finite, negative or not ascending.

    Examples
    --------
    >>> from mnexcite.spikes import describe
    >>> found = describe([30.0, 80.0, 230.0], start=20.0)
    >>> found.rate, found.cv, found.latency, found.status
    (10.0, 0.5, 10.0, 'ok')
    >>> describe([30.0]).status, describe([10.0, 30.0, 50.0], until=1000.0).status
    ('one_spike', 'stopped')
    """
    discard, start = number("discard", discard, "ms"), number("start", start, "ms")
    trains, single = as_trains(times)
    stopped = np.zeros(len(trains), bool)
    if until is not None:
        until = number("until", until, "ms", above=discard)
        trains = trains.between(0.0, until)
        stopped = ~fires_on(trains.after(discard), until)
    shown = trains.after(discard)
    latencies = _latencies(trains, start)
    slowest, fastest = _extreme_rates(shown)
    status = _statuses(shown.counts, latencies, stopped)
    columns: dict[str, NDArray[np.generic]] = {
        "count": shown.counts,
        "rate": _rates(shown),
        "last_rate": _last_rates(shown),
        "cv": _cvs(shown),
        "doublets": _doublets(shown, DOUBLET),
        "latency": latencies,
        "min_rate": slowest,
        "max_rate": fastest,
        "adaptation": _adaptations(shown),
        "cv2": cv2s(shown),
        "lv": lvs(shown),
    }
    if single:
        return TrainStatistics(
            **{key: column[0].item() for key, column in columns.items()}, status=status[0]
        )
    return TrainStatistics(**columns, status=status)  # pyright: ignore[reportArgumentType]


def _statuses(
    counts: IntArray, latencies: FloatArray, stopped: NDArray[np.bool_]
) -> tuple[str, ...]:
    few = counts < 3
    unanswered = np.isnan(latencies) & ~few
    says = np.array(["no_spikes", "one_spike", "two_spikes"], dtype=object)
    # what is undefined is said before what is defined and is not what it seems
    found = np.select(
        [few, unanswered, stopped],
        [says[np.minimum(counts, 2)], "no_response", "stopped"],
        "ok",
    )
    return tuple(found.tolist())


def _intervals(trains: SpikeTrains) -> tuple[FloatArray, IntArray]:
    """Return all intervals [ms] end to end, and the train of each."""
    lanes = trains.lanes
    same = lanes[1:] == lanes[:-1]
    return np.diff(trains.times)[same], lanes[1:][same]


def _undefined(trains: SpikeTrains) -> FloatArray:
    return np.full(len(trains), np.nan)


def _rates(trains: SpikeTrains) -> FloatArray:
    values = np.zeros(len(trains))
    two = trains.counts >= 2
    first, last = trains.offsets[:-1][two], trains.offsets[1:][two] - 1
    span = trains.times[last] - trains.times[first]
    values[two] = 1000.0 * (trains.counts[two] - 1) / span
    return values


def _last_rates(trains: SpikeTrains) -> FloatArray:
    values = np.zeros(len(trains))
    two = trains.counts >= 2
    last = trains.offsets[1:][two] - 1
    values[two] = 1000.0 / (trains.times[last] - trains.times[last - 1])
    return values


def _doublets(trains: SpikeTrains, longest: float) -> IntArray:
    gaps, lanes = _intervals(trains)
    return np.bincount(lanes[gaps <= longest], minlength=len(trains)).astype(np.int64)


def _means(values: FloatArray, lanes: IntArray, trains: int) -> FloatArray:
    """Return the mean of each train's values; 0 for a train without any."""
    sizes = np.bincount(lanes, minlength=trains)
    return np.bincount(lanes, values, minlength=trains) / np.maximum(sizes, 1)


def _cvs(trains: SpikeTrains) -> FloatArray:
    values = _undefined(trains)
    three = trains.counts >= 3
    gaps, lanes = _intervals(trains)
    means = _means(gaps, lanes, len(trains))
    variances = _means((gaps - means[lanes]) ** 2, lanes, len(trains))
    values[three] = np.sqrt(variances[three]) / means[three]
    return values


def _adaptations(trains: SpikeTrains) -> FloatArray:
    values = _undefined(trains)
    three = trains.counts >= 3
    gaps, lanes = _intervals(trains)
    same = lanes[1:] == lanes[:-1]
    before, after = gaps[:-1][same], gaps[1:][same]
    changes = (after - before) / (after + before)
    values[three] = _means(changes, lanes[1:][same], len(trains))[three]
    return values


def _extreme_rates(trains: SpikeTrains) -> tuple[FloatArray, FloatArray]:
    slowest, fastest = _undefined(trains), _undefined(trains)
    two = trains.counts >= 2
    if two.any():
        gaps, _ = _intervals(trains)
        starts = np.concatenate([[0], np.cumsum(trains.counts[two] - 1)[:-1]])
        slowest[two] = 1000.0 / np.maximum.reduceat(gaps, starts)
        fastest[two] = 1000.0 / np.minimum.reduceat(gaps, starts)
    return slowest, fastest


def _latencies(trains: SpikeTrains, start: float) -> FloatArray:
    values = _undefined(trains)
    later = np.flatnonzero(trains.times >= start)
    lanes, first = np.unique(trains.lanes[later], return_index=True)
    values[lanes] = trains.times[later[first]] - start
    return values
