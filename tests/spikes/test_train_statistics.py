import statistics
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.spikes import (
    TRAIN_STATUSES,
    SpikeTrains,
    TrainStatistics,
    cv,
    describe,
    doublets,
    intervals,
    last_rate,
    latency,
    mean_rate,
    rate,
)

# Rounding of the sums over a dozen intervals: a few hundred ulp at most.
ROUNDING = 1e-12

gap = st.floats(0.5, 500.0)
train = st.builds(
    lambda first, gaps: np.cumsum([first, *gaps]),
    st.floats(0.0, 100.0),
    st.lists(gap, max_size=9),
) | st.just(np.empty(0))
trains = st.lists(train, max_size=5)
NUMBERS = [field.name for field in fields(TrainStatistics) if field.name != "status"]


def by_definition(times):
    """The conventions, written with the standard library for one train."""
    times = [float(t) for t in times]
    gaps = [b - a for a, b in pairwise(times)]
    pairs = list(pairwise(gaps))
    return {
        "count": len(times),
        "rate": 1000 * (len(times) - 1) / (times[-1] - times[0]) if gaps else 0.0,
        "last_rate": 1000 / gaps[-1] if gaps else 0.0,
        "cv": statistics.pstdev(gaps) / statistics.fmean(gaps) if pairs else np.nan,
        "doublets": sum(g <= 10 for g in gaps),
        "latency": times[0] if times else np.nan,
        "min_rate": 1000 / max(gaps) if gaps else np.nan,
        "max_rate": 1000 / min(gaps) if gaps else np.nan,
        "adaptation": statistics.fmean((b - a) / (b + a) for a, b in pairs)
        if pairs
        else np.nan,
        "cv2": statistics.fmean(2 * abs(b - a) / (b + a) for a, b in pairs)
        if pairs
        else np.nan,
        "lv": statistics.fmean(3 * ((b - a) / (b + a)) ** 2 for a, b in pairs)
        if pairs
        else np.nan,
    }


def test_worked_example():
    # intervals 40, 5, 5, 50 ms: mean 25, population SD sqrt((225 + 400 + 400 + 625)/4)
    times = [20.0, 60.0, 65.0, 70.0, 120.0]
    assert intervals(times).tolist() == [40.0, 5.0, 5.0, 50.0]
    assert rate(times) == 40.0
    assert last_rate(times) == 20.0
    assert doublets(times) == 2
    assert doublets(times, longest=40.0) == 3
    assert cv(times) == pytest.approx(np.sqrt(412.5) / 25, rel=ROUNDING)
    assert latency(times, start=15.0) == 5.0
    found = describe(times, start=15.0)
    assert (found.count, found.min_rate, found.max_rate) == (5, 20.0, 200.0)
    # (-35/45 + 0 + 45/55)/3
    assert found.adaptation == pytest.approx((-7 / 9 + 9 / 11) / 3, rel=ROUNDING)
    assert found.status == "ok"


def test_squid_axon_train():
    # Hodgkin-Huxley 1952 at 35 uA/cm2 from 300 ms: times [ms] of a converged solution
    times = [300.9286, 311.2867, 320.9835, 330.6199, 340.2467, 349.8720, 359.4970, 369.1219]
    found = describe(times, start=300.0)
    assert found.latency == pytest.approx(0.9286, abs=1e-12)
    assert found.last_rate == pytest.approx(1000 / 9.6249, rel=1e-12)
    assert found.rate == pytest.approx(7000 / 68.1933, rel=1e-12)
    assert -0.02 < found.adaptation < 0  # intervals shrink from 10.36 to 9.62 ms


def test_a_doublet_is_ten_milliseconds_or_less():
    assert doublets([0.0, 10.0, 20.5]) == 1


def test_regular_train():
    found = describe(np.arange(8) * 62.5)
    assert (found.rate, found.last_rate, found.min_rate, found.max_rate) == (16.0,) * 4
    assert (found.cv, found.adaptation) == (0.0, 0.0)


@given(trains)
def test_every_train_by_the_definitions(arrays):
    found = describe(SpikeTrains.from_list(arrays))
    for i, array in enumerate(arrays):
        for name, value in by_definition(array).items():
            got = np.asarray(getattr(found, name))[i]
            # an exactly regular train may come out as a CV of some ulp
            assert got == pytest.approx(value, rel=ROUNDING, abs=1e-14, nan_ok=True), name


@settings(max_examples=25)
@given(trains)
def test_a_train_is_the_same_to_the_bit_alone_and_in_company(arrays):
    together = describe(SpikeTrains.from_list(arrays))
    for i, array in enumerate(arrays):
        alone = describe(array)
        assert alone.status == together.status[i]
        for name in NUMBERS:
            a, b = getattr(alone, name), np.asarray(getattr(together, name))[i]
            assert isinstance(a, (int, float))
            np.testing.assert_array_equal(a, b)


