"""A cell's equations as expressions, for printing into any simulator."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench.expressions import (
    Expression,
    Untraceable,
    expression,
    linoid,
    symbol,
    trace,
)
from mnexcite.cells import Cell
from mnexcite.cells.paths import resolve, scalars
from mnexcite.channels import Gate
from mnexcite.channels.axes import CONCENTRATION, axis_of
from mnexcite.equations.evaluated import Evaluated, Part
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import lower
from mnexcite.equations.structure import ChannelSlot, Structure, structure_of
from mnexcite.errors import checked, parts

Array = NDArray[np.float64]

ZERO = Expression("number", value=0.0)


@dataclass(frozen=True)
class GateEquation:
    """Hold x' = (inf - x) / tau, or alpha (1 - x) - beta x; the gate's rate is in them.

    `state` is the symbol of x.
    """

    compartment: int
    state: Expression
    inf: Expression | None = None
    tau: Expression | None = None
    alpha: Expression | None = None
    beta: Expression | None = None

    @property
    def derivative(self) -> Expression:
        """The gate's x'."""
        if self.inf is not None and self.tau is not None:
            return (self.inf - self.state) / self.tau
        assert self.alpha is not None and self.beta is not None
        return self.alpha * (1.0 - self.state) - self.beta * self.state

    @property
    def parts(self) -> tuple[Expression, Expression]:
        """The pair (alpha, beta), or (inf, 1 / tau) where there is no alpha."""
        if self.inf is not None and self.tau is not None:
            return self.inf, 1.0 / self.tau
        assert self.alpha is not None and self.beta is not None
        return self.alpha, self.beta


@dataclass(frozen=True)
class CurrentEquation:
    """Hold a channel's current conductance x drive, outward positive; a pump has no drive.

    `feeds`: symbols of the pools that it fills, and the charges that it brings to each.
    """

    compartment: int
    channel: str
    conductance: Expression
    drive: Expression | None
    feeds: Mapping[str, float]

    @property
    def flow(self) -> Expression:
        """The current, outward positive."""
        return self.conductance if self.drive is None else self.conductance * self.drive


@dataclass(frozen=True)
class PoolEquation:
    """Hold c' = -alpha influx - removal (c - rest); `state` is the symbol of c."""

    compartment: int
    state: Expression
    alpha: Expression
    removal: Expression
    rest: Expression
    influx: Expression

    @property
    def derivative(self) -> Expression:
        """The pool's c'."""
        return -self.alpha * self.influx - self.removal * (self.state - self.rest)


@dataclass(frozen=True)
class CouplingEquation:
    """Let `a` lose g_a (v_a - v_b) and `b` lose g_b (v_b - v_a); indices of compartments."""

    a: int
    b: int
    g_a: Expression
    g_b: Expression


