"""A pool as data: sizes, spreads, changes, and what is refused."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mnexcite as mx
from mnexcite.motor_pool import cramping_pool


def test_units_are_ordered_by_size():
    pool = cramping_pool(40)
    force = np.array([unit.fused_force for unit in pool.units.muscle])
    time = np.array([unit.contraction_time for unit in pool.units.muscle])
    assert force.sum() == pytest.approx(1.0)
    assert (np.diff(force) > 0).all()
    assert (np.diff(time) < 0).all()
    assert force[-1] / force[0] == pytest.approx(10.0)
    assert (time[0], time[-1]) == (pytest.approx(75.0), pytest.approx(37.5))
    # the size principle: large units leak more
    assert np.corrcoef(np.arange(40), pool.units.soma["leak.g"])[0, 1] > 0.9


def test_seeds_and_subjects_are_told_apart_and_kept():
    same = [cramping_pool(6, seed=4, subject=2) for _ in range(2)]
    np.testing.assert_array_equal(same[0].units.delay, same[1].units.delay)
    assert same[0].numbers == same[1].numbers
    assert cramping_pool(6, subject=1)["afferent.half"] != same[0]["afferent.half"]
    assert not np.array_equal(cramping_pool(6, seed=5).units.delay, same[0].units.delay)


def test_every_number_says_what_it_rests_on():
    pool = cramping_pool(2)
    for name, number in pool.numbers.items():
        assert number.source, name
        assert number.status in ("published", "tuned", "unverified", "derived")
    assert pool.numbers["potassium.rest"].status == "published"
    assert pool.soma.parameters["facilitation.tau"].status == "tuned"
    assert pool.terminal.parameters["leak.E"].status == "tuned"


def test_changes_make_new_pools():
    pool = cramping_pool(3)
    other = pool.replaced({"golgi.gain": 0.0, "terminal.NaP.g": 0.1}).scaled({"soma.K.g": 0.5})
    assert (other["golgi.gain"], pool["golgi.gain"]) == (0.0, 1.0)
    assert other.numbers["golgi.gain"].source.startswith("given by the user")
    assert other.terminal.parameters["NaP.g"].value == 0.1
    assert other.soma.parameters["Kdr.g"].value == 50.0
    assert pickle.loads(pickle.dumps(other)).numbers == other.numbers


def test_conditions_act_on_what_has_the_part():
    pool = cramping_pool(3)
    sick = pool.under(mx.conditions.als_early(0.5), mx.conditions.mexiletine(5.0))
    assert sick.soma.parameters["NaP.g"].value == pytest.approx(1.5 * 0.0855)
    # the terminal has no current that monoamines change
    driven = pool.under(mx.conditions.monoamines(0.5))
    assert driven.terminal == pool.terminal
    assert driven.soma != pool.soma
    high = pool.under(mx.conditions.electrolytes(K_o=6.0))
    assert high["potassium.rest"] == pytest.approx(6.0)
    with pytest.raises(mx.InputError):
        pool.under(mx.conditions.four_ap(10.0), mx.conditions.Condition("x", (), "s", "tuned"))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: cramping_pool(1), "n is 1; allowed: a whole number of motor units"),
        (lambda: cramping_pool(3, seed=-1), "seed is -1"),
        (lambda: cramping_pool(3, subject=-2), "subject is -2"),
        (lambda: cramping_pool(3).replaced({"golgi.gan": 1.0}), "did you mean 'golgi.gain'"),
        (lambda: cramping_pool(3).replaced({"golgi.gain": -1.0}), "allowed: 0 or more"),
        (lambda: cramping_pool(3).replaced({"pump.tau": 0.0}), "allowed: above 0"),
        (lambda: cramping_pool(3).replaced({"soma.NaPP.g": 1.0}), "did you mean"),
        (lambda: cramping_pool(3).chosen([3]), "a number is none of 0 to 2"),
    ],
)
def test_pools_that_are_refused(made, said):
    with pytest.raises(mx.InputError, match=said):
        made()


@settings(max_examples=15)
@given(st.integers(2, 60), st.integers(0, 2**40))
def test_delays_and_shares_are_sound(n, seed):
    pool = cramping_pool(n, seed=seed)
    assert pool.shares.sum() == pytest.approx(1.0)
    assert (pool.units.delay > 10.0).all()
    assert (pool.units.afferent > 0).all()
