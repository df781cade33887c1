"""Kinetics -> tables that the kernels read."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.channels import Gate
from mnexcite.channels.axes import (
    CONCENTRATION,
    VOLTAGE,
    ConcentrationAxis,
    VoltageAxis,
    cubics,
)
from mnexcite.engine.layout import Block, Layout, Slot

Array = NDArray[np.float64]


#: (inf, tau, dt) -> the two functions that a gate with a time constant is tabulated as.
Filling = Callable[[Array, Array, float], tuple[Array, Array]]


def decay_and_rise(inf: Array, tau: Array, dt: float) -> tuple[Array, Array]:
    """Return what makes a step at fixed voltage exact: x = decay x + rise."""
    return np.exp(-dt / tau), -inf * np.expm1(-dt / tau)


def rates(inf: Array, tau: Array, dt: float) -> tuple[Array, Array]:
    """Return dt / tau and dt inf / tau: dt x' is the second less the first times x."""
    return dt / tau, dt * inf / tau


def gate_tables(cell: Cell, layout: Layout, dt: float, filling: Filling) -> tuple[Array, Array]:
    """Return the voltage and the concentration table of a cell, flat, for step `dt` [ms].

    An instantaneous gate has its steady state there, any other what `filling` makes.
    """

    def gates(blocks: tuple[Block, ...]) -> tuple[tuple[Gate, ...], ...]:
        return tuple(tuple(_gate(cell, slot) for slot in block.slots) for block in blocks)

    return (
        _table(gates(layout.voltage), VOLTAGE, dt, filling),
        _table(gates(layout.concentration), CONCENTRATION, dt, filling),
    )


def half_step(cell: Cell, layout: Layout, y: Array, dt: float) -> Array:
    """Return states (states x lanes) with gates moved half a step on at fixed voltage.

    From the untabulated functions; this is where the staggered scheme starts.
    """
    moved, s = y.copy(), layout.structure
    for slot in layout.slots:
        if slot.gate.instantaneous:
            continue
        gate = _gate(cell, slot)
        source = "v" if gate.pool is None else gate.pool
        at = y[s.states.index(s.path(slot.compartment, source))]
        inf, decay = gate.steady_state(at), np.exp(-0.5 * dt / gate.time_constant(at))
        index = s.states.index(s.path(slot.compartment, slot.channel.name, slot.gate.name))
        moved[index] = inf + (y[index] - inf) * decay
    return moved


@lru_cache(maxsize=8)
def _table(
    blocks: tuple[tuple[Gate, ...], ...],
    axis: VoltageAxis | ConcentrationAxis,
    dt: float,
    filling: Filling,
) -> Array:
    """Return the rows of blocks of gates side by side, shared by all equal gates."""
    x, parts = axis.nodes, [np.empty((axis.rows, 0))]
    for gates in blocks:
        functions: list[Array] = []
        for gate in gates:
            inf = gate.steady_state(x)
            functions += (
                (inf,) if gate.instantaneous else filling(inf, gate.time_constant(x), dt)
            )
        rows = cubics(x, np.array(functions))  # functions x rows x coefficients
        columns = rows.transpose(1, 0, 2).reshape(axis.rows, -1)
        parts.append(columns)
    return np.concatenate(parts, axis=1).ravel()


def _gate(cell: Cell, slot: Slot) -> Gate:
    channels = cell.compartments[slot.compartment].channels
    channel = next(c for c in channels if c.name == slot.channel.name)
    return next(g for g in channel.gates if g.name == slot.gate.name)
