"""The error of spike times, measured in one way for all."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: A spike so near the end of the run [ms] may fall out of it, and is then not compared.
EDGE = 1.0


@dataclass(frozen=True)
class Accuracy:
    """Hold the largest error over all sets [ms], the median of theirs, and who misfires.

    None where a set has another number of spikes (`error`), or half of them have.
    """

    error: float | None
    median_error: float | None
    wrong: int


def spike_error(found: Array, wanted: Array, end: float) -> float | None:
    """Return the largest difference of spike times [ms], None where their number differs.

    Where one train has one spike more than the other, and that within `EDGE` of the end,
    it is left out: a shift of a spike over the end is no misfire.

    Examples
    --------
    >>> round(spike_error(np.array([1.0, 5.5]), np.array([1.25, 5.0]), 10.0), 2)
    0.5
    >>> spike_error(np.array([1.0, 9.9]), np.array([1.0]), 10.0)
    0.0
    >>> spike_error(np.array([1.0]), np.array([1.0, 5.0]), 10.0) is None
    True
    """
    longer, shorter = (found, wanted) if found.size > wanted.size else (wanted, found)
    if longer.size == shorter.size + 1 and longer[-1] > end - EDGE:
        longer = longer[:-1]
    if longer.size != shorter.size or not np.all(np.isfinite(longer - shorter)):
        return None
    return float(np.abs(longer - shorter).max(initial=0.0))


def accuracy(found: Sequence[Array], wanted: Sequence[Array], end: float) -> Accuracy:
    """Return how well the spike times of several sets fit those wanted, up to `end` [ms]."""
    errors = [spike_error(a, b, end) for a, b in zip(found, wanted, strict=True)]
    judged = [error for error, train in zip(errors, wanted, strict=True) if train.size]
    known = [error for error in errors if error is not None]
    wrong = len(errors) - len(known)
    middle = statistics.median(float("inf") if e is None else e for e in judged or [0.0])
    return Accuracy(
        None if wrong else max(known, default=0.0),
        middle if np.isfinite(middle) else None,
        wrong,
    )
