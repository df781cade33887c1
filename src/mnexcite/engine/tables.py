"""Kinetics -> tables that the kernels read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.channels.axes import axis_of, bernstein, cubics, quintics
from mnexcite.engine import aligned
from mnexcite.engine.loops import looped
from mnexcite.equations.layout import (
    CUBIC,
    LINE,
    QUINTIC,
    Block,
    Layout,
    degree_of,
    distinct,
    voltage_axis,
)
from mnexcite.equations.lower import Lanes
from mnexcite.equations.node_values import NodeValues, Values, gate_of
from mnexcite.kernels.vector_ops import GROUP

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Filling:
    """Say as which two functions a gate with a time constant is tabulated.

    `functions`: (inf, tau, dt) -> the two. A gate stays between 0 and 1 as long as both,
    and their `slack`, are not negative. `coefficients`: how many a function of the voltage
    has in a row. `paced`: whether the two are those of a rate of 1, which the kernel multiplies
    by the gate's own.
    """

    functions: Callable[[Array, Array, float], tuple[Array, Array]]
    slack: Callable[[Array, Array], Array]
    coefficients: int = CUBIC
    paced: bool = False


#: Any pool stands for all: they share an axis.
_SOME_POOL = "pool"

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
    paced=True,
)
#: The same as quintics: what they are wrong by is rounding.
FINE_RATES = replace(RATES, coefficients=QUINTIC)


def gate_tables(
    cell: Cell, layout: Layout, dt: float, filling: Filling, values: NodeValues
) -> tuple[Array, Array]:
    """Return the voltage and the concentration table of a cell, flat, for step `dt` [ms].

    An instantaneous gate has its steady state there, any other what `filling` makes.
    """
    voltage, concentration = (
        values.of_blocks(cell, distinct(blocks), filling.paced)
        for blocks in (layout.voltage, layout.concentration)
    )
    return (
        _table(voltage, None, dt, filling),
        _table(concentration, _SOME_POOL, dt, filling),
    )


def sharing(lanes: Lanes, filling: Filling) -> Layout:
    """Return the layout in which compartments of equal kinetics share their tables.

    Where kernels go through compartments in loops: there a place in a table is a number.
    """
    layout, s = lanes.layout, lanes.layout.structure
    if not looped(s):
        return layout
    blocks: dict[int, list[Block]] = {}
    for block in (*layout.voltage, *layout.concentration):
        blocks.setdefault(block.compartment, []).append(block)
    first: dict[object, int] = {}
    alike = []
    for k, compartment in enumerate(s.compartments):
        own = tuple(blocks.get(k, ()))
        values = (lanes.values.of_blocks(c, own, filling.paced) for c in lanes.kinetics)
        key = compartment.channels, compartment.pools, tuple(values)
        alike.append(first.setdefault(key, k))
    return Layout(replace(s, alike=tuple(alike)))


def half_step(
    cell: Cell, layout: Layout, y: Array, dt: float, values: NodeValues, rows: Array
) -> Array:
    """Return states (states x lanes) with gates moved half a step on at fixed voltage.

    Bindings are moved at what the gates are a quarter of a step on; `rows`: the lanes'.

    From splines through the same nodes as the tables, so that a cell whose functions
    were saved as their values starts with the same bits. Here the staggered scheme starts.
    """
    moved, s = y.copy(), layout.structure
    opening: dict[str, Array] = {}  # of what bindings may go through
    for slot in layout.slots:
        path = s.path(slot.compartment, slot.channel.name, slot.gate.name)
        source = "v" if slot.gate.pool is None else slot.gate.pool
        at = y[s.states.index(s.path(slot.compartment, source))]
        if slot.gate.instantaneous:
            if slot.channel.bindings:
                opening[path] = gate_of(cell, slot).steady_state(at)
            continue
        axis = axis_of(slot.gate.pool)
        row, u = axis.locate(at)
        # functions x lanes x coefficients
        cubic = _kinetics(values.of(cell, slot), slot.gate.pool)[:, row]
        inf, tau = np.polynomial.polynomial.polyval(u, np.moveaxis(cubic, -1, 0), tensor=False)
        inf, decay = np.clip(inf, 0.0, 1.0), np.exp(-0.5 * dt / tau)
        index = s.states.index(path)
        moved[index] = inf + (y[index] - inf) * decay
        opening[path] = 0.5 * (y[index] + moved[index])
    for k, channel, binding in s.bindings:
        names = (channel.name, binding.name)
        f = np.ones(y.shape[1])
        for name, exponent in binding.through:
            f = f * opening[s.path(k, channel.name, name)] ** exponent
        catch, free = (rows[layout.row(row, k, *names)] for row in ("catch", "free"))
        rate = free + catch * (1.0 - f if binding.outside else f)
        index = s.states.index(s.path(k, *names))
        gone = -np.expm1(-0.5 * dt * rate)
        moved[index] = y[index] + gone * (free / rate - y[index])
    return moved


@lru_cache(maxsize=8)
def _table(
    kinetics: tuple[tuple[Values, ...], ...],
    pool: str | None,
    dt: float,
    filling: Filling,
) -> Array:
    """Return the rows of blocks of gates side by side, shared by all equal gates."""
    degree = degree_of(pool, filling.coefficients)
    rows = axis_of(pool).rows if pool is not None else voltage_axis(degree).rows
    parts = [np.empty((rows, 0))]
    for block in kinetics:
        functions = np.concatenate([_functions(v, pool, dt, filling) for v in block], axis=1)
        fill = -functions.shape[1] % GROUP
        functions = np.pad(functions, ((0, 0), (0, fill), (0, 0)))
        grouped = functions.reshape(rows, -1, GROUP, degree).swapaxes(2, 3)
        parts.append(grouped.reshape(rows, -1))
    return aligned.copy(np.concatenate(parts, axis=1))


@lru_cache(maxsize=64)
def _kinetics(values: Values, pool: str | None) -> Array:
    """Return the cubics of a gate's steady state and time constant."""
    rows = cubics(axis_of(pool).nodes, np.array([np.frombuffer(part) for part in values]))
    return _straightened(rows, bernstein(rows).min(axis=(0, -1)) < 0.0)


def _straightened(rows: Array, rough: NDArray[np.bool_]) -> Array:
    """Return the curves with straight lines in the rows that are too rough for them."""
    rows[:, rough, 1] += rows[:, rough, 2:].sum(axis=-1)
    rows[:, rough, 2:] = 0.0
    return rows


@lru_cache(maxsize=64)
def _functions(values: Values, pool: str | None, dt: float, filling: Filling) -> Array:
    """Return a gate's functions, rows x functions x coefficients."""
    nodes, degree = axis_of(pool).nodes, degree_of(pool, filling.coefficients)
    curves = quintics if degree == QUINTIC else cubics
    every = 2 if pool is None and degree == QUINTIC else 1
    nodes, inf, tau = (x[::every] for x in (nodes, *map(np.frombuffer, values)))
    if not tau.size:
        rows = curves(nodes, inf[None])
        bound = bernstein(rows)
        low = np.minimum(bound, 1.0 - bound).min(axis=(0, -1))
    else:
        rows = curves(nodes, np.array(filling.functions(inf, tau, dt)))
        bound = bernstein(rows)
        low = np.minimum(bound.min(axis=0), filling.slack(*bound)).min(axis=-1)
    # where kinetics jump, a smooth curve swings out of bounds: a straight line does not
    straight = (low < 0.0) | (degree == LINE)
    return _straightened(rows, straight)[..., :degree].transpose(1, 0, 2)
