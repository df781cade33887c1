"""Find the spikes of a voltage trace."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import RunWarning, checked
from mnexcite.spikes.arrays import FloatArray, IntArray, number, trace


@checked
def detect(
    t: ArrayLike, v: ArrayLike, *, threshold: float = 0.0, rearm: float = 10.0
) -> FloatArray:
    """Return the times at which a voltage trace crosses a threshold upwards.

    A crossing is a spike if the trace was below `threshold - rearm` since the crossing
    before it. So noise around the threshold counts once, every spike that repolarises by
    `rearm` counts however small its peak, and a depolarisation block adds none. A trace
    that starts above the threshold has no spike there; one that ends above it keeps its
    last spike. Where the trace falls and rises by `rearm` or more and the crossing is not
    counted, since the trough was too high, a warning says how often.

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

    Warns
    -----
    RunWarning
        If spikes were left out because the trace stayed too high before them.

    Notes
    -----
    eFEL and Elephant arm a spike at every crossing: they find the spikes of shallow troughs,
    and count noise at the threshold as often as it crosses. `rearm=0` does the same. Their
    spike times are those of a sample (eFEL's peak, Elephant's first above), not of the
    crossing itself.

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
    armed = lows > before[: lows.size]
    _tell_missed(volts, upward, armed, threshold, rearm)
    a = upward[armed]
    fraction = (threshold - volts[a]) / (volts[a + 1] - volts[a])
    # rounding must not carry a crossing past its sample, or times could fail to ascend
    return np.minimum(times[a] + fraction * (times[a + 1] - times[a]), times[a + 1])


def _tell_missed(
    v: FloatArray,
    upward: IntArray,
    armed: NDArray[np.bool_],
    threshold: float,
    rearm: float,
) -> None:
    """Warn of crossings that rise like spikes but were not armed."""
    if armed.all():
        return
    # from each crossing to the next: its peak, and the trough before the next
    peaks = np.maximum.reduceat(v, upward + 1)
    troughs = np.minimum.reduceat(v, upward + 1)[:-1]
    # down from a peak and up again, each by as much: no noise on the way up of one spike
    swing = np.minimum(peaks[1:], peaks[:-1]) - troughs
    missed = ~armed[1:] & (swing >= rearm) & (swing > 0.0)
    if missed.any():
        deepest = threshold - float(troughs[missed].max())
        warnings.warn(
            f"{int(missed.sum())} of {armed.size} crossings of {threshold:g} mV follow a "
            f"fall by {rearm:g} mV or more and are not counted, since the trace stays above "
            f"{threshold - rearm:g} mV before them; if they are spikes, give rearm below "
            f"{deepest:.3g} mV, or another threshold",
            RunWarning,
            stacklevel=4,  # through the check of arguments, to the caller of detect
        )
