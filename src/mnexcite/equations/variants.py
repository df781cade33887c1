"""Many variants of one cell: their numbers, and their gates where these differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.cell import Cell
from mnexcite.channels import Gate
from mnexcite.channels.axes import CONCENTRATION
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import Lanes, lower
from mnexcite.equations.structure import Structure, structure_of

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
        """Return the steady state at `x`, (points,) for all lanes or (..., lanes, points).

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
        if x.shape[-2] == 1:  # the same in all lanes
            each = [call(gate, np.ravel(x)).reshape(x.shape) for gate in self.kinds]
            return np.concatenate(each, axis=-2)[..., self.which, :]
        filled = np.empty(x.shape)
        for kind, gate in enumerate(self.kinds):
            lanes = self.which == kind
            own = x[..., lanes, :]
            filled[..., lanes, :] = call(gate, np.ravel(own)).reshape(own.shape)
        return filled


@dataclass(frozen=True)
class Variants:
    """Hold what tells the lanes of one cell apart: its `rows`, parameters x lanes, and gates.

    `gates` are all of the structure's, in its order.
    """

    layout: Layout
    rows: Array
    gates: tuple[LaneGate, ...]

    @property
    def structure(self) -> Structure:
        """The structure of all lanes."""
        return self.layout.structure

    @property
    def count(self) -> int:
        """Number of lanes."""
        return self.rows.shape[1]

    def row(self, kind: str, *where: object) -> Array:
        """Return a parameter of all lanes."""
        return self.rows[self.layout.row(kind, *where)]

    def at(self, lanes: Index) -> Variants:
        """Return some lanes (indices), a lane as often as it is named."""
        gates = tuple(gate.at(lanes) for gate in self.gates)
        return Variants(self.layout, self.rows[:, lanes], gates)


def variants_of(lanes: Lanes) -> Variants:
    """Return the lanes of a batch, each gate at its lane's rate."""
    layout, gates = lanes.layout, list(gates_of(lanes.kinetics, lanes.kind))
    for place, (k, channel, slot) in enumerate(layout.structure.every_gate):
        if slot.instantaneous:
            continue
        gate = gates[place]
        rate = lanes.rows[layout.row("rate", k, channel.name, slot.name)]
        own = np.array([kind.rate for kind in gate.kinds])[gate.which]
        if not np.array_equal(rate, own):
            gates[place] = replace(gate, pace=rate / own)
    return Variants(layout, lanes.rows, tuple(gates))


def variant_of(cell: Cell) -> Variants:
    """Return one cell as one lane."""
    return variants_of(lower(cell, Layout(structure_of(cell)), {}, 1))


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


def axial(variants: Variants) -> Array:
    """Return the matrix that gives what compartments lose to others from their voltages.

    Shape (lanes, compartments, compartments).
    """
    s = variants.structure
    found = np.zeros((variants.count, len(s.compartments), len(s.compartments)))
    for i, (a, b) in enumerate(s.couplings):
        for one, other, kind in ((a, b, "coupling_a"), (b, a, "coupling_b")):
            found[:, one, one] += variants.row(kind, i)
            found[:, one, other] -= variants.row(kind, i)
    return found


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
