"""How each language writes the operations of an expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Dialect:
    """Hold a language's templates, and the source of functions that it lacks.

    A missing operation cannot be expressed.
    """

    name: str
    operations: Mapping[str, str]
    prelude: str = ""


_ARITHMETIC = {
    "add": "({} + {})",
    "subtract": "({} - {})",
    "multiply": "({} * {})",
    "divide": "({} / {})",
    "negative": "(-{})",
}
_COMPARISONS = {
    "less": "({} < {})",
    "less_equal": "({} <= {})",
    "greater": "({} > {})",
    "greater_equal": "({} >= {})",
    "equal": "({} == {})",
    "not_equal": "({} != {})",
}
_C_LOGIC = {
    "logical_and": "({} && {})",
    "logical_or": "({} || {})",
    "logical_not": "(!{})",
}
_CALLS = {
    name: f"{name}({{}})"
    for name in (
        *("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan"),
        *("sinh", "cosh", "tanh", "linoid", "sigmoid"),
    )
}
_WHERE = {"where": "where({}, {}, {})"}

_PYTHON = Dialect(
    "python",
    {
        **_ARITHMETIC,
        **_COMPARISONS,
        **_CALLS,
        **_WHERE,
        "logical_and": "({} & {})",
        "logical_or": "({} | {})",
        "logical_not": "logical_not({})",
        "power": "power({}, {})",
        "absolute": "absolute({})",
        "maximum": "maximum({}, {})",
        "minimum": "minimum({}, {})",
    },
    """\
from math import cos, cosh, exp, expm1, log, log1p, sin, sinh, sqrt, tan, tanh


def absolute(x):
    return abs(x)


def power(x, y):
    return x**y


def maximum(a, b):
    return a if a >= b else b


def minimum(a, b):
    return a if a <= b else b


def where(condition, a, b):
    return a if condition else b


def logical_not(a):
    return not a


def sigmoid(z):
    return 1.0 / (1.0 + exp(-z))


def linoid(z):
    return 1.0 if z == 0.0 else -z / expm1(-z)
""",
)

_C = Dialect(
    "c",
    {
        **_ARITHMETIC,
        **_COMPARISONS,
        **_C_LOGIC,
        **_CALLS,
        "where": "({} ? {} : {})",
        "power": "pow({}, {})",
        "absolute": "fabs({})",
        "maximum": "fmax({}, {})",
        "minimum": "fmin({}, {})",
    },
    """\
#include <math.h>

static inline double sigmoid(double z) { return 1.0 / (1.0 + exp(-z)); }

static inline double linoid(double z) { return z == 0.0 ? 1.0 : -z / expm1(-z); }
""",
)

#: NMODL has no expm1: near 0 a series, whose next term is z^6 / 30240.
_NMODL = Dialect(
    "nmodl",
    {
        **_ARITHMETIC,
        **_COMPARISONS,
        **_C_LOGIC,
        **{name: text for name, text in _CALLS.items() if name not in ("expm1", "log1p")},
        **_WHERE,
        "sigmoid": "logistic({})",  # NMODL keeps the name sigmoid for itself
        "expm1": "(exp({}) - 1.0)",
        "log1p": "log(1.0 + {})",
        "power": "pow({}, {})",
        "absolute": "fabs({})",
        "maximum": "larger({}, {})",
        "minimum": "smaller({}, {})",
    },
    """\
FUNCTION logistic(z) {
    logistic = 1.0 / (1.0 + exp(-z))
}

FUNCTION linoid(z) {
    if (fabs(z) < 0.01) {
        linoid = 1.0 + z * (0.5 + z * (1.0 / 12.0 - z * z / 720.0))
    } else {
        linoid = z / (1.0 - exp(-z))
    }
}

FUNCTION where(condition, a, b) {
    if (condition) {
        where = a
    } else {
        where = b
    }
}

FUNCTION larger(a, b) {
    if (a >= b) {
        larger = a
    } else {
        larger = b
    }
}

