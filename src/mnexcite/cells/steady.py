"""The membrane where everything but the voltage has settled, for many lanes at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.cell import Cell
from mnexcite.cells.variants import LaneGate, Variants, bound
from mnexcite.channels import Binding, Channel, IonPool
from mnexcite.channels.axes import CONCENTRATION
from mnexcite.errors import InputError

Array = NDArray[np.float64]

#: Where the balance of a pool that its own currents read is looked at: four to an octave.
_CONCENTRATIONS = np.exp2(np.arange(CONCENTRATION.first, CONCENTRATION.last + 0.125, 0.25))


@dataclass(frozen=True)
class Settled:
    """Hold what flows at held voltages, shape (lanes, points) each.

    `currents` by channel and `pools` by name; NaN where there is no such steady state.
    """

    currents: Mapping[str, Array]
    pools: Mapping[str, Array]

    @property
    def total(self) -> Array:
        """Sum of the currents, outward positive; NaN where a pool leaves its axis."""
        total = sum(self.currents.values(), np.zeros(()))
        for c in self.pools.values():
            total = np.where(c > CONCENTRATION.highest, np.nan, total)
        return total


class Membrane:
    """Evaluate one compartment of some lanes at held voltages."""

    def __init__(self, cell: Cell, index: int, variants: Variants) -> None:
        before = cell.compartments[:index]
        self.compartment = compartment = cell.compartments[index]
        channel = sum(len(c.channels) for c in before)
        pool = sum(len(c.pools) for c in before)
        of_channels = slice(channel, channel + len(compartment.channels))
        of_pools = slice(pool, pool + len(compartment.pools))
        first = sum(len(c.gates) for one in before for c in one.channels)
        self.gates: list[tuple[LaneGate, ...]] = []
        for each in compartment.channels:
            self.gates.append(variants.gates[first : first + len(each.gates)])
            first += len(each.gates)
        self.bindings: list[list[tuple[Binding, Array, Array]]] = []
        place = sum(len(c.bindings) for one in before for c in one.channels)
        for each in compartment.channels:
            rows = range(place, place := place + len(each.bindings))
            rates = ((variants.catch[i, :, None], variants.free[i, :, None]) for i in rows)
            self.bindings.append([(b, *r) for b, r in zip(each.bindings, rates, strict=True)])
        self.lanes = variants.count
        self.g, self.E = variants.g[of_channels, :, None], variants.E[of_channels, :, None]
        self.alpha = variants.alpha[of_pools, :, None]
        self.removal = variants.removal[of_pools, :, None]
        self.rest = variants.rest[of_pools, :, None]

    def settled(self, v: Array) -> list[Settled]:
        """Return every steady state at voltages `v` [mV], (points,) or (lanes, points).

        There is one, or several where a pool's own currents read it.

        Raises
        ------
        InputError
            If two pools wait for each other.
        """
        found: list[dict[str, Array]] = [{}]
        for place in self._order():
            found = [
                {**pools, self.compartment.pools[place].name: c}
                for pools in found
                for c in self._concentrations(place, v, pools)
            ]
        states = []
        for pools in found:
            flows = {c.name: self._flow(i, v, pools) for i, c in self._channels()}
            states.append(Settled(flows, pools))
        return states

    def _channels(self) -> list[tuple[int, Channel]]:
        return list(enumerate(self.compartment.channels))

    def _feeders(self, pool: IonPool) -> list[tuple[int, Channel]]:
        return [(i, c) for i, c in self._channels() if c.ion == pool.name]

    def _reads(self, pool: IonPool) -> set[str]:
        gates = [gate for _, c in self._feeders(pool) for gate in c.gates]
        return {gate.pool for gate in gates if gate.pool is not None}

    def _order(self) -> list[int]:
        """Return the pools (indices) so that each comes after those it waits for."""
        pools = self.compartment.pools
        order: list[int] = []
        while len(order) < len(pools):
            known = {pools[i].name for i in order}
            ready = [
                i
                for i, pool in enumerate(pools)
                if i not in order and self._reads(pool) <= known | {pool.name}
            ]
            if not ready:
                names = " and ".join(p.name for p in pools if p.name not in known)
                raise InputError(
                    f"the currents that feed the pools {names} read each other's "
                    "concentration; their steady state is not found; start from 'published' "
                    "or from a state of your own"
                )
            order += ready
        return order

    def _flow(self, index: int, v: Array, pools: Mapping[str, Array]) -> Array:
        """Return a channel's current, gates at their steady state."""
        opening = np.ones(())
        channel, states = self.compartment.channels[index], []
        for gate, of_lanes in zip(channel.gates, self.gates[index], strict=True):
            x = v if gate.pool is None else pools[gate.pool]
            states.append(of_lanes.steady_state(x))
            opening = opening * states[-1] ** gate.power
        for binding, catch, free in self.bindings[index]:
            f, _ = bound(binding, channel.gates, states)
            opening = opening * (free / (free + catch * f))
        return self.g[index] * opening * (v - self.E[index])

    def _concentrations(self, place: int, v: Array, pools: Mapping[str, Array]) -> list[Array]:
        """Return every steady concentration of a pool, by its balance of flows."""
        pool = self.compartment.pools[place]

        def settles_at(c: Array | None) -> Array:
            known = pools if c is None else {**pools, pool.name: c}
            influx = np.zeros((self.lanes, v.shape[-1]))
            for i, _ in self._feeders(pool):
                influx = influx + self._flow(i, v, known)
            return self.rest[place] - self.alpha[place] * influx / self.removal[place]

        if pool.name not in self._reads(pool):
            return [settles_at(None)]
        shape = (self.lanes, v.shape[-1])
        # below the axis kinetics are those of its start, so that the balance is explicit
        below = settles_at(np.full(shape, CONCENTRATION.lowest))
        signs = [settles_at(np.full(shape, c)) > c for c in _CONCENTRATIONS]
        turns = np.stack(signs[:-1]) != np.stack(signs[1:])
        rank = np.cumsum(turns, axis=0)
        found = [np.where(below <= CONCENTRATION.lowest, below, np.nan)]
        for wanted in range(1, int(rank.max(initial=0)) + 1):
            exists = rank[-1] >= wanted
            first = np.argmax(rank >= wanted, axis=0)
            low, high = np.log2(_CONCENTRATIONS[first]), np.log2(_CONCENTRATIONS[first + 1])
            rising = np.stack(signs)[first, *np.indices(shape)]
            for _ in range(52):
                middle = 0.5 * (low + high)
                same = (settles_at(np.exp2(middle)) > np.exp2(middle)) == rising
                low, high = np.where(same, middle, low), np.where(same, high, middle)
            found.append(np.where(exists, np.exp2(0.5 * (low + high)), np.nan))
        return [c for c in found if np.any(np.isfinite(c))] or [np.full(shape, np.nan)]
