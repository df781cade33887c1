"""A stimulus as straight lines in time, for solvers that want a smooth right-hand side."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench.work import Work

Array = NDArray[np.float64]

#: So near to each other [ms] two times are one.
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Piece:
    """Hold a stretch of time [ms] in which every injected current is a straight line.

    `first` and `slope`: value at `left` and slope per ms, one for each compartment, in the
    cell's own unit.
    """

    left: float
    right: float
    first: Array
    slope: Array

    @property
    def offset(self) -> Array:
        """Where each line is at time 0."""
        return self.first - self.slope * self.left


def pieces(work: Work) -> list[Piece]:
    """Return the pieces of a work's stimulus, from 0 to its end.

    Examples
    --------
    >>> from mnexcite import cells, stimuli
    >>> drive = stimuli.step(10.0, unit="uA/cm2", start=5.0)
    >>> work = Work(cells.hodgkin_huxley_1952(), {}, drive, duration=20.0)
    >>> [(piece.left, piece.right, piece.first.tolist()) for piece in pieces(work)]
    [(0.0, 5.0, [0.0]), (5.0, 20.0, [10.0])]
    """
    waveforms = work.waveforms()
    breaks = {t for w in waveforms if w is not None for t in w.breaks.tolist()}
    edges = [0.0, *sorted(t for t in breaks if 0.0 < t < work.duration), work.duration]
    # breaks that differ by rounding are one: no solver can step so little
    kept = [a for a, b in itertools.pairwise(edges) if b - a > SAME] or [0.0]
    ends = zip([0.0, *kept[1:]], [*kept[1:], work.duration], strict=True)
    return [
        Piece(
            left,
            right,
            np.array([0.0 if w is None else float(w.at(start)) for w in waveforms]),
            np.array([0.0 if w is None else w.slope(start) for w in waveforms]),
        )
        for start, (left, right) in zip(kept, ends, strict=True)
    ]
