"""Find the spikes of a voltage trace."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mnexcite.errors import checked
from mnexcite.spikes.arrays import FloatArray, number, trace


@checked
def detect(
    t: ArrayLike, v: ArrayLike, *, threshold: float = 0.0, rearm: float = 10.0
) -> FloatArray:
    """Return the times at which a voltage trace crosses a threshold upwards.

    A crossing is a spike if the trace was below `threshold - rearm` since the crossing
    before it. So noise around the threshold counts once, every spike that repolarises by
    `rearm` counts however small its peak, and a depolarisation block adds none. A trace
    that starts above the threshold has no spike there; one that ends above it keeps its
    last spike.

    Parameters
    ----------
    t
        Times of the samples [ms], shape (samples,), strictly increasing.
    v
        Voltage [mV], shape (samples,).
    threshold
        Voltage to cross [mV].
    rearm
        How far below the threshold the next spike is armed [mV]. Lower it for spikes with
        shallow troughs, raise it for noisy traces.

    Returns
    -------
    ndarray
        Spike times by linear interpolation [ms], shape (spikes,), strictly ascending.

    Raises
    ------
    InputError
        If the trace is not finite, not increasing in time, or too short.

    Examples
    --------
    >>> from mnexcite.spikes import detect
    >>> detect([0.0, 1.0, 2.0, 3.0, 4.0], [-70.0, -30.0, 30.0, -70.0, 10.0])
    array([1.5  , 3.875])
    """
    times, volts = trace(t, v)
    threshold = number("threshold", threshold, "mV")
    rearm = number("rearm", rearm, "mV", low=0.0)
    upward = np.flatnonzero((volts[:-1] < threshold) & (volts[1:] >= threshold))
    lows = np.cumsum(volts < threshold - rearm)[upward]
    # a trace that starts below the threshold is armed, even if it starts above the lower mark
    before = np.concatenate([[-1 if volts[0] < threshold else 0], lows[:-1]])
    a = upward[lows > before[: lows.size]]
    fraction = (threshold - volts[a]) / (volts[a + 1] - volts[a])
    # rounding must not carry a crossing past its sample, or times could fail to ascend
    return np.minimum(times[a] + fraction * (times[a + 1] - times[a]), times[a + 1])
