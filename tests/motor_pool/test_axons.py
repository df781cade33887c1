"""Spikes on axons against spikes that are moved along them in small steps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.motor_pool.axons import Axons, Side, Volley, exchange, meet

DELAY = 15.0
times = st.lists(st.integers(0, 2000), max_size=8, unique=True).map(
    lambda each: np.array(sorted(each), float) / 10.0
)


def walked(down, up, delay, dt=0.01):
    """Return the arrivals down and up of spikes that walk and vanish where two meet."""
    start, arrived = min([*down, *up, 0.0]), ([], [])
    count = int((300.0 - start) / dt)
    soma, terminal = (
        np.bincount(((np.asarray(each) - start) / dt).astype(int), minlength=count).tolist()
        for each in (down, up)
    )
    moving_down, moving_up = [], []  # places, 0 at the soma and 1 at the terminal
    for k in range(count):
        t = start + k * dt
        moving_down += [0.0] * soma[k]
        moving_up += [1.0] * terminal[k]
        moving_down = [x + dt / delay for x in moving_down]
        moving_up = [x - dt / delay for x in moving_up]
        while moving_down and moving_up and max(moving_down) > min(moving_up):
            moving_down.remove(max(moving_down))
            moving_up.remove(min(moving_up))
        arrived[0].extend(t for x in moving_down if x >= 1.0)
        arrived[1].extend(t for x in moving_up if x <= 0.0)
        moving_down = [x for x in moving_down if x < 1.0]
        moving_up = [x for x in moving_up if x > 0.0]
    return arrived


def volley(train, unit=0):
    return Volley(np.full(train.size, unit), train)


@pytest.mark.parametrize("seed", range(5))
def test_two_that_meet_vanish(seed):
    rng = np.random.default_rng(seed)
    down, up = (np.sort(rng.uniform(0.0, 200.0, 7)) for _ in range(2))
    lost = meet(volley(down), volley(up), np.array([DELAY]))
    for train, gone, found in zip((down, up), lost, walked(down, up, DELAY), strict=True):
        np.testing.assert_allclose(train[~gone] + DELAY, found, atol=0.05)


@given(times, times)
def test_as_many_vanish_on_either_side(down, up):
    gone_down, gone_up = meet(volley(down), volley(up + 0.05), np.array([DELAY]))
    assert gone_down.sum() == gone_up.sum()
    # none that is left meets another
    left = np.abs(down[~gone_down][:, None] - up[~gone_up][None, :] - 0.05)
    assert (left >= DELAY).all()


def test_units_do_not_meet_each_other():
    down, up = volley(np.array([10.0])), volley(np.array([12.0]), unit=1)
    lost = meet(down, up, np.array([DELAY, DELAY]))
    assert not (lost[0].any() or lost[1].any())


def follow(down, up, step, delay=DELAY, echo=4.0):
    """Return what arrives where both ends fire at given times, and echo what arrives.

    An end fires at its own times and 1 ms after each arrival, as cells do.
    """
    axons = Axons(np.array([delay]), echo, Volley.none(), Volley.none())
    heard = ([], [])

    def end(own, start, stop, arriving):
        arrivals = arriving.arrivals(axons.delay)
        fired = np.concatenate([own, arrivals + 1.0])
        fired = np.sort(fired[(fired >= start) & (fired < stop)])
        return volley(fired)

    for start in np.arange(0.0, 260.0, step):
        stop = start + step
        sides = [
            Side(
                end(own, start, stop, arriving),
                lambda units, now, own=own, start=start, stop=stop: end(own, start, stop, now),
            )
            for own, arriving in ((down, axons.up), (up, axons.down))
        ]
        axons = exchange(axons, start, stop, *sides)
        for kept, side in zip(heard, sides, strict=True):
            kept.append(side.spikes.origin)
    return [np.concatenate(each) for each in heard]


@settings(max_examples=20)
@given(times, times, st.sampled_from([1.0, 3.0, 5.0]))
def test_how_time_is_cut_decides_nothing(down, up, step):
    up = up + 0.05
    for one, other in zip(follow(down, up, step), follow(down, up, 15.0), strict=True):
        np.testing.assert_allclose(one, other)


def test_an_echo_does_not_go_back():
    fired, twitched = follow(np.array([20.0]), np.array([]), 5.0)
    # the terminal fires 1 ms after the arrival, and nothing returns
    assert fired.tolist() == [20.0]
    assert twitched.tolist() == [36.0]
