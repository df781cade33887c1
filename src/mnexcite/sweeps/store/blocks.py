"""Blocks of a grid's points: what is computed, written and resumed as one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, whole

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Blocks:
    """Part an N-dimensional grid into blocks, which are the chunks of its Zarr arrays.

    Parameters
    ----------
    shape
        Points along each dimension.
    chunk
        Points of a block along each dimension; the last blocks may hold fewer.

    Raises
    ------
    InputError
        If a number is no whole number from 1 up, or the two differ in length.

    Examples
    --------
    >>> blocks = Blocks(shape=(3, 5), chunk=(2, 5))
    >>> blocks.count, blocks.slices(1), blocks.points(1)
    (2, (slice(2, 3, None), slice(0, 5, None)), array([10, 11, 12, 13, 14]))
    """

    shape: tuple[int, ...]
    chunk: tuple[int, ...]

    def __post_init__(self) -> None:
        for name in ("shape", "chunk"):
            sizes = tuple(whole(name, n, "1 or more") for n in getattr(self, name))
            object.__setattr__(self, name, sizes)
        if not self.shape or len(self.shape) != len(self.chunk):
            raise InputError(
                f"shape is {self.shape} and chunk {self.chunk}; "
                "allowed: one whole number each for every dimension"
            )

    @property
    def grid(self) -> tuple[int, ...]:
        """Blocks along each dimension."""
        return tuple(-(-n // c) for n, c in zip(self.shape, self.chunk, strict=True))

    @property
    def count(self) -> int:
        """Number of blocks."""
        return math.prod(self.grid)

    @property
    def size(self) -> int:
        """Number of points of the whole grid."""
        return math.prod(self.shape)

    def position(self, index: int) -> tuple[int, ...]:
        """Return the place of a block in the grid of blocks, in C order."""
        if not 0 <= index < self.count:
            raise IndexError(f"block {index} of {self.count}")
        return tuple(int(i) for i in np.unravel_index(index, self.grid))

    def slices(self, index: int) -> tuple[slice, ...]:
        """Return what a block covers of an array of `shape`."""
        places = zip(self.position(index), self.chunk, self.shape, strict=True)
        return tuple(slice(i * c, min((i + 1) * c, n)) for i, c, n in places)

    def shape_of(self, index: int) -> tuple[int, ...]:
        """Return a block's own shape, smaller than `chunk` at the grid's end."""
        return tuple(part.stop - part.start for part in self.slices(index))

    def points(self, index: int) -> IntArray:
        """Return the flat C-order numbers of a block's points, in the block's C order."""
        ranges = [np.arange(part.start, part.stop) for part in self.slices(index)]
        return np.ravel_multi_index(np.ix_(*ranges), self.shape).ravel().astype(np.int64)


def chunk_shape(shape: tuple[int, ...], points: int) -> tuple[int, ...]:
    """Return the shape of blocks of at most `points` points, the last dimensions filled first.

    A dimension that must be cut is cut evenly, so that no block is left with a few points.

    Raises
    ------
    InputError
        If `points` is no whole number from 1 up.

    Examples
    --------
    >>> chunk_shape((200, 200), 1000), chunk_shape((200, 200), 7), chunk_shape((1001,), 1000)
    ((5, 200), (1, 7), (501,))
    """
    room = whole("points of a block", points, "1 or more", highest=2**40)
    chunk: list[int] = []
    for size in reversed(shape):
        cuts = -(-size // room)
        chunk.append(-(-size // cuts))
        room = room // size if cuts == 1 else 1
    return tuple(reversed(chunk))
