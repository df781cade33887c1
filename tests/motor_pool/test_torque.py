"""A torque made from the force itself, in closed form, is found again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import linregress

import mnexcite as mx
from mnexcite import motor_pool as mp

RUN = mp.recorded(
    mx.spikes.SpikeTrains.from_list(
        [np.arange(60.0, 2000.0, 90.0), np.arange(400.0, 1500.0, 70.0)]
    )
)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 200), st.floats(0.5, 90.0), st.floats(-20.0, 20.0))
def test_delay_gain_and_offset_are_found(delay, gain, offset):
    found = mp.torque_match(RUN, RUN.t + delay, offset + gain * RUN.force)
    assert (found.delay, found.status) == (delay, "ok")
    np.testing.assert_allclose([found.gain, found.offset], [gain, offset], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.model, found.torque, rtol=1e-9, atol=1e-9)
    assert found.r2 == pytest.approx(1.0)


def test_the_share_of_variance_is_that_of_a_straight_line():
    noisy = RUN.force + np.random.default_rng(0).normal(0.0, 0.05, RUN.t.size)
    found = mp.torque_match(RUN, RUN.t, noisy, longest_delay=0.0)
    line = linregress(np.interp(found.t, RUN.t, RUN.force), found.torque)
    np.testing.assert_allclose([found.gain, found.r2], [line.slope, line.rvalue**2], rtol=1e-9)
    assert found.status == "ok"


def test_what_says_nothing_has_a_status():
    flat = mp.torque_match(RUN, RUN.t, np.ones(RUN.t.size))
    assert flat.status == "no_torque" and np.isnan([flat.gain, flat.delay, flat.r2]).all()
    still = mp.recorded(mx.spikes.SpikeTrains.from_list([[]]), duration=900.0)
    assert mp.torque_match(still, RUN.t, RUN.force).status == "no_force"
    late = mp.torque_match(RUN, RUN.t + 45.0, RUN.force, longest_delay=40.0)
    assert late.status == "at_longest_delay"


@pytest.mark.parametrize(
    ("t", "torque", "said"),
    [
        ([0.0, 1.0], [1.0], "shapes"),
        ([1.0, 0.0], [1.0, 1.0], "does not increase"),
        ([0.0, 5.0], [1.0, 1.0], "share 0 ms"),
    ],
)
def test_torques_that_are_refused(t, torque, said):
    with pytest.raises(mx.InputError, match=said):
        mp.torque_match(RUN, t, torque)
