"""The grammar of kernels' text: what is in it means what Python says, the rest is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llvmlite import binding, ir

import mnexcite as mx
from mnexcite.engine.methods import METHODS
from mnexcite.equations.structure import structure_of
from mnexcite.kernels import compiled, translator
from mnexcite.kernels.translator import Module, TextError
from mnexcite.kernels.vector_code import F64, I64, Array, Value

# every statement and expression of the grammar, on numbers
TEXT = '''
import math

import numpy as np

LIMIT, STEP = 7, 2
RATIO = math.exp(-0.5) / LIMIT


def rise(x: float, n: int) -> float:
    """Return a number by a way out in the middle."""
    if n <= 0:
        return x
    return x * math.exp(-RATIO * n)


def settle(a: np.ndarray, n: int) -> None:
    """Write into an array that belongs to another."""
    a[n % a.size] = -float(n)


def work(a, w, limit, out) -> int:
    """Do a little of everything."""
    count, last, seen = 0, -1, False
    kept, held = np.zeros(5), np.zeros(3, np.int64)
    for i in range(a.size):
        if a[i] != a[i]:
            continue
        if abs(a[i]) >= 1e6 or not math.isfinite(a[i]):
            seen = True
            break
        x = a[i] if a[i] > limit else 0.5 * limit
        x += max(min(x, 3.0), -2) - 1 / (1.0 + x * x)
        low, high = (x, limit) if x < limit else (limit, x)
        pair = (low,) + (high, 2.0 * high)
        kept[i % 5] += pair[0] - pair[2]
        held[w[i] // 3] |= 1 << (w[i] & 3)
        if 0 < w[i] < LIMIT and w[i] + 1 < w.size and a[w[i] + 1] > a[0]:
            last = w[i]
        elif w[i] == LIMIT or w[i] == 0:
            count -= STEP
        else:
            count += ~w[i] >> 1
    while count < -20:
        count += LIMIT
    for i in range(4, 0, -1 + 3):
        count = i
    for i in range(1, 5, STEP):
        kept[i] = rise(kept[i], i - 2)
    settle(out, count & 3)
    for i in range(5):
        out[4 + i] = kept[i]
    for i in range(3):
        out[9 + i] = float(held[i])
    out[12], out[13] = float(seen), math.expm1(limit) + math.sqrt(abs(limit)) - LIMIT
    return count + int(seen) * 1000 + last
'''
ENTRIES = {
    "work": {"a": "f8[::1]", "w": "i8[::1]", "limit": "f8", "out": "f8[::1]", "return": "i8"}
}
size = 9
numbers = st.floats(-1e3, 1e3) | st.sampled_from([np.nan, np.inf, 1e7, 0.0, -0.0])
reals = st.lists(numbers, min_size=size, max_size=size).map(np.array)
wholes = st.lists(st.integers(0, 8), min_size=size, max_size=size).map(np.array)


@settings(max_examples=60, deadline=None)
@given(a=reals, w=wholes, limit=st.floats(-20.0, 20.0))
def test_a_text_means_what_python_says(a, w, limit):
    plain: dict = {}
    exec(TEXT, plain)
    machine = compiled.load("grammar", TEXT, ENTRIES)
    got, wanted = np.zeros((2, 14))
    assert machine.work(a, w, limit, got) == plain["work"](a, w, limit, wanted)
    # the C library's exp and expm1 are not Python's to the last bit
    np.testing.assert_allclose(got, wanted, rtol=1e-14)


def translated(body, head="def f(x, n, a) -> float:"):
    text = "\n".join([head, *(f"    {line}" for line in body.split("\n"))])
    module = ir.Module()
    given = [
        Value("real", ir.Constant(F64, 1.0)),
        Value("whole", ir.Constant(I64, 1)),
        Array("real", ir.Constant(F64.as_pointer(), None), (ir.Constant(I64, 3),)),
    ]
    Module(text, module).function("f", given)
    return str(module)


@pytest.mark.parametrize(
    "body",
    [
        "return x ** 2.0",
        "return [x][0]",
        "return a[0:2]",
        "return x @ x",
        "return math.gamma(x)",
        "return other(x)",
        "return y",
        "return 'text'",
        "return None",
        "return a",
        "return x if n else n",
        "return x & 1",
        "return x // 2.0",
        "y = 1\ny = 1.0\nreturn y",
        "y = (x, x)\ny = (x, x, x)\nreturn y[0]",
        "y, z = x\nreturn y",
        "a = np.zeros(3)\nreturn a[0]",
        "a.flat[0] = x\nreturn x",
        "for y in a:\n    pass\nreturn x",
        "for k in range(3):\n    pass\nelse:\n    pass\nreturn x",
        "while x:\n    pass\nreturn x",
        "if x:\n    pass\nreturn x",
        "return abs(n=1)",
        "return fma(x, x)",
        "del x\nreturn 1.0",
        "with x:\n    pass",
        "x: float = 1.0\nreturn x",
        "return float(n) if n > 0 else (x, x)",
        "return lambda: x",
    ],
)
def test_what_is_not_in_the_grammar_is_refused(body):
    with pytest.raises(TextError, match=r"^line \d+: `"):
        translated(body)


def test_a_module_is_imports_constants_and_functions():
    with pytest.raises(TextError, match="imports, constants and functions"):
        Module("class A:\n    pass\n", ir.Module())


def test_code_behind_a_way_out_is_left_out():
    assert "fdiv" not in translated("return x\nreturn x / 3.0")


CELLS = [mx.cells.CATALOGUE[name] for name in sorted(mx.cells.CATALOGUE)]
COMPILED_ELSEWHERE = (
    "hodgkin_huxley_1952",
    "purvis_butera_2005",
    "molkov_2025",
    "booth_rinzel_kiehn_1997",
)
KINDS = {"f8": ("real", 0), "i8": ("whole", 0)}
KINDS |= {"f8[::1]": ("real", 1), "i8[::1]": ("whole", 1)}
KINDS |= {"f8[:,::1]": ("real", 2), "f8[:,:,::1]": ("real", 3)}


def argument(kind):
    """Return something of one of the types of entries, for its kind alone."""
    element, axes = KINDS[kind]
    type_ = {"real": F64, "whole": I64}[element]
    if axes == 0:
        return Value(element, ir.Constant(type_, 1))
    sizes = (ir.Constant(I64, 1),) * axes
    return Array(element, ir.Constant(type_.as_pointer(), None), sizes)


#: One method of those that share a kernel's text.
PRINTED = {method.kernel_name: method for method in METHODS.values() if method.source}


@pytest.mark.parametrize(
    ("place", "make"), list(enumerate(CELLS)), ids=lambda each: getattr(each, "__name__", "")
)
def test_what_printers_write_is_in_the_grammar(place, make):
    """For one lane or many, in turn; that they mean what they should, other tests say.

    Those compile the text of every method for most cells, for many lanes: of these each method
    meets one here, and of the others every second method each.
    """
    structure, methods = structure_of(make()), list(PRINTED.values())
    many = len(COMPILED_ELSEWHERE) if make.__name__ in COMPILED_ELSEWHERE else 2
    methods = methods[place % many :: many]
    for number, method in enumerate(methods, place):
        width = (1, 8)[number % 2]
        text = method.source(structure, width=width)
        module = ir.Module()
        types = {k: t for k, t in method.entry.types.items() if k != "return"}
        Module(text, module).function("advance", [argument(kind) for kind in types.values()])
        binding.parse_assembly(str(module)).verify()
        assert f"<{width} x double>" in str(module)


@pytest.mark.parametrize("method", ["kaps_rentrop", "staggered"])
def test_a_large_text_gives_the_bits_of_a_small_one(monkeypatch, tmp_path, method):
    """What it looks up is a call there, by the same operations in the same order."""
    cell = mx.cells.hodgkin_huxley_1952()
    options = {"duration": 30.0, "method": method, "every": 1.0}
    drive = mx.stimuli.step(12.0, unit="uA/cm2")
    written_out = mx.simulate(cell, drive, **options)
    monkeypatch.setattr(compiled, "_loaded", {})
    monkeypatch.setenv(compiled.CACHE_VARIABLE, str(tmp_path))
    monkeypatch.setattr(translator, "LARGE", 0)
    called = mx.simulate(cell, drive, **options)
    (kernel,) = tmp_path.glob("kernels/*/kernel.py")
    assert kernel.parent.is_dir()
    assert called.spike_times.size
    np.testing.assert_array_equal(called.spike_times, written_out.spike_times)
    np.testing.assert_array_equal(called["v"], written_out["v"])
