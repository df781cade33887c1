from collections import deque

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mnexcite.sweeps.fronts.refinement import UNKNOWN, refine, steps


class Asked:
    """Answer from a plane of classes, and count."""

    def __init__(self, plane):
        self.plane, self.points, self.calls = plane, [], 0

    def __call__(self, points):
        self.points += points.tolist()
        self.calls += 1
        return self.plane.ravel()[points]


def refined(plane, coarse=8):
    asked = Asked(plane)
    found = refine(asked, plane.shape, coarse)
    assert len(asked.points) == len(set(asked.points)), "a point was asked for twice"
    known = found != UNKNOWN
    assert np.flatnonzero(known).tolist() == sorted(asked.points)
    assert np.array_equal(found[known], plane[known])
    return found


def edges(plane):
    """Return every pair of neighbours of different known classes."""
    pairs = set()
    for one, other, (di, dj) in (
        (plane[:-1], plane[1:], (1, 0)),
        (plane[:, :-1], plane[:, 1:], (0, 1)),
    ):
        differ = (one != other) & (one != UNKNOWN) & (other != UNKNOWN)
        pairs |= {((i, j), (i + di, j + dj)) for i, j in np.argwhere(differ).tolist()}
    return pairs


def fronts(plane):
    """Return the connected fronts: edges that meet at the corner of a square of points."""
    waiting, found = edges(plane), []
    squares = {}
    for edge in waiting:
        (i, j), (k, _) = edge
        di, dj = (0, 1) if k > i else (1, 0)
        for square in ((i, j), (i - di, j - dj)):
            squares.setdefault(square, []).append(edge)
    beside = {}
    for group in squares.values():
        for edge in group:
            beside.setdefault(edge, set()).update(group)
    while waiting:
        front, queue = set(), deque([next(iter(waiting))])
        while queue:
            edge = queue.popleft()
            if edge not in front:
                front.add(edge)
                queue.extend(beside[edge] - front)
        waiting -= front
        found.append(front)
    return found


def plane_of(shape):
    return np.meshgrid(*(np.linspace(0, 1, n) for n in shape), indexing="ij")


def circle(u, v):
    return (np.hypot(u - 0.5, v - 0.45) < 0.31).astype(int)


def half_plane(u, v):
    return (u + 0.37 * v > 0.6).astype(int)


def three(u, v):
    return np.select([u + v > 1.1, u > 1.2 * v * v], [0, 1], 2)


@pytest.mark.parametrize("shape", [(200, 200), (65, 100), (129, 30), (2, 50), (2, 2)])
@pytest.mark.parametrize("part", [circle, half_plane, three])
def test_fronts_are_those_of_the_whole_grid(part, shape):
    plane = part(*plane_of(shape))
    assert edges(refined(plane)) == edges(plane)


@pytest.mark.parametrize("part", [circle, half_plane, three])
def test_few_points_of_a_large_grid_are_asked_for(part):
    plane = part(*plane_of((200, 200)))
    assert plane.size > 5 * np.sum(refined(plane) != UNKNOWN)


def test_points_grow_with_the_length_of_the_front_not_with_the_area():
    counts = [np.sum(refined(circle(*plane_of((n, n)))) != UNKNOWN) for n in (101, 201, 401)]
    # twice the length in steps; a little more than twice for the levels between
    assert 1.7 < counts[1] / counts[0] < 2.3 and 1.7 < counts[2] / counts[1] < 2.3


def test_levels_are_asked_for_in_few_calls():
    asked = Asked(circle(*plane_of((200, 200))))
    refine(asked, (200, 200), 8)
    # 25 steps in 8 rectangles are halved 5 times
    assert asked.calls <= 7


@pytest.mark.parametrize("coarse", [1, 3, 8, 500])
def test_one_class_costs_the_first_lines_only(coarse):
    known = refined(np.zeros((40, 23), int), coarse) != UNKNOWN
    lines = [min(coarse, n - 1) + 1 for n in known.shape]
    assert [known.any(axis=1).sum(), known.any(axis=0).sum()] == lines
    assert known.sum() == np.prod(lines)
    assert known[0, 0] and known[0, -1] and known[-1, 0] and known[-1, -1]


SIZES = st.integers(2, 70)
UNIT = st.floats(0, 1)


