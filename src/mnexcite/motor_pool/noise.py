"""What fluctuates in a pool: each unit's own noise, and a rhythm that all units share."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mnexcite.motor_pool.shared import compiled
from mnexcite.stimuli.noise import Paths, counted

Array = NDArray[np.float64]

BLOCK = 1000  # ms drawn at once
#: Streams of a seed, apart from those of stimuli.
OWN, COMMON, TWITCHES = 101, 102, 103


class Fluctuations:
    """Draw, ms by ms and unit by unit, what fluctuates: all of unit variance.

    A unit's draws follow from the seed, its number and the time alone.
    """

    def __init__(self, units: NDArray[np.int64], seed: int, tau: float, rhythm: Rhythm) -> None:
        self._paths = Paths(tau, 1.0, seed, units.tolist(), OWN)
        self._rhythm, self._seed = rhythm, seed
        self._held: dict[int, tuple[Array, Array]] = {}

    def between(self, first: int, last: int) -> tuple[Array, Array]:
        """Return own (units x ms) and common noise at ms `first` to `last`, both included."""
        own, common = [], []
        for block in range(first // BLOCK, last // BLOCK + 1):
            its_own, its_common = self._load(block)
            a, b = max(first, block * BLOCK), min(last, block * BLOCK + BLOCK - 1)
            part = slice(a - block * BLOCK, b - block * BLOCK + 1)
            own.append(its_own[:, part])
            common.append(its_common[part])
        if len(own) == 1:
            return own[0], common[0]
        return np.concatenate(own, axis=1), np.concatenate(common)

    def _load(self, block: int) -> tuple[Array, Array]:
        if block not in self._held:
            first = BLOCK * block
            own = self._paths.at_knots(first, first + BLOCK - 1)
            self._held = {k: held for k, held in self._held.items() if k == block - 1}
            self._held[block] = own, self._rhythm.block(self._seed, block)
        return self._held[block]


class Rhythm:
    """Hold a damped oscillator that noise drives, of unit variance, exact at every ms.

    x'' = -w^2 x - 2 z w x' + noise, w = 2 pi frequency.
    """

    def __init__(self, frequency: float, damping: float) -> None:
        from scipy.linalg import expm  # takes longer than all else here

        w = 2e-3 * math.pi * frequency
        a = np.array([[0.0, 1.0], [-w * w, -2.0 * damping * w]])
        self.step = expm(a)
        # stationary covariance diag(1, w^2): what a step adds is what it loses
        still = np.diag([1.0, w * w])
        added = still - self.step @ still @ self.step.T
        values, vectors = np.linalg.eigh(added)
        self.added = vectors * np.sqrt(np.maximum(values, 0.0))
        self.still = np.sqrt(np.diag(still))
        # blocks after which it has forgotten where it began
        self.memory = 1 + math.ceil(42.0 / (damping * w) / BLOCK) if damping * w > 0 else 1
        self._ends: dict[int, Array] = {}

    def block(self, seed: int, block: int) -> Array:
        """Return x at each ms of a block of time."""
        state = self._ends.get(block)
        if state is None:
            first = max(0, block - self.memory)
            state = self.still * _draws(seed, COMMON, -first - 1, 2)
            for earlier in range(first, block):
                _, state = self._run(seed, earlier, state)
        values, end = self._run(seed, block, state)
        self._ends = {block: state, block + 1: end}
        return values

    def _run(self, seed: int, block: int, state: Array) -> tuple[Array, Array]:
        drawn = _draws(seed, COMMON, block, 2 * BLOCK).reshape(BLOCK, 2) @ self.added.T
        values, end = np.empty(BLOCK), state.copy()
        compiled().swing(self.step.reshape(-1), np.ascontiguousarray(drawn), end, values)
        return values, end


def kicks(
    units: NDArray[np.int64], seed: int, block: int, rate: float, mean: float
) -> tuple[NDArray[np.int64], Array, Array]:
    """Return lane, time [ms] and height of the kicks of a block of time.

    A Poisson process of `rate` [1/s] for each unit, of heights that are exponential.
    """
    lanes, times, heights = [], [], []
    for lane, unit in enumerate(units.tolist()):
        rng = counted((seed, unit), (0, 0, TWITCHES, block))
        count = int(rng.poisson(1e-3 * rate * BLOCK))
        if count:
            lanes += [lane] * count
            times.append(BLOCK * (block + rng.random(count)))
            heights.append(rng.exponential(mean, count))
    return (
        np.array(lanes, np.int64),
        np.concatenate([np.empty(0), *times]),
        np.concatenate([np.empty(0), *heights]),
    )


def _draws(seed: int, stream: int, block: int, count: int) -> Array:
    return counted((seed, 2**63), (0, 0, stream, block % 2**64)).standard_normal(count)
