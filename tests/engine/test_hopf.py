"""Hopf currents of Hodgkin and Huxley's membrane, by SciPy on the reference equations."""

import numpy as np
import pytest
from engine_cells import REFERENCES
from scipy.optimize import brentq

from mnexcite.cells import hodgkin_huxley_1952
from mnexcite.equations.right_hand_side import Equations

EQUATIONS = Equations(hodgkin_huxley_1952())


def equilibrium(v):
    """Return the state at rest at `v` and the current that holds it there."""
    y = np.array([v, 0.0, 0.0, 0.0])
    y[1:], _ = EQUATIONS.kinetics(y)
    return y, -EQUATIONS.C[0] * EQUATIONS.derivative(y, [0.0])[0]


def growth(v):
    """Return the real part of the complex pair of eigenvalues."""
    y, current = equilibrium(v)
    jacobian = np.empty((4, 4))
    for j, h in enumerate((1e-3, 1e-5, 1e-5, 1e-5)):
        nudge = np.zeros(4)
        nudge[j] = h
        # fourth-order difference: truncation and round-off both below 1e-9
        f = [EQUATIONS.derivative(y + s * nudge, [current]) for s in (-2, -1, 1, 2)]
        jacobian[:, j] = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)
    values = np.linalg.eigvals(jacobian)
    return float(values[np.abs(values.imag) > 1e-6].real.max())


@pytest.mark.parametrize(
    ("low", "high", "current", "voltage", "index"),
    [(-62.0, -57.0, 9.77544, -59.6541, 0), (-45.0, -41.0, 154.52243, -43.0581, 1)],
)
def test_hopf_current(low, high, current, voltage, index):
    v = brentq(growth, low, high, xtol=1e-10)
    _, found = equilibrium(v)
    assert found == pytest.approx(current, abs=1e-4)
    assert v == pytest.approx(voltage, abs=1e-4)
    frozen = REFERENCES["hopf"][index]
    assert found == pytest.approx(frozen["i"], abs=1e-5)
    assert v == pytest.approx(frozen["v"], abs=1e-5)
