"""Motor units, presets and the pool: their numbers and where they come from."""

import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.muscle import (
    MotorUnit,
    fast_unit,
    fuglevand_pool,
    slow_unit,
    thenar_unit,
    twitch,
    twitch_tetanus_ratio,
)

PRESETS = [slow_unit, fast_unit, thenar_unit]


@pytest.mark.parametrize(
    ("preset", "T", "status"),
    [
        (slow_unit, 90.0, "published"),
        (fast_unit, 30.0, "published"),
        (thenar_unit, 58.5, "tuned"),
    ],
)
def test_presets_carry_their_source(preset, T, status):
    unit = preset()
    assert unit.contraction_time == T
    assert unit.fused_force == pytest.approx(1.0, rel=1e-15)
    parameter = unit.parameters["contraction_time"]
    assert (parameter.value, parameter.unit, parameter.status) == (T, "ms", status)
    assert all(p.source and p.status for p in unit.parameters.values())


def test_thenar_contraction_time_follows_from_its_half_maximum():
    x = (math.log(2) / 2) ** (1 / 3)
    assert thenar_unit().contraction_time == pytest.approx(1000 * x / 12, abs=0.05)


def test_a_changed_number_loses_its_source():
    unit = dataclasses.replace(slow_unit(), contraction_time=100.0)
    assert unit.parameters["contraction_time"].source == "given by the user"
    assert unit.parameters["contraction_time"].status == "unverified"
    assert unit.parameters["twitch_force"].status == "derived"
    scaled = slow_unit().with_fused_force(2.0, "N")
    assert scaled.fused_force == pytest.approx(2.0, rel=1e-15)
    assert scaled.parameters["twitch_force"].unit == "N"
    assert scaled.parameters["twitch_force"].status == "unverified"


def test_units_are_values():
    assert slow_unit() == slow_unit()
    assert hash(slow_unit()) == hash(slow_unit())
    assert pickle.loads(pickle.dumps(thenar_unit())).parameters == thenar_unit().parameters
    with pytest.raises(dataclasses.FrozenInstanceError):
        slow_unit().contraction_time = 1.0  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("T", [0.0, -90.0, math.nan, math.inf, 1e-9, 1e9, None, "slow"])
def test_bad_contraction_time_is_refused_in_one_line(T):
    with pytest.raises(InputError) as error:
        MotorUnit("mine", T)
    assert "\n" not in str(error.value) and "allowed" in str(error.value)


@pytest.mark.parametrize("force", [0.0, -1.0, math.nan, math.inf])
def test_bad_force_is_refused_in_one_line(force):
    for call in (
        lambda: MotorUnit("mine", 90.0, force),
        lambda: slow_unit().with_fused_force(force, "N"),
    ):
        with pytest.raises(InputError) as error:
            call()
        assert "\n" not in str(error.value) and "allowed" in str(error.value)


@pytest.mark.parametrize("preset", PRESETS)
def test_twitch_measures(preset):
    unit = preset()
    measured = twitch(unit)
    t = np.linspace(0, 6 * unit.contraction_time, 600_001)
    shape = (
        unit.twitch_force * t / unit.contraction_time * np.exp(1 - t / unit.contraction_time)
    )
    assert measured.time_to_peak == pytest.approx(t[shape.argmax()], rel=1e-4)
    assert measured.peak == pytest.approx(shape.max(), rel=1e-9)
    half = t[shape >= measured.peak / 2].max() - measured.time_to_peak
    # the grid's step is 1e-5 T
    assert measured.half_relaxation == pytest.approx(half, abs=2e-5 * unit.contraction_time)


def test_half_relaxation_is_a_lambert_function():
    from scipy.special import lambertw

    x = -lambertw(-0.5 / math.e, -1).real
    assert twitch(slow_unit()).half_relaxation == pytest.approx(90 * (x - 1), rel=1e-14)


def test_twitch_tetanus_ratio_is_fixed():
    expected = (1 - math.exp(-2 * 0.4**3)) / (0.4 * math.e)
    for preset in PRESETS:
        assert twitch_tetanus_ratio(preset()) == pytest.approx(expected, rel=1e-14)
        assert preset().twitch_force / preset().fused_force == pytest.approx(
            expected, rel=1e-14
        )
    assert round(expected, 4) == 0.1105 and round(1 / expected, 4) == 9.0499


def test_pool_follows_the_published_distributions():
    pool = fuglevand_pool()
    i = np.arange(1, 121)
    force = np.exp(np.log(100) * (i - 1) / 119)
    threshold = np.exp(np.log(50) * (i - 1) / 119)
    np.testing.assert_allclose(pool.fused_force, force, rtol=1e-13)
    np.testing.assert_allclose(pool.recruitment_threshold, threshold, rtol=1e-13)
    np.testing.assert_allclose(
        pool.contraction_time, 90 * (1 / force) ** (math.log(3) / math.log(100)), rtol=1e-13
    )
    np.testing.assert_allclose(pool.peak_rate, 35 - 10 * (threshold - 1) / 49, rtol=1e-13)
    assert (pool.peak_rate[0], pool.peak_rate[-1]) == (35.0, 25.0)
    assert pool.maximum_excitation == 67.0
    assert pool[0].contraction_time == 90.0 and len(list(pool)) == 120


def test_pool_says_which_numbers_are_the_papers():
    parameters = fuglevand_pool(60, gain=2.0).parameters
    assert parameters["gain"].status == "unverified"
    assert parameters["recruitment_range"].status == "published"


@pytest.mark.parametrize(
    "options",
    [
        {"n": 1},
        {"n": 2.5},
        {"n": True},
        {"recruitment_range": 1.0},
        {"force_range": 0.5},
        {"contraction_range": math.nan},
        {"longest_contraction": 0.0},
        {"minimum_rate": -8.0},
        {"gain": 0.0},
        {"last_peak_rate": 5.0},
    ],
)
def test_bad_pool_is_refused_in_one_line(options):
    with pytest.raises(InputError) as error:
        fuglevand_pool(**options)
    assert "\n" not in str(error.value) and "allowed" in str(error.value)


@given(st.floats(10.0, 45.0), st.floats(10.0, 45.0))
def test_a_warm_twitch_is_faster_by_its_q10_and_there_and_back_is_nothing(celsius, at):
    unit = slow_unit()
    warm = unit.warmed(celsius, at)
    q10 = 1.43 ** ((at - celsius) / 10.0)
    assert warm.contraction_time == pytest.approx(unit.contraction_time * q10, rel=1e-12)
    assert warm.twitch_force == unit.twitch_force
    told = warm.parameters["contraction_time"]
    assert told.status == "derived" and "Ranatunga 1987" in told.source
    back = warm.warmed(at, celsius)
    assert back.contraction_time == pytest.approx(unit.contraction_time, rel=1e-12)


@pytest.mark.parametrize("celsius", [9.0, 46.0, np.nan, "warm"])
def test_no_muscle_is_so_warm(celsius):
    with pytest.raises(InputError, match=r"temperature is .*allowed: 10 to 45"):
        slow_unit().warmed(celsius)
