"""Kinetics -> tables that the kernels read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.channels.axes import (
    CONCENTRATION,
    VOLTAGE,
    ConcentrationAxis,
    VoltageAxis,
    axis_of,
    bernstein,
    cubics,
)
from mnexcite.engine import aligned
from mnexcite.engine.layout import CUBIC, GROUP, LINE, Layout
from mnexcite.engine.node_values import NodeValues, Values

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Filling:
    """Say as which two functions a gate with a time constant is tabulated.

    `functions`: (inf, tau, dt) -> the two. A gate stays between 0 and 1 as long as both,
    and their `slack`, are not negative. `coefficients`: how many a function has in a row.
    """

    functions: Callable[[Array, Array, float], tuple[Array, Array]]
    slack: Callable[[Array, Array], Array]
    coefficients: int = CUBIC


#: What makes a step at fixed voltage exact: x = decay x + rise.
DECAY_AND_RISE = Filling(
    lambda inf, tau, dt: (np.exp(-dt / tau), -inf * np.expm1(-dt / tau)),
    lambda decay, rise: 1.0 - (decay + rise),
)
#: The same as straight lines from node to node.
STRAIGHT_DECAY_AND_RISE = replace(DECAY_AND_RISE, coefficients=LINE)
#: dt / tau and dt inf / tau: dt x' is the second less the first times x.
RATES = Filling(
    lambda inf, tau, dt: (dt / tau, dt * inf / tau),
    lambda rate, rise: rate - rise,
)


def gate_tables(
    cell: Cell, layout: Layout, dt: float, filling: Filling, values: NodeValues
) -> tuple[Array, Array]:
    """Return the voltage and the concentration table of a cell, flat, for step `dt` [ms].

    An instantaneous gate has its steady state there, any other what `filling` makes.
    """
    return (
        _table(values.of_blocks(cell, layout.voltage), VOLTAGE, dt, filling),
        _table(values.of_blocks(cell, layout.concentration), CONCENTRATION, dt, filling),
    )


def half_step(cell: Cell, layout: Layout, y: Array, dt: float, values: NodeValues) -> Array:
    """Return states (states x lanes) with gates moved half a step on at fixed voltage.

    From splines through the same nodes as the tables, so that a cell whose functions
    were saved as their values starts with the same bits. Here the staggered scheme starts.
    """
    moved, s = y.copy(), layout.structure
    for slot in layout.slots:
        if slot.gate.instantaneous:
            continue
        source = "v" if slot.gate.pool is None else slot.gate.pool
        at = y[s.states.index(s.path(slot.compartment, source))]
        axis = axis_of(slot.gate.pool)
        row, u = axis.locate(at)
        # functions x lanes x coefficients
        cubic = _kinetics(values.of(cell, slot), axis)[:, row]
        inf, tau = np.polynomial.polynomial.polyval(u, np.moveaxis(cubic, -1, 0), tensor=False)
        inf, decay = np.clip(inf, 0.0, 1.0), np.exp(-0.5 * dt / tau)
        index = s.states.index(s.path(slot.compartment, slot.channel.name, slot.gate.name))
        moved[index] = inf + (y[index] - inf) * decay
    return moved


@lru_cache(maxsize=8)
def _table(
    kinetics: tuple[tuple[Values, ...], ...],
    axis: VoltageAxis | ConcentrationAxis,
    dt: float,
    filling: Filling,
) -> Array:
    """Return the rows of blocks of gates side by side, shared by all equal gates."""
    parts = [np.empty((axis.rows, 0))]
    for block in kinetics:
        functions = np.concatenate([_functions(v, axis, dt, filling) for v in block], axis=1)
        fill = -functions.shape[1] % GROUP
        functions = np.pad(functions, ((0, 0), (0, fill), (0, 0)))
        grouped = functions.reshape(axis.rows, -1, GROUP, filling.coefficients).swapaxes(2, 3)
        parts.append(grouped.reshape(axis.rows, -1))
    return aligned.copy(np.concatenate(parts, axis=1))


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
def _functions(
    values: Values, axis: VoltageAxis | ConcentrationAxis, dt: float, filling: Filling
) -> Array:
    """Return a gate's functions, rows x functions x coefficients."""
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
    straight = (low < 0.0) | (filling.coefficients == LINE)
    return _straightened(rows, straight)[..., : filling.coefficients].transpose(1, 0, 2)
