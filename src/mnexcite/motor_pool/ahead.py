"""What is known of a run before it comes to it: the protocol, and all that fluctuates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine.feeding import Pulses
from mnexcite.motor_pool.noise import BLOCK, Fluctuations, Rhythm, kicks
from mnexcite.motor_pool.protocol import Protocol
from mnexcite.motor_pool.spindles import Spindles

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: What a stimulus to the nerve or a spike that arrives puts into a terminal [uA/cm2, ms].
TO_TERMINAL, TO_TERMINAL_LASTS = 80.0, 0.5
KICK_LASTS = 1.0
LONGEST = max(TO_TERMINAL_LASTS, KICK_LASTS)


@dataclass(frozen=True, eq=False)
class Span:
    """Hold what is known of some windows.

    `t`: each ms, the last one included; `own`: noise, units x ms; `known`: noise that all
    share, length, effort, inhibition, tendon, spindles, 6 x ms; `pulses` into terminals, of
    ascending start.
    """

    t: Array
    own: Array
    known: Array
    pulses: Pulses

    @property
    def length(self) -> Array:
        """Of the muscle, at each ms."""
        return self.known[1]

    def between(self, start: float, until: float) -> Pulses:
        """Return the pulses that may act in a window."""
        first, last = self.pulses.start.searchsorted((start - LONGEST, until)).tolist()
        return self.pulses.of(slice(first, last))


def joined(*some: Pulses) -> Pulses:
    """Return the pulses of all."""
    lane, start, end, height = (np.concatenate(side) for side in zip(*some, strict=True))
    return Pulses(lane, start, end, height)


class Ahead:
    """Find span after span of some windows each, as a run comes to them."""

    def __init__(
        self,
        units: Index,
        protocol: Protocol,
        numbers: Mapping[str, float],
        seed: int,
        step: int,
    ) -> None:
        self._units, self._seed, self._numbers = units, seed, numbers
        self._late = numbers["golgi.delay"]
        self._length = step * math.ceil(BLOCK / step)
        self._protocol, self._shocks = protocol, np.array(protocol.shocks)
        rhythm = Rhythm(numbers["common.frequency"], numbers["common.damping"])
        self._noise = Fluctuations(units, seed, numbers["noise.tau"], rhythm)
        self._spindles = Spindles(protocol.length, numbers)
        # block of time -> its kicks
        self._kicked: dict[int, Pulses] = {}

    def span(self, first: int) -> Span:
        """Return the next span, from a ms on where the last one ended."""
        last, said = first + self._length, self._protocol
        t = np.arange(float(first), last + 1.0)
        own, common = self._noise.between(first, last)
        waves = said.length, said.effort, said.inhibition
        spindles = np.zeros(t.size) if self._spindles.silent else self._spindles.at(t)
        tendon = said.tendon.at(t - self._late)
        known = np.array([common, *(wave.at(t) for wave in waves), tendon, spindles])
        return Span(t, np.ascontiguousarray(own), known, self._pulses(first, last))

    def _pulses(self, first: int, last: int) -> Pulses:
        """Return the stimuli to the nerve, on all terminals, and the chance kicks of a span."""
        a, b = self._shocks.searchsorted((first - TO_TERMINAL_LASTS, last))
        units, times = np.arange(self._units.size), self._shocks[a:b]
        lane, start = np.tile(units, times.size), np.repeat(times, units.size)
        shocks = Pulses(lane, start, start + TO_TERMINAL_LASTS, np.full(lane.size, TO_TERMINAL))
        blocks = range(max(0, int(first - KICK_LASTS) // BLOCK), last // BLOCK + 1)
        self._kicked = {k: self._kicked.get(k) or self._kicks(k) for k in blocks}
        found = joined(shocks, *self._kicked.values())
        return found.of(found.start.argsort())

    def _kicks(self, block: int) -> Pulses:
        rate, mean = self._numbers["twitches.rate"], self._numbers["twitches.current"]
        lane, time, height = kicks(self._units, self._seed, block, rate, mean)
        return Pulses(lane, time, time + KICK_LASTS, height)
