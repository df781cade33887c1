import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.stimuli import pulse, ramp, sampled, step, train, triangle

amplitude = st.floats(-100.0, 100.0)
moment = st.floats(0.0, 1e4)
length = st.floats(0.01, 1e4)
few = settings(deadline=None, max_examples=60)


def refused(build, message):
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


def just_before(t):
    return np.nextafter(t, -np.inf)


def charge(stimulus, end, dt=0.5):
    (current,) = stimulus.currents
    return float(np.sum(current.waveform.means(dt * np.arange(round(end / dt) + 1))) * dt)


@few
@given(amplitude, moment, length)
def test_a_step_acts_from_its_start_to_just_before_its_end(a, start, duration):
    current = step(a, unit="nA", start=start, duration=duration)
    end = start + duration
    assert current.at([start, just_before(end), end, end + 1.0]).tolist() == [a, a, 0.0, 0.0]
    if start > 0:
        assert float(current.at(just_before(start))) == 0.0


@few
@given(amplitude, moment)
def test_a_step_lasts_for_ever_unless_told_otherwise(a, start):
    assert step(a, unit="nA", start=start).at([start, start + 1e9]).tolist() == [a, a]
    assert float(step(a, unit="nA").at(0.0)) == a


@few
@given(amplitude, st.floats(0.0, 400.0), st.floats(0.01, 500.0))
def test_the_charge_of_a_step_is_exact_whatever_the_grid(a, start, duration):
    current = step(a, unit="nA", start=start, duration=duration)
    assert charge(current, 1000.0) == pytest.approx(a * duration, rel=1e-9, abs=1e-9)


@few
@given(amplitude, moment)
def test_a_pulse_is_a_step_of_1_ms(a, start):
    assert pulse(a, unit="nA", start=start) == step(a, unit="nA", start=start, duration=1.0)
    longer = pulse(a, unit="nA", start=start, duration=2.5, compartment="soma")
    assert longer == step(a, unit="nA", start=start, duration=2.5, compartment="soma")


@few
@given(amplitude, amplitude, moment, length, st.floats(0.0, 1.0, exclude_max=True))
def test_a_ramp_is_a_straight_line(first, last, start, duration, share):
    current = ramp(first, last, unit="nA", start=start, duration=duration)
    t = start + share * duration
    if t < start + duration:
        # the place in the ramp is rounded relative to t, not to the duration
        slope = abs(last - first) / duration
        tolerance = 1e-12 + 4.0 * slope * math.ulp(start + duration)
        expected = first + (last - first) * share
        assert float(current.at(t)) == pytest.approx(expected, abs=tolerance)
    assert float(current.at(start)) == first
    assert float(current.at(start + duration)) == 0.0


@few
@given(amplitude, amplitude, st.floats(0.0, 400.0), st.floats(0.01, 500.0))
def test_the_charge_of_a_ramp_is_that_of_its_trapezoid(first, last, start, duration):
    current = ramp(first, last, unit="nA", start=start, duration=duration)
    expected = 0.5 * (first + last) * duration
    assert charge(current, 1000.0) == pytest.approx(expected, abs=1e-8)


@few
@given(amplitude, amplitude, moment, length)
def test_a_triangle_peaks_in_the_middle(peak, base, start, duration):
    current = triangle(peak, unit="nA", start=start, duration=duration, base=base)
    middle = start + 0.5 * duration
    assert float(current.at(start)) == base
    assert float(current.at(middle)) == peak
    assert float(current.at(start + duration)) == 0.0
    slope = abs(peak - base) / (0.5 * duration)
    tolerance = 1e-12 + 4.0 * slope * math.ulp(start + duration)
    for t in (start + 0.25 * duration, start + 0.75 * duration):
        assert float(current.at(t)) == pytest.approx(0.5 * (base + peak), abs=tolerance)


@few
@given(amplitude, st.floats(0.5, 500.0), st.integers(1, 50), st.floats(0.05, 0.95), moment)
def test_a_train_of_so_many_pulses(a, rate, count, share, start):
    interval = 1e3 / rate
    width = share * interval
    current = train(a, unit="nA", rate=rate, count=count, width=width, start=start)
    onsets = start + interval * np.arange(count)
    assert current.at(onsets).tolist() == [a] * count
    assert current.at(onsets + 0.5 * width).tolist() == [a] * count
    assert current.at(onsets + width + 0.5 * (interval - width)).tolist() == [0.0] * count
    assert float(current.at(start + count * interval)) == 0.0


