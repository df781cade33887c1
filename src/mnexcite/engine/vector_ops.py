"""Four lanes at once: what a kernel may do with a vector, in plain NumPy.

This is the meaning of each operation and what runs where nothing is compiled;
`vector_llvm` has the same names as machine code. A vector is four numbers, a mask is an
integer with a bit for each lane.
"""

from __future__ import annotations

import math

import numpy as np

WIDTH = 4


def load(array, at):
    """Return the four numbers from index `at` on."""
    return array[at : at + WIDTH].copy()


def store(array, at, x):
    """Write four numbers from index `at` on."""
    array[at : at + WIDTH] = x


def fill(x):
    """Return the same number in every lane."""
    return np.full(WIDTH, x)


def gather(array, at, offsets):
    """Return array[at + offset] for each lane's offset."""
    return np.array([array[at + offset] for offset in offsets])


def fma(a, b, c):
    """Return a b + c, rounded once where the processor can."""
    return a * b + c


def clamp(x, low, high):
    """Return x between `low` and `high`; what is not a number becomes `low`."""
    x = np.where(x > low, x, low)
    return np.where(x < high, x, high)


def whole(x):
    """Return the whole part of each lane (x >= 0) as four integers."""
    return tuple(int(value) for value in x)


def fraction(x):
    """Return what `whole` leaves, 0 to 1."""
    return x - np.floor(x)


def octave_rows(x, shift, bias):
    """Return exponent and leading mantissa bits of each lane, less `bias`, as integers."""
    return tuple(int(bits >> shift) - bias for bits in x.view(np.int64))


def octave_fraction(x, shift):
    """Return the mantissa's other bits, 0 to 1."""
    return (x.view(np.int64) & ((1 << shift) - 1)) * 2.0**-shift


def columns(table, rows, column):
    """Return four vectors: columns `column` to `column` + 3 at each lane's row."""
    block = np.array([table[row + column : row + column + WIDTH] for row in rows])
    return tuple(block[:, i].copy() for i in range(WIDTH))


def crossed(old, new, threshold):
    """Return the mask of lanes with old < threshold <= new."""
    return _mask((old < threshold) & (new >= threshold))


def below(x, level):
    """Return the mask of lanes with x < level."""
    return _mask(x < level)


def outside(x, low, high):
    """Return the mask of lanes not strictly between; what is not a number is outside."""
    return _mask(~((x > low) & (x < high)))


def minus_expm1(x):
    """Return 1 - exp(-x) of each lane."""
    return np.array([-math.expm1(-value) for value in x])


def quotient(a, b, otherwise):
    """Return a / b, and `otherwise` where b is not above 1e-12."""
    good = b > 1e-12
    return np.where(good, a / np.where(good, b, 1.0), otherwise)


def _mask(lanes):
    return sum(1 << lane for lane in range(WIDTH) if lanes[lane])
