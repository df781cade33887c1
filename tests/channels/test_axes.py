import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from mnexcite.channels.axes import (
    CONCENTRATION,
    VOLTAGE,
    ConcentrationAxis,
    VoltageAxis,
    axis_of,
    bernstein,
    cubics,
    quintics,
)

coefficient = st.floats(-1e3, 1e3, allow_subnormal=False)


def test_the_default_axes_are_those_of_the_design():
    assert (VOLTAGE.lowest, VOLTAGE.highest, VOLTAGE.width) == (-150.0, 100.0, 0.0625)
    assert VOLTAGE.rows == 4000
    assert (CONCENTRATION.lowest, CONCENTRATION.highest) == (2.0**-40, 1024.0)
    assert CONCENTRATION.rows == 50 * 64
    assert axis_of(None) is VOLTAGE
    assert axis_of("Ca") is CONCENTRATION


@pytest.mark.parametrize("axis", [VOLTAGE, CONCENTRATION, VoltageAxis(-90.0, 40.0, 0.5)])
def test_nodes_are_the_starts_of_rows_and_the_end(axis):
    nodes = axis.nodes
    assert nodes.shape == (axis.rows + 1,)
    assert (nodes[0], nodes[-1]) == (axis.lowest, axis.highest)
    assert np.all(np.diff(nodes) > 0)


@given(st.integers(-45, 0), st.integers(1, 10), st.sampled_from([1, 4, 64, 100]))
def test_each_octave_is_cut_into_equal_rows(first, octaves, parts):
    axis = ConcentrationAxis(first, first + octaves, parts)
    expected = [
        2.0 ** (first + o) * (1 + p / parts) for o in range(octaves) for p in range(parts)
    ]
    np.testing.assert_allclose(axis.nodes[:-1], expected, rtol=1e-15)


@pytest.mark.parametrize("axis", [VOLTAGE, CONCENTRATION])
def test_every_node_is_located_at_the_start_of_its_row(axis):
    row, place = axis.locate(axis.nodes)
    np.testing.assert_array_equal(row[:-1], np.arange(axis.rows))
    np.testing.assert_array_equal(place[:-1], np.zeros(axis.rows))
    assert (row[-1], place[-1]) == (axis.rows - 1, 1.0)
    # both axes are dyadic, so that middles are exact as well
    row, place = axis.locate(0.5 * (axis.nodes[:-1] + axis.nodes[1:]))
    np.testing.assert_array_equal(row, np.arange(axis.rows))
    np.testing.assert_array_equal(place, np.full(axis.rows, 0.5))


def back(axis, row, place):
    start, end = axis.nodes[row], axis.nodes[row + 1]
    return start + place * (end - start)


@given(st.floats(-150.0, 100.0))
def test_a_voltage_is_found_again_from_its_row_and_place(v):
    row, place = VOLTAGE.locate(v)
    assert 0 <= row < VOLTAGE.rows
    assert 0.0 <= place <= 1.0
    # v + 150 <= 250 is rounded once before it is cut into rows
    assert back(VOLTAGE, row, place) == pytest.approx(v, abs=2.0 * math.ulp(250.0))


@given(st.floats(2.0**-40, 1024.0))
def test_a_concentration_is_found_again_from_its_row_and_place(c):
    row, place = CONCENTRATION.locate(c)
    assert 0 <= row < CONCENTRATION.rows
    assert 0.0 <= place <= 1.0
    assert back(CONCENTRATION, row, place) == pytest.approx(c, rel=4e-16)


@given(st.one_of(st.floats(-1e300, 1e300), st.just(math.inf), st.just(-math.inf)))
def test_what_lies_beyond_an_axis_is_held_at_its_end(x):
    for axis in (VOLTAGE, CONCENTRATION):
        held = min(max(x, axis.lowest), axis.highest)
        row, place = axis.locate(x)
        expected_row, expected_place = axis.locate(held)
        assert (row, place) == (expected_row, expected_place)
        assert 0 <= row < axis.rows
        assert 0.0 <= place <= 1.0


