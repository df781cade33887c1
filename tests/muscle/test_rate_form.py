"""The rate form against published goldens and the published equations."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.muscle import (
    MotorUnit,
    excitation_to_rates,
    fast_unit,
    force_from_excitation,
    force_from_rate,
    force_from_rates,
    fuglevand_pool,
    slow_unit,
    thenar_unit,
)

POOL = fuglevand_pool()

# tests of pymuscle; the first and third recomputed apart from it
GOLDENS = {
    "all at 67 Hz": (lambda: force_from_rates(67.0, POOL), 2609.0308816),
    "all at 40 Hz": (lambda: force_from_rates(40.0, POOL), 2586.7530897),
    "excitation 67": (lambda: force_from_excitation(67.0, POOL), 2215.98114),
    "excitation 40": (lambda: force_from_excitation(40.0, POOL), 1311.86896),
}


@pytest.mark.parametrize(("call", "expected"), GOLDENS.values(), ids=GOLDENS)
def test_published_goldens(call, expected):
    # the goldens are printed to 1e-5 and 1e-7
    assert float(call()) == pytest.approx(expected, abs=1e-5)


def test_last_unit_at_25_hz():
    # "~57 %" in Potvin & Fuglevand's code, recomputed as 56.99 %
    assert float(force_from_rate(25.0, POOL[119])) == pytest.approx(0.5699, abs=5e-5)


@pytest.mark.parametrize(
    ("T", "rate", "percent"),
    [
        (90, 14.5, 99),
        (60, 14.5, 73),
        (30, 14.5, 15),
        (90, 25, 100),
        (60, 25, 99.9),
        (30, 25, 57),
    ],
)
def test_slow_units_fuse_in_a_cramp_and_fast_ones_do_not(T, rate, percent):
    force = 100 * float(force_from_rate(rate, MotorUnit("any", T)))
    assert force == pytest.approx(percent, abs=0.5)


def test_thenar_unit_gives_half_at_12_hz():
    assert float(force_from_rate(12.0, thenar_unit())) == pytest.approx(0.5, abs=1e-3)


@given(st.floats(0.0, 200.0), st.floats(1.0, 300.0))
def test_fraction_follows_the_published_equation(rate, T):
    x = T * rate / 1000
    knee = 1 - math.exp(-2 * 0.4**3)
    expected = x / 0.4 * knee if x <= 0.4 else 1 - math.exp(-2 * x**3)
    assert float(force_from_rate(rate, MotorUnit("any", T))) == pytest.approx(
        expected, rel=1e-12, abs=1e-15
    )


def test_shapes_are_kept():
    assert force_from_rate(np.ones((2, 3)), slow_unit()).shape == (2, 3)
    assert excitation_to_rates([1.0, 2.0], POOL).shape == (2, 120)
    assert force_from_excitation([[1.0], [2.0]], POOL).shape == (2, 1)
    assert force_from_rates(np.zeros(120), POOL) == 0.0
    assert force_from_rate(1e300, fast_unit()) == 1.0


def test_units_are_recruited_by_size_and_stop_at_their_peak():
    rates = excitation_to_rates(np.linspace(0, 80, 200), POOL)
    recruited = rates > 0
    assert (np.diff(recruited.sum(axis=1)) >= 0).all()
    assert (rates <= POOL.peak_rate).all()
    assert rates[recruited].min() >= 8.0
    np.testing.assert_array_equal(rates[-1], POOL.peak_rate)


@pytest.mark.parametrize(
    "call",
    [
        lambda: force_from_rate(-1.0, slow_unit()),
        lambda: force_from_rate(math.nan, slow_unit()),
        lambda: excitation_to_rates(-1.0, POOL),
        lambda: excitation_to_rates(math.inf, POOL),
        lambda: force_from_rates([1.0, 2.0], POOL),
    ],
)
def test_bad_rates_are_refused_in_one_line(call):
    with pytest.raises(InputError) as error:
        call()
    assert "\n" not in str(error.value) and "allowed" in str(error.value)