@few
@given(st.floats(1.0, 200.0), st.floats(1.0, 2000.0), st.floats(0.1, 0.9), moment)
def test_a_train_ends_with_its_duration(rate, duration, share, start):
    interval = 1e3 / rate
    width = share * interval
    current = train(1.0, unit="nA", rate=rate, duration=duration, width=width, start=start)
    end = start + duration
    assert current.at([end, end + 0.25 * interval, end + interval]).tolist() == [0.0] * 3
    onsets = start + interval * np.arange(math.ceil(duration * rate / 1e3 - 1e-6))
    assert np.all(current.at(onsets[onsets < end - 1e-6]) == 1.0)


def test_a_train_of_one_second_at_20_hz_has_20_pulses():
    for duration in (1000.0, 999.0):
        current = train(2.0, unit="nA", rate=20.0, duration=duration, width=1.0)
        assert charge(current, 1500.0) == pytest.approx(20 * 2.0 * 1.0)
    assert charge(train(2.0, unit="nA", rate=20.0, duration=1000.5), 1500.0) == pytest.approx(
        41.0  # the 21st pulse is cut short by the end
    )


@few
@given(st.lists(amplitude, min_size=1, max_size=20), st.floats(0.01, 100.0), moment)
def test_samples_are_held_until_the_next(values, every, start):
    current = sampled(values, unit="nA", every=every, start=start)
    onsets = start + every * np.arange(len(values))
    np.testing.assert_array_equal(current.at(onsets), values)
    np.testing.assert_array_equal(current.at(onsets + 0.5 * every), values)
    assert float(current.at(start + every * len(values))) == 0.0


@few
@given(
    st.lists(st.tuples(st.integers(0, 1000), amplitude), min_size=1, unique_by=lambda p: p[0]),
    st.floats(0.0, 100.0),
)
def test_samples_at_times_of_their_own(pairs, start):
    times, values = zip(*sorted(pairs), strict=True)
    current = sampled(values, unit="nA", times=times, start=start)
    moments = np.asarray(times, dtype=float) + start
    np.testing.assert_array_equal(current.at(moments), values)
    np.testing.assert_array_equal(current.at(moments + 0.5), values)
    assert float(current.at(moments[-1] + 1e6)) == values[-1]
    if moments[0] > 0:
        assert float(current.at(just_before(moments[0]))) == 0.0


def test_one_sample_is_enough():
    assert sampled(0.3, unit="nA", every=2.0).at([0.0, 1.9, 2.0]).tolist() == [0.3, 0.3, 0.0]


def test_samples_do_not_follow_the_array_they_came_from():
    values, times = np.array([1.0, 2.0]), np.array([0.0, 1.0])
    for current in (
        sampled(values.copy(), unit="nA", every=1.0),
        sampled(values, unit="nA", times=times),
    ):
        values[0] = times[0] = 9.0
        assert float(current.at(0.5)) == 1.0


SHAPES = {
    "step": lambda **k: step(**{"amplitude": 1.0, "unit": "nA", **k}),
    "pulse": lambda **k: pulse(**{"amplitude": 1.0, "unit": "nA", **k}),
    "ramp": lambda **k: ramp(**{"first": 0.0, "last": 1.0, "unit": "nA", "duration": 5.0, **k}),
    "triangle": lambda **k: triangle(**{"peak": 1.0, "unit": "nA", "duration": 5.0, **k}),
    "train": lambda **k: train(
        **{"amplitude": 1.0, "unit": "nA", "rate": 10.0, "count": 2, **k}
    ),
    "sampled": lambda **k: sampled(**{"values": [1.0, 2.0], "unit": "nA", "every": 1.0, **k}),
}
LEVELS = {
    "step": ("amplitude",),
    "pulse": ("amplitude",),
    "ramp": ("first", "last"),
    "triangle": ("peak", "base"),
    "train": ("amplitude",),
}
by_shape = pytest.mark.parametrize("shape", SHAPES)


@by_shape
@pytest.mark.parametrize("unit", ["pA", "na", "ua/cm2", "", None, "mV"])
def test_an_unknown_unit_is_refused(shape, unit):
    refused(
        lambda: SHAPES[shape](unit=unit), f"^{shape}: unit is {unit!r}; allowed: nA, uA/cm2"
    )


@by_shape
def test_the_unit_must_be_said(shape):
    with pytest.raises(TypeError, match="unit"):
        {"sampled": sampled, "step": step, "pulse": pulse}.get(shape, step)(1.0)


@by_shape
@pytest.mark.parametrize("unit", ["nA", "uA/cm2"])
def test_unit_and_compartment_are_kept(shape, unit):
    (current,) = SHAPES[shape](unit=unit, compartment="dendrite").currents
    assert (current.unit, current.compartment) == (unit, "dendrite")


