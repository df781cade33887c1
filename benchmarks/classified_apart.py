"""Phases by SciPy and the standard library alone: the oracle of `phases_against_scipy.py`.

Imports nothing from the package. The equations are those of `tests/data/make_references.py`,
the rules are those of the page on measures, written once more on a voltage kept every 0.1 ms.
"""

from __future__ import annotations

import importlib.util
import math
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

EVERY = 0.1  # ms


def equations() -> ModuleType:
    """Return the equations written apart, as a module."""
    name = "equations_apart"
    if name not in sys.modules:
        path = Path(__file__).parents[1] / "tests" / "data" / "make_references.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@dataclass(frozen=True)
class Point:
    """Hold one run: the cell's short name, its changed numbers, a constant current."""

    cell: str
    replaced: Mapping[str, float]
    current: float
    duration: float


@dataclass(frozen=True)
class Truth:
    """Hold what a point does, by one of SciPy's integrators."""

    phase: str
    rate: float
    spikes: int


def judge(point: Point, solver: str, tolerance: float = 1e-8) -> Truth:
    """Integrate a point and classify it."""
    apart = equations()
    stimuli = (apart.step(point.current, 0.0, 2.0 * point.duration),) if point.current else ()
    case = apart.Case(
        "point", point.cell, point.duration, stimuli, replaced=dict(point.replaced)
    )
    times = np.arange(0.0, point.duration, EVERY)
    method = apart.Method(getattr(apart, solver), tolerance)
    trace = apart.integrate(case, method, times.tolist())
    v = np.array(trace.voltages)
    rate = 0.0
    if len(trace.spikes) > 1:
        rate = 1e3 * (len(trace.spikes) - 1) / (trace.spikes[-1] - trace.spikes[0])
    phase = classify(trace.spikes, times[: v.size], v, case)
    return Truth(phase, rate, len(trace.spikes))


def classify(spikes: Sequence[float], t: NDArray[Any], v: NDArray[Any], case: Any) -> str:
    """Apply the rules to one run."""
    gaps = [b - a for a, b in pairwise(spikes)]
    if not gaps or case.duration - spikes[-1] > 3.0 * max(gaps):
        since = spikes[-1] if spikes else 0.0
        late = v[t >= 0.5 * (since + case.duration)]
        if len(_swings(late)) >= 3:
            if _unstable_below(float(late.max()), case):
                return "small_spikes"
        elif _unstable_below(float(late.min()), case):
            return "block"
        return ("silent", "single")[len(spikes)] if len(spikes) < 2 else "stopped"
    tops = sorted(_swings(v), reverse=True)
    others = tops[len(spikes) :]
    if len(others) >= 3 and len(others) > 0.1 * len(tops):
        if _unstable_below(others[len(others) // 2], case):
            return "small_spikes"
    if _in_bursts(gaps):
        return "burst"
    regular = len(gaps) > 1 and statistics.pstdev(gaps) < 0.1 * statistics.fmean(gaps)
    return "tonic" if regular else "irregular"


def _swings(v: NDArray[Any]) -> list[float]:
    """Return the peaks that rise by 20 mV or more from the trough before them [mV]."""
    tops: list[float] = []
    trough = float(v[0])
    for before, now, after in zip(v[:-2], v[1:-1], v[2:], strict=True):
        if now <= before and after > now:
            trough = float(now)
        elif now > before and after <= now and now - trough >= 20.0:
            tops.append(float(now))
    return tops


def _in_bursts(gaps: Sequence[float]) -> bool:
    if len(gaps) < 4:
        return False
    ordered, found = sorted(gaps), []
    for k in range(math.ceil(len(gaps) / 2), len(gaps)):
        limit = 4.0 * ordered[k - 1]
        pauses = [i for i, gap in enumerate(gaps) if gap > limit]
        void = len(gaps) - k - len(pauses)
        if len(pauses) >= 2 and len(pauses) >= void + 2.0 * math.sqrt(void):
            found.append((len(pauses) / (void + 1), -k, pauses))
    if not found:
        return False
    *_, pauses = max(found)
    return pauses[-1] - pauses[0] + 1 - len(pauses) >= 1.5 * (len(pauses) - 1)


def _unstable_below(v: float, case: Any) -> bool:
    """Whether a whole mV below `v`, above the lowest reversal, has a growing eigenvalue."""
    told, p = equations().CELLS[case.cell], dict(case.parameters())
    lowest = math.ceil(_lowest_reversal(case.cell, p))
    return any(_unstable(float(u), case.cell, told, p) for u in range(lowest, math.ceil(v)))


def _unstable(v: float, cell: str, told: Any, p: dict[str, float]) -> bool:
    apart = equations()
    names = list(told.initial)
    if cell == "BRK":  # the soma by itself
        p = {**p, "coupling.g": 0.0}
        (h, n, m_n, h_n), dendrite = apart.booth_gates(v, v)
        influx = p["soma.CaN.g"] * m_n**2 * h_n * (v - p["ions.E_Ca"])
        y = [v, h, n, m_n, h_n, -0.009 * influx / 2.0, v, *dendrite, 0.1]
        kept = slice(0, 6)
    else:
        steady = {
            "HH": apart.hodgkin_huxley_steady,
            "PB": apart.purvis_butera_steady,
            "MK": apart.molkov_steady,
        }[cell]
        y, kept = [v, *steady(v, p)], slice(None)
    scale = [
        max(0.1 * abs(value), 1e-12)
        if name.endswith("Ca")
        else 1.0
        if name.split(".")[-1] == "v"
        else 0.01
        for name, value in zip(names, y, strict=True)
    ]
    f = told.derivative(p, lambda t: 0.0)
    jacobian = apart.jacobian(f, y, scale)[kept, kept]
    return bool(np.linalg.eigvals(jacobian).real.max() > 0.0)


def _lowest_reversal(cell: str, p: Mapping[str, float]) -> float:
    if cell == "PB":
        return min(p["ions.E_K"] + 26.73 * math.log(p["ions.K_o"] / 4.0), p["leak.E"])
    if cell == "MK":
        return min(26.54 * math.log(p["ions.K_o"] / p["ions.K_i"]), p["leak.E"])
    if cell == "BRK":
        return min(p["ions.E_K"], p["soma.leak.E"])
    return min(p["ions.E_K"], p["leak.E"])
