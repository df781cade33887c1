"""Events that open synapses, each at its exact time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.channels import Synapse
from mnexcite.errors import text

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Events:
    """Hold events of one synapse: their times [ms] and weights, in any order."""

    synapse: str
    times: Array
    weights: Array
    compartment: str | None = None

    def __post_init__(self) -> None:
        if self.compartment is not None:
            text("compartment", self.compartment, "the name of a compartment")

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Events)
            and (self.synapse, self.compartment) == (other.synapse, other.compartment)
            and np.array_equal(self.times, other.times)
            and np.array_equal(self.weights, other.weights)
        )

    def __hash__(self) -> int:
        return hash((self.synapse, self.compartment, self.times.tobytes()))

    def __mul__(self, factor: float) -> Events:
        return replace(self, weights=factor * self.weights)


@dataclass(frozen=True, eq=False)
class Train:
    """Hold what events have opened of a synapse, and what they will: s(t), without its g.

    After each of the increasing `times`, s(t) = slow exp(-since / decay) - fast
    exp(-since / rise). The first time is no event: it stands for all that were before.
    `weights` belong to the others.
    """

    synapse: Synapse
    times: Array
    weights: Array
    slow: Array
    fast: Array

    def open(self, t: Array) -> tuple[Array, Array]:
        """Return slow and fast at times `t` from the first on, events at `t` included."""
        last = np.searchsorted(self.times, t, side="right") - 1
        since = t - self.times[last]
        slow = self.slow[last] * np.exp(-since / self.synapse.decay)
        if not self.synapse.rise:
            return slow, np.zeros(t.shape)
        return slow, self.fast[last] * np.exp(-since / self.synapse.rise)

    def at(self, t: Array) -> Array:
        """Return s at times from the first on [ms]."""
        slow, fast = self.open(t)
        return slow - fast

    def means(self, edges: Array) -> Array:
        """Return the exact mean of s over each step between increasing `edges` [ms]."""
        inner = self.times[(self.times > edges[0]) & (self.times < edges[-1])]
        points = np.unique(np.concatenate([edges, inner]))
        slow, fast = self.open(points[:-1])
        width = np.diff(points)
        area = slow * _area(width, self.synapse.decay)
        if self.synapse.rise:
            area -= fast * _area(width, self.synapse.rise)
        owner = np.searchsorted(edges, points[:-1], side="right") - 1
        return np.bincount(owner, weights=area, minlength=edges.size - 1) / np.diff(edges)

    def between(self, start: float, end: float) -> Array:
        """Return the times from the last one up to `start` to the end."""
        first = int(np.searchsorted(self.times, start, side="right")) - 1
        return self.times[max(0, first) : np.searchsorted(self.times, end, side="right")]

    def joined(self, other: Train | None) -> Train:
        """Return the train with the events of another, none of them before the first time."""
        if other is None:
            return self
        return train(
            self.synapse,
            np.concatenate([self.times[1:], other.times[1:]]),
            np.concatenate([self.weights, other.weights]),
            (self.times[0], self.slow[0], self.fast[0]),
        )

    def since(self, time: float) -> Train:
        """Return the same train, which no longer tells events before `time` apart."""
        first = max(0, int(np.searchsorted(self.times, time, side="right")) - 1)
        cut = {key: getattr(self, key)[first:] for key in ("times", "weights", "slow", "fast")}
        return replace(self, **cut)


def train(
    synapse: Synapse,
    times: Array,
    weights: Array,
    before: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Train:
    """Return what events, in any order, open of a synapse.

    `before`: a time before all of them, and what is open then.
    """
    # events at one time are one event: sorted, so that their order changes no bit of the sum
    order = np.lexsort((weights, times))
    times, first = np.unique(times[order], return_index=True)
    summed = np.add.reduceat(weights[order], first) if times.size else np.empty(0)
    last, high, low = before
    slow, fast = [high], [low]
    rise, decay, norm = synapse.rise, synapse.decay, synapse.norm
    for time, weight in zip(times.tolist(), summed.tolist(), strict=True):
        high = high * math.exp(-(time - last) / decay) + norm * weight
        if rise:
            low = low * math.exp(-(time - last) / rise) + norm * weight
        last = time
        slow.append(high)
        fast.append(low)
    return Train(synapse, np.append(before[0], times), summed, np.array(slow), np.array(fast))


def _area(width: Array, tau: float) -> Array:
    return -tau * np.expm1(-width / tau)
