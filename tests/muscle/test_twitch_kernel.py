"""The compiled kernel and the same file as plain Python give the same numbers."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.kernels.compiled import compilations
from mnexcite.muscle import _twitch_kernel as plain
from mnexcite.muscle import contract, fast_unit, slow_unit
from mnexcite.muscle.state import _kernel


def run(kernel, trains, contraction_times, every, samples, discard):
    times = np.concatenate([np.empty(0), *trains])
    offsets = np.cumsum([0, *map(len, trains)])
    stops = np.floor(times / every).astype(np.int64)
    lanes = np.zeros((len(trains), plain.COLUMNS))
    force = np.full((len(trains), samples), np.nan)
    scales = np.linspace(0.5, 2.0, len(trains))
    kernel.advance(
        times,
        offsets,
        stops,
        contraction_times,
        scales,
        every,
        0,
        samples,
        discard,
        lanes,
        force,
    )
    areas, peaks = np.empty(len(trains)), np.empty(len(trains))
    kernel.close(contraction_times, discard, every * samples, lanes, areas, peaks)
    return lanes, force, areas, peaks


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 1.0, 7.3]), st.floats(0.0, 300.0))
def test_compiled_equals_plain(seed, every, discard):
    rng = np.random.default_rng(seed)
    trains = [np.sort(rng.uniform(0, 400, rng.integers(0, 30))) for _ in range(3)]
    contraction_times = rng.uniform(5.0, 150.0, 3)
    samples = int(400 / every)
    compiled = run(_kernel(), trains, contraction_times, every, samples, discard)
    expected = run(plain, trains, contraction_times, every, samples, discard)
    for ours, theirs in zip(compiled, expected, strict=True):
        # exp of two libraries may differ in the last bit; a few hundred operations follow it
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_gain_is_continuous_at_the_knee_and_falls_to_zero():
    assert plain.gain(2.5 + 1e-15) == 1.0
    assert plain.gain(2.5) == pytest.approx(1.0, abs=1e-15)
    assert plain.gain(0.1) == pytest.approx(plain.gain(0.1 - 1e-15), rel=1e-13)
    assert plain.gain(0.0) == 0.0
    assert 2.0 < max(plain.gain(u) for u in np.linspace(0.3, 2.5, 100)) < 3.0


@given(
    st.floats(1e-3, 100.0), st.floats(0.0, 100.0), st.floats(0.0, 20.0), st.floats(0.0, 20.0)
)
def test_crest_is_the_largest_level(a, b, start, length):
    u = np.linspace(start, start + length, 200)
    crest = plain.crest(a, b, start, start + length)
    levels = np.array([plain.level(a, b, each) for each in u])
    assert crest >= levels.max() * (1 - 1e-14)
    # a parabola through the top misses by at most max|f''| step^2 / 8, |f''| <= 3 a + b
    assert crest - levels.max() <= (3 * a + b) * (length / 199) ** 2 / 8 + 1e-12 * crest


@given(
    st.floats(0.0, 100.0), st.floats(0.0, 100.0), st.floats(0.0, 20.0), st.floats(1e-6, 20.0)
)
def test_area_is_the_integral(a, b, start, length):
    nodes, weights = np.polynomial.legendre.leggauss(60)
    u = start + length * (nodes + 1) / 2
    expected = length / 2 * (weights * (b + a * u) * np.exp(-u)).sum()
    assert plain.area(a, b, start, start + length) == pytest.approx(
        expected, rel=1e-9, abs=1e-12
    )


@pytest.mark.skipif(bool(os.environ.get("MNEXCITE_UNCOMPILED")), reason="nothing is compiled")
def test_nothing_is_compiled_again_for_other_values():
    contract([1.0], slow_unit())
    before = compilations()
    for unit, every, discard in ((slow_unit(), 1.0, 0.0), (fast_unit(), 0.3, 50.0)):
        contract([1.0, 60.0], unit, duration=100 + every, every=every, discard=discard)
        contract([[1], [2, 3]], unit, duration=100, every=None)
        contract([], unit, duration=60, every=60, discard=1)
    assert compilations() == before
    assert sum(key.startswith("twitch-") for key in before) == 1


def test_threads_change_no_bit():
    rng = np.random.default_rng(3)
    trains = [np.sort(rng.uniform(0, 2000, 40)) for _ in range(8)]
    alone = [contract(train, slow_unit(), duration=2000) for train in trains]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda s: contract(s, slow_unit(), duration=2000), trains))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one.force, other.force)
        assert (one.mean, one.peak, one.fusion_index) == (
            other.mean,
            other.peak,
            other.fusion_index,
        )
