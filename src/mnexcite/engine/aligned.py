"""Arrays that begin with a cache line, so that no vector of theirs lies across two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LINE = 64  # bytes


def empty(size: int) -> NDArray[np.float64]:
    """Return an uninitialised flat array."""
    room = np.empty(size * 8 + LINE, np.uint8)
    start = -room.ctypes.data % LINE
    return room[start : start + size * 8].view(np.float64)


def copy(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a flat copy."""
    own = empty(array.size)
    own[:] = array.reshape(-1)
    return own
