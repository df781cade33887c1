"""Steady forces in closed form against long simulated trains."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.muscle import (
    MotorUnit,
    contract,
    fast_unit,
    force_frequency,
    slow_unit,
    thenar_unit,
)

PRESETS = [slow_unit(), fast_unit(), thenar_unit()]


@pytest.mark.parametrize("unit", PRESETS, ids=lambda unit: unit.name)
def test_closed_form_equals_a_long_train(unit):
    rates = np.array([1.0, 5.0, 10.27, 20.0, 50.0])
    curve = force_frequency(unit, rates)
    for i, rate in enumerate(rates):
        isi = 1000 / rate
        spikes = np.arange(math.ceil(45 * unit.contraction_time / isi) + 3) * isi
        last = contract(spikes, unit, duration=spikes[-1], discard=spikes[-2], every=None)
        # 45 T after the start 1e-18 of it is left
        assert last.mean == pytest.approx(curve.mean[i], rel=1e-10)
        assert last.peak == pytest.approx(curve.peak[i], rel=1e-10)
        assert last.fusion_index == pytest.approx(curve.fusion_index[i], rel=1e-10, abs=1e-12)


@given(st.floats(1.0, 300.0), st.floats(0.01, 500.0))
def test_both_forms_have_the_same_mean(T, rate):
    curve = force_frequency(MotorUnit("any", T), [rate])
    assert curve.mean[0] == pytest.approx(curve.rate_form[0], rel=1e-12)


@pytest.mark.parametrize("unit", PRESETS, ids=lambda unit: unit.name)
def test_force_and_fusion_rise_and_ripple_falls_with_rate(unit):
    curve = force_frequency(unit, np.linspace(1.0, 80.0, 200))
    assert (np.diff(curve.mean) > -1e-15).all()  # flat to rounding where fused
    assert (np.diff(curve.ripple) < 0).all()
    assert (np.diff(curve.fusion_index) > 0).all()
    assert (curve.trough >= 0).all()


def test_ripple_in_force_rises_between_the_knee_and_three_quarters():
    # Nagamori et al. 2021, fig. 4: fusion of this model is not monotonic in force
    x = np.array([0.3, 0.4, 0.6, 0.75, 1.0])
    curve = force_frequency(slow_unit(), x / 0.09)
    assert np.sign(np.diff(curve.peak - curve.trough)).tolist() == [-1, 1, 1, -1]


def test_very_low_rates_are_single_twitches():
    curve = force_frequency(slow_unit(), [1e-300, 1e-3])
    np.testing.assert_allclose(curve.peak, slow_unit().twitch_force, rtol=1e-12)
    np.testing.assert_allclose(curve.fusion_index, 0.0, atol=1e-12)
    assert curve.force_unit == "fraction of fused force"


@pytest.mark.parametrize("rates", [[0.0], [-1.0], [math.nan], [math.inf], 5.0, [[5.0]]])
def test_bad_rates_are_refused_in_one_line(rates):
    with pytest.raises(InputError) as error:
        force_frequency(slow_unit(), rates)
    assert "\n" not in str(error.value) and "give" in str(error.value)
