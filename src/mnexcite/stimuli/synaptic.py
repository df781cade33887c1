"""What synapses do to a cell: conductances, events, and noise that stands for many."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from mnexcite.errors import InputError, array, choice, number, shown, text, whole
from mnexcite.stimuli.events import Events
from mnexcite.stimuli.noise import Noise
from mnexcite.stimuli.shapes import held, sampled, start_time
from mnexcite.stimuli.stimulus import CONDUCTANCES, UNITS, Conductance, Current, Stimulus

SHORTEST_TAU = 1e-3  # ms, of noise
MOST_KNOTS = 1000  # of a path in one correlation time


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
        shape = held(name, g, CONDUCTANCES[unit], start, duration, compartment)
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
    start = start_time(name, start)
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