@dataclass(frozen=True)
class System:
    """Hold the equations of a cell in which some numbers are symbols.

    `states` are paths in the engine's order (voltages, pools, gates), `names` their
    symbols and `initial` the published state, shape (states,). `parameters` are the
    symbols of numbers that differ between sets, and `injected` of each compartment's
    injected current.
    """

    cell: Cell
    structure: Structure
    varying: tuple[str, ...]
    names: tuple[str, ...]
    initial: Array
    parameters: tuple[str, ...]
    injected: tuple[str, ...]
    capacitances: tuple[Expression, ...]
    currents: tuple[CurrentEquation, ...]
    couplings: tuple[CouplingEquation, ...]
    pools: tuple[PoolEquation, ...]
    gates: tuple[GateEquation, ...]
    columns: tuple[int | str, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Paths of the states."""
        return self.structure.states

    @property
    def compartments(self) -> int:
        """Number of compartments; their voltages are the first states."""
        return len(self.capacitances)

    def membrane(self, compartment: int) -> Expression:
        """Return the total outward current of a compartment's channels."""
        flows = (c.flow for c in self.currents if c.compartment == compartment)
        return sum(flows, ZERO)

    def coupled(self, compartment: int) -> Expression:
        """Return the current that a compartment loses to its neighbours."""
        lost, v = ZERO, [symbol(name) for name in self.names[: self.compartments]]
        for c in self.couplings:
            if compartment == c.a:
                lost = lost + c.g_a * (v[c.a] - v[c.b])
            if compartment == c.b:
                lost = lost + c.g_b * (v[c.b] - v[c.a])
        return lost

    @cached_property
    def derivatives(self) -> tuple[Expression, ...]:
        """Return y' of every state, in terms of `names`, `parameters` and `injected`."""
        voltages = (
            (symbol(self.injected[k]) - self.membrane(k) - self.coupled(k)) / C
            for k, C in enumerate(self.capacitances)
        )
        return (
            *voltages,
            *(pool.derivative for pool in self.pools),
            *(gate.derivative for gate in self.gates),
        )

    def values(self, parameters: Mapping[str, Any]) -> Array:
        """Return the value of each of `parameters` in each set, shape (symbols, sets).

        `parameters` is path -> one value per set, for the paths that are varying. A
        number that follows from several paths, such as a reversal potential, is computed.
        """
        full = {
            path: np.atleast_1d(np.asarray(column, dtype=float))
            for key, column in parameters.items()
            for path in resolve(self.cell, key)
        }
        count = max((column.size for column in full.values()), default=1)
        full = {path: np.broadcast_to(column, (count,)) for path, column in full.items()}
        plain = {path: c for path, c in full.items() if path not in self.columns}
        rows = lower(self.cell, Layout(self.structure), plain, count).rows
        found = [full[c] if isinstance(c, str) else rows[c] for c in self.columns]
        return np.array(found).reshape(len(self.columns), count)

    def number(self, formula: Expression, values: Array) -> Array:
        """Return what a formula of `parameters` alone gives in each set, shape (sets,)."""
        found = formula.evaluate(**dict(zip(self.parameters, values, strict=True)))
        return np.broadcast_to(np.asarray(found, dtype=float), values.shape[1:])


@checked
def system(cell: Cell, varying: Iterable[str] = ()) -> System:
    """Return the equations of a cell, with symbols for what the paths `varying` change.

    Raises
    ------
    Untraceable
        If a gate's function cannot be written as a formula.
    InputError
        If the cell has no such path.

    Examples
    --------
    >>> from mnexcite.bench.cell import benchmark_cell
    >>> s = system(benchmark_cell(), ["NaP.g"])
    >>> s.parameters, s.names
    (('p_g_NaP',), ('v', 'x_Na_m', 'x_Na_h', 'x_NaP_p', 'x_K_n', 'x_W_w'))
    >>> s.derivatives[3]
    (sigmoid((0.2222222222222222 * (v + 47.0))) - x_NaP_p)
    """
    keys = parts("varying", varying, str, "paths of numbers")
    paths = tuple(path for key in keys for path in resolve(cell, key))
    return _Builder(cell, tuple(dict.fromkeys(paths))).build()


class _Builder:
    def __init__(self, cell: Cell, varying: tuple[str, ...]) -> None:
        self.cell, self.varying = cell, varying
        self.structure = s = structure_of(cell)
        self.layout = Layout(s)
        self.of_gates = {
            s.path(k, channel.name, gate.name, key)
            for k, compartment in enumerate(cell.compartments)
            for channel in compartment.channels
            for gate in channel.gates
            for key in gate.scalars
        }
        self.rows = lower(cell, self.layout, {}, 1).rows[:, 0]
        self.moved = self._moved_rows()
        self.symbols: dict[str, int | str] = {}
        single = len(s.compartments) == 1
        self.v = [symbol("v" if single else f"v_{c.name}") for c in s.compartments]
        self.injected = ["injected" if single else f"injected_{c.name}" for c in s.compartments]

    def build(self) -> System:
        s = self.structure
        moving: dict[str, GateEquation] = {}
        parts: dict[Part, Expression] = {}
        for k, compartment in enumerate(self.cell.compartments):
            for channel in compartment.channels:
                for gate in channel.gates:
                    path, part = (
                        s.path(k, channel.name, gate.name),
                        (k, channel.name, gate.name),
                    )
                    if gate.instantaneous:
                        parts[part] = self._function(gate, "inf", k, path)
                    else:
                        moving[path] = self._gate(gate, k, path)
                        parts[part] = moving[path].state
        pools = (symbol(_state(s.path(*where))) for where in s.pools)
        terms = _Formulas(s, self._row, dict(enumerate((*self.v, *pools))), parts)
        currents = tuple(
            CurrentEquation(
                k,
                channel.name,
                terms.conductance(k, channel),
                terms.drive(k, channel),
                {_state(s.path(k, pool)): charges for pool, charges in channel.feeds},
            )
            for k, compartment in enumerate(s.compartments)
            for channel in compartment.channels
        )
        published = self.cell.initial
        return System(
            cell=self.cell,
            structure=s,
            varying=self.varying,
            names=(*(str(v.value) for v in self.v), *map(_state, s.states[len(self.v) :])),
            initial=np.array([published[name] for name in s.states]),
            capacitances=tuple(self._row("C", k) for k in range(len(s.compartments))),
            currents=currents,
            couplings=tuple(
                CouplingEquation(a, b, self._row("coupling_a", i), self._row("coupling_b", i))
                for i, (a, b) in enumerate(s.couplings)
            ),
            pools=self._pools(terms),
            gates=tuple(moving[s.path(k, c.name, g.name)] for k, c, g in s.gates),
            parameters=tuple(self.symbols),
            columns=tuple(self.symbols.values()),
            injected=tuple(self.injected),
        )

    def _moved_rows(self) -> set[int]:
        """Return the rows that the varying paths change, found by changing them a little."""
        known = scalars(self.cell)
        shares = {
            # unrelated amounts, so that no two changes cancel out
            path: 1e-3 * math.sqrt(2.0 + place)
            for place, path in enumerate(self.varying)
            if path not in self.of_gates
        }
        values = {
            path: np.array([known[path][0] * (1.0 + share) + 1e-3 * share])
            for path, share in shares.items()
        }
        rows = lower(self.cell, self.layout, values, 1).rows[:, 0]
        return set(np.flatnonzero(rows != self.rows).tolist())

    def _row(self, kind: str, *where: object) -> Expression:
        index = self.layout.row(kind, *where)
        if index not in self.moved:
            return expression(self.rows[index])
        if kind.startswith("coupling"):
            name = f"{kind}_{where[0]}"
        else:
            name = f"{kind}_{self.structure.path(int(str(where[0])), *map(str, where[1:]))}"
        return self._symbol(name, index)

    def _symbol(self, name: str, column: int | str) -> Expression:
        name = f"p_{name}".replace(".", "_").rstrip("_")
        self.symbols[name] = column
        return symbol(name)

    def _number(self, gate: Gate, key: str, path: str) -> Expression:
        path = f"{path}.{key}"
        if path in self.varying:
            return self._symbol(path, path)
        return expression(gate.scalars[key][0])

    def _gate(self, gate: Gate, compartment: int, path: str) -> GateEquation:
        roles: dict[str, Expression] = {}
        speed = self._number(gate, "rate", path)
        for role in ("inf", "tau", "alpha", "beta"):
            if getattr(gate, role) is not None:
                roles[role] = self._function(gate, role, compartment, path)
                if role == "tau":
                    roles[role] = roles[role] / speed
                elif role != "inf":
                    roles[role] = speed * roles[role]
        return GateEquation(compartment, symbol(_state(path)), **roles)

    def _function(self, gate: Gate, role: str, compartment: int, path: str) -> Expression:
        kinetics = getattr(gate, role)
        if gate.pool is None:
            at = self.v[compartment] - self._number(gate, "shift", path)
        else:
            at = symbol(_state(self.structure.path(compartment, gate.pool)))
        numbers = {key: self._number(gate, key, path) for key in gate.numbers}
        try:
            _check(kinetics, gate)
            return trace(kinetics, numbers, at)
        except Untraceable as error:
            raise Untraceable(f"gate {path}: {error}") from None

    def _pools(self, terms: _Formulas) -> tuple[PoolEquation, ...]:
        found = []
        for k, pool in self.structure.pools:
            alpha, removal, rest = (
                self._row(kind, k, pool) for kind in ("alpha", "removal", "rest")
            )
            state, influx = terms.state(self.structure.place(k, pool)), terms.influx(k, pool)
            influx = ZERO if influx is None else influx
            found.append(PoolEquation(k, state, alpha, removal, rest, influx))
        return tuple(found)


class _Formulas(Evaluated):
    """The terms of the membrane as formulas."""

    def goldman(self, k: int, channel: ChannelSlot) -> tuple[Expression, Expression, None]:
        """Return u and A of a permeability."""
        u = self.row("per_volt", k, channel.name) * self.states[k]
        return u, linoid(u), None

    def logarithm(self, k: int, pool: str) -> Expression:
        """Return where the logarithm of a pool lies on its axis."""
        c, octaves = self.states[self.structure.place(k, pool)], CONCENTRATION.last
        octaves -= CONCENTRATION.first
        return (np.log(c) / math.log(2.0) - CONCENTRATION.first) / octaves


def _state(path: str) -> str:
    return "x_" + path.replace(".", "_")


def _check(kinetics: Callable[..., Any], gate: Gate) -> None:
    """Refuse a function whose formula gives other values than the function itself."""
    formula = trace(kinetics, gate.numbers)
    nodes = axis_of(gate.pool).nodes[7::97]
    name = next(iter(formula.symbols), "v")
    with np.errstate(all="ignore"):
        wanted = np.broadcast_to(kinetics(nodes, **_taken(kinetics, gate)), nodes.shape)
    found = np.broadcast_to(formula.evaluate(**{name: nodes}), nodes.shape)
    # rounding near a removable singularity of a user's own function comes to about 1e-10
    if not np.allclose(found, wanted, rtol=1e-8, atol=1e-300):
        raise Untraceable("its formula gives other values than the function itself")


def _taken(kinetics: Callable[..., Any], gate: Gate) -> dict[str, float]:
    import inspect

    taken = list(inspect.signature(kinetics).parameters)[1:]
    return {key: value for key, value in gate.numbers.items() if key in taken}
