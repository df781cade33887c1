"""Integrate lanes with a fixed-step kernel, window after window.

Values are the same to the bit however a run is cut into windows and lanes into chunks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine import aligned, drives, fixed, status, tables
from mnexcite.engine.batch import Control, Job, Outcome
from mnexcite.engine.program import Program, program
from mnexcite.spikes import SpikeTrains

Array = NDArray[np.float64]
Index = NDArray[np.int64]

WINDOW = 8192  # steps; short enough for Ctrl-C, long enough to hide the cost of a call


class LaneStates(NamedTuple):
    """Hold lanes after `step` steps: raw and centred states, spike detection, failures."""

    step: int
    raw: Array
    centred: Array
    armed: Index
    status: Index
    ended: Array


class Stepped(NamedTuple):
    """Hold what one window gave: spikes as (lanes x room, counts), samples."""

    times: Array
    counts: Index
    samples: Array


class FixedLanes:
    """Hold some lanes (a chunk) of a job where they stand, and take them further."""

    def __init__(self, job: Job, chunk: slice) -> None:
        assert job.dt is not None
        lanes = _padded(chunk, fixed.lanes_of(job.lanes.layout.structure))
        self.count, self.dt = chunk.stop - chunk.start, job.dt
        self.begun = round(job.start / job.dt)
        self.program = program(job, lanes, job.dt)
        values = np.ascontiguousarray(job.values[:, lanes])
        raw = _begin(job, lanes, values, job.dt)
        ended = np.where(job.status[lanes] == 0, np.inf, job.start)
        self.state = LaneStates(
            self.begun, raw, values, job.armed[lanes], job.status[lanes], ended
        )
        self.lanes, self.structure = lanes, job.lanes.layout.structure
        self.room = np.empty((0, 0))
        assert job.method.room is not None
        self.tile = aligned.empty(job.method.room(self.structure))

    def advance(self, job: Job, control: Control) -> Outcome:
        """Integrate from the job's start, where the lanes stand, to its end."""
        dt, end, count, times = self.dt, round(job.end / self.dt), self.count, job.times
        stride = max(1, round(job.every / dt))
        state, recorded = self.state, job.recorded
        used, drive_of = np.unique(job.drive_of[self.lanes], return_inverse=True)
        entering = [job.drives[index] for index in used]
        samples = np.empty((times.size, recorded.size, count))
        filled = 0
        if times.size and state.step % stride == 0:
            samples[0] = state.centred[recorded, :count]
            filled = 1
        spikes: list[tuple[Index, Array]] = [(np.empty(0, np.int64), np.empty(0))]
        while state.step < end and not control.stop.is_set():
            steps = min(WINDOW, end - state.step)
            drive = drives.means(entering, self.structure, state.step, steps, dt)
            state, window = _advance(
                self.program,
                state,
                steps,
                drive,
                drive_of,
                recorded,
                stride,
                dt,
                self._room(steps),
                self.tile,
            )
            spikes.append(_found(window, count))
            # the end opens the next stretch
            taken = min(len(window.samples), times.size - filled)
            samples[filled : filled + taken] = window.samples[:taken, :, :count]
            filled += taken
            control.add(steps * dt * count)
        self.state = state
        ended, lane_status = state.ended[:count].copy(), state.status[:count].copy()
        reached = state.step * dt
        if state.step < end:
            lane_status[lane_status == 0] = status.CODES["interrupted"]
            ended = np.minimum(ended, reached)
        return Outcome(
            SpikeTrains.sorted_out(spikes, count),
            samples,
            state.raw[:, :count],
            state.centred[:, :count],
            state.armed[:count],
            lane_status,
            ended,
            np.full(count, reached),
            np.full(count, state.step - self.begun),
        )

    def _room(self, steps: int) -> Array:
        """Return room for the spikes of so many steps; asking for it anew takes longer."""
        shape = (self.state.raw.shape[1], steps // 2 + 1)
        if self.room.shape != shape:
            self.room = np.empty(shape)
        return self.room


def _found(window: Stepped, lanes: int) -> tuple[Index, Array]:
    """Return lane and time of each spike of a window's first lanes."""
    counts = window.counts[:lanes]
    held = np.arange(counts.max(initial=0)) < counts[:, None]
    times = window.times[:lanes, : held.shape[1]][held]
    return np.repeat(np.arange(lanes), counts), times


def _advance(
    run: Program,
    state: LaneStates,
    steps: int,
    drive: Array,
    drive_of: Index,
    recorded: Index,
    stride: int,
    dt: float,
    times: Array,
    tile: Array,
) -> tuple[LaneStates, Stepped]:
    """Return the state after `steps` steps, the spikes on the way and the samples.

    `drive`: means over each step, steps x inputs x drives, `drive_of` each lane. `recorded`
    states are sampled at every step number that `stride` divides, up to and with the last.
    `times`: room for spikes, lanes x half as many as steps and one; `tile`: to work in.
    """
    lanes = state.raw.shape[1]
    taken = (state.step + steps) // stride - state.step // stride if recorded.size else 0
    window = Stepped(
        times,
        np.zeros(lanes, np.int64),
        np.empty((taken, recorded.size, lanes)),
    )
    after = LaneStates(
        state.step + steps,
        state.raw.copy(),
        state.centred.copy(),
        state.armed.copy(),
        state.status.copy(),
        state.ended.copy(),
    )
    run.kernel(
        after.raw.reshape(-1),
        after.centred.reshape(-1),
        run.rows.reshape(-1),
        run.vtable,
        run.vbase,
        run.ctable,
        run.cbase,
        drive.reshape(-1),
        drive_of,
        drive.shape[2],
        dt,
        state.step,
        steps,
        stride,
        recorded,
        window.samples,
        window.times,
        window.counts,
        after.armed,
        after.status,
        after.ended,
        run.threshold,
        run.floors,
        lanes,
        tile,
    )
    return after, window


def _begin(job: Job, chunk: Index, values: Array, dt: float) -> Array:
    """Return the method's raw states: as they were kept, or from states at one time."""
    raw = values.copy()
    if job.method.staggered:
        kind = job.lanes.kind[chunk]
        for index in np.unique(kind):
            members = kind == index
            raw[:, members] = tables.half_step(
                job.lanes.kinetics[index],
                job.lanes.layout,
                values[:, members],
                dt,
                job.lanes.values,
                job.lanes.rows[:, chunk][:, members],
            )
    on = job.goes_on[chunk]
    if on.any():
        assert job.raw is not None
        raw[:, on] = job.raw[:, chunk][:, on]
    return raw


def _padded(chunk: slice, multiple: int) -> Index:
    """Return the chunk's lanes, and its last one again up to a multiple."""
    count = chunk.stop - chunk.start
    wanted = -(-count // multiple) * multiple
    return chunk.start + np.minimum(np.arange(wanted), count - 1)
