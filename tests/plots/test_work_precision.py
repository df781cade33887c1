from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from mnexcite import plots
from mnexcite.bench.frontier import Frontier, Point, Task
from mnexcite.errors import InputError

TASK = Task("squid", 64, 200.0, {}, "none", 8, 5, "closed form", 1e-9)
METHODS = (
    "rosenbrock",
    "kaps_rentrop",
    "dormand_prince",
    "staggered",
    "exponential_euler",
    "runge_kutta_4",
)
PEERS = (
    "NEURON, fixed step",
    "NEURON, CVODE",
    "Arbor",
    "Brian2",
    "heyoka, batch of 4",
    "SciPy LSODA",
    "SciPy Radau",
)


def line(name, group, cost):
    return [
        Point(name, group, f"tol {e:g}", "tolerance", e, cost=cost * e**-0.25, error=e)
        for e in (1e-2, 1e-3, 1e-4)
    ]


def frontier(methods=METHODS, peers=PEERS):
    points = [p for i, name in enumerate(methods) for p in line(name, "method", 0.02 * (i + 1))]
    points += [p for i, name in enumerate(peers) for p in line(name, "peer", 0.1 * 2**i)]
    return Frontier(tuple(points), TASK, {}, methods[0])


def drawn(found, **options):
    return plots.work_precision(found, Figure((10, 7)).subplots(), **options)


def test_lines_are_error_over_cost():
    found = frontier(("rosenbrock",), ())
    ax = drawn(found)
    x, y = ax.lines[0].get_data()
    assert x.tolist() == [p.cost for p in found.points]
    assert y.tolist() == [1e-2, 1e-3, 1e-4]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_xlabel() == "Computing time per cell for 200 ms [ms]"


def test_every_line_is_named_and_no_two_look_alike():
    ax = drawn(frontier())
    names = {text.get_text().replace("\n", " ") for text in ax.texts}
    assert names == {name.replace("_", " ") for name in (*METHODS, *PEERS)}
    looks = {(x.get_color(), x.get_linestyle(), x.get_marker()) for x in ax.lines}
    assert len(looks) == len(METHODS) + len(PEERS)


def test_what_a_simulator_does_in_several_ways_shares_a_colour():
    ax = drawn(frontier())
    colors = {text.get_text(): to_rgb(text.get_color()) for text in ax.texts}
    assert colors["NEURON, CVODE"] == colors["NEURON, fixed step"]
    assert colors["SciPy LSODA"] == colors["SciPy Radau"]
    assert colors["rosenbrock"] != colors["dormand prince"]


def test_names_do_not_cover_each_other():
    ax = drawn(frontier())
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_misfires_are_crosses_at_the_edge_and_what_was_skipped_is_not_drawn():
    found = frontier(("rosenbrock",), ("Arbor",))
    wrong = replace(found.points[1], error=None, wrong=2)
    absent = Point("Brian2", "peer", "dt 0.1", "dt", 0.1, skipped="not installed")
    ax = drawn(replace(found, points=(found.points[0], wrong, *found.points[2:], absent)))
    line, _, crosses = ax.lines
    assert (np.size(line.get_xdata()), crosses.get_marker()) == (2, "x")
    assert crosses.get_data()[0].tolist() == [wrong.cost]


def test_all_with_a_cost_and_an_error_is_drawn():
    found = frontier(("rosenbrock",), ("Arbor",))
    tiny = [
        replace(p, error=e) for p, e in zip(found.points[:3], (0.0, 1e-9, 1.0), strict=True)
    ]
    all_wrong = [replace(p, error=None, wrong=1) for p in found.points[3:]]
    ax = drawn(replace(found, points=(*tiny, *all_wrong)))
    low, high = ax.get_ylim()
    assert all(low < y < high for y in ax.lines[0].get_ydata())
    assert np.size(ax.lines[0].get_ydata()) == 3
    assert "Arbor" in {text.get_text() for text in ax.texts}


def test_every_simulator_and_method_has_a_colour_of_its_own():
    ax = drawn(frontier((*METHODS, "x", "y"), ("A", "B", "C", "D", "E", "F")))
    colors = [line.get_color() for line in ax.lines]
    assert len(set(colors)) == len(colors)


def test_some_contestants_only():
    assert len(drawn(frontier(), names=["Arbor", "rosenbrock"]).lines) == 2


@pytest.mark.parametrize(
    ("found", "options", "said"),
    [
        (frontier(), {"names": ["Arbour"]}, "did you mean 'Arbor'"),
        (
            replace(frontier(), points=(Point("a", "peer", "", "dt", 1.0, skipped="no"),)),
            {},
            "nothing to draw",
        ),
    ],
)
def test_bad_input_is_refused(found, options, said):
    with pytest.raises(InputError, match=said):
        drawn(found, **options)
