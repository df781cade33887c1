import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

from mnexcite.errors import InputError
from mnexcite.spikes import SHAPE_STATUSES, SpikeShape, detect, shape

STEP = 0.01
T = np.arange(0.0, 40.0, STEP)
NUMBERS = [f.name for f in dataclasses.fields(SpikeShape) if f.name != "status"]


def smooth(t):
    """A spike of 100 mV at 10 ms and an after-hyperpolarisation around 18 ms."""
    return -70 + 100 * np.exp(-(((t - 10) / 0.5) ** 2)) - 8 * np.exp(-(((t - 18) / 4) ** 2))


def slope(t):
    up = -2 * (t - 10) / 0.25 * 100 * np.exp(-(((t - 10) / 0.5) ** 2))
    return up + 2 * (t - 18) / 16 * 8 * np.exp(-(((t - 18) / 4) ** 2))


def measured(v=None, **options):
    v = smooth(T) if v is None else v
    return shape(T, v, detect(T, v)[0], **options)


def test_smooth_spike_against_scipy():
    found = measured()
    top = minimize_scalar(lambda t: -smooth(t), bounds=(9.5, 10.5), options={"xatol": 1e-10})
    low = minimize_scalar(smooth, bounds=(14.0, 22.0), options={"xatol": 1e-10})
    rise = minimize_scalar(lambda t: -slope(t), bounds=(9.3, 9.95), options={"xatol": 1e-10})
    fall = minimize_scalar(slope, bounds=(10.05, 10.7), options={"xatol": 1e-10})
    foot = brentq(lambda t: slope(t) - 10, 8.0, 9.3)
    half = (smooth(foot) + smooth(top.x)) / 2
    width = brentq(lambda t: smooth(t) - half, 10, 12) - brentq(
        lambda t: smooth(t) - half, 8, 10
    )
    # |v''| and |v'''| stay below 800 mV/ms2 and 4500 mV/ms3: linear interpolation errs by
    # h^2 |v''|/8 = 0.01 mV, slopes by h^2 |v'''|/6, parabolas by the fourth order
    second, third = STEP**2 * 800 / 8, STEP**2 * 4500 / 6
    assert found.status == "ok"
    assert found.peak == pytest.approx(smooth(top.x), abs=1e-4)
    assert found.peak_time == pytest.approx(top.x, abs=1e-4)
    assert found.threshold == pytest.approx(smooth(foot), abs=second)
    assert found.threshold_time == pytest.approx(foot, abs=second / 10)
    assert found.amplitude == pytest.approx(smooth(top.x) - smooth(foot), abs=second)
    assert found.half_width == pytest.approx(width, abs=4 * second / abs(rise.fun))
    assert found.max_rise == pytest.approx(-rise.fun, abs=third)
    assert found.max_fall == pytest.approx(fall.fun, abs=third)
    assert found.ahp == pytest.approx(low.fun, abs=1e-6)
    assert found.ahp_delay == pytest.approx(low.x - top.x, abs=1e-3)


def test_parabolas_are_exact_on_uneven_samples():
    # peak 20 mV at 3.1 ms, minimum -60 mV at 8.3 ms; straight lines lead in and through
    t = np.array([0.0, 1.0, 2.0, 3.0, 3.5, 4.5, 7.0, 8.0, 9.0, 9.2, 12.0])
    v = -60 + 2 * (t - 8.3) ** 2
    v[:2] = -70.0
    v[2:6] = 20 - 30 * (t[2:6] - 3.1) ** 2
    found = shape(t, v, detect(t, v)[0])
    assert (found.peak, found.peak_time) == pytest.approx((20.0, 3.1), rel=1e-13)
    assert (found.ahp, found.ahp_delay) == pytest.approx((-60.0, 5.2), rel=1e-13)


def test_width_and_slopes_of_a_triangle():
    # -70 to 30 mV at 100 mV/ms, back at -50 mV/ms to -80 mV, and slowly up
    t = np.arange(0.0, 20.0, 0.05)
    v = np.interp(t, [0, 5, 6, 8.2, 20], [-70, -70, 30, -80, -70])
    found = shape(t, v, detect(t, v)[0])
    assert found.max_rise == pytest.approx(100.0, rel=1e-9)
    assert found.max_fall == pytest.approx(-50.0, rel=1e-9)
    # the parabola rounds the corner off by less than one step of the steep side
    assert found.peak == pytest.approx(30.0, abs=100 * 0.05 / 4)
    half = (found.threshold + found.peak) / 2
    assert found.half_width == pytest.approx((30 - half) / 100 + (30 - half) / 50, rel=1e-9)
    # dV/dt passes 10 mV/ms between the middles of the steps beside 5 ms
    assert abs(found.threshold_time - 5) < 0.05 / 2
    assert found.ahp == pytest.approx(-80.0, abs=50 * 0.05 / 4)


def test_stimulus_artefact_before_the_spike_is_not_its_threshold():
    v = smooth(T)
    v[(T > 6) & (T < 6.3)] += 8.0  # two jumps steeper than the spike
    assert measured(v).threshold_time == pytest.approx(measured().threshold_time, abs=1e-9)


def test_next_spike_ends_the_search():
    v = smooth(T) + 100 * np.exp(-(((T - 16) / 0.5) ** 2))
    first, second = (shape(T, v, spike) for spike in detect(T, v))
    assert first.status == second.status == "ok"
    assert 10 + first.ahp_delay < 16 < second.peak_time + second.ahp_delay
    assert second.peak_time == pytest.approx(16, abs=0.01)


