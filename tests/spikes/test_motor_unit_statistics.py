"""Statistics of laboratories against Elephant, SciPy, NumPy's definitions and closed forms."""

import warnings

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.spikes import (
    DELTA_F_STATUSES,
    DRIVE_STATUSES,
    SpikeTrains,
    coherence,
    common_drive,
    cv2,
    delta_f,
    delta_f_pairs,
    isi_distance,
    lv,
    mean_instantaneous_rate,
    rate,
    recruitment_thresholds,
    smoothed_rate,
    van_rossum_distance,
)

train = st.builds(
    lambda first, gaps: np.cumsum([first, *gaps]),
    st.floats(0.0, 100.0),
    st.lists(st.floats(0.5, 500.0), min_size=2, max_size=12),
)


@pytest.fixture(scope="module")
def elephant():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("elephant", reason="Elephant is not installed (extra oracles)")
        import elephant.spike_train_dissimilarity
        import elephant.statistics
    return elephant


def gamma_train(seed, shape=4.0, count=300):
    return np.cumsum(np.random.default_rng(seed).gamma(shape, 80.0 / shape, count))


@pytest.mark.filterwarnings("ignore")
def test_local_variation_is_that_of_elephant(elephant):
    for seed in range(3):
        times = gamma_train(seed)
        assert cv2(times) == pytest.approx(elephant.statistics.cv2(np.diff(times)), rel=1e-12)
        assert lv(times) == pytest.approx(elephant.statistics.lv(np.diff(times)), rel=1e-12)


def test_local_variation_of_gamma_trains():
    # Shinomoto 2003: LV of gamma intervals of shape k is 3/(2k + 1)
    found = lv(SpikeTrains.from_list([gamma_train(7, k, 20_000) for k in (1.0, 4.0)]))
    assert found == pytest.approx([1.0, 1.0 / 3.0], rel=0.03)
    assert cv2(gamma_train(7, 1.0, 20_000)) == pytest.approx(1.0, rel=0.03)
    with pytest.raises(InputError, match=r"train 0 has 2 spikes; CV2 needs 3 .*describe"):
        cv2([1.0, 2.0])
    with pytest.raises(InputError, match="LV needs 3 or more"):
        lv(SpikeTrains.from_list([[1.0, 2.0]]))


@given(train)
def test_mean_instantaneous_rate_is_at_least_the_rate(times):
    found = mean_instantaneous_rate(times)
    assert found == pytest.approx(np.mean(1000.0 / np.diff(times)), rel=1e-12)
    assert found >= rate(times) * (1 - 1e-12)


def test_mean_instantaneous_rate_of_few_spikes():
    trains = SpikeTrains.from_list([[], [5.0], [5.0, 25.0]])
    assert mean_instantaneous_rate(trains).tolist() == [0.0, 0.0, 50.0]


@given(train, st.floats(20.0, 800.0))
def test_smoothed_rate_is_the_convolution(times, width):
    at = np.linspace(-500.0, 7000.0, 40)
    d = at[:, None] - times
    bump = np.where(np.abs(d) <= width / 2, 1 + np.cos(2 * np.pi * d / width), 0.0)
    expected = 1000.0 * bump.sum(axis=1) / width
    # sums over a few spikes cancel to 1e-12 of 1000/width
    assert smoothed_rate(times, at, width=width) == pytest.approx(expected, abs=1e-8)


def test_smoothed_rate_is_scipys_window():
    times = np.round(gamma_train(1))
    bins = np.bincount(times.astype(int), minlength=int(times[-1]) + 400).astype(float)
    window = scipy.signal.windows.hann(401)
    expected = 1000.0 * np.convolve(bins, window / window.sum(), mode="same")
    found = smoothed_rate(times, np.arange(bins.size))
    assert found == pytest.approx(expected, abs=1e-8)
    # its integral is the number of spikes within
    at = np.arange(-300.0, times[-1] + 300.0)
    assert smoothed_rate(times, at).sum() / 1000.0 == pytest.approx(times.size, rel=1e-9)
    both = smoothed_rate(SpikeTrains.from_list([times, []]), at)
    assert both.shape == (2, at.size) and not both[1].any()
    assert smoothed_rate(SpikeTrains.from_list([]), at).shape == (0, at.size)
    with pytest.raises(InputError, match="width is 0 ms"):
        smoothed_rate(times, at, width=0.0)


