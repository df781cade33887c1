"""What fluctuates has the statistics that are said, and does not depend on who asks when."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from mnexcite.motor_pool.noise import BLOCK, Fluctuations, Rhythm, kicks

UNITS = np.arange(40)


def drawn(seconds=20, seed=1, units=UNITS, step=777):
    noise = Fluctuations(units, seed, 5.0, Rhythm(1.4, 0.45))
    edges = [*range(0, 1000 * seconds, step), 1000 * seconds]
    parts = [noise.between(a, b - 1) for a, b in itertools.pairwise(edges)]
    return (np.concatenate(side, axis=-1) for side in zip(*parts, strict=True))


def test_own_noise_is_an_ornstein_uhlenbeck_process():
    own, _ = drawn()
    assert own.shape == (40, 20_000)
    assert own.std() == pytest.approx(1.0, abs=0.02)
    for lag in (1, 5, 20):
        assert np.mean(own[:, lag:] * own[:, :-lag]) == pytest.approx(
            np.exp(-lag / 5), abs=0.02
        )
    assert abs(np.corrcoef(own[0], own[1])[0, 1]) < 0.1


def test_common_noise_is_the_damped_oscillator():
    rhythm = Rhythm(1.4, 0.45)
    x = np.array([rhythm.block(5, k) for k in range(600)]).ravel()
    assert x.std() == pytest.approx(1.0, abs=0.05)
    w, z = 2e-3 * np.pi * 1.4, 0.45

    def density(f):  # of x'' + 2 z w x' + w^2 x = noise
        return 1.0 / ((w * w - f * f) ** 2 + (2 * z * w * f) ** 2)

    total = quad(density, 0, 50 * w, limit=500)[0]
    for lag in (50, 200, 400):
        truth = quad(lambda f, lag=lag: density(f) * np.cos(f * lag), 0, 50 * w, limit=2000)[0]
        assert np.mean(x[lag:] * x[:-lag]) == pytest.approx(truth / total, abs=0.06)


def test_windows_and_neighbours_change_no_bit():
    for one, other in zip(drawn(3), drawn(3, step=10), strict=True):
        np.testing.assert_array_equal(one, other)
    few, _ = drawn(2, units=UNITS[[7, 3]])
    all_, _ = drawn(2)
    np.testing.assert_array_equal(few, all_[[7, 3]])


def test_seeds_differ():
    assert not np.array_equal(next(drawn(1, seed=1)), next(drawn(1, seed=2)))


def test_kicks_are_poisson_and_exponential():
    lanes, times, heights = (
        np.concatenate(each)
        for each in zip(*(kicks(UNITS, 3, k, 2.0, 10.0) for k in range(100)), strict=True)
    )
    assert times.size == pytest.approx(2.0 * 40 * 100, rel=0.05)
    assert heights.mean() == pytest.approx(10.0, rel=0.05)
    assert (times // BLOCK).max() == 99
    counts = np.bincount(lanes, minlength=40)
    assert counts.var() == pytest.approx(counts.mean(), rel=0.6)
