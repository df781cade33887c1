"""Which adaptive method reaches an error at the least cost: tried out on the cell itself.

No rule foretells it. So the cell is driven by a row of constant currents for a short time, and
each method runs with finer and finer tolerances; what counts is the work at which its spike
times are exact enough, and at which it is silent where the cell is. A cell that does not fire
in that time gets a longer one. The choice depends on nothing but the cell and the error.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.cells.paths import join
from mnexcite.engine.methods import DEFAULT_METHOD, METHODS
from mnexcite.errors import Interrupted
from mnexcite.simulation.disturbed import distance
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.recording import Batch
from mnexcite.stimuli import step

Array = NDArray[np.float64]
Trial = Callable[[str, float], Batch]

#: Currents tried, by how fast they alone would move the voltage [mV/ms].
PACES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
#: Lengths of a trial [ms], the next where the one before saw too few spikes to judge by.
DURATIONS = (200.0, 2000.0)
ENOUGH = 4  # spikes of one lane: it fires, and not at an edge alone
TOLERANCES = tuple(10.0**-power for power in range(3, 9))
#: Runs end with errors that much smaller than asked, since estimates are cautious.
USUAL = 0.1
FAR = 1e9  # ms
#: What the methods are compared with: one of them, much finer.
TRUTH = ("dormand_prince", 1e-10)


@lru_cache(maxsize=128)
def cheapest_method(cell: Cell, spike_error: float, integrate: Callable[..., Batch]) -> str:
    """Return the name of the method of the least work; the default if the cell is silent."""
    capacitance = cell.parameters[join(cell, cell.compartments[0], "C")].value
    currents = [step(pace * capacitance, unit=cell.units["i"], start=0.0) for pace in PACES]
    for duration in DURATIONS:

        def trial(method: str, tolerance: float, duration: float = duration) -> Batch:
            numerics = Numerics(method, tolerance)
            try:
                return integrate(cell, currents, numerics, duration=duration, threads=1)
            except Interrupted:
                raise KeyboardInterrupt from None  # what is computed so far is nobody's run

        truth = trial(*TRUTH)
        if max(len(run.spike_times) for run in truth) >= ENOUGH:
            return _least_work(trial, truth, USUAL * spike_error)
    return DEFAULT_METHOD


def _least_work(trial: Trial, truth: Batch, wanted: float) -> str:
    """Return the method of the least work, on lanes whose spikes can be known so closely."""
    method, tolerance = TRUTH
    apart = _apart(trial(method, 10.0 * tolerance), truth)
    known = [lane for lane in range(len(truth)) if apart[lane] <= wanted]
    firing = [lane for lane in known if len(truth.spike_times[lane])]
    works = {DEFAULT_METHOD: np.inf}  # where nothing can be compared
    for name, method in METHODS.items():
        if method.adaptive and firing:
            works[name] = _work(method.cost, trial, name, truth, known, firing, wanted)
    return min(works, key=lambda name: works[name])


def _apart(run: Batch, truth: Batch) -> list[float]:
    """Return how far each lane is from the truth [ms], very far where one of them failed."""
    return [
        distance(one.spike_times, other.spike_times, truth.duration)
        if one.status == other.status == "ok"
        else FAR
        for one, other in zip(run, truth, strict=True)
    ]


def _work(
    cost: float,
    trial: Trial,
    name: str,
    truth: Batch,
    known: list[int],
    firing: list[int],
    wanted: float,
) -> float:
    """Return the work of a method at the error, between two tolerances; infinity for never.

    Silent lanes say whether a method is right, and not what its steps cost.
    """
    errors, works = [], []
    for tolerance in TOLERANCES:
        run = trial(name, tolerance)
        apart = _apart(run, truth)
        errors.append(max(apart[lane] for lane in known) + 1e-12)
        works.append(cost * float(run.steps[firing].sum()))
    good = [all(error <= wanted for error in errors[i:]) for i in range(len(errors))]
    if True not in good:
        return np.inf
    first = good.index(True)
    if first == 0:
        return works[0]
    around = slice(first - 1, first + 1)
    # errors fall from there on
    x, y = np.log(errors[around])[::-1], np.log(works[around])[::-1]
    return float(np.exp(np.interp(np.log(wanted), x, y)))
