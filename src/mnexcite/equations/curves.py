"""Steady-state curves: what each gate and current does when the voltage is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import paths
from mnexcite.cells.cell import Cell
from mnexcite.cells.compartment import find_compartment
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.equations.equilibria import Equilibrium, equilibria
from mnexcite.equations.steady import Membrane
from mnexcite.equations.variants import variant_of
from mnexcite.errors import InputError, array, checked, choice

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CurrentVoltage:
    """Hold a steady-state current-voltage relation.

    `v` [mV], `total` and each of `currents` [`unit`], outward positive; `pools` are the
    steady concentrations at each voltage. `zeros` are the voltages where the total
    current changes sign, and `negative_slope` tells where more voltage gives less
    outward current: the mark of a persistent inward current. `equilibria` are those of the
    cell between the first and the last voltage; none in a cell of several compartments,
    whose equilibria are not where one compartment's own currents cancel.
    """

    v: Array
    total: Array
    currents: Mapping[str, Array]
    pools: Mapping[str, Array]
    unit: str
    equilibria: tuple[Equilibrium, ...] = ()

    @property
    def zeros(self) -> Array:
        """Voltages [mV] where the total current changes sign, by linear interpolation."""
        total, v = self.total, self.v
        at = np.flatnonzero(np.sign(total[:-1]) * np.sign(total[1:]) < 0)
        crossings = v[at] - total[at] * (v[at + 1] - v[at]) / (total[at + 1] - total[at])
        return np.sort(np.concatenate([crossings, v[total == 0.0]]))

    @property
    def negative_slope(self) -> NDArray[np.bool_]:
        """Whether the slope of the total current is negative, at each voltage."""
        if self.v.size < 2:
            raise InputError("one voltage has no slope; give iv_curve two voltages or more")
        return np.gradient(self.total, self.v) < 0


@checked
def gate_curves(cell: Cell, v: ArrayLike, over: str = "v") -> dict[str, tuple[Array, Array]]:
    """Return steady state and time constant [ms] of each gate that reads voltage, or a pool.

    Parameters
    ----------
    cell
        The cell.
    v
        Increasing voltages [mV], or concentrations of the pool in its own unit, shape (n,).
    over
        "v", or a pool such as "Ca": its gates are taken.

    Returns
    -------
    dict
        Gate's path -> (steady state, time constant), of v's shape; a time constant of 0 means
        instantaneous.

    Raises
    ------
    InputError
        If the values do not increase, or no gate reads the pool.

    Examples
    --------
    >>> from mnexcite import cells
    >>> inf, tau = gate_curves(cells.purvis_butera_2005(), [-47.1])["NaP.m"]
    >>> inf.round(3).tolist(), tau.tolist()
    ([0.5], [0.1])
    >>> list(gate_curves(cells.purvis_butera_2005(), [1e-4, 1e-3], over="Ca"))
    ['SK.z']
    """
    gates = {
        paths.join(cell, compartment, channel.name, gate.name): gate
        for compartment in cell.compartments
        for channel in compartment.channels
        for gate in channel.gates
    }
    choice("over", over, ["v", *{gate.pool: 0 for gate in gates.values() if gate.pool}])
    v = _increasing(v) if over == "v" else _increasing(v, "concentrations", "", 0.0)
    return {
        path: (gate.steady_state(v), gate.time_constant(v))
        for path, gate in gates.items()
        if (gate.pool or "v") == over
    }


@checked
def iv_curve(cell: Cell, v: ArrayLike, compartment: str | None = None) -> CurrentVoltage:
    """Return the steady current at held voltages `v` [mV], gate by gate at rest.

    Parameters
    ----------
    cell
        The cell.
    v
        Increasing voltages [mV], shape (n,).
    compartment
        Whose membrane; the first one by default. Currents from other compartments are
        not part of it.

    Raises
    ------
    InputError
        If there is no such compartment or the voltages do not increase.

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite import cells
    >>> curve = iv_curve(cells.purvis_butera_2005(), np.arange(-90.0, -50.0, 0.5))
    >>> curve.zeros.round(1).tolist()
    [-71.6]
    """
    v = _increasing(v)
    currents, pools = _settled(cell, v, compartment)
    found: tuple[Equilibrium, ...] = ()
    if len(cell.compartments) == 1:
        found = tuple(e for e in equilibria(cell) if v[0] <= e.v <= v[-1])
    return CurrentVoltage(
        v,
        sum(currents.values(), np.zeros_like(v)),
        FrozenMapping(currents),
        FrozenMapping(pools),
        cell.units["i"],
        found,
    )


def steady_total(cell: Cell, v: Array) -> Array:
    """Return the steady total current of `iv_curve` alone, without its equilibria."""
    return sum(_settled(cell, v, None)[0].values(), np.zeros_like(v))


def _settled(
    cell: Cell, v: Array, compartment: str | None
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return steady currents and pools at held voltages."""
    membrane = find_compartment(cell, compartment)
    states = Membrane(cell, cell.compartments.index(membrane), variant_of(cell)).settled(v)
    if len(states) > 1:
        raise InputError(
            f"the currents that feed a pool of {membrane.name} read it themselves, and settle "
            "in several ways at one voltage; their steady state is not a function of it"
        )
    settled = states[0]
    currents = {
        name: np.broadcast_to(i, (1, v.size))[0] for name, i in settled.currents.items()
    }
    pools = {name: c[0] for name, c in settled.pools.items()}
    return currents, pools


def _increasing(
    v: ArrayLike, what: str = "voltages", unit: str = "mV", lowest: float = -np.inf
) -> Array:
    allowed = f"finite, increasing {what} in {unit or 'the unit of the pool, 0 or more'}"
    limits: dict[str, Any] = {"ndim": (0, 1), "least": 1, "lowest": lowest}
    v = np.atleast_1d(array("v", v, allowed, unit=unit, **limits))
    if np.any(np.diff(v) <= 0):
        raise InputError(f"v does not increase; allowed: {allowed}")
    return v
