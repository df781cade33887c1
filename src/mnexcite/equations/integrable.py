"""The equations of a cell as a function of time and state, for an integrator of one's own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.cell import Cell
from mnexcite.channels import Synapse
from mnexcite.equations.right_hand_side import Equations
from mnexcite.errors import InputError, checked, number
from mnexcite.stimuli import Drive, Stimulus, Waveform, step
from mnexcite.stimuli.events import Train

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RightHandSide:
    """Hold y' = f(t, y) of a cell, by its exact, untabulated functions.

    Attributes
    ----------
    cell
        The cell.
    states
        What each entry of y is, as its path: voltages, then concentrations, gates, bindings.
    units
        Unit of each state.
    y0
        The published state, shape (states,).
    breaks
        Times above 0 at which f may jump, since the stimulus does [ms]: integrate from one to
        the next, or a long step may miss a brief pulse. None for a constant current.
    """

    cell: Cell
    states: tuple[str, ...]
    units: tuple[str, ...]
    y0: Array
    breaks: Array
    drive: Drive

    def __repr__(self) -> str:
        return f"RightHandSide({self.cell.name}: f(t, y) of {len(self.states)} states)"

    def f(self, t: float, y: Array) -> Array:
        """Return y' [unit of the state per ms] at time `t` [ms], of y's shape.

        `y` has shape (states,), or (states, points) for many states at once. At a break the
        stimulus has jumped already.
        """
        lines, leaks = self._signals
        entering = np.array([0.0 if w is None else float(w.at(t)) for w in lines])
        leak = np.array([0.0 if w is None else float(w.at(t)) for w in leaks])
        for k, synapse, train in self._synapses:
            opened = synapse.g * float(train.at(np.array([t]))[0])
            leak[k] += opened
            entering[k] += opened * synapse.E
        y = np.asarray(y, dtype=float)
        return self._equations.derivative(y, entering, leak if leak.any() else 0.0)

    @cached_property
    def _equations(self) -> Equations:
        return Equations(self.cell)

    @cached_property
    def _signals(self) -> list[list[Waveform | None]]:
        both = (self.drive.currents, self.drive.conductances)
        return [[None if s is None else s.line for s in each] for each in both]

    @cached_property
    def _synapses(self) -> list[tuple[int, Synapse, Train]]:
        owners = [(k, s) for k, c in enumerate(self.cell.compartments) for s in c.synapses]
        pairs = zip(owners, self.drive.trains, strict=True)
        return [(k, s, train) for (k, s), train in pairs if train is not None]


@checked
def right_hand_side(
    cell: Cell, current: float | Stimulus = 0.0, *, compartment: str | None = None
) -> RightHandSide:
    """Return the equations of a cell as f(t, y), for an integrator of one's own.

    Parameters
    ----------
    cell
        The cell.
    current
        A constant current [the cell's own unit, `cell.units["i"]`], or a stimulus: currents,
        conductances and events of synapses.
    compartment
        Which a constant current enters; the first one by default. A stimulus says its own.

    Raises
    ------
    InputError
        If an argument is not allowed, or the stimulus fluctuates.

    Examples
    --------
    >>> from scipy.integrate import solve_ivp
    >>> from mnexcite import cells
    >>> squid = right_hand_side(cells.hodgkin_huxley_1952(), 10.0)
    >>> squid.states
    ('v', 'Na.m', 'Na.h', 'Kdr.n')
    >>> run = solve_ivp(squid.f, (0.0, 20.0), squid.y0, "LSODA", rtol=1e-8, atol=1e-8)
    >>> round(float(run.y[0].max()), 1)
    40.3
    """
    if isinstance(current, Stimulus):
        if compartment is not None:
            raise InputError(
                f"compartment is {compartment!r}, but a stimulus says where it enters; give "
                "stimuli compartment=... instead"
            )
        stimulus = current
    else:
        unit = cell.units["i"]
        amplitude = number("current", current, f"a number of {unit}, or a stimulus", unit=unit)
        stimulus = step(amplitude, unit=unit, start=0.0, compartment=compartment)
    if stimulus.noisy:
        raise InputError(
            "the stimulus fluctuates, which no step of an integrator can follow; allowed: what "
            "is known beforehand, such as mnexcite.stimuli.sampled"
        )
    drive = stimulus.drive(cell)
    signals = [s.line for s in (*drive.currents, *drive.conductances) if s is not None]
    times = [line.breaks for line in signals if line is not None]
    times += [train.times for train in drive.trains if train is not None]
    breaks = np.unique(np.concatenate([np.empty(0), *times]))
    names = Equations(cell).structure.states
    pools = {
        f"{c.name}.{p.name}" if len(cell.compartments) > 1 else p.name: p.unit
        for c in cell.compartments
        for p in c.pools
    }
    return RightHandSide(
        cell,
        names,
        tuple(_unit(name, pools) for name in names),
        np.array([cell.initial[name] for name in names]),
        breaks[(breaks > 0.0) & (breaks < math.inf)],
        drive,
    )


def _unit(name: str, pools: dict[str, str]) -> str:
    return "mV" if name.rpartition(".")[2] == "v" else pools.get(name, "1")
