"""A fluctuating current has the distribution and the memory that it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.stimuli import ornstein_uhlenbeck

OPTIONS = {"unit": "nA", "tau": 5.0, "duration": 200_000.0}


def values_of(stimulus, every=0.5, duration=200_000.0):
    # the middle of each sample, where no rounding can reach its edge
    return stimulus.at((np.arange(duration / every) + 0.5) * every)


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
        1.0, unit="nA", tau=2.0, duration=10.0, start=5.0, every=0.1, mean=3.0
    )
    assert not current.at([0.0, 4.99, 15.01, 100.0]).any()
    assert current.at([5.0, 14.99]).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sd": -1.0}, "sd is -1.0 nA; allowed: 0 or more"),
        ({"tau": 0.0}, "tau is 0.0 ms; allowed: above 0"),
        ({"duration": np.inf}, "duration is inf ms"),
        ({"seed": 1.5}, "seed is 1.5; allowed: a whole number"),
        ({"unit": "A"}, "unit is 'A'"),
    ],
)
def test_bad_input(change, said):
    given = {"sd": 1.0, "unit": "nA", "tau": 5.0, "duration": 10.0, **change}
    with pytest.raises(InputError, match=said):
        ornstein_uhlenbeck(given.pop("sd"), **given)
