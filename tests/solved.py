"""Equations of a test's own, solved by SciPy: spike times and where they end."""

import itertools

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from mnexcite.equations import equilibria
from mnexcite.equations.right_hand_side import Equations


def solved(f, y, edges, threshold, atol, rtol=1e-11):
    """Return spike times and the last state of y' = f(t, y), the voltage first.

    It starts at the first of the `edges` and ends at the last; at those between f may jump.
    A crossing is a spike once the voltage was 10 mV below the threshold.
    """
    spikes, armed, y = [], True, np.array(y, dtype=float)
    for left, right in itertools.pairwise(edges):
        run = solve_ivp(
            # a step must not look at what is beyond an edge
            lambda t, y, right=right: f(min(t, np.nextafter(right, 0.0)), y),
            (left, right),
            y,
            method="DOP853",
            rtol=rtol,
            atol=atol,
            max_step=0.5,
            dense_output=True,
        )
        y, v = run.y[:, -1], run.y[0]
        for k in range(v.size - 1):
            if armed and v[k] < threshold <= v[k + 1]:
                ends = run.t[k], run.t[k + 1]
                spikes.append(brentq(lambda t, sol=run.sol: sol(t)[0] - threshold, *ends))
                armed = False
            armed = armed or v[k + 1] < threshold - 10.0
    return np.array(spikes), y


def assert_equilibria(cell, least=1e-3, atol=1e-6):
    """Assert that nothing changes there, and that eigenvalues are those of differences.

    `least`: below which a state is nudged by as much as if it were that large.
    """
    found, equations = equilibria(cell), Equations(cell)
    assert found
    still = np.zeros(len(cell.compartments))
    for each in found:
        y = np.array([each.state[path] for path in equations.structure.states])
        assert np.abs(equations.derivative(y, still)).max() < 1e-6
        nudge = 1e-6 * np.maximum(np.abs(y), least)
        columns = [
            (equations.derivative(y + d, still) - equations.derivative(y - d, still))
            / (2 * d[k])
            for k, d in enumerate(np.diag(nudge))
        ]
        # differences of 1e-9 to 1e-4, with roundings of 1e-16 over them: some 1e-4 of a slope
        modes = np.linalg.eigvals(np.array(columns).T)
        np.testing.assert_allclose(
            np.sort(modes.real), np.sort(each.eigenvalues.real), rtol=1e-3, atol=atol
        )
    return found