@by_shape
@pytest.mark.parametrize("start", [-1.0, math.nan, math.inf, "soon", None])
def test_a_bad_start_is_refused(shape, start):
    refused(lambda: SHAPES[shape](start=start), f"^{shape}: start is .*; allowed: 0 or more")


@pytest.mark.parametrize(
    ("shape", "level"), [(shape, level) for shape, levels in LEVELS.items() for level in levels]
)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "1 nA", None])
def test_a_level_that_is_not_finite_is_refused(shape, level, value):
    refused(
        lambda: SHAPES[shape](**{level: value}), f"^{shape}: {level} is .*; allowed: a finite"
    )


@pytest.mark.parametrize("shape", ["step", "pulse", "ramp", "triangle"])
@pytest.mark.parametrize("duration", [0.0, -1.0, math.nan, "long", None])
def test_a_bad_duration_is_refused(shape, duration):
    refused(
        lambda: SHAPES[shape](duration=duration), f"^{shape}: duration is .*; allowed: above 0"
    )


@pytest.mark.parametrize("shape", ["ramp", "triangle"])
def test_a_line_cannot_take_for_ever(shape):
    refused(lambda: SHAPES[shape](duration=math.inf), "duration is inf ms; allowed: .*finite")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": None}, "give count or duration, one of the two"),
        ({"duration": 10.0}, "give count or duration, one of the two"),
        ({"count": 0}, "0 pulses; allowed: 1 or more|count is 0"),
        ({"count": -3}, "-3 pulses; allowed: 1 or more|count is -3"),
        ({"count": 2.5}, "count is 2.5; allowed: whole numbers"),
        ({"count": "two"}, "count is 'two'; allowed: whole numbers"),
        ({"count": math.nan}, "count is nan; allowed: whole numbers"),
        ({"count": None, "duration": math.inf}, "duration is inf"),
        ({"count": None, "duration": math.nan}, "duration is nan"),
        ({"count": None, "duration": -5.0}, "duration is -5.0"),
        ({"rate": 0.0}, "rate 0 Hz and width 1 ms; allowed: both above 0"),
        ({"rate": -10.0}, "rate -10 Hz and width 1 ms; allowed: both above 0"),
        ({"rate": math.nan}, "rate is nan Hz; allowed: a finite number"),
        ({"rate": "10 Hz"}, "rate is '10 Hz'; allowed: a finite number"),
        ({"width": 0.0}, "rate 10 Hz and width 0 ms; allowed: both above 0"),
        ({"width": 100.0}, ".*the width below the interval of 1000 / rate ms"),
        ({"width": math.inf}, "width is inf ms; allowed: a finite number"),
    ],
)
def test_a_bad_train_is_refused_in_one_line(arguments, message):
    refused(lambda: SHAPES["train"](**arguments), f"^train: {message}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"values": []}, "one or more"),
        ({"values": [1.0, math.nan]}, "finite numbers"),
        ({"values": [[1.0, 2.0]]}, "one dimension"),
        ({"values": ["a"]}, "finite|number"),
        ({"values": [[1.0], [1.0, 2.0]]}, "one dimension|number"),
        ({"every": None}, "give every or times, one of the two"),
        ({"times": [0.0, 1.0]}, "give every or times, one of the two"),
        ({"every": 0.0}, "every is 0.0 ms; allowed: above 0"),
        ({"every": math.nan}, "every is nan ms; allowed: above 0"),
        ({"every": math.inf}, "every is inf ms; allowed: above 0"),
        ({"every": None, "times": [0.0]}, "1 times for 2 values; allowed"),
        ({"every": None, "times": [1.0, 0.0]}, "increas"),
        ({"every": None, "times": [1.0, 1.0]}, "increas"),
        ({"every": None, "times": [-1.0, 1.0]}, "from 0 on"),
        ({"every": None, "times": [0.0, math.nan]}, "increas|finite"),
        ({"every": None, "times": ["a", "b"]}, "increas|number"),
    ],
)
def test_bad_samples_are_refused_in_one_line(arguments, message):
    refused(lambda: SHAPES["sampled"](**arguments), f"^sampled: .*({message})")


@pytest.mark.parametrize("start", [-1.0, math.nan])
def test_a_bad_start_of_timed_samples_is_refused(start):
    refused(
        lambda: sampled([1.0, 2.0], unit="nA", times=[5.0, 6.0], start=start),
        "^sampled: start is .*; allowed: 0 or more",
    )
