"""Lowest and highest voltage, and its swings, in each of a hundred parts of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.measures.measure import Array, Span, View

#: How many parts of equal length the time that counts has.
PARTS = 100
#: Lowest voltage, step and number of the classes of peaks [mV].
LOWEST, STEP, CLASSES = -150.0, 2.0, 126


@dataclass(frozen=True)
class Extremes:
    """Hold what the sampled voltage did in each part, shape (lanes, PARTS).

    Attributes
    ----------
    span
        The run; it is its time from `discard` to `end` that is parted.
    least
        How far the voltage rises in a swing, at least [mV].
    low, high
        Extremes [mV]; inf and -inf in parts without a sample.
    swings
        Peaks that rise by `least` or more from the trough before them, without a fall
        between two samples on the way: noise makes few of them.
    tops
        Number of swings by the voltage of their peak, `STEP` apart from `LOWEST` on, shape
        (lanes, voltages).
    before, trough
        The last two samples, shape (lanes, 2), and the last trough, (lanes,) [mV]; NaN
        before the first.
    place
        The part of the last sample.
    """

    span: Span
    least: float
    low: Array
    high: Array
    swings: NDArray[np.int64]
    tops: NDArray[np.int64]
    before: Array
    trough: Array
    place: int = 0

    @classmethod
    def none(cls, span: Span, least: float) -> Extremes:
        """Return the state before a run."""
        top = np.full((span.lanes, PARTS), np.inf)
        nothing = np.full((span.lanes, 2), np.nan)
        swings = np.zeros((span.lanes, PARTS), np.int64)
        tops = np.zeros((span.lanes, CLASSES), np.int64)
        return cls(span, least, top, -top, swings, tops, nothing, nothing[:, 0].copy())

    def take(self, window: View) -> Extremes:
        """Take in the samples of a window."""
        counted = (window.t >= self.span.discard) & (window.t < self.span.end)
        if not counted.any():
            return self
        v, part = window.v[:, counted], self._part(window.t[counted])
        first = np.flatnonzero(np.diff(part, prepend=-1))
        low, high = self.low.copy(), self.high.copy()
        here = part[first]
        low[:, here] = np.minimum(low[:, here], np.minimum.reduceat(v, first, axis=1))
        high[:, here] = np.maximum(high[:, here], np.maximum.reduceat(v, first, axis=1))
        seen = np.concatenate([self.before, v], axis=1)
        swings, tops, trough = self._swings(seen, np.append([self.place] * 2, part))
        return replace(
            self,
            low=low,
            high=high,
            swings=swings,
            tops=tops,
            before=seen[:, -2:].copy(),
            trough=trough,
            place=int(part[-1]),
        )

    def end(self, v: Array) -> Extremes:
        """Take in the voltage at the end, shape (lanes,)."""
        low, high = self.low.copy(), self.high.copy()
        low[:, -1], high[:, -1] = np.minimum(low[:, -1], v), np.maximum(high[:, -1], v)
        return replace(self, low=low, high=high)

    def since(self, t: Array) -> Extremes:
        """Return only the parts that begin at each lane's `t` [ms] or later, or the last."""
        discard, end = self.span.discard, self.span.end
        kept = discard + np.arange(PARTS) / PARTS * (end - discard) >= t[:, None]
        kept[:, -1] = True
        return replace(
            self,
            low=np.where(kept, self.low, np.inf),
            high=np.where(kept, self.high, -np.inf),
            swings=np.where(kept, self.swings, 0),
        )

    def top(self, rank: NDArray[np.int64]) -> Array:
        """Return the peak of each lane's swing of a rank, 0 for the highest [mV]."""
        higher = np.cumsum(self.tops[:, ::-1], axis=1)
        return LOWEST + STEP * (CLASSES - 1 - np.argmax(higher > rank[:, None], axis=1))

    def _swings(
        self, v: Array, part: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
        """Return the swings with the peaks among all samples of `v` but the first and last."""
        rises = np.diff(v, axis=1) > 0.0
        turned = rises[:, 1:] != rises[:, :-1]
        swings, tops, trough = self.swings.copy(), self.tops.copy(), self.trough.copy()
        for lane in range(len(v)):
            at = np.flatnonzero(turned[lane]) + 1
            levels, peaks = _turns(v[lane], at), ~rises[lane, at]
            # peaks and troughs take turns; the first peak may follow an earlier trough
            rise = (levels - np.append(trough[lane], levels)[:-1])[peaks]
            wide = rise >= self.least
            np.add.at(swings[lane], part[at[peaks]][wide], 1)
            level = np.clip((levels[peaks][wide] - LOWEST) / STEP, 0, CLASSES - 1)
            np.add.at(tops[lane], level.astype(np.int64), 1)
            if at.size and not peaks.all():
                trough[lane] = levels[~peaks][-1]
        return swings, tops, trough

    def _part(self, t: Array) -> NDArray[np.int64]:
        share = (t - self.span.discard) / (self.span.end - self.span.discard)
        return np.minimum((PARTS * share).astype(np.int64), PARTS - 1)


def _turns(v: Array, at: NDArray[np.int64]) -> Array:
    """Return the extremes of the parabolas through samples that turn and their neighbours.

    Of a fast swing the samples themselves miss the ends: of one in 3.2 ms, sampled every
    0.5 ms, up to 12 % of its height.

    >>> t = np.arange(0.1, 6.0, 0.5)
    >>> v = np.cos(2.0 * np.pi * t / 3.2)
    >>> at = np.array([3, 6, 9])
    >>> v[at].round(3).tolist(), _turns(v, at).round(3).tolist()
    ([-1.0, 0.981, -0.924], [-1.0, 0.996, -0.986])
    """
    here, after = v[at], v[at + 1]
    before = np.where(np.isnan(v[at - 1]), here, v[at - 1])  # nothing is before the first
    # in this order nothing is rounded, and no slope is above 1
    bend = (before - here) + (after - here)
    slope = np.divide(before - after, bend, out=np.zeros_like(here), where=bend != 0.0)
    return here - 0.125 * (before - after) * slope