@settings(max_examples=25)
@given(trains)
def test_functions_agree_with_describe(arrays):
    held = SpikeTrains.from_list(arrays)
    found = describe(held)
    np.testing.assert_array_equal(rate(held), found.rate)
    np.testing.assert_array_equal(last_rate(held), found.last_rate)
    np.testing.assert_array_equal(doublets(held), found.doublets)
    for gaps, array in zip(intervals(held), arrays, strict=True):
        np.testing.assert_array_equal(gaps, np.diff(array))
    enough = SpikeTrains.from_list([a for a in arrays if a.size >= 3])
    np.testing.assert_array_equal(cv(enough), describe(enough).cv)
    some = SpikeTrains.from_list([a for a in arrays if a.size])
    np.testing.assert_array_equal(latency(some), describe(some).latency)


@given(train, st.floats(0.0, 1000.0), st.floats(0.0, 1000.0))
def test_nan_exactly_where_the_status_is_not_ok(times, discard, start):
    found = describe(times, discard=discard, start=start)
    missing = any(np.isnan(getattr(found, name)) for name in NUMBERS)
    assert missing == (found.status != "ok")
    assert found.sentence == TRAIN_STATUSES[found.status]
    assert found.count == sum(t >= discard for t in times)
    later = [t for t in times if t >= start]
    assert found.latency == pytest.approx(later[0] - start if later else np.nan, nan_ok=True)


@settings(max_examples=25)
@given(train.filter(lambda t: t.size >= 3), st.sampled_from([0.25, 2.0, 1024.0]))
def test_stretching_time_scales_rates_and_nothing_else(times, factor):
    # a power of two scales every intermediate number exactly
    a, b = describe(times), describe(times * factor)
    assert b.rate * factor == a.rate
    assert b.last_rate * factor == a.last_rate
    assert (b.cv, b.adaptation) == (a.cv, a.adaptation)


@given(train.filter(lambda t: t.size >= 2))
def test_rates_are_ordered(times):
    found = describe(times)
    slack = 1 + ROUNDING
    assert found.min_rate <= found.rate * slack
    assert found.rate <= found.max_rate * slack
    assert found.min_rate <= found.last_rate <= found.max_rate


@pytest.mark.parametrize(
    ("times", "options", "status"),
    [
        ([], {}, "no_spikes"),
        ([5.0, 9.0], {"discard": 10.0}, "no_spikes"),
        ([5.0], {}, "one_spike"),
        ([5.0, 9.0], {}, "two_spikes"),
        ([5.0, 9.0, 14.0], {"start": 20.0}, "no_response"),
        ([5.0, 9.0, 14.0], {"start": 14.0}, "ok"),
        ([5.0, 9.0, 14.0], {"discard": 5.0}, "ok"),
    ],
)
def test_statuses(times, options, status):
    assert describe(times, **options).status == status
    several = describe(SpikeTrains.from_list([times, [1.0, 3.0, 5.0, 99.0]]), **options)
    assert several.status[0] == status
    assert several.sentence[0] == TRAIN_STATUSES[status]


def test_discard_does_not_hide_the_response():
    assert describe([25.0, 50.0, 80.0], discard=40.0, start=20.0).latency == 5.0


def test_undefined_numbers_are_refused_without_describe():
    with pytest.raises(InputError, match=r"train 0 has 2 spikes; CV needs 3 .* describe\(\)"):
        cv([1.0, 2.0])
    with pytest.raises(InputError, match=r"train 1 \('b'\) has 0 spikes"):
        cv(SpikeTrains.from_list([[1.0, 2.0, 4.0], []], ("a", "b")))
    with pytest.raises(InputError, match=r"no spike at or after 5 ms; use describe\(\)"):
        latency([1.0, 2.0], start=5.0)


@pytest.mark.parametrize(
    "function", [intervals, rate, last_rate, doublets, cv, latency, describe]
)
@pytest.mark.parametrize("times", [[2.0, 1.0], [-1.0, 1.0], [np.nan], 3.0, [[1.0, 2.0]], "x"])
def test_bad_times_are_refused(function, times):
    with pytest.raises(InputError) as caught:
        function(times)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: describe([1.0], discard=np.nan),
        lambda: describe([1.0], start=np.inf),
        lambda: latency([1.0], start="x"),  # type: ignore[arg-type]
        lambda: doublets([1.0], longest=0.0),
    ],
)
def test_bad_options_are_refused(call):
    with pytest.raises(InputError, match="allowed"):
        call()


def test_a_window_has_an_end():
    times = [10.0, 30.0, 50.0, 400.0]
    assert describe(times, until=400.0).count == 3  # a spike at the end is not in it
    assert describe(times, discard=20.0, until=100.0).rate == 50.0
    assert describe(times, until=100.0).status == "ok"
    assert describe(times, until=111.0).status == "stopped"  # 61 ms, three times 20
    assert describe(times, discard=300.0, until=900.0).status == "one_spike"
    assert describe(times).status == "ok"  # nothing is known of an end


def test_the_mean_rate_counts_the_silence():
    trains = SpikeTrains.from_list([[10.0, 30.0, 50.0], [], [999.0, 1000.0]])
    assert mean_rate(trains, until=1000.0).tolist() == [3.0, 0.0, 1.0]
    assert mean_rate([10.0, 30.0, 50.0], discard=30.0, until=130.0) == 20.0
    with pytest.raises(InputError, match="until is 5 ms; allowed: above 10"):
        mean_rate([], discard=10.0, until=5.0)
