"""Kernels as WebAssembly: the bytes are a module that computes what the text says."""

import json
import subprocess

import pytest

from mnexcite.kernels import compiled, wasm
from page_engine import find_node

TEXT = '''"""Some sums."""

import math

import numpy as np


def total(x: np.ndarray, count: int, factor: float) -> float:
    sum = 0.0
    for k in range(count):
        sum += x[k] * factor
    return sum + math.expm1(0.5) + math.sqrt(x[0])


def fill(grid: np.ndarray, marks: np.ndarray) -> None:
    room = np.zeros(4, np.int64)
    for i in range(4):
        room[i] = i * i
    for i in range(marks.size):
        marks[i] = room[marks[i]] + (marks[i] << 2)
        grid[1, i] = float(marks[i]) / 2.0


def least(x: np.ndarray) -> int:
    found = 0
    for k in range(x.size):
        if x[k] < x[found]:
            found = k
    return found
'''
ENTRIES = {
    "total": {"x": "f8[::1]", "count": "i8", "factor": "f8", "return": "f8"},
    "fill": {"grid": "f8[:,::1]", "marks": "i8[::1]"},
    "least": {"x": "f8[::1]", "return": "i8"},
}
# where arrays begin, and what is then read
SCRIPT = """
const code = require("fs").readFileSync(process.argv[2]);
const memory = new WebAssembly.Memory({ initial: 4 });
const top = new WebAssembly.Global({ value: "i32", mutable: true }, 65536);
const whole = new WebAssembly.Module(code), env = {};
for (const { name } of WebAssembly.Module.imports(whole))
  env[name] = { __linear_memory: memory, __stack_pointer: top }[name] ?? Math[name];
const made = new WebAssembly.Instance(whole, { env }).exports;
const x = new Float64Array(memory.buffer, 65536, 3);
const grid = new Float64Array(memory.buffer, 70000, 6);
const marks = new BigInt64Array(memory.buffer, 80000, 3);
x.set([4, -2, 7]);
marks.set([1n, 2n, 3n]);
const total = made.total(65536, 3, 3, 0.5), least = made.least(65536, 3);
made.fill(70000, 2, 3, 80000, 3);
const found = { total, least, marks: Array.from(marks, Number), grid: Array.from(grid) };
console.log(JSON.stringify(found));
"""


def test_a_module_computes_what_its_text_says(tmp_path):
    (tmp_path / "code.wasm").write_bytes(wasm.module(TEXT, ENTRIES))
    (tmp_path / "run.js").write_text(SCRIPT, encoding="utf-8")
    command = [find_node(), tmp_path / "run.js", tmp_path / "code.wasm"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found = json.loads(done.stdout)
    # exp(1/2) - 1, from a table
    assert found["total"] == pytest.approx(4.5 + 0.6487212707001282 + 2.0, rel=1e-15)
    assert found["least"] == 1
    assert found["marks"] == [5, 12, 21]
    assert found["grid"] == [0, 0, 0, 2.5, 6.0, 10.5]


def test_the_same_text_gives_the_same_bytes(tmp_path, monkeypatch):
    first = wasm.module(TEXT, ENTRIES)
    monkeypatch.setenv(compiled.CACHE_VARIABLE, str(tmp_path))
    assert wasm.module(TEXT, ENTRIES) == first
    (kept,) = (tmp_path / "kernels").glob("*.bytes")
    kept.chmod(0o600)
    for damaged in (b"", b"\0asm", kept.read_bytes()[:-1], b"x" * 100):
        kept.write_bytes(damaged)
        assert wasm.module(TEXT, ENTRIES) == first


def test_bytes_that_others_could_write_are_not_taken(tmp_path, monkeypatch):
    monkeypatch.setenv(compiled.CACHE_VARIABLE, str(tmp_path))
    first = wasm.module(TEXT, ENTRIES)
    (kept,) = (tmp_path / "kernels").glob("*.bytes")
    whole = kept.read_bytes()
    kept.chmod(0o666)
    assert wasm.module(TEXT, ENTRIES) == first
    (made,) = (tmp_path / "kernels").glob("*.bytes")
    assert made.read_bytes() == whole and made.stat().st_mode & 0o022 == 0
    monkeypatch.setattr(compiled, "_loaded", {})
    assert compiled.clear_cache() == 0 and not list((tmp_path / "kernels").iterdir())


def test_what_is_no_webassembly_is_told():
    with pytest.raises(ValueError, match="no WebAssembly"):
        list(wasm._sections(b"\x7fELF"))
