"""A fluctuating current has the distribution and the memory that it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.stimuli import ornstein_uhlenbeck

OPTIONS = {"unit": "nA", "tau": 5.0, "duration": 200_000.0}


def values_of(stimulus, every=0.5, duration=200_000.0):
    return stimulus.at(np.arange(duration / every) * every)


def test_mean_deviation_and_correlation():
    drawn = values_of(ornstein_uhlenbeck(0.3, mean=1.0, every=0.5, seed=7, **OPTIONS))
    # independent stretches: 200 s / (2 tau); four standard errors of each estimate
    n = 200_000.0 / 10.0
    assert drawn.mean() == pytest.approx(1.0, abs=4 * 0.3 / np.sqrt(n))
    assert drawn.var() == pytest.approx(0.09, rel=4 * np.sqrt(2.0 / n))
    x = drawn - drawn.mean()
    for lag in (1, 10, 20):
        found = np.mean(x[:-lag] * x[lag:]) / np.mean(x * x)
        assert found == pytest.approx(np.exp(-lag * 0.5 / 5.0), abs=4 / np.sqrt(n))


def paths(stimulus, count, duration=4000.0, every=0.5):
    """Return what lanes of a run get, lanes x knots."""
    t = np.arange(duration / every) * every
    return np.array([stimulus.seeded(1, lane).at(t) for lane in range(count)])


def test_lanes_and_streams_are_apart_but_for_what_they_share():
    options = {"unit": "nA", "tau": 2.0, "every": 0.5}
    for shared in (0.0, 0.3, 1.0):
        x = paths(ornstein_uhlenbeck(1.0, shared=shared, **options), 12)
        found = np.corrcoef(x)[np.triu_indices(12, 1)]
        # 1000 correlation times in each, 66 pairs that overlap
        assert found.mean() == pytest.approx(shared, abs=4 / np.sqrt(1000 * 6))
        assert x.var() == pytest.approx(1.0, abs=4 * np.sqrt(2.0 / 1000))
    both = ornstein_uhlenbeck(1.0, **options) + ornstein_uhlenbeck(1.0, **options)
    assert paths(both, 8).var() == pytest.approx(2.0, rel=4 * np.sqrt(2.0 / 8000))


@settings(max_examples=40)
@given(
    start=st.floats(0.0, 5000.0),
    length=st.floats(0.1, 800.0),
    tau=st.sampled_from([0.5, 5.0, 60.0]),
    shared=st.sampled_from([0.0, 0.5]),
    where=st.floats(0.0, 1.0),
)
def test_every_window_sees_the_same_path(start, length, tau, shared, where):
    noise = ornstein_uhlenbeck(1.0, unit="nA", tau=tau, shared=shared).seeded(2, 3)
    path, fresh = (noise.seeded(0, 0).currents[0].waveform for _ in range(2))
    whole = fresh.between(0.0, start + length + 1.0)
    window = path.between(start, start + length)
    assert window.breaks[0] <= start and window.breaks[-1] >= start + length
    same = np.isin(whole.breaks, window.breaks[:-1])
    for key in ("breaks", "first", "last"):
        np.testing.assert_array_equal(getattr(whole, key)[same], getattr(window, key)[:-1])
    t = start + where * length
    assert whole.at(t) == window.at(t)


def test_a_path_is_straight_between_its_knots_and_no_conductance_is_negative():
    knots = ornstein_uhlenbeck(1.0, unit="nA", tau=5.0, every=1.0, seed=3)
    t = np.arange(0.0, 50.0)
    middle = 0.5 * (knots.at(t) + knots.at(t + 1.0))
    np.testing.assert_allclose(knots.at(t + 0.5), middle, atol=1e-12)
    g = ornstein_uhlenbeck(1.0, unit="uS", E=-70.0, tau=5.0, seed=3).seeded(0, 0)
    values = g.conductances[0].waveform.between(0.0, 500.0).first
    assert values.min() == 0.0 and values.max() > 1.0


def test_the_first_sample_is_as_wide_as_all_others():
    options = {**OPTIONS, "duration": 1.0}
    first = [ornstein_uhlenbeck(1.0, seed=k, **options).at([0.0])[0] for k in range(400)]
    assert np.std(first) == pytest.approx(1.0, abs=4 / np.sqrt(2 * 400))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**52), st.floats(0.05, 5.0))
def test_a_seed_gives_one_current(seed, every):
    options = {"unit": "nA", "tau": 5.0, "duration": 50.0, "every": every}
    t = np.arange(0.0, 50.0, 0.01)
    one, same, other = (
        ornstein_uhlenbeck(0.5, seed=s, **options).at(t) for s in (seed, seed, seed + 1)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_nothing_outside_its_time():
    current = ornstein_uhlenbeck(
        1.0, unit="nA", tau=2.0, duration=10.0, start=5.0, every=0.1, mean=3.0, seed=1
    )
    assert not current.at([0.0, 4.99, 15.01, 100.0]).any()
    assert current.at([5.0, 14.99]).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sd": -1.0}, "sd is -1.0 nA; allowed: 0 or more"),
        ({"tau": 0.0}, "tau is 0.0 ms; allowed: 0.001 or more"),
        ({"duration": 0.0}, "duration is 0.0 ms"),
        ({"shared": 1.5}, "shared is 1.5; allowed: 0 to 1"),
        ({"every": 6.0}, "every is 6.0 ms; allowed: 0.005 to 5, the tau"),
        ({"seed": 1.5}, "seed is 1.5; allowed: a whole number"),
        ({"unit": "A"}, "unit is 'A'"),
    ],
)
def test_bad_input(change, said):
    given = {"sd": 1.0, "unit": "nA", "tau": 5.0, "duration": 10.0, **change}
    with pytest.raises(InputError, match=said):
        ornstein_uhlenbeck(given.pop("sd"), **given)