FUNCTION smaller(a, b) {
    if (a <= b) {
        smaller = a
    } else {
        smaller = b
    }
}
""",
)

#: Arbor's NMODL: exprelr(x) = x / (exp(x) - 1), 1 at 0; it has no value that is chosen.
_ARBOR = Dialect(
    "arbor",
    {
        **_ARITHMETIC,
        "exp": "exp({})",
        "expm1": "(exp({}) - 1.0)",
        "log": "log({})",
        "log1p": "log(1.0 + {})",
        "sqrt": "sqrt({})",
        "tanh": "tanh({})",
        "cosh": "(0.5 * (exp({0}) + exp(-{0})))",
        "sinh": "(0.5 * (exp({0}) - exp(-{0})))",
        "sigmoid": "(1.0 / (1.0 + exp(-{})))",
        "linoid": "exprelr(-{})",
        "power": "({} ^ {})",
        "absolute": "abs({})",
        "maximum": "max({}, {})",
        "minimum": "min({}, {})",
    },
)

#: Brian2: exprel(x) = (exp(x) - 1) / x; `where` is a C++ function given to the run.
_BRIAN2 = Dialect(
    "brian2",
    {
        **_ARITHMETIC,
        **_COMPARISONS,
        **{name: text for name, text in _CALLS.items() if name not in ("linoid", "sigmoid")},
        "logical_and": "({} and {})",
        "logical_or": "({} or {})",
        "logical_not": "(not {})",
        "where": "where(int({}), {}, {})",
        "sigmoid": "(1.0 / (1.0 + exp(-{})))",
        "linoid": "(1.0 / exprel(-{}))",
        "power": "({} ** {})",
        "absolute": "abs({})",
        "maximum": "larger({}, {})",
        "minimum": "smaller({}, {})",
    },
    """\
static inline double where(int condition, double a, double b) { return condition ? a : b; }

static inline double larger(double a, double b) { return a >= b ? a : b; }

static inline double smaller(double a, double b) { return a <= b ? a : b; }
""",
)

#: heyoka builds Python objects. Near the singular point a Taylor expansion in time of
#: z / (1 - exp(-z)) divides by what is nearly 0, so a series takes over from |z| = 0.5 on;
#: its next term is z^14 / 7.5e10. A choice holds for a whole step, so that of equals the
#: first is taken: calcium that starts at 0 leaves the bound 0 behind, which stays where it is.
_HEYOKA = Dialect(
    "heyoka",
    {
        **_ARITHMETIC,
        "less": "hy.lt({}, {})",
        "less_equal": "hy.lte({}, {})",
        "greater": "hy.gt({}, {})",
        "greater_equal": "hy.gte({}, {})",
        "equal": "hy.eq({}, {})",
        "not_equal": "hy.neq({}, {})",
        "logical_and": "hy.logical_and([{}, {}])",
        "logical_or": "hy.logical_or([{}, {}])",
        "logical_not": "hy.eq({}, 0.0)",
        **{name: f"hy.{name}({{}})" for name in (*_CALLS,)},
        "linoid": "linoid({})",
        "where": "hy.select({}, {}, {})",
        "power": "({} ** {})",
        "absolute": "hy.select(hy.lt({0}, 0.0), -{0}, {0})",
        "maximum": "hy.select(hy.gte({0}, {1}), {0}, {1})",
        "minimum": "hy.select(hy.lte({0}, {1}), {0}, {1})",
    },
    """\
import heyoka as hy


def linoid(z):
    s = z * z
    series = 0.0
    for term in (-691 / 1307674368000, 1 / 47900160, -1 / 1209600, 1 / 30240, -1 / 720, 1 / 12):
        series = term + s * series
    near = 1.0 + 0.5 * z + s * series
    return hy.select(hy.lt(s, 0.25), near, z / (1.0 - hy.exp(-z)))
""",
)

#: By name.
DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect for dialect in (_PYTHON, _C, _NMODL, _ARBOR, _BRIAN2, _HEYOKA)
}


def _linoid(z: ArrayLike) -> NDArray[np.float64]:
    z = np.asarray(z, dtype=float)
    safe = np.where(z == 0.0, 1.0, z)
    return np.where(z == 0.0, 1.0, -safe / np.expm1(-safe))


def _sigmoid(z: ArrayLike) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.asarray(z, dtype=float)))


#: What the python dialect's names mean for arrays; its prelude is for numbers.
NUMPY: Mapping[str, Callable[..., Any]] = {
    **{
        name: getattr(np, name)
        for name in (
            *("add", "subtract", "multiply", "divide", "negative", "power", "absolute"),
            *("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan"),
            *("sinh", "cosh", "tanh", "maximum", "minimum", "where"),
            *("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"),
            *("logical_and", "logical_or", "logical_not"),
        )
    },
    "linoid": _linoid,
    "sigmoid": _sigmoid,
}
