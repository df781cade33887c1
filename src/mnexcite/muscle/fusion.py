"""The fusion index of a stretch of a contraction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def fusion_index(indices: Array, lengths: Array) -> Array:
    """Return the median of the cycles' indices, weighed by their length; NaN without any.

    Half of the stretch's time is in cycles that are fused less, half in those fused more;
    a cycle counts for twice the median length at most. So neither a doublet, whose short
    cycle does not relax, nor one pause moves it much.

    Parameters
    ----------
    indices
        1 - (peak - trough)/(peak - baseline) of each cycle, shape (lanes, cycles).
    lengths
        Time from the cycle's first spike to its last, shape (lanes, cycles) [ms]; 0 for none.

    Examples
    --------
    >>> regular, doublet = [0.8, 0.8, 0.8, 1.0], [100.0, 100.0, 100.0, 10.0]
    >>> fusion_index(np.array([regular]), np.array([doublet])).tolist()
    [0.8]
    """
    weights = np.minimum(lengths, 2.0 * _median(lengths))
    order = np.argsort(indices, axis=1, kind="stable")
    ordered = np.take_along_axis(indices, order, axis=1)
    reached = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    half = 0.5 * reached[:, -1:]
    # at exactly half of the time the median is the mean of the cycles on both sides
    lower = np.argmax(reached >= half, axis=1)
    upper = np.argmax(reached > half, axis=1)
    rows = np.arange(len(indices))
    middle = 0.5 * (ordered[rows, lower] + ordered[rows, upper])
    return np.where(half[:, 0] > 0.0, middle, np.nan)


def _median(lengths: Array) -> Array:
    """Return the median of each lane's lengths above 0, shape (lanes, 1)."""
    ordered = np.sort(lengths, axis=1)
    first = np.count_nonzero(ordered == 0.0, axis=1)
    count = lengths.shape[1] - first
    rows, last = np.arange(len(lengths)), lengths.shape[1] - 1
    low = np.minimum(first + (count - 1) // 2, last)
    high = np.minimum(first + count // 2, last)
    return 0.5 * (ordered[rows, low] + ordered[rows, high])[:, None]
