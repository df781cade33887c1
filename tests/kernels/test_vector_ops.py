"""The machine code of each vector operation means what its NumPy says."""

import ast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.channels.axes import CONCENTRATION, VOLTAGE
from mnexcite.kernels import compiled, vector_ops
from mnexcite.kernels.source import preamble
from mnexcite.kernels.vector_ops import GROUP, OPERATIONS

SHIFT = 52 - (CONCENTRATION.parts.bit_length() - 1)
BIAS = (1023 + CONCENTRATION.first) * CONCENTRATION.parts
HIGHEST = CONCENTRATION.highest * (1 - 2**-52)
VOLTAGES = f"{VOLTAGE.lowest}, {1.0 / VOLTAGE.width}, {VOLTAGE.rows - 1e-9:.9f}"
OCTAVES = f"{CONCENTRATION.lowest!r}, {HIGHEST!r}, {SHIFT}, {BIAS}, {CONCENTRATION.parts}"
WIDTHS = (1, 2, 4, 8)
WIDTH = max(WIDTHS)

# each result goes into the next row of `out`; `loose` are those in which fma or expm1 round
EXACT = f"""
x + y
x - 2.0 * y
x * y
quotient(x, y, 1.0)
clamp(x, -1.0, 1.0)
gather(table, 1, o)
fill(0.5) / (x * x + 1.0)
choose(x, 0.0, y, z)
choose(x, y, z, x)
choose(x, y, y, 1.0)
least(x, y)
least(x, 2.0)
greatest(x, y)
inverse_root(clamp(x, 0.0, 1e300))
choose_all(x, y, (x, y), (z, x))[0]
choose_all(x, y, (x, y), (z, x))[1]
load_all(a, 0, 1)[0]
locate(x, {VOLTAGES}, o, 16)[1]
locate_octave(x, {OCTAVES}, o, 16)[1]
locate_octave(x, {OCTAVES}, o, 16)[2]
""".strip().split("\n")
LOOSE = """
fma(x, y, z)
minus_expm1(clamp(x, 0.0, 700.0))
add_all((x, y), 0.3, table, 1)[0]
add_all((x, y), z, table, 1)[1]
square_sum((x, y, z), weights)
*cubics(table, o, 2, u)
*lines(table, o, 2, u)
*sloped_cubics(table, o, 1, u, z)
*sloped_cubics(table, o, 1, u, 16.0)
*quintics(table, o, 2, u)
*sloped_quintics(table, o, 1, u, z)
""".strip().split("\n")
WHOLE = f"""
crossed(x, y, level)
below(x, level)
outside(x, -1.0, 1.0)
at_most(x, level)
at_most(x, y)
at_least(x, level)
at_least(x, y)
below(x, y)
*row_starts(offsets, 0)
*locate(x, {VOLTAGES}, o, 16)[0]
*locate_octave(x, {OCTAVES}, o, 16)[0]
""".strip().split("\n")
SETS = {
    "*cubics": GROUP,
    "*lines": GROUP,
    "*sloped_cubics": 2 * GROUP,
    "*quintics": GROUP,
    "*sloped_quintics": 2 * GROUP,
}


def results(lines, width):
    """Return every result's expression; one that begins with a star gives several."""
    found = []
    for line in lines:
        sets = SETS | {"*row": width, "*locate": width}
        count = next((n for start, n in sets.items() if line.startswith(start)), None)
        found += [line] if count is None else [f"{line[1:]}[{k}]" for k in range(count)]
    return found


def printed(width):
    lines = preamble("Every vector operation, for a comparison.", width)
    setup = [
        "x, y, z = load(a, 0), load(b, 0), load(c, 0)",
        f"o = ({', '.join(f'offsets[{i}]' for i in range(width))},)",
    ]
    for name, expressions in (("exact", EXACT), ("loose", LOOSE)):
        lines.append(f"def {name}(table, offsets, weights, a, b, c, out):")
        lines += [f"    {line}" for line in setup]
        if name == "loose":
            lines.append(f"    u = locate(y, {VOLTAGES}, o, 16)[1]")
        lines += [
            f"    store(out, {width * row}, {expression})"
            for row, expression in enumerate(results(expressions, width))
        ]
        lines += ["", ""]
    lines.append("def whole(offsets, a, b, level, out):")
    lines += ["    x, y = load(a, 0), load(b, 0)", f"    {setup[1]}"]
    lines += [f"    out[{k}] = {e}" for k, e in enumerate(results(WHOLE, width))]
    lines += ["", "", "def packs(array, out):", "    xs = load_all(array, 2, 3)"]
    lines += ["    store_all(out, 1, xs)", ""]
    lines += ["", "def root(a, out):", "    store(out, 0, inverse_eighth_root(load(a, 0)))", ""]
    return "\n".join(lines)


