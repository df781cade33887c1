"""Integrate lanes with an adaptive kernel, each with its own time and step."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine import adaptive, aligned, drives, status
from mnexcite.engine.batch import STEP_LIMIT, Control, Job, Outcome
from mnexcite.engine.growth import LONGEST
from mnexcite.engine.program import program
from mnexcite.spikes import SpikeTrains
from mnexcite.stimuli import Drive

Array = NDArray[np.float64]
Index = NDArray[np.int64]

BUDGET = 100_000  # steps of a vector per call; short enough for Ctrl-C
ROOM = 4096  # spikes per call
SWING = 0.01  # of each state's scale
STRETCH = 1000.0  # ms of a path that fluctuates


class AdaptiveLanes:
    """Hold some lanes (a chunk) of a job where they stand, and take them further.

    At the end of a stretch a lane keeps the start of its last step, which the next stretch
    takes again: how time is cut changes no bit.
    """

    def __init__(self, job: Job, chunk: slice) -> None:
        assert job.tolerance is not None and job.method.tableau is not None
        lanes = np.arange(chunk.start, chunk.stop)
        structure, tableau = job.lanes.layout.structure, job.method.tableau
        ready = program(job, lanes, 1.0)
        self.kernel, self.lanes, self.begun = ready.kernel, lanes, job.start
        self.structure = structure
        self.entering: list[Drive] | None = None
        self.values = np.ascontiguousarray(job.values[:, lanes])
        self.y, self.clock = _begin(job, lanes, self.values)
        self.armed, self.codes = job.armed[lanes], job.status[lanes]
        self.ended = np.where(self.codes == 0, np.inf, job.start)
        self.taken = np.zeros(lanes.size)
        self.found = np.empty(ROOM, np.int64), np.empty(ROOM)
        assert job.method.room is not None
        tile = aligned.empty(job.method.room(structure))
        tile[:] = 1.0
        # what the kernel takes, by the names that it declares
        self.given: dict[str, Any] = {
            "y": self.y.reshape(-1),
            "clock": self.clock.reshape(-1),
            "values": self.values.reshape(-1),
            "p": ready.rows.reshape(-1),
            "vtable": ready.vtable,
            "vbase": ready.vbase,
            "ctable": ready.ctable,
            "cbase": ready.cbase,
            "weights": 1.0 / (job.tolerance * job.scale),
            "recorded": job.recorded,
            "spike_lanes": self.found[0],
            "spike_times": self.found[1],
            "armed": self.armed,
            "status": self.codes,
            "ended": self.ended,
            "taken": self.taken,
            "threshold": ready.threshold,
            "tableau": tableau.numbers(),
            "swing": SWING * job.scale,
            "floors": ready.floors,
            "tile": tile,
        }

    def advance(self, job: Job, control: Control) -> Outcome:
        """Integrate from the job's start, where the lanes stand, to its end."""
        count, clock, times = self.lanes.size, self.clock, job.times
        samples = np.full((times.size, job.recorded.size, count), np.nan)
        if times.size and times[0] <= job.start:  # within a rounding
            samples[0] = self.values[job.recorded]
        spikes: list[tuple[Index, Array]] = [(np.empty(0, np.int64), np.empty(0))]
        end, left = job.start, self.codes == 0
        for begin, end in itertools.pairwise(self._edges(job)):
            self._enter(job, begin, end)
            first, last = np.searchsorted(times, (begin, end))
            part = times[first:last], samples[first:last]
            left = self._stretch(job, begin, end, part, spikes, control)
            if control.stop.is_set():
                break
        codes, ended = self.codes.copy(), self.ended.copy()
        short = left | ((codes == 0) & (end < job.end))
        codes[short] = status.CODES["interrupted"]
        reached = np.where(left, np.maximum(clock[0], job.start), end)
        reached[~short] = job.end
        ended[short] = reached[short]
        moved = left & (clock[0] >= job.start)  # others are still where they were
        self.values[:, moved] = self.y[:, moved]
        return Outcome(
            SpikeTrains.sorted_out(spikes, count),
            samples,
            np.concatenate([self.y, clock]),
            self.values.copy(),
            self.armed.copy(),
            codes,
            ended,
            reached,
            self.taken.astype(np.int64),
        )

    def _edges(self, job: Job) -> Array:
        """Return where the stretches of a job end: it must not hold a long path at once."""
        if not any(job.drives[index].noisy for index in np.unique(job.drive_of[self.lanes])):
            return np.array([job.start, job.end])
        inner = np.arange(math.ceil(job.start / STRETCH), math.ceil(job.end / STRETCH))
        inside = STRETCH * inner[STRETCH * inner > job.start]
        return np.concatenate([[job.start], inside, [job.end]])

    def _enter(self, job: Job, begin: float, end: float) -> None:
        """Make the pieces of a stretch ready, those of known drives once and for all."""
        used, drive_of = np.unique(job.drive_of[self.lanes], return_inverse=True)
        entering = [job.drives[index] for index in used]
        noisy = any(drive.noisy for drive in entering)
        if self.entering == entering and not noisy:
            return
        self.entering = entering
        if noisy:
            # a lane stands at the start of a step, and may step beyond the end
            start = float(self.clock[0].min(initial=begin))
            drive = drives.pieces(entering, self.structure, start, end + LONGEST)
        else:
            drive = drives.pieces(entering, self.structure)
        self.given |= {
            "starts": drive.starts,
            "levels": drive.levels.reshape(-1),
            "climbs": drive.climbs.reshape(-1),
            "pieces": drive.bounds,
            "drive_of": drive_of,
        }

    def _stretch(
        self,
        job: Job,
        begin: float,
        end: float,
        sampled: tuple[Array, Array],
        spikes: list[tuple[Index, Array]],
        control: Control,
    ) -> NDArray[np.bool_]:
        """Integrate to the end of a stretch, and return which lanes were stopped before it."""
        times, samples = sampled
        done = (self.codes != 0).astype(np.int64)
        stretch = {"times": times, "samples": samples, "done": done}
        stretch |= {"begin": begin, "end": end, "budget": BUDGET}
        limit = STEP_LIMIT[0] + STEP_LIMIT[1] * (end - self.begun)
        clock = self.clock
        before = clock[0].copy()
        while not (done.all() or control.stop.is_set()):
            given = self.given | stretch | {"queue": np.flatnonzero(done == 0)}
            found = self.kernel(*(given[name] for name in adaptive.ENTRY.arguments))
            spikes.append((self.found[0][:found].copy(), self.found[1][:found].copy()))
            endless = (done == 0) & (self.taken > limit)
            if endless.any():
                self.codes[endless], done[endless] = status.CODES["step_limit"], 1
                self.ended[endless] = clock[0, endless]
                self.values[:, endless] = self.y[:, endless]
            after = np.where(done, end, clock[0])
            control.add(float(np.sum(after - before)))
            before = after
        return done == 0


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
