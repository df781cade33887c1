"""The figure of a course has a bar for each unit and a point for each month."""

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import plots
from mnexcite.motor_pool import Course, Month

FOUND = Course(
    (
        Month(-6.0, 2, 0, 1.0, 3.0, False, 0.0, True, 0.0, "ok"),
        Month(12.0, 1, 1, 0.6, 40.0, True, 50e3, False, 14.0, "ok"),
    ),
    np.array([8.0, -10.0]),
    np.array([20.0, 2.0]),
    {},
)


def test_units_and_months_are_drawn(pixels):
    figure = plots.new_figure(8.0, 8.0)
    empty = pixels(figure)
    assert plots.course(FOUND, figure, "A muscle") is figure
    assert not np.array_equal(pixels(figure), empty)
    units, strength, twitches, cramp = figure.axes
    assert units.get_title("left") == "A muscle"
    spans = [
        (bar.get_y() + 0.4, bar.get_x(), bar.get_x() + bar.get_width()) for bar in units.patches
    ]
    first, last = units.get_xlim()
    assert spans == [
        (1.0, pytest.approx(first), pytest.approx(8.0)),
        (2.0, pytest.approx(first), pytest.approx(first)),
        (1.0, pytest.approx(8.0), pytest.approx(last)),  # the last one does not die
        (2.0, pytest.approx(first), pytest.approx(2.0)),
    ]
    for ax, values in (
        (strength, [100.0, 60.0]),
        (twitches, [3.0, 40.0]),
        (cramp, [0.0, 50.0]),
    ):
        assert ax.lines[0].get_xydata().tolist() == [[-6.0, values[0]], [12.0, values[1]]]
    assert [text.get_text() for text in cramp.texts] == ["no cramp", "not over"]


def test_what_is_no_course_is_refused():
    with pytest.raises(mx.InputError, match="course is 3; allowed: of"):
        plots.course(3)
