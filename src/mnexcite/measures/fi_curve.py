"""Firing over injected current: one cell, a step for each current."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell
from mnexcite.errors import InputError, array, checked
from mnexcite.measures import experiment
from mnexcite.simulation import Batch
from mnexcite.simulation.beginning import Initial
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.simulate import integrate
from mnexcite.spikes import fires_on
from mnexcite.stimuli import step

Array = NDArray[np.float64]

#: What each status of a step means.
STEP_STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "ok": "it fires to the end of the step",
        "silent": "no spike in the step; both rates are 0",
        "one_spike": "one spike in the step; both rates are 0",
        "stopped": "firing ended before the step did; the steady rate is 0",
        "failed": "the run failed; both rates are NaN",
    }
)


@dataclass(frozen=True, eq=False)
class FICurve:
    """Hold how a cell fires at several current steps.

    Attributes
    ----------
    currents
        Amplitudes [`unit`], shape (steps,).
    unit
        The cell's unit of current.
    first_rate
        1 / first interval of each step [Hz]; 0 below two spikes.
    steady_rate
        Rate of the spikes after `discard`, or of the last interval where they are fewer than
        two [Hz]; 0 where firing did not last.
    count
        Spikes in each step.
    status
        One of `STEP_STATUSES` for each step.
    """

    currents: Array
    unit: str
    first_rate: Array
    steady_rate: Array
    count: NDArray[np.int64]
    status: tuple[str, ...]


@checked
def fi_curve(
    cell: Cell,
    currents: ArrayLike,
    *,
    duration: float = 1000.0,
    discard: float = 500.0,
    settle: float = 200.0,
    compartment: str | None = None,
    initial: Initial = "rest",
    threads: int | None = None,
) -> FICurve:
    """Run a cell at several current steps, all in one batch, and return its rates.

    Parameters
    ----------
    cell
        The cell.
    currents
        Amplitudes of the steps [the cell's unit], shape (steps,), in any order.
    duration
        Length of each step [ms].
    discard
        Start of each step whose spikes do not count for the steady rate [ms].
    settle
        Time before the step [ms].
    compartment
        Which the current enters; the first one by default.
    initial, threads
        As for `mnexcite.simulate`.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> from mnexcite import cells
    >>> squid = cells.hodgkin_huxley_1952()
    >>> curve = fi_curve(squid, [0.0, 5.0, 10.0, 20.0], duration=300.0, discard=150.0)
    >>> curve.steady_rate.round().tolist(), curve.status
    ([0.0, 0.0, 68.0, 86.0], ('silent', 'one_spike', 'ok', 'ok'))
    """
    unit = cell.units["i"]
    sizes = array("currents", currents, f"numbers of {unit}, one or more", least=1, unit=unit)
    duration = experiment.time("duration", duration)
    discard = experiment.time("discard", discard, zero=True)
    settle = experiment.time("settle", settle, zero=True)
    if discard >= duration:
        raise InputError(
            f"discard is {discard:g} ms of a step of {duration:g} ms; allowed: less than it"
        )
    end = settle + duration
    steps = [
        step(i, unit=unit, start=settle, duration=duration, compartment=compartment)
        for i in sizes.tolist()
    ]
    batch = integrate(
        cell,
        steps,
        Numerics(initial=initial),
        duration=end,
        threads=threads,
        record=(),
    )
    assert isinstance(batch, Batch)
    return FICurve(sizes, unit, *step_rates(batch, settle, settle + discard, end))


def step_rates(
    batch: Batch, start: float, discard: float, end: float
) -> tuple[Array, Array, NDArray[np.int64], tuple[str, ...]]:
    """Return first and steady rates [Hz], spikes and statuses of lanes with a step each.

    Steps last from `start` to `end`, the run's end; spikes before `discard` do not count
    for the steady rate (all times absolute [ms]).
    """
    trains = batch.spike_times.between(start, end)
    counts, failed = trains.counts, experiment.failed_lanes(batch)
    first = np.array([1e3 / (t[1] - t[0]) if t.size > 1 else 0.0 for t in trains])
    late = trains.between(discard, end)
    on = np.where(late.counts > 1, fires_on(late, end), fires_on(trains, end))
    steady = np.where(on, experiment.late_rates(trains, discard), 0.0)
    said = np.where(steady > 0.0, "ok", "stopped").astype(object)
    for name, where in (
        ("silent", counts == 0),
        ("one_spike", counts == 1),
        ("failed", failed),
    ):
        said[where] = name
    first, steady = (np.where(failed, np.nan, rates) for rates in (first, steady))
    return first, steady, counts, tuple(said.tolist())
