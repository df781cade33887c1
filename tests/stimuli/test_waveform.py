"""Oracles: exact rational integration, fine sums, and pieces evaluated one by one."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.stimuli import Waveform
from mnexcite.stimuli.waveform import pieces

few = settings(deadline=None, max_examples=25)
# breaks off any binary or decimal grid, and on one
instant = st.one_of(
    st.integers(0, 700).map(lambda n: n / 7.0), st.integers(0, 400).map(lambda n: n / 4.0)
)
value = st.one_of(st.just(0.0), st.floats(-100.0, 100.0))


@st.composite
def waveforms(draw):
    breaks = np.sort(draw(st.lists(instant, min_size=1, max_size=8, unique=True)))
    first = np.array(draw(st.lists(value, min_size=len(breaks), max_size=len(breaks))))
    last = np.array(draw(st.lists(value, min_size=len(breaks), max_size=len(breaks))))
    last[-1] = first[-1]
    return Waveform(breaks, first, last)


@st.composite
def grids(draw):
    dt = draw(st.sampled_from([0.025, 0.1, 0.5, 1.0, 1.0 / 3.0, 7.0]))
    start = draw(st.sampled_from([0.0, 0.0125, 10.0]))
    steps = draw(st.integers(1, 60))
    return start + dt * np.arange(steps + 1)


def naive(wave, t):
    """Return the value at t by looking at one piece after the other."""
    result = 0.0
    for i, start in enumerate(wave.breaks):
        if t < start:
            break
        if i == len(wave.breaks) - 1:
            result = wave.first[i]
        else:
            share = (t - start) / (wave.breaks[i + 1] - start)
            result = wave.first[i] + (wave.last[i] - wave.first[i]) * share
    return result


def exact_mean(wave, left, right):
    """Return the mean over [left, right] in rational numbers."""
    left, right, total = Fraction(left), Fraction(right), Fraction(0)
    ends = [Fraction(b) for b in wave.breaks[1:]] + [right + 1]
    for i, end in enumerate(ends):
        start = Fraction(wave.breaks[i])
        a, b = max(start, left), min(end, right)
        if a >= b:
            continue
        first, last = Fraction(wave.first[i]), Fraction(wave.last[i])
        rise = 0 if i == len(ends) - 1 else (last - first) / (end - start)
        total += (b - a) * (first + rise * ((a + b) / 2 - start))
    return float(total / (right - left))


@few
@given(waveforms(), st.lists(st.floats(0.0, 200.0), max_size=20))
def test_values_are_those_of_the_piece_one_is_in(wave, times):
    times = np.array([*times, *wave.breaks])
    expected = [naive(wave, t) for t in times]
    # a convex combination of two values is rounded three times
    np.testing.assert_allclose(wave.at(times), expected, rtol=0, atol=1e-13)


@few
@given(waveforms())
def test_a_break_belongs_to_the_piece_that_it_starts(wave):
    np.testing.assert_array_equal(wave.at(wave.breaks), wave.first)
    before = np.nextafter(wave.breaks[0], -np.inf)
    assert float(wave.at(before)) == 0.0
    assert float(wave.at(wave.breaks[-1] + 1e6)) == wave.first[-1]


@few
@given(waveforms(), st.integers(1, 3), st.integers(1, 3))
def test_values_keep_the_shape_of_the_times(wave, rows, columns):
    assert wave.at(np.zeros((rows, columns))).shape == (rows, columns)
    assert np.shape(wave.at(1.0)) == ()


@few
@given(waveforms(), grids())
def test_means_are_exact(wave, edges):
    means = wave.means(edges)
    assert means.shape == (len(edges) - 1,)
    expected = [exact_mean(wave, a, b) for a, b in itertools.pairwise(edges)]
    # at most eight pieces are summed in a step, of values up to 100
    np.testing.assert_allclose(means, expected, rtol=0, atol=1e-11)


@settings(deadline=None, max_examples=20)
@given(waveforms(), grids())
def test_means_agree_with_fine_sums(wave, edges):
    parts = 400
    for mean, left, right in zip(wave.means(edges), edges[:-1], edges[1:], strict=True):
        h = (right - left) / parts
        fine = float(np.mean(wave.at(left + h * (np.arange(parts) + 0.5))))
        # the midpoint rule is exact within a piece; each of up to eight breaks spoils one
        # of the parts by at most the range of the values
        assert mean == pytest.approx(fine, abs=8 * 200.0 / parts + 1e-9)


@few
@given(waveforms(), grids())
def test_the_means_hold_the_whole_charge(wave, edges):
    charge = float(np.sum(wave.means(edges) * np.diff(edges)))
    whole = exact_mean(wave, edges[0], edges[-1]) * (edges[-1] - edges[0])
    assert charge == pytest.approx(whole, abs=1e-9)


@few
@given(waveforms(), grids())
def test_means_do_not_depend_on_the_window(wave, edges):
    """A longer run must give the same bits in the steps that it shares."""
    whole = wave.means(edges)
    for cut in range(1, len(edges), 7):
        np.testing.assert_array_equal(wave.means(edges[: cut + 1]), whole[:cut])
        np.testing.assert_array_equal(wave.means(edges[cut - 1 :]), whole[cut - 1 :])


@few
@given(waveforms(), waveforms(), st.lists(st.floats(0.0, 150.0), max_size=20))
def test_a_sum_is_the_sum_at_every_time(a, b, times):
    times = np.array([*times, *a.breaks, *b.breaks])
    both = a + b
    np.testing.assert_allclose(both.at(times), a.at(times) + b.at(times), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(both.breaks, np.union1d(a.breaks, b.breaks))
    before = np.nextafter(times[times > 0], -np.inf)
    # just left of a break: the limit from the left, but for one unit of rounding in time
    np.testing.assert_allclose(both.at(before), a.at(before) + b.at(before), atol=1e-9)


@few
@given(waveforms(), waveforms())
def test_sums_commute(a, b):
    assert a + b == b + a


@few
@given(waveforms(), st.floats(-10.0, 10.0), grids())
def test_scaling_scales_values_slopes_and_means(wave, k, edges):
    scaled = wave * k
    np.testing.assert_allclose(scaled.at(edges), k * wave.at(edges), rtol=1e-13, atol=1e-12)
    np.testing.assert_allclose(scaled.means(edges), k * wave.means(edges), atol=1e-11)
    for t in edges[:5]:
        assert scaled.slope(t) == pytest.approx(k * wave.slope(t), rel=1e-12, abs=1e-12)


@few
@given(waveforms())
def test_slopes_are_those_of_the_pieces(wave):
    widths = np.diff(wave.breaks)
    expected = [*((wave.last[:-1] - wave.first[:-1]) / widths), 0.0]
    assert [wave.slope(t) for t in wave.breaks] == expected
    assert wave.slope(wave.breaks[0] - 1.0) == 0.0
    assert wave.slope(wave.breaks[-1] + 1.0) == 0.0


@few
@given(waveforms(), waveforms())
def test_equal_waveforms_hash_alike(a, b):
    copy = Waveform(a.breaks.copy(), a.first.copy(), a.last.copy())
    assert copy == a
    assert hash(copy) == hash(a)
    assert (a == b) == all(
        np.array_equal(getattr(a, key), getattr(b, key)) for key in ("breaks", "first", "last")
    )
    assert a != "a waveform"


def test_0_and_minus_0_are_the_same_current():
    zero, negative = pieces((0.0, 0.0, 0.0)), pieces((0.0, 0.0, 0.0)) * -1.0
    assert zero == negative
    assert hash(zero) == hash(negative)


def test_pieces_are_rows_of_time_value_and_value_at_the_end():
    wave = pieces((1.0, 2.0, 4.0), (3.0, 0.0, 0.0))
    assert wave.at([0.0, 1.0, 2.0, 3.0]).tolist() == [0.0, 2.0, 3.0, 0.0]
    assert wave.breaks.dtype == np.float64


def test_means_without_a_step_are_empty():
    assert pieces((0.0, 1.0, 1.0)).means(np.array([5.0])).shape == (0,)


def test_a_waveform_has_values_at_the_ends_of_time():
    wave = pieces((1.0, 2.0, 4.0), (3.0, 0.5, 0.5))
    assert wave.at([-math.inf, math.inf]).tolist() == [0.0, 0.5]


def test_a_waveform_cannot_be_changed_from_outside():
    wave = pieces((0.0, 1.0, 1.0))
    with pytest.raises(ValueError, match="read-only"):
        wave.first[0] = 9.0
    values = np.array([1.0, 2.0])
    held = Waveform(np.array([0.0, 1.0]), values, values)
    values[0] = 9.0
    assert float(held.at(0.5)) == 1.0


def test_jumps_are_where_the_value_is_not_continuous():
    ramp = pieces((0.0, 0.0, 1.0), (10.0, 1.0, 1.0), (20.0, 0.0, 0.0))
    assert ramp.jumps.tolist() == [20.0]
    assert pieces((5.0, 2.0, 2.0), (50.0, 0.0, 0.0)).jumps.tolist() == [5.0, 50.0]
    # sampled every 0.1 ms from 100 to 110 ms: only its beginning and its end
    t = 100.0 + 0.1 * np.arange(101)
    values = np.random.default_rng(0).normal(size=101)
    values[-1] = 0.0
    sampled = Waveform(t, values, values)
    assert sampled.jumps.tolist() == [100.0, t[-1]]
    # pulses of 1 ms every 20 ms keep both edges
    train = [(20.0 * k + d, 1.0 - d, 1.0 - d) for k in range(3) for d in (0.0, 1.0)]
    assert pieces(*train).jumps.tolist() == [0.0, 1.0, 20.0, 21.0, 40.0, 41.0]


@few
@given(st.floats(1e12, 1e300), st.floats(1e-9, 1e-3), value)
def test_a_piece_whose_duration_is_lost_in_rounding_is_none(start, duration, level):
    wave = pieces((start, level, -level), (start + duration, 0.0, 0.0))
    with np.errstate(all="raise"):
        assert np.isfinite(wave.at([0.0, start, 2.0 * start])).all()
        assert np.isfinite(wave.slope([start])).all()
        assert wave.at(start) == (level if start + duration > start else 0.0)
