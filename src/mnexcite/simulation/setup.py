"""What a run is, apart from how long it is: checked, lowered and tabulated once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell, Factors
from mnexcite.cells.paths import Path
from mnexcite.engine import batch as engine
from mnexcite.engine.adaptive_run import AdaptiveLanes
from mnexcite.engine.fixed_run import FixedLanes
from mnexcite.engine.methods import DEFAULT_METHOD, METHODS, find_method
from mnexcite.engine.program import shared_tables
from mnexcite.engine.protocol import fingerprints
from mnexcite.engine.reference import Reference
from mnexcite.engine.state import State
from mnexcite.engine.status import CODES
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import Lanes, apart, lower
from mnexcite.equations.right_hand_side import error_scale
from mnexcite.equations.structure import structure_of
from mnexcite.errors import InputError, parts
from mnexcite.simulation.accuracy import Accuracy
from mnexcite.simulation.beginning import Beginning, begin
from mnexcite.simulation.inputs import (
    columns,
    entering,
    is_time_of_synapse,
    lane_count,
    run_seed,
    stimuli_and_clamp,
    with_events,
)
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.settings import (
    allowed_tolerance,
    check_cost,
    check_stability,
    interval,
    span,
    step,
)
from mnexcite.simulation.variables import Recorder, choose
from mnexcite.stimuli import Stimulus, VoltageClamp
from mnexcite.stimuli.drive import Commands

Array = NDArray[np.float64]
Driven = Stimulus | VoltageClamp | Iterable[Stimulus | VoltageClamp] | None

_CALL = "mnexcite.cells.purvis_butera_2005()"
MEMORY = 10.0  # ms, more than the longest step
#: Statuses of lanes that can go on.
_UNFINISHED = ("interrupted", "inaccurate", "sensitive")


@dataclass(frozen=True)
class Setup:
    """Hold everything about some lanes that no window changes.

    `job` ends where it starts: `stretch` gives it an end. `single`: one plain cell was asked
    for. `drive`: what was given as stimulus. `protocol`: a number per lane that tells what
    it runs under. `seed`: of what fluctuates.
    """

    cell: Cell
    values: dict[str, Array]
    single: bool
    drive: Stimulus | VoltageClamp | list[Stimulus | VoltageClamp] | None
    clamp: Commands | None
    beginning: Beginning
    protocol: NDArray[np.int64]
    recorder: Recorder
    job: engine.Job
    seed: int

    def start(self, job: engine.Job, chunk: slice) -> engine.Running:
        """Make a chunk of lanes ready to run by the method of a job."""
        if job.method.reference:
            return Reference(self.values, self.clamp, chunk)
        return AdaptiveLanes(job, chunk) if job.method.adaptive else FixedLanes(job, chunk)

    def stretch(self, start: float, duration: float, until: float | None = None) -> engine.Job:
        """Return the job of a run from `start` on [ms]; with fixed steps it ends with a step.

        `until` is its end where it was told as such: a sum would round.

        Raises
        ------
        InputError
            If the duration is not allowed, or the run is too long for anybody to wait.
        """
        job = self.job
        begin, end = span(replace(self.beginning.state, time=start), duration, job.dt)
        check_cost(
            job.method,
            job.lanes.count,
            duration,
            job.dt,
            job.every,
            len(self.recorder.variables),
            len(job.lanes.layout.structure.states),
        )
        if until is not None and job.dt is None:
            end = until
        return replace(job, start=begin, end=end)

    def told(self, events: Sequence[Stimulus], time: float) -> Setup:
        """Return the setup with more events, a stimulus for each lane, from `time` on [ms]."""
        # events that are over need not be told apart; a step may begin before `time`
        job = self.job
        drives = with_events(
            self.cell, self.values, job.drives, job.drive_of, events, time - MEMORY
        )
        changed = replace(job, drives=drives, drive_of=np.arange(len(drives)))
        return replace(self, job=changed)

    def begun(self, state: State) -> Setup:
        """Return the setup whose lanes begin anew from the values of a state."""
        # no method's own state belongs to these values
        state = replace(state, raw=state.values, method="", dt=None, tolerance=None)
        job = replace(
            self.job,
            start=state.time,
            end=state.time,
            values=state.values,
            raw=None,
            goes_on=np.zeros(state.lanes, bool),
            armed=state.armed,
            status=state.status,
        )
        return replace(self, beginning=replace(self.beginning, state=state), job=job)

    def changed(self, rows: Mapping[Path, ArrayLike]) -> Setup:
        """Return the setup in which numbers have other values.

        Raises
        ------
        InputError
            If a number is none that may change, or not allowed.
        """
        job, cell = self.job, self.cell
        given = self.allowed_rows(rows)
        count = job.lanes.count
        values = self.values | {p: np.broadcast_to(x, (count,)) for p, x in given.items()}
        lanes = lower(cell, job.lanes.layout, values, count)
        lanes = replace(job.lanes, rows=lanes.rows)
        return replace(
            self,
            values=values,
            protocol=fingerprints(lanes, job.drives, job.drive_of),
            recorder=Recorder(lanes, self.recorder.variables, self.clamp),
            job=replace(job, lanes=lanes),
        )

    def allowed_rows(self, rows: Mapping[Path, ArrayLike]) -> dict[str, Array]:
        """Return full path -> checked column of numbers that may change between windows.

        Raises
        ------
        InputError
            If a number is none that may change, or not allowed.
        """
        job, cell = self.job, self.cell
        given = columns(cell, rows)
        gates = tuple(f"{path}." for path in _tabulated(job.lanes))
        lanes = job.lanes.count
        for path, column in given.items():
            tabulated = path == "temperature" or path.startswith(gates)
            if tabulated or is_time_of_synapse(cell, path):
                raise InputError(
                    f"rows: {path} decides tables or what enters, which a session keeps; "
                    "allowed: conductances, reversals, concentrations, C, and numbers of pools "
                    "and bindings"
                )
            if column.size not in (1, lanes):
                raise InputError(
                    f"rows[{path!r}] has {column.size} values for {lanes} lanes; give one or "
                    f"{lanes}"
                )
        return given

    def state_after(self, outcome: engine.Outcome, accuracy: Accuracy) -> State:
        """Return the state that another run can go on from."""
        unfinished = np.isin(outcome.status, [CODES[name] for name in _UNFINISHED])
        reached = outcome.reached
        return State(
            time=float(reached[0]) if np.ptp(reached) == 0 else math.nan,
            names=self.job.lanes.layout.structure.states,
            values=outcome.values,
            raw=outcome.raw,
            armed=outcome.armed,
            status=np.where(unfinished, 0, outcome.status),
            method=self.job.method.name,
            dt=accuracy.dt,
            tolerance=accuracy.tolerance,
            protocol=self.protocol,
            told=self.beginning.state.told,
        )


def _tabulated(lanes: Lanes) -> list[str]:
    """Return the paths of all gates, whose numbers are in tables."""
    s = lanes.layout.structure
    return [s.path(k, channel.name, gate.name) for k, channel, gate in s.every_gate]


def set_up(
    cell: Cell,
    stimulus: Driven,
    numerics: Numerics,
    *,
    parameters: Mapping[Path, ArrayLike | Factors] | None = None,
    record: Sequence[str] | None = (),
    every: float | None = None,
) -> Setup:
    """Check and lower what `simulate` takes.

    Raises
    ------
    InputError
        If an argument is not allowed.
    """
    if not isinstance(cell, Cell):
        raise InputError(
            f"cell is {type(cell).__name__}; allowed: a Cell, such as that of {_CALL}"
        )
    if isinstance(stimulus, Iterable):
        kinds = (Stimulus, VoltageClamp)
        stimulus = [*parts("stimulus", stimulus, kinds, "stimuli of mnexcite.stimuli")]
    chosen = find_method(DEFAULT_METHOD if numerics.method is None else numerics.method)
    values = columns(cell, parameters)
    stimuli, clamp = stimuli_and_clamp(cell, stimulus)
    count, single = lane_count(values, stimulus, numerics.initial)
    values = {path: np.broadcast_to(column, (count,)) for path, column in values.items()}
    if clamp is not None and not chosen.reference:
        chosen = METHODS["reference"]
    dt = step(cell, chosen, numerics.dt, clamp is not None)
    tolerance = allowed_tolerance(chosen, numerics.tolerance)
    drawn = run_seed(numerics.seed)
    drives, drive_of = entering(cell, stimuli, values, count, drawn)
    conducted = {
        k for drive in drives for k, g in enumerate(drive.conductances) if g is not None
    }
    lanes = lower(cell, Layout(structure_of(cell, conducted)), values, count)
    # an estimate of the error of spike times tells of unstable steps too
    judged = numerics.spike_error is not None
    if dt is not None and not judged and math.isfinite(chosen.stability):
        for variant in apart(lanes).kinetics:
            check_stability(variant, chosen, dt)
    beginning = begin(lanes, numerics.initial)
    if not chosen.filling.paced:
        lanes = apart(lanes)
    state = beginning.state
    if record is None:
        record = ("v", "clamp.i") if clamp is not None else ("v",) if single else ()
    held = None if clamp is None else clamp.compartment
    recorder = Recorder(lanes, choose(cell, record, held), clamp)
    protocol = fingerprints(lanes, drives, drive_of)
    if state.told:
        drives = with_events(cell, values, drives, drive_of, state.told)
        drive_of = np.arange(count)
    job = engine.Job(
        lanes=lanes,
        method=chosen,
        start=state.time,
        end=state.time,
        every=interval(every, dt),
        dt=dt,
        tolerance=tolerance,
        tables=shared_tables(lanes, chosen, dt),
        values=state.values,
        raw=state.raw,
        goes_on=state.goes_on(chosen, dt, tolerance, protocol),
        armed=state.armed,
        status=state.status,
        drives=drives,
        drive_of=drive_of,
        recorded=recorder.states,
        scale=error_scale(cell),
    )
    return Setup(
        cell, values, single, stimulus, clamp, beginning, protocol, recorder, job, drawn
    )
