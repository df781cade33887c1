"""What a cell does over one parameter: equilibria, where they change, firing up and down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell
from mnexcite.cells.paths import check_one_value, resolve
from mnexcite.equations import Equilibrium, equilibria
from mnexcite.errors import InputError, array, checked, number
from mnexcite.errors.display import counted, some, statuses
from mnexcite.simulation import Recording
from mnexcite.simulation.beginning import Initial
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.settings import run_length
from mnexcite.simulation.simulate import integrate
from mnexcite.spikes import fires_on, rate
from mnexcite.stimuli import Stimulus, ramp, step

Array = NDArray[np.float64]
At = Callable[[float], tuple[Equilibrium, ...]]

#: Where a critical point is looked for ends when its bracket is so wide, as a share of it.
_WIDTH = 1e-9
_HALVINGS = 40
#: A cell that swings by more [mV] does not rest.
SWING = 1.0


@dataclass(frozen=True)
class CriticalPoint:
    """Hold where equilibria change.

    Attributes
    ----------
    kind
        `hopf`: a pair of complex eigenvalues crosses, and a rest begins or ends with an
        oscillation; `fold`: two equilibria meet and vanish; `zero`: a real eigenvalue crosses.
    value, v
        Of the parameter, and the voltage there [mV].
    frequency
        Of a Hopf point's oscillation [Hz]; 0 for others.
    """

    kind: str
    value: float
    v: float
    frequency: float = 0.0


@dataclass(frozen=True, eq=False)
class Branch:
    """Hold what a cell does as the parameter goes one way, each state from the one before.

    Attributes
    ----------
    lowest, highest
        Voltages of the second half of each run [mV], shape (values,).
    rate
        Rate of firing there [Hz], whether or not it reaches the cell's `spike_threshold`: of
        the upward crossings of the middle between both, 0 where they are within 1 mV or the
        firing does not go on to the end.
    status
        How each run ended; NaN stands beside all but `ok`.
    """

    lowest: Array
    highest: Array
    rate: Array
    status: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Bifurcation:
    """Hold a bifurcation picture over one parameter.

    Attributes
    ----------
    values, over, unit
        Increasing values, shape (values,), of which parameter, in which unit.
    at, v, stable
        Of every equilibrium its value of the parameter, voltage [mV] and whether it is stable,
        shape (equilibria,).
    points
        Where equilibria change, in order of the parameter.
    up, down
        What the cell does as the parameter rises and falls.
    """

    values: Array
    over: str
    unit: str
    at: Array
    v: Array
    stable: NDArray[np.bool_]
    points: tuple[CriticalPoint, ...]
    up: Branch
    down: Branch

    def __repr__(self) -> str:
        found = some(f"{point.kind} at {point.value:.6g}" for point in self.points)
        return (
            f"Bifurcation({counted(self.values.size, 'value')} of {self.over} [{self.unit}]: "
            f"{found}; up {statuses(self.up.status)}, down {statuses(self.down.status)})"
        )


@checked
def bifurcation(
    cell: Cell,
    values: ArrayLike,
    *,
    over: str = "current",
    current: float = 0.0,
    compartment: str | None = None,
    duration: float = 500.0,
    every: float = 0.1,
) -> Bifurcation:
    """Find a cell's equilibria over one parameter, and what it does as that goes up and down.

    The cell begins at a stable equilibrium of the first value, if there is one, and runs for
    `duration` at each value in turn, up and then down, from the state in which the last run
    left it: where both ways differ the cell is bistable. A current moves from one value to the
    next in a straight line over the first quarter of the run; other numbers jump. Beside a
    critical point what moves it fades slowly, so give a longer duration there.

    Parameters
    ----------
    cell
        The cell.
    values
        Increasing values, two or more, shape (values,). Critical points are looked for
        between two neighbours, so take them close enough to part any two.
    over
        `current`, which is injected [the cell's unit], or the path of a number of the cell.
    current
        A constant current, where another number changes [the cell's unit].
    compartment
        Which the current enters; the first one by default.
    duration
        Length of each run [ms], of which the second half counts.
    every
        Interval of samples [ms], for the lowest and highest voltage.

    Raises
    ------
    InputError
        If an argument is not allowed.

    References
    ----------
    Hassard 1978 (J Theor Biol 71:401) for the Hopf points of Hodgkin and Huxley's membrane.

    Examples
    --------
    >>> from mnexcite import cells
    >>> squid = cells.hodgkin_huxley_1952()
    >>> picture = bifurcation(squid, [5.0, 8.0, 12.0], duration=200.0)
    >>> [(point.kind, round(point.value, 3)) for point in picture.points]
    [('hopf', 9.775)]
    >>> picture.up.rate.round().tolist(), picture.down.rate.round().tolist()
    ([0.0, 0.0, 73.0], [0.0, 62.0, 73.0])
    """
    of_current = over == "current"
    unit = cell.units["i"] if of_current else cell.parameters[_path(cell, over)].unit
    allowed = f"increasing values of {over} in {unit}, two or more"
    values = array("values", values, allowed, least=2, unit=unit)
    if np.any(np.diff(values) <= 0.0):
        raise InputError(f"values do not increase; allowed: {allowed}")
    current = number("current", current, unit=cell.units["i"])
    if of_current and current:
        raise InputError("current is given, but values are of the current; leave it out")
    duration = run_length(duration)
    # the second half of a run is looked at
    told = f"above 0 ms, to a quarter of the duration ({0.25 * duration:g} ms)"
    every = number("every", every, told, above=0.0, highest=0.25 * duration, unit="ms")

    def made(value: float) -> tuple[Cell, float]:
        return (cell, value) if of_current else (cell.replaced({over: value}), current)

    def still(value: float) -> tuple[Equilibrium, ...]:
        own, injected = made(value)
        return equilibria(own, injected, compartment=compartment)

    found = [still(value) for value in values.tolist()]
    listed = [
        (value, e.v, e.stable) for value, es in zip(values, found, strict=True) for e in es
    ]
    at, v, stable = zip(*listed, strict=True) if listed else ((), (), ())
    points = [
        point
        for low, high, one, two in zip(values, values[1:], found, found[1:], strict=False)
        for point in _between(still, float(low), float(high), one, two)
    ]

    def runs(
        order: Array, state: Initial
    ) -> tuple[list[tuple[float, ...]], list[str], Initial]:
        rows, said, before = [], [], made(float(order[0]))[1]
        for value in order.tolist():
            own, injected = made(value)
            drive = _moving(before, injected, 0.25 * duration, own.units["i"], compartment)
            before = injected
            run = integrate(own, drive, Numerics(initial=state), duration=duration, every=every)
            assert isinstance(run, Recording)
            rows.append(_seen(run))
            said.append(run.status)
            state = run.final_state.at(0.0) if run.status == "ok" else "published"
        return rows, said, state

    begin = next((dict(e.state) for e in found[0] if e.stable), "published")
    rows, said, state = runs(values, begin)
    up = _branch(rows, said)
    rows, said, _ = runs(values[::-1], state)
    down = _branch(rows[::-1], said[::-1])
    return Bifurcation(
        values,
        over,
        unit,
        np.array(at, float),
        np.array(v, float),
        np.array(stable, bool),
        tuple(sorted(points, key=lambda point: point.value)),
        up,
        down,
    )


def _path(cell: Cell, over: str) -> str:
    check_one_value(cell, over)
    return resolve(cell, over)[0]


def _branch(rows: list[tuple[float, ...]], said: list[str]) -> Branch:
    lowest, highest, rates = np.array(rows).T
    return Branch(lowest, highest, rates, tuple(said))


def _moving(
    before: float, after: float, length: float, unit: str, compartment: str | None
) -> Stimulus:
    """Return a current that goes from one value to another and stays."""
    told = {"unit": unit, "compartment": compartment}
    return ramp(before, after, duration=length, **told) + step(after, start=length, **told)  # type: ignore[arg-type]


def _seen(run: Recording) -> tuple[float, float, float]:
    """Return lowest and highest voltage and the rate in the second half of a run."""
    if run.status != "ok":
        return np.nan, np.nan, np.nan
    inside = run.t >= 0.5 * run.duration
    t, v = run.t[inside], run["v"][inside]
    lowest, highest = float(v.min()), float(v.max())
    above = v - 0.5 * (lowest + highest)
    up = np.flatnonzero((above[:-1] < 0.0) & (above[1:] >= 0.0))
    times = t[up] - above[up] * (t[up + 1] - t[up]) / (above[up + 1] - above[up])
    fires = highest - lowest > SWING and bool(fires_on(times, run.duration))
    return lowest, highest, float(rate(times)) if fires else 0.0


def _between(
    still: At,
    low: float,
    high: float,
    one: tuple[Equilibrium, ...],
    two: tuple[Equilibrium, ...],
) -> list[CriticalPoint]:
    """Return what changes between two values of the parameter."""
    if len(one) != len(two):
        return [_fold(still, low, high, len(one))]
    return [
        _crossing(still, low, high, k)
        for k, (a, b) in enumerate(zip(one, two, strict=True))
        if a.stable != b.stable
    ]


def _fold(still: At, low: float, high: float, count: int) -> CriticalPoint:
    """Return where the number of equilibria changes, by bisection."""
    more = still(low) if count else still(high)
    for _ in range(_HALVINGS):
        if high - low <= _WIDTH * max(abs(low), abs(high)):
            break
        middle = 0.5 * (low + high)
        here = still(middle)
        more = max(more, here, key=len) if len(more) == len(here) else more
        low, high = (middle, high) if len(here) == count else (low, middle)
    most = max(still(low), still(high), key=len)
    voltages = np.array([e.v for e in most])
    if voltages.size < 2:
        return CriticalPoint("fold", 0.5 * (low + high), float(voltages.mean()))
    pair = int(np.diff(voltages).argmin())
    return CriticalPoint("fold", 0.5 * (low + high), float(voltages[pair : pair + 2].mean()))


def _crossing(still: At, low: float, high: float, k: int) -> CriticalPoint:
    """Return where the leading eigenvalue of an equilibrium crosses, by Brent's method."""
    from scipy.optimize import brentq

    def growth(value: float) -> float:
        return float(still(value)[k].eigenvalues[0].real)

    width = _WIDTH * max(abs(low), abs(high))
    value = float(brentq(growth, low, high, xtol=width))  # type: ignore[arg-type]
    there = still(value)[k]
    turning = abs(float(there.eigenvalues[0].imag))
    kind = "hopf" if turning > 0.0 else "zero"
    return CriticalPoint(kind, value, there.v, 1e3 * turning / (2.0 * np.pi))
