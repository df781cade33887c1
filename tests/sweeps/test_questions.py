"""Values that were meant as factors are questioned; others are not."""

import pytest

import mnexcite as mx
from mnexcite.config import build_plan, loads_sweep
from mnexcite.sweeps.designs.questions import meant_as_factors

CELL = mx.cells.purvis_butera_2005()  # NaP.g 0.05 uS, Kdr.g 1.3 uS


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        (
            {"NaP.g": (1, 4, 10)},
            "1, 4, 10 uS, 20 to 200 times the cell's own 0.05 uS (published)",
        ),
        (
            {"NaP.g": (1, 4, 10)},
            "mx.factors([1, 4, 10]), or mx.factors(1, 4, 10) for 10 of them",
        ),
        ({"NaP.g": [0.5, 1, 2]}, "mx.factors([0.5, 1, 2]), or mx.factors(0.5, 1, 2)"),
        ({"NaP.g": [0.5 + 0.1 * k for k in range(20)]}, "mx.factors(0.5, 2.4, 20)"),
        ({"C": [1, 2]}, "the cell's own 0.04"),
    ],
)
def test_factors_are_recognised(axes, said):
    [asked] = meant_as_factors(CELL, mx.sweeps.grid(axes))
    assert said in asked


@pytest.mark.parametrize(
    "axes",
    [
        {"NaP.g": [0.05, 0.1, 1.0]},
        {"NaP.g": mx.factors([1, 4, 10])},
        {"NaP.g": [0.0, 1.0]},
        {"Kdr.g": [1, 2, 4]},
        {"NaP.m.half": [-40.0, -50.0]},
        {"ions.K_o": [3, 10]},
        {"temperature": [30.0, 37.0]},
        {"NaP.g": [1000.0, 2000.0]},
    ],
)
def test_true_values_are_not_questioned(axes):
    assert meant_as_factors(CELL, mx.sweeps.grid(axes)) == []


def test_a_draw_is_questioned_in_its_words():
    [asked] = meant_as_factors(CELL, mx.sweeps.random({"NaP.g": mx.between(1, 4)}, 8))
    assert "mx.between(..., factor=True)" in asked


def test_sweeps_fronts_and_files_ask():
    cell = mx.cells.hodgkin_huxley_1952()
    told = dict(duration=1.0, measures=("count",))
    with pytest.warns(mx.RunWarning, match="Na.g.*mx.factors"):
        mx.sweep(cell, {"Na.g": [0.5, 1.0]}, **told)
    with pytest.warns(mx.RunWarning, match="Na.g.*mx.factors"):
        mx.sweeps.front(
            cell, {"Na.g": [0.5, 1.0], "Kdr.g": [30, 36]}, of=("count", 1.0), coarse=1, **told
        )
    with pytest.warns(mx.RunWarning, match='"NaP.g:factor" = .1, 4, 10.$'):
        build_plan(loads_sweep('[axes]\n"NaP.g" = [1, 4, 10]'))
