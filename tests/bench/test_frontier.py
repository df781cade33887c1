"""Costs at an error, and ratios, against numbers that can be written down."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.bench.frontier import Frontier, Point, Task
from mnexcite.errors import InputError

TASK = Task("squid", 1, 100.0, {}, "none", 1, 5, "closed form", 0.0)


def frontier(**lines):
    """Return a comparison of contestants, each a list of (cost, error)."""
    points = [
        Point(name, "method", f"dt {i}", "dt", 1.0 / (i + 1), cost=cost, error=error)
        for name, line in lines.items()
        for i, (cost, error) in enumerate(line)
    ]
    return Frontier(tuple(points), TASK, {}, next(iter(lines)))


def power(scale, order):
    """Return the line of a method whose error is step^order and whose cost is scale/step."""
    return [(scale / step, step**order) for step in (0.5, 0.1, 0.02, 0.004)]


@given(st.floats(1e-9, 0.2), st.integers(1, 5), st.floats(0.01, 100.0))
def test_cost_between_points_of_a_power_law_is_that_law(error, order, scale):
    found = frontier(a=power(scale, order)).cost_at("a", error)
    if error < 0.004**order * (1 - 1e-9):
        assert found is None
    elif 0.004**order * (1 + 1e-9) < error < 0.5**order:
        # logarithms are interpolated, so a straight line in them is exact but for rounding
        assert math.isclose(found, scale / error ** (1 / order), rel_tol=1e-9)


def test_ratio_is_of_costs_at_the_same_error():
    found = frontier(a=power(1.0, 2), b=power(3.0, 2))
    assert math.isclose(found.ratio("b", "a", 1e-3), 3.0, rel_tol=1e-12)
    assert math.isclose(found.ratio("a", "b", 1e-3), 1 / 3.0, rel_tol=1e-12)
    assert found.ratio("a", "b", 1e-9) is None


def test_a_contestant_better_than_asked_costs_what_its_cheapest_costs():
    assert frontier(a=[(2.0, 1e-5), (4.0, 1e-7)]).cost_at("a", 1e-2) == 2.0


def test_points_that_a_cheaper_one_beats_do_not_count():
    found = frontier(a=[(5.0, 1e-2), (1.0, 2e-2), (2.0, 1e-3), (9.0, None)])
    assert [(p.cost, p.error) for p in found.edge("a")] == [(1.0, 2e-2), (2.0, 1e-3)]


def test_an_error_of_zero_is_reached_at_its_cost():
    found = frontier(a=[(1.0, 1e-2), (2.0, 0.0)])
    assert found.cost_at("a", 1e-3) < 2.0
    assert found.cost_at("a", 0.0) == 2.0


def test_nobody_of_that_name():
    with pytest.raises(InputError, match="did you mean 'staggered'"):
        frontier(staggered=[(1.0, 1e-2)]).cost_at("stagered", 1e-2)


def test_a_contestant_without_results_has_no_cost():
    skipped = Point("a", "peer", "dt 1", "dt", 1.0, skipped="not installed")
    assert Frontier((skipped,), TASK, {}, "a").cost_at("a", 1e-2) is None
