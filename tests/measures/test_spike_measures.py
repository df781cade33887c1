import statistics
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from windows import Lane, discards, fold, train

from mnexcite import measures, spikes

END = 500.0
# a dozen sums, each rounded once or twice: a few hundred ulp at most
ROUNDING = 1e-12


def by_definition(times, discard):
    """The conventions, written with the standard library for one train."""
    times = [t for t in times if discard <= t < END]
    gaps = [b - a for a, b in pairwise(times)]
    pairs = list(pairwise(gaps))
    undefined = float("nan")
    stopped = bool(gaps) and END - times[-1] > 3 * max(gaps)
    return {
        "count": len(times),
        "rate": 1000 * len(gaps) / (times[-1] - times[0]) if gaps else 0.0,
        "rate_status": int(stopped),
        "mean_rate": 1000 * len(times) / (END - discard),
        "last_rate_status": int(stopped),
        "last_rate": 1000 / gaps[-1] if gaps else 0.0,
        "latency": times[0] - discard if times else undefined,
        "latency_status": int(not times),
        "cv": statistics.pstdev(gaps) / statistics.fmean(gaps) if pairs else undefined,
        "cv_status": int(not pairs),
        "doublets": sum(g <= 10 for g in gaps),
        "adaptation": statistics.fmean((b - a) / (b + a) for a, b in pairs)
        if pairs
        else undefined,
        "adaptation_status": int(not pairs),
    }


NAMES = ("count", "rate", "mean_rate", "last_rate", "latency", "cv", "doublets", "adaptation")


def all_of(lanes, **options):
    return {
        name: values
        for measure in NAMES
        for name, values in fold(measures.find(measure), lanes, **options).items()
    }


@settings(max_examples=25)
@given(st.lists(train, min_size=1, max_size=4), discards)
def test_every_train_by_the_definitions(trains, discard):
    found = all_of([Lane(t) for t in trains], end=END, discard=discard)
    for i, times in enumerate(trains):
        expected = by_definition(times, discard)
        assert set(expected) == set(found)
        for name, value in expected.items():
            # a regular train's CV may come out as some ulp
            near = pytest.approx(value, rel=ROUNDING, abs=1e-14, nan_ok=True)
            assert found[name][i] == near, name


@settings(max_examples=25)
@given(st.lists(train, min_size=1, max_size=4), discards)
def test_the_same_bits_as_statistics_of_whole_trains(trains, discard):
    found = all_of([Lane(t) for t in trains], end=END, discard=discard)
    held = spikes.SpikeTrains.from_list(trains).between(0.0, END)
    whole = spikes.describe(held, discard=discard, start=discard)
    for name in NAMES:
        if name == "mean_rate":
            expected = spikes.mean_rate(held, discard=discard, until=END)
            np.testing.assert_array_equal(found[name], expected)
        elif name != "cv":  # two passes there, one here
            np.testing.assert_array_equal(found[name], getattr(whole, name), err_msg=name)


def test_worked_example():
    # intervals 40, 5, 5, 50 ms after 20 ms: mean 25, population SD sqrt(1650/4)
    found = all_of([Lane([1.0, 20.0, 60.0, 65.0, 70.0, 120.0])], end=200.0, discard=15.0)
    assert (found["count"][0], found["rate"][0], found["last_rate"][0]) == (5, 40.0, 20.0)
    assert (found["latency"][0], found["doublets"][0]) == (5.0, 2)
    assert found["cv"][0] == pytest.approx(np.sqrt(412.5) / 25, rel=ROUNDING)
    # (-35/45 + 0 + 45/55)/3
    assert found["adaptation"][0] == pytest.approx((-7 / 9 + 9 / 11) / 3, rel=ROUNDING)


def test_a_doublet_is_ten_milliseconds_or_less():
    lane = Lane([0.0, 10.0, 20.5])
    assert fold(measures.doublets(), [lane], end=50.0)["doublets"][0] == 1


def test_a_spike_at_discard_counts():
    assert all_of([Lane([30.0])], end=100.0, discard=30.0)["latency"][0] == 0.0


def test_equal_intervals_of_long_trains_have_no_cv():
    # 1/3 ms is rounded, so intervals differ by an ulp of 1e5 ms; nothing may add up
    times = (np.arange(22_000, 30_000) / 3.0).tolist()
    assert fold(measures.cv(), [Lane(times)], end=1e4)["cv"][0] < 1e-10


def test_a_large_offset_costs_no_digits():
    gaps = np.tile([30.0, 50.0], 20)
    near, far = (np.cumsum([first, *gaps]).tolist() for first in (0.0, 2.0**33))
    values = fold(measures.cv(), [Lane(near), Lane(far)], end=2.0**34)["cv"]
    # 40 +- 10 ms, whole numbers all of them
    assert values[0] == values[1] == pytest.approx(0.25, rel=ROUNDING)


def test_a_rate_says_where_firing_stopped():
    stopped, goes_on = Lane([10.0, 30.0, 50.0]), Lane([10.0, 30.0, 50.0, 150.0])
    found = fold(measures.rate(), [stopped, goes_on, Lane([5.0])], end=200.0)
    assert found["rate_status"].tolist() == [1, 0, 0]
    assert measures.rate().outputs[1].flags == ("ok", "stopped", "failed")
    assert found["rate"].tolist() == [50.0, 1000 * 3 / 140.0, 0.0]
