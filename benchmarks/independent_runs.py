"""Spike times of the published cells by two solvers that share nothing with this package.

The equations are those of `tests/data/make_references.py`, which imports nothing of this
package either. heyoka's Taylor series run them at the precision of a float, with events found
as roots; SciPy's DOP853 runs them at a tolerance of 1e-12.
"""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: (start, end, current) one after another.
Drive = Sequence[tuple[float, float, float]]

TOLERANCE = 1e-12  # of DOP853
LONGEST = 1.0  # ms
RE_ARM = 10.0  # mV below the threshold


def equations() -> ModuleType:
    """Return the module of equations, powers written as products.

    The Taylor series of a power divides by its base, which may be 0.
    """
    path = Path(__file__).parents[1] / "tests" / "data" / "make_references.py"
    tree = _Products().visit(ast.parse(path.read_text(encoding="utf-8")))
    module = ModuleType("make_references")
    sys.modules[module.__name__] = module
    exec(compile(ast.fix_missing_locations(tree), path, "exec"), module.__dict__)
    return module


class _Products(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        power = node.right.value if isinstance(node.right, ast.Constant) else None
        if not isinstance(node.op, ast.Pow) or not isinstance(power, int):
            return node
        product = node.left
        for _ in range(power - 1):
            product = ast.BinOp(product, ast.Mult(), node.left)
        return product


class Solvers:
    """Run one published cell with parameters and currents of the caller's choice."""

    def __init__(self, name: str, starts: int, tolerance: float = 2.0**-52) -> None:
        import heyoka as hy  # pyright: ignore[reportMissingImports]

        module = equations()
        self.cell = module.CELLS[name]
        self.initial = np.array(list(self.cell.initial.values()))
        self.scale = self.cell.atol(1.0)
        self.paths = list(self.cell.parameters)
        symbols = hy.make_vars(*(f"y{i}" for i in range(self.initial.size)))
        sides = _symbolic(module, self.cell, self.paths, symbols)
        # DOP853 calls the same expressions as one compiled function
        self.derivative = hy.cfunc(sides, vars=symbols)
        self.crossings: list[list[tuple[float, int]]] = [[] for _ in range(starts)]
        events = [
            hy.nt_event_batch(
                symbols[0] - level,
                callback=lambda _, t, sign, start: self.crossings[start].append((t, sign)),
                direction=direction,
            )
            for level, direction in (
                (self.cell.threshold, hy.event_direction.positive),
                (self.cell.threshold - RE_ARM, hy.event_direction.negative),
            )
        ]
        self.taylor = hy.taylor_adaptive_batch(
            list(zip(symbols, sides, strict=True)),
            np.repeat(self.initial[:, None], starts, axis=1),
            pars=np.zeros((len(self.paths) + 1, starts)),
            nt_events=events,
            tol=tolerance,
        )

    def parameters(self, values: Mapping[str, float], current: float) -> Array:
        """Return what the equations read, in their order."""
        return np.array([values[path] for path in self.paths] + [current])

    def heyoka(self, values: Mapping[str, float], drive: Drive, moves: Array) -> list[Array]:
        """Return spike times from the published state and from it moved, one for each move.

        `moves` are relative to 100 mV.
        """
        for crossings in self.crossings:
            crossings.clear()
        self.taylor.set_time(0.0)
        self.taylor.state[:] = self.initial[:, None]
        self.taylor.state[0] += 100.0 * moves
        for _, end, current in drive:
            self.taylor.pars[:] = self.parameters(values, current)[:, None]
            self.taylor.propagate_until(end)
        return self.spikes()

    def spikes(self) -> list[Array]:
        """Return the spike times of each start so far."""
        return [_spikes(crossings) for crossings in self.crossings]

    def dop853(self, values: Mapping[str, float], drive: Drive) -> Array:
        """Return spike times."""
        from scipy.integrate import DOP853

        crossings, y = [], self.initial
        threshold = self.cell.threshold
        for start, end, current in drive:
            numbers = self.parameters(values, current)
            solver = DOP853(
                lambda _, y, numbers=numbers: self.derivative(y, pars=numbers),
                start,
                y,
                end,
                rtol=TOLERANCE,
                atol=TOLERANCE * self.scale,
                max_step=LONGEST,
            )
            while solver.status == "running":
                old, before = solver.t, solver.y[0]
                solver.step()
                if before < threshold <= solver.y[0]:
                    crossings.append((_root(solver, old, threshold), 1))
                elif solver.y[0] < threshold - RE_ARM:
                    crossings.append((solver.t, -1))
            y = np.array(solver.y)
        return _spikes(crossings)


def _symbolic(module: Any, cell: Any, paths: list[str], symbols: list[Any]) -> list[Any]:
    """Return the right-hand sides as heyoka's expressions of states and parameters."""
    import heyoka as hy  # pyright: ignore[reportMissingImports]

    def log(x: Any) -> Any:
        return hy.log(x) if isinstance(x, hy.expression) else math.log(x)

    numbers = {path: hy.par[i] for i, path in enumerate(paths)}
    module.math = SimpleNamespace(exp=hy.exp, log=log)
    module.lin = lambda u, y: u / (1.0 - hy.exp(-u / y))
    return cell.derivative(numbers, lambda _: hy.par[len(paths)])(0.0, symbols)


def _spikes(crossings: list[tuple[float, int]]) -> Array:
    """Return the upward crossings that follow one of the lower level, or none at all."""
    armed, times = True, []
    for t, sign in sorted(crossings):
        if sign < 0:
            armed = True
        elif armed:
            times.append(t)
            armed = False
    return np.array(times)


def _root(solver: Any, old: float, threshold: float) -> float:
    from scipy.optimize import brentq

    dense = solver.dense_output()
    gap = [dense(t)[0] - threshold for t in (old, solver.t)]
    if gap[0] * gap[1] > 0.0:  # at an end, where the interpolant is a rounding off
        return solver.t
    return float(brentq(lambda t: dense(t)[0] - threshold, old, solver.t, xtol=1e-11))  # type: ignore[arg-type]
