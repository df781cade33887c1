"""Stimuli by their shape. Each acts on [start, start + duration), in ms."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import InputError, array, check_memory, number, shown, whole
from mnexcite.stimuli.stimulus import UNITS, Current, Stimulus, VoltageClamp
from mnexcite.stimuli.waveform import Waveform, pieces

SLOWEST = 1e-9  # Hz, of a train; below, intervals are beyond all runs


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
    return held("step", amplitude, unit, start, duration, compartment)


def pulse(
    amplitude: float,
    *,
    unit: str,
    start: float = 0.0,
    duration: float = 1.0,
    compartment: str | None = None,
) -> Stimulus:
    """Return a brief current: a `step` of 1 ms unless told otherwise."""
    return held("pulse", amplitude, unit, start, duration, compartment)


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
    first = number("ramp: first", first, unit=_unit("ramp", unit))
    last = number("ramp: last", last, unit=unit)
    start, duration = start_time("ramp", start), _finite_duration("ramp", duration)
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
    peak = number("triangle: peak", peak, unit=_unit("triangle", unit))
    base = number("triangle: base", base, unit=unit)
    start, duration = start_time("triangle", start), _finite_duration("triangle", duration)
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

    A pulse that is on at the end of the duration ends with it.

    Raises
    ------
    InputError
        If not exactly one of count and duration is given, or pulses would overlap.

    Examples
    --------
    >>> train(1.0, unit="nA", rate=100.0, count=2, width=1.0).at([0, 1, 10, 11, 20]).tolist()
    [1.0, 0.0, 1.0, 0.0, 0.0]
    """
    amplitude = number("train: amplitude", amplitude, unit=_unit("train", unit))
    rate = number("train: rate", rate, unit="Hz")
    width, start = number("train: width", width, unit="ms"), start_time("train", start)
    if rate <= 0 or width <= 0 or width >= 1e3 / rate:
        raise InputError(
            f"train: rate {rate:g} Hz and width {width:g} ms; allowed: both above 0, and the "
            "width below the interval of 1000 / rate ms"
        )
    number("train: rate", rate, f"{SLOWEST:g} or more", lowest=SLOWEST, unit="Hz")
    if (count is None) == (duration is None):
        raise InputError("train: give count or duration, one of the two")
    end = math.inf
    if duration is not None:
        duration = _finite_duration("train", duration)
        end = start + duration
        check_memory(
            f"train: {duration:g} ms at {rate:g} Hz",
            8e-3 * duration * rate,
            "take a shorter duration or a lower rate",
        )
        count = max(1, math.ceil(duration * rate * 1e-3 - 1e-9))
    pulses = whole("train: count", count, "whole numbers from 1 on")
    check_memory(f"train: {pulses} pulses", 8.0 * min(pulses, 2**500), "take fewer pulses")
    onsets = start + np.arange(float(pulses)) * (1e3 / rate)
    breaks = np.stack([onsets, np.minimum(onsets + width, end)], axis=1).ravel()
    values = np.tile([amplitude, 0.0], pulses)
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
    values = _samples("values", values, _unit("sampled", unit))
    start = start_time("sampled", start)
    if (every is None) == (times is None):
        raise InputError("sampled: give every or times, one of the two")
    if every is not None:
        every = number("sampled: every", every, "above 0", above=0.0, unit="ms")
        breaks = start + every * np.arange(values.size + 1.0)
        values = np.append(values, 0.0)
    else:
        breaks = _samples("times", times, "ms") + start
        if breaks.size != values.size:
            raise InputError(
                f"sampled: {breaks.size} times for {values.size} values; allowed: one for each"
            )
        if breaks[0] < 0 or np.any(np.diff(breaks) <= 0):
            raise InputError("sampled: times do not increase; allowed: from 0 on, increasing")
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
    holding = number("voltage_clamp: holding", holding, unit="mV")
    rows, end = [(0.0, holding, holding)], 0.0
    for given in steps:
        listed = isinstance(given, tuple | list) or np.ndim(given) == 1
        if not listed or len(given) not in (3, 4):
            raise InputError(
                f"voltage_clamp: a step is {shown(given)}; allowed: (start, duration, level) "
                "or (start, duration, level, end level)"
            )
        start = start_time("voltage_clamp", given[0])
        duration = _finite_duration("voltage_clamp", given[1])
        level = number("voltage_clamp: level", given[2], unit="mV")
        stop = number("voltage_clamp: end level", given[-1], unit="mV")
        if math.isclose(start, end, rel_tol=1e-12):
            start = end  # 0.1 + 0.2 is meant to be 0.3
        if start < end:
            raise InputError(
                f"voltage_clamp: a step starts at {start:g} ms, before the last one ends at "
                f"{end:g} ms; give steps in order that do not overlap"
            )
        end = start + duration
        rows = [row for row in rows if row[0] != start]
        rows += [(start, level, stop), (end, holding, holding)]
    levels = [value for row in rows for value in row[1:]]
    if not all(-150.0 <= value <= 100.0 for value in levels):
        raise InputError(
            f"voltage_clamp: levels from {min(levels):g} to {max(levels):g} mV; allowed: -150 "
            "to 100"
        )
    return VoltageClamp(pieces(*rows), compartment)


def _stimulus(shape: str, waveform: Waveform, unit: str, compartment: str | None) -> Stimulus:
    return Stimulus((Current(waveform, _unit(shape, unit), compartment),))


def _unit(shape: str, unit: str) -> str:
    if not isinstance(unit, str) or unit not in UNITS:
        raise InputError(f"{shape}: unit is {shown(unit)}; allowed: {', '.join(UNITS)}")
    return unit


def held(
    shape: str,
    amplitude: float,
    unit: str,
    start: float,
    duration: float,
    compartment: str | None,
) -> Stimulus:
    """Return a current that is constant for a while."""
    amplitude = number(f"{shape}: amplitude", amplitude, unit=_unit(shape, unit))
    start = start_time(shape, start)
    rows = [(start, amplitude, amplitude)]
    length = number(
        f"{shape}: duration", duration, "above 0", above=0.0, unit="ms", finite=False
    )
    if length != math.inf:
        end = start + length
        rows.append((end, 0.0, 0.0))
    return _stimulus(shape, pieces(*rows), unit, compartment)


def start_time(shape: str, start: float) -> float:
    """Return when a shape begins [ms], checked."""
    return number(f"{shape}: start", start, "0 or more", lowest=0.0, unit="ms")


def _finite_duration(shape: str, duration: float) -> float:
    return number(f"{shape}: duration", duration, "above 0 and finite", above=0.0, unit="ms")


def _samples(name: str, given: ArrayLike | None, unit: str) -> NDArray[np.float64]:
    allowed = "finite numbers in one dimension, one or more"
    return np.atleast_1d(
        array(f"sampled: {name}", given, allowed, ndim=(0, 1), least=1, unit=unit)
    )
