"""The right-hand side of a cell, straight from its untabulated functions."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.channels import Gate
from mnexcite.engine.layout import Layout
from mnexcite.engine.lower import lower
from mnexcite.engine.structure import structure_of

Array = NDArray[np.float64]


def error_scale(cell: Cell) -> Array:
    """Return the weight of each state's error: 100 mV, the pool's own, 1 for gates."""
    structure = structure_of(cell)
    pools = [pool.scale for c in cell.compartments for pool in c.pools]
    return np.array(
        [100.0] * len(structure.compartments)
        + pools
        + [1.0] * (len(structure.gates) + len(structure.bindings))
    )


class Equations:
    """Evaluate y' of a cell, states in the structure's order, outward currents positive.

    Functions of this package that several gates share are called once for all of them;
    a user's function is called for its gate alone.
    """

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.structure = s = structure_of(cell)
        self.layout = Layout(s)
        self.rows = lower(cell, self.layout, {}, 1).rows[:, 0]
        self.compartments, self.first = len(s.compartments), s.first_gate
        gates = [
            (k, gate)
            for k, compartment in enumerate(cell.compartments)
            for channel in compartment.channels
            for gate in channel.gates
        ]
        self.gates = [gate for _, gate in gates]
        self.moving = np.flatnonzero([not g.instantaneous for g in self.gates])
        self.source = np.array(
            [s.states.index(s.path(k, "v" if g.pool is None else g.pool)) for k, g in gates],
            dtype=int,
        )
        self.shift = np.array([gate.shift for gate in self.gates])
        self.speed = np.array([gate.rate for gate in self.gates])
        self.by_rate = np.array([g.alpha is not None for g in self.gates], dtype=bool)
        self.groups = {
            role: _groups(self.gates, role) for role in ("inf", "tau", "alpha", "beta")
        }
        self.bindings = self._bindings()
        self.gate_of, self.starts = self._products()
        channels = [
            (k, channel.name, channel.feeds)
            for k, compartment in enumerate(s.compartments)
            for channel in compartment.channels
        ]
        self.g = self._column("g", [(k, name) for k, name, _ in channels])
        self.E = self._column("E", [(k, name) for k, name, _ in channels])
        self.of = np.array([k for k, *_ in channels], dtype=int)
        # what each compartment and each pool collects of the channels' currents
        self.collected = np.zeros((self.compartments + len(s.pools), len(channels)))
        for channel, (k, _, feeds) in enumerate(channels):
            self.collected[k, channel] = 1.0
            if feeds is not None:
                self.collected[self.compartments + s.pools.index((k, feeds)), channel] = 1.0
        self.alpha, self.removal, self.rest = (
            self._column(kind, s.pools) for kind in ("alpha", "removal", "rest")
        )
        self.C = self._column("C", [(k,) for k in range(self.compartments)])
        # what flows along the couplings is this matrix times the voltages
        self.axial = np.zeros((self.compartments, self.compartments))
        for i, (a, b) in enumerate(s.couplings):
            for one, other, kind in ((a, b, "coupling_a"), (b, a, "coupling_b")):
                g = self._row(kind, i)
                self.axial[one, one] += g
                self.axial[one, other] -= g

    def kinetics(self, y: Array) -> tuple[Array, Array]:
        """Return steady state and time constant of every gate at state `y`.

        States are the first axis of `y`; there may be another one.
        """
        x = (y[self.source].T - self.shift).T
        inf, tau = self._filled("inf", x), self._filled("tau", x)
        if self.groups["alpha"]:
            alpha = self._filled("alpha", x)
            rates = alpha + self._filled("beta", x)
            np.divide(alpha.T, rates.T, out=inf.T, where=self.by_rate)
            np.divide(1.0, rates.T, out=tau.T, where=self.by_rate)
        return inf, (tau.T / self.speed).T

    def _filled(self, role: str, x: Array) -> Array:
        """Return what the functions of a role give, 0 for gates that have none."""
        values = np.zeros(x.shape)
        for function, index, numbers in self.groups[role]:
            if x.ndim == 1:  # what a run asks for at every stage of every step
                values[index] = function(x[index], **numbers)
            else:
                values.T[..., index] = function(x[index].T, **numbers)
        return values

    def currents(self, y: Array, inf: Array) -> Array:
        """Return each channel's current, outward positive."""
        # gates in their order, and a 1 for channels that have none
        gates, bound = len(self.gates), self.first + self.moving.size
        opening = np.empty((gates + len(self.bindings) + 1, *y.shape[1:]))
        opening[-1] = 1.0
        opening[:gates] = inf
        opening[self.moving] = y[self.first : bound]
        opening[gates:-1] = y[bound:]
        open_ = np.multiply.reduceat(opening[self.gate_of], self.starts)
        return (self.g * (y[self.of].T - self.E) * open_.T).T

    def derivative(
        self, y: Array, injected: Sequence[float] | Array, leak: Array | float = 0.0
    ) -> Array:
        """Return y' with `injected` entering each compartment, and `leak` v leaving it."""
        n, first = self.compartments, self.first
        with np.errstate(over="ignore"):
            inf, tau = self.kinetics(y)
        collected = self.collected @ self.currents(y, inf)
        dy = np.empty(y.shape)
        v, pools = y[:n], y[n:first]
        outward = collected[:n] + self.axial @ v if n > 1 else collected[:n]
        dy[:n] = ((injected - outward.T - leak * v.T) / self.C).T
        if first > n:
            gained = self.alpha * collected[n:].T + self.removal * (pools.T - self.rest)
            dy[n:first] = -gained.T
        bound = first + self.moving.size
        dy[first:bound] = (inf[self.moving] - y[first:bound]) / tau[self.moving]
        if self.bindings:
            open_ = inf.copy()
            open_[self.moving] = y[first:bound]
            for index, (catch, free, through, outside) in enumerate(self.bindings, start=bound):
                f = np.ones(y.shape[1:])
                for gate, power in through:
                    f = f * open_[gate] ** power
                f = 1.0 - f if outside else f
                dy[index] = free * (1.0 - y[index]) - catch * f * y[index]
        return dy

    def _row(self, kind: str, *where: object) -> float:
        return float(self.rows[self.layout.row(kind, *where)])

    def _column(self, kind: str, places: Sequence[tuple[object, ...]]) -> Array:
        return np.array([self._row(kind, *where) for where in places])

    def _bindings(self) -> list[tuple[float, float, list[tuple[int, int]], bool]]:
        """Return each binding's rates, (gate, power) that it goes through, whether outside."""
        s = self.structure
        place = {(k, c.name, g.name): i for i, (k, c, g) in enumerate(s.every_gate)}
        return [
            (
                self._row("catch", k, channel.name, binding.name),
                self._row("free", k, channel.name, binding.name),
                [(place[k, channel.name, name], power) for name, power in binding.through],
                binding.outside,
            )
            for k, channel, binding in s.bindings
        ]

    def _products(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the gates (indices) that each channel multiplies, and where its first stands.

        A gate stands as often as its power says; bindings come after all gates.
        """
        gates, starts, gate, binding = [], [], 0, len(self.gates)
        for compartment in self.structure.compartments:
            for channel in compartment.channels:
                starts.append(len(gates))
                for slot in channel.gates:
                    gates += [gate] * slot.power
                    gate += 1
                gates += range(binding, binding + len(channel.bindings))
                binding += len(channel.bindings)
                if not channel.gates and not channel.bindings:
                    gates.append(len(self.gates) + len(self.bindings))
        return np.array(gates, dtype=int), np.array(starts, dtype=int)


def _groups(
    gates: list[Gate], role: str
) -> list[tuple[Callable[..., Array], NDArray[np.int64], dict[str, Array | float]]]:
    members: dict[object, list[int]] = {}
    for index, gate in enumerate(gates):
        function = getattr(gate, role)
        if function is None:
            continue
        own = (
            function.__module__.startswith("mnexcite.")
            if hasattr(function, "__module__")
            else 0
        )
        shared = bool(own) and hasattr(function, "__qualname__")
        members.setdefault(function if shared else (function, index), []).append(index)
    groups = []
    for key, indices in members.items():
        function = key[0] if isinstance(key, tuple) else key
        wanted = _numbers(gates[indices[0]], role)
        if isinstance(key, tuple):
            numbers = {name: gates[indices[0]].numbers[name] for name in wanted}
        else:
            numbers = {
                name: np.array([gates[i].numbers[name] for i in indices]) for name in wanted
            }
        groups.append((function, np.array(indices), numbers))
    return groups


def _numbers(gate: Gate, role: str) -> list[str]:
    names = list(inspect.signature(getattr(gate, role)).parameters)[1:]
    return [name for name in names if name in gate.numbers]


def finite(y: Array) -> bool:
    """Tell whether every state is a number."""
    return all(math.isfinite(value) for value in y)
