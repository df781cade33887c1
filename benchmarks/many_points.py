"""A sweep of very many short points, in a process of its own.

    python benchmarks/many_points.py POINTS THREADS STORE

Prints JSON: seconds, seconds at which blocks were done, and peaks of memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from large_map import peak_of

import mnexcite as mx

DURATION = 20.0  # ms
MEASURES = ("rate", "phase")


def measure(points: int, threads: int) -> dict[str, Any]:
    """Return the row of a sweep of so many points."""
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "many.zarr")
        command = [sys.executable, __file__, str(points), str(threads), store]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        status = [sys.executable, "-m", "mnexcite", "sweep", "status", store]
        start = time.perf_counter()
        subprocess.run(status, check=True, capture_output=True)
        looked = time.perf_counter() - start
    found = json.loads(done.stdout)
    share, seconds = np.array(found["share"]), np.array(found["seconds"])

    def speed(first: float, last: float) -> float:
        start, end = np.interp([first, last], share, seconds)
        return float((last - first) * points / (end - start))

    return {
        "points": points,
        "s": found["s"],
        "points/s": points / found["s"],
        "first tenth": speed(0.0, 0.1),
        "middle tenth": speed(0.45, 0.55),
        "last tenth": speed(0.9, 1.0),
        "MiB": found["MiB"],
        "MiB with all": found["MiB with all"],
        "status s": looked,
    }


def main(points: int, threads: int, store: str) -> None:
    """Sweep two conductances of the squid axon; all lines of the grid cost about the same."""
    cell = mx.cells.hodgkin_huxley_1952()
    step = mx.stimuli.step(10.0, unit="uA/cm2")
    across = int(np.sqrt(points))
    while points % across:
        across -= 1
    sizes = points // across, across
    axes = {"leak.g": mx.factors(0.95, 1.05, sizes[0]), "Na.g": mx.factors(0.5, 1.2, sizes[1])}
    options: dict[str, Any] = {
        "duration": DURATION,
        "measures": MEASURES,
        "threads": threads,
    }
    mx.sweep(cell, {"Na.g": mx.factors(0.5, 1.2, 10)}, step, **options)  # compiles
    share: list[float] = []
    seconds: list[float] = []
    peaks: list[float | None] = []

    def note(now: mx.sweeps.Progress) -> None:
        share.append(now.done / now.points)
        seconds.append(now.seconds)
        if now.done == now.points:
            peaks.append(peak_of())

    start = time.perf_counter()
    mx.sweep(cell, axes, step, store=store, progress=note, **options)
    spent = time.perf_counter() - start
    found = {"s": spent, "share": share, "seconds": seconds}
    print(json.dumps({**found, "MiB": peaks[-1], "MiB with all": peak_of()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
