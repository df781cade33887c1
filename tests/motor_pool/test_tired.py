"""The muscle of a pool when it tires."""

import numpy as np
import pytest

from mnexcite import motor_pool as mp
from mnexcite.errors import InputError
from mnexcite.muscle import Fatigue, contract

POOL = mp.cramping_pool(4)
WORK = mp.train(30.0, count=40) + mp.block()


@pytest.fixture(scope="module")
def activity():
    return mp.contract(POOL, WORK, duration=1500.0)


def test_a_muscle_that_does_not_tire_is_that_of_the_run(activity):
    same = mp.tired(activity, Fatigue(np.asarray(0.0)))
    np.testing.assert_array_equal(same.unit_force, activity.unit_force)
    assert (same.capacity == 1.0).all()


def test_it_is_what_the_terminals_spikes_give(activity):
    tired = mp.tired(activity)
    muscle = POOL.units.muscle
    alone = contract(activity.terminals, muscle, duration=1500.0, fatigue=mp.pool_fatigue(POOL))
    np.testing.assert_array_equal(tired.unit_force, alone.force[:, 1:])
    assert (np.diff(tired.state.fatigued) > 0.0).all()  # large units tire more
    fused = np.array([unit.fused_force for unit in muscle])
    assert tired.state.greatest_force == pytest.approx(fused @ tired.capacity[:, -1])


def test_a_second_run_goes_on_from_the_first_and_a_rest_helps(activity):
    first = mp.tired(activity)
    second = mp.tired(activity, initial=first.state)
    rested = mp.tired(activity, initial=first.state.advance([[]] * 4, 301_500.0)[0])
    np.testing.assert_allclose(second.capacity[:, 0], first.capacity[:, -1], atol=1e-4)
    ends = [run.state.greatest_force for run in (first, rested, second)]
    assert ends[0] > ends[1] > ends[2]
    lost, left = first.state.fatigued, 1 - rested.capacity[:, 0]
    # the last twitch takes a little more as it fades
    np.testing.assert_allclose(left, lost * np.exp(-300.0 / 408.0), rtol=0.1)


def test_how_a_unit_tires_does_not_depend_on_which_others_live():
    whole = mp.pool_fatigue(POOL).fatigability
    np.testing.assert_allclose(whole, 0.000125 * 180.0 ** (np.arange(4) / 3), rtol=1e-12)
    order = np.array([3, 1])
    np.testing.assert_array_equal(
        mp.pool_fatigue(POOL.chosen(order)).fatigability, whole[order]
    )
    grown = mp.pool_fatigue(mp.degenerated(POOL, 0.5)).fatigability
    np.testing.assert_array_equal(grown, whole[:2])


def test_tendon_organs_feel_the_tired_muscle_where_it_is_asked_for():
    effort = mp.effort(0.3)

    def run(pool, fatigue=None, initial=None):
        return mp.contract(pool, effort, duration=900.0, fatigue=fatigue, initial=initial)

    soon = Fatigue(np.asarray(5.0))
    fresh, weak = run(POOL), run(POOL, soon)
    assert weak.force[-1] < 0.5 * fresh.force[-1]
    assert weak.somas.counts.sum() > 1.1 * fresh.somas.counts.sum()
    np.testing.assert_array_equal(mp.tired(weak, soon).unit_force, weak.unit_force)
    # nothing but tendon organs hears of it
    deaf = POOL.replaced({"golgi.gain": 0.0})
    assert run(deaf, soon).somas.times.tolist() == run(deaf).somas.times.tolist()
    second = run(POOL, soon, weak.standing)
    assert fresh.standing.fatigued == 0.0
    assert (np.asarray(weak.standing.fatigued) > 0.3).all()
    assert second.force[:200].max() < 0.6 * weak.force[:200].max()


def test_bad_input_is_refused(activity):
    with pytest.raises(InputError, match="as many"):
        mp.contract(POOL, duration=20.0, fatigue=Fatigue(np.array([0.1, 0.2])))
    other = mp.tired(activity).state
    again = mp.contract(mp.cramping_pool(2), WORK, duration=20.0)
    with pytest.raises(InputError, match="other motor units"):
        mp.tired(again, initial=other)
    with pytest.raises(InputError, match="as many"):
        mp.tired(activity, Fatigue(np.array([0.1, 0.2])))
