"""The machine code of each vector operation means what its NumPy says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.engine import compiled, vector_ops
from mnexcite.engine.emit import OPERATIONS

SOURCE = f'''"""Every vector operation on four lanes, for a comparison."""

import numpy as np

{OPERATIONS}


def floats(table, offsets, a, b, c, out):
    x, y, z = load(a, 0), load(b, 0), load(c, 0)
    o = (offsets[0], offsets[1], offsets[2], offsets[3])
    store(out, 0, x + y)
    store(out, 4, x - 2.0 * y)
    store(out, 8, x * y)
    store(out, 12, quotient(x, y, 1.0))
    store(out, 16, fma(x, y, z))
    store(out, 20, clamp(x, -1.0, 1.0))
    store(out, 24, fraction(clamp(x, 0.0, 1e6)))
    store(out, 28, octave_fraction(clamp(x, 1e-9, 100.0), 46))
    store(out, 32, minus_expm1(clamp(x, 0.0, 700.0)))
    store(out, 36, gather(table, 1, o))
    q = columns(table, o, 2)
    store(out, 40, q[0])
    store(out, 44, q[1])
    store(out, 48, q[2])
    store(out, 52, q[3])
    store(out, 56, fill(0.5) / (x * x + 1.0))


def integers(a, b, level, out):
    x, y = load(a, 0), load(b, 0)
    w = whole(clamp(x, 0.0, 1e6))
    r = octave_rows(clamp(x, 1e-9, 100.0), 46, 63000)
    for i in range(4):
        out[i] = w[i]
        out[4 + i] = r[i]
    out[8] = crossed(x, y, level)
    out[9] = below(x, level)
    out[10] = outside(x, -1.0, 1.0)
'''
SIGNATURES = {
    "floats": "void(f8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1])",
    "integers": "void(f8[::1], f8[::1], f8, i8[::1])",
}
number = st.floats(-1e3, 1e3, allow_subnormal=False)
any_number = st.one_of(number, st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0]))
four = st.lists(number, min_size=4, max_size=4).map(np.array)


@pytest.fixture(scope="module")
def machine():
    return compiled.load("vector-operations", SOURCE, SIGNATURES)


@pytest.fixture(scope="module")
def plain():
    names: dict = {}
    exec(SOURCE, names)
    return names


@given(a=four, b=four, c=four, offsets=st.lists(st.integers(0, 20), min_size=4, max_size=4))
@settings(max_examples=200, deadline=None)
def test_floats__are_the_twin_s(machine, plain, a, b, c, offsets):
    table, at = np.sin(np.arange(40.0)), np.array(offsets)
    got, wanted = np.empty(60), np.empty(60)
    machine.floats(table, at, a, b, c, got)
    plain["floats"](table, at, a, b, c, wanted)
    # one rounding in fma, and the C library's expm1, are all that may differ
    loose = np.r_[16:20, 32:36]
    np.testing.assert_allclose(got[loose], wanted[loose], rtol=1e-12, atol=1e-9)
    exact = np.setdiff1d(np.arange(60), loose)
    np.testing.assert_array_equal(got[exact], wanted[exact])


@given(a=st.lists(any_number, min_size=4, max_size=4).map(np.array), b=four, level=number)
@settings(max_examples=200, deadline=None)
def test_masks_and_rows__are_the_twin_s_for_any_number(machine, plain, a, b, level):
    got, wanted = np.zeros(11, np.int64), np.zeros(11, np.int64)
    machine.integers(a, b, level, got)
    plain["integers"](a, b, level, wanted)
    np.testing.assert_array_equal(got, wanted)


def test_masks__have_a_bit_for_each_lane():
    x = np.array([-2.0, 0.5, np.nan, 3.0])
    assert vector_ops.outside(x, -1.0, 1.0) == 0b1101
    assert vector_ops.below(x, 0.0) == 0b0001
    assert vector_ops.crossed(np.array([-1.0, -1.0, 1.0, -1.0]), x, 0.0) == 0b1010


def test_clamp__sends_what_is_not_a_number_to_a_legal_row():
    assert vector_ops.clamp(np.array([np.nan, -1.0, 2.0, 0.5]), 0.0, 1.0).tolist() == [
        0.0,
        0.0,
        1.0,
        0.5,
    ]
