"""Many variants of one cell: their numbers, and their gates where these differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.cell import Cell
from mnexcite.channels import Binding, Gate, IonPool
from mnexcite.channels.axes import CONCENTRATION

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class LaneGate:
    """Hold one gate of a cell in many lanes: its distinct `kinds`, and `which` a lane has.

    `pace`: how many times as fast each lane's is as its kind, where any differs.
    """

    kinds: tuple[Gate, ...]
    which: Index
    pace: Array | None = None

    def at(self, lanes: Index) -> LaneGate:
        """Return the gate of some lanes (indices)."""
        used, which = np.unique(self.which[lanes], return_inverse=True)
        pace = None if self.pace is None else self.pace[lanes]
        return LaneGate(tuple(self.kinds[i] for i in used), which.reshape(-1), pace)

    def steady_state(self, x: Array) -> Array:
        """Return the steady state at `x`, (points,) for all lanes or (lanes, points).

        Concentrations below their axis count as its start; where there is none it is NaN.
        """
        return self._each(_steady_state, x)

    def time_constant(self, x: Array) -> Array:
        """Return the time constant [ms] at `x`, shapes as above."""
        tau = self._each(_time_constant, x)
        return tau if self.pace is None else tau / self.pace[:, None]

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
    the pools, the conductance that each end of a coupling loses by, how often each binding
    catches a channel and frees it, and every gate; all in the cell's order.
    """

    C: Array
    g: Array
    E: Array
    alpha: Array
    removal: Array
    rest: Array
    coupling_a: Array
    coupling_b: Array
    catch: Array
    free: Array
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
        catch=_column(b.on * b.c for c in channels for b in c.bindings),
        free=_column(b.off for c in channels for b in c.bindings),
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


def bound(
    binding: Binding, gates: Sequence[Gate], openings: Sequence[Array]
) -> tuple[Array, list[Array]]:
    """Return f, the share of channels in the states that it binds to, and df / d each gate."""
    f, slopes = np.ones(()), [np.zeros(())] * len(gates)
    powers = [binding.through.get(gate.name, 0) for gate in gates]
    for power, x in zip(powers, openings, strict=True):
        f = f * x**power
    for i, power in enumerate(powers):
        if power:
            others = [openings[j] ** n for j, n in enumerate(powers) if j != i]
            slopes[i] = power * openings[i] ** (power - 1) * np.prod(others, axis=0)
    return (1.0 - f, [-slope for slope in slopes]) if binding.outside else (f, slopes)


def _steady_state(gate: Gate, x: Array) -> Array:
    if gate.pool is None:
        return gate.steady_state(x)
    defined = np.isfinite(x)
    return np.where(defined, gate.steady_state(held(np.where(defined, x, 1.0))), np.nan)


def _time_constant(gate: Gate, x: Array) -> Array:
    return gate.time_constant(x if gate.pool is None else held(x))


def held(c: Array) -> Array:
    """Return concentrations, those that are not above 0 at the start of the tables' axis."""
    return np.where(c > 0.0, c, CONCENTRATION.lowest)
