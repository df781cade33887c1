"""What trains have in common: correlation of their smoothed rates, and coherence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import InputError, check_memory, checked
from mnexcite.spikes.arrays import FloatArray, number
from mnexcite.spikes.smoothing import NARROWEST, WIDTH, smoothed_rate
from mnexcite.spikes.trains import SpikeTrains, as_trains

#: Interval of the smoothed rates [ms], below which rates are cut [Hz], largest lag that is
#: searched for the peak [ms] (De Luca & Erim 1994), and largest lag that is returned [ms].
STEP, CUT, NEAR, FAR = 5.0, 0.75, 50.0, 1000.0
#: Least time that two trains fire together [ms]. Assumed: some periods of the slowest
#: fluctuation that is left.
LEAST = 5000.0

#: What each status of a pair in `CommonDrive` means and what to do.
DRIVE_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "ok": "the two trains fire together for long enough",
        "too_short": "the two trains fire together for less than 5 s: the correlation is "
        "undefined; choose other trains or a longer contraction",
        "constant": "a smoothed rate does not change: the correlation is undefined",
    }
)


@dataclass(frozen=True, eq=False)
class CommonDrive:
    """Hold the cross-correlation of the smoothed rates of pairs of trains.

    A number that is undefined is NaN; the pair's `status` then is not "ok".

    Parameters
    ----------
    pairs
        Numbers of the two trains of each pair.
    lags
        From -1000 to 1000 [ms], shape (lags,); positive where the second train is later.
    correlation
        From -1 to 1, shape (pairs, lags).
    coefficient
        Largest correlation within 50 ms of lag 0, shape (pairs,).
    lag
        Where it is [ms], shape (pairs,).
    status
        Key of `DRIVE_STATUSES`, one for each pair.
    """

    pairs: tuple[tuple[int, int], ...]
    lags: FloatArray = field(repr=False)
    correlation: FloatArray = field(repr=False)
    coefficient: FloatArray
    lag: FloatArray
    status: tuple[str, ...]

    @property
    def sentence(self) -> tuple[str, ...]:
        """What each status means and what to do."""
        return tuple(DRIVE_STATUSES[status] for status in self.status)


@dataclass(frozen=True, eq=False)
class Coherence:
    """Hold the coherence of two groups of trains.

    Parameters
    ----------
    frequency
        [Hz], shape (n,).
    coherence
        Magnitude squared, 0 to 1, shape (n,).
    limit
        What independent trains exceed at one frequency in 5 of 100 cases.
    segments
        Number of segments.
    """

    frequency: FloatArray = field(repr=False)
    coherence: FloatArray = field(repr=False)
    limit: float
    segments: int


@checked
def common_drive(trains: SpikeTrains, *, width: float = WIDTH) -> CommonDrive:
    """Return how the smoothed rates of each pair of trains correlate.

    Rates are smoothed by a Hann window, at each 5 ms of the time in which both trains fire
    and their windows are whole, and what is slower than 0.75 Hz is taken out (Butterworth,
    second order, forwards and backwards). The correlation at a lag is the sum of products over
    the root of the two sums of squares.

    Parameters
    ----------
    trains
        Two trains or more.
    width
        Of the window [ms].

    Returns
    -------
    CommonDrive
        With a status for each pair.

    Raises
    ------
    InputError
        If there are fewer than two trains, or `width` is below 1 ms.

    References
    ----------
    De Luca et al. 1982, J Physiol 329:129; De Luca & Erim 1994, Trends Neurosci 17:299. The
    high-pass filter is theirs in frequency, its order is assumed.

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite.spikes import SpikeTrains, common_drive
    >>> phase = np.arange(0.0, 20.0, 1e-3)
    >>> phase = np.cumsum(1e-3 * (10.0 + 2.0 * np.sin(2 * np.pi * 1.5 * phase)))
    >>> train = 1.0 + np.flatnonzero(np.diff(np.floor(phase)))
    >>> found = common_drive(SpikeTrains.from_list([train, train + 20.0]))
    >>> found.coefficient.round(2), found.lag
    (array([1.]), array([20.]))
    """
    width = number("width", width, "ms", low=NARROWEST)
    if len(trains) < 2:
        raise InputError(f"there are {len(trains)} trains; give at least 2")
    reach = round(FAR / STEP)
    lags = np.arange(-reach, reach + 1) * np.float64(STEP)
    pairs = tuple(combinations(range(len(trains)), 2))
    rows, status = [], []
    for i, j in pairs:
        row, said = _correlation(trains[i], trains[j], width, reach)
        rows.append(row)
        status.append(said)
    correlation = np.array(rows)
    near = np.flatnonzero(np.abs(lags) <= NEAR)
    best = near[np.argmax(correlation[:, near], axis=1)]
    coefficient = correlation[np.arange(len(pairs)), best]
    lag = np.where(np.isnan(coefficient), np.nan, lags[best])
    return CommonDrive(pairs, lags, correlation, coefficient, lag, tuple(status))


@checked
def coherence(
    a: ArrayLike | SpikeTrains,
    b: ArrayLike | SpikeTrains,
    *,
    start: float,
    stop: float,
    segment: float = 1000.0,
) -> Coherence:
    """Return the coherence of two groups of trains, each one cumulative train.

    Spikes are counted in bins of 1 ms; spectra are means over segments with half overlap, a
    Hann window and the mean taken out (Welch). The limit is 1 - 0.05^(1/(n - 1)) for n
    segments; that they overlap is not counted.

    Parameters
    ----------
    a, b
        Spike times [ms] of one train or several, such as one half of the units and the other.
    start, stop
        The time that counts [ms], such as the plateau of a contraction.
    segment
        Length of a segment [ms]; frequencies are 1000/segment Hz apart.

    Raises
    ------
    InputError
        If a group has no spike in the time, or the time has fewer than two segments.

    References
    ----------
    Rosenberg et al. 1989, Prog Biophys Mol Biol 53:1 (limit); Negro et al. 2016, J Physiol
    594:5491 (cumulative trains).

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite.spikes import coherence
    >>> train = np.cumsum(np.random.default_rng(0).exponential(80.0, 200))
    >>> found = coherence(train, train, start=0.0, stop=10000.0)
    >>> float(found.coherence[1:].min().round(6)), round(found.limit, 3), found.segments
    (1.0, 0.153, 19)
    """
    start, stop = number("start", start, "ms", low=0.0), number("stop", stop, "ms")
    segment = number("segment", segment, "ms", low=10.0)
    check_memory(f"{stop - start:g} ms", 20.0 * (stop - start), "take a shorter time")
    bins, size = int(stop - start), round(min(segment, 1e12))
    if bins < 2 * size:
        raise InputError(
            f"start is {start:g} ms, stop {stop:g} ms; allowed: two segments of {segment:g} ms "
            "or more; give a shorter segment"
        )
    counts = [_counts(name, group, start, bins) for name, group in (("a", a), ("b", b))]
    first = np.arange(0, bins - size + 1, max(size // 2, 1))
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size)
    x, y = (_spectra(count, first, window) for count in counts)
    cross = np.abs((x.conj() * y).mean(axis=0)) ** 2
    power = (np.abs(x) ** 2).mean(axis=0) * (np.abs(y) ** 2).mean(axis=0)
    found = np.divide(cross, power, out=np.zeros_like(cross), where=power > 0)
    frequency = np.arange(found.size) * np.float64(1000.0 / size)
    return Coherence(frequency, found, float(1 - 0.05 ** (1 / (first.size - 1))), first.size)


def _correlation(
    a: FloatArray, b: FloatArray, width: float, reach: int
) -> tuple[FloatArray, str]:
    from scipy.signal import butter, correlate, sosfiltfilt

    nothing = np.full(2 * reach + 1, np.nan)
    if not (a.size and b.size):
        return nothing, "too_short"
    start, end = max(a[0], b[0]) + 0.5 * width, min(a[-1], b[-1]) - 0.5 * width
    if end - start < LEAST:
        return nothing, "too_short"
    check_memory(f"{end - start:g} ms", 20.0 * (end - start) / STEP, "take a shorter time")
    at = np.arange(start, end, STEP)
    filtered = butter(2, CUT, "highpass", fs=1000.0 / STEP, output="sos")
    rates = [smoothed_rate(train, at, width=width) for train in (a, b)]
    x, y = (sosfiltfilt(filtered, rate - rate.mean()) for rate in rates)
    scale = float(np.sqrt((x @ x) * (y @ y)))
    # what rounding leaves of a rate that does not change is no fluctuation
    if scale <= 1e-12 * at.size * float(np.mean(rates[0]) * np.mean(rates[1])):
        return nothing, "constant"
    whole = correlate(y, x, method="fft") / scale
    middle = at.size - 1
    return whole[middle - reach : middle + reach + 1], "ok"


def _counts(
    name: str, group: ArrayLike | SpikeTrains, start: float, bins: int
) -> NDArray[np.float64]:
    trains = as_trains(group)[0].between(start, start + bins)
    if not trains.times.size:
        raise InputError(f"{name} has no spike from {start:g} to {start + bins:g} ms")
    places = np.minimum((trains.times - start).astype(np.int64), bins - 1)
    return np.bincount(places, minlength=bins).astype(np.float64)


def _spectra(
    counts: FloatArray, first: NDArray[np.int64], window: FloatArray
) -> NDArray[np.complex128]:
    parts = counts[first[:, None] + np.arange(window.size)]
    return np.fft.rfft((parts - parts.mean(axis=1, keepdims=True)) * window, axis=1)
