"""What a cell shall do: numbers with their noise, and how many candidates are asked at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell
from mnexcite.cells.paths import Path
from mnexcite.equations.curves import steady_total
from mnexcite.errors import InputError, array, checked, instance, number
from mnexcite.measures import Experiment, Measure, Output, experiment, find
from mnexcite.measures.experiment import outputs_in
from mnexcite.measures.fi_curve import step_rates
from mnexcite.muscle import slow_unit
from mnexcite.simulation import Batch
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.simulate import integrate
from mnexcite.stimuli import Stimulus, step
from mnexcite.sweeps.designs.design import Design
from mnexcite.sweeps.designs.points import inputs_of, point_cell
from mnexcite.sweeps.plan import STATUS, make_plan
from mnexcite.sweeps.run import prepare

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Candidates:
    """Hold the cells of one generation: the points of a design, and how they are run."""

    cell: Cell
    design: Design
    numerics: Numerics
    threads: int

    def run(
        self, stimuli: Stimulus | list[Stimulus] | None, duration: float, each: int = 1
    ) -> Batch:
        """Return the runs of all candidates, each in `each` lanes beside one another."""
        inputs = inputs_of(self.cell, self.design, np.arange(self.design.size))
        columns: dict[Path, Any] = {
            path: np.repeat(one, each) for path, one in inputs.parameters.items()
        }
        listed = stimuli * self.design.size if isinstance(stimuli, list) else stimuli
        batch = integrate(
            self.cell,
            listed,
            self.numerics,
            duration=duration,
            parameters=columns,
            record=(),
            threads=self.threads,
        )
        assert isinstance(batch, Batch)
        return batch


@dataclass(frozen=True, eq=False)
class Target:
    """Hold numbers that a cell shall reach; made by functions of `mnexcite.fitting`.

    Attributes
    ----------
    name, unit
        What the numbers are, and their unit.
    values
        The numbers, shape (k,).
    noise
        Standard deviation of each, shape (k,) [`unit`].
    labels
        What each number is, such as the current at which a rate was measured.
    reached
        Candidates -> what they give, shape (candidates, k); NaN where a run failed or the
        number is not defined.
    """

    name: str
    unit: str
    values: Array
    noise: Array
    labels: tuple[str, ...]
    reached: Callable[[Candidates], Array]


@checked
def rates(
    currents: ArrayLike,
    values: ArrayLike,
    *,
    noise: ArrayLike,
    duration: float = 1000.0,
    discard: float = 500.0,
    settle: float = 200.0,
) -> Target:
    """Ask for firing rates at current steps: the steady rates of `measures.fi_curve`.

    Parameters
    ----------
    currents
        Amplitudes of the steps [the cell's unit], shape (k,).
    values
        Rate at each [Hz]; 0 where firing does not last.
    noise
        Standard deviation of the rates [Hz], one or shape (k,).
    duration, discard, settle
        As for `mnexcite.measures.fi_curve`.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> rates([0.5, 1.0], [10.0, 18.0], noise=0.5).labels
    ('0.5', '1')
    """
    sizes = array("currents", currents, "one or more numbers", least=1)
    wanted, sd = _numbers("rates", values, noise, "Hz", lowest=0.0)
    if sizes.size != wanted.size:
        raise InputError(
            f"rates: {sizes.size} currents and {wanted.size} values; allowed: as many"
        )
    duration = experiment.time("duration", duration)
    discard = number("discard", discard, f"0 to {duration:g}", lowest=0.0, below=duration)
    start = experiment.time("settle", settle, zero=True)

    def reached(of: Candidates) -> Array:
        unit, end = of.cell.units["i"], start + duration
        steps = [step(i, unit=unit, start=start, duration=duration) for i in sizes.tolist()]
        batch = of.run(steps, end, sizes.size)
        return step_rates(batch, start, start + discard, end)[1].reshape(-1, sizes.size)

    return Target("rate", "Hz", wanted, sd, tuple(f"{i:g}" for i in sizes), reached)


@checked
def spike_times(
    values: ArrayLike,
    stimulus: Stimulus | None = None,
    *,
    noise: ArrayLike,
    duration: float,
) -> Target:
    """Ask for spikes at their times, the first for the first and so on.

    A spike that does not come counts as one at the run's end, and spikes too many count by
    how long before the end they come, in a number of their own (`later spikes`, wanted 0):
    as a spike leaves the run nothing jumps.

    Parameters
    ----------
    values
        Times of the spikes [ms], rising, shape (k,).
    stimulus
        What enters the cell; nothing random.
    noise
        Standard deviation of the times [ms], one or shape (k,).
    duration
        Length of the run, after the last spike [ms].

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> spike_times([20.0, 40.0], noise=0.5, duration=50.0).labels
    ('1', '2', 'later spikes')
    """
    wanted, sd = _numbers("spike_times", values, noise, "ms", lowest=0.0)
    if np.any(np.diff(wanted) <= 0.0):
        raise InputError("spike_times: values do not rise; allowed: times of one train, sorted")
    end = experiment.time("duration", duration)
    if wanted[-1] >= end:
        raise InputError(
            f"spike_times: the last is at {wanted[-1]:g} ms and duration is {end:g} ms; "
            "allowed: a duration above it"
        )
    stimulus = _steady("spike_times", stimulus)

    def reached(of: Candidates) -> Array:
        batch = of.run(stimulus, end)
        found = np.full((len(batch), wanted.size + 1), end)
        for lane, train in enumerate(batch.spike_times):
            first = train[: wanted.size]
            found[lane, : first.size] = first
            found[lane, -1] = np.linalg.norm(end - train[wanted.size :])
        found[experiment.failed_lanes(batch)] = np.nan
        return found

    labels = (*(str(k + 1) for k in range(wanted.size)), "later spikes")
    return Target(
        "spike time", "ms", np.append(wanted, 0.0), np.append(sd, sd[-1]), labels, reached
    )


@checked
def steady_current(voltages: ArrayLike, values: ArrayLike, *, noise: ArrayLike) -> Target:
    """Ask for the steady current at held voltages, as `equations.iv_curve` gives it.

    Parameters
    ----------
    voltages
        Increasing voltages [mV], shape (k,).
    values
        Total current at each, outward positive [the cell's unit].
    noise
        Standard deviation of the currents [the cell's unit], one or shape (k,).

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> steady_current([-80.0, -70.0], [-0.1, 0.0], noise=0.01).labels
    ('-80', '-70')
    """
    held = array("voltages", voltages, "increasing voltages in mV", least=1, unit="mV")
    wanted, sd = _numbers("steady_current", values, noise, "")
    if held.size != wanted.size or np.any(np.diff(held) <= 0.0):
        raise InputError(
            f"steady_current: {held.size} voltages and {wanted.size} values; allowed: as many, "
            "at increasing voltages"
        )

    def reached(of: Candidates) -> Array:
        cells = (point_cell(of.cell, of.design, point) for point in range(of.design.size))
        return np.array([steady_total(cell, held) for cell in cells])

    return Target("steady current", "", wanted, sd, tuple(f"{v:g}" for v in held), reached)


@checked
def measured(
    measure: str | Measure | Experiment,
    value: float,
    *,
    noise: float,
    output: str | None = None,
    stimulus: Stimulus | None = None,
    duration: float = 1000.0,
    discard: float = 0.0,
) -> Target:
    """Ask for a number that a measure gives, as a sweep would.

    Parameters
    ----------
    measure
        As for `mnexcite.sweep`.
    value, noise
        The number and its standard deviation, in the unit of the measure.
    output
        Which of the measure's numbers; the first by default.
    stimulus, duration, discard
        The run that is watched, as for `mnexcite.sweep`; measures with stimuli of their own
        need none.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> measured("rheobase", 0.4, noise=0.02).name
    'rheobase'
    """
    made = find(measure)
    known = [each.name for each in made.outputs if not each.flags]
    if (output is not None and output not in known) or not known:
        allowed = ", ".join(known) or "a measure that gives a number"
        raise InputError(f"measured: output is {output!r}; allowed: {allowed}")
    name = known[0] if output is None else output
    own = next(each for each in made.outputs if each.name == name)
    wanted, sd = _numbers("measured", [value], noise, "")
    stimulus = _steady("measured", stimulus)
    duration = experiment.time("measured: duration", duration)
    allowed = f"0 ms to below the duration ({duration:g} ms)"
    discard = number(
        "measured: discard", discard, allowed, lowest=0.0, below=duration, unit="ms"
    )

    def reached(of: Candidates) -> Array:
        plan = make_plan(
            of.cell,
            of.design,
            stimulus,
            of.numerics,
            duration=duration,
            discard=discard,
            measures=(made,),
            unit=slow_unit(),
        )
        run = prepare(plan, None, -(-of.design.size // of.threads))
        run.compute("threads", of.threads)
        found = run.dataset()
        values = np.where(found[STATUS].values == 0, found[name].values, np.nan)
        return values[:, None].astype(np.float64)

    return Target(name, own.unit, wanted, sd, ("",), reached)


def unit_in(cell: Cell, target: Target) -> str:
    """Return the unit of a target's numbers, filled in for a cell."""
    if target.name == "steady current":
        return cell.units["i"]
    return outputs_in(cell.units["i"], [Output(target.name, target.unit, "")])[0].unit


def _numbers(
    who: str, values: ArrayLike, noise: ArrayLike, unit: str, lowest: float = -np.inf
) -> tuple[Array, Array]:
    allowed = f"finite numbers{f' of {unit}' if unit else ''}, one or more"
    wanted = array(f"{who}: values", values, allowed, least=1, lowest=lowest, unit=unit)
    sd = array(
        f"{who}: noise", noise, "a standard deviation above 0, or one for each value",
        ndim=(0, 1), least=1, above=0.0, unit=unit,
    )  # fmt: skip
    if sd.ndim and sd.size != wanted.size:
        raise InputError(
            f"{who}: {sd.size} noise for {wanted.size} values; allowed: one, or as many"
        )
    return wanted, np.broadcast_to(sd, wanted.shape).copy()


def _steady(who: str, stimulus: Stimulus | None) -> Stimulus | None:
    """Return the stimulus, or refuse one that is another in every run."""
    if stimulus is None:
        return None
    made = instance(f"{who}: stimulus", stimulus, Stimulus, "a stimulus, or None")
    if made.noisy:
        raise InputError(
            f"{who}: the stimulus fluctuates, and each run would have its own path; give the "
            "path that was injected, by mnexcite.stimuli.samples"
        )
    return made
