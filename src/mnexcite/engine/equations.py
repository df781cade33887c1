"""The right-hand side of a cell, straight from its untabulated functions."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable

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
        [100.0] * len(structure.compartments) + pools + [1.0] * len(structure.gates)
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
        self.compartments = len(s.compartments)
        gates = [
            (k, gate)
            for k, compartment in enumerate(cell.compartments)
            for channel in compartment.channels
            for gate in channel.gates
        ]
        self.gates = [gate for _, gate in gates]
        self.moving = np.array([not g.instantaneous for g in self.gates], dtype=bool)
        self.source = np.array(
            [s.states.index(s.path(k, "v" if g.pool is None else g.pool)) for k, g in gates],
            dtype=int,
        )
        self.shift = np.array([gate.shift for gate in self.gates])
        self.speed = np.array([gate.rate for gate in self.gates])
        self.groups = {
            role: _groups(self.gates, role) for role in ("inf", "tau", "alpha", "beta")
        }
        self.channels = self._channels()
        self.pools = [
            (len(s.compartments) + i, *(self._row(kind, k, pool) for kind in _POOL))
            for i, (k, pool) in enumerate(s.pools)
        ]
        self.C = [self._row("C", k) for k in range(self.compartments)]
        self.couplings = [
            (a, b, self._row("coupling_a", i), self._row("coupling_b", i))
            for i, (a, b) in enumerate(s.couplings)
        ]

    def kinetics(self, y: Array) -> tuple[Array, Array]:
        """Return steady state and time constant of every gate at state `y`."""
        x = y[self.source] - self.shift
        filled = {}
        for role, groups in self.groups.items():
            values = np.zeros(len(self.gates))
            for function, index, numbers in groups:
                values[index] = function(x[index], **numbers)
            filled[role] = values
        rates = filled["alpha"] + filled["beta"]
        by_rate = rates > 0
        inf, tau = filled["inf"], filled["tau"]
        inf[by_rate] = filled["alpha"][by_rate] / rates[by_rate]
        tau[by_rate] = 1.0 / rates[by_rate]
        return inf, tau / self.speed

    def currents(self, y: Array, inf: Array) -> list[float]:
        """Return each channel's current, outward positive."""
        values = np.where(self.moving, 0.0, inf)
        values[self.moving] = y[self.structure.first_gate :]
        opening = values.tolist()
        currents = []
        for k, g, E, gates, _ in self.channels:
            flow = g * (float(y[k]) - E)
            for index, power in gates:
                flow *= opening[index] ** power
            currents.append(flow)
        return currents

    def membrane(self, y: Array, currents: list[float]) -> list[float]:
        """Return the total outward current of each compartment, couplings included."""
        total = [0.0] * self.compartments
        for (k, *_), flow in zip(self.channels, currents, strict=True):
            total[k] += flow
        for a, b, g_a, g_b in self.couplings:
            total[a] += g_a * (y[a] - y[b])
            total[b] += g_b * (y[b] - y[a])
        return total

    def derivative(self, y: Array, injected: list[float]) -> Array:
        """Return y' with `injected` entering each compartment."""
        with np.errstate(over="ignore"):
            inf, tau = self.kinetics(y)
        currents = self.currents(y, inf)
        dy = np.empty(len(y))
        for k, total in enumerate(self.membrane(y, currents)):
            dy[k] = (injected[k] - total) / self.C[k]
        influx: dict[int, float] = {}
        for (*_, pool), flow in zip(self.channels, currents, strict=True):
            if pool is not None:
                influx[pool] = influx.get(pool, 0.0) + flow
        for place, alpha, removal, rest in self.pools:
            dy[place] = -alpha * influx.get(place, 0.0) - removal * (y[place] - rest)
        moving = self.moving
        gates = y[self.structure.first_gate :]
        dy[self.structure.first_gate :] = (inf[moving] - gates) / tau[moving]
        return dy

    def _row(self, kind: str, *where: object) -> float:
        return float(self.rows[self.layout.row(kind, *where)])

    def _channels(self) -> list[tuple[int, float, float, list[tuple[int, int]], int | None]]:
        s, found, gate = self.structure, [], 0
        for k, compartment in enumerate(s.compartments):
            for channel in compartment.channels:
                gates = []
                for slot in channel.gates:
                    gates.append((gate, slot.power))
                    gate += 1
                feeds = (
                    None
                    if channel.feeds is None
                    else self.compartments + s.pools.index((k, channel.feeds))
                )
                g, E = self._row("g", k, channel.name), self._row("E", k, channel.name)
                found.append((k, g, E, gates, feeds))
        return found


_POOL = ("alpha", "removal", "rest")


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
