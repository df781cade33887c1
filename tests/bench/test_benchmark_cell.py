"""The benchmark cell against its definition, typed in once more, and its spike times."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from mnexcite.bench.cell import benchmark_cell, benchmark_parameters
from mnexcite.bench.expressions import function
from mnexcite.bench.system import system
from mnexcite.equations.right_hand_side import Equations
from mnexcite.errors import InputError

#: Upward crossings of 0 mV in 120 ms [ms]: SciPy's DOP853 and LSODA at a tolerance of 1e-13
#: and Radau at 1e-10 agree to every digit, on the definition below.
SPIKES = {
    0: [],
    200: [],
    400: [14.9954507, 105.9605860],
    512: [9.5134149, 90.1774126],
    1023: [4.0382009, 6.6904296],
}


def lin(u, y):
    return y if u == 0 else u / (1 - np.exp(-u / y))


def definition(y, g_nap, g_k):
    """Return y' with states v, m, h, p, n, w as the cell was first written down."""
    v, m, h, p, n, w = y
    current = 120 * m**3 * h * (v - 55) + g_nap * p * (v - 55) + g_k * n**4 * (v + 80)
    current += 2 * w * (v + 80) + 0.3 * (v + 65) - 2
    tau = 200 / (3.3 * np.exp((v + 40) / 20) + np.exp(-(v + 40) / 20))
    return [
        -current,
        0.4 * lin(v + 38, 5) * (1 - m) - 0.4 * lin(-(v + 11), 5) * m,
        0.16 * np.exp(-(v + 55) / 15) * (1 - h) - 4 / (1 + np.exp(-(v + 12) / 10)) * h,
        1 / (1 + np.exp(-(v + 47) / 4.5)) - p,
        0.02 * lin(v + 25, 5) * (1 - n) - 0.25 * np.exp(-(v + 35) / 40) * n,
        (1 / (1 + np.exp(-(v + 40) / 8)) - w) / tau,
    ]


@settings(max_examples=50, deadline=None)
@given(
    st.floats(-100.0, 60.0),
    st.lists(st.floats(0.0, 1.0), min_size=5, max_size=5),
    st.sampled_from([0, 400, 1023]),
)
def test_equations_are_those_of_its_definition(v, gates, k):
    y = np.array([v, *gates])
    found = equations_of(k).derivative(y, [0.0])
    wanted = definition(y, 2 * k / 1023, 10 + 30 * k / 1023)
    # rounding of the terms, which reach 3e4 in v' and 60 in the gates
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-12, atol=1e-10)
    np.testing.assert_allclose(found[1:], wanted[1:], rtol=1e-12, atol=1e-12)


@functools.cache
def equations_of(k):
    values = {path: float(column[k]) for path, column in benchmark_parameters().items()}
    return Equations(benchmark_cell().replaced(values))


def test_state_order_and_start():
    assert dict(benchmark_cell().initial) == {
        "v": -65.0,
        "Na.m": 0.05,
        "Na.h": 0.6,
        "NaP.p": 0.02,
        "K.n": 0.3,
        "W.w": 0.1,
    }


@pytest.mark.parametrize("k", SPIKES)
def test_spike_times(k):
    sets = {path: column[[k]] for path, column in benchmark_parameters().items()}
    s = system(benchmark_cell(), tuple(sets))
    slopes = function(s.derivatives, [*s.names, *s.parameters, *s.injected])
    numbers = s.values(sets)[:, 0]

    def crossing(t, y):
        return y[0]

    crossing.direction = 1.0
    solved = solve_ivp(
        lambda t, y: slopes(*y, *numbers, 0.0),
        (0.0, 120.0),
        s.initial,
        method="LSODA",
        rtol=1e-11,
        atol=1e-11,
        max_step=2.0,
        events=crossing,
    )
    # LSODA at 1e-11 is 2e-7 off what it is at 1e-13
    np.testing.assert_allclose(solved.t_events[0], SPIKES[k], rtol=0, atol=5e-7)


def test_parameter_sets_span_the_same_range_for_any_count():
    few, all_sets = benchmark_parameters(2), benchmark_parameters()
    for path in few:
        assert all_sets[path].shape == (1024,)
        assert few[path].tolist() == all_sets[path][[0, -1]].tolist()


@pytest.mark.parametrize("count", [1, 0, 2.5])
def test_too_few_sets_are_refused(count):
    with pytest.raises(InputError, match="2 to 10000000"):
        benchmark_parameters(count)