@settings(max_examples=60, deadline=None)
@given(SIZES, SIZES, st.integers(1, 9), st.floats(0, 2 * np.pi), UNIT, UNIT)
def test_any_half_plane(n, m, coarse, angle, u0, v0):
    # each side of a line through a rectangle has a corner of it, which is always asked for
    u, v = plane_of((n, m))
    plane = ((u - u0) * np.cos(angle) + (v - v0) * np.sin(angle) > 0).astype(int)
    assert edges(refined(plane, coarse)) == edges(plane)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(20, 70),
    st.integers(20, 70),
    st.integers(5, 9),
    UNIT,
    UNIT,
    st.floats(0, 0.5),
    st.floats(0, 0.5),
)
def test_any_ellipse_larger_than_a_coarse_rectangle(n, m, coarse, u0, v0, wider, higher):
    # a rectangle is at most 1 step above 1 / coarse wide; one fits into the ellipse whole
    a, b = (1 / coarse + 1 / (size - 1) + more for size, more in ((n, wider), (m, higher)))
    u, v = plane_of((n, m))
    plane = (((u - u0) / a) ** 2 + ((v - v0) / b) ** 2 < 1).astype(int)
    assert edges(refined(plane, coarse)) == edges(plane)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 40),
    st.integers(2, 40),
    st.integers(1, 6),
    st.integers(0, 2**32 - 1),
    st.integers(0, 6),
    st.integers(2, 4),
)
@example(40, 40, 2, 3, 5, 3)
def test_a_front_is_found_whole_or_not_at_all(n, m, coarse, seed, smooth, count):
    noise = np.random.default_rng(seed).normal(size=(n, m))
    for _ in range(smooth):
        wide = np.pad(noise, 1, mode="edge")
        noise = (wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:]) / 4
    plane = np.searchsorted(np.quantile(noise, np.arange(1, count) / count), noise)
    found = edges(refined(plane, coarse))
    for front in fronts(plane):
        assert front <= found or not front & found


def test_a_small_island_between_the_first_lines_is_missed():
    plane = np.zeros((81, 81), int)
    plane[14:17, 24:27] = 1
    assert not edges(refined(plane, 8))
    assert edges(refined(plane, 40)) == edges(plane)


def test_an_island_beside_a_front_is_found():
    plane = np.zeros((65, 65), int)
    plane[32:] = 1
    plane[29:31, 11:13] = 1
    assert edges(refined(plane, 8)) == edges(plane)


def drawn(plane, given_x, given_y):
    return {
        (tuple(ends_x), tuple(ends_y), tuple(sides))
        for ends_x, ends_y, sides in zip(
            *(part.tolist() for part in steps(plane, given_x, given_y)), strict=True
        )
    }


def test_segments_run_midway_and_meet():
    plane = np.array([[0, 0, 1], [0, 2, 1]])
    assert drawn(plane, np.array([1.0, 3.0]), np.array([10.0, 20.0, 40.0])) == {
        ((2.0, 2.0), (15.0, 30.0), (0, 2)),
        ((1.0, 2.0), (30.0, 30.0), (0, 1)),
        ((2.0, 3.0), (15.0, 15.0), (0, 2)),
        ((2.0, 3.0), (30.0, 30.0), (2, 1)),
    }


def test_nothing_is_drawn_beside_unknown_points():
    x, y, between = steps(np.array([[0, -1], [-1, 1]]), np.arange(2.0), np.arange(2.0))
    assert x.shape == y.shape == between.shape == (0, 2)


@pytest.mark.parametrize("part", [circle, three])
def test_a_segment_for_each_edge_in_falling_coordinates_too(part):
    plane = part(*plane_of((40, 30)))
    # eighths, of which halves are exact
    given_x, given_y = np.arange(40.0, 0.0, -1.0) / 4, np.arange(30.0) ** 2 / 4

    def reach(values, place):
        lower, upper = values[max(place - 1, 0)], values[min(place + 1, len(values) - 1)]
        return ((lower + values[place]) / 2, (values[place] + upper) / 2)

    expected = set()
    for (i, j), (k, q) in edges(plane):
        middle_x, middle_y = (given_x[i] + given_x[k]) / 2, (given_y[j] + given_y[q]) / 2
        ends_x = (middle_x, middle_x) if i != k else reach(given_x, i)
        ends_y = (middle_y, middle_y) if j != q else reach(given_y, j)
        expected.add((ends_x, ends_y, (plane[i, j], plane[k, q])))
    assert drawn(plane, given_x, given_y) == expected
