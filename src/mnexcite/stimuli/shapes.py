"""Stimuli by their shape. Each acts on [start, start + duration), in ms."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import InputError, array, check_memory, choice, number, shown, text, whole
from mnexcite.stimuli.events import Events
from mnexcite.stimuli.noise import Noise
from mnexcite.stimuli.stimulus import (
    CONDUCTANCES,
    UNITS,
    Conductance,
    Current,
    Stimulus,
    VoltageClamp,
)
from mnexcite.stimuli.waveform import Waveform, pieces

SLOWEST = 1e-9  # Hz, of a train; below, intervals are beyond all runs
SHORTEST_TAU = 1e-3  # ms, of noise
MOST_KNOTS = 1000  # of a path in one correlation time


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
    return _held("step", amplitude, unit, start, duration, compartment)


def pulse(
    amplitude: float,
    *,
    unit: str,
    start: float = 0.0,
    duration: float = 1.0,
    compartment: str | None = None,
) -> Stimulus:
    """Return a brief current: a `step` of 1 ms unless told otherwise."""
    return _held("pulse", amplitude, unit, start, duration, compartment)


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
    start, duration = _start("ramp", start), _finite_duration("ramp", duration)
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
    start, duration = _start("triangle", start), _finite_duration("triangle", duration)
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
    width, start = number("train: width", width, unit="ms"), _start("train", start)
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
    start = _start("sampled", start)
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


def conductance(
    g: float | ArrayLike,
    *,
    unit: str,
    E: float,
    start: float = 0.0,
    duration: float = math.inf,
    every: float | None = None,
    times: ArrayLike | None = None,
    compartment: str | None = None,
) -> Stimulus:
    """Return a conductance g(t) x (v - E) that enters the cell, as an inhibitory pulse does.

    Parameters
    ----------
    g
        Conductance [`unit`]: one value from `start` on for `duration` [ms], or samples, shape
        (n,), that are held as those of `sampled` are, with `every` or `times`.
    unit
        mS/cm2 or uS.
    E
        Reversal potential [mV].
    start, duration
        When it acts [ms]; with `times` or `every` the duration is theirs.
    every, times
        Of samples, as `sampled` takes them.
    compartment
        What it enters; the first compartment by default.

    Raises
    ------
    InputError
        If a number is not allowed.

    Examples
    --------
    >>> import mnexcite as mx
    >>> cell = mx.cells.purvis_butera_2005().scaled({"NaP.g": 2.0, "K.g": 0.5})
    >>> stop = conductance(0.5, unit="uS", E=-75.0, start=200.0, duration=100.0)
    >>> [mx.simulate(cell, s, duration=300.0).spike_times.size for s in (None, stop)]
    [3, 2]
    """
    unit = choice("conductance: unit", unit, CONDUCTANCES)
    E = number("conductance: E", E, "a finite number in mV", unit="mV")
    name = "conductance"
    if every is None and times is None:
        g = number("conductance: g", g, "0 or more", lowest=0.0, unit=unit)
        shape = _held(name, g, CONDUCTANCES[unit], start, duration, compartment)
    else:
        allowed = "0 or more, in one dimension"
        g = array("conductance: g", g, allowed, ndim=(1,), least=1, lowest=0.0, unit=unit)
        shape = sampled(g, unit=CONDUCTANCES[unit], every=every, times=times, start=start)
    waveform = shape.currents[0].waveform
    return Stimulus(conductances=(Conductance(waveform, unit, E, compartment),))


def events(
    synapse: str,
    times: ArrayLike,
    *,
    weights: float | ArrayLike = 1.0,
    delay: float = 0.0,
    compartment: str | None = None,
) -> Stimulus:
    """Return events that open a synapse of the cell, each at its exact time.

    Parameters
    ----------
    synapse
        The synapse's name.
    times
        When the events set off, in any order, shape (n,) [ms]: numbers or a spike train.
    weights
        How much each opens, 0 or more: one for all or one for each.
    delay
        What passes until they arrive [ms].
    compartment
        Whose synapse it is, where several have one of that name.

    Raises
    ------
    InputError
        If times or weights are not allowed, or their numbers differ.

    Examples
    --------
    >>> import mnexcite as mx
    >>> ampa = mx.channels.Synapse("AMPA", g=0.03, E=0.0, decay=3.0, rise=0.5)
    >>> cell = mx.cells.purvis_butera_2005().with_synapse(ampa)
    >>> volley = mx.stimuli.events("AMPA", [10.0, 12.0, 60.0], weights=[1.0, 1.0, 3.0])
    >>> mx.simulate(cell, volley, duration=100.0).spike_times.round(1).tolist()
    [11.1, 60.7]
    """
    synapse = text("events: synapse", synapse, "the name of a synapse")
    delay = number("events: delay", delay, "0 or more", lowest=0.0, unit="ms")
    allowed = "times from 0 on, in one dimension"
    at = np.atleast_1d(
        array("events: times", times, allowed, ndim=(0, 1), lowest=0.0, unit="ms")
    )
    allowed = "0 or more, one for all or one for each event"
    each = array("events: weights", weights, allowed, ndim=(0, 1), lowest=0.0)
    if each.ndim and each.size != at.size:
        raise InputError(f"events: {each.size} weights for {at.size} times; allowed: {allowed}")
    each = np.broadcast_to(each, at.shape)
    return Stimulus(events=(Events(synapse, at + delay, np.array(each), compartment),))


def ornstein_uhlenbeck(
    sd: float,
    *,
    unit: str,
    tau: float,
    mean: float = 0.0,
    E: float | None = None,
    start: float = 0.0,
    duration: float = math.inf,
    every: float | None = None,
    shared: float = 0.0,
    seed: int | None = None,
    compartment: str | None = None,
) -> Stimulus:
    """Return a current or conductance that fluctuates, the usual stand-in for many synapses.

    An Ornstein-Uhlenbeck process in its stationary state: normally distributed, with
    correlation `exp(-abs(lag) / tau)`. It is exact at knots `every` so often and a straight
    line between them. A knot follows from seed, lane and its number alone: every method, step,
    window and number of threads integrates the same path.

    Parameters
    ----------
    sd, mean
        Standard deviation and mean [`unit`]. A conductance is 0 where it would be below.
    unit
        nA or uA/cm2; uS or mS/cm2 for a conductance, with `E`.
    tau
        Correlation time [ms].
    E
        Reversal potential of a conductance [mV].
    start, duration
        When it acts [ms]; without a duration to the end of the run.
    every
        Interval of the knots [ms]; default a tenth of `tau`, at most 1.
    shared
        Correlation between the lanes of a run, 0 to 1: common drive.
    seed
        Of frozen noise: all lanes and points get the same path. Left out, each has its own,
        by the seed of `simulate` or `sweep`. Several in one stimulus differ all the same.
    compartment
        Where it enters; the first compartment by default.

    Raises
    ------
    InputError
        If a number is out of range.

    References
    ----------
    Gillespie 1996 (Phys Rev E 54:2084), the exact update; Destexhe et al. 2001
    (Neuroscience 107:13), its use for synaptic noise, as conductances too.

    Examples
    --------
    >>> import mnexcite as mx
    >>> noise = ornstein_uhlenbeck(4.0, unit="uA/cm2", tau=5.0, mean=4.0)
    >>> cell = mx.cells.hodgkin_huxley_1952()
    >>> lanes = mx.simulate(cell, noise, duration=200.0, parameters={"Na.g": [120.0, 120.0]})
    >>> [train.size for train in lanes.spike_times]
    [11, 9]
    """
    name = "ornstein_uhlenbeck"
    units = UNITS if E is None else tuple(CONDUCTANCES)
    if not isinstance(unit, str) or unit not in units:
        known = f"{', '.join(units)} {'without' if E is None else 'with'} E"
        raise InputError(f"{name}: unit is {shown(unit)}; allowed: {known}")
    sd = number(f"{name}: sd", sd, "0 or more", lowest=0.0, unit=unit)
    mean = number(f"{name}: mean", mean, unit=unit)
    tau = number(
        f"{name}: tau", tau, f"{SHORTEST_TAU:g} or more", lowest=SHORTEST_TAU, unit="ms"
    )
    if every is None:
        every = min(0.1 * tau, 1.0)
    every = number(
        f"{name}: every",
        every,
        f"{tau / MOST_KNOTS:g} to {tau:g}, the tau",
        lowest=tau / MOST_KNOTS,
        highest=tau,
        unit="ms",
    )
    start = _start(name, start)
    length = number(
        f"{name}: duration", duration, "above 0", above=0.0, unit="ms", finite=False
    )
    shared = number(f"{name}: shared", shared, "0 to 1", lowest=0.0, highest=1.0)
    if seed is not None:
        seed = whole(
            f"{name}: seed", seed, "a whole number, 0 or more", lowest=0, highest=2**63
        )
    path = Noise(
        sd,
        mean,
        tau,
        every,
        start,
        start + length,
        shared,
        positive=E is not None,
        seed=seed,
    )
    if E is None:
        return Stimulus((Current(path, unit, compartment),))
    E = number(f"{name}: E", E, "a finite number in mV", unit="mV")
    return Stimulus(conductances=(Conductance(path, unit, E, compartment),))


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
        start = _start("voltage_clamp", given[0])
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


def _held(
    shape: str,
    amplitude: float,
    unit: str,
    start: float,
    duration: float,
    compartment: str | None,
) -> Stimulus:
    amplitude = number(f"{shape}: amplitude", amplitude, unit=_unit(shape, unit))
    start = _start(shape, start)
    rows = [(start, amplitude, amplitude)]
    length = number(
        f"{shape}: duration", duration, "above 0", above=0.0, unit="ms", finite=False
    )
    if length != math.inf:
        end = start + length
        rows.append((end, 0.0, 0.0))
    return _stimulus(shape, pieces(*rows), unit, compartment)


def _start(shape: str, start: float) -> float:
    return number(f"{shape}: start", start, "0 or more", lowest=0.0, unit="ms")


def _finite_duration(shape: str, duration: float) -> float:
    return number(f"{shape}: duration", duration, "above 0 and finite", above=0.0, unit="ms")


def _samples(name: str, given: ArrayLike | None, unit: str) -> NDArray[np.float64]:
    allowed = "finite numbers in one dimension, one or more"
    return np.atleast_1d(
        array(f"sampled: {name}", given, allowed, ndim=(0, 1), least=1, unit=unit)
    )
