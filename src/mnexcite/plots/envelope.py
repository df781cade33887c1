"""Draw long traces with few points and every spike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Columns of a trace; more than a projector's pixels are of no use.
COLUMNS = 2000


def envelope(t: Array, y: Array, columns: int = COLUMNS) -> tuple[Array, Array]:
    """Return at most 2 `columns` of the samples: each column's lowest and highest, in order.

    So no peak is lost, however short. A gap (NaN) stays one where it fills a column.

    Examples
    --------
    >>> t = np.arange(10_000.0)
    >>> t_few, y_few = envelope(t, (t == 1234) * 20.0, columns=100)
    >>> t_few.size, float(y_few.max()), float(t_few[y_few.argmax()])
    (200, 20.0, 1234.0)
    """
    size = -(-y.size // columns)
    if size <= 2:
        return t, y
    columns = -(-y.size // size)
    rows = np.full(columns * size, np.nan)
    rows[: y.size] = y
    rows = rows.reshape(columns, size)
    lowest = np.where(np.isnan(rows), np.inf, rows).argmin(axis=1)
    highest = np.where(np.isnan(rows), -np.inf, rows).argmax(axis=1)
    picked = np.sort(np.stack([lowest, highest], axis=1), axis=1)
    chosen = (picked + size * np.arange(columns)[:, None]).ravel()
    return t[chosen], y[chosen]
