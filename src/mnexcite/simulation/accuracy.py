"""Run lanes until their spike times are as exact as wanted, and say how exact they are.

What steps do to a run is estimated from the same run with larger steps, by how far their
spikes are apart. Two such runs are compared with: errors change their signs from tolerance to
tolerance, so one alone may agree by chance. What the cell itself makes of the smallest
disturbance is tried out (`disturbed.py`). These runs are of adaptive methods on tables that
are as exact as rounding allows; a run that was told its step, tolerance or method of fixed
steps is compared with them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine import status
from mnexcite.engine.batch import Job, Outcome, of_lanes, put
from mnexcite.engine.methods import DEFAULT_METHOD, METHODS, TOLERANCES, Method, fine
from mnexcite.engine.program import shared_tables
from mnexcite.simulation.disturbed import distances, doubt, sensitivity

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Run = Callable[..., tuple[Outcome, bool]]
Progress = Callable[[float], None] | None

#: First tolerance tried, per ms of error wanted.
PER_MS = 1e-2
#: Smallest tolerance tried, and how often a fixed step is halved, before a lane is given up.
FINEST, MOST_HALVINGS = 1e-11, 8
#: Tolerance at which steps add less than roundings do.
BELOW_ROUNDING = 1e-10
#: By how much each run's tolerance is smaller than the last one's.
FACTOR = 10.0
#: The error is that much more than what disturbances of the size of a rounding were seen to do.
CAUTION = 3.0
#: What a run is compared with is to be that much more exact, of the error wanted or found.
SHARE, LEAST = 0.1, 1e-5


@dataclass(frozen=True)
class Accuracy:
    """Hold what each lane ran with, and the estimated error of its spike times [ms]."""

    dt: Array | None
    tolerance: Array | None
    spike_error: Array | None = None


@dataclass(frozen=True)
class Answer:
    """Hold a run with each lane's setting, the error of its spikes [ms], and what it is due to.

    `of_cell`: the part that is not the steps', but what the cell makes of a rounding.
    """

    outcome: Outcome
    interrupted: bool
    settings: Array
    errors: Array
    of_cell: Array


def plain(job: Job) -> Accuracy:
    """Return the accuracy of a run that was told its step or tolerance."""
    if job.dt is None and job.tolerance is None:
        return Accuracy(None, None)
    return _accuracy(job, np.full(job.lanes.count, _setting(job)), None)


def run_to(
    wanted: float, job: Job, given: bool, run: Run, progress: Progress
) -> tuple[Outcome, bool, Accuracy]:
    """Return the outcome, whether it was interrupted, and its accuracy.

    With the step or tolerance `given`, that is kept and only judged.
    """
    run = _counted(run, progress)
    if job.method.adaptive and not given:
        answer = _refined(wanted, wanted, _on_fine_tables(job, job.method), run)
    else:
        answer = _compared(wanted, job, given, run)
    if progress is not None and not answer.interrupted:
        progress(1.0)
    failed = answer.outcome.status != 0
    errors = np.where(failed, np.nan, answer.errors)
    missed = ~failed & ~(errors <= wanted)
    sensitive = missed & (answer.of_cell > wanted)
    codes = answer.outcome.status.copy()
    codes[missed] = status.CODES["inaccurate"]
    codes[sensitive] = status.CODES["sensitive"]
    outcome = replace(answer.outcome, status=codes)
    return outcome, answer.interrupted, _accuracy(job, answer.settings, errors)


def _refined(wanted: float, limit: float, job: Job, run: Run) -> Answer:
    """Run with smaller and smaller tolerances those lanes that are not yet exact enough.

    A lane ends when its error is as `wanted`, or when the cell's own part is more than the
    `limit`, which no tolerance lessens. Such a lane runs once more with steps that add
    less than roundings: its spikes are then as good as anybody's.
    """
    count = job.lanes.count
    settings, errors = np.zeros(count), np.full(count, np.inf)
    of_cell, before = np.zeros(count), np.full(count, np.inf)
    lost = np.zeros(count, dtype=bool)  # lanes whose cell's part is above the limit
    lanes, tolerance = np.arange(count), _coarsest(job.method, wanted)
    older: list[Outcome] = []  # of the same lanes, with larger tolerances
    result: Outcome | None = None
    check = _check(run)
    try:
        while lanes.size and tolerance >= 0.99 * FINEST:
            outcome, interrupted = run(of_lanes(_at(job, tolerance), lanes))
            result = outcome if result is None else put(result, lanes, outcome)
            settings[lanes] = tolerance
            if interrupted:
                raise _Interrupted
            left = np.arange(lanes.size)
            if len(older) == 2:
                near, far = (distances(outcome, o, job.end) for o in older[::-1])
                steps = np.maximum(near, far / FACTOR)
                coarse = of_lanes(_at(job, tolerance * FACTOR), lanes)
                part = CAUTION * sensitivity(coarse, older[-1], check)
                # a lane that fails with smaller steps too fails of itself
                failed = (outcome.status != 0) & (older[-1].status == outcome.status)
                of_cell[lanes], errors[lanes] = part, steps + part
                # a method held back by its stability takes other steps after any disturbance:
                # that looks like the cell's part, but falls with the tolerance
                stays, before[lanes] = part > 0.5 * before[lanes], part
                hopeless = stays & ((part > limit) | ((part > wanted) & (steps <= part)))
                ready = ~failed & ~hopeless & (errors[lanes] <= wanted)
                if ready.any():
                    some = np.flatnonzero(ready)
                    args = (of_lanes(coarse, some), of_lanes(older[-1], some), check)
                    errors[lanes[some]] = np.maximum(errors[lanes[some]], doubt(*args))
                lost[lanes] = ~failed & (part > limit)
                left = np.flatnonzero(~failed & ~hopeless & ~(errors[lanes] <= wanted))
            lanes = lanes[left]
            older = [of_lanes(o, left) for o in (*older[-1:], outcome)]
            tolerance /= FACTOR
        lanes = np.flatnonzero(lost & (settings > BELOW_ROUNDING))
        if lanes.size:
            assert result is not None
            outcome = check(of_lanes(_at(job, BELOW_ROUNDING), lanes))
            apart = distances(outcome, of_lanes(result, lanes), job.end)
            errors[lanes] = np.maximum(errors[lanes], apart)
            settings[lanes], result = BELOW_ROUNDING, put(result, lanes, outcome)
        interrupted = False
    except _Interrupted:
        interrupted = True
    assert result is not None
    return Answer(result, interrupted, settings, errors, of_cell)


def _compared(wanted: float, job: Job, given: bool, run: Run) -> Answer:
    """Run as told, or with smaller and smaller fixed steps, and compare with a finer run."""
    count = job.lanes.count
    settings, errors = np.full(count, _setting(job)), np.full(count, np.inf)
    of_cell = np.zeros(count)
    result, interrupted = run(job)
    if interrupted:
        return Answer(result, interrupted, settings, errors, of_cell)
    fine_job = replace(_on_fine_tables(job, METHODS[DEFAULT_METHOD]), recorded=job.recorded[:0])
    truth = _refined(SHARE * wanted, wanted, fine_job, run)
    if given and not truth.interrupted:
        truth = _sharper(wanted, truth, result, fine_job, run)
    lanes, setting, outcome = np.arange(count), _setting(job), result
    for _ in range(MOST_HALVINGS):
        if truth.interrupted or interrupted:
            break
        apart = distances(outcome, of_lanes(truth.outcome, lanes), job.end)
        errors[lanes] = apart + truth.errors[lanes]
        of_cell[lanes] = truth.of_cell[lanes]
        failed = (outcome.status != 0) & (outcome.status == truth.outcome.status[lanes])
        done = failed | (errors[lanes] <= wanted) | (of_cell[lanes] > wanted)
        lanes = lanes[~done]
        if given or not lanes.size:
            break
        setting /= 2.0
        settings[lanes] = setting
        outcome, interrupted = run(of_lanes(_at(job, setting), lanes))
        result = put(result, lanes, outcome)
    return Answer(result, interrupted or truth.interrupted, settings, errors, of_cell)


def _sharper(wanted: float, truth: Answer, result: Outcome, job: Job, run: Run) -> Answer:
    """Return the run to compare with, finer where its own error hides that of the result."""
    found = distances(result, truth.outcome, job.end)
    hidden = np.flatnonzero((truth.errors > SHARE * found) & np.isfinite(found))
    target = max(LEAST, SHARE * float(found[hidden].min(initial=np.inf)))
    if not hidden.size or target >= SHARE * wanted:
        return truth
    finer = _refined(target, wanted, of_lanes(job, hidden), run)
    if finer.interrupted:
        return replace(truth, interrupted=True)
    errors, of_cell = truth.errors.copy(), truth.of_cell.copy()
    errors[hidden], of_cell[hidden] = finer.errors, finer.of_cell
    outcome = put(truth.outcome, hidden, finer.outcome)
    return replace(truth, outcome=outcome, errors=errors, of_cell=of_cell)


class _Interrupted(Exception):
    """A run was stopped by Ctrl-C."""


def _check(run: Run) -> Callable[[Job], Outcome]:
    """Return `run` for outcomes that are only compared with."""

    def check(job: Job) -> Outcome:
        outcome, interrupted = run(job)
        if interrupted:
            raise _Interrupted
        return outcome

    return check


def _coarsest(method: Method, wanted: float) -> float:
    """Return the first tolerance: two more follow before the error can be judged."""
    low, _ = TOLERANCES
    return min(method.regular, max(low, PER_MS * wanted) * FACTOR**2)


def _setting(job: Job) -> float:
    setting = job.dt if job.tolerance is None else job.tolerance
    assert setting is not None
    return setting


def _at(job: Job, setting: float) -> Job:
    """Return the job with another step or tolerance."""
    anew = replace(job, goes_on=np.zeros_like(job.goes_on))
    if job.tolerance is not None:
        return replace(anew, tolerance=setting)
    return replace(anew, dt=setting, tables=shared_tables(job.lanes, job.method, setting))


def _on_fine_tables(job: Job, method: Method) -> Job:
    """Return the job with an adaptive method whose tables are exact."""
    method = fine(method)
    return replace(
        job,
        method=method,
        dt=None,
        tolerance=_coarsest(method, 1.0),
        tables=shared_tables(job.lanes, method, None),
        raw=None,
        goes_on=np.zeros_like(job.goes_on),
    )


def _accuracy(job: Job, settings: Array, errors: Array | None) -> Accuracy:
    if job.tolerance is None:
        return Accuracy(settings, None, errors)
    return Accuracy(None, settings, errors)


def _counted(run: Run, progress: Progress) -> Run:
    """Return `run` with the progress of all its calls; nobody knows how many there will be."""
    if progress is None:
        return run
    told, calls = progress, itertools.count()

    def counted(job: Job) -> tuple[Outcome, bool]:
        left = 0.5 ** next(calls)
        return run(job, progress=lambda done: told(1.0 - left * (1.0 - 0.5 * done)))

    return counted
