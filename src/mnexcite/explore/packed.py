"""Tables of gates for a page: what of them it cannot work out again to the bit.

The cubics by voltage are a spline through the nodes' values, which a page solves as SciPy
does. Of the quintics by concentration, and of rows that are otherwise, it needs all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.channels.axes import CONCENTRATION, VOLTAGE, cubics
from mnexcite.equations.layout import CUBIC, QUINTIC
from mnexcite.explore.buffers import Buffers
from mnexcite.kernels.vector_ops import GROUP

Array = NDArray[np.float64]

#: How far, of a function's greatest value, a row may be from what the page makes of it.
ROUNDED = 1e-14


def pack(table: Array, buffers: Buffers, *, of_pools: bool) -> dict[str, Any]:
    """Return a flat table as a page reads it.

    `used`: numbers of the functions that there are. `kept`: of each the values at the nodes,
    or its coefficients row by row; `odd`: pairs of function and row that are no such spline,
    whose `coefficients` follow in order.
    """
    axis, degree = (CONCENTRATION, QUINTIC) if of_pools else (VOLTAGE, CUBIC)
    place = {"first": CONCENTRATION.first, "parts": CONCENTRATION.parts}
    if not of_pools:
        place = {"lowest": VOLTAGE.lowest, "width": VOLTAGE.width}
    rows = axis.rows
    groups = table.size // (rows * degree * GROUP)
    # functions x rows x coefficients
    grouped = table.reshape(rows, groups, degree, GROUP)
    curves = grouped.transpose(1, 3, 0, 2).reshape(groups * GROUP, rows, degree)
    used = np.flatnonzero(curves.any(axis=(1, 2)))
    curves, odd = curves[used], np.empty((0, 2), np.int64)
    kept = curves
    if not of_pools:
        kept = np.concatenate([curves[..., 0], curves.sum(axis=-1)[:, -1:]], axis=1)
        made = cubics(axis.nodes, kept)
        scale = np.abs(curves).max(axis=(1, 2), initial=0.0)[:, None]
        odd = np.argwhere(np.abs(made - curves).max(axis=-1, initial=0.0) > ROUNDED * scale)
    return {
        "axis": place,
        "rows": rows,
        "groups": groups,
        "degree": degree,
        "spline": not of_pools,
        "used": used.tolist(),
        "kept": buffers.add(kept),
        "odd": buffers.add(odd.astype(np.int32)),
        "coefficients": buffers.add(curves[odd[:, 0], odd[:, 1]]),
    }
