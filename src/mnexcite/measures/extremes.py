"""Lowest and highest voltage of each of a hundred parts of the time that counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.measures.measure import Array, Span, Window

#: How many parts of equal length.
PARTS = 100


@dataclass(frozen=True)
class Extremes:
    """Hold the extremes of the sampled voltage in each part, shape (lanes, PARTS) [mV].

    Parts in which no sample lies have inf and -inf.
    """

    span: Span
    low: Array
    high: Array

    @classmethod
    def none(cls, span: Span) -> Extremes:
        """Return the state before a run."""
        top = np.full((span.lanes, PARTS), np.inf)
        return cls(span, top, -top)

    def take(self, window: Window) -> Extremes:
        """Take in the samples of a window."""
        counted = (window.t >= self.span.discard) & (window.t < self.span.end)
        if not counted.any():
            return self
        t, v = window.t[counted], window.v[:, counted]
        part = self._part(t)
        first = np.flatnonzero(np.diff(part, prepend=-1))
        low, high = self.low.copy(), self.high.copy()
        here = part[first]
        low[:, here] = np.minimum(low[:, here], np.minimum.reduceat(v, first, axis=1))
        high[:, here] = np.maximum(high[:, here], np.maximum.reduceat(v, first, axis=1))
        return Extremes(self.span, low, high)

    def end(self, v: Array) -> Extremes:
        """Take in the voltage at the end, shape (lanes,)."""
        low, high = self.low.copy(), self.high.copy()
        low[:, -1], high[:, -1] = np.minimum(low[:, -1], v), np.maximum(high[:, -1], v)
        return Extremes(self.span, low, high)

    def since(self, t: Array) -> Extremes:
        """Return only the parts that begin at each lane's `t` [ms] or later, or the last."""
        starts = self.span.discard + np.arange(PARTS) / PARTS * (
            self.span.end - self.span.discard
        )
        kept = starts >= t[:, None]
        kept[:, -1] = True
        return Extremes(
            self.span, np.where(kept, self.low, np.inf), np.where(kept, self.high, -np.inf)
        )

    def turns(self, least: float) -> NDArray[np.int64]:
        """Count how often the voltage goes up or down by `least` [mV], once in a part at most.

        The order of the extremes within a part is not known; a single jump in it counts once.
        """
        count = np.zeros(len(self.low), np.int64)
        rising = np.zeros(len(self.low), bool)
        low, high = np.full(len(self.low), np.inf), np.full(len(self.low), -np.inf)
        for v_low, v_high in zip(self.low.T, self.high.T, strict=True):
            low, high = np.minimum(low, v_low), np.maximum(high, v_high)
            up = ~rising & (v_high >= low + least)
            down = rising & (v_low <= high - least)
            # from a turn on, the next one is measured from there
            high, low = np.where(up, v_high, high), np.where(down, v_low, low)
            rising = (rising | up) & ~down
            count += up | down
        return count

    def _part(self, t: Array) -> NDArray[np.int64]:
        share = (t - self.span.discard) / (self.span.end - self.span.discard)
        return np.minimum((PARTS * share).astype(np.int64), PARTS - 1)
