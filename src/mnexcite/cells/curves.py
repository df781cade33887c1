"""Steady-state curves: what each gate and current does when the voltage is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import paths
from mnexcite.cells.cell import Cell
from mnexcite.cells.compartment import Compartment
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, array, checked, did_you_mean

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CurrentVoltage:
    """Hold a steady-state current-voltage relation.

    `v` [mV], `total` and each of `currents` [`unit`], outward positive; `pools` are the
    steady concentrations at each voltage. `zeros` are the voltages where the total
    current changes sign, and `negative_slope` tells where more voltage gives less
    outward current: the mark of a persistent inward current.
    """

    v: Array
    total: Array
    currents: Mapping[str, Array]
    pools: Mapping[str, Array]
    unit: str

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
def gate_curves(cell: Cell, v: ArrayLike) -> dict[str, tuple[Array, Array]]:
    """Return each voltage-dependent gate's steady state and time constant [ms] at `v` [mV].

    Keyed by the gate's path; a time constant of 0 means instantaneous.

    Examples
    --------
    >>> from mnexcite import cells
    >>> inf, tau = gate_curves(cells.purvis_butera_2005(), [-47.1])["NaP.m"]
    >>> inf.round(3).tolist(), tau.tolist()
    ([0.5], [0.1])
    """
    v = _voltages(v)
    return {
        paths.join(cell, compartment, channel.name, gate.name): (
            gate.steady_state(v),
            gate.time_constant(v),
        )
        for compartment in cell.compartments
        for channel in compartment.channels
        for gate in channel.gates
        if gate.pool is None
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
    v = _voltages(v)
    membrane = find_compartment(cell, compartment)
    ions = {ion.name: ion.E + cell.nernst_shift(ion) for ion in cell.ions}
    shifts = {ion.name: cell.nernst_shift(ion) for ion in cell.ions}
    concentrations: dict[str, Array] = {}
    currents: dict[str, Array] = {}

    def current(channel_index: int) -> Array:
        channel = membrane.channels[channel_index]
        opening = np.ones_like(v)
        for gate in channel.gates:
            x = v if gate.pool is None else concentrations[gate.pool]
            opening = opening * gate.steady_state(x) ** gate.power
        if channel.E is None:
            E = ions[channel.ion]  # type: ignore[index]
        else:
            E = channel.E + shifts.get(channel.ion or "", 0.0)
        return channel.g * opening * (v - E)

    for pool in membrane.pools:
        feeding = [i for i, c in enumerate(membrane.channels) if c.ion == pool.name]
        if any(gate.pool is not None for i in feeding for gate in membrane.channels[i].gates):
            raise InputError(
                f"the currents that feed pool {pool.name} read a pool themselves; their "
                "steady state is not a function of the voltage alone"
            )
        influx = sum((current(i) for i in feeding), np.zeros_like(v))
        removal = pool.decay if pool.tau is None else 1.0 / pool.tau
        concentrations[pool.name] = pool.rest - pool.alpha * influx / removal  # type: ignore[operator]
    for index in range(len(membrane.channels)):
        currents[membrane.channels[index].name] = current(index)
    total = sum(currents.values(), np.zeros_like(v))
    return CurrentVoltage(
        v, total, FrozenMapping(currents), FrozenMapping(concentrations), cell.units["i"]
    )


def find_compartment(cell: Cell, name: str | None) -> Compartment:
    """Return the compartment of that name, the first one for None."""
    if name is None:
        return cell.compartments[0]
    for compartment in cell.compartments:
        if compartment.name == name:
            return compartment
    names = [compartment.name for compartment in cell.compartments]
    raise InputError(f"no compartment {name!r} in {cell.name}; {did_you_mean(name, names)}")


def _voltages(v: ArrayLike) -> Array:
    allowed = "finite, increasing voltages in mV"
    v = np.atleast_1d(array("v", v, allowed, ndim=(0, 1), unit="mV"))
    if np.any(np.diff(v) <= 0):
        raise InputError(f"v does not increase; allowed: {allowed}")
    return v
