"""The figure of a day shows each cramp as high as it lasted."""

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import plots
from mnexcite.motor_pool import Day, Trigger

HOUR = 3.6e6


def typed(*triggers, reached=24.0):
    """Return a day with these triggers."""
    return Day({"hours": 24.0, "effort": 0.6}, 4, triggers, 57.2, reached * HOUR, None)


FULL = typed(
    Trigger(2 * HOUR, 2000.0, "cramp", 50e3, True, 4, 15.0),
    Trigger(5 * HOUR, 300.0, "none"),
    Trigger(9 * HOUR, 4000.0, "cramp", 80e3, False, 4, 15.0),
)


def test_cramps_stand_where_they_came_and_as_high_as_they_lasted(pixels):
    figure = plots.new_figure(10.0, 6.0)
    empty = pixels(figure)
    assert plots.day({"Muscle\nsick": FULL, "Drug": typed(reached=12.0)}, figure) is figure
    assert not np.array_equal(pixels(figure), empty)
    first, second = figure.axes
    bars = [line.get_xydata().tolist() for line in first.lines if line.get_linewidth() == 5.0]
    assert bars == [[[2.0, 0.0], [2.0, 50.0]], [[9.0, 0.0], [9.0, 80.0]]]
    assert first.get_title("left") == "Muscle: 2 cramps in 24 hours"
    words = {text.get_text().strip() for text in first.texts}
    assert {"50 s", "> 80 s", "1 other contraction, without a cramp"} <= words
    assert "sick; 57 fasciculations a minute between cramps" in words
    assert second.get_title("left") == "Drug: 0 cramps in 12 hours"
    assert "not computed" in {text.get_text().strip() for text in second.texts}
    assert first.get_xlim() == (0.0, 24.0)


@pytest.mark.parametrize(
    ("days", "said"),
    [({}, "there are 0 days; allowed: 1 to 6"), ({"a": 3}, "day 'a' is 3; allowed: of")],
)
def test_days_that_are_refused(days, said):
    with pytest.raises(mx.InputError) as refused:
        plots.day(days)
    assert said in str(refused.value)
