"""Run the published cells by a compiled explicit method that shares nothing with this package.

The equations are those of `tests/data/make_references.py`, followed operation by operation
into a function that numba compiles; the method is DOP853 with the coefficients of SciPy. It
runs hundreds of times faster than SciPy's own, and takes no step longer than `LONGEST`.
Spikes are upward crossings of the cell's threshold, armed again `RE_ARM` below it; within a
step that turns, the interpolant is looked at between its ends.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.integrate._ivp import dop853_coefficients as dop853

Array = NDArray[np.float64]
#: (start, end, current) one after another.
Drive = Sequence[tuple[float, float, float]]

LONGEST = 1.0  # ms
RE_ARM = 10.0  # mV below the threshold
LOOKS = 16  # at the interpolant of a step that turns
MOST_STEPS = 100_000_000

STAGES, ALL = dop853.N_STAGES, dop853.N_STAGES_EXTENDED
A = np.ascontiguousarray(dop853.A)
B, C, D, E3, E5 = (
    np.ascontiguousarray(getattr(dop853, name)) for name in "B C D E3 E5".split()
)


@cache
def equations() -> ModuleType:
    """Return the equations written apart, as a module of its own."""
    path = Path(__file__).parents[1] / "tests" / "data" / "make_references.py"
    spec = importlib.util.spec_from_file_location("equations_followed", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


class _Value:
    """Write each operation on it as one line of source."""

    def __init__(self, lines: list[str], text: str) -> None:
        self.lines, self.text = lines, text

    def kept(self, text: str) -> _Value:
        """Return the value of an expression, under a name of its own."""
        name = f"x{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        return _Value(self.lines, name)

    def __add__(self, other: Any) -> _Value:
        return self.kept(f"{self} + {other}")

    def __radd__(self, other: Any) -> _Value:
        return self.kept(f"{other} + {self}")

    def __sub__(self, other: Any) -> _Value:
        return self.kept(f"{self} - {other}")

    def __rsub__(self, other: Any) -> _Value:
        return self.kept(f"{other} - {self}")

    def __mul__(self, other: Any) -> _Value:
        return self.kept(f"{self} * {other}")

    def __rmul__(self, other: Any) -> _Value:
        return self.kept(f"{other} * {self}")

    def __truediv__(self, other: Any) -> _Value:
        return self.kept(f"{self} / {other}")

    def __rtruediv__(self, other: Any) -> _Value:
        return self.kept(f"{other} / {self}")

    def __pow__(self, other: int) -> _Value:
        return self.kept(" * ".join([self.text] * other))

    def __neg__(self) -> _Value:
        return self.kept(f"-{self}")

    def __str__(self) -> str:
        return self.text


@contextmanager
def _written(module: Any) -> Iterator[None]:
    """Let the equations write themselves down while it lasts."""

    def called(name: str) -> Callable[..., Any]:
        return lambda x, *more: x.kept(f"{name}({', '.join(map(str, (x, *more)))})")

    before = module.math, module.lin
    module.math = SimpleNamespace(exp=called("exp"), log=called("log"))
    module.lin = called("lin")
    try:
        yield
    finally:
        module.math, module.lin = before


def source(name: str) -> str:
    """Return derivatives of a published cell as the source of one function of scalars."""
    module = equations()
    cell = module.CELLS[name]
    lines: list[str] = []
    numbers = {path: _Value(lines, f"p[{i}]") for i, path in enumerate(cell.parameters)}
    states = [_Value(lines, f"y[{i}]") for i in range(len(cell.initial))]
    with _written(module):
        current = _Value(lines, f"p[{len(numbers)}]")
        sides = cell.derivative(numbers, lambda _: current)(0.0, states)
    lines += [f"out[{i}] = {side}" for i, side in enumerate(sides)]
    return "def derivative(y, p, out):\n    " + "\n    ".join(lines) + "\n"


@numba.njit
def _lin(u, y):
    x = u / y
    if abs(x) < 1e-7:
        return y * (1.0 + 0.5 * x)
    return -u / math.expm1(-x)


@cache
def compiled(name: str) -> tuple[Any, Any]:
    """Return a cell's derivatives and its integrator, compiled."""
    space: dict[str, Any] = {"exp": math.exp, "log": math.log, "lin": _lin}
    exec(source(name), space)
    derivative = numba.njit(space["derivative"])
    return derivative, _integrator(derivative)


