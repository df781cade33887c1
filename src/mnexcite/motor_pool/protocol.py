"""What is done to a muscle: it is used, held at a length, shocked, blocked, pressed, heated."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, number, whole
from mnexcite.stimuli import Waveform

Array = NDArray[np.float64]


def _none() -> Waveform:
    return Waveform(np.zeros(1), np.zeros(1), np.zeros(1))


@dataclass(frozen=True)
class Protocol:
    """Hold what is done to a pool; protocols add up: `train(18.0) + length(-1.0)`.

    Attributes
    ----------
    effort
        Excitatory conductance that all motoneurons get [mS/cm2].
    length
        Of the muscle, -1 short to +1 long; 0 where nothing is said.
    inhibition
        Inhibitory conductance of all motoneurons [mS/cm2].
    tendon
        What is put on top of the tendon organs' activity [of that at the greatest force].
    shocks
        Times of stimuli to the motor nerve in the muscle, each of which excites all
        terminals, shape (n,) [ms].
    warmer
        Temperature of the muscle over that of the body [degC].
    block
        Whether the nerve is blocked above the muscle: nothing passes either way.
    """

    effort: Waveform = field(default_factory=_none)
    length: Waveform = field(default_factory=_none)
    inhibition: Waveform = field(default_factory=_none)
    tendon: Waveform = field(default_factory=_none)
    warmer: Waveform = field(default_factory=_none)
    shocks: tuple[float, ...] = ()
    block: bool = False

    def __add__(self, other: Protocol) -> Protocol:
        return Protocol(
            self.effort + other.effort,
            self.length + other.length,
            self.inhibition + other.inhibition,
            self.tendon + other.tendon,
            self.warmer + other.warmer,
            tuple(sorted({*self.shocks, *other.shocks})),
            self.block or other.block,
        )


def train(rate: float, *, count: int = 150, start: float = 0.0) -> Protocol:
    """Return a train of electrical stimuli to the motor nerve.

    Parameters
    ----------
    rate
        Of the stimuli, 0.001 to 200 [Hz].
    count
        How many; 150 are those of the cramp threshold test (Minetto & Botter 2009).
    start
        When the first is given [ms].

    Raises
    ------
    InputError
        If a number is not allowed.

    Examples
    --------
    >>> train(10.0, count=3).shocks
    (0.0, 100.0, 200.0)
    """
    rate = number("train: rate", rate, "0.001 to 200", lowest=1e-3, highest=200.0, unit="Hz")
    count = whole("train: count", count, "1 to 100000", lowest=1, highest=100_000)
    start = number("train: start", start, "0 or more", lowest=0.0, unit="ms")
    return Protocol(shocks=tuple((start + 1000.0 / rate * np.arange(count)).tolist()))


def effort(g: float, *, start: float = 0.0, duration: float = math.inf) -> Protocol:
    """Return a voluntary contraction: a conductance that all motoneurons get.

    Parameters
    ----------
    g
        Conductance, reversing at 0 mV, 0 or more [mS/cm2]: 0.04 gives a weak contraction, 0.1
        recruits all units, 0.6 is near the greatest force.
    start, duration
        When it acts [ms].

    Raises
    ------
    InputError
        If a number is not allowed.
    """
    g = number("effort: g", g, "0 or more", lowest=0.0, unit="mS/cm2")
    return Protocol(effort=_held("effort", g, start, duration))


def length(
    at: float, *, start: float = 0.0, duration: float = math.inf, rise: float = 0.0
) -> Protocol:
    """Return a length at which the muscle is held, on top of others.

    Parameters
    ----------
    at
        -1, as short as it gets, to +1; 0 is the length at rest.
    start, duration
        When [ms].
    rise
        How long the way there takes at a steady speed, within the duration [ms].

    Raises
    ------
    InputError
        If a number is not allowed.
    """
    at = number("length", at, "-2 to 2", lowest=-2.0, highest=2.0)
    held = _held("length", at, start, duration)
    allowed = "0 or more, less than the duration"
    rise = number("length: rise", rise, allowed, lowest=0.0, unit="ms")
    if rise == 0.0:
        return Protocol(length=held)
    begin = float(held.breaks[0])
    if not (rise < duration and begin + rise > begin):
        raise InputError(f"length: rise is {rise:g} of {duration:g} ms; allowed: {allowed}")
    breaks = np.insert(held.breaks, 1, begin + rise)
    first, last = np.insert(held.first, 0, 0.0), np.insert(held.last, 0, at)
    return Protocol(length=Waveform(breaks, first, last))


def inhibition(g: float, *, start: float = 0.0, duration: float = math.inf) -> Protocol:
    """Return an inhibition of all motoneurons.

    Parameters
    ----------
    g
        Conductance, reversing where that of tendon organs does, 0 or more [mS/cm2].
    start, duration
        When [ms].

    Raises
    ------
    InputError
        If a number is not allowed.
    """
    g = number("inhibition: g", g, "0 or more", lowest=0.0, unit="mS/cm2")
    return Protocol(inhibition=_held("inhibition", g, start, duration))


def tendon_shocks(rate: float, *, count: int = 10, start: float = 0.0) -> Protocol:
    """Return electrical stimuli to the tendon: 10 ms of tendon organs' activity each.

    Parameters
    ----------
    rate
        Of the stimuli, 0.001 to 50 [Hz].
    count
        How many.
    start
        When the first is given [ms].

    Raises
    ------
    InputError
        If a number is not allowed.
    """
    allowed = "0.001 to 50"
    rate = number("tendon_shocks: rate", rate, allowed, lowest=1e-3, highest=50.0, unit="Hz")
    count = whole("tendon_shocks: count", count, "1 to 10000", lowest=1, highest=10_000)
    start = number("tendon_shocks: start", start, "0 or more", lowest=0.0, unit="ms")
    on = start + 1000.0 / rate * np.arange(float(count))
    breaks = np.stack([on, on + SHOCK_LASTS], axis=1).reshape(-1)
    values = np.tile([SHOCK, 0.0], count)
    return Protocol(tendon=Waveform(breaks, values, values))


def pressure(p: float, *, start: float = 0.0, duration: float = math.inf) -> Protocol:
    """Return pressure on the muscle, as of massage: to tendon organs it is like tension.

    A stand-in, assumed: massage inhibits motoneurons for as long as it lasts, hard massage more
    (H reflex), and nothing says by what. It acts with the gain and delay of tendon organs.

    Parameters
    ----------
    p
        The tension that inhibits as much, 0 to 10 [of the greatest force].
    start, duration
        When [ms].

    Raises
    ------
    InputError
        If a number is not allowed.

    References
    ----------
    J Orthop Sports Phys Ther 1990, 12:55; Phys Ther 1992, 72:449: direction (authors
    unverified).
    """
    p = number("pressure", p, "0 to 10", lowest=0.0, highest=10.0)
    return Protocol(tendon=_held("pressure", p, start, duration))


def heat(temperature: float, *, start: float = 0.0, duration: float = math.inf) -> Protocol:
    """Return heat or cold on the muscle: its terminals and fibres are at another temperature.

    Motoneurons, the way along the axon, potassium and its pump stay at that of the body, which
    is assumed. It acts from the window on in which it begins.

    Parameters
    ----------
    temperature
        Of the muscle, 20 to 45; 37 is that of the body [degC].
    start, duration
        When [ms].

    Raises
    ------
    InputError
        If a number is not allowed.
    """
    celsius = number("heat", temperature, COLD_TO_HOT, lowest=20.0, highest=45.0, unit="degC")
    return Protocol(warmer=_held("heat", celsius - BODY, start, duration))


def block() -> Protocol:
    """Return a block of the nerve above the muscle: nothing passes, either way."""
    return Protocol(block=True)


#: Of the body, and of a muscle that nobody heats [degC]; what a muscle may be brought to.
BODY, COLD_TO_HOT = 37.0, "20 to 45"
#: What a stimulus to the tendon adds to tendon organs' activity, and for how long [ms].
SHOCK, SHOCK_LASTS = 3.0, 10.0


def _held(name: str, value: float, start: float, duration: float) -> Waveform:
    start = number(f"{name}: start", start, "0 or more", lowest=0.0, unit="ms")
    duration = number(
        f"{name}: duration", duration, "above 0", above=0.0, unit="ms", finite=False
    )
    if math.isinf(duration):
        return Waveform(np.array([start]), np.array([value]), np.array([value]))
    if not start + duration > start:
        raise InputError(f"{name}: duration is lost beside start; allowed: more")
    values = np.array([value, 0.0])
    return Waveform(np.array([start, start + duration]), values, values)
