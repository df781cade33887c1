"""Piecewise linear signals, and their exact means over steps of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

#: A value that jumps more often than once in so many ms fluctuates.
FLUCTUATES = 5.0


@dataclass(frozen=True, eq=False)
class Waveform:
    """Hold a signal that is 0 before its first break and linear between breaks.

    Piece i goes from `first[i]` at `breaks[i]` to `last[i]` at `breaks[i + 1]`; the last
    piece stays at `first[-1]` for ever. Breaks belong to the piece that they start.
    """

    breaks: Array
    first: Array
    last: Array

    def __post_init__(self) -> None:
        # late in time a short piece may end, rounded, where it begins: then it is none
        lasting = np.append(np.diff(np.asarray(self.breaks, dtype=float)) > 0.0, True)
        for key in ("breaks", "first", "last"):
            own = np.array(getattr(self, key), dtype=float)[lasting]
            own.flags.writeable = False
            object.__setattr__(self, key, own)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Waveform) and all(
            np.array_equal(getattr(self, key), getattr(other, key))
            for key in ("breaks", "first", "last")
        )

    def __hash__(self) -> int:
        # + 0.0 turns -0.0 into 0.0, which it equals
        return hash(tuple((a + 0.0).tobytes() for a in (self.breaks, self.first, self.last)))

    @property
    def numbers(self) -> Array:
        """What tells the signal from any other."""
        return np.concatenate([self.breaks, self.first, self.last])

    def at(self, t: ArrayLike) -> Array:
        """Return the value at times `t` [ms], of t's shape."""
        # constant outside; held so that times without end have a value too
        t = np.clip(np.asarray(t, dtype=float), self.breaks[0] - 1.0, self.breaks[-1] + 1.0)
        piece = np.searchsorted(self.breaks, t, side="right") - 1
        inside = np.clip(piece, 0, len(self.breaks) - 1)
        value = self._inside(inside, t)
        return np.where(piece < 0, 0.0, value)

    def slope(self, t: ArrayLike) -> Array:
        """Return the slope just after times `t` [ms], of t's shape."""
        piece = np.searchsorted(self.breaks, np.asarray(t, dtype=float), side="right") - 1
        rise = np.append((self.last - self.first)[:-1] / np.diff(self.breaks), 0.0)
        return np.where(piece < 0, 0.0, rise[np.maximum(piece, 0)])

    def between(self, start: float, end: float) -> Waveform:
        """Return the signal in a window: all of it, for all of it is known."""
        return self

    @property
    def jumps(self) -> Array:
        """Times at which the value jumps [ms].

        A current that jumps again and again within 5 ms, such as one that is sampled, does
        so at the first and the last of these times only.
        """
        times = self.breaks[self._before(self.breaks) != self.first]
        gaps = np.diff(times, prepend=-np.inf, append=np.inf)
        return times[(gaps[:-1] >= FLUCTUATES) | (gaps[1:] >= FLUCTUATES)]

    def means(self, edges: Array) -> Array:
        """Return the exact mean over each step between increasing `edges` [ms]."""
        means = self.at(0.5 * (edges[:-1] + edges[1:]))
        inner = self.breaks[(self.breaks > edges[0]) & (self.breaks < edges[-1])]
        step = np.searchsorted(edges, inner, side="right") - 1
        cut = np.unique(step[edges[step] != inner])
        if cut.size:
            points = np.unique(np.concatenate([edges[cut], edges[cut + 1], inner]))
            middle, width = 0.5 * (points[:-1] + points[1:]), np.diff(points)
            owner = np.searchsorted(edges, middle, side="right") - 1
            area = np.bincount(owner, weights=self.at(middle) * width, minlength=len(means))
            means[cut] = area[cut] / (edges[cut + 1] - edges[cut])
        return means

    def __add__(self, other: Waveform) -> Waveform:
        breaks = np.union1d(self.breaks, other.breaks)
        first = self.at(breaks) + other.at(breaks)
        last = np.append(self._before(breaks[1:]) + other._before(breaks[1:]), first[-1])
        return Waveform(breaks, first, last)

    def __mul__(self, factor: float) -> Waveform:
        return Waveform(self.breaks, factor * self.first, factor * self.last)

    def _before(self, t: Array) -> Array:
        """Return the value that is reached from the left."""
        piece = np.searchsorted(self.breaks, t, side="left") - 1
        value = self._inside(np.clip(piece, 0, len(self.breaks) - 1), t)
        return np.where(piece < 0, 0.0, value)

    def _inside(self, piece: NDArray[np.int64], t: Array) -> Array:
        start = self.breaks[piece]
        ends = np.append(self.breaks[1:], np.inf)
        share = (t - start) / (ends[piece] - start)
        rise = np.where(
            piece == len(self.breaks) - 1, 0.0, self.last[piece] - self.first[piece]
        )
        return self.first[piece] + rise * share


def pieces(*rows: tuple[float, float, float]) -> Waveform:
    """Return the waveform of (time, value, value at the end of the piece) rows."""
    breaks, first, last = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return Waveform(breaks, first, last)
