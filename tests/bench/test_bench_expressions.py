"""Functions called with a symbol, drawn together, and printed for every simulator."""

import ctypes
import functools
import math
import re
import shutil
import subprocess
import types

import bench_cells
import numpy as np
import pytest
from bench_cells import CELLS
from hypothesis import assume, given
from hypothesis import strategies as st

from mnexcite.bench.dialects import DIALECTS, NUMPY
from mnexcite.bench.expressions import (
    Untraceable,
    assignments,
    expression,
    function,
    linoid,
    sigmoid,
    symbol,
    trace,
    where,
)
from mnexcite.channels import kinetics
from mnexcite.errors import InputError

V = np.linspace(-120.0, 60.0, 37)
x, y = symbol("x"), symbol("y")


def same(kind, numbers=None, at=V):
    """Assert that a function's formula gives its values."""
    numbers = numbers or {}
    found = trace(kind, numbers).evaluate(v=at)
    np.testing.assert_allclose(found, kind(at, **numbers), rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize(
    "kind",
    [
        lambda v: 1.0 / (1.0 + np.exp(-(v + 47.0) / 4.5)),
        lambda v: np.where((v > -60.0) & (v <= 0.0), np.sqrt(v**2 + 1.0), np.tanh(v / 10)),
        lambda v: np.select([v < -50.0, v < 0.0], [1.0, 2.0 + v], default=3.0),
        lambda v: np.clip(v, -80.0, 10.0) + np.minimum(v, 0.0) - np.maximum(-v, 1.0),
        lambda v: np.logaddexp(0.0, v / 10.0) + np.log1p(v**2) - np.expm1(v / 50.0),
        lambda v: abs(v) + np.abs(v) ** 0.5 + np.square(v) + np.reciprocal(v + 200.0),
        lambda v: 3.0 ** (v / 50.0) + np.power(v + 150.0, -0.3) + (+v) - (-v) + 1 - v,
        lambda v: np.cosh(v / 30) + np.sinh(v / 30) + np.sin(v) * np.cos(v) / (2 + np.tan(v)),
        lambda v: np.asarray(v, dtype=float) * np.ones_like(v) + np.zeros_like(v) + 2,
        lambda v: np.exp2(v / 40) + np.log2(v + 200) + np.log10(v + 200) + np.heaviside(v, 0.5),
        lambda v: np.where(~(v == 0.0) | (v != 5.0), v, 0.0) + np.full_like(v, 7.0),
        lambda v: np.multiply(np.float64(0.5), v) + np.array(2.0) * v + np.float32(0.25),
        lambda v: np.where(v >= 0.0, 0.0, np.where(v < -50.0, 1.0, 2.0)) / 4.0,
    ],
)
def test_numpy_functions_and_operators(kind):
    same(kind)


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        (kinetics.boltzmann, {"half": -47.1, "slope": 4.1}),
        (kinetics.alpha_linear, {"alpha_rate": 0.1, "alpha_half": -40.0, "alpha_slope": 10.0}),
        (kinetics.beta_sigmoid, {"beta_rate": 4.0, "beta_half": -12.0, "beta_slope": 10.0}),
        (kinetics.linoid, {"y": 5.0}),
    ],
)
def test_the_librarys_kinetics(kind, numbers):
    at = np.append(V, [-40.0, 0.0, 1e-9])  # -40 and 0 are singular in some
    name = next(iter(trace(kind, numbers).symbols))
    found = trace(kind, numbers).evaluate(**{name: at})
    # engine and formula round the Boltzmann function's exponent differently
    np.testing.assert_allclose(found, kind(at, **numbers), rtol=1e-13)


def test_a_pools_kinetics():
    c = np.array([-1.0, 0.0, 1e-5, 0.2, 3.0])
    numbers = {"half": 0.2, "order": 1.5}
    found = trace(kinetics.hill, numbers).evaluate(c=c)
    np.testing.assert_allclose(found, kinetics.hill(c, **numbers), rtol=1e-14)


def helper(v, slope):
    return kinetics.linoid(np.asarray(v) + 30.0, slope)