# distances


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("tau", [1.0, 30.0, 1000.0])
def test_van_rossum_distance_is_that_of_elephant(elephant, tau):
    import neo
    import quantities as pq

    arrays = [gamma_train(seed, count=40) for seed in range(3)] + [np.array([100.0])]
    theirs = elephant.spike_train_dissimilarity.van_rossum_distance(
        [neo.SpikeTrain(a, units="ms", t_stop=1e5) for a in arrays], tau * pq.ms
    )
    found = van_rossum_distance(SpikeTrains.from_list(arrays), tau=tau)
    # theirs is 1 between a spike and none, van Rossum's 1/sqrt(2)
    assert found == pytest.approx(theirs / np.sqrt(2.0), abs=1e-6)


@given(train, train, st.floats(1.0, 200.0))
def test_van_rossum_distance_is_the_integral(a, b, tau):
    sums = [np.exp(-np.abs(x[:, None] - y) / tau).sum() for x, y in ((a, a), (b, b), (a, b))]
    expected = 0.5 * sums[0] + 0.5 * sums[1] - sums[2]
    found = van_rossum_distance(SpikeTrains.from_list([a, b]), tau=tau)
    assert found[0, 1] ** 2 == pytest.approx(expected, abs=1e-9)
    assert found[0, 1] == found[1, 0] and found[0, 0] == 0.0


def test_van_rossum_distance_at_its_ends():
    trains = SpikeTrains.from_list([[10.0, 500.0, 900.0], [], [10.0, 500.0, 900.0]])
    assert van_rossum_distance(trains, tau=1e-3)[0].round(9).tolist() == [0, 1.224744871, 0]
    assert van_rossum_distance(trains, tau=1e9)[0, 1] == pytest.approx(3 / np.sqrt(2))
    with pytest.raises(InputError, match="tau is 0 ms"):
        van_rossum_distance(trains, tau=0.0)


@settings(max_examples=20)
@given(train, train)
def test_isi_distance_is_the_mean_over_a_fine_grid(a, b):
    trains = SpikeTrains.from_list([a, b])
    start, end = max(a[0], b[0]), min(a[-1], b[-1])
    if start >= end:
        with pytest.raises(InputError, match="do not fire at the same time"):
            isi_distance(trains)
        return
    n = 20_000
    t = start + (np.arange(n) + 0.5) * (end - start) / n
    x, y = (np.diff(s)[np.searchsorted(s, t) - 1] for s in (a, b))
    expected = np.mean(np.abs(x - y) / np.maximum(x, y))
    # each edge between intervals is one sample off at most
    assert isi_distance(trains)[0, 1] == pytest.approx(expected, abs=26 / n)


def test_isi_distance_of_regular_trains():
    a, b = np.arange(0.0, 1001.0, 100.0), np.arange(30.0, 1001.0, 80.0)
    found = isi_distance(SpikeTrains.from_list([a, a + 13.0, b]))
    assert found == pytest.approx(np.array([[0, 0, 0.2], [0, 0, 0.2], [0.2, 0.2, 0]]))
    with pytest.raises(InputError, match="train 1 has 1 spikes; the ISI distance needs 2"):
        isi_distance(SpikeTrains.from_list([a, [1.0]]))


# pairs of units


def driven(rate_of, duration, dt=0.5):
    """Return spikes of a unit that integrates its rate [Hz], a function of time [s]."""
    t = np.arange(0.0, duration, dt)
    phase = np.cumsum(rate_of(1e-3 * t) * dt * 1e-3)
    return t[1:][np.diff(np.floor(phase)) > 0]


def ramp(peak):
    """Rise from 6 Hz over 10 s and fall over 10 s."""
    return lambda t: 6.0 + peak * (1.0 - np.abs(t - 10.0) / 10.0)


