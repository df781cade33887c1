"""Find the boundaries between the classes of a plane from few of its grid points."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.sweeps.designs.axes import Array

IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]
#: Lines of a plane along each of its axes: indices that rise from the first to the last.
Lines = tuple[IntArray, IntArray]

#: Class of a point that was not asked for.
UNKNOWN = -1


def refine(
    classify: Callable[[IntArray], NDArray[Any]], shape: tuple[int, int], coarse: int = 8
) -> NDArray[np.int64]:
    """Return the class of each point near a boundary, and `UNKNOWN` for all others.

    Rectangles in which two known classes differ are bisected, and those beside them, down to
    one step of the grid. Known are corners and what was asked for beside a rectangle or
    inside it, so a boundary is followed wherever it leaves a rectangle: one of which any step
    was found is found from end to end. Only one that closes on itself, or returns to the
    plane's edge, between the first lines can be missed.

    Parameters
    ----------
    classify
        Flat points, counted in C order -> a class from 0 on for each.
    shape
        Points along both axes, two or more.
    coarse
        Rectangles along each axis to begin with.

    Examples
    --------
    >>> refine(lambda points: points % 9 > 7, (2, 9), coarse=2)
    array([[ 0, -1,  0, -1,  0,  0,  0,  0,  1],
           [ 0, -1,  0, -1,  0,  0,  0,  0,  1]])
    """
    found = np.full(shape, UNKNOWN, np.int64)
    levels = _levels(shape, coarse)
    wanted = np.zeros(shape, np.bool_)
    wanted[np.ix_(*levels[0])] = True
    while wanted.any():
        points = np.flatnonzero(wanted)
        found.ravel()[points] = classify(points)
        for lines, finer in itertools.pairwise(levels):
            wanted[np.ix_(*finer)] |= _in_any(_beside(_mixed(found, lines)), lines, finer)
        wanted &= found == UNKNOWN
    return found


def steps(classes: NDArray[Any], x: Array, y: Array) -> tuple[Array, Array, NDArray[Any]]:
    """Return the boundary: lines midway between neighbouring points of different classes.

    Parameters
    ----------
    classes
        Class of each point, below 0 where unknown, shape (n, m).
    x, y
        Coordinates of the points, shapes (n,) and (m,).

    Returns
    -------
    tuple
        x and y of the ends of each segment, and the classes on its two sides, that of the
        lower index first; shapes (segments, 2). Segments end at the outermost points.

    Examples
    --------
    >>> x, y, between = steps(np.array([[0, 0], [0, 1]]), np.array([1, 2]), np.array([4, 6]))
    >>> x.tolist(), y.tolist(), between.tolist()
    ([[1.5, 1.5], [1.5, 2.0]], [[5.0, 6.0], [5.0, 5.0]], [[0, 1], [0, 1]])
    """
    across, around_y, sides_x = _steps_along_first(classes, x, y)
    up, around_x, sides_y = _steps_along_first(classes.T, y, x)
    return (
        np.concatenate([across, around_x]),
        np.concatenate([around_y, up]),
        np.concatenate([sides_x, sides_y]),
    )


def _steps_along_first(
    classes: NDArray[Any], x: Array, y: Array
) -> tuple[Array, Array, NDArray[Any]]:
    before, after = classes[:-1], classes[1:]
    i, j = np.nonzero((before != after) & (before >= 0) & (after >= 0))
    middle = 0.5 * x[i] + 0.5 * x[i + 1]
    edges = np.concatenate([y[:1], 0.5 * y[:-1] + 0.5 * y[1:], y[-1:]])
    sides = np.stack([before[i, j], after[i, j]], axis=-1)
    return np.stack([middle, middle], axis=-1), np.stack([edges[j], edges[j + 1]], -1), sides


def _levels(shape: Sequence[int], coarse: int) -> list[Lines]:
    """Return the lines to begin with, then those with the middles between them, to the end."""
    levels = [tuple(_first(size, coarse) for size in shape)]
    while any(np.diff(lines).max() > 1 for lines in levels[-1]):
        levels.append(tuple(_halved(lines) for lines in levels[-1]))
    return levels  # type: ignore[return-value]


def _first(size: int, coarse: int) -> IntArray:
    parts = min(coarse, size - 1)
    return np.arange(parts + 1) * (size - 1) // parts


def _halved(lines: IntArray) -> IntArray:
    return np.unique(np.concatenate([lines, (lines[:-1] + lines[1:]) // 2]))


def _mixed(found: NDArray[np.int64], lines: Lines) -> Mask:
    """Return which rectangles between lines, with their sides, hold different classes."""
    known = found != UNKNOWN
    lowest = np.where(known, found, np.iinfo(np.int64).max)
    highest = np.where(known, found, np.iinfo(np.int64).min)
    for axis, along in enumerate(lines):
        lowest = _reduced(np.minimum, lowest, along, axis)
        highest = _reduced(np.maximum, highest, along, axis)
    return lowest < highest


def _reduced(pick: np.ufunc, values: Any, lines: IntArray, axis: int) -> Any:
    inside = pick.reduceat(values, lines[:-1], axis=axis)
    return pick(inside, values.take(lines[1:], axis=axis))


def _beside(mask: Mask) -> Mask:
    """Return the rectangles of a mask and their eight neighbours."""
    wide = np.pad(mask, 1)
    rows = wide[:-2] | wide[1:-1] | wide[2:]
    return rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]


def _in_any(rectangles: Mask, lines: Lines, finer: Lines) -> Mask:
    """Return which crossings of the finer lines lie in or on any of the rectangles."""
    found = rectangles
    for axis, (along, points) in enumerate(zip(lines, finer, strict=True)):
        last = along.size - 2
        left = np.clip(np.searchsorted(along, points, "left") - 1, 0, last)
        right = np.clip(np.searchsorted(along, points, "right") - 1, 0, last)
        found = found.take(left, axis=axis) | found.take(right, axis=axis)
    return found
