"""Full states at given voltages, and how fast what moves them away grows or fades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.cell import Cell
from mnexcite.equations.evaluated import Evaluated
from mnexcite.equations.steady import Membrane, Settled
from mnexcite.equations.structure import ChannelSlot, GateSlot
from mnexcite.equations.variants import LaneGate, Variants, axial, held

Array = NDArray[np.float64]

#: Half-widths of the differences that give a gate's slope: in mV, and as a share of a
#: concentration. Of fourth order: both errors are below 1e-9 of the slope down to gates
#: whose slope factor is 1 mV.
_NUDGE, _SHARE = 0.01, 1e-3
#: Decay of a pool that nothing moves [1/ms], so slow that it is none.
_STUCK = 1e-12


@dataclass(frozen=True)
class States:
    """Hold states, (states, points), in the order of their `paths`, and eigenvalues [1/ms].

    `eigenvalues`: shape (points, states), the largest real part first.
    """

    paths: tuple[str, ...]
    values: Array
    eigenvalues: Array

    @property
    def stable(self) -> NDArray[np.bool_]:
        """Whether every small deviation fades, shape (points,)."""
        return np.real(self.eigenvalues).max(axis=1, initial=-np.inf) < 0.0


def states_at(cell: Cell, variants: Variants, voltages: Array, injected: Array) -> States:
    """Return the states in which all but the voltages has settled, and their stability.

    Voltages first, then pools, then gates with a time constant.

    Parameters
    ----------
    variants
        Of each point.
    voltages
        Shape (compartments, points) [mV]; the currents must cancel there.
    injected
        Current into each compartment, shape (compartments,).
    """
    values = settled_at(cell, variants, voltages, injected)
    eigenvalues = np.linalg.eigvals(jacobian(variants, values)).astype(complex)
    order = np.argsort(-np.real(eigenvalues), axis=1, kind="stable")
    names = variants.structure.states
    return States(names, values, np.take_along_axis(eigenvalues, order, axis=1))


def settled_at(cell: Cell, variants: Variants, voltages: Array, injected: Array) -> Array:
    """Return values, (states, points), of all states at held voltages."""
    s = variants.structure
    needed = injected[:, None] - np.einsum("pij,jp->ip", axial(variants), voltages)
    settled = [
        _nearest(Membrane(cell, k, variants), v[:, None], needed[k, :, None])
        for k, v in enumerate(voltages)
    ]
    values = np.empty((len(s.states), variants.count))
    values[: len(voltages)] = voltages
    for place, (k, pool) in enumerate(s.pools, start=len(voltages)):
        values[place] = settled[k].pools[pool][:, 0]
    parts = {}
    for (k, channel, gate), of_points in zip(s.every_gate, variants.gates, strict=True):
        x = values[s.source(k, gate)][:, None]
        parts[k, channel.name, gate.name] = of_points.steady_state(x)[:, 0]
    moving = [parts[k, channel.name, gate.name] for k, channel, gate in s.gates]
    bound = s.first_gate + len(moving)
    values[s.first_gate : bound] = np.reshape(moving, (len(moving), variants.count))
    terms = Evaluated(s, variants.row, {}, parts)
    for place, (k, channel, binding) in enumerate(s.bindings, start=bound):
        f = terms.bound(k, channel, binding)
        free, catch = (
            variants.row(row, k, channel.name, binding.name) for row in ("free", "catch")
        )
        values[place] = free / (free + (catch if f is None else catch * f))
    return values


def _nearest(membrane: Membrane, v: Array, needed: Array) -> Settled:
    """Return the steady state at each point; of several, that with the total needed."""
    states = membrane.settled(v)
    if len(states) == 1:
        return states[0]
    left = np.stack([np.abs(s.total - needed) for s in states])
    chosen = np.argmin(np.where(np.isfinite(left), left, np.inf), axis=0)

    def pick(values: list[Array]) -> Array:
        whole = np.stack([np.broadcast_to(x, left.shape[1:]) for x in values])
        return np.take_along_axis(whole, chosen[None], axis=0)[0]

    return Settled(
        {name: pick([s.currents[name] for s in states]) for name in states[0].currents},
        {name: pick([s.pools[name] for s in states]) for name in states[0].pools},
    )


def jacobian(variants: Variants, values: Array) -> Array:
    """Return d y' / d y at equilibria, shape (points, states, states).

    A gate's own row has no term of its time constant's slope, since inf - x is 0 there.
    """
    s, (states, points) = variants.structure, values.shape
    n, found = len(s.compartments), np.zeros((points, states, states))
    moving = {(k, c.name, g.name): s.first_gate + i for i, (k, c, g) in enumerate(s.gates)}
    first = s.first_gate + len(moving)
    bound = {(k, c.name, b.name): first + i for i, (k, c, b) in enumerate(s.bindings)}
    parts, steep = {}, {}
    for (k, channel, gate), of_points in zip(s.every_gate, variants.gates, strict=True):
        key, source = (k, channel.name, gate.name), s.source(k, gate)
        x = values[source][:, None]
        slope = slope_of(of_points, x, gate.pool is not None)[:, 0]
        if gate.instantaneous:
            parts[key], steep[key] = of_points.steady_state(x)[:, 0], slope
        else:
            tau = of_points.time_constant(x)[:, 0]
            parts[key] = values[moving[key]]
            found[:, moving[key], source] += slope / tau
            found[:, moving[key], moving[key]] -= 1.0 / tau
    parts |= {key: values[place] for key, place in bound.items()}
    terms = Evaluated(s, variants.row, dict(enumerate(values[: s.first_gate])), parts, steep)

    def follows(k: int, channel: ChannelSlot, gate: GateSlot) -> tuple[int, Array | float]:
        """Return the state that a gate is, or that it follows at once, and how steeply."""
        key = (k, channel.name, gate.name)
        return (s.source(k, gate), steep[key]) if gate.instantaneous else (moving[key], 1.0)

    for k, compartment in enumerate(s.compartments):
        for channel in compartment.channels:
            changes = list(terms.slopes(k, channel).items())
            for gate in channel.gates:
                place, slope = follows(k, channel, gate)
                changes.append((place, terms.felt(k, channel, gate) * slope))
            for binding in channel.bindings:
                place = bound[k, channel.name, binding.name]
                changes.append((place, terms.felt(k, channel, binding)))
            for place, change in changes:
                found[:, k, place] -= change / variants.row("C", k)
                for pool, charges in channel.feeds:
                    filled = charges * variants.row("alpha", k, pool)
                    found[:, s.place(k, pool), place] -= filled * change
    for k, channel, binding in s.bindings:
        names, place = (channel.name, binding.name), bound[k, channel.name, binding.name]
        free, catch = (variants.row(row, k, *names) for row in ("free", "catch"))
        f = terms.bound(k, channel, binding)
        found[:, place, place] -= free + (catch if f is None else catch * f)
        for name, _ in binding.through:
            source, slope = follows(k, channel, channel.gate(name))
            by = terms.bound_by(k, channel, binding, name)
            found[:, place, source] -= catch * values[place] * by * slope
    for k, pool in s.pools:
        alpha, removal = (variants.row(row, k, pool) for row in ("alpha", "removal"))
        # what nothing fills or drains cannot grow
        decay = np.where((alpha == 0.0) & (removal == 0.0), _STUCK, removal)
        found[:, s.place(k, pool), s.place(k, pool)] -= decay
    if n > 1:
        C = np.stack([variants.row("C", k) for k in range(n)], axis=1)
        found[:, :n, :n] -= axial(variants) / C[:, :, None]
    return found


def slope_of(gate: LaneGate, x: Array, of_pool: bool) -> Array:
    """Return d inf / dx at `x`, (lanes, points), by differences of fourth order.

    >>> from mnexcite.channels import Gate, kinetics
    >>> m = Gate("m", inf=kinetics.boltzmann, half=-47.0, slope=4.0)
    >>> of_lane = LaneGate((m,), np.array([0]))
    >>> slope_of(of_lane, np.array([[-47.0]]), False).round(9).tolist()
    [[0.0625]]
    """
    h = _SHARE * held(x) if of_pool else np.full((len(x), 1), _NUDGE)
    steps = np.array([-2.0, -1.0, 1.0, 2.0])
    f = gate.steady_state(
        (x[:, :, None] + steps * h[:, :, None]).reshape(len(x), 4 * x.shape[1])
    )
    return f.reshape(*x.shape, 4) @ np.array([1.0, -8.0, 8.0, -1.0]) / (12.0 * h)
