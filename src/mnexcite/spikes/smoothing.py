"""Rates as they change: of single intervals, and smoothed by a window."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import checked
from mnexcite.spikes.arrays import FloatArray, number, vector
from mnexcite.spikes.trains import SpikeTrains, as_trains

#: Width of the window in studies of motor units [ms].
WIDTH = 400.0
#: Narrowest window [ms]: below, there is nothing to smooth.
NARROWEST = 1.0


@overload
def mean_instantaneous_rate(times: SpikeTrains) -> FloatArray: ...
@overload
def mean_instantaneous_rate(times: ArrayLike) -> float: ...
@checked
def mean_instantaneous_rate(times: ArrayLike | SpikeTrains) -> float | FloatArray:
    """Return the mean of the rates 1/interval [Hz]; 0 below two spikes.

    It is above `rate`, one over the mean interval, wherever intervals differ: short intervals
    count as much as long ones.

    Raises
    ------
    InputError
        If the times are not finite, negative or not ascending.

    Examples
    --------
    >>> from mnexcite.spikes import mean_instantaneous_rate, rate
    >>> mean_instantaneous_rate([0.0, 50.0, 250.0]), rate([0.0, 50.0, 250.0])
    (12.5, 8.0)
    """
    trains, single = as_trains(times)
    values = np.array(
        [np.mean(1000.0 / np.diff(train)) if train.size > 1 else 0.0 for train in trains]
    )
    return float(values[0]) if single else values


@checked
def smoothed_rate(
    times: ArrayLike | SpikeTrains, at: ArrayLike, *, width: float = WIDTH
) -> FloatArray:
    """Return the rate of spikes through a Hann window.

    It is the sum of (1 + cos(2 pi (t - t_i)/width))/width over the spikes t_i within half a
    width of t, 1 in area, so that the rate's integral over time is the number of spikes.
    Within half a width of the start and the end of a recording it falls towards half the rate.
    A regular train keeps a ripple of 6 % or less, up to intervals of half a width.

    Parameters
    ----------
    times
        Spike times of one train [ms], shape (spikes,), or several trains.
    at
        When the rate is wanted [ms], shape (n,).
    width
        Of the window, from zero to zero [ms].

    Returns
    -------
    ndarray
        Rate [Hz], shape (n,), or (trains, n) for `SpikeTrains`.

    Raises
    ------
    InputError
        If the times are not finite, negative or not ascending, or `width` is below 1 ms.

    References
    ----------
    De Luca et al. 1982, J Physiol 329:113 (Hanning window of 400 ms).

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite.spikes import smoothed_rate
    >>> smoothed_rate(np.arange(0.0, 2000.0, 100.0), [1000.0, 1025.0]).round(6).tolist()
    [10.0, 10.0]
    """
    width = number("width", width, "ms", low=NARROWEST)
    when = vector("at", at, "ms")
    trains, single = as_trains(times)
    rates = np.array([_smoothed(train, when, width) for train in trains])
    return rates[0] if single else rates.reshape(len(trains), when.size)


def _smoothed(train: FloatArray, at: FloatArray, width: float) -> FloatArray:
    first = np.searchsorted(train, at - 0.5 * width)
    last = np.searchsorted(train, at + 0.5 * width)
    # cos(a - b) as sums over a: one pass over the spikes, however many times are wanted
    sums = np.concatenate([[0.0], np.cumsum(_turned(train, width))])
    waves = np.real(_turned(at, -width) * (sums[last] - sums[first]))
    return 1000.0 / width * np.maximum(last - first + waves, 0.0)


def _turned(t: FloatArray, width: float) -> NDArray[np.complex128]:
    """Return the place of times on a circle of a circumference of `width`."""
    return np.exp(2j * np.pi * np.mod(t / width, 1.0))
