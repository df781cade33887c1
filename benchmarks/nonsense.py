"""What nobody should give, for each kind of argument; each value must be refused there."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Makers = Sequence[tuple[str, Callable[[], Any]]]


class Trap:
    """Raise at every touch, as half-made objects do."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"touched: {name}")


def _values(*values: Any) -> Makers:
    return [(_spelled(value), lambda value=value: value) for value in values]


def _spelled(value: Any) -> str:
    try:
        return repr(value)[:60]
    except ValueError:  # an integer too long to be written
        return "10**5000"


_OBJECTS: Makers = [
    *_values(object(), Ellipsis, len, int, {1: 2}, {1, 2}, frozenset(), b"1", bytearray(b"1")),
    ("Trap()", Trap),
    ("a generator", lambda: (x for x in (1.0, 2.0))),
]
_DATES = _values(
    datetime.datetime(2020, 1, 1),
    datetime.timedelta(1),
    np.datetime64("2020-01-01"),
    np.timedelta64(3, "s"),
)
_TEXTS = _values("1", "1_2_0", "", "x")
_BEYOND = _values(10**400, -(10**5000), decimal.Decimal("1e999"), np.longdouble("1e4000"))

#: Never a number.
NO_NUMBER: Makers = [
    *_OBJECTS, *_DATES, *_TEXTS, *_BEYOND,
    *_values(True, np.True_, 1j, np.complex128(2), np.nan, np.ma.masked),
    *_values([1.0], (), [[1], [2, 3]]),
    ("np.array([1.0])", lambda: np.array([1.0])),
    ("np.array(1, object)", lambda: np.array(1, object)),
    ("masked 0-d", lambda: np.ma.array(1.0, mask=True)),
]  # fmt: skip
#: Never an array of numbers.
NO_ARRAY: Makers = [
    *_OBJECTS, *_DATES, *_TEXTS, *_BEYOND,
    *_values(True, 1j, [1, True], [1, None], ["1", "2"], [1, [2]], [10**400], [1, np.nan, 2]),
    ("masked", lambda: np.ma.masked_equal([1.0, 2.0, 3.0], 2.0)),
    ("complex", lambda: np.array([1j, 2.0, 3.0])),
    ("bools", lambda: np.array([True, False, True])),
    ("dates", lambda: np.array(["2020", "2021", "2022"], "M8[Y]")),
    ("durations", lambda: np.array([1, 2, 3], "m8[s]")),
    ("objects", lambda: np.array([1.0, 2.0, 3.0], object)),
    ("three dimensions", lambda: np.zeros((2, 2, 2))),
    ("infinite", lambda: np.array([0.0, np.inf, 2.0])),
    ("structured", lambda: np.zeros(3, "i4,f4")),
]  # fmt: skip
_SINGLE = _values(*[3, 1.5, -1, np.float64(2.0), [1.0, 2.0], (1,)])
_WORD = _values("x", "no such thing")
#: Kind -> values that must be refused.
BAD: Mapping[str, Makers] = {
    "number": NO_NUMBER,
    "finite": [*NO_NUMBER, *_values(np.inf, -np.inf)],
    "positive": [*NO_NUMBER, *_values(0.0, -1.0, -1e-300, -(10**6))],
    "size": [*NO_NUMBER, *_values(0.0, -1.0, np.inf, 1e300, 1e15)],
    "count": [*NO_NUMBER, *_values(0, -1, 1.5, 2.0, 10**30, np.inf)],
    "seed": [*NO_NUMBER, *_values(-1, 1.5, 2.0, np.inf)],
    "array": NO_ARRAY,
    "numbers": [
        *_OBJECTS, *_DATES, *_TEXTS, *_BEYOND,
        *_values(True, 1j, np.nan, np.ma.masked, [[1], [2, 3]]),
    ],
    "trains": [*_OBJECTS, *_DATES, *_TEXTS, *_values(True, 1j, np.nan, 3, 1.5)],
    "lane": [*_OBJECTS, *_DATES, *_TEXTS, *_BEYOND, *_values(True, 7, -9, 1.5, 2.0, 1j)],
    "no_mapping": [*_DATES, *_TEXTS, *_SINGLE, *_values(True, {}, [], set())],
    "flag": [*_OBJECTS, *_DATES, *_TEXTS, *_SINGLE, *_values(1, 0, np.nan, "True")],
    "word": [*_OBJECTS, *_DATES, *_SINGLE, *_WORD, *_values(True, 1j, "a\0b", "a\nb", "")],
    "text": [*_OBJECTS, *_DATES, *_SINGLE, *_values(True, 1j, "a\0b", "a\nb", "\ud800")],
    "mapping": [
        *_OBJECTS[:4], *_OBJECTS[5:], *_DATES, *_TEXTS, *_SINGLE,
        *_values(True, {1: 2}, {"x": 1.0}),
    ],
    "function": [*_DATES, *_TEXTS, *_SINGLE, *_values({1: 2}, b"1", True, 1j, Ellipsis)],
    "progress": [*_DATES, *_TEXTS, *_SINGLE, *_values({1: 2}, b"1", 1j, Ellipsis)],
    "object": [*_OBJECTS, *_DATES, *_TEXTS, *_SINGLE, *_values(True, 1j, np.nan)],
    "path": [
        *_OBJECTS, *_DATES, *_SINGLE,
        *_values("", "a\0b", "a" * 255, "é" * 200, "a/" * 3000, "\ud800", True),
    ],
}  # fmt: skip
_ODD = (0.0, -0.0, 5e-324, 1e-300, 1e-15, 1e-6, 1e-3, 0.5, 1.0, 3.0, 40.0, -1.0, -70.0, 1e6)
_HUGE = (1e15, 1e300, -1e300, 2**53, 2**64)
#: Kind -> values at the edge, which may be refused or run, but do neither badly.
EDGE: Mapping[str, Makers] = {
    "number": _values(*_ODD, *_HUGE, np.float32(2), np.int8(3)),
    "finite": _values(*_ODD, *_HUGE),
    "positive": _values(*_ODD, *_HUGE, np.inf),
    "size": _values(5e-324, 1e-300, 1e-15, 1e-6, 0.01, 1.0, 20.0),
    "count": _values(1, 2, 3, 7, np.int16(4), 10**9),
    "seed": _values(0, 1, 2**63, 10**30),
    "array": [
        ("[]", list), ("[1.0]", lambda: [1.0]), ("ints", lambda: np.arange(3)),
        ("huge", lambda: np.array([1e300, 1.0, -1e300])),
        ("tiny", lambda: [5e-324, 1e-300, 0.0]),
        ("falling", lambda: [3.0, 2.0, 1.0]), ("f2", lambda: np.ones(3, "f2")),
        ("2-D", lambda: np.ones((2, 3))), ("0-d", lambda: 3.0),
    ],
    "flag": _values(True, False, np.True_),
    "numbers": _values(*_ODD, *_HUGE, [], [1.0], [[1.0, 2.0]]),
    "trains": [],
    "lane": _values(0, 1, -1, np.int8(1)),
    "no_mapping": [],
    "word": [],
    "text": _values("", "x", "µ", "a b", "a" * 1000),
    "mapping": [("{}", dict)],
    "function": [],
    "progress": [],
    "object": [],
    "path": [],
}  # fmt: skip


def draw(rng: np.random.Generator, kind: str) -> tuple[Any, bool, str]:
    """Return a value for an argument of a kind, whether it must be refused, and its name.

    A `?` after the kind says that None is allowed there.
    """
    optional, kind = kind.endswith("?"), kind.removesuffix("?")
    edge = EDGE[kind] if rng.random() < 0.25 else []
    listed = edge or [*BAD[kind], *([] if optional else _values(None))]
    spelled, make = listed[int(rng.integers(len(listed)))]
    return make(), not edge, spelled
