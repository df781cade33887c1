"""How regular the intervals between spikes are, and where they go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.measures.flags import status_of, where
from mnexcite.measures.folds import intervals
from mnexcite.measures.measure import Array, Ending, Measure, Output, Span, Values, View
from mnexcite.spikes.statistics import DOUBLET


def cv() -> Measure:
    """Take the coefficient of variation of the intervals after discard.

    It is the population standard deviation over the mean, by Welford's recurrence, and
    needs three spikes: below, it is NaN and `cv_status` is `too_few_spikes`. Elephant's `cv`
    is the same; eFEL's `ISI_CV` takes the sample standard deviation, and leaves out the first
    interval by default.

    References
    ----------
    Welford 1962, Technometrics 4:419.
    """
    output = Output("cv", "1", "coefficient of variation of the intervals")
    return Measure((output, status_of("cv", "too_few_spikes")), _moments, _spread, _cv)


def adaptation() -> Measure:
    """Take the adaptation index after discard: how much each interval outlasts the one before.

    It is the mean of (I_k+1 - I_k)/(I_k+1 + I_k) over neighbouring intervals I, as in
    `mnexcite.spikes.describe`: -1 to 1, 0 for a regular train, positive where firing slows
    down. It needs three spikes: below, it is NaN and `adaptation_status` is
    `too_few_spikes`. eFEL's `adaptation_index2` leaves out the first interval.
    """
    output = Output("adaptation", "1", "adaptation index of neighbouring intervals")
    status = status_of("adaptation", "too_few_spikes")
    return Measure((output, status), _no_changes, _change, _adaptation)


def doublets() -> Measure:
    """Count the intervals of 10 ms or less after discard."""
    output = Output("doublets", "1", f"intervals of {DOUBLET:g} ms or less")
    return Measure((output,), _no_doublets, _count_doublets, _doublets)


@dataclass(frozen=True)
class _Moments:
    last: Array
    n: NDArray[np.int64]
    mean: Array
    squares: Array


def _moments(span: Span) -> _Moments:
    zeros = np.zeros(span.lanes)
    return _Moments(np.full(span.lanes, np.nan), zeros.astype(np.int64), zeros, zeros)


def _spread(state: _Moments, window: View) -> _Moments:
    last, n = state.last.copy(), state.n.copy()
    mean, squares = state.mean.copy(), state.squares.copy()
    for lanes, gaps in intervals(last, window.spikes):
        n[lanes] += 1
        off = gaps - mean[lanes]
        mean[lanes] += off / n[lanes]
        squares[lanes] += off * (gaps - mean[lanes])
    return _Moments(last, n, mean, squares)


def _cv(state: _Moments, ending: Ending) -> Values:
    values = np.full(state.n.size, np.nan)
    two = state.n >= 2
    values[two] = np.sqrt(state.squares[two] / state.n[two]) / state.mean[two]
    return {"cv": values, "cv_status": where(~two)}


@dataclass(frozen=True)
class _Changes:
    last: Array
    gap: Array
    n: NDArray[np.int64]
    total: Array


def _no_changes(span: Span) -> _Changes:
    nothing, zeros = np.full(span.lanes, np.nan), np.zeros(span.lanes)
    return _Changes(nothing, nothing, zeros.astype(np.int64), zeros)


def _change(state: _Changes, window: View) -> _Changes:
    last, before = state.last.copy(), state.gap.copy()
    n, total = state.n.copy(), state.total.copy()
    for lanes, gaps in intervals(last, window.spikes):
        changes = (gaps - before[lanes]) / (gaps + before[lanes])
        before[lanes] = gaps
        known = ~np.isnan(changes)
        n[lanes[known]] += 1
        total[lanes[known]] += changes[known]
    return _Changes(last, before, n, total)


def _adaptation(state: _Changes, ending: Ending) -> Values:
    values = np.full(state.n.size, np.nan)
    some = state.n >= 1
    values[some] = state.total[some] / state.n[some]
    return {"adaptation": values, "adaptation_status": where(~some)}


@dataclass(frozen=True)
class _Doublets:
    last: Array
    n: Array


def _no_doublets(span: Span) -> _Doublets:
    return _Doublets(np.full(span.lanes, np.nan), np.zeros(span.lanes))


def _count_doublets(state: _Doublets, window: View) -> _Doublets:
    last, n = state.last.copy(), state.n.copy()
    for lanes, gaps in intervals(last, window.spikes):
        n[lanes[gaps <= DOUBLET]] += 1.0
    return _Doublets(last, n)


def _doublets(state: _Doublets, ending: Ending) -> Values:
    return {"doublets": state.n}