class Rate:
    def __init__(self, size):
        self.size = size

    def __call__(self, v):
        return self.size * helper(v, 4.0)

    def method(self, v):
        return self.size * helper(v, 2.0)


def test_functions_that_call_others_are_followed():
    inner = functools.partial(helper, slope=6.0)
    for kind in (lambda v: helper(v, 7.0) + inner(v), inner, Rate(3.0), Rate(3.0).method):
        same(kind, at=np.append(V, -30.0))


def test_tracing_leaves_the_function_and_its_module_alone():
    before = np.asarray, kinetics.linoid, dict(helper.__globals__)
    trace(helper, {"slope": 3.0})
    assert before == (np.asarray, kinetics.linoid, dict(helper.__globals__))


def recursive(v, depth=2):
    return v if depth == 0 else recursive(v, depth - 1) + 1.0


def test_recursion_is_followed():
    same(lambda v: recursive(v))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (lambda v: 1.0 if v > 0 else 0.0, "where"),
        (lambda v: np.interp(v, [0, 1], [0, 1]), "interp"),
        (lambda v: np.sort(v), "sort"),
        (lambda v: math.exp(v), "numpy functions"),
        (lambda v: v[0], "apart"),
        (lambda v: sum(v), "apart"),
        (lambda v: np.array([0.0, 1.0]) * v, "ndarray"),
        (lambda v: v * np.inf, "inf"),
        (lambda v: v.mean(), "mean"),
        (lambda v: np.add.reduce(v), "add"),
        (lambda v: np.cbrt(v), "cbrt"),
        (lambda v: np.where(v), "condition alone"),
        (lambda v: v + "a", "str"),
        (np.vectorize(lambda v: v), "traced|printed"),
    ],
)
def test_what_no_formula_shows_is_refused(kind, reason):
    with pytest.raises(Untraceable, match=reason):
        trace(kind, {}, x)


def test_numbers_are_drawn_together():
    assert repr((x - 3.0) / 4.0 * 2.0) == "(0.5 * (x - 3.0))"
    assert repr(-(x + 55.0) / 15.0 * 15.0) == "(-(x + 55.0))"
    assert repr(0.0 + x * 1.0 - 0.0) == "x" and repr(x * 0.0) == "0.0"
    assert repr(x - (-y)) == "(x + y)" and repr(x + (-3.0)) == "(x - 3.0)"
    assert repr(2.0 / (5.0 / x)) == "(0.4 * x)" and repr(np.negative(-x)) == "x"
    assert repr(x**0.5) == "sqrt(x)" and repr(x**1) == "x" and repr(x**0) == "1.0"
    assert repr(where(expression(1.0) > 0.0, x, y)) == "x" and repr(where(x > 0, y, y)) == "y"


@given(st.floats(-3.0, 3.0), st.integers(1, 8))
def test_whole_powers_are_products(value, exponent):
    formula = x**exponent
    assert "power" not in formula.text() and "pow" not in formula.text("c")
    # each of at most 3 products rounds once
    assert float(formula.evaluate(x=value)) == pytest.approx(value**exponent, rel=2e-15)


def test_symbols_are_renamed_and_replaced():
    formula = sigmoid(x) * y
    assert formula.symbols == {"x", "y"}
    assert repr(formula.renamed({"x": "v"})) == "(sigmoid(v) * y)"
    assert float(formula.replaced({"x": 0.0, "y": 3.0}).evaluate()) == 1.5


def test_shared_work_is_done_once():
    lines = assignments({"a": np.exp(x) * y, "b": np.exp(x) + np.exp(x) ** 2})
    assert [text for _, text in lines].count("exp(x)") == 1
    found = function([np.exp(x) * y, np.exp(x) + np.exp(x) ** 2], ["x", "y"])(1.0, 2.0)
    np.testing.assert_allclose(found, [2 * np.e, np.e + np.e**2], rtol=1e-15)


def test_equal_trees_that_were_built_apart_are_one():
    lines = assignments({"a": np.exp(symbol("x") + 1.0), "b": np.exp(symbol("x") + 1.0)})
    assert lines == [("u0", "exp((x + 1.0))"), ("a", "u0"), ("b", "u0")]


