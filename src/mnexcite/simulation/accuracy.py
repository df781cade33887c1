"""Run lanes until their spike times are as exact as wanted, and say how exact they are.

The error of a run is estimated from the same run with larger steps, by how far their spikes
are apart. Two such runs are compared with: errors change their signs from tolerance to
tolerance, so one alone may agree by chance. A third shows what the tables add: it has half
their resolution, or cubics where they have straight lines. Where a cell creeps along an
unstable state, that may be more than steps do.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine import status
from mnexcite.engine.batch import Job, Outcome, of_lanes, put
from mnexcite.engine.methods import METHODS, TOLERANCES
from mnexcite.engine.node_values import NodeValues
from mnexcite.engine.program import shared_tables

Array = NDArray[np.float64]
Run = Callable[..., tuple[Outcome, bool]]
Progress = Callable[[float], None] | None

#: First tolerance tried, per ms of error wanted.
PER_MS = 1e-2
#: Runs with smaller and smaller steps, after which a lane is given up.
MOST_RUNS = 9
#: By how much each run's tolerance or dt is smaller than the last one's.
TOLERANCE_FACTOR, DT_FACTOR = 10.0, 2.0
#: The error of a given step is known closely; this much is added all the same.
CAUTION = 1.1
#: What half the resolution of cubic tables adds to their error, over that error.
TABLE_GAIN = 2**4 - 1


@dataclass(frozen=True)
class Accuracy:
    """Hold what each lane ran with, and the estimated error of its spike times [ms]."""

    dt: Array | None
    tolerance: Array | None
    spike_error: Array | None = None


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
    way = _judged if given else _refined
    outcome, interrupted, settings, errors = way(wanted, job, _counted(run, progress))
    if progress is not None and not interrupted:
        progress(1.0)
    failed = outcome.status != 0
    errors = np.where(failed, np.nan, errors)
    code = status.BY_NAME["inaccurate"].code
    codes = np.where(~failed & ~(errors <= wanted), code, outcome.status)
    return replace(outcome, status=codes), interrupted, _accuracy(job, settings, errors)


def distance(one: Array, other: Array, end: float) -> float:
    """Return how far two trains of the same cell are apart [ms].

    Spikes are compared in their order. What one train has more must have been moved in over
    the end, at least: a missing spike counts as far as it is from there.
    """
    both = min(one.size, other.size)
    apart = float(np.max(np.abs(one[:both] - other[:both]), initial=0.0))
    longer = one if one.size > both else other
    return max(apart, end - float(longer[both])) if longer.size > both else apart


_Answer = tuple[Outcome, bool, Array, Array]


def _judged(wanted: float, job: Job, run: Run) -> _Answer:
    """Run as told, and twice more with smaller steps to compare with."""
    settings = np.full(job.lanes.count, _setting(job))
    errors = np.zeros(job.lanes.count)
    outcome, interrupted = run(job)
    finer = job
    for number in (1, 2):
        if interrupted:
            break
        finer = _at(finer, _setting(finer) / _factor(job))
        check, interrupted = run(finer)
        # what the finer run itself is still off by comes on top
        gain = _gain(job) ** number
        apart = _distances(outcome.spikes, check.spikes, job.end) * gain / (gain - 1.0)
        errors = np.maximum(errors, CAUTION * apart)
        errors[check.status != outcome.status] = np.inf
    if not interrupted:
        other, gain = _other_tables(job)
        check, interrupted = run(other)
        errors += _distances(outcome.spikes, check.spikes, job.end) / gain
    return outcome, interrupted, settings, errors


def _refined(wanted: float, job: Job, run: Run) -> _Answer:
    """Run with smaller and smaller steps those lanes that are not yet exact enough."""
    count = job.lanes.count
    settings, errors = np.zeros(count), np.full(count, np.inf)
    lanes, setting = np.arange(count), _coarsest(job, wanted)
    older: list[Outcome] = []  # of the same lanes, with larger steps
    result, interrupted = None, False
    for _ in range(MOST_RUNS):
        part = of_lanes(_at(job, setting), lanes)
        outcome, interrupted = run(part)
        result = outcome if result is None else put(result, lanes, outcome)
        settings[lanes] = setting
        if interrupted:
            break
        if len(older) == 2:
            near, far = (_distances(outcome.spikes, o.spikes, job.end) for o in older[::-1])
            errors[lanes] = np.maximum(near, far / _gain(job))
            # a lane that fails with smaller steps too fails of itself
            failed = (outcome.status != 0) & (older[-1].status == outcome.status)
            done = failed | (errors[lanes] <= wanted)
            if done.any():
                settled = np.flatnonzero(done)
                part = of_lanes(_at(job, setting * _factor(job)), lanes[settled])
                other, gain = _other_tables(part)
                check, interrupted = run(other)
                coarse = of_lanes(older[-1], settled)
                errors[lanes[settled]] += (
                    _distances(coarse.spikes, check.spikes, job.end) / gain
                )
            left = np.flatnonzero(~done)
            lanes = lanes[left]
            if interrupted or not lanes.size:
                break
            outcome, older = of_lanes(outcome, left), [of_lanes(o, left) for o in older]
        older = [*older[-1:], outcome]
        setting /= _factor(job)
    assert result is not None
    return result, interrupted, settings, errors


def _distances(some: list[Array], others: list[Array], end: float) -> Array:
    return np.array([distance(a, b, end) for a, b in zip(some, others, strict=True)])


def _coarsest(job: Job, wanted: float) -> float:
    """Return the first setting: two more follow before the error can be judged."""
    if job.tolerance is None:
        return _setting(job)
    low, _ = TOLERANCES
    return min(job.method.regular, max(low, PER_MS * wanted) * TOLERANCE_FACTOR**2)


def _setting(job: Job) -> float:
    setting = job.dt if job.tolerance is None else job.tolerance
    assert setting is not None
    return setting


def _factor(job: Job) -> float:
    return DT_FACTOR if job.tolerance is None else TOLERANCE_FACTOR


def _gain(job: Job) -> float:
    """Return how much one run more lessens the error: as the tolerance, or as dt^order."""
    if job.tolerance is not None:
        return TOLERANCE_FACTOR
    assert job.method.order is not None
    return DT_FACTOR**job.method.order


def _at(job: Job, setting: float) -> Job:
    """Return the job with another step or tolerance."""
    anew = replace(job, goes_on=np.zeros_like(job.goes_on))
    if job.tolerance is not None:
        return replace(anew, tolerance=setting)
    return replace(anew, dt=setting, tables=shared_tables(job.lanes, job.method, setting))


def _other_tables(job: Job) -> tuple[Job, float]:
    """Return the job on other tables, without samples, and how much the two differ.

    That is in units of the error of the job's own tables: straight lines are all that is
    wrong with them beside cubics, and cubics are compared with those of half the resolution.
    """
    lanes, method, gain = job.lanes, job.method, 1.0
    if method.smooth:
        method = METHODS[method.smooth]
    else:
        lanes, gain = replace(lanes, values=NodeValues(thinned=True)), TABLE_GAIN
    other = replace(
        job,
        lanes=lanes,
        method=method,
        tables=shared_tables(lanes, method, job.dt if job.tolerance is None else None),
        goes_on=np.zeros_like(job.goes_on),
        recorded=job.recorded[:0],
    )
    return other, gain


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
