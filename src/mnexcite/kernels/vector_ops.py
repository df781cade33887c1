"""Lanes side by side: what a kernel may do with a vector, in plain NumPy.

This is the meaning of each operation and what runs where nothing is compiled; `vector_code`
has the same names as machine code. A vector is a number in each lane, a mask is an integer
with a bit for each lane.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

#: Functions that are looked up together.
GROUP = 4
#: Bits of a float without those of its mantissa.
EXPONENT = 0x7FF0000000000000
#: Bits of 1 and an eighth more, less what the mantissa is not a logarithm.
EIGHTH = int((1023 * 9 / 8 - 0.0485) * 2**52)
OPERATIONS = (
    "add_all",
    "at_least",
    "at_most",
    "below",
    "choose",
    "choose_all",
    "clamp",
    "crossed",
    "cubics",
    "fill",
    "fma",
    "gather",
    "greatest",
    "inverse_eighth_root",
    "inverse_root",
    "least",
    "lines",
    "load",
    "load_all",
    "locate",
    "locate_octave",
    "minus_expm1",
    "outside",
    "quintics",
    "quotient",
    "row_starts",
    "sloped_cubics",
    "sloped_quintics",
    "square_sum",
    "store",
    "store_all",
)
#: Of them, those whose arguments do not say how many lanes a vector has.
WIDE = ("fill", "load", "load_all", "row_starts")
#: How a kernel's text calls `of_width`.
WIDTH_FROM = "of_width"


def of_width(width: int) -> tuple[Callable, ...]:
    """Return all operations on vectors of so many lanes, in the order of `OPERATIONS`."""
    found = ((name, globals()[name]) for name in OPERATIONS)
    return tuple(partial(op, width=width) if name in WIDE else op for name, op in found)


def load(array, at, *, width):
    """Return the numbers from index `at` on."""
    return array[at : at + width].copy()


def store(array, at, x):
    """Write numbers from index `at` on."""
    array[at : at + x.size] = x


def load_all(array, at, count, *, width):
    """Return `count` vectors that stand side by side from index `at` on."""
    return tuple(load(array, at + width * k, width=width) for k in range(count))


def store_all(array, at, xs):
    """Write vectors side by side from index `at` on."""
    for k, x in enumerate(xs):
        store(array, at + x.size * k, x)


def add_all(xs, weight, array, at):
    """Return each x with weight times its vector from index `at` on."""
    places = (at + x.size * k for k, x in enumerate(xs))
    return tuple(
        fma(load(array, place, width=x.size), weight, x)
        for place, x in zip(places, xs, strict=True)
    )


def choose_all(x, limit, a, b):
    """Return `choose` of each pair in a and b."""
    return tuple(choose(x, limit, *pair) for pair in zip(a, b, strict=True))


def square_sum(xs, weights):
    """Return the sum of (x weight)^2 over all x."""
    total = np.zeros(xs[0].size)
    for x, weight in zip(xs, weights, strict=True):
        total = fma(x * weight, x * weight, total)
    return total


def fill(x, *, width):
    """Return the same number in every lane."""
    return np.full(width, x)


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


def row_starts(array, at, *, width):
    """Return integers from index `at` on."""
    return tuple(int(value) for value in array[at : at + width])


def locate(x, lowest, scale, last, starts, width):
    """Return where x lies on an axis of equal rows: indices of a table, and the place.

    Row n of a lane begins at starts + n width; `last` is the greatest place on the axis.
    """
    place = clamp((x - lowest) * scale, 0.0, last)
    rows = tuple(start + int(p) * width for start, p in zip(starts, place, strict=True))
    return rows, place - np.floor(place)


def locate_octave(x, lowest, highest, shift, bias, parts, starts, width):
    """Return the same on an axis of octaves, and its rows per unit at each x.

    The row is read off the bits of a float: exponent and leading bits of the mantissa, less
    `bias`; the other `shift` bits are the place in the row.
    """
    x = clamp(x, lowest, highest)
    bits = x.view(np.int64)
    rows = tuple(
        start + (int(b >> shift) - bias) * width for start, b in zip(starts, bits, strict=True)
    )
    octave = (bits & EXPONENT).view(np.float64)
    return rows, (bits & ((1 << shift) - 1)) * 2.0**-shift, parts / octave


def cubics(table, rows, column, u):
    """Return vectors: the functions of the group at `column`, at place u of each row."""
    return _curves(table, rows, column, u, 4)[0]


def lines(table, rows, column, u):
    """Return what `cubics` does, of functions that are straight lines in each row."""
    return _curves(table, rows, column, u, 2)[0]


def quintics(table, rows, column, u):
    """Return what `cubics` does, of functions that are of degree 5 in each row."""
    return _curves(table, rows, column, u, 6)[0]


def sloped_cubics(table, rows, column, u, scale):
    """Return twice as many: the values of `cubics` and their slopes times `scale`."""
    values, slopes = _curves(table, rows, column, u, 4)
    return (*values, *(slope * scale for slope in slopes))


def sloped_quintics(table, rows, column, u, scale):
    """Return what `sloped_cubics` does, of functions that are of degree 5 in each row."""
    values, slopes = _curves(table, rows, column, u, 6)
    return (*values, *(slope * scale for slope in slopes))


def _curves(table, rows, column, u, count):
    """Return values and slopes by Horner's scheme, and the same applied to its own results."""
    values, slopes = [], []
    for row, x in zip(rows, u, strict=True):
        c = table[row + column : row + column + GROUP * count].reshape(count, GROUP)
        value, slope, x = c[-1], np.zeros(GROUP), np.full(GROUP, x)
        for lower in c[-2::-1]:
            slope, value = fma(x, slope, value), fma(x, value, lower)
        values.append(value)
        slopes.append(slope)
    return tuple(np.array(values).T.copy()), tuple(np.array(slopes).T.copy())


def choose(x, limit, a, b):
    """Return a where x <= limit, and b elsewhere, also where x is not a number."""
    return np.where(x <= limit, a, b)


def least(a, b):
    """Return the smaller of a and b."""
    return np.where(a < b, a, b)


def greatest(a, b):
    """Return the greater of a and b."""
    return np.where(a > b, a, b)


def inverse_root(x):
    """Return x^(-1/2)."""
    return 1.0 / np.sqrt(x)


def inverse_eighth_root(x):
    """Return x^(-1/8) to 5 %, by an eighth of the bits: the exponent is most of a logarithm."""
    return (np.uint64(EIGHTH) - (x.view(np.uint64) >> np.uint64(3))).view(np.float64)


def at_most(x, limit):
    """Return the mask of lanes with x <= limit."""
    return _mask(x <= limit)


def at_least(x, limit):
    """Return the mask of lanes with x >= limit."""
    return _mask(x >= limit)


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
    return sum(1 << lane for lane, true in enumerate(lanes) if true)
