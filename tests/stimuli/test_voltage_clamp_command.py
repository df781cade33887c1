import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.stimuli import voltage_clamp

level = st.floats(-150.0, 100.0)
few = settings(deadline=None, max_examples=60)


def refused(build, message):
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert str(caught.value).startswith("voltage_clamp: ")
    assert "\n" not in str(caught.value)


@few
@given(level)
def test_without_steps_the_voltage_is_held(holding):
    clamp = voltage_clamp(holding, compartment="dendrite")
    assert clamp.compartment == "dendrite"
    assert clamp.command.at([0.0, 1e6]).tolist() == [holding, holding]
    assert voltage_clamp(holding).compartment is None


@few
@given(
    level,
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50), level, level), max_size=5),
)
def test_steps_and_ramps_leave_the_holding_voltage_and_return(holding, given_steps):
    steps, end = [], 0
    for gap, duration, first, last in given_steps:
        steps.append((end + gap, duration, first, last))
        end += gap + duration
    command = voltage_clamp(holding, *steps).command
    for i, (start, duration, first, last) in enumerate(steps):
        assert float(command.at(start)) == first
        middle = float(command.at(start + 0.5 * duration))
        assert middle == pytest.approx(0.5 * (first + last), abs=1e-12)
        follows = i + 1 < len(steps) and steps[i + 1][0] == start + duration
        after = steps[i + 1][2] if follows else holding
        assert float(command.at(start + duration)) == after
    assert float(command.at(end + 1000.0)) == holding
    if not steps or steps[0][0] > 0:
        assert float(command.at(0.0)) == holding
    times = np.linspace(0.0, end + 10.0, 97)
    values = command.at(times)
    assert np.all(values >= -150.0) and np.all(values <= 100.0)


@few
@given(level, level, st.floats(0.0, 1000.0), st.floats(0.01, 1000.0))
def test_three_numbers_make_a_step_and_four_a_ramp(first, last, start, duration):
    flat = voltage_clamp(-70.0, (start, duration, first)).command
    assert flat == voltage_clamp(-70.0, (start, duration, first, first)).command
    sloped = voltage_clamp(-70.0, (start, duration, first, last)).command
    assert sloped.slope(start) == pytest.approx((last - first) / duration, rel=1e-6, abs=1e-6)


def test_steps_may_be_rows_of_an_array():
    rows = np.array([[10.0, 5.0, 0.0], [20.0, 5.0, -20.0]])
    assert voltage_clamp(-70.0, *rows) == voltage_clamp(-70.0, (10, 5, 0), (20, 5, -20))


def test_steps_that_follow_each_other_may_touch_in_decimals():
    command = voltage_clamp(-70.0, (0.1, 0.2, 0.0), (0.3, 0.4, -20.0), (0.7, 0.1, 10.0)).command
    assert command.at([0.2, 0.5, 0.75, 0.9]).tolist() == [0.0, -20.0, 10.0, -70.0]


@pytest.mark.parametrize(
    ("holding", "steps", "message"),
    [
        (-151.0, (), "-151.* mV; allowed: -150 to 100"),
        (math.nan, (), "holding is nan|nan.* mV; allowed"),
        ("rest", (), "holding is 'rest'; allowed: a finite number"),
        (None, (), "holding is None; allowed: a finite number"),
        (-70.0, ((0.0, 1.0, 101.0),), "101 mV; allowed: -150 to 100"),
        (-70.0, ((0.0, 1.0, 0.0, 200.0),), "200 mV; allowed: -150 to 100"),
        (-70.0, ((0.0, 1.0, math.nan),), "level is nan mV; allowed: a finite number"),
        (-70.0, ((0.0, 1.0, 0.0, math.inf),), "is inf mV; allowed: a finite number"),
        (-70.0, ((-1.0, 1.0, 0.0),), "start is -1.0 ms; allowed: 0 or more"),
        (-70.0, ((math.nan, 1.0, 0.0),), "start is nan ms; allowed: 0 or more"),
        (-70.0, ((0.0, 0.0, 0.0),), "duration is 0.0 ms; allowed: above 0"),
        (-70.0, ((0.0, math.inf, 0.0),), "duration is inf ms; allowed: .*finite"),
        (
            -70.0,
            ((0.0, 10.0, 0.0), (5.0, 10.0, 0.0)),
            "a step starts at 5 ms, before the last one ends at 10 ms; give steps in order",
        ),
        (-70.0, ((0.0, 10.0),), r"step .*\(0.0, 10.0\).*start, duration, level"),
        (-70.0, ((0.0, 1.0, 2.0, 3.0, 4.0),), "step .*start, duration, level"),
        (-70.0, (10.0, 50.0, 0.0), "step .*10.0.*start, duration, level"),
    ],
)
def test_a_bad_command_is_refused_in_one_line(holding, steps, message):
    refused(lambda: voltage_clamp(holding, *steps), f".*{message}")
