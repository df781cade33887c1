"""The least strength of anything that does something to a cell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mnexcite.measures.experiment import Array, IntArray

#: What is known of a lane at the end.
FOUND, AT_ZERO, ABOVE_HIGHEST, FAILED = range(4)
_UNDECIDED = -1
_DOUBLINGS = 10

Bools = NDArray[np.bool_]
#: From lanes and the strength tried on each: in which it works, and which runs failed.
Try = Callable[[IntArray, Array], tuple[Bools, Bools]]


def least(works: Try, count: int, highest: float, precision: float) -> tuple[Array, IntArray]:
    """Return the least strength that works, of each lane, and what is known of it.

    Each lane is tried at 0, then at `highest` / 1024 and twice as much each time until it
    works, then by bisection until the bracket is `precision` times as wide as its upper end
    (or as `highest` / 1024, where that is more). The value is a strength that worked; one
    less by `precision` did not. It is 0 with `AT_ZERO`, NaN with `ABOVE_HIGHEST` and
    `FAILED`. All lanes run together, and leave when they are done.

    >>> thresholds = np.array([0.37, 0.0, 5.0])
    >>> def works(lanes, tried):
    ...     return tried >= thresholds[lanes], np.zeros(lanes.size, bool)
    >>> value, known = least(works, 3, 2.0, 0.01)
    >>> value.round(2).tolist(), known.tolist()
    ([0.37, 0.0, nan], [0, 1, 2])
    """
    first = highest / 2.0**_DOUBLINGS
    low, high = np.zeros(count), np.full(count, np.inf)
    trial, known = np.zeros(count), np.full(count, _UNDECIDED)
    active = np.arange(count)
    while active.size:
        worked, failed = works(active, trial[active])
        high[active[worked]] = trial[active[worked]]
        low[active[~worked]] = trial[active[~worked]]
        above, below = high[active], low[active]
        found = np.isfinite(above)
        width = np.where(found, above, np.nan) - below
        narrow = width <= precision * np.maximum(above, first)
        known[active[~found & (below >= highest)]] = ABOVE_HIGHEST
        known[active[narrow]] = FOUND
        known[active[above == 0.0]] = AT_ZERO
        known[active[failed]] = FAILED
        grown = np.minimum(np.maximum(first, 2.0 * below), highest)
        trial[active] = np.where(found, below + 0.5 * width, grown)
        active = active[known[active] == _UNDECIDED]
    return np.where((known == FOUND) | (known == AT_ZERO), high, np.nan), known
