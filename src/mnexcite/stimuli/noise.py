"""Currents and conductances that fluctuate: a path that any window can ask for."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from mnexcite.kernels.compiled import load
from mnexcite.stimuli import _noise_kernel
from mnexcite.stimuli.waveform import Waveform

Array = NDArray[np.float64]

#: Time constants after which a path has forgotten where it began: exp(-42) is below a rounding.
FORGOTTEN = 42.0
FEWEST = 256  # knots of a block
#: The lane whose path all lanes share.
COMMON = 2**64 - 1


@dataclass(frozen=True)
class Noise:
    """Hold an Ornstein-Uhlenbeck path: exact at its knots, a straight line between them.

    The path is a function of (seed, lane, stream) and time alone: each knot belongs to a block
    of knots, drawn by counter, and the recursion that leads to it begins one block earlier, in
    a stationary draw. So any window, in any order, sees the same bits, and none needs memory
    of what came before. `lane` and `seed` are None until a run gives them.

    Attributes
    ----------
    sd, mean
        Of the stationary process.
    tau, every
        Correlation time, and interval of the knots [ms].
    start, end
        The path is 0 outside [ms].
    shared
        Correlation between lanes, 0 to 1.
    positive
        Whether knots below 0 are put at 0, as for a conductance.
    gain
        Multiplies the path.
    """

    sd: float
    mean: float
    tau: float
    every: float
    start: float = 0.0
    end: float = math.inf
    shared: float = 0.0
    positive: bool = False
    gain: float = 1.0
    seed: int | None = None
    lane: int | None = None
    stream: int = 0
    _paths: dict[int, Paths] = field(default_factory=dict, compare=False, repr=False)

    def __mul__(self, factor: float) -> Noise:
        return replace(self, gain=factor * self.gain, _paths={})

    def seeded(self, seed: int, lane: int, stream: int) -> Noise:
        """Return the path of a lane in a run; one with a seed of its own is the same in all."""
        if self.seed is not None:
            seed, lane = self.seed, 0 if self.lane is None else self.lane
        return replace(self, seed=seed, lane=lane, stream=stream, _paths={})

    @property
    def numbers(self) -> Array:
        """What tells the path from any other."""
        told = (self.sd, self.mean, self.tau, self.every, self.start, self.end, self.shared)
        # a seed has 63 bits, a float 53
        seed, lane = int(self.seed or 0), int(self.lane or 0)
        halves = (seed >> 32, seed & 0xFFFFFFFF, lane >> 32, lane & 0xFFFFFFFF)
        return np.array([*told, float(self.positive), self.gain, *halves, self.stream], float)

    def between(self, start: float, end: float) -> Waveform:
        """Return the path from the last knot before `start` to the first after `end` [ms]."""
        first = max(0, math.floor((start - self.start) / self.every) - 1)
        stop = min(end, self.end)
        last = max(first, math.ceil((stop - self.start) / self.every)) + 1
        knots = np.arange(float(first), last + 1.0)
        times = self.start + self.every * knots
        values = self.at_knots(first, last)
        inside = times < self.end
        if inside.all():
            return Waveform(times, values, np.append(values[1:], values[-1]))
        times, kept = times[inside], values[: np.count_nonzero(inside) + 1]
        if not times.size:
            return Waveform(np.array([self.end]), np.zeros(1), np.zeros(1))
        cut = (self.end - times[-1]) / self.every
        ends = np.append(kept[1:-1], kept[-2] + cut * (kept[-1] - kept[-2]))
        return Waveform(
            np.append(times, self.end), np.append(kept[:-1], 0.0), np.append(ends, 0.0)
        )

    def at_knots(self, first: int, last: int) -> Array:
        """Return the path at knots `first` to `last`, both included, as if it had no end."""
        assert self.lane is not None
        drawn = self._drawn(self.lane, first, last)
        if self.shared:
            drawn = math.sqrt(1.0 - self.shared) * drawn
            drawn += math.sqrt(self.shared) * self._drawn(COMMON, first, last)
        values = self.mean + self.sd * drawn
        return self.gain * (np.maximum(values, 0.0) if self.positive else values)

    def _drawn(self, lane: int, first: int, last: int) -> Array:
        assert self.seed is not None
        if lane not in self._paths:
            self._paths[lane] = Paths(self.tau, self.every, self.seed, (lane,), self.stream)
        return self._paths[lane].at_knots(first, last)[0]


class Paths:
    """Draw stationary paths of unit variance, one for each lane, at knots of any window."""

    def __init__(
        self, tau: float, every: float, seed: int, lanes: Sequence[int], stream: int
    ) -> None:
        self._size = max(FEWEST, math.ceil(FORGOTTEN * tau / every))
        # Gillespie 1996, Phys Rev E 54:2084, eq 3.1: exact for any interval
        self._keeps = math.exp(-every / tau)
        self._adds = math.sqrt(-math.expm1(-2.0 * every / tau))
        self._seed, self._lanes, self._stream = seed, lanes, stream
        # block -> the paths in it and what was drawn for them
        self._kept: dict[int, tuple[Array, Array]] = {}

    def at_knots(self, first: int, last: int) -> Array:
        """Return the paths at knots `first` to `last`, both included, shape (lanes, knots)."""
        size = self._size
        low, high = first // size, last // size
        # what was drawn for the block before begins the recursion to this one
        self._kept = {block: kept for block, kept in self._kept.items() if block >= low - 1}
        blocks = [self._block(block) for block in range(low, high + 1)]
        drawn = blocks[0] if low == high else np.concatenate(blocks, axis=1)
        return drawn[:, first - low * size : last + 1 - low * size]

    def _block(self, block: int) -> Array:
        if block not in self._kept:
            before = self._kept.get(block - 1)
            last = self._draws(block - 1) if before is None else before[1]
            new = self._draws(block)
            drawn = np.concatenate([last, new], axis=1)
            drawn[:, 1:] *= self._adds
            _kernel().follow(drawn.reshape(-1), len(drawn), self._keeps)
            self._kept[block] = drawn[:, self._size :], new
        return self._kept[block][0]

    def _draws(self, block: int) -> Array:
        """Return what is drawn for a block: a counter says where, and nothing else."""
        drawn = np.empty((len(self._lanes), self._size))
        counter = (0, 0, self._stream, block + 1)
        for row, lane in zip(drawn, self._lanes, strict=True):
            counted((self._seed, lane), counter).standard_normal(out=row)
        return drawn


def counted(key: tuple[int, int], counter: tuple[int, int, int, int]) -> np.random.Generator:
    """Return the thread's generator, standing where Philox with a key has counted to.

    It serves until the next call; a new one would take longer than what is drawn from it.
    """
    if not hasattr(_OWN, "generator"):
        _OWN.generator = np.random.Generator(np.random.Philox(0))
    _OWN.generator.bit_generator.state = {
        "bit_generator": "Philox",
        "state": {"counter": np.array(counter, np.uint64), "key": np.array(key, np.uint64)},
        "buffer": _EMPTY,
        "buffer_pos": _EMPTY.size,
        "has_uint32": 0,
        "uinteger": 0,
    }
    return _OWN.generator


#: Of each thread its generator; and a buffer with nothing left in it.
_OWN, _EMPTY = threading.local(), np.zeros(4, np.uint64)


@cache
def _kernel() -> SimpleNamespace:
    source = Path(_noise_kernel.__file__).read_text(encoding="utf-8")
    arguments = {"drawn": "f8[::1]", "lanes": "i8", "kept": "f8"}
    return load("noise", source, {"follow": arguments})