def test_stop_ends_the_search():
    v = smooth(T) - 30.0 * (T > 30)  # the stimulus ends, and v with it
    assert measured(v, stop=30.0).ahp == measured().ahp
    assert measured(v).ahp < -90


def test_a_smaller_slope_is_an_earlier_threshold():
    times = [measured(slope=s).threshold_time for s in (5.0, 10.0, 20.0, 50.0)]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("stop", "status", "missing"),
    [
        (9.9, "no_peak", set(NUMBERS) - {"threshold", "threshold_time"}),
        (10.1, "no_fall", {"half_width", "max_fall", "ahp", "ahp_delay"}),
        (12.0, "no_ahp", {"ahp", "ahp_delay"}),
        (None, "ok", set()),
    ],
)
def test_a_short_trace_says_what_is_missing(stop, status, missing):
    found = measured(stop=stop)
    assert found.status == status
    assert {name for name in NUMBERS if math.isnan(getattr(found, name))} == missing


def test_a_slow_rise_has_no_threshold():
    t = np.arange(0.0, 400.0, 0.1)
    v = -30 - 40 * np.cos(2 * np.pi * t / 200)  # at most 1.3 mV/ms
    found = shape(t, v, detect(t, v)[0])
    assert found.status == "no_threshold"
    assert math.isnan(found.threshold) and math.isnan(found.half_width)
    assert (found.peak, found.ahp) == pytest.approx((10.0, -70.0), abs=1e-9)
    assert shape(t, v, detect(t, v)[0], slope=0.5).status == "ok"


def test_a_trace_that_starts_in_the_upstroke_has_no_threshold():
    kept = T > 9.2
    found = shape(T[kept], smooth(T[kept]), detect(T[kept], smooth(T[kept]))[0])
    assert found.status == "no_threshold"
    assert found.peak == measured().peak


def test_a_depolarisation_block_has_no_fall():
    found = measured(np.where(T < 10, smooth(T), 5.0 + 25 * np.exp(-(T - 10))))
    assert found.status == "no_fall"
    assert math.isnan(found.max_fall) and math.isnan(found.ahp)


def test_a_flat_top_is_its_own_peak():
    t = np.arange(0.0, 10.0, 1.0)
    v = np.array([-70.0, -70, -70, 20, 20, 20, -70, -80, -70, -70])
    found = shape(t, v, detect(t, v)[0])
    assert found.peak >= 20.0
    assert 3.0 <= found.peak_time <= 5.0


@given(st.floats(9.71, 39.0))
def test_nan_exactly_where_the_status_is_not_ok(stop):
    found = measured(stop=stop)
    missing = any(math.isnan(getattr(found, name)) for name in NUMBERS)
    assert missing == (found.status != "ok")
    assert found.sentence == SHAPE_STATUSES[found.status]


@given(st.sampled_from([0.25, 2.0, 8.0]), st.sampled_from([0.5, 2.0]))
def test_scaling_time_and_voltage_scales_the_shape(stretch, gain):
    # powers of two, so that every step of the arithmetic scales exactly
    v = smooth(T)
    a = shape(T, v, detect(T, v)[0])
    t, v = T * stretch, v * gain
    spike = detect(t, v, rearm=10 * gain)[0]
    b = shape(t, v, spike, slope=10 * gain / stretch, rearm=10 * gain)
    for name in ("peak", "threshold", "amplitude", "ahp"):
        assert getattr(b, name) == gain * getattr(a, name)
    for name in ("peak_time", "threshold_time", "half_width", "ahp_delay"):
        assert getattr(b, name) == stretch * getattr(a, name)
    for name in ("max_rise", "max_fall"):
        assert getattr(b, name) == gain / stretch * getattr(a, name)


@given(st.floats(-20.0, 20.0), st.floats(0.0, 1e4))
def test_moving_a_trace_moves_the_shape(lift, delay):
    v, t = smooth(T) + lift, T + delay
    a = shape(T, smooth(T), detect(T, smooth(T), threshold=-10.0)[0])
    b = shape(t, v, detect(t, v, threshold=-10.0 + lift)[0])
    # times up to 1e4 ms are rounded to 2e-12 ms: 1e-10 of a step, hence of a slope
    for name in ("peak", "threshold", "ahp"):
        assert getattr(b, name) == pytest.approx(getattr(a, name) + lift, abs=1e-7)
    for name in ("amplitude", "half_width", "max_rise", "max_fall"):
        assert getattr(b, name) == pytest.approx(getattr(a, name), rel=1e-8)
    # a flat minimum is found to the square root of that
    assert b.ahp_delay == pytest.approx(a.ahp_delay, abs=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spike_time": 50.0}, "spike_time is 50 ms; allowed: after 0 and up to"),
        ({"spike_time": 0.0}, "spike_time is 0 ms"),
        ({"spike_time": 10.5}, "does not rise at spike_time 10.5 ms"),
        ({"spike_time": np.nan}, "spike_time is nan"),
        ({"slope": 0.0}, "slope is 0 mV/ms; allowed: above 0"),
        ({"rearm": -1.0}, "rearm is -1 mV"),
        ({"stop": 5.0}, "stop is 5 ms; allowed: above"),
        ({"v": np.full(T.size, np.nan)}, "v is nan at position 0"),
        ({"t": -T}, "t goes from"),
        ({"t": T[:-1]}, "t has 3999 samples and v has 4000"),
    ],
)
def test_bad_input_is_refused_in_one_line(change, message):
    given_ = {"t": T, "v": smooth(T), "spike_time": detect(T, smooth(T))[0], **change}
    with pytest.raises(InputError, match=message) as caught:
        shape(**given_)
    assert "\n" not in str(caught.value)
