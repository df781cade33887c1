"""A unit by its calcium against SciPy on equations written independently, and laws."""

import math
import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from mnexcite.errors import InputError
from mnexcite.muscle import (
    CalciumState,
    Fatigue,
    calcium_hill_unit,
    contract,
    slow_unit,
    twitch,
)
from mnexcite.muscle import _calcium_kernel as plain
from mnexcite.muscle.calcium_state import _kernel

UNIT = calcium_hill_unit()
TRACE = ([0.0, 40.0, 90.0, 120.0], [-8.0, -14.0, -3.0, -8.0])
SPIKES = [5.0, 14.0, 30.0, 60.0, 61.5, 95.0, 120.0]


def length_at(t, trace):
    return float(np.interp(t, *trace)) if trace else -8.0


def slope(t, y, spikes, trace):
    sr, cs, ca, cb, ct, am, element = y
    x, share = length_at(t, trace), ct / 7e-5
    k5 = 4e5 * (0.03 * x + 1.23 if x <= -8 else 0.01 * x + 1.08)
    k6 = 150 / (1 + 5 * am)
    pump = 2000 * ((850 * ca) ** 2 / (1 + 850 * ca + (850 * ca) ** 2)) ** 2
    out = sum((1 - math.exp(-(t - s) / 3)) * math.exp(-(t - s) / 25) for s in spikes if s <= t)
    flow = 10 * sr * out - pump
    to_cs = 3000 * 0.03 * sr - (3000 * sr + 3) * cs
    to_b = 400 * 4.3e-4 * ca - (400 * ca + 1) * cb
    to_t = k5 * 7e-5 * ca - (k5 * ca + k6) * ct
    goal = 0.5 * (1 + math.tanh((share - 0.128) / 0.093))
    tau = 61.206 / math.cosh((share + 13.116) / (2 * 5.095))
    force = 23 * 0.4 * max(0.0, x - element)
    can = 23 * math.exp(-(((x + 8) / 21.4) ** 2)) * am**2
    if force <= can:
        v = -24.35 * (can - force) / (force + 2.35 * can / 23)
    else:
        below = 2 * can - force - 7.4 * can / 23
        v = 30.3 * (force - can) / below if below > 0 else 1e5
    v = min(v, 1e5) / 1e3
    return [-to_cs - flow, to_cs, flow - to_b - to_t, to_b, to_t, (goal - am) / tau, v]


def solved(trace, until):
    """Return states every ms, by SciPy from break to break, shape (7, n)."""
    am = 0.5 * (1 - math.tanh(0.128 / 0.093))
    # stored + 0.03 stored / (stored + k2/k1) = 0.0025
    sr = np.roots([1.0, 0.03 + 1e-3 - 0.0025, -0.0025e-3]).max()
    y = np.array([sr, 0.0025 - sr, 0, 0, 0, am, -8.0 - am**2 / 0.4])
    edges = sorted({0.0, until, *SPIKES, *(trace[0] if trace else ())})
    out = [y]
    for a, b in pairwise(edges):
        at = np.arange(math.floor(a) + 1.0, b + 0.5)
        at = at[at <= b]
        run = solve_ivp(
            slope,
            (a, b),
            y,
            "LSODA",
            np.union1d(at, b),
            args=([s for s in SPIKES if s <= a], trace),
            rtol=1e-9,
            atol=[1e-13] * 5 + [1e-10] * 2,
        )
        out += list(run.y[:, np.isin(run.t, at)].T)
        y = run.y[:, -1]
    return np.array(out).T


@pytest.mark.parametrize("trace", [None, TRACE], ids=["isometric", "moving"])
def test_force_calcium_and_activation_are_those_of_scipy(trace):
    states = solved(trace, 160.0)
    x = np.array([length_at(t, trace) for t in range(161)])
    ours = contract(SPIKES, UNIT, duration=160.0, length=trace)
    expected = 9.2 * np.maximum(0.0, x - states[6])
    np.testing.assert_allclose(ours.force, expected, rtol=0, atol=1e-4)  # as is said
    np.testing.assert_allclose(ours.states["calcium"], states[2], rtol=0, atol=1e-9)
    np.testing.assert_allclose(ours.states["activation"], states[5] ** 2, rtol=0, atol=5e-6)
    # tighter is nearer, to what SciPy's own tolerance leaves
    fine = CalciumState.at_rest([UNIT], length=trace, tolerance=1e-9).advance([SPIKES], 160.0)
    np.testing.assert_allclose(fine[1][0], expected, rtol=0, atol=1e-5)


