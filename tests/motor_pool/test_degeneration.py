"""Units die in an order, survivors grow to a limit, and nothing is made of nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mnexcite as mx
from mnexcite import motor_pool as mp

POOL = mp.cramping_pool(20)


@given(
    st.floats(0.0, 1.0),
    st.sampled_from(["largest", "smallest", "random"]),
    st.floats(1.0, 10.0),
    st.integers(0, 2**40),
)
def test_fibres_are_taken_over_to_a_limit(lost, order, most, seed):
    left = mp.degenerated(POOL, lost, order=order, most=most, seed=seed)
    assert len(left) == max(20 - round(lost * 20), 1)
    grown = left.shares / POOL.shares[left.units.number]
    assert (grown <= most * (1 + 1e-9)).all()
    assert left.shares.sum() <= 1.0 + 1e-9
    # fibres are lost only where nobody can take more
    assert left.shares.sum() == pytest.approx(1.0) or grown == pytest.approx(most)
    assert (np.diff(left.units.number) > 0).all()


def test_the_largest_or_the_smallest_die_first():
    assert mp.degenerated(POOL, 0.5).units.number.tolist() == list(range(10))
    small = mp.degenerated(POOL, 0.5, order="smallest")
    assert small.units.number.tolist() == list(range(10, 20))
    same = mp.degenerated(POOL, 0.0)
    np.testing.assert_allclose(same.shares, POOL.shares)


def test_a_weak_muscle_is_weaker_and_its_twitches_are_larger():
    shock = mp.train(80.0, count=24, start=10.0)
    pools = [POOL, mp.degenerated(POOL, 0.8, most=3.0)]
    runs = [mp.contract(pool, shock, duration=320.0) for pool in pools]
    strength = [float(run.force.max()) for run in runs]
    assert strength[1] == pytest.approx(pools[1].shares.sum() * strength[0], rel=0.1)
    assert pools[1].shares.sum() < 0.5
    twitch = [run.unit_force[0].max() for run in runs]
    assert twitch[1] == pytest.approx(3.0 * twitch[0], rel=1e-3)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lost": 1.5}, "lost is 1.5; allowed: 0 to 1"),
        ({"lost": 0.5, "order": "largst"}, "did you mean 'largest'"),
        ({"lost": 0.5, "most": 0.5}, "most is 0.5; allowed: 1 or more"),
    ],
)
def test_what_is_refused(wrong, said):
    with pytest.raises(mx.InputError, match=said):
        mp.degenerated(POOL, **wrong)