@given(st.floats(-700.0, 700.0))
def test_primitives_have_no_singular_point(z):
    assume(z == 0.0 or abs(z) > 1e-300)
    one, other = linoid(x).evaluate(x=z), sigmoid(x).evaluate(x=z)
    wanted = 1.0 if z == 0.0 else -z / math.expm1(-z)
    assert float(one) == pytest.approx(wanted, rel=1e-14)
    assert float(one) == pytest.approx(
        float(linoid(x).evaluate(x=-z)) + z, rel=1e-12, abs=1e-12
    )
    assert float(other) + float(sigmoid(x).evaluate(x=-z)) == pytest.approx(1.0, rel=1e-15)


def test_unknown_dialect_is_refused():
    with pytest.raises(InputError, match="did you mean 'nmodl'"):
        x.text("nmodel")


def test_what_a_language_lacks_is_refused():
    with pytest.raises(Untraceable, match="arbor has no greater"):
        where(x > 0.0, 1.0, 2.0).text("arbor")


# Each dialect's text is run, in its own language where that is cheap.

FORMULAS = [
    linoid(x),
    sigmoid(x - y),
    np.exp(-abs(x)) / (1.0 + y**2) - np.sqrt(abs(x * y)),
    np.tanh(x) * np.cosh(y) + np.sinh(x / 3.0),
    np.maximum(x, y) - np.minimum(x, 0.25) + np.log1p(np.exp(x)) + np.log(1.0 + x**2),
    np.expm1(x) + (1.0 + x * x) ** 1.3,
    -(x - 2.0) + (-y),
]
CHOICES = [
    where((x > 0.0) & ~(y >= 1.0) | (x == -2.0), x, where(y < x, 1.0 / 3.0, y)),
    where(x <= 0.0, x + 1.0, 2.0) * where(x != 0.0, 1.0, 4.0),
]
POINTS = [(0.0, 0.0), (-2.0, 1.0), (1e-3, -0.4), (0.3, 2.0), (3.0, 0.7), (-1e-9, 0.1), (-4, 3)]
DERIVATIVES = {
    name: list(bench_cells.plain(name)[0].derivatives) for name in CELLS if name != "user"
}


def values_of(formulas):
    numeric = function(formulas, ["x", "y"])
    with np.errstate(all="ignore"):
        return np.array([np.array(numeric(*map(np.float64, p)), dtype=float) for p in POINTS])


def test_python_text_on_single_numbers():
    namespace = {}
    exec(DIALECTS["python"].prelude, namespace)
    formulas = [*FORMULAS, *CHOICES]
    found = [
        [eval(f.text("python"), dict(namespace), {"x": a, "y": b}) for f in formulas]
        for a, b in POINTS
    ]
    np.testing.assert_allclose(np.array(found, dtype=float), values_of(formulas), rtol=1e-13)


def read_brian2():
    def exprel(z):
        return 1.0 if z == 0.0 else math.expm1(z) / z

    chosen = {"where": lambda c, a, b: a if c else b, "larger": max, "smaller": min}
    names = "exp expm1 log log1p sqrt sin cos tan sinh cosh tanh".split()
    return {**chosen, "exprel": exprel, **{name: getattr(math, name) for name in names}}


def read_arbor():
    def exprelr(z):
        return 1.0 if z == 0.0 else z / math.expm1(z)

    return {**vars(math), "exprelr": exprelr, "max": max, "min": min, "abs": abs}


@pytest.mark.parametrize(
    ("dialect", "names", "formulas"),
    [("brian2", read_brian2(), [*FORMULAS, *CHOICES]), ("arbor", read_arbor(), FORMULAS)],
)
def test_texts_that_read_like_python(dialect, names, formulas):
    texts = [formula.text(dialect).replace(" ^ ", " ** ") for formula in formulas]
    found = [[eval(t, dict(names), {"x": a, "y": b}) for t in texts] for a, b in POINTS]
    # exp(x) - 1 in place of expm1 loses digits near 0
    np.testing.assert_allclose(np.array(found, float), values_of(formulas), 1e-12, atol=1e-15)


