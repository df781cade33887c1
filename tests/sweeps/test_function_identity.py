"""Functions of a user are the same sweep after a restart, and another once changed."""

import functools
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass

import numpy as np
import pytest
from sweep_oracle import HH, STEP

import mnexcite as mx
from mnexcite import measures
from mnexcite.sweeps.function_identity import told


def _made(source, **module):
    """Return the function `f` of a module's text."""
    scope = {"__name__": "notebook", "np": np, **module}
    exec(compile(textwrap.dedent(source), "<notebook>", "exec"), scope)
    return scope["f"]


def _said(function):
    return json.dumps(told(function), sort_keys=True)


PLAIN = "def f(point): return len(point) + 1"
CHANGES = {
    "body": (PLAIN, "def f(point): return len(point) + 2"),
    "attribute": ("def f(p): return p.start", "def f(p): return p.end"),
    "default": ("def f(p, k=1): return k", "def f(p, k=2): return k"),
    "keyword": ("def f(p, *, k=1): return k", "def f(p, *, k=2): return k"),
    "number of the module": ("K = 1\ndef f(p): return K", "K = 2\ndef f(p): return K"),
    "array of the module": (
        "K = np.arange(5000.0)\ndef f(p): return K.sum()",
        "K = np.arange(5000.0); K[2500] = 0\ndef f(p): return K.sum()",
    ),
    "function of the module": (
        "def g(p): return 1\ndef f(p): return g(p)",
        "def g(p): return 2\ndef f(p): return g(p)",
    ),
    "inner function": (
        "def f(p): return sum(x + 1 for x in p)",
        "def f(p): return sum(x + 2 for x in p)",
    ),
    "enclosed": (
        "def g(k):\n    return lambda p: k\nf = g(1)",
        "def g(k):\n    return lambda p: k\nf = g(2)",
    ),
    "enclosed array": (
        "def g(k):\n    return lambda p: k\nf = g(np.zeros(3))",
        "def g(k):\n    return lambda p: k\nf = g(-np.zeros(3))",
    ),
    "set": ("def f(p): return p in {'a', 'b'}", "def f(p): return p in {'a', 'c'}"),
}


@pytest.mark.parametrize(("one", "other"), CHANGES.values(), ids=CHANGES)
def test_changed_functions_differ(one, other):
    assert _said(_made(one)) == _said(_made("\n\n" + one))  # at another place too
    assert _said(_made(one)) != _said(_made(other))


def test_functions_that_call_themselves_are_told():
    source = "def f(n): return 1 if n < 2 else n * f(n - 1)"
    assert _said(_made(source)) == _said(_made(source))


@dataclass
class Above:
    level: float

    def __call__(self, point):
        return float((point.spike_times > self.level).sum())

    def method(self, point):
        return self.level


@pytest.mark.parametrize(
    "make",
    [Above, lambda level: Above(level).method, lambda level: functools.partial(max, level)],
    ids=["instance", "method", "partial"],
)
def test_what_functions_hold_is_told(make):
    assert _said(make(3.0)) == _said(make(3.0))
    assert _said(make(3.0)) != _said(make(4.0))


def test_library_functions_are_told_by_name():
    assert told(np.median) == told(np.median) != told(np.mean)
    assert told(np.maximum) != told(np.minimum)
    assert told(measures.rate) == "mnexcite.measures.counts:rate"
    long = _made("from scipy.stats import iqr\ndef f(p): return iqr(p.spike_times)")
    assert len(_said(long)) < 2000


def test_every_process_tells_the_same():
    """Texts have other hashes in each, by which sets of eight come in another order."""
    program = """if 1:
        import json
        from mnexcite.sweeps.function_identity import told
        WORDS = ("x", "y")
        def g(p): return p in {"al", "be", "ga", "de", "ep", "ze", "et", "th"}
        def f(p, k=(1, 2.5, None, b"a", ...)): return g(p) and WORDS
        said = json.dumps(told(f))
        """
    here: dict[str, object] = {"__name__": "__main__"}
    exec(compile(program, "<string>", "exec"), here)
    there = subprocess.run(
        [sys.executable, "-c", program + "print(said)"],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout == f"{here['said']}\n"


def test_a_store_of_a_changed_measure_is_refused(tmp_path):
    def sweep(name, function):
        one = measures.per_point("mine", function, unit="1")
        other = measures.streaming(
            "theirs",
            lambda span: np.zeros(span.lanes),
            function_of_window,
            lambda state, ending: state,
            unit="1",
        )
        told = {"duration": 30.0, "measures": (one, other), "store": tmp_path / name}
        return mx.sweep(HH, {"Na.g": [120.0]}, STEP, **told)

    def function_of_window(state, window):
        return state + window.spikes.counts

    first = sweep("a.zarr", lambda p, extra=1: p.spike_times.size + extra)
    again = sweep("a.zarr", lambda p, extra=1: p.spike_times.size + extra)
    assert first.identical(again)
    assert first["mine"].item() == first["theirs"].item() + 1
    for changed in (
        lambda p, extra=2: p.spike_times.size + extra,
        lambda p, extra=1: p.spike_times.size - extra,
    ):
        with pytest.raises(
            mx.InputError, match=r"of another sweep: measures: mine\+mine_status"
        ):
            sweep("a.zarr", changed)
