"""Which adaptive method reaches an error at the least cost: tried out on the cell itself.

No rule foretells it. So the cell is driven by a row of constant currents for a short time, and
each method runs with finer and finer tolerances; what counts is the work at which its spike
times are exact enough. The choice depends on nothing but the cell and the error.
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
from mnexcite.simulation.accuracy import distance
from mnexcite.simulation.recording import Batch
from mnexcite.stimuli import step

Array = NDArray[np.float64]
Trial = Callable[[str, float], Batch]

#: Currents tried, by how fast they alone would move the voltage [mV/ms].
PACES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
DURATION = 200.0  # ms
TOLERANCES = tuple(10.0**-power for power in range(3, 9))
#: Runs end with errors that much smaller than asked, since estimates are cautious.
USUAL = 0.1
#: What the methods are compared with: one of them, much finer.
TRUTH = ("dormand_prince", 1e-10)


@lru_cache(maxsize=128)
def cheapest_method(cell: Cell, spike_error: float, integrate: Callable[..., Batch]) -> str:
    """Return the name of the method that takes the least work; the default if none fires."""
    capacitance = cell.parameters[join(cell, cell.compartments[0], "C")].value
    currents = [
        step(pace * capacitance, unit=cell.units["i"], start=0.0, duration=DURATION)
        for pace in PACES
    ]

    def trial(method: str, tolerance: float) -> Batch:
        options = {"method": method, "tolerance": tolerance, "threads": 1}
        try:
            return integrate(cell, currents, duration=DURATION, **options)
        except Interrupted:
            raise KeyboardInterrupt from None  # what is computed so far is nobody's run

    truth = trial(*TRUTH)
    firing = [i for i, run in enumerate(truth) if run.status == "ok" and len(run.spike_times)]
    if not firing:
        return DEFAULT_METHOD
    works = {
        name: _work(method.cost, trial, name, truth, firing, USUAL * spike_error)
        for name, method in METHODS.items()
        if method.adaptive
    }
    return min(works, key=lambda name: works[name])


def _work(
    cost: float, trial: Trial, name: str, truth: Batch, firing: list[int], wanted: float
) -> float:
    """Return the work of a method at the error, between two tolerances; infinity for never."""
    errors, works = [], []
    for tolerance in TOLERANCES:
        run = trial(name, tolerance)
        apart = (
            distance(run.spike_times[lane], truth.spike_times[lane], DURATION)
            for lane in firing
        )
        errors.append(max(apart) + 1e-12)
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