@given(st.lists(st.floats(-150.0, 100.0), min_size=2, max_size=50))
def test_rows_and_places_keep_the_order_of_voltages(values):
    row, place = VOLTAGE.locate(sorted(values))
    assert np.all(np.diff(row + place) >= 0)


def value_at(axis, rows, x):
    row, u = axis.locate(x)
    c0, c1, c2, c3 = (rows[..., row, i] for i in range(4))
    return c0 + u * (c1 + u * (c2 + u * c3))


def spline(nodes, values):
    """Return SciPy's cubic spline with the curvatures of the outermost three nodes."""
    slopes = np.diff(values, axis=-1) / np.diff(nodes)
    first = 2.0 * (slopes[..., 1] - slopes[..., 0]) / (nodes[2] - nodes[0])
    last = 2.0 * (slopes[..., -1] - slopes[..., -2]) / (nodes[-1] - nodes[-3])
    return CubicSpline(nodes, values, axis=-1, bc_type=((2, first), (2, last)))


small_axes = pytest.mark.parametrize(
    "axis", [VoltageAxis(-2.0, 3.0, 0.03125), ConcentrationAxis(-3, 2, 64)]
)
smooth = settings(deadline=None, max_examples=40)


@small_axes
@smooth
@given(coefficient, coefficient, coefficient)
def test_cubics_are_exact_for_quadratics(axis, a, b, c):
    x = axis.nodes
    rows = cubics(x, a + b * x + c * x**2)
    assert rows.shape == (axis.rows, 4)
    at = np.linspace(axis.lowest, axis.highest, 173)
    # the round-off of second differences of values, over rows of unequal widths, comes
    # back into the values
    tolerance = 1e-13 * (abs(a) + 4.0 * abs(b) + 16.0 * abs(c)) + 1e-300
    np.testing.assert_allclose(
        value_at(axis, rows, at), a + b * at + c * at**2, rtol=0, atol=tolerance
    )


@smooth
@given(st.lists(coefficient, min_size=11, max_size=11))
def test_cubics_are_the_spline_of_any_values(values):
    values = np.array(values)
    for axis in (VoltageAxis(-2.0, 3.0, 0.5), ConcentrationAxis(-3, 2, 2)):
        at = np.linspace(axis.lowest, axis.highest, 101)
        # widths differ by up to 16, and so may the round-off of slopes
        tolerance = 1e-13 * np.max(np.abs(values)) + 1e-300
        np.testing.assert_allclose(
            value_at(axis, cubics(axis.nodes, values), at),
            spline(axis.nodes, values)(at),
            rtol=0,
            atol=tolerance,
        )


@pytest.mark.parametrize("axis", [VOLTAGE, CONCENTRATION])
def test_cubics_meet_the_nodes_and_take_several_functions_at_once(axis):
    x = axis.nodes
    scaled = (x - x[0]) / (x[-1] - x[0])
    values = np.stack([np.sin(7.0 * scaled), np.exp(scaled), 1.0 / (1.0 + 50.0 * scaled)])
    rows = cubics(x, values)
    assert rows.shape == (3, axis.rows, 4)
    np.testing.assert_array_equal(rows[..., 0], values[:, :-1])
    np.testing.assert_allclose(rows.sum(axis=-1), values[:, 1:], atol=1e-14)
    at = 0.5 * (x[:-1] + x[1:])
    np.testing.assert_allclose(
        value_at(axis, rows, at), spline(x, values)(at), rtol=0, atol=1e-12
    )


def fine_value_at(axis, rows, x):
    row, u = axis.locate(x)
    return np.polynomial.polynomial.polyval(u, np.moveaxis(rows[row], -1, 0), tensor=False)


