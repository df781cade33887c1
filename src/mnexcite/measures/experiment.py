"""Measures that bring their own stimuli, such as a rheobase, instead of watching a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.errors import InputError, array, number
from mnexcite.measures import block
from mnexcite.measures.measure import Output, Values
from mnexcite.simulation import Batch
from mnexcite.simulation.beginning import Initial
from mnexcite.spikes import SpikeTrains, last_rate, rate
from mnexcite.stimuli import Stimulus, VoltageClamp

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Unit of current of a cell -> its unit of conductance.
CONDUCTANCE = MappingProxyType({"nA": "uS", "uA/cm2": "mS/cm2"})


class RunLanes(Protocol):
    """Run the points of a chunk under stimuli of the experiment's choice.

    Attributes
    ----------
    lanes
        Points in the chunk.
    unit
        The cell's own unit of current, "nA" or "uA/cm2".
    """

    @property
    def lanes(self) -> int: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102

    def __call__(
        self,
        stimulus: Stimulus | Sequence[Stimulus | VoltageClamp],
        *,
        duration: float,
        discard: float = 0.0,
        lanes: IntArray | None = None,
        record: Sequence[str] = (),
        every: float | None = None,
        initial: Initial | None = None,
    ) -> Batch:
        """Return the runs of `lanes`, each from its own initial state, without warning.

        Parameters
        ----------
        stimulus
            One for all, or one, or one voltage clamp, for each of `lanes`.
        duration, discard
            Length of the run, and where its spikes start to count [ms].
        lanes
            Which points, shape (n,), a point as often as it is named; default each once.
        record, every
            Variables to sample, and how often [ms].
        initial
            Where to begin instead: "rest", "published" or a mapping.
        """
        ...


@dataclass(frozen=True)
class Experiment:
    """Hold a measure that brings its own stimuli and runs each point as often as it needs.

    Currents are in the cell's own unit, which a measure does not know until a sweep uses it.

    Parameters
    ----------
    outputs
        The variables it gives. In their units `{current}` stands for the cell's unit of
        current, `{conductance}` for that of conductance; see `outputs_in`.
    run
        From the chunk's points to output name -> values of shape (lanes,). A lane's values
        do not depend on the others. A value that is not defined is NaN, and a flag says why.
    """

    outputs: tuple[Output, ...]
    run: Callable[[RunLanes], Values]


def outputs_in(unit: str, outputs: Sequence[Output]) -> tuple[Output, ...]:
    """Return outputs with `unit` in place of `{current}`, and what belongs to it.

    Examples
    --------
    >>> slope = Output("fi_slope", "Hz/{current}", "slope of the f-I curve")
    >>> [outputs_in(unit, [slope])[0].unit for unit in ("nA", "uA/cm2")]
    ['Hz/nA', 'Hz/(uA/cm2)']
    """
    divisor = f"({unit})" if "/" in unit else unit
    return tuple(
        replace(
            output,
            unit=output.unit.replace("/{current}", f"/{divisor}")
            .replace("{current}", unit)
            .replace("{conductance}", CONDUCTANCE.get(unit, "{conductance}")),
        )
        for output in outputs
    )


def current_for(run: RunLanes, given: float | None, defaults: Mapping[str, float]) -> float:
    """Return the current that was given, or the default of the cell's unit."""
    return defaults[run.unit] if given is None else given


def failed_lanes(batch: Batch) -> NDArray[np.bool_]:
    """Return which lanes did not reach the end of their run as they should, shape (lanes,)."""
    return np.array([status != "ok" for status in batch.status], dtype=bool)


def voltage_of(cell: Cell) -> str:
    """Return the name by which the first compartment's voltage is recorded."""
    first = cell.compartments[0].name
    return "v" if len(cell.compartments) == 1 else f"{first}.v"


def beyond_instability(batch: Batch, lanes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of `lanes` end above a voltage at which they are unstable: blocked."""
    v = np.where(lanes, batch.final_state.values[0], np.nan)
    return block.beyond_instability(batch.cell, batch.parameters, v)


def settled(spikes: Array, settle: float) -> Array:
    """Return the spikes of the second half of the settling time.

    The first half is for the transient from an initial state that is no equilibrium; a
    spike in the second says that the cell fires by itself.
    """
    return spikes[(spikes >= 0.5 * settle) & (spikes < settle)]


def late_rates(trains: SpikeTrains, since: float) -> Array:
    """Return the rates of the spikes from `since` on [Hz].

    Where only one or none came since it is that of the last interval: firing has not stopped
    because it is slow.
    """
    late = trains.after(since)
    return np.where(late.counts > 1, rate(late), last_rate(trains))


def time(name: str, value: float, *, zero: bool = False) -> float:
    """Return a length of time [ms] above 0 (`zero`: 0 or more), or refuse it."""
    if zero:
        return number(name, value, "0 or more", lowest=0.0, unit="ms")
    return number(name, value, "above 0", above=0.0, unit="ms")


def current(name: str, value: float | None) -> float | None:
    """Return a current above 0, or None for the default; else refuse it."""
    if value is None:
        return None
    return number(name, value, "above 0 in the cell's unit, or None", above=0.0)


def below_0(name: str, value: float) -> float:
    """Return a current below 0, or refuse it."""
    highest = np.nextafter(0.0, -1.0)
    return number(name, value, "below 0 in the cell's unit, or None", highest=highest)


def precision(name: str, value: float) -> float:
    """Return a relative width of a bracket, or refuse it."""
    return number(name, value, "1e-6 to 0.5", lowest=1e-6, highest=0.5)


def durations(name: str, given: Iterable[float], least: int = 1) -> tuple[float, ...]:
    """Return durations [ms] in their order, `least` of them or more, or refuse them."""
    many = {1: "one or more", 2: "two or more"}[least]
    listed = array(name, given, f"{many} numbers in ms", unit="ms").tolist()
    values = sorted(time(name, each) for each in listed)
    if len({f"{each:g}" for each in values}) < max(least, len(values)):
        raise InputError(f"{name} are {values}; allowed: {many}, all different")
    return tuple(values)