SOURCES = {width: printed(width) for width in WIDTHS}
REALS, WHOLES = "f8[::1]", "i8[::1]"
FLOATS = {
    name: {"offsets": WHOLES}.get(name, REALS)
    for name in ("table", "offsets", "weights", "a", "b", "c", "out")
}
ENTRIES = {
    "exact": FLOATS,
    "loose": FLOATS,
    "whole": {"offsets": WHOLES, "a": REALS, "b": REALS, "level": "f8", "out": WHOLES},
    "packs": {"array": REALS, "out": REALS},
    "root": {"a": REALS, "out": REALS},
}
number = st.floats(-1e3, 1e3, allow_subnormal=False)
odd = st.sampled_from([np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, 1e-308])
vector = st.lists(number, min_size=WIDTH, max_size=WIDTH).map(np.array)
any_vector = st.lists(number | odd, min_size=WIDTH, max_size=WIDTH).map(np.array)
starts = st.lists(st.integers(0, 20), min_size=WIDTH, max_size=WIDTH).map(np.array)


@pytest.fixture(scope="module", params=WIDTHS, ids=lambda width: f"{width}-lanes")
def twins(request):
    """Return how many lanes there are, and the functions: machine code, and plain Python."""
    source, plain = SOURCES[request.param], {}
    exec(source, plain)
    machine = compiled.load("vector-operations", source, ENTRIES)
    return request.param, vars(machine), plain


def test_every_operation_is_compared():
    called = {
        node.func.id
        for node in ast.walk(ast.parse(SOURCES[WIDTH]))
        if isinstance(node, ast.Call)
    }
    assert set(OPERATIONS) <= called


@settings(max_examples=20, deadline=None)
@given(a=any_vector, b=any_vector, c=any_vector, offsets=starts)
def test_exact_operations__are_the_twin_s_for_any_number(twins, a, b, c, offsets):
    width, machine, plain = twins
    table = np.sin(np.arange(20.0 + 20 * WIDTH))
    rows = len(results(EXACT, width))
    got, wanted = np.empty((2, rows * width))
    with np.errstate(all="ignore"):
        machine["exact"](table, offsets, np.ones(3), a, b, c, got)
        plain["exact"](table, offsets, np.ones(3), a, b, c, wanted)
    for row, expression in enumerate(results(EXACT, width)):
        at = slice(row * width, (row + 1) * width)
        np.testing.assert_array_equal(got[at], wanted[at], expression)


@settings(max_examples=16, deadline=None)
@given(a=vector, b=vector, c=vector, offsets=starts)
def test_sums_of_products__are_the_twin_s_but_for_rounding(twins, a, b, c, offsets):
    width, machine, plain = twins
    table = np.sin(np.arange(20.0 + 20 * WIDTH))
    weights = np.array([0.3, 2.0, 1e-3])
    got, wanted = np.empty((2, len(results(LOOSE, width)) * width))
    machine["loose"](table, offsets, weights, a, b, c, got)
    plain["loose"](table, offsets, weights, a, b, c, wanted)
    # fma rounds once, and the C library's expm1 is not Python's; terms reach 1e6
    np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-9)


@settings(max_examples=16, deadline=None)
@given(a=any_vector, b=any_vector, level=number, offsets=starts)
def test_masks_and_indices__are_the_twin_s_for_any_number(twins, a, b, level, offsets):
    width, machine, plain = twins
    expressions = results(WHOLE, width)
    got, wanted = np.zeros((2, len(expressions)), np.int64)
    with np.errstate(all="ignore"):
        machine["whole"](offsets, a, b, level, got)
        plain["whole"](offsets, a, b, level, wanted)
    for k, expression in enumerate(expressions):
        assert got[k] == wanted[k], expression


def test_packs__stand_side_by_side(twins):
    width, *both = twins
    array = np.arange(4.0 + 3 * width)
    wanted = np.full(array.size, -1.0)
    wanted[1 : 1 + 3 * width] = array[2 : 2 + 3 * width]
    for functions in both:
        out = np.full(array.size, -1.0)
        functions["packs"](array, out)
        np.testing.assert_array_equal(out, wanted)


@given(
    x=st.lists(st.floats(0.0, allow_subnormal=True) | odd, min_size=WIDTH, max_size=WIDTH).map(
        np.array
    )
)
@settings(max_examples=20, deadline=None)
def test_inverse_eighth_root__is_the_twin_s_for_any_number(twins, x):
    width, machine, _ = twins
    got = np.empty(width)
    machine["root"](x, got)
    np.testing.assert_array_equal(got, vector_ops.inverse_eighth_root(x[:width]))


def padded(values):
    return np.resize(np.array(values, dtype=float), WIDTH)


def test_masks__have_a_bit_for_each_lane():
    x = padded([-2.0, 0.5, np.nan, 3.0])
    some = 2**4 - 1
    assert vector_ops.outside(x, -1.0, 1.0) & some == 0b1101
    assert vector_ops.below(x, 0.0) & some == 0b0001
    assert vector_ops.at_most(x, 0.5) & some == 0b0011
    assert vector_ops.at_least(x, 0.5) & some == 0b1010
    assert vector_ops.crossed(padded([-1.0, -1.0, 1.0, -1.0]), x, 0.0) & some == 0b1010


