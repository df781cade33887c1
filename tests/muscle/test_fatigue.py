"""Fatigue against closed forms, and against SciPy on equations written independently."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from mnexcite.errors import InputError
from mnexcite.muscle import (
    Fatigue,
    MotorUnit,
    TiredState,
    contract,
    fast_unit,
    fatigue_by_size,
    fuglevand_pool,
    slow_unit,
)
from mnexcite.muscle.fatigue import NUMBERS

UNITS = [slow_unit(), fast_unit()]
quarters = st.integers(0, 2000).map(lambda n: n / 4)
trains = st.lists(quarters | st.floats(0.0, 500.0), max_size=25, unique=True).map(sorted)
RUINOUS = Fatigue(np.asarray(2.0), recovery=3.0)  # of which half a second shows everything


def solved(spikes, T0, law, until):
    """Return force [of fused] and fatigued share: SciPy on a filter of two states."""
    knee = (1 - math.exp(-2 * 0.4**3)) / 0.4
    y, T, before, t0 = np.zeros(3), T0, None, 0.0
    t_out, out = [], []
    for t1 in [*spikes, until]:

        def slope(t, y, T=T):
            level, rise, f = y
            return [
                rise / T,
                (-2 * rise - level) / T,
                float(law.fatigability) / 1e3 * knee * level - f / (law.recovery * 1e3),
            ]

        grid = np.arange(math.ceil(t0), math.floor(t1) + 1.0)
        grid = grid[(grid >= t0) & (grid <= t1)]
        if t1 > t0:
            run = solve_ivp(
                slope, (t0, t1), y, t_eval=np.union1d(grid, t1), rtol=1e-11, atol=1e-13
            )
            keep = np.isin(run.t, grid)
            t_out += run.t[keep].tolist()
            out += run.y[:, keep].T.tolist()
            y = run.y[:, -1]
        if before is not None and T / (t1 - before) > 0.4:
            x = T / (t1 - before)
            gain = (1 - math.exp(-2 * min(x, 10) ** 3)) / x / knee
        else:
            gain = 1.0
        y[1] += gain
        before, t0, T = t1, t1, T0 * (1 + law.slowing * y[2])
    table = dict(zip(t_out, out, strict=True))
    level, f = np.array([[row[0], row[2]] for row in table.values()]).T
    return np.array(list(table)), knee * level * (1 - f), f


@pytest.mark.parametrize("T0", [30.0, 90.0])
def test_a_train_tires_as_scipy_says(T0):
    rng = np.random.default_rng(7)
    spikes = np.sort(rng.uniform(0.0, 900.0, 30))
    law = Fatigue(np.asarray(0.9), recovery=3.0)
    t, force, f = solved(spikes, T0, law, 1000.0)
    ours = contract(spikes, MotorUnit("any", T0), duration=1000.0, fatigue=law)
    at = np.searchsorted(ours.t, t)
    assert f.max() > 0.15
    # SciPy keeps 1e-11 a step over some hundred steps
    np.testing.assert_allclose(ours.force[at], force, rtol=0, atol=1e-8)
    np.testing.assert_allclose(ours.states["capacity"][at], 1 - f, rtol=0, atol=1e-8)


@pytest.mark.parametrize("recovery", [20.0, math.inf])
def test_fused_force_tires_by_the_closed_form(recovery):
    law = Fatigue(np.asarray(0.02), recovery=recovery)
    unit = MotorUnit("any", 90.0)
    force = contract(np.arange(0.0, 10_000.0, 10.0), unit, duration=10_000.0, fatigue=law)
    left = force.states["capacity"][-1]
    # n is 1 on average from the third contraction time on
    alone = law.after(0.0, 1.0, 10.0) if recovery < 100 else 0.02 * 10.0
    assert 1 - left == pytest.approx(float(alone), abs=0.02 * 3 * 0.09)
    assert force.force[-1] == pytest.approx(left, rel=0.01)


@settings(deadline=None, max_examples=50)
@given(st.floats(0.0, 0.3), st.floats(0.0, 1.0), st.floats(0.0, 0.01), st.floats(2.0, 1e4))
def test_the_law_at_a_steady_force(begin, level, rate, recovery):
    law = Fatigue(np.asarray(rate), recovery=recovery)
    run = solve_ivp(
        lambda t, f: rate * level - f / recovery, (0.0, 60.0), [begin], rtol=1e-10, atol=1e-12
    )
    assert float(law.after(begin, level, 60.0)) == pytest.approx(run.y[0, -1], abs=1e-8)


def test_recovery_is_that_of_miller_and_knight():
    # 28.7 N before a cramp, 25.1 N 1 min and 26.7 N 5 min after it
    law = fatigue_by_size(0.5)
    after = [float(law.after(0.2, 0.0, seconds)) for seconds in (60.0, 300.0)]
    assert after[1] / after[0] == pytest.approx((28.7 - 26.7) / (28.7 - 25.1), abs=0.002)
    assert NUMBERS["recovery"].status == "tuned"


def test_numbers_are_the_published_ones():
    law = fatigue_by_size(np.linspace(0.0, 1.0, 120))
    i = np.arange(1, 121)
    np.testing.assert_allclose(
        law.fatigability, np.exp(math.log(180) * (i - 1) / 119) * 0.0225 / 180, rtol=1e-12
    )
    assert law.slowing == 0.379


def test_without_fatigability_it_is_the_rested_muscle():
    pool = fuglevand_pool(4)
    spikes = [np.arange(5.0 * k, 800.0, 31.0 + k) for k in range(4)]
    tired = contract(spikes, pool, duration=1000.0, fatigue=Fatigue(np.asarray(0.0)))
    np.testing.assert_array_equal(tired.force, contract(spikes, pool, duration=1000.0).force)
    assert (tired.states["capacity"] == 1.0).all()


def test_a_contraction_slows_as_published():
    spent = TiredState.at_rest(
        [slow_unit()], Fatigue(np.asarray(0.0), recovery=math.inf), fatigued=0.5
    )
    _, force, capacity = spent.advance([0.0], 400.0)
    assert force[0].argmax() == round(90.0 * (1 + 0.379 * 0.5))
    assert force[0].max() == pytest.approx(0.5 * slow_unit().twitch_force, rel=1e-3)
    assert (capacity == 0.5).all()


def fold(state, lists, edges):
    forces, capacities = [], []
    for start, stop in zip([-1.0, *edges[:-1]], edges, strict=True):
        window = [[s for s in spikes if start < s <= stop] for spikes in lists]
        state, force, capacity = state.advance(window, stop)
        forces.append(force)
        capacities.append(capacity)
    return state, np.concatenate(forces, axis=1), np.concatenate(capacities, axis=1)


@settings(deadline=None, max_examples=100)
@given(
    st.tuples(trains, trains),
    st.lists(quarters | st.floats(0.0, 500.0), max_size=6).map(sorted),
    st.sampled_from([1.0, 0.25, 0.3, 7.0]),
)
def test_any_windows_and_any_company_give_the_same_bits(lists, edges, every):
    start = TiredState.at_rest(UNITS, RUINOUS, every=every)
    whole, force, capacity = start.advance(list(lists), 500.0)
    end, *pieces = fold(start, lists, [*edges, 500.0])
    np.testing.assert_array_equal(pieces[0], force)
    np.testing.assert_array_equal(pieces[1], capacity)
    np.testing.assert_array_equal(end.fatigued, whole.fatigued)
    alone = TiredState.at_rest(UNITS[1:], RUINOUS, every=every).advance([lists[1]], 500.0)[1]
    np.testing.assert_array_equal(alone[0], force[1])
    assert (force >= 0.0).all() and (capacity >= 0.0).all() and (capacity <= 1.0).all()


def test_a_state_that_was_saved_goes_on_with_the_same_bits():
    state = TiredState.at_rest(UNITS, RUINOUS).advance([[1.0, 20.0], [30.0]], 45.0)[0]
    kept = pickle.loads(pickle.dumps(state))
    for ours, again in zip(
        state.advance([[60.0], []], 150.0)[1:],
        kept.advance([[60.0], []], 150.0)[1:],
        strict=True,
    ):
        np.testing.assert_array_equal(ours, again)


def test_work_without_end_leaves_no_force_and_rest_brings_it_back():
    state = TiredState.at_rest([fast_unit()], RUINOUS)
    state, force, capacity = state.advance([np.arange(0.0, 5000.0, 10.0)], 5000.0)
    assert force.min() >= 0.0 and capacity[0, -1] == 0.0 and state.greatest_force == 0.0
    state, _, capacity = state.advance([[]], 20_000.0)
    # 15 s of rest; what the last twitches take beyond all, 2/s for some 90 ms, comes first
    assert math.exp(-5.0) < 1 - capacity[0, -1] < math.exp(-5.0) * 1.2
    assert state.advance([[]], 60_000.0)[0].greatest_force > 0.9999


def test_states_go_into_datasets():
    data = contract([[0.0, 50.0]] * 2, UNITS, duration=300.0, fatigue=RUINOUS).to_xarray()
    assert data["capacity"].dims == ("lane", "time") and data["capacity"].attrs["units"] == "1"
    one = contract([0.0, 50.0], slow_unit(), duration=300.0, fatigue=RUINOUS)
    assert one.to_xarray()["capacity"].dims == ("time",)


BAD = {
    "fatigability": lambda: Fatigue(np.asarray(-1.0)),
    "recovery": lambda: fatigue_by_size(0.5, recovery=0.1),
    "size": lambda: fatigue_by_size([0.5, 1.5]),
    "as many": lambda: TiredState.at_rest(UNITS, fatigue_by_size([0.0, 0.5, 1.0])),
    "fatigued": lambda: TiredState.at_rest(UNITS, RUINOUS, fatigued=1.5),
    "shares": lambda: TiredState.at_rest(UNITS, RUINOUS, fatigued=[0.1, 0.2, 0.3]),
    "beside a contraction": lambda: TiredState.at_rest([MotorUnit("slow", 1e4)], RUINOUS),
    "level": lambda: RUINOUS.after(0.0, -1.0, 1.0),
    "every is None": lambda: contract([1.0], slow_unit(), every=None, fatigue=RUINOUS),
    "fatigue is 0.5": lambda: contract([1.0], slow_unit(), fatigue=0.5),  # pyright: ignore
}


@pytest.mark.parametrize("said", BAD)
def test_bad_input_is_refused_in_one_line(said):
    with pytest.raises(InputError) as error:
        BAD[said]()
    text = str(error.value)
    assert "\n" not in text and "allowed" in text and said in text
