"""Flags beside numbers that can be undefined."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.measures.measure import Output

#: Flag of a point whose run failed, the last of every flag output.
FAILED = "failed"


def status_of(name: str, *reasons: str) -> Output:
    """Return the flag output that says whether `name` is defined, and if not, why.

    >>> status_of("cv", "too_few_spikes").flags
    ('ok', 'too_few_spikes', 'failed')
    """
    return Output(f"{name}_status", "1", f"status of {name}", ("ok", *reasons, FAILED))


def where(undefined: ArrayLike) -> NDArray[np.int8]:
    """Return flag 1, the only reason, where `undefined`; 0, "ok", elsewhere."""
    return np.asarray(undefined, dtype=np.int8)
