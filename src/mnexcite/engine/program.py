"""What stays the same while some lanes run: a kernel, its parameters and tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine import aligned, tables
from mnexcite.engine.batch import Job
from mnexcite.engine.methods import Method
from mnexcite.equations.lower import Lanes

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Program:
    """Hold a kernel with parameters x lanes, tables, and where each lane's tables begin."""

    kernel: Callable[..., Any]
    rows: Array
    vtable: Array
    ctable: Array
    vbase: Index
    cbase: Index
    threshold: float
    floors: Array


def shared_tables(lanes: Lanes, method: Method, dt: float | None) -> tuple[Array, Array] | None:
    """Return the tables of a batch whose lanes have equal kinetics, None for any other.

    Without a dt rates are per ms.
    """
    if method.reference or len(lanes.kinetics) > 1:
        return None
    return _tables(lanes, method, 1.0 if dt is None else dt, 0)


def _tables(lanes: Lanes, method: Method, dt: float, kind: int) -> tuple[Array, Array]:
    layout = tables.sharing(lanes, method.filling)
    return tables.gate_tables(lanes.kinetics[kind], layout, dt, method.filling, lanes.values)


def program(job: Job, chunk: Index, dt: float) -> Program:
    """Return the program of some lanes (indices)."""
    lanes, method = job.lanes, job.method
    used, of_lane = np.unique(lanes.kind[chunk], return_inverse=True)
    if job.tables is not None:
        vtable, ctable = job.tables
        sizes = [0, 0]
    else:
        pairs = [_tables(lanes, method, dt, kind) for kind in used]
        sizes = [table.size for table in pairs[0]]
        vtable, ctable = (
            aligned.copy(np.concatenate(side)) for side in zip(*pairs, strict=True)
        )
    vbase, cbase = ((of_lane.reshape(-1) * size).astype(np.int64) for size in sizes)
    assert method.prepare is not None
    rows = method.prepare(np.ascontiguousarray(lanes.rows[:, chunk]), lanes.layout, dt)
    return Program(
        kernel=method.kernel(tables.sharing(lanes, method.filling).structure),
        rows=np.ascontiguousarray(rows),
        vtable=vtable,
        ctable=ctable,
        vbase=vbase,
        cbase=cbase,
        threshold=lanes.cell.spike_threshold,
        floors=job.floors,
    )
