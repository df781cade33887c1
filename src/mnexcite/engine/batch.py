"""Run a batch: chunks of lanes over threads, windows over time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine import advance as fold
from mnexcite.engine import emit, status
from mnexcite.engine.lower import Lanes
from mnexcite.engine.methods import Method
from mnexcite.stimuli import Waveform

Array = NDArray[np.float64]
Index = NDArray[np.int64]

WINDOW = 8192  # steps; short enough for Ctrl-C, long enough to hide the cost of a call
CHUNK = 64  # lanes
OWN_TABLES_CHUNK = 16  # lanes of differing kinetics, whose tables take megabytes each


@dataclass(frozen=True)
class Job:
    """Hold a batch, how to integrate it and what to keep.

    `values`: states x lanes at the start; `raw`: the method's own, where a run goes on.
    `recorded`: indices of states to sample every `stride` steps (dt each) from `first`
    up to but without `first + steps`.
    """

    lanes: Lanes
    method: Method
    dt: float
    first: int
    steps: int
    values: Array
    raw: Array | None
    armed: Index
    status: Index
    waveforms: list[list[Waveform | None]]
    drive_of: Index
    recorded: Index
    stride: int


@dataclass(frozen=True)
class Outcome:
    """Hold what some lanes gave: spikes per lane, samples (time x state x lane), ends.

    `reached`: the time that each lane's states are at.
    """

    spikes: list[Array]
    samples: Array
    raw: Array
    values: Array
    armed: Index
    status: Index
    ended: Array
    reached: Array


Worker = Callable[[Job, slice, "Control"], Outcome]


class Control:
    """Let the main thread see how far workers are, and stop them."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self.done = 0.0

    def add(self, amount: float) -> None:
        """Add work done, in lane-steps."""
        with self._lock:
            self.done += amount


def run(
    job: Job, worker: Worker, threads: int, progress: Callable[[float], None] | None
) -> tuple[Outcome, bool]:
    """Return the whole batch's outcome and whether it was interrupted by Ctrl-C."""
    chunks = _chunks(job, threads)
    control, interrupted = Control(), False
    total = job.lanes.count * max(job.steps, 1)
    with ThreadPoolExecutor(max_workers=threads) as pool:
        tasks: list[Future[Outcome]] = [pool.submit(worker, job, c, control) for c in chunks]
        pending = set(tasks)
        while pending:
            try:
                done, pending = wait(pending, timeout=0.1, return_when=FIRST_EXCEPTION)
                if any(task.exception() for task in done):
                    control.stop.set()
                if progress is not None:
                    progress(min(control.done / total, 1.0))
            except KeyboardInterrupt:
                interrupted = True
                control.stop.set()
        outcomes = [task.result() for task in tasks]
    return _joined(outcomes), interrupted


def fixed_step(job: Job, chunk: slice, control: Control) -> Outcome:
    """Integrate a chunk with a fixed-step kernel; the `Worker` of those methods."""
    lanes = _padded(chunk, emit.lanes_of(job.lanes.layout.structure))
    program = fold.program(job.lanes, job.method, job.dt, lanes)
    values = np.ascontiguousarray(job.values[:, lanes])
    raw = (
        fold.begin(job.lanes, job.method, job.dt, lanes, values)
        if job.raw is None
        else np.ascontiguousarray(job.raw[:, lanes])
    )
    count = chunk.stop - chunk.start
    state = fold.LaneStates(
        job.first, raw, values, job.armed[lanes], job.status[lanes], _ended(job, lanes)
    )
    end = job.first + job.steps
    room = _sample_count(job)
    samples = np.empty((room, job.recorded.size, count))
    filled = 0
    if room and job.first % job.stride == 0:
        samples[0] = values[job.recorded, :count]
        filled = 1
    used, drive_of = np.unique(job.drive_of[lanes], return_inverse=True)
    waveforms = [job.waveforms[index] for index in used]
    spikes: list[list[Array]] = [[] for _ in range(count)]
    while state.step < end and not control.stop.is_set():
        steps = min(WINDOW, end - state.step)
        drive = fold.drives(waveforms, state.step, steps, job.dt)
        state, window = fold.advance(
            program, state, steps, drive, drive_of, job.recorded, job.stride
        )
        for lane, number in enumerate(window.counts[:count]):
            spikes[lane].append(window.times[lane, :number].copy())
        taken = min(len(window.samples), room - filled)  # the end itself opens the next run
        samples[filled : filled + taken] = window.samples[:taken, :, :count]
        filled += taken
        control.add(steps * count)
    ended, lane_status = state.ended[:count].copy(), state.status[:count].copy()
    if state.step < end:
        lane_status[lane_status == 0] = status.BY_NAME["interrupted"].code
        ended = np.minimum(ended, state.step * job.dt)
        filled = min(filled, -(-state.step // job.stride) - -(-job.first // job.stride))
    _blank_after(samples[:filled], job, ended)
    return Outcome(
        [np.concatenate(train) if train else np.empty(0) for train in spikes],
        samples[:filled],
        state.raw[:, :count],
        state.centred[:, :count],
        state.armed[:count],
        lane_status,
        ended,
        np.full(count, state.step * job.dt),
    )


def _padded(chunk: slice, multiple: int) -> Index:
    """Return the chunk's lanes, and its last one again up to a multiple."""
    count = chunk.stop - chunk.start
    wanted = -(-count // multiple) * multiple
    return chunk.start + np.minimum(np.arange(wanted), count - 1)


def _ended(job: Job, chunk: Index) -> Array:
    """Return when lanes ended: at the start where they could not begin."""
    return np.where(job.status[chunk] == 0, np.inf, job.first * job.dt)


def _sample_count(job: Job) -> int:
    if not job.recorded.size:
        return 0
    first, end = job.first, job.first + job.steps
    return (end - 1) // job.stride - (first - 1) // job.stride


def _blank_after(samples: Array, job: Job, ended: Array) -> None:
    """Put NaN where a lane had already failed; its status says why."""
    start = -(-job.first // job.stride)
    t = (start + np.arange(len(samples))) * job.stride * job.dt
    for lane in np.flatnonzero(np.isfinite(ended)):
        samples[t >= ended[lane], :, lane] = np.nan


def _chunks(job: Job, threads: int) -> list[slice]:
    lanes, multiple = job.lanes.count, emit.lanes_of(job.lanes.layout.structure)
    share = -(-lanes // threads)
    most = CHUNK if len(job.lanes.kinetics) == 1 else OWN_TABLES_CHUNK
    size = max(multiple, min(most, -(-share // multiple) * multiple))
    return [slice(start, min(start + size, lanes)) for start in range(0, lanes, size)]


def _joined(outcomes: list[Outcome]) -> Outcome:
    shortest = min(len(outcome.samples) for outcome in outcomes)
    return Outcome(
        [train for outcome in outcomes for train in outcome.spikes],
        np.concatenate([outcome.samples[:shortest] for outcome in outcomes], axis=2),
        *(
            np.concatenate([getattr(outcome, key) for outcome in outcomes], axis=-1)
            for key in ("raw", "values", "armed", "status", "ended", "reached")
        ),
    )
