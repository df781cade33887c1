"""Full states at given voltages, and how fast what moves them away grows or fades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import paths
from mnexcite.cells.cell import Cell
from mnexcite.cells.steady import Membrane, Settled
from mnexcite.cells.variants import LaneGate, Variants, axial, bound, held

Array = NDArray[np.float64]

#: Half-widths of the differences that give a gate's slope: in mV, and as a share of a
#: concentration. Of fourth order: both errors are below 1e-9 of the slope down to gates
#: whose slope factor is 1 mV.
_NUDGE, _SHARE = 0.01, 1e-3


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
    names, values = settled_at(cell, variants, voltages, injected)
    eigenvalues = np.linalg.eigvals(jacobian(cell, variants, values)).astype(complex)
    order = np.argsort(-np.real(eigenvalues), axis=1, kind="stable")
    return States(names, values, np.take_along_axis(eigenvalues, order, axis=1))


def settled_at(
    cell: Cell, variants: Variants, voltages: Array, injected: Array
) -> tuple[tuple[str, ...], Array]:
    """Return paths and values, (states, points), of all states at held voltages."""
    needed = injected[:, None] - np.einsum("pij,jp->ip", axial(cell, variants), voltages)
    settled = [
        _nearest(Membrane(cell, k, variants), v[:, None], needed[k, :, None])
        for k, v in enumerate(voltages)
    ]
    names = [paths.join(cell, c, "v") for c in cell.compartments]
    rows = list(voltages)
    for compartment, state in zip(cell.compartments, settled, strict=True):
        for pool in compartment.pools:
            names.append(paths.join(cell, compartment, pool.name))
            rows.append(state.pools[pool.name][:, 0])
    gates, place = iter(variants.gates), 0
    bound_names, bound_rows = [], []
    for k, compartment in enumerate(cell.compartments):
        for channel in compartment.channels:
            openings = []
            for gate in channel.gates:
                of_points = next(gates)
                x = voltages[k] if gate.pool is None else settled[k].pools[gate.pool][:, 0]
                openings.append(of_points.steady_state(x[:, None])[:, 0])
                if not gate.instantaneous:
                    names.append(paths.join(cell, compartment, channel.name, gate.name))
                    rows.append(openings[-1])
            for binding in channel.bindings:
                f, _ = bound(binding, channel.gates, openings)
                free = variants.free[place]
                bound_names.append(paths.join(cell, compartment, channel.name, binding.name))
                bound_rows.append(free / (free + variants.catch[place] * f))
                place += 1
    return (*names, *bound_names), np.stack([*rows, *bound_rows])


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


def jacobian(cell: Cell, variants: Variants, values: Array) -> Array:
    """Return d y' / d y at equilibria, shape (points, states, states).

    A gate's own row has no term of its time constant's slope, since inf - x is 0 there.
    """
    n, (states, points) = len(cell.compartments), values.shape
    gates = iter(variants.gates)
    found = np.zeros((points, states, states))
    pool_at, channel_index, gate_at = n, 0, n + sum(len(c.pools) for c in cell.compartments)
    bound_at, binding_index = states - len(variants.free), 0
    for k, compartment in enumerate(cell.compartments):
        v = values[k]
        pools = {pool.name: pool_at + i for i, pool in enumerate(compartment.pools)}
        for i, place in enumerate(pools.values()):
            found[:, place, place] -= variants.removal[pool_at - n + i]
        for channel in compartment.channels:
            g, E = variants.g[channel_index], variants.E[channel_index]
            openings, slopes, of = [], [], []
            for gate in channel.gates:
                source = k if gate.pool is None else pools[gate.pool]
                x, of_points = values[source][:, None], next(gates)
                slope = slope_of(of_points, x, gate.pool is not None)[:, 0]
                if gate.instantaneous:
                    openings.append(of_points.steady_state(x)[:, 0])
                    slopes.append(slope)
                    of.append(source)
                else:
                    tau = of_points.time_constant(x)[:, 0]
                    found[:, gate_at, source] += slope / tau
                    found[:, gate_at, gate_at] -= 1.0 / tau
                    openings.append(values[gate_at])
                    slopes.append(np.ones(points))
                    of.append(gate_at)
                    gate_at += 1
            powers = [o**gate.power for o, gate in zip(openings, channel.gates, strict=True)]
            changes = [(k, g * np.prod(powers, axis=0) * np.ones(points))]
            left = np.ones(points)  # what all bindings leave free
            first_bound = bound_at + binding_index
            for i, binding in enumerate(channel.bindings):
                place = first_bound + i
                left = left * values[place]
                f, by_gate = bound(binding, channel.gates, openings)
                catch = variants.catch[binding_index + i]
                found[:, place, place] -= variants.free[binding_index + i] + catch * f
                for state, slope, by in zip(of, slopes, by_gate, strict=True):
                    found[:, place, state] -= catch * values[place] * by * slope
                others = first_bound + np.arange(len(channel.bindings))
                rest = np.prod([values[p] for p in others if p != place], axis=0)
                change = g * (v - E) * np.prod(powers, axis=0) * rest * np.ones(points)
                changes.append((place, change))
            binding_index += len(channel.bindings)
            changes[0] = (k, changes[0][1] * left)
            for i, gate in enumerate(channel.gates):
                others = np.prod([p for j, p in enumerate(powers) if j != i], axis=0)
                change = gate.power * openings[i] ** (gate.power - 1) * slopes[i]
                changes.append((of[i], g * (v - E) * others * change * left))
            for state, change in changes:
                found[:, k, state] -= change / variants.C[k]
                if channel.ion in pools:
                    place = pools[channel.ion]
                    found[:, place, state] -= variants.alpha[place - n] * change
            channel_index += 1
        pool_at += len(compartment.pools)
    if n > 1:
        found[:, :n, :n] -= axial(cell, variants) / variants.C.T[:, :, None]
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
