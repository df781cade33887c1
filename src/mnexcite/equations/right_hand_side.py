"""The right-hand side of a cell, straight from its untabulated functions."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.channels import Gate
from mnexcite.channels.kinetics import linoid
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import lower
from mnexcite.equations.node_values import logarithm
from mnexcite.equations.structure import (
    BindingSlot,
    ChannelSlot,
    GateSlot,
    Structure,
    structure_of,
)
from mnexcite.equations.terms import Terms
from mnexcite.kernels.formula import Text

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
        layout = Layout(s)
        rows = lower(cell, layout, {}, 1).rows[:, 0].tolist()
        self.membrane = partial(_membrane(s), p=rows)
        self.C = np.array([rows[layout.row("C", k)] for k in range(self.compartments)])
        # what flows along the couplings is this matrix times the voltages
        self.axial = np.zeros((self.compartments, self.compartments))
        for i, (a, b) in enumerate(s.couplings):
            for one, other, kind in ((a, b, "coupling_a"), (b, a, "coupling_b")):
                g = rows[layout.row(kind, i)]
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

    def derivative(
        self, y: Array, injected: Sequence[float] | Array, leak: Array | float = 0.0
    ) -> Array:
        """Return y' with `injected` entering each compartment, and `leak` v leaving it."""
        n, first = self.compartments, self.first
        with np.errstate(over="ignore"):
            inf, tau = self.kinetics(y)
        dy, v, bound = np.empty(y.shape), y[:n], first + self.moving.size
        dy[first:bound] = (inf[self.moving] - y[first:bound]) / tau[self.moving]
        opening = inf.copy()
        opening[self.moving] = y[first:bound]
        # numbers one by one are faster than arrays of one number
        states, openings = (x.tolist() if x.ndim == 1 else [*x] for x in (y, opening))
        flows, filling, freeing = self.membrane(states, openings)
        outward = np.array(flows) if n == 1 else flows + self.axial @ v
        dy[:n] = ((injected - outward.T - leak * v.T) / self.C).T
        if filling:
            dy[n:first] = filling
        if freeing:
            dy[bound:] = freeing
        return dy


class _Indexed(Terms[Text]):
    """The terms as texts: rows p[i], states y[i], gates x[i] by their place among all."""

    def __init__(self, structure: Structure) -> None:
        self.structure, self.layout = structure, Layout(structure)
        self.gates = [(k, c.name, g.name) for k, c, g in structure.every_gate]

    def row(self, kind: str, *where: object) -> Text:
        """Return a parameter."""
        return Text(f"p[{self.layout.row(kind, *where)}]")

    def state(self, place: int) -> Text:
        """Return a voltage or the concentration of a pool."""
        return Text(f"y[{place}]")

    def opening(self, k: int, channel: ChannelSlot, gate: GateSlot) -> Text:
        """Return how far a gate is open."""
        return Text(f"x[{self.gates.index((k, channel.name, gate.name))}]")

    def free(self, k: int, channel: ChannelSlot, binding: BindingSlot) -> Text:
        """Return the share that a binding leaves free."""
        path = self.structure.path(k, channel.name, binding.name)
        return Text(f"y[{self.structure.states.index(path)}]")

    def goldman(self, k: int, channel: ChannelSlot) -> tuple[Text, Text, Text]:
        """Return u and A of a permeability."""
        u = self.row("per_volt", k, channel.name) * self.state(k)
        return u, Text(f"linoid({u}, 1.0)"), Text("")

    def logarithm(self, k: int, pool: str) -> Text:
        """Return the logarithm of a pool."""
        return Text(f"logarithm({self.state(self.structure.place(k, pool))})")


@lru_cache(maxsize=64)
def _membrane(s: Structure) -> Callable[..., tuple[list[Any], list[Any], list[Any]]]:
    """Return (y, x, p) -> flows of each compartment, filling of pools, freeing of bindings.

    A walk through the terms takes twice as long as all else; what it prints does not.
    """
    terms = _Indexed(s)
    flows = [
        " + ".join(terms.current(k, channel) for channel in compartment.channels) or "0.0"
        for k, compartment in enumerate(s.compartments)
    ]
    filling = [terms.filling(*where) for where in s.pools]
    freeing = [terms.freeing(*which) for which in s.bindings]
    listed = ", ".join(f"[{', '.join(each)}]" for each in (flows, filling, freeing))
    return eval(f"lambda y, x, p: ({listed})", {"logarithm": logarithm, "linoid": linoid})


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
