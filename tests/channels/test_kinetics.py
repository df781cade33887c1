"""Oracles: SciPy's exprel and expit, and the published formulas as plain Python."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, exprel

from mnexcite.channels import kinetics

voltage = st.floats(-150.0, 100.0).map(lambda v: round(v, 9))  # no subnormal v - half
slope = st.one_of(st.floats(0.5, 100.0), st.floats(-100.0, -0.5))
rate = st.floats(1e-4, 1e3)

# every function below is a handful of correctly rounded operations; the exponent of an
# exponential up to 1e3 turns one unit of round-off (1e-16) into 1e-13
RELATIVE = 1e-12


@given(st.floats(-700.0, 700.0, allow_subnormal=False), slope)
def test_linoid_is_the_reciprocal_of_exprel(x, y):
    np.testing.assert_allclose(kinetics.linoid(x, y), y / exprel(-x / y), rtol=RELATIVE)


@given(slope, st.floats(-1e-7, 1e-7, allow_subnormal=False))
def test_linoid_passes_through_its_limit_without_a_jump(y, x):
    # x / (1 - exp(-x / y)) = y + x / 2 + x^2 / (12 y) + ...
    assert float(kinetics.linoid(0.0, y)) == y
    np.testing.assert_allclose(kinetics.linoid(x, y), y + x / 2, rtol=1e-14)


@given(st.floats(1e-290, 1e-20), st.sampled_from([-1, 1]), slope)
def test_linoid_of_the_smallest_numbers_is_its_limit(x, sign, y):
    np.testing.assert_allclose(kinetics.linoid(sign * x, y), y, rtol=1e-15)


def test_linoid_far_out_neither_overflows_nor_warns():
    assert kinetics.linoid([-1e5, 1e5], 10.0).tolist() == [0.0, 1e5]


@given(voltage, voltage, slope)
def test_boltzmann_is_the_logistic_function(v, half, k):
    np.testing.assert_allclose(
        kinetics.boltzmann(v, half, k), expit((v - half) / k), rtol=RELATIVE
    )


@given(voltage, slope)
def test_boltzmann_is_half_at_half_and_mirrors_around_it(half, k):
    assert float(kinetics.boltzmann(half, half, k)) == pytest.approx(0.5, rel=1e-15)
    both = kinetics.boltzmann(half + np.array([-7.0, 7.0]), half, k)
    assert both.sum() == pytest.approx(1.0, abs=1e-12)


def test_boltzmann_far_out_is_zero_or_one_without_a_warning():
    assert kinetics.boltzmann([-1e6, 1e6], 0.0, 0.5).tolist() == [0.0, 1.0]


@given(voltage, st.tuples(rate, voltage, st.floats(4, 100), voltage, st.floats(4, 100), rate))
def test_bell_is_its_formula(v, numbers):
    scale, half_1, slope_1, half_2, slope_2, base = numbers
    expected = (
        scale / (math.exp((v - half_1) / slope_1) + math.exp(-(v - half_2) / slope_2)) + base
    )
    np.testing.assert_allclose(kinetics.bell(v, *numbers), expected, rtol=RELATIVE)


def test_bell_far_out_falls_to_its_base_without_a_warning():
    far = kinetics.bell([-1e5, 1e5], 3.5, -35.0, 4.0, -35.0, 25.0, 1.0)
    assert far.tolist() == [1.0, 1.0]


@given(st.floats(1e-6, 100.0), st.floats(1e-5, 10.0), st.floats(1.0, 4.0))
def test_hill_is_its_formula(c, half, order):
    expected = c**order / (c**order + half**order)
    np.testing.assert_allclose(kinetics.hill(c, half, order), expected, rtol=RELATIVE)


@given(st.floats(-10.0, 0.0), st.floats(1e-5, 10.0), st.floats(0.5, 4.0))
def test_hill_is_zero_without_ions(c, half, order):
    assert float(kinetics.hill(c, half, order)) == 0.0


@given(voltage, rate, voltage, slope)
def test_rates_are_their_formulas(v, a, half, k):
    u = (v - half) / k
    tolerance = {"rtol": RELATIVE}
    np.testing.assert_allclose(
        kinetics.alpha_linear(v, a, half, k), a * k / exprel(-u), **tolerance
    )
    for exponential in (kinetics.alpha_exponential, kinetics.beta_exponential):
        np.testing.assert_allclose(exponential(v, a, half, k), a * np.exp(-u), **tolerance)
    np.testing.assert_allclose(kinetics.beta_sigmoid(v, a, half, k), a * expit(u), **tolerance)


@given(st.integers(1, 4), st.integers(1, 4))
def test_functions_keep_the_shape_of_their_argument(rows, columns):
    v = np.linspace(-100.0, 50.0, rows * columns).reshape(rows, columns)
    for value in (
        kinetics.linoid(v, 10.0),
        kinetics.boltzmann(v, -40.0, 5.0),
        kinetics.bell(v, 1.0, -40.0, 5.0, -40.0, 5.0, 0.1),
        kinetics.hill(np.abs(v), 1.0, 2.0),
        kinetics.alpha_linear(v, 1.0, -40.0, 5.0),
        kinetics.alpha_exponential(v, 1.0, -40.0, 5.0),
        kinetics.beta_exponential(v, 1.0, -40.0, 5.0),
        kinetics.beta_sigmoid(v, 1.0, -40.0, 5.0),
    ):
        assert value.shape == v.shape


def test_functions_leave_their_argument_alone():
    v = np.array([-1.0, 0.0, 1.0])
    v.flags.writeable = False
    kinetics.linoid(v, 10.0)
    kinetics.hill(v, 1.0, 2.0)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("half", "mV"),
        ("alpha_half", "mV"),
        ("tau_half_1", "mV"),
        ("slope", "mV"),
        ("tau_slope_2", "mV"),
        ("tau", "ms"),
        ("tau_scale", "ms"),
        ("tau_base", "ms"),
        ("beta_rate", "1/ms"),
        ("alpha", "1/ms"),
        ("order", ""),
        ("a_name_of_mine", ""),
    ],
)
def test_usual_units_follow_from_names(name, unit):
    assert kinetics.unit_of(name) == unit