def test_heyokas_text_builds_with_its_names():
    names = {n: getattr(np, n) for n in "exp expm1 log log1p sqrt sinh cosh tanh".split()}
    names |= {"select": np.where, "lt": np.less, "lte": np.less_equal, "gt": np.greater}
    names |= {"gte": np.greater_equal, "eq": np.equal, "neq": np.not_equal}
    names |= {"logical_and": np.logical_and.reduce, "logical_or": np.logical_or.reduce}
    hy = types.SimpleNamespace(**names, sigmoid=NUMPY["sigmoid"])
    namespace = {"hy": hy}
    exec(DIALECTS["heyoka"].prelude.replace("import heyoka as hy", ""), namespace)
    formulas = [*FORMULAS, *CHOICES]
    with np.errstate(all="ignore"):
        found = [
            [
                eval(
                    f.text("heyoka"), dict(namespace), {"x": np.float64(a), "y": np.float64(b)}
                )
                for f in formulas
            ]
            for a, b in POINTS
        ]
    np.testing.assert_allclose(np.array(found, float), values_of(formulas), rtol=1e-12)


def as_c(prelude):
    """Return NMODL's functions as C: only their first lines and results differ."""
    functions = []
    for text in prelude.strip().split("\n\n"):
        name = re.match(r"FUNCTION (\w+)", text)[1]
        text = re.sub(
            r"FUNCTION (\w+)\((.*)\)",
            lambda m: (
                f"static double {m[1]}({', '.join('double ' + a for a in m[2].split(', '))})"
            ),
            text,
        )
        functions.append(re.sub(rf"\b{name} = (.*)", r"return \1;", text))
    return "#include <math.h>\n" + "\n".join(functions)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")
def test_c_and_nmodl_compile_and_give_the_same(tmp_path):
    formulas = [*FORMULAS, *CHOICES]
    preludes = {"c": DIALECTS["c"].prelude, "nmodl": as_c(DIALECTS["nmodl"].prelude)}
    for dialect, prelude in preludes.items():
        body = [f"out[{i}] = {f.text(dialect)};" for i, f in enumerate(formulas)]
        source = [prelude, "void two(double x, double y, double *out) {", *body, "}"]
        for name, derivatives in DERIVATIVES.items():
            s, _ = bench_cells.plain(name)
            inputs = [f"double {n} = in[{i}];" for i, n in enumerate([*s.names, *s.injected])]
            named = {f"out[{i}]": d for i, d in enumerate(derivatives)}
            lines = [
                f"{'' if n in named else 'double '}{n} = {t};"
                for n, t in assignments(named, dialect)
            ]
            source += [f"void {name}(double *in, double *out) {{", *inputs, *lines, "}"]
        path = tmp_path / f"{dialect}.c"
        path.write_text("\n".join(source))
        library = path.with_suffix(".so")
        subprocess.run(
            ["cc", "-O0", "-w", "-shared", "-fPIC", "-o", library, path, "-lm"], check=True
        )
        loaded = ctypes.CDLL(str(library))
        out = (ctypes.c_double * 32)()
        found = []
        for a, b in POINTS:
            loaded.two(ctypes.c_double(a), ctypes.c_double(b), out)
            found.append(list(out[: len(formulas)]))
        # NMODL's exp(x) - 1 loses digits near 0, its series for linoid none
        np.testing.assert_allclose(found, values_of(formulas), rtol=1e-11, atol=1e-15)
        for name in DERIVATIVES:
            s, equations = bench_cells.plain(name)
            injected = [0.5] * s.compartments
            given_values = [*s.initial.tolist(), *injected]
            getattr(loaded, name)((ctypes.c_double * 32)(*given_values), out)
            named = dict(zip([*s.names, *s.injected], given_values, strict=True))
            wanted = equations.derivative(s.initial, injected)
            bench_cells.assert_same(s, list(out[: len(wanted)]), wanted, named)
