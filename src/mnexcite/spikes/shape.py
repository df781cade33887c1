"""Measure one spike of a voltage trace."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from mnexcite.errors import InputError, checked
from mnexcite.spikes.arrays import FloatArray, number, trace

#: What each status of `SpikeShape` means and what to do.
SHAPE_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "ok": "all numbers are defined",
        "no_peak": "the trace ends before the peak: only the threshold can be known; "
        "record longer or raise stop",
        "no_threshold": "the rise never passes slope, or the trace starts within it: "
        "threshold, amplitude and half-width are undefined; lower slope or start earlier",
        "no_fall": "the voltage does not fall through half height before the next spike or "
        "the end: the half-width is undefined, and in a block also fall and "
        "after-hyperpolarisation; record longer or raise stop",
        "no_ahp": "the trace ends before the minimum after the spike: the "
        "after-hyperpolarisation is undefined; record longer or raise stop",
    }
)


@dataclass(frozen=True)
class SpikeShape:
    """Describe the shape of one spike.

    A number that is undefined is NaN; `status` then is not "ok" and `sentence` says why.

    Parameters
    ----------
    peak
        Voltage of the peak [mV], of the parabola through the three highest samples.
    peak_time
        Time of the peak [ms].
    threshold
        Voltage at which dV/dt passes `slope` on the way up [mV].
    threshold_time
        Time of the threshold [ms].
    amplitude
        Peak less threshold [mV].
    half_width
        Time above threshold + amplitude/2 [ms].
    max_rise, max_fall
        Steepest dV/dt before the peak, and after it (negative) [mV/ms].
    ahp
        Minimum of the after-hyperpolarisation: the lowest voltage between the peak and
        the next spike, `stop` or the end of the trace [mV].
    ahp_delay
        Time from the peak to that minimum [ms].
    status
        Key of `SHAPE_STATUSES`; the first that applies.
    """

    peak: float = field(default=math.nan, metadata={"unit": "mV"})
    peak_time: float = field(default=math.nan, metadata={"unit": "ms"})
    threshold: float = field(default=math.nan, metadata={"unit": "mV"})
    threshold_time: float = field(default=math.nan, metadata={"unit": "ms"})
    amplitude: float = field(default=math.nan, metadata={"unit": "mV"})
    half_width: float = field(default=math.nan, metadata={"unit": "ms"})
    max_rise: float = field(default=math.nan, metadata={"unit": "mV/ms"})
    max_fall: float = field(default=math.nan, metadata={"unit": "mV/ms"})
    ahp: float = field(default=math.nan, metadata={"unit": "mV"})
    ahp_delay: float = field(default=math.nan, metadata={"unit": "ms"})
    status: str = "ok"

    @property
    def sentence(self) -> str:
        """What the status means and what to do."""
        return SHAPE_STATUSES[self.status]


@checked
def shape(
    t: ArrayLike,
    v: ArrayLike,
    spike_time: float,
    *,
    slope: float = 10.0,
    rearm: float = 10.0,
    stop: float | None = None,
) -> SpikeShape:
    """Measure the spike that crosses its detection threshold at `spike_time`.

    The threshold is searched from the crossing backwards, so that a stimulus artefact
    before the spike is not taken for it. Threshold by dV/dt and width at half of the
    height above it follow Druckmann et al. 2013, Cereb Cortex 23:2994, supplement (with
    12 mV/ms there). The after-hyperpolarisation is the lowest voltage up to the next spike,
    and where the stimulus ends before, give its end as `stop`: what follows is not the cell's
    own. eFEL tells a first trough from a slow one, of which this is the lower.

    Parameters
    ----------
    t
        Times of the samples [ms], shape (samples,), strictly increasing.
    v
        Voltage [mV], shape (samples,).
    spike_time
        Time of the upward crossing [ms], as `detect` returns it.
    slope
        dV/dt at the threshold [mV/ms].
    rearm
        How far below the crossing the spike is over [mV], as for `detect`.
    stop
        End of the search [ms], such as the end of a stimulus; None: end of the trace.

    Returns
    -------
    SpikeShape
        Its `status` says what is missing.

    Raises
    ------
    InputError
        If the trace is not finite or not increasing in time, or does not rise at
        `spike_time`.

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite.spikes import detect, shape
    >>> t = np.arange(0.0, 40.0, 0.01)
    >>> v = -70 + 100 * np.exp(-((t - 10) ** 2)) - 8 * np.exp(-(((t - 18) / 4) ** 2))
    >>> found = shape(t, v, detect(t, v)[0])
    >>> round(found.peak, 1), round(found.ahp, 1), found.status
    (29.9, -78.0, 'ok')
    """
    times, volts = trace(t, v)
    spike_time = number("spike_time", spike_time, "ms")
    slope = number("slope", slope, "mV/ms", above=0.0)
    rearm = number("rearm", rearm, "mV", low=0.0)
    k = _crossing(times, volts, spike_time)
    if stop is not None:
        stop = number("stop", stop, "ms", above=spike_time)
        kept = max(int(np.searchsorted(times, stop, side="right")), k + 1)
        times, volts = times[:kept], volts[:kept]
    level = float(np.interp(spike_time, times, volts))
    over, end = _ends(volts, k, level, rearm)
    top = k + int(np.argmax(volts[k:over]))
    slopes = np.diff(volts) / np.diff(times)
    foot = _foot(slopes, k, top, slope)
    threshold, threshold_time = _threshold(times, volts, slopes, foot, slope)
    if top + 1 == volts.size:
        return SpikeShape(threshold=threshold, threshold_time=threshold_time, status="no_peak")

    peak, peak_time = _vertex(times, volts, top)
    width = _width(times, volts, top, end, (threshold + peak) / 2)
    low = top + int(np.argmin(volts[top:end]))
    has_ahp = over < volts.size and low + 1 < volts.size
    ahp, ahp_time = _vertex(times, volts, low) if has_ahp else (math.nan, math.nan)
    if foot is None:
        status = "no_threshold"
    elif math.isnan(width):
        status = "no_fall"
    else:
        status = "ok" if has_ahp else "no_ahp"
    return SpikeShape(
        peak=peak,
        peak_time=peak_time,
        threshold=threshold,
        threshold_time=threshold_time,
        amplitude=peak - threshold,
        half_width=width,
        max_rise=float(slopes[(k - 1 if foot is None else foot) : top].max()),
        max_fall=float(slopes[top:end].min()) if over < volts.size else math.nan,
        ahp=ahp,
        ahp_delay=ahp_time - peak_time,
        status=status,
    )


def _crossing(t: FloatArray, v: FloatArray, spike_time: float) -> int:
    """Return the first sample at or after the spike time."""
    if not t[0] < spike_time <= t[-1]:
        raise InputError(
            f"spike_time is {spike_time:g} ms; allowed: after {t[0]:g} and up to {t[-1]:g} ms, "
            "the times of the trace"
        )
    k = int(np.searchsorted(t, spike_time))
    if v[k] <= v[k - 1]:
        raise InputError(
            f"the trace does not rise at spike_time {spike_time:g} ms; give the time of an "
            "upward crossing, as detect() returns it"
        )
    return k


def _ends(v: FloatArray, k: int, level: float, rearm: float) -> tuple[int, int]:
    """Return where the spike is over and where the next one starts (or the size of v)."""
    low = np.flatnonzero(v[k:] < level - rearm)
    if not low.size:
        return v.size, v.size
    over = k + int(low[0])
    up = np.flatnonzero(v[over:] >= level)
    return over, over + int(up[0]) if up.size else v.size


def _foot(slopes: FloatArray, k: int, top: int, slope: float) -> int | None:
    """Return the first interval of the upstroke that is as steep as `slope`."""
    steep = np.flatnonzero(slopes[k - 1 : top] >= slope)
    if not steep.size:
        return None
    flat = np.flatnonzero(slopes[: k - 1 + steep[0]] < slope)
    return int(flat[-1]) + 1 if flat.size else None


def _threshold(
    t: FloatArray, v: FloatArray, slopes: FloatArray, foot: int | None, slope: float
) -> tuple[float, float]:
    """Return voltage and time at which dV/dt, known at mid-intervals, passes `slope`."""
    if foot is None:
        return math.nan, math.nan
    before, after = (t[foot - 1] + t[foot]) / 2, (t[foot] + t[foot + 1]) / 2
    fraction = (slope - slopes[foot - 1]) / (slopes[foot] - slopes[foot - 1])
    time = float(before + fraction * (after - before))
    return float(np.interp(time, t, v)), time


def _vertex(t: FloatArray, v: FloatArray, i: int) -> tuple[float, float]:
    """Return height and time of the vertex of the parabola through three samples.

    `i` is the first of the highest or lowest samples, so the parabola does bend.
    """
    left, right = np.diff(v[i - 1 : i + 2]) / np.diff(t[i - 1 : i + 2])
    bend = (right - left) / (t[i + 1] - t[i - 1])
    time = (t[i - 1] + t[i]) / 2 - left / (2 * bend)
    height = v[i - 1] + (time - t[i - 1]) * (left + bend * (time - t[i]))
    return float(height), float(time)


def _width(t: FloatArray, v: FloatArray, top: int, end: int, level: float) -> float:
    """Return the time above `level` around the peak [ms], NaN if one side is missing."""
    up = np.flatnonzero(v[:top] < level)
    down = np.flatnonzero(v[top:end] < level)
    if not (up.size and down.size):
        return math.nan
    a, b = int(up[-1]), top + int(down[0])
    rise = t[a] + (level - v[a]) / (v[a + 1] - v[a]) * (t[a + 1] - t[a])
    fall = t[b - 1] + (v[b - 1] - level) / (v[b - 1] - v[b]) * (t[b] - t[b - 1])
    return float(fall - rise)
