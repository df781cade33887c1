"""The integrators on one interface, each with its order, cost and use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.cells.paths import join
from mnexcite.channels import Channel
from mnexcite.channels.axes import VOLTAGE
from mnexcite.engine import (
    adaptive,
    dormand_prince,
    fixed,
    rosenbrock,
    schemes,
    tables,
)
from mnexcite.engine.adaptive_loop import Scheme
from mnexcite.engine.printer import Printer
from mnexcite.engine.tableau import Tableau
from mnexcite.equations import gate_curves
from mnexcite.equations.layout import Layout
from mnexcite.equations.structure import Structure
from mnexcite.errors import choice
from mnexcite.kernels import compiled
from mnexcite.kernels.source import Entry

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Method:
    """Describe a way to integrate a cell.

    `order` is that of voltages and spike times against the step; None for a method that
    chooses its own. `evaluations`: how often all gates are looked up per step. `cost` is that
    of an adaptive method's step, as measured, where the Rosenbrock method's is 1. A method
    with a `tableau` is adaptive; methods that differ in it only share a `kernel_name`.
    `source` prints a structure's kernel, which works in `room` numbers. `prepare` turns the
    layout's rows into what the kernel multiplies with, `filling` a gate's kinetics into what it
    looks up. An explicit method is stable up to `stability` / (fastest rate). Errors go as the
    tolerance below `regular`: above it, the steps of an explicit method are those at which it
    is still stable.
    """

    name: str
    order: int | None
    use: str
    kernel_name: str = ""
    evaluations: int = 0
    cost: float = 1.0
    source: Callable[[Structure], str] | None = None
    room: Callable[[Structure], int] | None = None
    entry: Entry | None = None
    prepare: Callable[[Array, Layout, float], Array] | None = None
    filling: tables.Filling = tables.RATES
    tableau: Tableau | None = None
    staggered: bool = False
    stability: float = float("inf")
    regular: float = 1e-3

    @property
    def adaptive(self) -> bool:
        """Whether the method's kernel chooses its own steps, by a tolerance."""
        return self.tableau is not None

    @property
    def reference(self) -> bool:
        """Whether the method is SciPy's, with a tolerance and without a kernel."""
        return self.source is None

    def kernel(self, structure: Structure) -> Callable[..., Any]:
        """Return the compiled kernel of a structure."""
        assert self.source is not None and self.entry is not None
        name = self.entry.name
        module = compiled.load(
            self.kernel_name, self.source(structure), {name: self.entry.types}
        )
        return getattr(module, name)


def _fixed(
    name: str, step: Callable[[Printer], None], filling: tables.Filling, **more: Any
) -> dict[str, Any]:
    width = filling.coefficients
    loop = partial(fixed.kernel_source, title=name, step=step, coefficients=width, **more)
    return {
        "name": name,
        "kernel_name": name,
        "source": cache(loop),
        "room": cache(partial(fixed.room, step=step, staggered=more.get("staggered", False))),
        "entry": fixed.ENTRY,
        "filling": filling,
    }


def _staggered(name: str, filling: tables.Filling) -> dict[str, Any]:
    return {
        **_fixed(name, schemes.staggered_step, filling, staggered=True),
        "order": 2,
        "evaluations": 1,
        "prepare": _staggered_rows,
        "staggered": True,
    }


@cache
def _adaptive(name: str, filling: tables.Filling = tables.RATES) -> dict[str, Any]:
    scheme = _SCHEMES[name]
    if filling is not tables.RATES:
        name += "_fine"
    loop = partial(
        adaptive.kernel_source,
        title=name,
        scheme=scheme,
        coefficients=filling.coefficients,
    )
    return {
        "kernel_name": name,
        "source": cache(loop),
        "room": cache(partial(adaptive.room, scheme=scheme)),
        "entry": adaptive.ENTRY,
        "prepare": _explicit_rows,
        "filling": filling,
    }


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
        elif kind in ("alpha", "removal", "catch", "free"):
            ready[index] = dt * rows[index]
    return ready


_SCHEMES: Mapping[str, Scheme] = {
    "rosenbrock": rosenbrock,
    "dormand_prince": dormand_prince,
}

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (
            Method(
                **_adaptive("rosenbrock"),
                name="rosenbrock",
                tableau=rosenbrock.TABLEAU,
                order=4,
                evaluations=3,
                use="implicit, its own step in every lane, small where it spikes; L-stable",
            ),
            Method(
                **_adaptive("rosenbrock"),
                name="kaps_rentrop",
                tableau=rosenbrock.KAPS_RENTROP,
                order=4,
                evaluations=3,
                use="the default: as rosenbrock, longer steps for the same error; not L-stable",
            ),
            Method(
                **_adaptive("dormand_prince"),
                name="dormand_prince",
                tableau=dormand_prince.TABLEAU,
                order=5,
                evaluations=7,
                cost=1.35,
                use="explicit, its own step in every lane: for very small tolerances",
                regular=1e-4,
            ),
            Method(
                **_staggered("staggered", tables.DECAY_AND_RISE),
                use="fixed steps: gates half a step ahead of voltages, implicit midpoint",
            ),
            Method(
                **_staggered("staggered_lines", tables.STRAIGHT_DECAY_AND_RISE),
                use="as staggered on tables of straight lines: cheaper, but not for slow ramps",
            ),
            Method(
                **_fixed(
                    "exponential_euler", schemes.exponential_euler_step, tables.DECAY_AND_RISE
                ),
                order=1,
                evaluations=1,
                use="what many simulators do; for comparison",
                prepare=_exponential_rows,
            ),
            Method(
                **_fixed("runge_kutta_4", schemes.runge_kutta_step, tables.RATES, hermite=True),
                order=4,
                evaluations=5,
                use="classical explicit order 4; the step must stay small for fast gates",
                prepare=_explicit_rows,
                stability=2.785,
            ),
            Method(
                "reference",
                None,
                "the oracle: untabulated functions and SciPy's DOP853 at tight tolerance; slow",
            ),
            Method(
                "reference_radau",
                None,
                "a second oracle, for stiff cells and to judge the first: Radau; slower",
            ),
        )
    }
)
#: What `simulate` takes where nothing is said.
DEFAULT_METHOD, DEFAULT_TOLERANCE = "kaps_rentrop", 1e-6
TOLERANCES = 1e-10, 1e-2  # least and greatest that is allowed
#: The same of the references.
REFERENCE_TOLERANCE, REFERENCE_TOLERANCES = 1e-11, (1e-13, 1e-3)


def fine(method: Method) -> Method:
    """Return an adaptive method on tables that are as exact as rounding allows."""
    return replace(method, **_adaptive(method.kernel_name, tables.FINE_RATES))


def find_method(name: str) -> Method:
    """Return the method of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    return METHODS[choice("method", name, METHODS)]


def fastest_gate(cell: Cell) -> tuple[str, float]:
    """Return the fastest gate between the cell's reversal potentials and its rate [1/ms]."""
    reversals = [
        cell.reversal(join(cell, compartment, channel.name))
        for compartment in cell.compartments
        for channel in compartment.channels
        if isinstance(channel, Channel)
    ] or [VOLTAGE.lowest, VOLTAGE.highest]
    v = np.unique(np.linspace(min(reversals), max(reversals), 200))
    rates = {
        path: 1.0 / tau.min() for path, (_, tau) in gate_curves(cell, v).items() if tau.all()
    }
    name = max(rates, key=lambda path: rates[path], default="")
    return name, float(rates.get(name, 0.0))
