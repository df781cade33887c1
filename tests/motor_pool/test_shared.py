"""What all units share, against SciPy on the equations written apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from mnexcite.motor_pool import cramping_pool
from mnexcite.motor_pool.shared import Laws, Shared

POOL = cramping_pool(2)
LAWS = POOL.laws
N = {name: number.value for name, number in POOL.numbers.items()}
TAU = POOL.soma.parameters["facilitation.tau"].value


def slopes(rate, length, sens=1 / 30_000.0):
    """Return the right-hand side, in ms, for units that all fire at `rate` [Hz]."""

    def f(_, y):
        k, p, a, m, q = y
        over = k - N["potassium.rest"]
        room = N["potassium.ceiling"] - N["potassium.rest"]
        half = N["afferent.half"] + N["afferent.length"] * (length + 1)
        half -= N["afferent.sensitised"] * m
        gate = 1 / (1 + np.exp(-(k - half) / N["afferent.slope"]))
        n = rate / 1000
        return [
            N["potassium.release"] * n * (1 - over / room)
            - over * (1 + N["pump.gain"] * p) / N["potassium.tau"],
            (rate / N["pump.rate"] - p) / N["pump.tau"],
            gate * (N["afferent.most"] - a) / N["afferent.rise"] - a / TAU,
            sens * a * (1 - m) - m / N["sensitisation.tau"],
            (rate - q) / N["noise.activity"],
        ]

    return f


@pytest.mark.parametrize(
    ("rate", "length"), [(0.0, -1.0), (8.0, -1.0), (20.0, -1.0), (40.0, 0.3)]
)
def test_shared_states_follow_their_equations(rate, length):
    pool = POOL.replaced({"sensitisation.rise": 1 / 30_000.0})
    start = Shared(5.0, 0.2, 0.4, 0.1, 3.0)
    spikes, at = np.full(20_000, rate / 1000.0), np.full(20_000, length)
    end, after = pool.laws.after(start, spikes, at, False)
    truth = solve_ivp(
        slopes(rate, length),
        (0, 20_000),
        [5.0, 0.2, 0.4, 0.1, 3.0],
        rtol=1e-10,
        atol=1e-12,
        dense_output=True,
    )
    ms = np.arange(1, 20_001)
    np.testing.assert_allclose(after.T, truth.sol(ms), rtol=2e-3, atol=2e-3)
    assert end == Shared(*after[-1])


def test_nothing_fills_facilitation_under_block():
    spikes, short = np.full(5000, 0.03), np.full(5000, -1.0)
    after = LAWS.after(Shared(4.0), spikes, short, True)[1]
    assert after[:, 0].max() > N["afferent.half"]
    assert after[:, 2].max() == 0.0


@settings(max_examples=20)
@given(st.floats(4.0, 11.0), st.floats(0.0, 2.0), st.floats(0.0, 1.6), st.floats(1.0, 1e6))
def test_a_silent_muscle_is_solved_exactly(potassium, pump, afferent, pause):
    start = Shared(potassium, pump, afferent, 0.3, 5.0)
    silent = Laws(**{**LAWS.__dict__, "most": 0.0})
    f = solve_ivp(
        lambda t, y: slopes(0.0, 9.0, sens=0.0)(t, y),
        (0, pause),
        [potassium, pump, afferent, 0.3, 5.0],
        method="LSODA",
        rtol=1e-10,
        atol=1e-13,
    )
    found = silent.rested(start, pause)
    got = [
        getattr(found, s)
        for s in ("potassium", "pump", "afferent", "sensitisation", "activity")
    ]
    np.testing.assert_allclose(got, f.y[:, -1], rtol=1e-6, atol=1e-8)


def test_potassium_is_released_and_cleared_and_nothing_else():
    rng = np.random.default_rng(0)
    spikes = rng.poisson(0.02, 3000).astype(float)
    after = LAWS.after(Shared(4.0), spikes, np.full(3000, -1.0), False)[1]
    k, p = (np.append(begin, after[:-1, i]) for i, begin in enumerate((4.0, 0.0)))
    room = N["potassium.ceiling"] - N["potassium.rest"]
    released = N["potassium.release"] * spikes * (1 - (k - 4.0) / room)
    cleared = (k - 4.0) * (1 + N["pump.gain"] * p) / N["potassium.tau"]
    assert after[-1, 0] - 4.0 == pytest.approx((released - cleared).sum(), rel=1e-9)


@given(st.floats(0.0, 5.0))
def test_potassium_stays_between_rest_and_ceiling(rate):
    k = LAWS.after(Shared(4.0), np.full(2000, rate), np.zeros(2000), False)[1][:, 0]
    assert (k >= 4.0).all()
    assert (k <= N["potassium.ceiling"] + 1e-9).all()
