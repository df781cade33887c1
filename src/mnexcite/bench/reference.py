"""The spike times that all others are judged by, with an error of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench.accuracy import spike_error
from mnexcite.bench.expressions import Untraceable
from mnexcite.bench.peers.right_hand_side import RightHandSide, right_hand_side
from mnexcite.bench.peers.scipy import one_set
from mnexcite.bench.pieces import pieces
from mnexcite.bench.work import Work
from mnexcite.equations.right_hand_side import Equations, error_scale
from mnexcite.errors import InputError

Array = NDArray[np.float64]

#: A peak so near the threshold [mV] may be a spike to one and none to another.
GRAZING = 1.0
#: Two solutions at 1e-12 that differ by more [ms] show that a set magnifies every error.
UNSURE = 1e-6
_TIGHT, _COARSE = 1e-12, 1e-9
_SOLVERS = ("DOP853", "LSODA")
_HOW = "SciPy's DOP853 at 1e-12, beside LSODA at 1e-12"


@dataclass(frozen=True, eq=False)
class Reference:
    """Hold the judged sets of a work, their spike times [ms] and how these were found.

    `error` is the largest difference between two independent solutions [ms]. `left_out`
    further sets cannot be judged: a peak grazes the threshold, or the solutions differ.
    """

    sets: tuple[int, ...]
    spikes: tuple[Array, ...]
    error: float
    how: str
    left_out: int = 0


def reference(
    work: Work, most: int = 32, progress: Callable[[float], None] | None = None
) -> Reference:
    """Return the spike times of up to `most` sets, evenly chosen.

    SciPy's DOP853 and LSODA, both at 1e-12 on the untabulated equations, which are
    compiled where they can be printed. Sets in which a peak comes within 1 mV of the
    threshold are left out, and those in which the two differ by more than 1e-6 ms.

    Raises
    ------
    InputError
        If no set fires, or none can be judged.

    Examples
    --------
    >>> from mnexcite.bench.cell import benchmark_cell
    >>> sets = {"NaP.g": [1.0], "K.g": [25.0]}
    >>> found = reference(Work(benchmark_cell(), sets, duration=20.0))
    >>> found.sets, found.spikes[0].round(3).tolist(), found.error < 1e-7
    ((0,), [9.528], True)
    """
    places = np.unique(np.linspace(0, work.sets - 1, min(most, work.sets)).round().astype(int))
    try:
        compiled = right_hand_side(work)
    except Untraceable:
        compiled = None
    stretches = pieces(work)
    kept: list[int] = []
    trains: list[Array] = []
    error = 0.0
    for done, place in enumerate(places.tolist()):
        if progress is not None:
            progress(done / places.size)
        equations = compiled or _uncompiled(work, place)
        found, check = (
            one_set(equations, place, stretches, method, _TIGHT)[0] for method in _SOLVERS
        )
        apart = spike_error(check, found, work.duration)
        if apart is None or apart > UNSURE:
            continue
        if not _grazes(equations, place, work, found):
            kept.append(place)
            trains.append(found)
            error = max(error, apart)
    if not sum(train.size for train in trains):
        what = (
            "no set fires"
            if kept
            else "every set grazes its spike threshold, or magnifies every error,"
        )
        raise InputError(
            f"{work.cell.name}: {what} within {work.duration:g} ms, so there is no spike time "
            "to judge by; give a stronger stimulus or other parameters"
        )
    return Reference(tuple(kept), tuple(trains), error, _HOW, places.size - len(kept))


def _grazes(equations: RightHandSide, place: int, work: Work, found: Array) -> bool:
    """Tell whether a threshold a little higher or lower gives another number of spikes."""
    for shift in (-GRAZING, GRAZING):
        moved = replace(equations, threshold=equations.threshold + shift / equations.scale[0])
        train, _ = one_set(moved, place, pieces(work), "LSODA", _COARSE)
        if spike_error(train, found, work.duration) is None:
            return True
    return False


def _uncompiled(work: Work, place: int) -> RightHandSide:
    """Return the equations of one set from the cell's own functions, slow."""
    cell = work.cells()[place]
    equations = Equations(cell)
    scale, many = error_scale(cell), len(cell.compartments)
    published = cell.initial

    def derivative(t: float, y: Array, numbers: Array) -> Array:
        injected = (numbers[:many] + numbers[many:] * t).tolist()
        return equations.derivative(np.asarray(y) * scale, injected) / scale

    def fill(t: float, y: Array, numbers: Array, dy: Array) -> None:
        dy[:] = derivative(t, y, numbers)

    return RightHandSide(
        values=np.empty((0, work.sets)),
        initial=np.array([published[name] for name in equations.structure.states]) / scale,
        scale=scale,
        threshold=cell.spike_threshold / scale[0],
        derivative=derivative,
        fill=fill,
    )
