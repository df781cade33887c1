"""Blocks cover a grid's points, each once."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.sweeps.store.blocks import Blocks, chunk_shape

SIZES = st.integers(1, 9)
GRIDS = st.integers(1, 4).flatmap(
    lambda n: st.tuples(st.tuples(*[SIZES] * n), st.tuples(*[SIZES] * n))
)


@given(GRIDS)
def test_every_point_is_in_one_block_once(grid):
    blocks = Blocks(*grid)
    points = np.concatenate([blocks.points(i) for i in range(blocks.count)])
    np.testing.assert_array_equal(np.sort(points), np.arange(math.prod(grid[0])))
    assert blocks.size == math.prod(grid[0])


@given(GRIDS)
def test_points_and_slices_name_the_same_elements(grid):
    blocks = Blocks(*grid)
    numbers = np.arange(blocks.size).reshape(blocks.shape)
    for index in range(blocks.count):
        covered = numbers[blocks.slices(index)]
        assert covered.shape == blocks.shape_of(index)
        np.testing.assert_array_equal(covered.ravel(), blocks.points(index))


@given(GRIDS)
def test_a_block_is_one_chunk_of_a_regular_grid(grid):
    blocks = Blocks(*grid)
    for index in range(blocks.count):
        starts = [part.start for part in blocks.slices(index)]
        expected = [i * c for i, c in zip(blocks.position(index), blocks.chunk, strict=True)]
        assert starts == expected
    assert blocks.position(blocks.count - 1) == tuple(n - 1 for n in blocks.grid)


@pytest.mark.parametrize(
    ("shape", "points", "chunk"),
    [
        ((200, 200), 1000, (5, 200)),
        ((200, 200), 7, (1, 7)),
        ((200, 200), 1, (1, 1)),
        ((200, 200), 10**6, (200, 200)),
        ((10**6,), 1000, (1000,)),
        ((1001,), 1000, (501,)),
        ((3, 40, 40), 1000, (1, 20, 40)),
    ],
)
def test_chunks_fill_the_last_dimensions_first(shape, points, chunk):
    assert chunk_shape(shape, points) == chunk


@given(st.lists(st.integers(1, 300), min_size=1, max_size=4), st.integers(1, 5000))
def test_chunks_are_never_too_large_and_hardly_too_small(sizes, points):
    chunk = chunk_shape(tuple(sizes), points)
    assert all(1 <= c <= n for c, n in zip(chunk, sizes, strict=True))
    assert math.prod(chunk) <= points
    cut = next((i for i in reversed(range(len(sizes))) if chunk[i] < sizes[i]), None)
    if cut is not None:
        # cutting a dimension evenly leaves more than half of the room in use
        room = points // math.prod(chunk[cut + 1 :])
        assert 2 * chunk[cut] > room or chunk[cut] * 2 > sizes[cut]


@pytest.mark.parametrize(
    ("shape", "chunk"), [((), ()), ((3,), (3, 1)), ((0,), (1,)), ((3,), (0,)), ((3.5,), (1,))]
)
def test_what_is_no_grid_is_refused(shape, chunk):
    with pytest.raises(InputError, match="allowed"):
        Blocks(shape, chunk)


def test_a_block_beyond_the_last_is_an_error():
    with pytest.raises(IndexError, match="block 4 of 4"):
        Blocks((4,), (1,)).slices(4)
    with pytest.raises(InputError, match="points of a block is 0"):
        chunk_shape((4,), 0)