def test_release_of_any_number_of_spikes_is_the_sum_over_them():
    spikes = np.cumsum(np.random.default_rng(1).exponential(20.0, 1500))
    until = math.ceil(spikes[-1])
    state, _, _ = CalciumState.at_rest([UNIT], every=until / 2).advance([spikes], until)
    since = until - spikes
    direct = ((1 - np.exp(-since / 3)) * np.exp(-since / 25)).sum()
    ours = state.lanes[0, plain.SLOW] - state.lanes[0, plain.FAST]
    assert ours == pytest.approx(direct, rel=1e-11)
    # a sum over states that rounding of some ten thousand steps moves a little
    assert state.calcium[0] == pytest.approx(0.0025, rel=1e-12)


@pytest.mark.parametrize("x", [-16.0, -8.0, 0.0])
def test_a_held_tetanus_is_what_the_element_can_do(x):
    force = contract(np.arange(0.0, 2500.0, 10.0), UNIT, duration=2500.0, length=x)
    can = 23.0 * math.exp(-(((x + 8) / 21.4) ** 2)) * force.states["activation"][-1]
    assert force.force[-1] == pytest.approx(can, rel=1e-4)
    assert force.force[0] == pytest.approx(UNIT.resting_force(x), rel=1e-9)
    assert force.baseline == UNIT.resting_force(x)


def test_a_shorter_muscle_needs_more_spikes():
    train = np.arange(0.0, 2000.0, 100.0)
    short, best = (
        contract(train, UNIT, duration=2000.0, length=x).states["activation"][-500:].mean()
        for x in (-16.0, -8.0)
    )
    assert short < 0.8 * best  # less calcium on troponin, and so less than the length alone


trains = st.lists(
    st.integers(0, 400).map(lambda n: n / 2) | st.floats(0.0, 200.0), max_size=12, unique=True
).map(sorted)


@settings(deadline=None, max_examples=40)
@given(
    st.tuples(trains, trains),
    st.lists(st.floats(0.0, 200.0), max_size=4).map(sorted),
    st.sampled_from([1.0, 0.3, 7.0]),
    st.sampled_from([None, TRACE, -16.0]),
)
def test_any_windows_and_any_company_give_the_same_bits(lists, edges, every, trace):
    start = CalciumState.at_rest([UNIT, UNIT], length=trace, every=every)
    end, force, states = start.advance(list(lists), 200.0)
    state, pieces, edges = start, [], [*edges, 200.0]
    for first, last in zip([-1.0, *edges[:-1]], edges, strict=True):
        inside = [[s for s in spikes if first < s <= last] for spikes in lists]
        state, piece, _ = state.advance(inside, last)
        pieces.append(piece)
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), force)
    np.testing.assert_array_equal(state.lanes, end.lanes)
    alone = CalciumState.at_rest([UNIT], length=trace, every=every)
    np.testing.assert_array_equal(alone.advance([lists[1]], 200.0)[1][0], force[1])
    assert (force >= 0.0).all() and (states["calcium"] >= 0.0).all()
    np.testing.assert_allclose(end.calcium, 0.0025, rtol=1e-12)


def test_a_state_that_was_saved_goes_on_with_the_same_bits():
    state = CalciumState.at_rest([UNIT], length=TRACE).advance([SPIKES[:3]], 45.0)[0]
    kept = pickle.loads(pickle.dumps(state))
    np.testing.assert_array_equal(
        kept.advance([SPIKES[3:]], 150.0)[1], state.advance([SPIKES[3:]], 150.0)[1]
    )


def test_a_quick_stretch_and_a_slack_muscle_give_finite_forces():
    trace = ([0.0, 300.0, 301.0, 600.0, 604.0], [-8.0, -8.0, 2.0, 2.0, -38.0])
    force = contract(np.arange(0.0, 900.0, 20.0), UNIT, duration=900.0, length=trace)
    assert np.isfinite(force.force).all() and force.force.min() == 0.0
    assert force.force.max() < 2.0 * 23.0  # a lengthening element yields at 1.68 of its force


def test_compiled_equals_plain():
    def run(kernel):
        state = CalciumState.at_rest([UNIT], length=TRACE)
        lanes, out = state.lanes.copy(), np.empty((3, 1, 41))
        numbers = np.array([[p.value for p in UNIT.parameters.values()]])
        times = np.array([3.0, 20.5])
        kernel.advance_calcium(
            times,
            np.array([0, 2]),
            times.astype(np.int64),
            numbers,
            1e-6,
            state.times,
            state.lengths,
            1.0,
            0,
            41,
            np.zeros((7, 7)),
            lanes,
            *out,
        )
        return out

    # exp of two libraries may differ in the last bit, and a step's length with it
    np.testing.assert_allclose(run(_kernel()), run(plain), rtol=1e-7, atol=1e-12)


