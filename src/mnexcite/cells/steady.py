"""The membrane where everything but the voltage has settled, for many lanes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.cell import Cell
from mnexcite.channels import Channel, Gate, IonPool
from mnexcite.channels.axes import CONCENTRATION
from mnexcite.errors import InputError

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: Where the balance of a pool that its own currents read is looked at: four to an octave.
_CONCENTRATIONS = np.exp2(np.arange(CONCENTRATION.first, CONCENTRATION.last + 0.125, 0.25))


@dataclass(frozen=True)
class LaneGate:
    """Hold one gate of a cell in many lanes: its distinct `kinds`, and `which` a lane has."""

    kinds: tuple[Gate, ...]
    which: Index

    def at(self, lanes: Index) -> LaneGate:
        """Return the gate of some lanes (indices)."""
        used, which = np.unique(self.which[lanes], return_inverse=True)
        return LaneGate(tuple(self.kinds[i] for i in used), which.reshape(-1))

    def steady_state(self, x: Array) -> Array:
        """Return the steady state at `x`, (points,) for all lanes or (lanes, points).

        Concentrations below their axis count as its start; where there is none it is NaN.
        """
        return self._each(_steady_state, x)

    def time_constant(self, x: Array) -> Array:
        """Return the time constant [ms] at `x`, shapes as above."""
        return self._each(_time_constant, x)

    def _each(self, call: Callable[[Gate, Array], Array], x: Array) -> Array:
        if len(self.kinds) == 1:
            return call(self.kinds[0], np.ravel(x)).reshape(x.shape)
        if x.ndim == 1:
            return np.stack([call(gate, x) for gate in self.kinds])[self.which]
        filled = np.empty(x.shape)
        for kind, gate in enumerate(self.kinds):
            lanes = self.which == kind
            filled[lanes] = call(gate, np.ravel(x[lanes])).reshape(-1, x.shape[1])
        return filled


@dataclass(frozen=True)
class Variants:
    """Hold what tells the lanes of one cell apart; numbers are of shape (parts, lanes).

    `C` of the compartments, `g` and `E` of the channels, `alpha`, `removal` and `rest` of
    the pools, the conductance that each end of a coupling loses by, and every gate; all in
    the cell's order.
    """

    C: Array
    g: Array
    E: Array
    alpha: Array
    removal: Array
    rest: Array
    coupling_a: Array
    coupling_b: Array
    gates: tuple[LaneGate, ...]

    @property
    def count(self) -> int:
        """Number of lanes."""
        return self.C.shape[1]

    def at(self, lanes: Index) -> Variants:
        """Return some lanes (indices), a lane as often as it is named."""
        numbers = [f.name for f in fields(self) if f.name != "gates"]
        return Variants(
            **{name: getattr(self, name)[:, lanes] for name in numbers},
            gates=tuple(gate.at(lanes) for gate in self.gates),
        )


def gates_of(kinds: Sequence[Cell], which: Index) -> tuple[LaneGate, ...]:
    """Return every gate of lanes that differ in kinetics; `which` cell each lane has."""
    every = [
        [g for compartment in cell.compartments for c in compartment.channels for g in c.gates]
        for cell in kinds
    ]
    found = []
    for gates in zip(*every, strict=True):
        distinct = {id(gate): gate for gate in gates}
        order = {key: i for i, key in enumerate(distinct)}
        place = np.array([order[id(gate)] for gate in gates], dtype=np.int64)
        found.append(LaneGate(tuple(distinct.values()), place[which]))
    return tuple(found)


def axial(cell: Cell, variants: Variants) -> Array:
    """Return the matrix that gives what compartments lose to others from their voltages.

    Shape (lanes, compartments, compartments).
    """
    names = [c.name for c in cell.compartments]
    found = np.zeros((variants.count, len(names), len(names)))
    for i, coupling in enumerate(cell.couplings):
        a, b = names.index(coupling.a), names.index(coupling.b)
        for one, other, lost in (
            (a, b, variants.coupling_a[i]),
            (b, a, variants.coupling_b[i]),
        ):
            found[:, one, one] += lost
            found[:, one, other] -= lost
    return found


def variant_of(cell: Cell) -> Variants:
    """Return one cell as one lane."""
    channels = [c for compartment in cell.compartments for c in compartment.channels]
    pools = [pool for compartment in cell.compartments for pool in compartment.pools]
    ends = [_ends(c.g_c, c.p) for c in cell.couplings]
    reversals = {ion.name: ion.E for ion in cell.ions}
    shifts = {ion.name: cell.nernst_shift(ion) for ion in cell.ions}
    E = [
        (reversals[c.ion] if c.E is None else c.E) + shifts.get(c.ion or "", 0.0)  # type: ignore[index]
        for c in channels
    ]
    return Variants(
        C=_column(compartment.C for compartment in cell.compartments),
        g=_column(channel.g for channel in channels),
        E=_column(E),
        alpha=_column(pool.f * pool.alpha for pool in pools),
        removal=_column(pool.f * _removal(pool) for pool in pools),
        rest=_column(pool.rest for pool in pools),
        coupling_a=_column(a for a, _ in ends),
        coupling_b=_column(b for _, b in ends),
        gates=gates_of([cell], np.zeros(1, np.int64)),
    )


def _ends(g_c: float, p: float | None) -> tuple[float, float]:
    return (g_c, g_c) if p is None else (g_c / p, g_c / (1.0 - p))


def _removal(pool: IonPool) -> float:
    if pool.tau is not None:
        return 1.0 / pool.tau
    assert pool.decay is not None
    return pool.decay


def _column(values: Iterable[float]) -> Array:
    return np.array(list(values), dtype=float)[:, None]


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
        gates = self.compartment.channels[index].gates
        for gate, of_lanes in zip(gates, self.gates[index], strict=True):
            x = v if gate.pool is None else pools[gate.pool]
            opening = opening * of_lanes.steady_state(x) ** gate.power
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


def _steady_state(gate: Gate, x: Array) -> Array:
    if gate.pool is None:
        return gate.steady_state(x)
    defined = np.isfinite(x)
    return np.where(defined, gate.steady_state(held(np.where(defined, x, 1.0))), np.nan)


def _time_constant(gate: Gate, x: Array) -> Array:
    return gate.time_constant(x if gate.pool is None else held(x))


def held(c: Array) -> Array:
    """Return concentrations, those below their axis at its start, as tables read them."""
    return np.maximum(c, CONCENTRATION.lowest)
