"""Fasciculations and cramps counted from spikes that were typed in."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mnexcite as mx
from mnexcite import motor_pool as mp
from mnexcite.motor_pool.protocol import Protocol
from mnexcite.spikes import SpikeTrains


@cache
def empty():
    return mp.contract(mp.cramping_pool(2), duration=1.0)


def typed(trains, duration, protocol=None):
    """Return an activity with these spikes."""
    return replace(
        empty(),
        terminals=SpikeTrains.from_list(trains),
        duration=duration,
        protocol=protocol or Protocol(),
    )


def regular(start, stop, rate):
    return np.arange(start, stop, 1000.0 / rate)


def test_isolated_discharges_are_counted_and_trains_are_not():
    trains = [
        [1000.0, 9000.0],  # two
        [5000.0, 5015.0],  # a doublet: one
        [7000.0, 7100.0],  # two, no doublet
        regular(12_000.0, 13_000.0, 8.0),  # a train of eight: none
    ]
    found = mp.fasciculations(typed(trains, 30_000.0))
    assert found.unit_counts.tolist() == [2, 1, 2, 0]
    # one of four units is a tenth or more: its train is a cramp only if it lasts a second
    assert found.minutes == pytest.approx(0.5)
    assert found.per_minute == pytest.approx(10.0)


def test_what_is_driven_is_left_out():
    shocks = mp.train(1.0, count=5, start=1000.0)  # 0.1 s each
    contraction = mp.effort(0.1, start=8000.0, duration=900.0)  # to 9000 ms
    trains = [[1005.0, 2005.0, 3005.0, 8500.0, 12_000.0], [5090.0, 5700.0]]
    found = mp.fasciculations(typed(trains, 20_000.0, shocks + contraction))
    assert found.unit_counts.tolist() == [1, 1]
    assert found.minutes * 60.0 == pytest.approx(20.0 - 0.5 - 1.0)
    seen = mp.fasciculations(typed(trains, 20_000.0, shocks), start=5050.0, stop=9000.0)
    assert (seen.count, seen.minutes * 60.0) == (2, pytest.approx(3.9))
    none = mp.fasciculations(typed(trains, 20_000.0, shocks), start=1010.0, stop=1090.0)
    assert none.status == "nothing_to_watch"
    assert np.isnan(none.per_minute)


def test_poisson_discharges_are_counted_at_their_rate():
    rng = np.random.default_rng(1)
    rate, units, seconds = 0.05, 20, 3000.0
    trains = [
        np.sort(rng.uniform(0.0, 1e3 * seconds, rng.poisson(rate * seconds)))
        for _ in range(units)
    ]
    found = mp.fasciculations(typed(trains, 1e3 * seconds))
    truth = 60.0 * rate * units
    spread = 60.0 * np.sqrt(rate * units / seconds)
    assert found.per_minute == pytest.approx(truth, abs=4.0 * spread)
    assert mp.find_cramps(typed(trains, 1e3 * seconds)) == ()


def test_several_cramps_of_one_run():
    pull = mp.length(-1.0) + mp.length(2.0, start=50_000.0, duration=3000.0)
    given_ = mp.train(20.0, count=41, start=1000.0) + pull  # to 3000 ms
    one = np.concatenate(
        [regular(1000.0, 9000.0, 20.0), [20_000.0], regular(45_000.0, 50_500.0, 10.0)]
    )
    other = np.concatenate([regular(1000.0, 8000.0, 10.0), regular(46_000.0, 48_000.0, 25.0)])
    run = typed([one, other + 3.0, [30_000.0]], 60_000.0, given_)
    first, second = mp.find_cramps(run)
    assert (first.onset, first.triggered, first.how) == (3000.0, True, "itself")
    assert first.cramp.duration == pytest.approx(8950.0 - 3000.0)
    assert first.cramp.units == 2
    np.testing.assert_allclose(first.cramp.unit_rate[:2], [20.0, 10.0])
    assert first.peak_rate == pytest.approx((20 + 10) / 3, abs=0.7)
    assert (second.onset, second.triggered, second.how) == (45_000.0, False, "stretch")
    assert second.end == pytest.approx(50_400.0)
    assert 46_000.0 < second.peak < 48_000.0
    # isolated discharges count; those of cramps and of the train do not
    found = mp.fasciculations(run)
    assert found.unit_counts.tolist() == [1, 0, 1]
    assert 60.0 * found.minutes == pytest.approx(60.0 - 2.1 - (8.95 - 3.1) - 5.4)


def test_a_cramp_is_that_of_cramp_after():
    trains = [regular(0.0, 9000.0, 20.0), regular(0.0, 5000.0, 10.0), []]
    run = typed(trains, 12_000.0, mp.effort(0.5, duration=1000.0))
    (found,), known = mp.find_cramps(run), mp.cramp_after(run, 1000.0)
    assert (found.onset, found.cramp.units) == (1000.0, known.units)
    assert found.cramp.duration == pytest.approx(known.duration)
    np.testing.assert_allclose(found.cramp.unit_rate, known.unit_rate, rtol=0.01)


def test_how_cramps_end():
    firing = [regular(2000.0, 8000.0, 20.0)]
    for protocol, duration, how in (
        (mp.inhibition(0.3, start=7000.0, duration=2000.0), 12_000.0, "inhibition"),
        (mp.length(1.0, start=9000.0), 12_000.0, "itself"),
        (mp.train(20.0, count=20, start=8100.0), 12_000.0, "trigger"),
        (None, 8100.0, "not_ended"),
    ):
        (found,) = mp.find_cramps(typed(firing, duration, protocol))
        assert found.how == how
        assert found.cramp.ended == (how != "not_ended")
    assert mp.find_cramps(SpikeTrains.from_list([[]])) == ()


@given(st.lists(st.integers(0, 90_000), max_size=60, unique=True), st.integers(1, 10_000))
def test_counts_do_not_depend_on_when_the_clock_began(times, later):
    times = np.sort(np.array(times, float))
    now = mp.fasciculations(typed([times, []], 1e5))
    then = mp.fasciculations(typed([times + later, []], 1e5 + later), start=float(later))
    assert now.unit_counts.tolist() == then.unit_counts.tolist()
    assert now.minutes == pytest.approx(then.minutes)
    assert now.count <= times.size


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: mp.fasciculations(empty(), start=2.0), "start is 2, stop 1 ms"),
        (lambda: mp.fasciculations(3), "given is 3; allowed: what mnexcite"),
        (lambda: mp.find_cramps([1.0]), "given is"),
    ],
)
def test_what_is_refused(call, said):
    with pytest.raises(mx.InputError, match=said):
        call()
