"""Stimuli by their shape. Each acts on [start, start + duration), in ms."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from mnexcite.errors import InputError
from mnexcite.stimuli.stimulus import UNITS, Current, Stimulus, VoltageClamp
from mnexcite.stimuli.waveform import Waveform, pieces


def step(
    amplitude: float,
    *,
    unit: str,
    start: float = 0.0,
    duration: float = math.inf,
    compartment: str | None = None,
) -> Stimulus:
    """Return a constant current of `amplitude` [`unit`: nA or uA/cm2].

    Raises
    ------
    InputError
        If a number is not finite, the start is negative or the duration not above 0.

    Examples
    --------
    >>> step(0.5, unit="nA", start=20, duration=3000).at([0, 20, 3019, 3020]).tolist()
    [0.0, 0.5, 0.5, 0.0]
    """
    _check("step", amplitude=amplitude)
    _check_times("step", start, duration)
    if math.isinf(duration):
        return _stimulus("step", pieces((start, amplitude, amplitude)), unit, compartment)
    rows = pieces((start, amplitude, amplitude), (start + duration, 0.0, 0.0))
    return _stimulus("step", rows, unit, compartment)


def pulse(
    amplitude: float,
    *,
    unit: str,
    start: float = 0.0,
    duration: float = 1.0,
    compartment: str | None = None,
) -> Stimulus:
    """Return a brief current: a `step` of 1 ms unless told otherwise."""
    return step(amplitude, unit=unit, start=start, duration=duration, compartment=compartment)


def ramp(
    first: float,
    last: float,
    *,
    unit: str,
    start: float = 0.0,
    duration: float,
    compartment: str | None = None,
) -> Stimulus:
    """Return a current that goes from `first` to `last` in a straight line, then ends.

    Examples
    --------
    >>> ramp(0.0, 2.0, unit="nA", duration=100.0).at([0, 50, 100]).tolist()
    [0.0, 1.0, 0.0]
    """
    _check("ramp", first=first, last=last)
    _check_times("ramp", start, duration, finite=True)
    rows = pieces((start, first, last), (start + duration, 0.0, 0.0))
    return _stimulus("ramp", rows, unit, compartment)


def triangle(
    peak: float,
    *,
    unit: str,
    start: float = 0.0,
    duration: float,
    base: float = 0.0,
    compartment: str | None = None,
) -> Stimulus:
    """Return a current from `base` up to `peak` and back within `duration`, then 0.

    Examples
    --------
    >>> triangle(20.0, unit="uA/cm2", duration=10_000.0).at([2500, 5000, 7500]).tolist()
    [10.0, 20.0, 10.0]
    """
    _check("triangle", peak=peak, base=base)
    _check_times("triangle", start, duration, finite=True)
    middle = start + 0.5 * duration
    rows = pieces((start, base, peak), (middle, peak, base), (start + duration, 0.0, 0.0))
    return _stimulus("triangle", rows, unit, compartment)


def train(
    amplitude: float,
    *,
    unit: str,
    rate: float,
    count: int | None = None,
    duration: float | None = None,
    width: float = 1.0,
    start: float = 0.0,
    compartment: str | None = None,
) -> Stimulus:
    """Return pulses of `width` [ms] at `rate` [Hz], `count` of them or for `duration` [ms].

    Raises
    ------
    InputError
        If not exactly one of count and duration is given, or pulses would overlap.

    Examples
    --------
    >>> train(1.0, unit="nA", rate=100.0, count=2, width=1.0).at([0, 1, 10, 11, 20]).tolist()
    [1.0, 0.0, 1.0, 0.0, 0.0]
    """
    _check("train", amplitude=amplitude, rate=rate, width=width)
    _check_times("train", start, math.inf if duration is None else duration)
    if rate <= 0 or width <= 0 or width >= 1e3 / rate:
        raise InputError(
            f"train: rate {rate:g} Hz and width {width:g} ms; allowed: both above 0, and the "
            "width below the interval of 1000 / rate ms"
        )
    if (count is None) == (duration is None):
        raise InputError("train: give count or duration, one of the two")
    number = math.ceil(duration * rate * 1e-3 - 1e-9) if count is None else count  # type: ignore[operator]
    if number < 1:
        raise InputError(f"train: {number} pulses; allowed: 1 or more")
    onsets = start + np.arange(float(number)) * (1e3 / rate)
    breaks = np.stack([onsets, onsets + width], axis=1).ravel()
    values = np.tile([float(amplitude), 0.0], number)
    return _stimulus("train", Waveform(breaks, values, values), unit, compartment)


def sampled(
    values: ArrayLike,
    *,
    unit: str,
    every: float | None = None,
    times: ArrayLike | None = None,
    start: float = 0.0,
    compartment: str | None = None,
) -> Stimulus:
    """Return a current given by samples, each held until the next.

    Parameters
    ----------
    values
        Samples, shape (n,) [`unit`].
    every
        Interval of the samples [ms]; the last is held for as long, then the current is 0.
    times
        Times of the samples instead, shape (n,), increasing; the last is held for ever.

    Raises
    ------
    InputError
        If shapes differ, values are not finite or times do not increase.
    """
    values = np.atleast_1d(np.asarray(values, dtype=float))
    if values.ndim != 1 or not values.size or not np.all(np.isfinite(values)):
        raise InputError("sampled: values need one dimension, one sample or more, all finite")
    if (every is None) == (times is None):
        raise InputError("sampled: give every or times, one of the two")
    if every is not None:
        _check_times("sampled", start, every, finite=True)
        breaks = start + every * np.arange(values.size + 1.0)
        values = np.append(values, 0.0)
    else:
        breaks = np.atleast_1d(np.asarray(times, dtype=float)) + start
        good = breaks.shape == values.shape and np.all(np.isfinite(breaks))
        if not good or breaks[0] < 0 or np.any(np.diff(breaks) <= 0):
            raise InputError(
                f"sampled: {breaks.size} times for {values.size} values; allowed: one "
                "increasing time from 0 on for each value"
            )
    return _stimulus("sampled", Waveform(breaks, values, values), unit, compartment)


def voltage_clamp(
    holding: float,
    *steps: tuple[float, float, float] | tuple[float, float, float, float],
    compartment: str | None = None,
) -> VoltageClamp:
    """Return a voltage clamp: `holding` [mV], and steps or ramps away from it.

    Parameters
    ----------
    holding
        Command between the steps [mV].
    *steps
        (start, duration, level), or (start, duration, level, end level) for a ramp
        [ms, ms, mV, mV], in order of time.
    compartment
        The clamped compartment; the first one by default. Others stay free.

    Raises
    ------
    InputError
        If steps overlap or leave -150 to 100 mV.

    Examples
    --------
    >>> voltage_clamp(-70.0, (10.0, 50.0, 0.0)).command.at([0, 10, 60]).tolist()
    [-70.0, 0.0, -70.0]
    """
    rows, end = [(0.0, float(holding), float(holding))], 0.0
    for given in steps:
        start, duration, level = given[:3]
        stop = given[3] if len(given) == 4 else level
        _check("voltage_clamp", level=level, stop=stop)
        _check_times("voltage_clamp", start, duration, finite=True)
        if start < end:
            raise InputError(
                f"voltage_clamp: a step starts at {start:g} ms, before the last one ends at "
                f"{end:g} ms; give steps in order that do not overlap"
            )
        end = start + duration
        rows = [row for row in rows if row[0] != start]
        rows += [
            (float(start), float(level), float(stop)),
            (end, float(holding), float(holding)),
        ]
    levels = [value for row in rows for value in row[1:]]
    if not all(-150.0 <= value <= 100.0 for value in levels):
        raise InputError(
            f"voltage_clamp: levels from {min(levels):g} to {max(levels):g} mV; allowed: -150 "
            "to 100"
        )
    return VoltageClamp(pieces(*rows), compartment)


def _stimulus(shape: str, waveform: Waveform, unit: str, compartment: str | None) -> Stimulus:
    if unit not in UNITS:
        raise InputError(f"{shape}: unit is {unit!r}; allowed: {', '.join(UNITS)}")
    return Stimulus((Current(waveform, unit, compartment),))


def _check(shape: str, **numbers: float) -> None:
    for name, value in numbers.items():
        if not math.isfinite(value):
            raise InputError(f"{shape}: {name} is {value!r}; allowed: a finite number")


def _check_times(shape: str, start: float, duration: float, finite: bool = False) -> None:
    if not (math.isfinite(start) and start >= 0):
        raise InputError(f"{shape}: start is {start!r} ms; allowed: 0 or more")
    if not duration > 0 or (finite and math.isinf(duration)):
        raise InputError(f"{shape}: duration is {duration!r} ms; allowed: above 0")
