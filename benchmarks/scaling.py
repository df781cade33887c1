"""Cost against the number of cells and against time, memory, and two threads."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from tables import Table

import mnexcite as mx
from mnexcite.bench.control import control
from mnexcite.bench.peers import Peer
from mnexcite.bench.tasks import benchmark_work
from mnexcite.engine.methods import DEFAULT_METHOD

TITLE = "How cost grows"
NOTE = (
    "The benchmark cell's parameter sets; whole calls of `mnexcite.simulate`, warm, medians; "
    "no samples, spikes only."
)
METHODS = (DEFAULT_METHOD, "staggered")
CELLS = (1, 10, 100, 1000, 10_000, 100_000)
TIMES = (0.2, 2.0, 20.0, 200.0)  # s
OF_TIME = 100  # cells
THREADS = 8192  # cells

#: Linux keeps the peak of the parent in what `resource` tells of a child.
_PEAK = """
from pathlib import Path
from mnexcite import simulate
from mnexcite.bench.tasks import benchmark_work
from mnexcite.engine.methods import DEFAULT_METHOD
work = benchmark_work(16)
simulate(work.cell, duration={duration}, parameters=work.parameters, method={method!r},
         threads=1)
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""


def measure(quick: bool, peers: Sequence[Peer] = ()) -> dict[str, list[dict[str, Any]]]:
    """Return rows for cells, time, memory and threads."""
    repeats = 1 if quick else 5
    counts, times = ((2, 20), (0.2, 2.0)) if quick else (CELLS, TIMES)
    cells = 20 if quick else OF_TIME
    return {
        "cells": [_cost(method, n, 0.2, repeats) for method in METHODS for n in counts],
        "time": [_cost(method, cells, t, repeats) for method in METHODS for t in times],
        "memory": _memory(times),
        "threads": [_threads(method, 64 if quick else THREADS, repeats) for method in METHODS],
    }


def tables(result: dict[str, list[dict[str, Any]]]) -> list[Table]:
    """Return the four tables."""
    return [
        Table("Cost and the number of cells", result["cells"]),
        Table("Cost and time", result["time"]),
        Table(
            "Peak memory of a process, 16 cells",
            result["memory"],
            "Interpreter, libraries and compiled code included; Linux only.",
        ),
        Table(
            "Two threads",
            result["threads"],
            "control: what a busy loop in two threads gained in the same minute. Cores of a "
            "virtual machine are not always whole ones.",
        ),
    ]


def _cost(method: str, cells: int, seconds: float, repeats: int) -> dict[str, Any]:
    spent = statistics.median(_runs(method, cells, seconds, repeats))
    return {
        "method": method,
        "cells": cells,
        "time s": seconds,
        "s": spent,
        "ms per cell and 200 ms": 1e3 * spent / cells / (seconds / 0.2),
    }


def _runs(method: str, cells: int, seconds: float, repeats: int) -> list[float]:
    _run(method, min(cells, 100), 1, 0.05)  # compiles
    spent = [_run(method, cells, 1, seconds)]
    while len(spent) < repeats and sum(spent) < 15.0:
        spent.append(_run(method, cells, 1, seconds))
    return spent


def _run(method: str, cells: int, threads: int, seconds: float) -> float:
    work = benchmark_work(cells if cells > 1 else 3)
    middle = slice(1, 2) if cells == 1 else slice(None)
    parameters: Any = {path: column[middle] for path, column in work.parameters.items()}
    start = time.perf_counter()
    mx.simulate(
        work.cell, duration=1e3 * seconds, parameters=parameters, method=method, threads=threads
    )
    return time.perf_counter() - start


def _memory(times: Sequence[float]) -> list[dict[str, Any]]:
    if sys.platform != "linux":
        return []
    rows = []
    for method in METHODS:
        for seconds in times:
            code = _PEAK.format(duration=1e3 * seconds, method=method)
            done = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            )
            rows.append({"method": method, "time s": seconds, "MiB": float(done.stdout) / 1024})
    return rows


def _threads(method: str, cells: int, repeats: int) -> dict[str, Any]:
    _run(method, cells, 1, 0.05)
    one, two, gains = [], [], []
    for _ in range(repeats):
        one.append(_run(method, cells, 1, 0.2))
        two.append(_run(method, cells, 2, 0.2))
        gains.append(control(2, blocks=10 if repeats == 1 else 50, repeats=1))
    return {
        "method": method,
        "cells": cells,
        "one thread s": statistics.median(one),
        "two threads s": statistics.median(two),
        "times faster": statistics.median(one) / statistics.median(two),
        "control": statistics.median(gains),
    }