def _integrator(f: Any) -> Any:
    """Return a function that runs one piece of constant current."""

    @numba.njit
    def interpolant(t, h, y, new, k, dy, p, f_new, out):
        n = y.size
        for s in range(STAGES + 1, ALL):
            for i in range(n):
                total = 0.0
                for j in range(s):
                    total += A[s, j] * k[j, i]
                dy[i] = y[i] + h * total
            f(dy, p, k[s])
        for i in range(n):
            delta = new[i] - y[i]
            out[0, i] = delta
            out[1, i] = h * k[0, i] - delta
            out[2, i] = 2.0 * delta - h * (f_new[i] + k[0, i])
            for d in range(D.shape[0]):
                total = 0.0
                for j in range(ALL):
                    total += D[d, j] * k[j, i]
                out[3 + d, i] = h * total

    @numba.njit
    def at(x, v, out):
        value = 0.0
        for d in range(out.shape[0] - 1, -1, -1):
            value += out[d, 0]
            value *= x if d % 2 == 0 else 1.0 - x
        return v + value

    @numba.njit
    def run(y, p, t, end, h, rtol, scale, threshold, armed, times, count, samples, every):
        n = y.size
        k = np.empty((ALL, n))
        dy, new, f_new = np.empty(n), np.empty(n), np.empty(n)
        out = np.empty((3 + D.shape[0], n))
        f(y, p, k[0])
        taken, rejected = 0, False
        while t < end and taken < MOST_STEPS:
            taken += 1
            h = min(h, LONGEST)
            last = t + h >= end
            if last:
                h = end - t
            for s in range(1, STAGES):
                for i in range(n):
                    total = 0.0
                    for j in range(s):
                        total += A[s, j] * k[j, i]
                    dy[i] = y[i] + h * total
                f(dy, p, k[s])
            for i in range(n):
                total = 0.0
                for j in range(STAGES):
                    total += B[j] * k[j, i]
                new[i] = y[i] + h * total
            f(new, p, f_new)
            k[STAGES] = f_new
            e3, e5 = 0.0, 0.0
            for i in range(n):
                allowed = rtol * (scale[i] + max(abs(y[i]), abs(new[i])))
                a, b = 0.0, 0.0
                for j in range(STAGES + 1):
                    a += E5[j] * k[j, i]
                    b += E3[j] * k[j, i]
                e5 += (a / allowed) ** 2
                e3 += (b / allowed) ** 2
            error = 0.0
            if e5 > 0.0 or e3 > 0.0:
                error = abs(h) * e5 / math.sqrt((e5 + 0.01 * e3) * n)
            if not error < 1.0:
                rejected = True
                shrink = 0.2
                if error == error and error < math.inf:
                    shrink = max(0.2, 0.9 * error ** (-0.125))
                h *= shrink
                continue
            grow = 10.0 if error == 0.0 else min(10.0, 0.9 * error ** (-0.125))
            if rejected:
                grow = min(1.0, grow)
            rejected = False
            then = end if last else t + h
            looks = 1
            if k[0, 0] * f_new[0] < 0.0:  # the voltage turns
                looks = LOOKS
            crossed = y[0] < threshold <= new[0] and armed
            sampled = every > 0.0 and math.floor(then / every) > math.floor(t / every)
            if looks > 1 or crossed or sampled:
                interpolant(t, h, y, new, k, dy, p, f_new, out)
            before, start = y[0], 0.0
            for look in range(1, looks + 1):
                x = look / looks
                v = new[0] if look == looks else at(x, y[0], out)
                if armed and before < threshold <= v:
                    low, high = start, x
                    for _ in range(60):
                        middle = 0.5 * (low + high)
                        if at(middle, y[0], out) < threshold:
                            low = middle
                        else:
                            high = middle
                    if count < times.size:
                        times[count] = t + h * high
                    count += 1
                    armed = False
                armed = armed or v < threshold - RE_ARM
                before, start = v, x
            if sampled:
                for s in range(math.floor(t / every) + 1, math.floor(then / every) + 1):
                    if s < samples.size:
                        samples[s] = at((s * every - t) / h, y[0], out)
            t = then
            for i in range(n):
                y[i] = new[i]
                k[0, i] = f_new[i]
            h *= grow
        if taken >= MOST_STEPS:
            count = -1
        return armed, count

    return run


class Explicit:
    """Run one published cell with parameters and currents of the caller's choice."""

    def __init__(self, name: str) -> None:
        self.cell = equations().CELLS[name]
        self.paths = list(self.cell.parameters)
        self.initial = np.array(list(self.cell.initial.values()))
        self.derivative, self.run = compiled(name)

    def numbers(self, values: Mapping[str, float], current: float) -> Array:
        """Return what the equations read: published parameters but for `values`, a current."""
        assert set(values) <= set(self.paths), values
        given = {**self.cell.parameters, **values}
        return np.array([given[path] for path in self.paths] + [current])

    def spikes(
        self,
        values: Mapping[str, float],
        drive: Drive,
        tolerance: float,
        *,
        start: Array | None = None,
        moved: float = 0.0,
        every: float = 0.0,
    ) -> tuple[Array, Array, Array]:
        """Return spike times, voltages every so often and the last state.

        The start is the published one, or `start`, `moved` by so many mV.
        """
        y = np.array(self.initial if start is None else start)
        y[0] += moved
        end = drive[-1][1]
        samples = np.full(round(end / every) + 1 if every else 0, np.nan)
        samples[:1] = y[0]
        times = np.empty(max(1000, int(2 * end)))
        armed, count = y[0] < self.cell.threshold, 0
        for begin, until, current in drive:
            numbers = self.numbers(values, current)
            armed, count = self.run(
                y, numbers, begin, until, 1e-3, tolerance, self.cell.atol(1.0),
                self.cell.threshold, armed, times, count, samples, every,
            )  # fmt: skip
            if not 0 <= count <= times.size or not np.isfinite(y).all():
                raise RuntimeError(f"{values}, {drive}: not integrated")
        return times[:count].copy(), samples, y


@cache
def compiled_cell(name: str) -> str:
    """Give `make_references.integrate` a cell with compiled derivatives; return its name."""
    explicit = Explicit(name)

    def derivative(p: Mapping[str, float], current: Callable[[float], float]) -> Any:
        numbers = explicit.numbers(p, current(0.0))  # constant over a piece of the drive

        def f(t: float, y: Any) -> Array:
            out = np.empty(explicit.initial.size)
            explicit.derivative(np.asarray(y), numbers, out)
            return out

        return f

    named = f"{name}, compiled"
    equations().CELLS[named] = replace(explicit.cell, derivative=derivative)
    return named
