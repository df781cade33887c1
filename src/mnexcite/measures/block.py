"""Where a silent voltage lies: below what makes a cell fire, or beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.channels import Gate
from mnexcite.engine.layout import Layout
from mnexcite.engine.lower import Lanes, lower
from mnexcite.engine.structure import structure_of

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Voltages that are looked at [mV], those of the kinetics' tables.
VOLTAGES = np.arange(-150.0, 101.0)
#: Half-width of the differences that give slopes, in mV and as a share of a concentration.
_NUDGE = 1e-3
#: How many states (points) are solved at once.
_POINTS = 4096


def beyond_instability(cell: Cell, values: Mapping[str, Array], v: Array) -> NDArray[np.bool_]:
    """Tell whether the membrane is unstable at a voltage below `v`.

    At each whole mV the steady state is taken, with whatever constant current holds it
    there, and its eigenvalues: where one grows, the cell cannot stay and fires, or leaps to
    another state. A cell that is silent below every such voltage rests, however depolarised;
    one that is silent above one has passed the voltages at which it fires: depolarisation
    block. A cell that is unstable nowhere, such as one without sodium channels, only rests.

    Voltages below the lowest reversal potential do not count: there every current is inward,
    and only a current from outside could hold the cell. In a cell of several compartments
    it is the membrane of the first by itself.

    Parameters
    ----------
    cell
        The cell.
    values
        Full path -> one number per lane, where lanes differ from the cell.
    v
        Voltage of each lane, shape (lanes,) [mV]; NaN lies below everything.

    References
    ----------
    Hodgkin & Huxley 1952 lose their rest at -59.7 mV and gain it again at -43.1 mV: the two
    Hopf bifurcations over the injected current (Hassard 1978, J Theor Biol 71:401).

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite import cells
    >>> axon = cells.hodgkin_huxley_1952()
    >>> beyond_instability(axon, {}, np.array([-65.0, -60.0, -43.0])).tolist()
    [False, False, True]
    """
    lanes = lower(cell, Layout(structure_of(cell)), values, v.size)
    membrane = _Membrane(lanes)
    # from each lane's voltage downwards: if any is unstable, the nearest is as a rule
    found = np.zeros(v.size, bool)
    place = np.searchsorted(VOLTAGES, v) - 1  # NaN comes last and is taken out
    open_lanes = np.flatnonzero(np.isfinite(v))
    lowest = membrane.lowest
    while open_lanes.size:
        here = open_lanes[VOLTAGES[place[open_lanes]] >= lowest[open_lanes]]
        here = here[place[here] >= 0]
        for first in range(0, here.size, _POINTS):
            part = here[first : first + _POINTS]
            found[part] = membrane.unstable(part, place[part])
        open_lanes = here[~found[here]]
        place[open_lanes] -= 1
    return found


@lru_cache(maxsize=1024)
def _curves(gate: Gate) -> tuple[Array, Array, Array]:
    """Return steady state, its slope [1/mV] and time constant [ms] at `VOLTAGES`."""
    inf, tau = gate.steady_state(VOLTAGES), gate.time_constant(VOLTAGES)
    ends = (gate.steady_state(VOLTAGES + s * _NUDGE) for s in (1.0, -1.0))
    return inf, np.subtract(*ends) / (2.0 * _NUDGE), tau


def _passive(jacobian: Array, pools: int) -> NDArray[np.bool_]:
    """Return where the conductance is positive at every frequency, so that nothing grows.

    A gate adds a conductance behind a low-pass filter, which is never more negative than at
    rest. Ways through a pool are taken as negative, with all their gains.
    """
    diagonal = -np.einsum("pii->pi", jacobian)
    of_pools = slice(1, 1 + pools)
    gain = np.abs(jacobian) / diagonal[:, :, None]
    to_v, from_v = jacobian[:, 0, 1:], jacobian[:, 1:, 0] / diagonal[:, 1:]
    own = diagonal[:, 0] - np.maximum(to_v * from_v, 0.0).sum(axis=1)
    for k in range(1, 1 + pools):
        into = gain[:, k, 0] + (gain[:, k, 1 + pools :] * gain[:, 1 + pools :, 0]).sum(axis=1)
        out = gain[:, 1 + pools :, k]
        back = np.abs(jacobian[:, 0, k])
        back = back + (np.abs(jacobian[:, 0, 1 + pools :]) * out).sum(axis=1)
        own -= into * back
        # a pool that feeds on itself may grow by itself
        loop = np.abs(gain[:, k, of_pools]).sum(axis=1) - 1.0
        loop = loop + (gain[:, k, 1 + pools :] * out).sum(axis=1)
        own = np.where(loop > 0.0, -1.0, own)
    return own > 0.0


class _Membrane:
    """Tell whether the first compartment of each lane is stable at a voltage, by itself."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        first = lanes.cell.compartments[0]
        row = lanes.layout.row
        names = [channel.name for channel in first.channels]
        self.g = lanes.rows[[row("g", 0, name) for name in names]]
        self.E = lanes.rows[[row("E", 0, name) for name in names]]
        self.C = lanes.rows[row("C", 0)]
        self.pools = [pool.name for pool in first.pools]
        self.pool_rows = {
            pool: [row(kind, 0, pool) for kind in ("alpha", "removal", "rest")]
            for pool in self.pools
        }
        self.channels = [kind.compartments[0].channels for kind in lanes.kinetics]
        flowing = np.where(self.g > 0.0, self.E, np.inf)
        self.lowest = flowing.min(axis=0, initial=np.inf)

    def unstable(self, lanes: IntArray, place: IntArray) -> NDArray[np.bool_]:
        """Return whether an eigenvalue grows, shape (points,): a lane and a voltage each."""
        kinds = self.lanes.kind[lanes]
        found = np.zeros(lanes.size, bool)
        for kind in np.unique(kinds):
            of = np.flatnonzero(kinds == kind)
            jacobian = self._jacobian(kind, lanes[of], place[of])
            doubtful = ~_passive(jacobian, len(self.pools))
            growth = np.linalg.eigvals(jacobian[doubtful]).real.max(axis=1)
            found[of[doubtful]] = growth > 0.0
        return found

    def _jacobian(self, kind: int, lanes: IntArray, place: IntArray) -> Array:
        """Return d y' / d y, (points, states, states): voltage, pools, gates with a tau."""
        channels, v = self.channels[kind], VOLTAGES[place]
        pools = self._pools(kind, lanes, place)
        moving = [(i, j) for i, c in enumerate(channels) for j, g in enumerate(c.gates)
                  if not g.instantaneous]  # fmt: skip
        first_gate = 1 + len(self.pools)
        found = np.zeros((lanes.size, first_gate + len(moving), first_gate + len(moving)))
        for i, channel in enumerate(channels):
            gates = [self._gate(gate, place, pools) for gate in channel.gates]
            powers = [
                inf**gate.power for gate, (inf, *_) in zip(channel.gates, gates, strict=True)
            ]
            g, drive = self.g[i, lanes], v - self.E[i, lanes]
            changes = [(0, g * np.prod(powers, axis=0) if powers else g)]
            for j, (gate, (inf, slope, tau)) in enumerate(
                zip(channel.gates, gates, strict=True)
            ):
                others = np.prod([p for k, p in enumerate(powers) if k != j], axis=0)
                change = g * drive * others * gate.power * inf ** (gate.power - 1)
                source = 0 if gate.pool is None else 1 + self.pools.index(gate.pool)
                if gate.instantaneous:
                    changes.append((source, change * slope))
                    continue
                state = first_gate + moving.index((i, j))
                found[:, state, source] += slope / tau
                found[:, state, state] -= 1.0 / tau
                changes.append((state, change))
            for state, change in changes:
                found[:, 0, state] -= change / self.C[lanes]
                if channel.ion in self.pools:
                    alpha = self._pool(channel.ion, lanes)[0]
                    found[:, 1 + self.pools.index(channel.ion), state] -= alpha * change
        for k, pool in enumerate(self.pools):
            found[:, 1 + k, 1 + k] -= self._pool(pool, lanes)[1]
        return found

    def _pool(self, pool: str, lanes: IntArray) -> Array:
        return self.lanes.rows[self.pool_rows[pool]][:, lanes]

    def _gate(
        self, gate: Gate, place: IntArray, pools: Mapping[str, Array]
    ) -> tuple[Array, Array, Array]:
        if gate.pool is None:
            inf, slope, tau = _curves(gate)
            return inf[place], slope[place], tau[place]
        c = pools[gate.pool]
        step = _NUDGE * np.maximum(c, 1e-12)
        slope = (gate.steady_state(c + step) - gate.steady_state(c)) / step
        return gate.steady_state(c), slope, gate.time_constant(c)

    def _pools(self, kind: int, lanes: IntArray, place: IntArray) -> dict[str, Array]:
        """Return the concentrations that the currents at a held voltage settle to."""
        v = VOLTAGES[place]
        pools = {pool: self._pool(pool, lanes)[2] for pool in self.pools}
        # once where no current that feeds a pool reads one; else rounds halve what is left
        feeding = [
            (i, c, c.ion)
            for i, c in enumerate(self.channels[kind])
            if c.ion is not None and c.ion in self.pools
        ]
        loops = any(gate.pool is not None for _, c, _ in feeding for gate in c.gates)
        for _ in range(60 if loops else 1):
            influx = {pool: np.zeros(lanes.size) for pool in self.pools}
            for i, channel, ion in feeding:
                flow = self.g[i, lanes] * (v - self.E[i, lanes])
                for gate in channel.gates:
                    flow = flow * self._gate(gate, place, pools)[0] ** gate.power
                influx[ion] += flow
            for pool in self.pools:
                alpha, removal, rest = self._pool(pool, lanes)
                settled = np.maximum(rest - alpha * influx[pool] / removal, 0.0)
                pools[pool] = 0.5 * (pools[pool] + settled) if loops else settled
        return pools
