"""Kinetics -> tables that the kernels read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
    axis_of,
    bernstein,
    cubics,
)
from mnexcite.engine.layout import Block, Layout, Slot

Array = NDArray[np.float64]
Values = tuple[bytes, bytes]


@dataclass(frozen=True)
class Filling:
    """Say as which two functions a gate with a time constant is tabulated.

    `functions`: (inf, tau, dt) -> the two. A gate stays between 0 and 1 as long as both,
    and their `slack`, are not negative.
    """

    functions: Callable[[Array, Array, float], tuple[Array, Array]]
    slack: Callable[[Array, Array], Array]


#: What makes a step at fixed voltage exact: x = decay x + rise.
DECAY_AND_RISE = Filling(
    lambda inf, tau, dt: (np.exp(-dt / tau), -inf * np.expm1(-dt / tau)),
    lambda decay, rise: 1.0 - (decay + rise),
)
#: dt / tau and dt inf / tau: dt x' is the second less the first times x.
RATES = Filling(
    lambda inf, tau, dt: (dt / tau, dt * inf / tau),
    lambda rate, rise: rate - rise,
)


def gate_tables(cell: Cell, layout: Layout, dt: float, filling: Filling) -> tuple[Array, Array]:
    """Return the voltage and the concentration table of a cell, flat, for step `dt` [ms].

    An instantaneous gate has its steady state there, any other what `filling` makes.
    """

    def kinetics(blocks: tuple[Block, ...]) -> tuple[Values, ...]:
        return tuple(_values(_gate(cell, slot)) for block in blocks for slot in block.slots)

    return (
        _table(kinetics(layout.voltage), VOLTAGE, dt, filling),
        _table(kinetics(layout.concentration), CONCENTRATION, dt, filling),
    )


def half_step(cell: Cell, layout: Layout, y: Array, dt: float) -> Array:
    """Return states (states x lanes) with gates moved half a step on at fixed voltage.

    From splines through the same nodes as the tables, so that a cell whose functions
    were saved as their values starts with the same bits. Here the staggered scheme starts.
    """
    moved, s = y.copy(), layout.structure
    for slot in layout.slots:
        if slot.gate.instantaneous:
            continue
        gate = _gate(cell, slot)
        source = "v" if gate.pool is None else gate.pool
        at = y[s.states.index(s.path(slot.compartment, source))]
        row, u = axis_of(gate.pool).locate(at)
        # functions x lanes x coefficients
        cubic = _kinetics(_values(gate), axis_of(gate.pool))[:, row]
        inf, tau = np.polynomial.polynomial.polyval(u, np.moveaxis(cubic, -1, 0), tensor=False)
        inf, decay = np.clip(inf, 0.0, 1.0), np.exp(-0.5 * dt / tau)
        index = s.states.index(s.path(slot.compartment, slot.channel.name, slot.gate.name))
        moved[index] = inf + (y[index] - inf) * decay
    return moved


def _values(gate: Gate) -> Values:
    """Return a gate's steady state and time constant on its axis, b"" for none.

    Tables are shared by these values and never by the functions: a function of the user may
    read something that has changed since.
    """
    nodes = axis_of(gate.pool).nodes
    tau = b"" if gate.instantaneous else gate.time_constant(nodes).tobytes()
    return gate.steady_state(nodes).tobytes(), tau


@lru_cache(maxsize=8)
def _table(
    kinetics: tuple[Values, ...],
    axis: VoltageAxis | ConcentrationAxis,
    dt: float,
    filling: Filling,
) -> Array:
    """Return the rows of blocks of gates side by side, shared by all equal gates."""
    parts = [np.empty((axis.rows, 0))]
    parts += [_columns(values, axis, dt, filling) for values in kinetics]
    return np.concatenate(parts, axis=1).ravel()


@lru_cache(maxsize=64)
def _kinetics(values: Values, axis: VoltageAxis | ConcentrationAxis) -> Array:
    """Return the cubics of a gate's steady state and time constant."""
    rows = cubics(axis.nodes, np.array([np.frombuffer(part) for part in values]))
    return _straightened(rows, bernstein(rows).min(axis=(0, -1)) < 0.0)


def _straightened(rows: Array, rough: NDArray[np.bool_]) -> Array:
    """Return the cubics with straight lines in the rows that are too rough for a curve."""
    rows[:, rough, 1] += rows[:, rough, 2] + rows[:, rough, 3]
    rows[:, rough, 2:] = 0.0
    return rows


@lru_cache(maxsize=64)
def _columns(
    values: Values, axis: VoltageAxis | ConcentrationAxis, dt: float, filling: Filling
) -> Array:
    """Return a gate's functions, rows x (functions x coefficients)."""
    inf, tau = (np.frombuffer(part) for part in values)
    if not tau.size:
        rows = cubics(axis.nodes, inf[None])
        bound = bernstein(rows)
        low = np.minimum(bound, 1.0 - bound).min(axis=(0, -1))
    else:
        rows = cubics(axis.nodes, np.array(filling.functions(inf, tau, dt)))
        bound = bernstein(rows)
        low = np.minimum(bound.min(axis=0), filling.slack(*bound)).min(axis=-1)
    # where kinetics jump, a smooth curve swings out of bounds: a straight line does not
    return _straightened(rows, low < 0.0).transpose(1, 0, 2).reshape(axis.rows, -1)


def _gate(cell: Cell, slot: Slot) -> Gate:
    channels = cell.compartments[slot.compartment].channels
    channel = next(c for c in channels if c.name == slot.channel.name)
    return next(g for g in channel.gates if g.name == slot.gate.name)
