"""Lead lanes through short windows with all that enters in arrays: for loops that are closed.

A window costs its steps and a few dozen calls of NumPy. Nothing is checked here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine import _feeding_kernel, adaptive, status
from mnexcite.engine.adaptive_run import BUDGET, AdaptiveLanes
from mnexcite.engine.batch import STEP_LIMIT, Job
from mnexcite.engine.drives import Pieces
from mnexcite.equations.structure import Structure
from mnexcite.kernels.compiled import load

Array = NDArray[np.float64]
Index = NDArray[np.int64]


#: What adaptive kernels multiply with otherwise than a cell has it; rates are per ms.
PREPARED = ("C", "alpha", "removal", "catch", "free")


class Pulses(NamedTuple):
    """Hold pulses of current: of each its lane, start, end [ms] and height."""

    lane: Index
    start: Array
    end: Array
    height: Array

    def of(self, which: NDArray[np.bool_] | Index | slice) -> Pulses:
        """Return some of them (a mask, places or a slice)."""
        return Pulses(self.lane[which], self.start[which], self.end[which], self.height[which])


NO_PULSES = Pulses(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))


class FedLanes:
    """Hold adaptive lanes where they stand, and lead them through windows.

    Each window begins anew from the values at which the last one ended, with the step that
    would have been next. `values`, `codes` (of statuses) and `rows` are open to read.
    """

    def __init__(self, job: Job) -> None:
        lanes = AdaptiveLanes(job, slice(0, job.lanes.count))
        self._lanes, self._job = lanes, job
        self.values, self.codes = lanes.values, lanes.codes
        self.time = job.start
        # lanes in the order of their voltages, and those of them that run
        self._order, self._queue = np.arange(job.lanes.count), np.arange(job.lanes.count)
        self._done = np.zeros(job.lanes.count, np.int64)
        given = lanes.given | {
            "times": np.empty(0),
            "samples": np.empty((0, 0, job.lanes.count)),
            "done": self._done,
            "drive_of": np.arange(job.lanes.count),
            "budget": BUDGET,
        }
        names = list(adaptive.ENTRY.arguments)
        self._place = {name: names.index(name) for name in names}
        self._given: list[Any] = [given.get(name) for name in names]
        self._standing = (
            lanes.y,
            lanes.clock,
            lanes.values,
            lanes.armed,
            lanes.codes,
            lanes.ended,
            lanes.taken,
        )
        kinds = [kind for kind, *_ in job.lanes.layout.parameters]
        self._prepared = {row for row, kind in enumerate(kinds) if kind in PREPARED}
        self._rows = lanes.given["p"].reshape(len(kinds), -1)
        self._marked = tuple(each.copy() for each in self._standing)

    def stand(self, values: Array, threshold: float) -> None:
        """Let lanes stand at other values; who is below the threshold has yet to fire."""
        self._lanes.values[:] = values
        self._lanes.armed[:] = values[0] < threshold

    def turn(self, rows: Array, places: list[int]) -> None:
        """Go on with other rows, parameters x lanes; those at `places` are others."""
        prepare = self._job.method.prepare
        assert prepare is not None
        if self._prepared.isdisjoint(places):
            self._rows[places] = rows[places]
        else:
            self._rows[:] = prepare(rows, self._job.lanes.layout, 1.0)

    def advance(self, end: float, pieces: Pieces) -> tuple[Index, Array]:
        """Go to `end` [ms], and return lane and time of each spike on the way."""
        begin, self.time = self.time, end
        count = _kernel().begin(
            begin, *self._standing, *self._marked, self._order, self._queue, self._done
        )
        return self._run(begin, end, pieces, self._queue[:count])

    def again(self, lanes: Index, pieces: Pieces) -> tuple[Index, Array]:
        """Go through the last window again in some lanes, with other things entering."""
        for now, kept in zip(self._standing, self._marked, strict=True):
            now[..., lanes] = kept[..., lanes]
        running = lanes[self.codes[lanes] == 0]
        self._done[running] = 0
        return self._run(float(self._marked[1][0, 0]), self.time, pieces, running)

    def _set(self, **given: Any) -> None:
        for name, value in given.items():
            self._given[self._place[name]] = value

    def _run(
        self, begin: float, end: float, pieces: Pieces, queue: Index
    ) -> tuple[Index, Array]:
        """Run the lanes of the queue, all that are not done."""
        lanes, done = self._lanes, self._done
        self._set(
            starts=pieces.starts,
            levels=pieces.levels,
            climbs=pieces.climbs,
            pieces=pieces.bounds,
            begin=begin,
            end=end,
        )
        limit = STEP_LIMIT[0] + STEP_LIMIT[1] * (end - lanes.begun)
        found: list[tuple[Index, Array]] = []
        while queue.size:
            self._set(queue=queue)
            count = lanes.kernel(*self._given)
            found.append((lanes.found[0][:count].copy(), lanes.found[1][:count].copy()))
            if done.all():
                break
            left = (done == 0).nonzero()[0]
            endless = left[lanes.taken[left] > limit]
            lanes.codes[endless] = status.CODES["step_limit"]
            lanes.values[:, endless] = lanes.y[:, endless]
            done[endless] = 1
            queue = np.setdiff1d(left, endless)
        if len(found) == 1:
            return found[0]
        found.append((np.empty(0, np.int64), np.empty(0)))
        return np.concatenate([x for x, _ in found]), np.concatenate([t for _, t in found])


def entering(
    structure: Structure,
    lanes: int,
    t: Array,
    current: Array | float,
    conductance: Array | float | None,
    pulses: Pulses | None,
    room: Pieces | None = None,
) -> Pieces:
    """Return the pieces of what enters the first compartment of each lane in a window.

    `current` and `conductance` (its total; what it lets through at 0 mV is in the current)
    are straight between the knots `t`, shape (lanes, knots). The last piece begins at the last
    knot: a step ends there. Of `pulses` the part in the window counts. Pieces that are no
    longer needed may give their `room`.
    """
    given = NO_PULSES if pulses is None else pulses
    inputs, most = len(structure.inputs), lanes * t.size + 2 * given.lane.size
    if room is None or room.starts.size < most:
        room = Pieces(
            np.empty(most),
            np.empty(most * inputs),
            np.empty(most * inputs),
            np.empty(lanes + 1, np.int64),
        )
    _kernel().cut(
        t,
        _lines(current, t.size),
        _NO_LINES if conductance is None else _lines(conductance, t.size),
        inputs,
        structure.inputs.index(("current", 0, "")),
        0 if conductance is None else structure.inputs.index(("conductance", 0, "")),
        *map(np.ascontiguousarray, given),
        np.zeros(lanes + 1, np.int64),
        np.empty(given.lane.size, np.int64),
        *room,
    )
    return room


def _lines(given: Array | float, knots: int) -> Array:
    """Return values at knots, a row for each lane or one for all."""
    if isinstance(given, np.ndarray) and given.ndim == 2:
        return given if given.flags.c_contiguous else np.ascontiguousarray(given)
    return np.full((1, knots), given)


_NO_LINES = np.empty((0, 0))

#: Where lanes stand, and where they stood when the window began.
_STANDING = {
    "y": "f8[:,::1]",
    "clock": "f8[:,::1]",
    "values": "f8[:,::1]",
    "armed": "i8[::1]",
    "codes": "i8[::1]",
    "ended": "f8[::1]",
    "taken": "f8[::1]",
}
_ENTRIES = {
    "begin": {
        "time": "f8",
        **_STANDING,
        **{f"{name}_before": kind for name, kind in _STANDING.items()},
        **dict.fromkeys(("order", "queue", "done"), "i8[::1]"),
        "return": "i8",
    },
    "cut": {
        "t": "f8[::1]",
        "current": "f8[:,::1]",
        "conductance": "f8[:,::1]",
        "inputs": "i8",
        "at_current": "i8",
        "at_conductance": "i8",
        "lane": "i8[::1]",
        "on": "f8[::1]",
        "off": "f8[::1]",
        "height": "f8[::1]",
        "heads": "i8[::1]",
        "order": "i8[::1]",
        "starts": "f8[::1]",
        "levels": "f8[::1]",
        "climbs": "f8[::1]",
        "bounds": "i8[::1]",
    },
}


@cache
def _kernel() -> SimpleNamespace:
    source = Path(_feeding_kernel.__file__).read_text(encoding="utf-8")
    return load("feeding", source, _ENTRIES)