def test_delta_f_is_the_difference_of_the_control_units_rate():
    control = driven(ramp(10.0), 20_000.0)
    test = driven(ramp(12.0), 20_000.0)
    test = test[(test > 5_000.0) & (test < 18_000.0)]
    found = delta_f(control, test)
    # of the ramp: 11 Hz at 5 s and 8 Hz at 18 s; a window keeps up to 6 % of ripple
    assert found.recruitment_rate == pytest.approx(11.0, abs=0.3)
    assert found.derecruitment_rate == pytest.approx(8.0, abs=0.3)
    assert found.delta_f == found.recruitment_rate - found.derecruitment_rate
    assert found.lead == test[0] - control[0]
    assert (found.status, found.sentence) == ("ok", DELTA_F_STATUSES["ok"])
    # correlation of the smoothed rates, by NumPy
    at = np.arange(test[0] + 200.0, test[-1] - 200.0, 20.0)
    rates = smoothed_rate(SpikeTrains.from_list([control, test]), at)
    assert found.r2 == pytest.approx(np.corrcoef(rates)[0, 1] ** 2, rel=1e-9)
    assert found.r2 > 0.9


@pytest.mark.parametrize(
    ("control", "test", "status"),
    [
        (np.arange(0.0, 9000.0, 100.0), [4000.0, 4100.0], "few_spikes"),
        ([1.0, 2.0], np.arange(0.0, 9000.0, 100.0), "few_spikes"),
        (
            np.arange(3000.0, 9000.0, 100.0),
            np.arange(2000.0, 8000.0, 90.0),
            "control_not_firing",
        ),
        (np.arange(0.0, 7000.0, 100.0), np.arange(2000.0, 8000.0, 90.0), "control_not_firing"),
        (np.arange(0.0, 9000.0, 100.0), np.arange(500.0, 8000.0, 90.0), "recruited_together"),
        (np.arange(0.0, 9000.0, 100.0), np.arange(2000.0, 8000.0, 90.0), "rates_differ"),
        (np.arange(0.0, 9000.0, 100.0), [2000.0, 2100.0, 2200.0], "rates_differ"),
    ],
)
def test_statuses_of_delta_f(control, test, status):
    found = delta_f(control, test)
    assert found.status == status
    assert np.isnan(found.delta_f) == (status in ("few_spikes", "control_not_firing"))
    assert found.sentence == DELTA_F_STATUSES[status]


def test_pairs_are_those_whose_delta_f_is_defined():
    units = [driven(ramp(p), 20_000.0) for p in (10.0, 11.0, 12.0)]
    units = [u[(u >= 3e3 * i) & (u < 2e4 - 1e3 * i)] for i, u in enumerate(units)]
    found = delta_f_pairs(SpikeTrains.from_list(units))
    assert set(found) == {(0, 1), (0, 2), (1, 2)}
    assert found[0, 2] == delta_f(units[0], units[2])


def test_recruitment_thresholds_are_the_force_at_first_and_last_spike():
    t, force = [0.0, 1000.0, 2000.0], [0.0, 20.0, 0.0]
    trains = SpikeTrains.from_list([[250.0, 900.0, 1750.0], [], [500.0]])
    found = recruitment_thresholds(trains, t, force)
    np.testing.assert_allclose(found.recruitment, [5.0, np.nan, 10.0])
    np.testing.assert_allclose(found.derecruitment, [5.0, np.nan, 10.0])
    assert found.status == ("ok", "no_spikes", "ok")
    with pytest.raises(InputError, match=r"train 0 fires outside the signal, .* 0 to 2000 ms"):
        recruitment_thresholds([2500.0], t, force)
    with pytest.raises(InputError, match="signal has 2; give one time per value"):
        recruitment_thresholds([1.0], t, force[:2])


