"""Run a batch: chunks of lanes over threads, windows over time."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine import fixed, status
from mnexcite.engine.methods import Method
from mnexcite.equations.lower import Lanes
from mnexcite.spikes import SpikeTrains
from mnexcite.stimuli import Drive

Array = NDArray[np.float64]
Index = NDArray[np.int64]

CHUNK = 64  # lanes
QUEUE = 256  # lanes that refill a vector: its last ones run with places vacant
OWN_TABLES_CHUNK = 16  # lanes of differing kinetics, whose tables take megabytes each
NEGLIGIBLE = 0.01  # of a pool's scale
STEP_LIMIT = 100_000, 10_000  # steps of a lane, and as many more per ms


@dataclass(frozen=True)
class Job:
    """Hold a batch, how to integrate it and what to keep.

    From `start` to `end` [ms]. `dt` is for methods of fixed steps, `tolerance` for those that
    choose theirs. `tables`: those that all lanes share, None where kinetics differ.
    `values`: states x lanes at the start; `raw`: the method's own, which the lanes in
    `goes_on` start with. `drives`: the distinct ones, of which each lane has that of
    `drive_of`. `recorded`: indices of the states to sample `every` so often [ms].
    `scale`: weight of each state's error.
    """

    lanes: Lanes
    method: Method
    start: float
    end: float
    every: float
    dt: float | None
    tolerance: float | None
    tables: tuple[Array, Array] | None
    values: Array
    raw: Array | None
    goes_on: NDArray[np.bool_]
    armed: Index
    status: Index
    drives: list[Drive]
    drive_of: Index
    recorded: Index
    scale: Array

    @property
    def floors(self) -> Array:
        """Below which each pool's concentration is negative by more than an error of a step."""
        structure = self.lanes.layout.structure
        pools = slice(len(structure.compartments), structure.first_gate)
        return -NEGLIGIBLE * self.scale[pools]

    @cached_property
    def times(self) -> Array:
        """Times of the samples [ms]: multiples of `every` before the end."""
        if not self.recorded.size:
            return np.empty(0)
        ends = [edge / self.every for edge in (self.start, self.end)]
        # an edge that is a sample's time but for rounding is at that sample
        first, last = (math.ceil(end - 1e-9 - 1e-15 * end) for end in ends)
        return np.arange(float(first), float(last)) * self.every


@dataclass(frozen=True)
class Outcome:
    """Hold what some lanes gave: spikes, samples (time x state x lane), ends.

    `reached`: the time that each lane's states are at; `steps`: how many it took.
    """

    spikes: SpikeTrains
    samples: Array
    raw: Array
    values: Array
    armed: Index
    status: Index
    ended: Array
    reached: Array
    steps: Index

    @property
    def names(self) -> tuple[str, ...]:
        """Each lane's status."""
        return tuple(status.NAMES[code] for code in self.status.tolist())


_PER_LANE = ("samples", "raw", "values", "armed", "status", "ended", "reached", "steps")
Part = TypeVar("Part", Job, Outcome)


class Control:
    """Let the main thread see how far workers are, and stop them."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self.done = 0.0

    def add(self, amount: float) -> None:
        """Add work done, in ms of a lane."""
        with self._lock:
            self.done += amount


class Running(Protocol):
    """Some lanes of a job where they stand."""

    def advance(self, job: Job, control: Control) -> Outcome:
        """Integrate from the job's start, where the lanes stand, to its end."""
        ...


Start = Callable[[Job, slice], Running]
Progress = Callable[[float], None] | None