def test_numbers_are_the_published_ones_until_replaced():
    assert {p.status for p in UNIT.parameters.values()} == {"published"}
    assert (UNIT["k1"], UNIT["greatest_force"], UNIT["c0"]) == (3000.0, 23.0, -7.4)
    half = UNIT.with_greatest_force(11.5)
    assert half.parameters["greatest_force"].status == "unverified"
    assert twitch(half).peak < 0.8 * twitch(UNIT).peak


def test_a_cold_twitch_is_as_slow_as_measured():
    # Ranatunga 1987: Q10 of the time to peak 1.43, of half-relaxation 1.7
    warm, cold = (twitch(UNIT.warmed(celsius)) for celsius in (35.0, 25.0))
    assert cold.time_to_peak / warm.time_to_peak == pytest.approx(1.43, abs=0.02)
    assert cold.half_relaxation / warm.half_relaxation == pytest.approx(1.7, abs=0.02)
    # what was not fitted: at 12 degC the twitch has half the force it has at 35
    assert twitch(UNIT.warmed(12.0)).peak / warm.peak == pytest.approx(0.5, abs=0.05)
    # maximal force is the same down to 25 degC
    top = [
        contract(np.arange(0.0, 1000.0, 10.0), each, duration=1000.0).peak
        for each in (UNIT.warmed(25.0), UNIT.warmed(35.0))
    ]
    assert top[0] == pytest.approx(top[1], rel=0.02)
    assert UNIT.warmed(25.0).parameters["uptake"].status == "tuned"


def test_all_forces_scale_with_the_greatest():
    whole = contract(SPIKES, UNIT, duration=160.0, length=TRACE).force
    part = UNIT.with_greatest_force(0.23)
    ours = contract(SPIKES, part, duration=160.0, length=TRACE).force
    np.testing.assert_allclose(100.0 * ours, whole, rtol=1e-6, atol=1e-6)


def test_numbers_that_cannot_be_solved_are_refused():
    # troponin that binds less than nothing at a long length
    far = UNIT.replaced({"phi_slope_long": -1.0})
    with pytest.raises(InputError, match="cannot be solved"):
        contract(np.arange(0.0, 200.0, 5.0), far, duration=200.0, length=20.0)


def test_a_unit_that_is_slack_in_all_has_no_force():
    none = UNIT.replaced({"activation_slope": 0.003})  # no bridge attached at rest, to rounding
    force = contract([10.0], none, duration=300.0, length=([0.0, 250.0], [-8.0, -16.0]))
    assert force.baseline == force.force[0] == force.force[-1] == 0.0
    assert np.isfinite(force.force).all()


def test_forces_of_calcium_go_into_datasets():
    both = contract([[5.0], [5.0, 15.0]], UNIT, duration=100.0)
    data = both.to_xarray()
    assert data["calcium"].attrs["units"] == "mol l-1"
    assert data["calcium"].dims == ("lane", "time")
    assert data["k1"].attrs["status"] == "published"
    assert both.force_unit == "N" and both.status == ("too_few_spikes", "ok")


BAD = {
    "every is None": lambda: contract([1.0], UNIT, every=None),
    "fatigue is given": lambda: contract([1.0], UNIT, fatigue=Fatigue(np.asarray(0.1))),
    "length is given": lambda: contract([1.0], slow_unit(), length=-8.0),
    "length is 100": lambda: contract([1.0], UNIT, length=100.0),
    "3 times and 2": lambda: contract([1.0], UNIT, length=([0.0, 1.0, 2.0], [1.0, 2.0])),
    "length has 3 parts": lambda: contract([1.0], UNIT, length=([0.0], [1.0], [2.0])),  # pyright: ignore
    "changes by 20 mm/ms": lambda: contract([1.0], UNIT, length=([0.0, 1.0], [-8.0, 12.0])),
    "tolerance": lambda: CalciumState.at_rest([UNIT], tolerance=0.1),
    "a MotorUnit": lambda: contract([[1.0], [2.0]], [UNIT, slow_unit()]),  # pyright: ignore
    "k11": lambda: UNIT.replaced({"k11": 1.0}),
    "together above 0": lambda: UNIT.replaced({"greatest_force": 2.3}),
    "temperature is 5": lambda: UNIT.warmed(5.0),
    "k1 is -1": lambda: UNIT.replaced({"k1": -1.0}),
}


@pytest.mark.parametrize("said", BAD)
def test_bad_input_is_refused_in_one_line(said):
    with pytest.raises(InputError) as error:
        BAD[said]()
    text = str(error.value)
    assert "\n" not in text and said in text
