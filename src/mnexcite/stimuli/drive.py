"""All that enters a cell in one lane, sorted by what it enters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from mnexcite.stimuli.events import Train
from mnexcite.stimuli.noise import Noise
from mnexcite.stimuli.waveform import Waveform

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Signal:
    """Hold the sum of a piecewise linear signal and of paths that fluctuate."""

    line: Waveform | None = None
    noises: tuple[Noise, ...] = ()

    def __add__(self, other: Signal) -> Signal:
        lines = [line for line in (self.line, other.line) if line is not None]
        total = lines[0] + lines[1] if len(lines) == 2 else lines[0] if lines else None
        return Signal(total, self.noises + other.noises)

    def between(self, start: float, end: float) -> Waveform:
        """Return the signal in a window, from the last break up to its start [ms]."""
        parts = [noise.between(start, end) for noise in self.noises]
        if self.line is not None:
            parts.insert(0, self.line)
        return reduce(Waveform.__add__, parts)

    @property
    def numbers(self) -> Array:
        """What tells the signal from any other."""
        parts = self.noises if self.line is None else (self.line, *self.noises)
        return np.concatenate([np.empty(0), *(part.numbers for part in parts)])


@dataclass(frozen=True)
class Commands:
    """Hold what a compartment (index) is clamped to [mV]: for all lanes, or one for each."""

    compartment: int
    commands: tuple[Waveform, ...]

    def of(self, lane: int) -> Waveform:
        """Return the command of a lane."""
        return self.commands[lane if len(self.commands) > 1 else 0]


@dataclass(frozen=True, eq=False)
class Drive:
    """Hold what enters a cell, outside its own channels, in the cell's units.

    Attributes
    ----------
    currents, conductances
        One for each compartment, or None. A conductance g(t) that reverses at E stands among
        the conductances with g, and among the currents with g E.
    trains
        What events open, one for each synapse in the cell's order, or None.
    """

    currents: tuple[Signal | None, ...]
    conductances: tuple[Signal | None, ...]
    trains: tuple[Train | None, ...] = ()

    @property
    def noisy(self) -> bool:
        """Whether something fluctuates: its pieces are made window by window."""
        signals = (*self.currents, *self.conductances)
        return any(signal is not None and signal.noises for signal in signals)

    @property
    def numbers(self) -> Array:
        """What tells the drive from any other."""
        found = [np.empty(0)]
        for signal in (*self.currents, *self.conductances):
            found += [np.array([np.nan]), np.empty(0) if signal is None else signal.numbers]
        for train in self.trains:
            found += [np.array([np.inf])]
            if train is not None:
                found += [train.times, train.weights, train.slow[:1], train.fast[:1]]
        return np.concatenate(found)

    def with_trains(self, trains: tuple[Train | None, ...]) -> Drive:
        """Return the drive with other events."""
        return replace(self, trains=trains)