class Runs:
    """Hold a whole batch where it stands, cut into chunks of lanes for threads.

    `start` makes a chunk of the job ready to run; with `once` it is
    dropped when it has run, for each may have tables of megabytes. Used in a `with`, or closed.
    """

    def __init__(self, job: Job, start: Start, threads: int, once: bool = False) -> None:
        self.job, self.start, self.once = job, start, once
        self.chunks = _chunks(job, threads)
        self.running: list[Running | None] = [None] * len(self.chunks)
        self.pool = ThreadPoolExecutor(max_workers=threads)

    def __enter__(self) -> Runs:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the threads end."""
        self.pool.shutdown()

    def advance(
        self,
        job: Job,
        progress: Progress = None,
        on_stop: Callable[[BaseException], None] = lambda error: None,
    ) -> tuple[Outcome, bool]:
        """Return the outcome of a stretch, and whether something stopped it before its end.

        That is Ctrl-C, or whatever `progress` or a handler of signals raised; `on_stop` is
        told. `job`: that of this batch, with other times.
        """
        control, stopped = Control(), False
        total = job.lanes.count * (job.end - job.start)
        tasks: list[Future[Outcome]] = [
            self.pool.submit(self._chunk, index, job, control)
            for index in range(len(self.chunks))
        ]
        try:
            for task in tasks:
                waiting = True
                while waiting:
                    try:
                        wait_a_little(task)
                        if progress is not None and not stopped:
                            progress(min(control.done / total, 1.0))
                    except BaseException as error:
                        if not stopped:
                            on_stop(error)
                        stopped = True
                        control.stop.set()
                    waiting = not task.done()
        finally:
            control.stop.set()
        outcomes = [task.result() for task in tasks]
        outcome = outcomes[0] if len(outcomes) == 1 else _joined(outcomes)
        _blank(job, outcome)
        return outcome, stopped

    def advance_here(self, job: Job) -> Outcome:
        """Return the outcome of a short stretch, run in this thread: no other has to wake."""
        control = Control()
        outcomes = [self._chunk(index, job, control) for index in range(len(self.chunks))]
        outcome = outcomes[0] if len(outcomes) == 1 else _joined(outcomes)
        _blank(job, outcome)
        return outcome

    def _chunk(self, index: int, job: Job, control: Control) -> Outcome:
        try:
            # where nothing is compiled, NumPy would warn of lanes that fail
            with np.errstate(all="ignore"):
                running = self.running[index]
                if running is None:
                    running = self.start(self.job, self.chunks[index])
                    self.running[index] = None if self.once else running
                return running.advance(job, control)
        except BaseException:
            control.stop.set()  # of the other chunks too
            raise


def wait_a_little(task: Future[Outcome]) -> None:
    """Wait until a task has ended, or for as long as nobody minds."""
    with suppress(FutureTimeout):
        task.exception(timeout=0.1)


def of_lanes(whole: Part, lanes: Index) -> Part:
    """Return the job or outcome of some lanes (indices)."""
    if isinstance(whole, Outcome):
        arrays = {key: getattr(whole, key)[..., lanes] for key in _PER_LANE}
        return Outcome(spikes=whole.spikes.chosen(lanes), **arrays)
    return replace(
        whole,
        lanes=replace(
            whole.lanes, rows=whole.lanes.rows[:, lanes], kind=whole.lanes.kind[lanes]
        ),
        values=whole.values[:, lanes],
        raw=None if whole.raw is None else whole.raw[:, lanes],
        goes_on=whole.goes_on[lanes],
        armed=whole.armed[lanes],
        status=whole.status[lanes],
        drive_of=whole.drive_of[lanes],
    )


def put(whole: Outcome, lanes: Index, part: Outcome) -> Outcome:
    """Return the outcome with some lanes (indices) taken from another."""
    if len(lanes) == len(whole.spikes):
        return part
    spikes = list(whole.spikes)
    for lane, train in zip(lanes, part.spikes, strict=True):
        spikes[lane] = train
    arrays = {}
    for key in _PER_LANE:
        arrays[key] = getattr(whole, key).copy()
        arrays[key][..., lanes] = getattr(part, key)
    return Outcome(spikes=SpikeTrains.found(spikes), **arrays)


def _blank(job: Job, outcome: Outcome) -> None:
    """Put NaN where a lane had already ended; its status says why."""
    for lane in np.flatnonzero(np.isfinite(outcome.ended)):
        outcome.samples[job.times >= outcome.ended[lane], :, lane] = np.nan


def _chunks(job: Job, threads: int) -> list[slice]:
    lanes, multiple = job.lanes.count, fixed.lanes_of(job.lanes.layout.structure)
    share = -(-lanes // threads)
    if len(job.lanes.kinetics) > 1:
        most = OWN_TABLES_CHUNK
    else:
        most = QUEUE if job.method.adaptive else CHUNK
    size = max(multiple, min(most, -(-share // multiple) * multiple))
    return [slice(start, min(start + size, lanes)) for start in range(0, lanes, size)]


def _joined(outcomes: list[Outcome]) -> Outcome:
    return Outcome(
        SpikeTrains.side_by_side([outcome.spikes for outcome in outcomes]),
        *(
            np.concatenate([getattr(outcome, key) for outcome in outcomes], axis=-1)
            for key in _PER_LANE
        ),
    )
