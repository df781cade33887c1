"""What each fixed-step method costs, against SciPy on the same cell in the same run."""

from __future__ import annotations

import statistics
import time

import numpy as np

import mnexcite as mx

TITLE = "One cell, one thread"
NOTE = (
    "Warm. ns: per step of the method. error: largest spike-time error against SciPy's LSODA "
    "at 1e-9 on the untabulated equations (`reference`, plain Python right-hand side), which "
    "the last column is a ratio to: how many times faster on the same work. No error stands "
    "where the number of spikes differs."
)
_DRIVE = {
    "purvis_butera_2005": mx.stimuli.step(1.0, unit="nA"),
    "hodgkin_huxley_1952": mx.stimuli.step(10.0, unit="uA/cm2"),
    "molkov_2025": mx.stimuli.step(15.0, unit="uA/cm2"),
    "booth_rinzel_kiehn_1997": mx.stimuli.step(10.0, unit="uA/cm2"),
}
_METHODS = ("staggered", "exponential_euler", "runge_kutta_4")


def measure(quick: bool) -> list[dict[str, object]]:
    """Return a row for each cell and method."""
    duration, repeats = (100.0, 1) if quick else (500.0, 7)
    rows: list[dict[str, object]] = []
    for name, drive in _DRIVE.items():
        cell = mx.cells.find(name)
        oracle, slow = _timed(cell, drive, duration, "reference")
        spikes = oracle.spike_times
        for method in _METHODS:
            _timed(cell, drive, duration, method)
            runs = [_timed(cell, drive, duration, method) for _ in range(repeats)]
            found = runs[0][0].spike_times
            seconds = statistics.median(run[1] for run in runs)
            same = found.size == spikes.size
            error = float(np.abs(found - spikes).max()) if same else None
            rows.append(
                {
                    "cell": name,
                    "method": method,
                    "dt ms": cell.dt,
                    "ns": seconds / (duration / cell.dt) * 1e9,
                    "spikes": found.size,
                    "error ms": error,
                    "times faster": slow / seconds,
                }
            )
    return rows


def _timed(
    cell: mx.Cell, drive: mx.stimuli.Stimulus, duration: float, method: str
) -> tuple[mx.Recording, float]:
    start = time.perf_counter()
    run = mx.simulate(cell, drive, duration=duration, method=method, threads=1, record=())
    assert isinstance(run, mx.Recording)
    return run, time.perf_counter() - start