@small_axes
@smooth
@given(st.lists(coefficient, min_size=6, max_size=6))
def test_quintics_are_exact_for_the_fifth_degree(axis, c):
    rows = quintics(axis.nodes, np.polynomial.polynomial.polyval(axis.nodes, c))
    assert rows.shape == (axis.rows, 6)
    at = np.linspace(axis.lowest, axis.highest, 173)
    wanted = np.polynomial.polynomial.polyval(at, c)
    size = np.polynomial.polynomial.polyval(axis.highest, np.abs(c))
    tolerance = 1e-12 * size + 1e-300
    np.testing.assert_allclose(fine_value_at(axis, rows, at), wanted, rtol=0, atol=tolerance)


@pytest.mark.parametrize("axis", [VOLTAGE, CONCENTRATION])
def test_quintics_meet_the_nodes_and_join_smoothly(axis):
    x = axis.nodes
    scaled = (x - x[0]) / (x[-1] - x[0])
    values = np.stack([np.sin(7.0 * scaled), np.exp(scaled), 1.0 / (1.0 + 50.0 * scaled)])
    rows = quintics(x, values)
    np.testing.assert_array_equal(rows[..., 0], values[:, :-1])
    np.testing.assert_allclose(rows.sum(axis=-1), values[:, 1:], atol=1e-14)
    widths = np.diff(x)
    ends = rows @ np.arange(6.0)  # slopes, per width of the row
    starts = rows[:, 1:, 1] * widths[:-1] / widths[1:]
    np.testing.assert_allclose(ends[:, :-1], starts, rtol=0, atol=1e-14)


def test_what_quintics_are_wrong_by_is_rounding():
    """The sharpest of the published gates, over rows of 1/8 mV."""
    axis = VoltageAxis(width=0.125)
    x = np.linspace(-60.0, 20.0, 4001)
    rows = quintics(axis.nodes, 1.0 / (1.0 + np.exp(-(axis.nodes + 17.0) / 3.0)))
    error = np.abs(fine_value_at(axis, rows, x) - 1.0 / (1.0 + np.exp(-(x + 17.0) / 3.0)))
    assert error.max() < 2e-13


def test_bernstein_numbers_enclose_a_quintic():
    rng = np.random.default_rng(3)
    for row in rng.normal(size=(50, 6)):
        value = np.polynomial.polynomial.polyval(np.linspace(0.0, 1.0, 101), row)
        bounds = bernstein(row[None])
        assert bounds.min() - 1e-13 <= value.min() and value.max() <= bounds.max() + 1e-13


@given(st.lists(coefficient, min_size=4, max_size=4))
def test_bernstein_numbers_enclose_a_cubic(row):
    bounds = bernstein(np.array([row]))
    u = np.linspace(0.0, 1.0, 101)
    value = row[0] + u * (row[1] + u * (row[2] + u * row[3]))
    tolerance = 1e-14 * sum(map(abs, row))  # a few roundings of terms no larger
    assert bounds.shape == (1, 4)
    assert value.min() >= bounds.min() - tolerance
    assert value.max() <= bounds.max() + tolerance
    # it starts and ends on the outer two
    np.testing.assert_allclose(bounds[0, [0, 3]], value[[0, -1]], rtol=0, atol=tolerance)


def test_the_error_between_nodes_is_that_of_splines():
    # at most 5/384 h^4 of the fourth derivative (Hall & Meyer 1976); the function is flat
    # at both ends of the axis, so these do not matter
    k = 3.0
    x = np.linspace(-40.0, 40.0, 4001)
    s = 1.0 / (1.0 + np.exp(-x / k))
    fourth = np.max(np.abs(s * (1 - s) * (1 - 2 * s) * (1 - 12 * s + 12 * s**2))) / k**4
    rows = cubics(VOLTAGE.nodes, 1.0 / (1.0 + np.exp(-VOLTAGE.nodes / k)))
    error = np.max(np.abs(value_at(VOLTAGE, rows, x) - s))
    assert error <= 1.001 * 5.0 / 384.0 * VOLTAGE.width**4 * fourth + 1e-15
