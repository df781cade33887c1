"""Kinetics -> tables that the fixed-step kernels read: decay and rise over one step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.channels import Gate
from mnexcite.channels.axes import (
    CONCENTRATION,
    VOLTAGE,
    ConcentrationAxis,
    VoltageAxis,
    quadratics,
)
from mnexcite.engine.layout import Layout, Slot

Array = NDArray[np.float64]


def stepping_tables(cell: Cell, layout: Layout, dt: float) -> tuple[Array, Array]:
    """Return the voltage and the concentration table of a cell, flat, for step `dt` [ms].

    A gate with a time constant has decay = exp(-dt / tau) and rise = inf (1 - decay), so
    that a step is x = decay x + rise; an instantaneous one has inf.
    """
    return (
        _table(cell, layout.voltage, layout.width(layout.voltage), VOLTAGE, dt),
        _table(
            cell, layout.concentration, layout.width(layout.concentration), CONCENTRATION, dt
        ),
    )


def half_step(cell: Cell, layout: Layout, y: Array, dt: float) -> Array:
    """Return states (states x lanes) with gates moved half a step on at fixed voltage.

    From the untabulated functions; this is where the staggered scheme starts.
    """
    moved, s = y.copy(), layout.structure
    for slot in (*layout.voltage, *layout.concentration):
        if slot.gate.instantaneous:
            continue
        path = s.path(slot.compartment, slot.channel.name, slot.gate.name)
        gate = _gate(cell, slot)
        source = "v" if gate.pool is None else gate.pool
        at = y[s.states.index(s.path(slot.compartment, source))]
        inf, decay = gate.steady_state(at), np.exp(-0.5 * dt / gate.time_constant(at))
        index = s.states.index(path)
        moved[index] = inf + (y[index] - inf) * decay
    return moved


def _table(
    cell: Cell,
    slots: tuple[Slot, ...],
    width: int,
    axis: VoltageAxis | ConcentrationAxis,
    dt: float,
) -> Array:
    table, x = np.empty((axis.rows, width)), axis.points
    for slot in slots:
        gate = _gate(cell, slot)
        inf = gate.steady_state(x)
        functions = [inf]
        if not gate.instantaneous:
            exponent = -dt / gate.time_constant(x)
            functions = [np.exp(exponent), -inf * np.expm1(exponent)]
        stacked = quadratics(np.stack(functions))  # functions x rows x 3
        columns = stacked.transpose(1, 0, 2).reshape(axis.rows, -1)
        table[:, slot.column : slot.column + columns.shape[1]] = columns
    return table.ravel()


def _gate(cell: Cell, slot: Slot) -> Gate:
    channels = cell.compartments[slot.compartment].channels
    channel = next(c for c in channels if c.name == slot.channel.name)
    return next(g for g in channel.gates if g.name == slot.gate.name)