def test_common_drive_finds_what_is_common_and_its_lag():
    rng = np.random.default_rng(3)
    t = np.arange(0.0, 40.0, 0.01)
    smooth = scipy.signal.butter(2, 2.5, fs=100.0, output="sos")

    def noise():
        x = scipy.signal.sosfiltfilt(smooth, rng.normal(size=t.size))
        return x / x.std()

    shared = noise()
    units = [driven(lambda s, x=x: np.interp(s, t, 12.0 + 1.5 * x), 40_000.0)
             for x in (shared, 0.8 * shared + 0.6 * noise(), noise())]  # fmt: skip
    found = common_drive(SpikeTrains.from_list([*units, units[0] + 25.0, [1.0, 2.0]]))
    by_pair = dict(zip(found.pairs, found.coefficient, strict=True))
    assert by_pair[0, 3] == pytest.approx(1.0, abs=0.01)
    assert found.lag[found.pairs.index((0, 3))] == 25.0
    assert 0.6 < by_pair[0, 1] < 0.95
    assert abs(by_pair[0, 2]) < 0.4
    assert np.isnan(by_pair[0, 4])
    assert found.status == tuple("too_short" if 4 in pair else "ok" for pair in found.pairs)
    assert found.sentence[0] == DRIVE_STATUSES["ok"]
    assert found.correlation.shape == (10, found.lags.size)
    # at lag 0 it is NumPy's correlation of the filtered rates
    a, b = units[0], units[1]
    at = np.arange(max(a[0], b[0]) + 200.0, min(a[-1], b[-1]) - 200.0, 5.0)
    rates = smoothed_rate(SpikeTrains.from_list([a, b]), at)
    filtered = scipy.signal.butter(2, 0.75, "highpass", fs=200.0, output="sos")
    x, y = (scipy.signal.sosfiltfilt(filtered, r - r.mean()) for r in rates)
    middle = found.lags.size // 2
    expected = (x @ y) / np.sqrt((x @ x) * (y @ y))
    assert found.correlation[0, middle] == pytest.approx(expected, rel=1e-9)


def test_rates_that_do_not_change_have_no_correlation():
    regular = np.arange(0.0, 20_000.0, 100.0)
    found = common_drive(SpikeTrains.from_list([regular, regular + 30.0]))
    assert found.status == ("constant",) and np.isnan(found.coefficient).all()
    with pytest.raises(InputError, match="there are 1 trains; give at least 2"):
        common_drive(SpikeTrains.from_list([regular]))


def test_coherence_is_scipys():
    rng = np.random.default_rng(5)
    shared = rng.uniform(0.0, 20_000.0, 150)
    a, b = (np.sort(np.r_[shared, rng.uniform(0.0, 20_000.0, 150)]) for _ in range(2))
    found = coherence(a, b, start=0.0, stop=20_000.0)
    counts = [np.histogram(x, np.arange(20_001))[0].astype(float) for x in (a, b)]
    f, expected = scipy.signal.coherence(*counts, fs=1000.0, window="hann", nperseg=1000)
    np.testing.assert_allclose(found.frequency, f)
    np.testing.assert_allclose(found.coherence[1:], expected[1:], rtol=1e-6)
    assert found.segments == 39
    # half of each is common: (150/300)^2 at all frequencies
    assert found.coherence[2:].mean() == pytest.approx(0.25, abs=0.06)
    apart = coherence(a, np.sort(rng.uniform(0.0, 20_000.0, 300)), start=0.0, stop=20_000.0)
    assert 0.85 < np.mean(apart.coherence[2:] < apart.limit) < 1.0
    groups = [SpikeTrains.from_list([x[::2], x[1::2]]) for x in (a, b)]
    again = coherence(*groups, start=0.0, stop=20_000.0)
    np.testing.assert_allclose(again.coherence, found.coherence)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(start=0.0, stop=1500.0), "allowed: two segments of 1000 ms or more"),
        (dict(start=5000.0, stop=9000.0), "a has no spike from 5000 to 9000 ms"),
        (dict(start=0.0, stop=9000.0, segment=1.0), "segment is 1 ms"),
    ],
)
def test_coherence_needs_spikes_and_time(options, message):
    with pytest.raises(InputError, match=message):
        coherence([10.0, 20.0], [10.0], **options)
