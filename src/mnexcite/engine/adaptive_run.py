"""Integrate lanes with an adaptive kernel, each with its own time and step."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine import adaptive, aligned, drives, status
from mnexcite.engine.batch import STEP_LIMIT, Control, Job, Outcome
from mnexcite.engine.layout import WIDTH
from mnexcite.engine.program import program

Array = NDArray[np.float64]
Index = NDArray[np.int64]

BUDGET = 100_000  # steps of a vector per call; short enough for Ctrl-C
ROOM = 4096  # spikes per call
SWING = 0.01  # of each state's scale


def adaptive_step(job: Job, chunk: slice, control: Control) -> Outcome:
    """Integrate a chunk with an adaptive kernel; the `Worker` of those methods."""
    assert job.tolerance is not None and job.method.tableau is not None
    lanes = np.arange(chunk.start, chunk.stop)
    count, states = lanes.size, len(job.values)
    ready = program(job, lanes, 1.0)
    tableau = job.method.tableau.numbers()
    used, drive_of = np.unique(job.drive_of[lanes], return_inverse=True)
    drive = drives.pieces([job.waveforms[index] for index in used])
    values = np.ascontiguousarray(job.values[:, lanes])
    y, clock = _begin(job, lanes, values)
    tile = aligned.empty(adaptive.room(job.lanes.layout.structure, job.method.tableau.stages))
    tile[:] = 1.0
    times = job.times
    samples = np.full((times.size, job.recorded.size, count), np.nan)
    if times.size and times[0] <= job.start:  # within a rounding
        samples[0] = values[job.recorded]
    armed, codes = job.armed[lanes], job.status[lanes]
    ended = np.where(codes == 0, np.inf, job.start)
    taken, done = np.zeros(count), (codes != 0).astype(np.int64)
    limit = STEP_LIMIT[0] + STEP_LIMIT[1] * (job.end - job.start)
    weights = 1.0 / (job.tolerance * job.scale)
    # every lane of the vectors may have a spike in one step
    room = max(ROOM, WIDTH * adaptive.vectors_of(job.lanes.layout.structure))
    found_lanes, found_times = np.empty(room, np.int64), np.empty(room)
    spikes: list[tuple[Index, Array]] = []
    before = clock[0].copy()
    while not (done.all() or control.stop.is_set()):
        found = ready.kernel(
            y.reshape(-1),
            clock.reshape(-1),
            values.reshape(-1),
            ready.rows.reshape(-1),
            ready.vtable,
            ready.vbase,
            ready.ctable,
            ready.cbase,
            drive.starts,
            drive.levels.reshape(-1),
            drive.climbs.reshape(-1),
            drive.bounds,
            drive_of,
            weights,
            times,
            job.recorded,
            samples,
            found_lanes,
            found_times,
            armed,
            codes,
            ended,
            taken,
            done,
            np.flatnonzero(done == 0),
            BUDGET,
            job.start,
            job.end,
            ready.threshold,
            tableau,
            SWING * job.scale,
            ready.floors,
            tile,
        )
        spikes.append((found_lanes[:found].copy(), found_times[:found].copy()))
        endless = (done == 0) & (taken > limit)
        codes[endless], done[endless] = status.BY_NAME["step_limit"].code, 1
        ended[endless] = clock[0, endless]
        values[:, endless] = y[:, endless]
        after = np.where(done, job.end, clock[0])
        control.add(float(np.sum(after - before)))
        before = after
    left = done == 0
    codes[left] = status.BY_NAME["interrupted"].code
    reached = np.where(left, np.maximum(clock[0], job.start), job.end)
    ended[left] = reached[left]
    moved = left & (clock[0] >= job.start)  # others are still where they were
    values[:, moved] = y[:, moved]
    return Outcome(
        _trains(spikes, count),
        samples,
        np.concatenate([y, clock]).reshape(states + 3, count),
        values,
        armed,
        codes,
        ended,
        reached,
        taken.astype(np.int64),
    )


def _begin(job: Job, chunk: Index, values: Array) -> tuple[Array, Array]:
    """Return states and clocks: as they were kept where a lane goes on, or new ones."""
    y = values.copy()
    clock = np.empty((3, chunk.size))
    clock[0], clock[1], clock[2] = job.start, adaptive.FIRST_STEP, job.armed[chunk]
    on = job.goes_on[chunk]
    if on.any():
        assert job.raw is not None
        kept = job.raw[:, chunk]
        y[:, on], clock[:, on] = kept[:-3, on], kept[-3:, on]
    return y, clock


def _trains(spikes: list[tuple[Index, Array]], count: int) -> list[Array]:
    lanes = np.concatenate([np.empty(0, np.int64), *(part[0] for part in spikes)])
    times = np.concatenate([np.empty(0), *(part[1] for part in spikes)])
    order = np.argsort(lanes, kind="stable")
    bounds = np.searchsorted(lanes[order], np.arange(count + 1))
    return [times[order[a:b]] for a, b in itertools.pairwise(bounds)]
