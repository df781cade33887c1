"""The integrators on one interface, each with its order, cost and use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell, gate_curves
from mnexcite.cells.paths import join
from mnexcite.engine import compiled, emit, schemes, tables
from mnexcite.engine.emit import Printer
from mnexcite.engine.layout import Layout
from mnexcite.engine.structure import Structure
from mnexcite.errors import InputError, did_you_mean

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Method:
    """Describe a way to integrate a cell.

    `order` is that of voltages and spike times against dt; None for a method that
    chooses its own steps. `prepare` turns the layout's rows into what the kernel
    multiplies with, `filling` a gate's kinetics into what it looks up. An explicit
    method is stable up to `stability` / (fastest rate).
    """

    name: str
    order: int | None
    use: str
    step: Callable[[Printer], None] | None = None
    prepare: Callable[[Array, Layout, float], Array] | None = None
    filling: tables.Filling = tables.DECAY_AND_RISE
    staggered: bool = False
    hermite: bool = False
    stability: float = float("inf")

    def kernel(self, structure: Structure) -> Callable[..., None]:
        """Return the compiled kernel of a structure."""
        module = compiled.load(self.name, self.source(structure), {emit.ENTRY: emit.SIGNATURE})
        return getattr(module, emit.ENTRY)

    @cache  # noqa: B019 - methods live as long as the process
    def source(self, structure: Structure) -> str:
        """Return the kernel's Python source."""
        assert self.step is not None
        return emit.kernel_source(
            structure, self.name, self.step, staggered=self.staggered, hermite=self.hermite
        )


def _staggered_rows(rows: Array, layout: Layout, dt: float) -> Array:
    ready = rows.copy()
    for index, (kind, *_) in enumerate(layout.parameters):
        if kind == "C":
            ready[index] = 2.0 * rows[index] / dt
        elif kind in ("alpha", "removal"):
            ready[index] = 0.5 * dt * rows[index]
    return ready


def _exponential_rows(rows: Array, layout: Layout, dt: float) -> Array:
    ready = rows.copy()
    for index, (kind, *_) in enumerate(layout.parameters):
        if kind == "C":
            ready[index] = dt / rows[index]
    for k, pool in layout.structure.pools:
        alpha, removal, rest = (
            layout.row(kind, k, pool) for kind in ("alpha", "removal", "rest")
        )
        decay = np.exp(-rows[removal] * dt)
        with np.errstate(invalid="ignore", divide="ignore"):
            gain = np.where(
                rows[removal] > 0, -np.expm1(-rows[removal] * dt) / rows[removal], dt
            )
        ready[alpha], ready[removal] = rows[alpha] * gain, decay
        ready[rest] = rows[rest] * (1.0 - decay)
    return ready


def _explicit_rows(rows: Array, layout: Layout, dt: float) -> Array:
    ready = rows.copy()
    for index, (kind, *_) in enumerate(layout.parameters):
        if kind == "C":
            ready[index] = dt / rows[index]
        elif kind in ("alpha", "removal"):
            ready[index] = dt * rows[index]
    return ready


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (
            Method(
                "staggered",
                2,
                "the default: gates half a step ahead of voltages, implicit midpoint",
                schemes.staggered_step,
                _staggered_rows,
                staggered=True,
            ),
            Method(
                "exponential_euler",
                1,
                "what many simulators do; for comparison",
                schemes.exponential_euler_step,
                _exponential_rows,
            ),
            Method(
                "runge_kutta_4",
                4,
                "classical explicit order 4; the step must stay small for fast gates",
                schemes.runge_kutta_step,
                _explicit_rows,
                filling=tables.RATES,
                hermite=True,
                stability=2.785,
            ),
            Method(
                "reference",
                None,
                "the oracle: untabulated functions and SciPy's LSODA at tight tolerance; slow",
            ),
        )
    }
)


def find_method(name: str) -> Method:
    """Return the method of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in METHODS:
        raise InputError(f"method is {name!r}; {did_you_mean(str(name), METHODS)}")
    return METHODS[name]


def fastest_gate(cell: Cell) -> tuple[str, float]:
    """Return the fastest gate between the cell's reversal potentials and its rate [1/ms]."""
    reversals = [
        cell.reversal(join(cell, compartment, channel.name))
        for compartment in cell.compartments
        for channel in compartment.channels
    ]
    v = np.unique(np.linspace(min(reversals), max(reversals), 200))
    rates = {
        path: 1.0 / tau.min() for path, (_, tau) in gate_curves(cell, v).items() if tau.all()
    }
    name = max(rates, key=lambda path: rates[path], default="")
    return name, float(rates.get(name, 0.0))
