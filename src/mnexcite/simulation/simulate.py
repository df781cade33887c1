"""Run a cell, or a batch of its variants: one kernel, the same bits."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell, Factors
from mnexcite.cells.paths import Path
from mnexcite.cells.warmth import Numbers
from mnexcite.engine import batch as engine
from mnexcite.engine import status
from mnexcite.engine.adaptive_run import AdaptiveLanes
from mnexcite.engine.equations import error_scale
from mnexcite.engine.fixed_run import FixedLanes
from mnexcite.engine.layout import Layout
from mnexcite.engine.lower import lower
from mnexcite.engine.methods import DEFAULT_METHOD, METHODS, Method, find_method
from mnexcite.engine.program import shared_tables
from mnexcite.engine.protocol import fingerprints
from mnexcite.engine.reference import Reference
from mnexcite.engine.state import State
from mnexcite.engine.structure import structure_of
from mnexcite.errors import InputError, RunWarning, number, parts, shown, stopped_with
from mnexcite.simulation.accuracy import Accuracy, plain, run_to
from mnexcite.simulation.beginning import Initial, begin
from mnexcite.simulation.cheapest import cheapest_method
from mnexcite.simulation.inputs import (
    columns,
    lane_count,
    stimuli_and_clamp,
    told,
)
from mnexcite.simulation.recording import Batch, Recording
from mnexcite.simulation.settings import (
    allowed_error,
    allowed_tolerance,
    check_cost,
    check_stability,
    interval,
    run_length,
    span,
    step,
    thread_count,
)
from mnexcite.simulation.variables import Recorder, choose
from mnexcite.spikes import SpikeTrains
from mnexcite.stimuli import Stimulus, VoltageClamp, Waveform
from mnexcite.stimuli.words import in_words

Array = NDArray[np.float64]

_CALL = "mnexcite.cells.purvis_butera_2005()"


def simulate(
    cell: Cell,
    stimulus: Stimulus | VoltageClamp | Iterable[Stimulus] | None = None,
    *,
    duration: float,
    discard: float = 0.0,
    parameters: Mapping[Path, ArrayLike | Factors] | None = None,
    record: Sequence[str] | None = None,
    every: float | None = None,
    method: str | None = None,
    tolerance: float | None = None,
    dt: float | None = None,
    spike_error: float | None = None,
    initial: Initial = "published",
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Recording | Batch:
    """Integrate a cell and return its spikes, samples and final state.

    Parameters
    ----------
    cell
        The cell.
    stimulus
        Injected current, a voltage clamp, or one stimulus per lane.
    duration
        Length of the run [ms]. With fixed steps it ends with the first that reaches it.
    discard
        Spikes before this time [ms] are hidden.
    parameters
        Path -> one value per lane, shape (lanes,): runs a batch. Values are absolute, in
        the parameter's unit, or `factors` of the cell's own value. `temperature` warms a
        lane as `cell.replaced` does.
    record
        Variables to sample: `v`, gates (`NaP.m`), currents (`NaP.i`), pools (`Ca`), and
        `clamp.i` under voltage clamp. Default: v for one cell, none for a batch.
    every
        Sampling interval [ms], with fixed steps a multiple of dt; default near 0.1.
    method
        Adaptive, with its own steps in every lane: `kaps_rentrop` (order 4, the default),
        `rosenbrock` (order 4), `dormand_prince` (order 5). With fixed steps: `staggered`
        (order 2), `exponential_euler` (order 1), `runge_kutta_4` (order 4). `reference` is
        SciPy's DOP853 at tight tolerance, slow, and `reference_radau` its Radau, slower;
        voltage clamp always uses one of them.
    tolerance
        Error allowed per step of an adaptive method, relative to 100 mV, to 1 for gates and
        to a pool's scale; 1e-10 to 1e-2, default 1e-6. Of the references 1e-13 to 1e-3,
        default 1e-11, of each state relative to itself too.
    dt
        Step [ms] of a method with fixed steps, up to 1; default the cell's own.
    spike_error
        Error allowed in spike times [ms]. Where no method is given, short trials of the cell
        choose the adaptive one that takes the least work. Every lane is run again with a
        smaller tolerance or dt until its estimated error is below; the result says the
        estimate. With a tolerance or dt given, these are kept and the error is only
        estimated. A lane that does not get there has the status `inaccurate`, or `sensitive`
        where the cell magnifies roundings to more than that.
    initial
        `published`; `rest`, the changed cell's stable equilibrium of lowest voltage without
        a stimulus, or the published state where it has none (`began` says which); a mapping
        path -> value that changes the published state; or a `final_state`: the run then goes
        on from its time.
    threads
        Number of threads, default all cores; no number changes the result.
    progress
        Called now and then with the share done, 0 to 1. What it raises stops the run at
        once, with what was computed in its `partial`.

    Returns
    -------
    Recording or Batch
        A `Batch` where parameters, stimuli or the initial state have lanes.

    Raises
    ------
    InputError
        If an argument is not allowed; nothing has run then.
    Interrupted
        On Ctrl-C, with what was computed in its `partial`.

    Warns
    -----
    RunWarning
        If some lanes failed; each has its status. If a rest was asked for and some lanes
        have none.

    Examples
    --------
    >>> import mnexcite as mx
    >>> cell = mx.cells.purvis_butera_2005()
    >>> pulse = mx.stimuli.pulse(1.0, unit="nA", start=10.0)
    >>> mx.simulate(cell, pulse, duration=50.0).spike_times.round(1).tolist()
    [11.4]
    """
    result = integrate(
        cell,
        stimulus,
        duration=duration,
        discard=discard,
        parameters=told(cell, parameters),
        record=record,
        every=every,
        method=method,
        tolerance=tolerance,
        dt=dt,
        spike_error=spike_error,
        initial=initial,
        threads=threads,
        progress=progress,
    )
    _warn(result.as_batch() if isinstance(result, Recording) else result)
    return result


def integrate(
    cell: Cell,
    stimulus: Stimulus | VoltageClamp | Iterable[Stimulus] | None,
    *,
    duration: float,
    discard: float = 0.0,
    parameters: Mapping[Path, ArrayLike | Factors] | None = None,
    record: Sequence[str] | None = None,
    every: float | None = None,
    method: str | None = None,
    tolerance: float | None = None,
    dt: float | None = None,
    spike_error: float | None = None,
    initial: Initial = "published",
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Recording | Batch:
    """Do what `simulate` does, and leave it to the statuses to say what failed."""
    if not isinstance(cell, Cell):
        raise InputError(
            f"cell is {type(cell).__name__}; allowed: a Cell, such as that of {_CALL}"
        )
    if progress is not None and not callable(progress):
        raise InputError(
            f"progress is {shown(progress)}; allowed: a function that takes the share done"
        )
    if isinstance(stimulus, Iterable):
        stimulus = list(parts("stimulus", stimulus, Stimulus, "stimuli of mnexcite.stimuli"))
    chosen = find_method(DEFAULT_METHOD if method is None else method)
    values = columns(cell, parameters)
    stimuli, clamp = stimuli_and_clamp(cell, stimulus)
    count, single = lane_count(values, stimulus, initial)
    values = {path: np.broadcast_to(column, (count,)) for path, column in values.items()}
    if clamp is not None and not chosen.reference:
        chosen = METHODS["reference"]
    given = dt is not None or tolerance is not None
    clamped = clamp is not None
    dt = step(cell, chosen, dt, clamped)
    tolerance = allowed_tolerance(chosen, tolerance)
    wanted = allowed_error(chosen, spike_error)
    if method is None and wanted is not None and not given:
        chosen = METHODS[cheapest_method(cell, wanted, integrate)]
    structure = structure_of(cell)
    lanes = lower(cell, Layout(structure), values, count)
    # where the error is estimated, the estimate tells
    if dt is not None and wanted is None and math.isfinite(chosen.stability):
        for variant in lanes.kinetics:
            check_stability(variant, chosen, dt)
    beginning = begin(lanes, initial)
    state = beginning.state
    start, end = span(state, duration, dt)
    duration = run_length(duration)
    discard = number("discard", discard, "0 or more", lowest=0.0, unit="ms")
    if record is None:
        record = () if not single else ("v",) if clamp is None else ("v", "clamp.i")
    variables = choose(cell, record, None if clamp is None else clamp[0])
    check_cost(
        chosen, count, duration, dt, interval(every, dt), len(variables), len(structure.states)
    )
    recorder = Recorder(lanes, variables, clamp)
    waveforms = [s.into(cell) for s in stimuli]
    drive_of = np.arange(count) if len(stimuli) > 1 else np.zeros(count, np.int64)
    protocol = fingerprints(lanes, waveforms, drive_of)
    job = engine.Job(
        lanes=lanes,
        method=chosen,
        start=start,
        end=end,
        every=interval(every, dt),
        dt=dt,
        tolerance=tolerance,
        tables=shared_tables(lanes, chosen, dt),
        values=state.values,
        raw=state.raw,
        goes_on=state.goes_on(chosen, dt, tolerance, protocol),
        armed=state.armed,
        status=state.status,
        waveforms=waveforms,
        drive_of=drive_of,
        recorded=recorder.states,
        scale=error_scale(cell),
    )
    causes: list[BaseException] = []

    def run(
        job: engine.Job, progress: Callable[[float], None] | None = None
    ) -> tuple[engine.Outcome, bool]:
        start = starter(job.method, values, clamp)
        with engine.Runs(job, start, thread_count(threads), once=True) as runs:
            return runs.advance(job, progress, causes.append)

    if wanted is None:
        outcome, interrupted = run(job, progress=progress)
        accuracy = plain(job)
    else:
        outcome, interrupted, accuracy = run_to(wanted, job, given, run, progress)
    batch = _gather(
        cell,
        values,
        job,
        outcome,
        accuracy,
        recorder,
        protocol,
        duration,
        discard,
        beginning.began,
    )
    batch = replace(batch, stimulus=_told(stimulus), initial=_start_in_words(initial))
    result = batch.lane(0) if single else batch
    if interrupted:
        said = "stopped by Ctrl-C; what was computed is in .partial"
        raise stopped_with(result, causes[0], said)
    return result


def starter(
    method: Method, values: dict[str, Array], clamp: tuple[int, Waveform] | None
) -> engine.Start:
    """Return what makes lanes of a method ready to run."""
    if method.reference:
        return partial(Reference, values, clamp)
    return AdaptiveLanes if method.adaptive else FixedLanes


def _told(stimulus: Stimulus | VoltageClamp | list[Stimulus] | None) -> tuple[str, ...]:
    """Return what drives the lanes in words, one text for all or one for each."""
    if stimulus is None:
        return ("none",)
    return tuple(map(in_words, stimulus if isinstance(stimulus, list) else [stimulus]))


def _start_in_words(initial: Initial) -> str:
    if isinstance(initial, str):
        return initial
    if isinstance(initial, State):
        return f"continued from {initial.time!r} ms"
    return "published but " + ", ".join(f"{path} {value}" for path, value in initial.items())


#: Statuses of lanes that can go on.
_UNFINISHED = [status.BY_NAME[name].code for name in ("interrupted", "inaccurate", "sensitive")]


def _gather(
    cell: Cell,
    values: Mapping[str, Array],
    job: engine.Job,
    outcome: engine.Outcome,
    accuracy: Accuracy,
    recorder: Recorder,
    protocol: NDArray[np.int64],
    duration: float,
    discard: float,
    began: tuple[str, ...],
) -> Batch:
    # an interrupted run ends with its furthest lane
    t = job.times[job.times < outcome.reached.max()]
    samples = outcome.samples[: t.size]
    trains = SpikeTrains(
        np.concatenate([np.empty(0), *outcome.spikes]),
        np.array([train.size for train in outcome.spikes], dtype=np.int64),
    )
    final = State(
        time=float(outcome.reached[0]) if np.ptp(outcome.reached) == 0 else math.nan,
        names=job.lanes.layout.structure.states,
        values=outcome.values,
        raw=outcome.raw,
        armed=outcome.armed,
        status=np.where(np.isin(outcome.status, _UNFINISHED), 0, outcome.status),
        method=job.method.name,
        dt=accuracy.dt,
        tolerance=accuracy.tolerance,
        protocol=protocol,
    )
    return Batch(
        cell=cell,
        parameters=Numbers(values),
        spike_times=trains.after(discard),
        t=t,
        data=recorder.compute(t, samples) if recorder.variables else {},
        units={variable.name: variable.unit for variable in recorder.variables},
        status=tuple(status.NAMES[code] for code in outcome.status),
        ended=outcome.ended,
        final_state=final,
        start=job.start,
        duration=float(duration),
        discard=float(discard),
        method=job.method.name,
        dt=accuracy.dt,
        tolerance=accuracy.tolerance,
        spike_error=accuracy.spike_error,
        steps=outcome.steps,
        began=began,
    )


def _warn(batch: Batch) -> None:
    restless = batch.began.count("no_rest")
    if restless:
        warnings.warn(
            f"{restless} of {len(batch)} lanes have no stable rest, and began at the published "
            "state; .began says which",
            RunWarning,
            stacklevel=3,
        )
    failures = Counter(name for name in batch.status if name != "ok")
    if not failures:
        return
    said = status.in_words(failures)
    warnings.warn(
        f"{failures.total()} of {len(batch)} lanes did not end well: {said}",
        RunWarning,
        stacklevel=3,
    )
