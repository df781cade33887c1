"""Cramps told from spikes that were typed in, and a pool that cramps."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.integrate import quad

import mnexcite as mx
from mnexcite import motor_pool as mp
from mnexcite.motor_pool.emg import potential, rosenfalck
from mnexcite.spikes import SpikeTrains

POOL = mp.cramping_pool(4)


@cache
def empty():
    return mp.contract(POOL, duration=1.0)


def typed(trains, duration):
    return replace(empty(), terminals=SpikeTrains.from_list(trains), duration=duration)


def regular(start, stop, rate):
    return np.arange(start, stop, 1000.0 / rate)


def test_a_cramp_is_counted():
    trains = [regular(0, 9000, 20.0), regular(0, 5000, 10.0), regular(0, 1000, 18.0), []]
    found = mp.cramp_after(typed(trains, 12_000.0), 1000.0)
    assert found.elicited
    assert found.units == 2
    assert found.ended
    assert found.duration == pytest.approx(8000.0, abs=50.0)
    np.testing.assert_allclose(found.unit_rate[:2], [20.0, 10.0])
    np.testing.assert_allclose(found.unit_duration[:2], [7950.0, 3900.0], atol=51.0)
    np.testing.assert_allclose(found.unit_cv[:2], 0.0, atol=1e-9)
    assert found.rate == pytest.approx(15.0)
    assert np.isnan(found.unit_rate[2:]).all()


def test_a_cramp_that_has_not_ended_says_so():
    found = mp.cramp_after(typed([regular(0, 5000, 20.0)] * 4, 5000.0), 1000.0)
    assert (found.ended, found.duration) == (False, 4000.0)


def test_stray_spikes_are_no_cramp():
    trains = [regular(0, 1000, 20.0), [1500.0, 1900.0, 2300.0], [], []]
    found = mp.cramp_after(typed(trains, 4000.0), 1000.0)
    assert (found.elicited, found.duration) == (False, 0.0)
    with pytest.raises(mx.InputError, match="allowed: 2400 ms or later"):
        mp.cramp_after(typed(trains, 2000.0), 1000.0)


def test_doublets_and_rates_of_six_intervals():
    slow, fast = 1000.0 + np.arange(8) * 100.0, 1800.0 + np.arange(8) * 15.0
    found = mp.cramp_after(typed([np.concatenate([slow, fast])] * 4, 4000.0), 1000.0)
    assert found.unit_least[0] == pytest.approx(10.0)
    assert found.unit_greatest[0] == pytest.approx(1000.0 / 15.0)
    assert found.doublets[0] == pytest.approx(7 / 15)


@pytest.fixture(scope="module")
def cramps():
    """A shortened muscle of eight units after 150 stimuli at 30 Hz, whole and without parts."""
    pool = mp.cramping_pool(8, seed=2)
    # terminals that do not fire by themselves: what is left is central
    pool = pool.replaced({"terminal.leak.E": -90.0, "terminal.leakK.E": -90.0})
    given = mp.length(-1.0) + mp.train(30.0)
    without = {
        "as it is": pool,
        "no facilitation": pool.replaced({"afferent.most": 0.0}),
        "no CAN": pool.scaled({"soma.CAN.g": 1e-6}),
        "less NaP": pool.scaled({"soma.NaP.g": 0.3}),
        "steady": pool.replaced(
            {"noise.own": 0.0, "noise.loop": 0.0, "noise.loop_common": 0.0}
        ),
    }
    ran = {
        name: mp.contract(each, given, duration=6500.0, threads=1)
        for name, each in without.items()
    }
    return {name: (mp.cramp_after(run, 5000.0), run) for name, run in ran.items()}


def late(cramps, name):
    """Return spikes 1 to 1.5 s after the train."""
    return cramps[name][1].terminals.after(6000.0).counts.sum()


def test_a_cramp_outlasts_the_train(cramps):
    found, run = cramps["as it is"]
    assert run.status == "ok"
    assert found.elicited
    assert found.units >= 6
    assert not found.ended
    assert 8.0 < found.rate < 30.0
    assert run.shared["potassium"].max() > POOL["afferent.half"]
    assert run.force[-500:].mean() > 0.2


@pytest.mark.parametrize("name", ["no facilitation", "no CAN"])
def test_the_central_cramp_is_can_times_facilitation(cramps, name):
    assert late(cramps, name) < 0.2 * late(cramps, "as it is")


def test_it_lives_on_persistent_sodium(cramps):
    assert late(cramps, "less NaP") < late(cramps, "as it is")


def test_noise_makes_intervals_irregular(cramps):
    assert cramps["steady"][0].cv < 0.8 * cramps["as it is"][0].cv


def test_a_healthy_muscle_at_rest_length_does_not_cramp():
    pool = mp.cramping_pool(8, seed=2)
    run = mp.contract(pool, mp.effort(0.04, duration=2500.0), duration=4000.0)
    assert run.terminals.between(0.0, 2500.0).counts.sum() > 10
    assert not mp.cramp_after(run, 2500.0).elicited


def test_no_train_is_enough_for_a_pool_that_cannot_cramp():
    pool = POOL.replaced({"afferent.most": 0.0, "potassium.release": 0.0})
    found = mp.cramp_threshold(pool, lowest=80.0, step=20.0, highest=100.0, longest=2000.0)
    assert found.status == "no_cramp"
    assert np.isnan(found.frequency)
    assert found.tried == (80.0, 100.0)
    with pytest.raises(mx.InputError, match="lowest is 0"):
        mp.cramp_threshold(pool, lowest=0.0)
    with pytest.raises(mx.InputError, match="highest is 2 Hz"):
        mp.cramp_threshold(pool, highest=2.0)


def test_the_potential_is_an_integral_over_the_fibre():
    """Against adaptive quadrature of the second derivative in closed form."""
    step, depth, half, middle, apart = 1.0, 8.0, 40.0, 20.0, 15.0
    found = potential(step, depth, half, middle, apart)

    def bent(u):  # second derivative of 96 u^3 exp(-u)
        return 96.0 * np.exp(-u) * (6 * u - 6 * u**2 + u**3) if u > 0 else 0.0

    for k in (3, 6, 8):
        front = 4.0 * k * step

        def at(z, place, front=front):
            return bent(front - abs(z)) / np.hypot(z - place, depth)

        ends = [middle - apart / 2, middle + apart / 2]
        edges = [0.0, -front, front]
        truth = [quad(at, -half, half, (place,), points=edges, limit=500)[0] for place in ends]
        # the two waves part at the end plate: a source there
        kink = -2.0 * 96.0 * (3 * front**2 - front**3) * np.exp(-front)
        truth = [
            x + kink / np.hypot(place, depth) for x, place in zip(truth, ends, strict=True)
        ]
        assert found[k] == pytest.approx(truth[0] - truth[1], rel=0.02, abs=0.02)
    assert rosenfalck(np.array([-1.0, 0.0])).tolist() == [0.0, 0.0]


def test_the_electromyogram_adds_units_up():
    one = typed([[10.0], [], [], []], 100.0)
    two = typed([[10.0], [30.0], [], []], 100.0)
    only = typed([[], [30.0], [], []], 100.0)
    sums = [mp.surface_emg(each).values for each in (one, only, two)]
    np.testing.assert_allclose(sums[0] + sums[1], sums[2], atol=1e-12)
    assert np.abs(sums[0]).max() > 0.0
    with pytest.raises(mx.InputError, match="ascending"):
        mp.surface_emg(one, depth=(10.0, 5.0))
