"""The same run a little disturbed: what the cell makes of it, and whether its spikes stand.

A cell that creeps along a state that has lost its stability magnifies the smallest
disturbance: a rounding decides when it leaves. Comparing runs of several tolerances may miss
that, for they may agree by chance. So it is tried: all reversal potentials are moved, which
acts all the time and at every voltage, by somewhat more than rounding, and spikes show by
how much it grows.

Voltages that nearly reach the threshold, or only just, are seen likewise: a spike that comes
or goes when reversals and threshold move by what a step may be wrong by is not certain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine.batch import Job, Outcome

Array = NDArray[np.float64]
Check = Callable[[Job], Outcome]

#: What is sure to be more than all roundings of a step do to a voltage [mV].
ROUNDING = 1e-9
#: What a step may do to a voltage, over the tolerance times 100 mV.
STEP = 10.0 * 100.0
#: How far a peak between two steps may be above both [mV], over the tolerance's square root:
#: h^2 v'' / 8, with some 0.05 mV at a tolerance of 1e-6 and h going as its fourth root. The
#: cubic of a step finds such peaks; that much of doubt is left to it.
PEAK = 50.0


def distance(one: Array, other: Array, end: float) -> float:
    """Return how far two trains of the same cell are apart [ms].

    Spikes are compared in their order. What one train has more must have been moved in over
    the end, at least: a missing spike counts as far as it is from there.
    """
    both = min(one.size, other.size)
    apart = float(np.max(np.abs(one[:both] - other[:both]), initial=0.0))
    longer = one if one.size > both else other
    return max(apart, end - float(longer[both])) if longer.size > both else apart


def distances(some: Outcome, others: Outcome, end: float) -> Array:
    """Return the distance of each lane [ms]; infinity where one of the two failed."""
    pairs = zip(some.spikes, others.spikes, strict=True)
    apart = np.array([distance(a, b, end) for a, b in pairs])
    return np.where(some.status == others.status, apart, np.inf)


def sensitivity(job: Job, outcome: Outcome, check: Check) -> Array:
    """Return by how much a disturbance of the size of a rounding moves spikes [ms]."""
    return np.maximum(
        *(
            distances(outcome, check(_moved(job, sign * ROUNDING)), job.end)
            for sign in (1.0, -1.0)
        )
    )


def doubt(job: Job, outcome: Outcome, check: Check) -> Array:
    """Return how far a lane is [ms] from one with another number of spikes, 0 if none is near.

    Near is what the steps of the run may be wrong by.
    """
    assert job.tolerance is not None
    volts, level = STEP * job.tolerance, PEAK * np.sqrt(job.tolerance)
    doubts = np.zeros(job.lanes.count)
    for sign in (1.0, -1.0):
        moved = check(_moved(job, sign * volts, -sign * level))
        pairs = zip(outcome.spikes, moved.spikes, strict=True)
        other = np.array([one.size != two.size for one, two in pairs])
        other |= moved.status != outcome.status
        doubts = np.maximum(doubts, np.where(other, distances(outcome, moved, job.end), 0.0))
    return doubts


def _moved(job: Job, volts: float, level: float = 0.0) -> Job:
    """Return the job with all reversals and the threshold moved [mV], without samples."""
    lanes = job.lanes
    rows = lanes.rows.copy()
    rows[[kind == "E" for kind, *_ in lanes.layout.parameters]] += volts
    cell = lanes.cell
    if level:
        cell = replace(cell, spike_threshold=cell.spike_threshold + level)
    return replace(
        job,
        lanes=replace(lanes, rows=rows, cell=cell),
        goes_on=np.zeros_like(job.goes_on),
        recorded=job.recorded[:0],
    )
