"""Run a cell, or a batch of its variants: one kernel, the same bits."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from numpy.typing import ArrayLike

from mnexcite.cells import Cell, Factors
from mnexcite.cells.paths import Path
from mnexcite.cells.warmth import Numbers
from mnexcite.engine import batch as engine
from mnexcite.engine import status
from mnexcite.engine.state import State
from mnexcite.errors import RunWarning, number, stopped_with
from mnexcite.errors.progress import told as told_by
from mnexcite.errors.progress import with_bar
from mnexcite.simulation.accuracy import Accuracy, plain, run_to
from mnexcite.simulation.beginning import Initial
from mnexcite.simulation.cheapest import cheapest_method
from mnexcite.simulation.inputs import told
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.recording import Batch, Recording
from mnexcite.simulation.settings import allowed_error, run_length, thread_count
from mnexcite.simulation.setup import Driven, Setup, set_up
from mnexcite.stimuli import Stimulus
from mnexcite.stimuli.words import in_words


@with_bar("runs")
def simulate(
    cell: Cell,
    stimulus: Driven = None,
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
    seed: int | None = None,
    threads: int | None = None,
    progress: Callable[[float], None] | bool | None = None,
) -> Recording | Batch:
    """Integrate a cell and return its spikes, samples and final state.

    Parameters
    ----------
    cell
        The cell.
    stimulus
        What enters the cell (currents, conductances, events of synapses), a voltage clamp, or
        a list of one stimulus, or of one clamp, per lane.
    duration
        Length of the run [ms]. With fixed steps it ends with the first that reaches it.
    discard
        Spikes before this time [ms] are hidden.
    parameters
        Path -> one value per lane, shape (lanes,): runs a batch. Values are absolute, in
        the parameter's unit, or `factors` of the cell's own value. `temperature` warms a
        lane as `cell.replaced` does.
    record
        Variables to sample: `v`, gates (`NaP.m`), currents (`NaP.i`), open conductances
        (`NaP.g_open`), driving forces (`NaP.drive`), pools (`Ca`), what the stimulus injects
        (`stimulus.i`) and under voltage clamp `clamp.i`. Default: v for one cell, none for a
        batch, v and clamp.i under voltage clamp.
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
    seed
        Of what fluctuates in the stimulus, default 0: each lane has its own path, by its
        number. The same seed gives the same paths, whatever the method.
    threads
        Number of threads, default all cores; no number changes the result.
    progress
        True shows a bar. Or a function, called now and then with the share done, 0 to 1.
        What it raises stops the run at once, with what was computed in its `partial`.

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
        Numerics(method, tolerance, dt, spike_error, initial, seed),
        duration=duration,
        discard=discard,
        parameters=told(cell, parameters),
        record=record,
        every=every,
        threads=threads,
        progress=progress,
    )
    _warn(result.as_batch() if isinstance(result, Recording) else result)
    return result


def integrate(
    cell: Cell,
    stimulus: Driven,
    numerics: Numerics,
    *,
    duration: float,
    discard: float = 0.0,
    parameters: Mapping[Path, ArrayLike | Factors] | None = None,
    record: Sequence[str] | None = None,
    every: float | None = None,
    threads: int | None = None,
    progress: Callable[[float], None] | bool | None = None,
) -> Recording | Batch:
    """Do what `simulate` does, and leave it to the statuses to say what failed."""
    tell = told_by(progress)
    given = numerics.dt is not None or numerics.tolerance is not None
    runs_of = partial(set_up, cell, parameters=parameters, record=record, every=every)
    setup = runs_of(stimulus, numerics)
    wanted = allowed_error(setup.job.method, numerics.spike_error)
    if numerics.method is None and wanted is not None and not given:
        cheapest = cheapest_method(cell, wanted, integrate)
        setup = runs_of(setup.drive, replace(numerics, method=cheapest))
    job = setup.stretch(setup.beginning.state.time, duration)
    discard = number("discard", discard, "0 or more", lowest=0.0, unit="ms")
    causes: list[BaseException] = []

    def run(
        job: engine.Job, progress: Callable[[float], None] | None = None
    ) -> tuple[engine.Outcome, bool]:
        with engine.Runs(job, setup.start, thread_count(threads), once=True) as runs:
            return runs.advance(job, progress, causes.append)

    if wanted is None:
        outcome, interrupted = run(job, progress=tell)
        accuracy = plain(job)
    else:
        outcome, interrupted, accuracy = run_to(wanted, job, given, run, tell)
    batch = _gather(setup, job, outcome, accuracy, run_length(duration), discard)
    batch = replace(batch, initial=_start_in_words(numerics.initial))
    result = batch.lane(0) if setup.single else batch
    if interrupted:
        said = "stopped by Ctrl-C; what was computed is in .partial"
        raise stopped_with(result, causes[0], said)
    return result


def _told(setup: Setup) -> tuple[str, ...]:
    """Return what drives the lanes in words, one text for all or one for each."""
    if setup.drive is None:
        return ("none",)
    listed = setup.drive if isinstance(setup.drive, list) else [setup.drive]
    return tuple(
        in_words(one) + (f"; seed of the run {setup.seed}" if one.noisy else "")
        if isinstance(one, Stimulus)
        else in_words(one)
        for one in listed
    )


def _start_in_words(initial: Initial) -> str:
    if isinstance(initial, str):
        return initial
    if isinstance(initial, State):
        return f"continued from {initial.time!r} ms"
    return "published but " + ", ".join(f"{path} {value}" for path, value in initial.items())


def _gather(
    setup: Setup,
    job: engine.Job,
    outcome: engine.Outcome,
    accuracy: Accuracy,
    duration: float,
    discard: float,
) -> Batch:
    # an interrupted run ends with its furthest lane
    t = job.times[job.times < outcome.reached.max()]
    samples, recorder = outcome.samples[: t.size], setup.recorder
    return Batch(
        cell=setup.cell,
        parameters=Numbers(setup.values),
        spike_times=outcome.spikes.after(discard),
        t=t,
        data=recorder.compute(t, samples, job) if recorder.variables else {},
        units={variable.name: variable.unit for variable in recorder.variables},
        status=outcome.names,
        ended=outcome.ended,
        final_state=setup.state_after(outcome, accuracy),
        start=job.start,
        duration=duration,
        discard=discard,
        method=job.method.name,
        dt=accuracy.dt,
        tolerance=accuracy.tolerance,
        spike_error=accuracy.spike_error,
        steps=outcome.steps,
        began=setup.beginning.began,
        stimulus=_told(setup),
    )


def _warn(batch: Batch) -> None:
    restless = batch.began.count("no_rest")
    if restless:
        warnings.warn(
            f"{restless} of {len(batch)} lanes have no stable rest, and began at the published "
            "state; .began says which",
            RunWarning,
            stacklevel=4,
        )
    failures = Counter(name for name in batch.status if name != "ok")
    if not failures:
        return
    said = status.in_words(failures)
    warnings.warn(
        f"{failures.total()} of {len(batch)} lanes did not end well: {said}",
        RunWarning,
        stacklevel=4,
    )