def test_clamp__sends_what_is_not_a_number_to_a_legal_row():
    clamped = vector_ops.clamp(padded([np.nan, -1.0, 2.0, 0.5]), 0.0, 1.0)
    assert clamped[:4].tolist() == [0.0, 0.0, 1.0, 0.5]


def test_choose__takes_the_second_where_nothing_is_known():
    """A step whose error is no number must be rejected."""
    x = padded([0.5, 1.0, 1.5, np.nan])
    assert vector_ops.choose(x, 1.0, 1.0, 2.0)[:4].tolist() == [1.0, 1.0, 2.0, 2.0]


@pytest.mark.parametrize(("name", "count"), [("cubics", 4), ("quintics", 6)])
def test_curves__are_the_group_s_polynomials(name, count):
    """Columns hold all constants, then all slopes and so on; lanes have rows of their own."""
    curves, sloped = (getattr(vector_ops, start + name) for start in ("", "sloped_"))
    rng = np.random.default_rng(1)
    group = len(curves(np.zeros(99), (0,) * WIDTH, 0, np.zeros(WIDTH)))
    table, u = rng.normal(size=400), rng.uniform(0.0, 1.0, WIDTH)
    rows, column = tuple(int(row) for row in rng.integers(0, 250, WIDTH)), 8
    scale = rng.uniform(1.0, 4.0, WIDTH)
    values = curves(table, rows, column, u)
    both = sloped(table, rows, column, u, scale)
    for function in range(group):
        for lane in range(WIDTH):
            c = table[rows[lane] + column :][function : count * group : group]
            curve = np.polynomial.Polynomial(c)
            value, slope = curve(u[lane]), curve.deriv()(u[lane]) * scale[lane]
            assert values[function][lane] == pytest.approx(value, rel=1e-13, abs=1e-14)
            assert both[function][lane] == values[function][lane]
            assert both[group + function][lane] == pytest.approx(slope, rel=1e-13, abs=1e-13)


def test_lines__are_cubics_without_their_bends():
    rng = np.random.default_rng(2)
    table, u = rng.normal(size=400), rng.uniform(0.0, 1.0, WIDTH)
    rows, column = tuple(int(row) for row in rng.integers(0, 250, WIDTH)), 8
    bare = np.zeros((WIDTH, 16))
    for lane, row in enumerate(rows):
        bare[lane, :8] = table[row + column : row + column + 8]
    places = tuple(16 * lane for lane in range(WIDTH))
    found = vector_ops.lines(table, rows, column, u)
    wanted = vector_ops.cubics(bare.ravel(), places, 0, u)
    np.testing.assert_array_equal(found, wanted)


@settings(deadline=None)
@given(x=st.lists(st.floats(-150.0, 99.99), min_size=WIDTH, max_size=WIDTH).map(np.array))
def test_locate__is_the_place_on_the_axis(x):
    row, place = VOLTAGE.locate(x)
    last = VOLTAGE.rows - 1e-9
    at, u = vector_ops.locate(x, VOLTAGE.lowest, 1.0 / VOLTAGE.width, last, (100,) * WIDTH, 7)
    assert list(at) == (100 + 7 * row).tolist()
    np.testing.assert_allclose(u, place, rtol=0, atol=1e-11)


@settings(deadline=None)
@given(x=st.lists(st.floats(0.0, 127.9), min_size=WIDTH, max_size=WIDTH).map(np.array))
def test_locate_octave__is_the_place_on_the_axis_and_its_slope(x):
    row, place = CONCENTRATION.locate(x)
    parts = CONCENTRATION.parts
    at, u, scale = vector_ops.locate_octave(
        x, CONCENTRATION.lowest, HIGHEST, SHIFT, BIAS, parts, (5,) * WIDTH, 3
    )
    assert list(at) == (5 + 3 * row).tolist()
    np.testing.assert_allclose(u, place, rtol=0, atol=1e-12)
    width = np.diff(CONCENTRATION.nodes)[row]
    np.testing.assert_allclose(scale, 1.0 / width, rtol=1e-14)


@given(x=st.lists(st.floats(1e-30, 1e30), min_size=WIDTH, max_size=WIDTH).map(np.array))
def test_inverse_eighth_root__is_near(x):
    """It only steers steps: within 5 %, everywhere."""
    near = vector_ops.inverse_eighth_root(x)
    assert np.all(np.abs(near * x**0.125 - 1.0) < 0.05)


@pytest.mark.parametrize("x", [np.nan, -np.nan, np.inf, 1e300])
def test_inverse_eighth_root__of_what_is_no_number_is_small(x):
    """A step that failed must shrink."""
    assert np.all(np.abs(vector_ops.inverse_eighth_root(padded([x]))) < 1e-30)
