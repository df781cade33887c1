"""Where a cell rests: its stable equilibrium, if it has one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell, iv_curve
from mnexcite.channels.axes import VOLTAGE
from mnexcite.engine.equations import Equations, error_scale
from mnexcite.errors import InputError

Array = NDArray[np.float64]


def rest(cell: Cell) -> Array | None:
    """Return the state of the stable equilibrium of lowest voltage without any drive.

    States in the structure's order, or None where no equilibrium is stable.
    """
    equations = Equations(cell)
    found = [y for y in _equilibria(equations) if _stable(equations, y)]
    return min(found, key=lambda y: float(y[0])) if found else None


def _equilibria(equations: Equations) -> list[Array]:
    from scipy.optimize import root

    border = equations.structure.first_gate
    scale = error_scale(equations.cell)[:border]
    none = [0.0] * equations.compartments

    def residual(scaled: Array) -> Array:
        # gates follow at once, so that only voltages and pools are unknown
        y = _with_gates(equations, scaled * scale)
        return equations.derivative(y, none)[:border] / scale

    found: list[Array] = []
    for start in _starts(equations):
        solved = root(residual, start[:border] / scale, tol=1e-13)
        y = _with_gates(equations, solved.x * scale)
        voltages = y[: equations.compartments]
        if np.abs(residual(solved.x)).max() > 1e-9:
            continue
        if np.any(voltages < VOLTAGE.lowest) or np.any(voltages > VOLTAGE.highest):
            continue
        if all(np.abs(y - other).max() > 1e-4 for other in found):
            found.append(y)
    return found


def _starts(equations: Equations) -> list[Array]:
    pools = len(equations.structure.pools)
    if equations.compartments == 1:
        try:
            curve = iv_curve(equations.cell, np.arange(-110.0, 20.0, 0.25))
        except InputError:
            pass
        else:
            names = [pool for _, pool in equations.structure.pools]
            return [
                np.array([v, *(np.interp(v, curve.v, curve.pools[name]) for name in names)])
                for v in curve.zeros
            ]
    return [
        np.array([v] * equations.compartments + [0.0] * pools)
        for v in np.arange(-90.0, -30.0, 4.0)
    ]


def _with_gates(equations: Equations, border: Array) -> Array:
    y = np.zeros(len(equations.structure.states))
    y[: len(border)] = border
    with np.errstate(over="ignore"):
        inf, _ = equations.kinetics(y)
    y[len(border) :] = inf[equations.moving]
    return y


def _stable(equations: Equations, y: Array) -> bool:
    none = [0.0] * equations.compartments
    scale = error_scale(equations.cell)
    jacobian = np.empty((len(y), len(y)))
    for j in range(len(y)):
        nudge = np.zeros(len(y))
        nudge[j] = 1e-6 * scale[j]
        above, below = (equations.derivative(y + s * nudge, none) for s in (1.0, -1.0))
        jacobian[:, j] = (above - below) / (2.0 * nudge[j])
    return bool(np.linalg.eigvals(jacobian).real.max() < 0.0)
