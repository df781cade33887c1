"""Phases and rates of points near fronts against SciPy on equations written apart.

    python benchmarks/phases_against_scipy.py --points 300 --json phases.json

Points lie between neighbours of a coarse map whose phases differ, in planes of the four
published cells. The oracle is `classified_apart.py`: LSODA at 1e-8 on other equations, and the
rules written once more. Where the two differ, DOP853 says whether SciPy is of one mind: near a
front the last digit can decide. Three hundred points take about twenty minutes on one core.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from classified_apart import Point, judge
from numpy.typing import NDArray

import mnexcite as mx

NAMES = tuple(phase.name for phase in mx.measures.PHASES)
#: Agreement of rates that counts, as a share.
CLOSE = 0.01


@dataclass(frozen=True)
class Plane:
    """Hold two axes of a cell, from low to high, and the length of its runs [ms].

    A path of the oracle's equations is that of the cell's, but for groups of channels, which
    are listed here; `current` stands for a constant current.
    """

    short: str
    cell: Callable[[], mx.cells.Cell]
    axes: dict[str, tuple[float, float]]
    duration: float


PLANES = (
    Plane("HH", mx.cells.hodgkin_huxley_1952, {"current": (0, 200), "Na.g": (60, 150)}, 500.0),
    Plane(
        "PB", mx.cells.purvis_butera_2005, {"NaP.g": (0.05, 0.2), "Kdr.g": (0.65, 1.3)}, 2000.0
    ),
    Plane("PB", mx.cells.purvis_butera_2005, {"current": (0, 8), "ions.K_o": (4, 12)}, 1000.0),
    Plane("MK", mx.cells.molkov_2025, {"current": (0, 400), "NaP.g": (0, 1)}, 500.0),
    Plane(
        "BRK",
        mx.cells.booth_rinzel_kiehn_1997,
        {"current": (0, 300), "soma.KCa.g": (1, 6)},
        1000.0,
    ),
)
SIDE = 17


def _step(unit: str, current: float) -> mx.stimuli.Stimulus:
    return mx.stimuli.step(current, unit=unit)


def phases(plane: Plane, values: NDArray[Any]) -> tuple[list[str], NDArray[Any]]:
    """Return phase and rate of points, (points, 2) values along the plane's axes."""
    cell, names = plane.cell(), list(plane.axes)
    columns = {name: values[:, i] for i, name in enumerate(names)}
    axes = {name.replace("current", "stimulus.current"): c for name, c in columns.items()}
    found = mx.sweep(
        cell,
        mx.sweeps.table(axes),
        partial(_step, cell.units["i"]) if "current" in columns else None,
        duration=plane.duration,
        measures=("phase", "rate"),
        initial="published",
    )
    return [NAMES[flag] for flag in found["phase"].values], found["rate"].values


def near_fronts(plane: Plane, count: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return points between neighbours of a grid whose phases differ."""
    lines = [np.linspace(low, high, SIDE) for low, high in plane.axes.values()]
    grid = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1)
    names, _ = phases(plane, grid.reshape(-1, 2))
    flags = np.array([NAMES.index(name) for name in names]).reshape(SIDE, SIDE)
    pairs = [
        (grid[i, j], grid[i + di, j + dj])
        for i in range(SIDE)
        for j in range(SIDE)
        for di, dj in ((1, 0), (0, 1))
        if i + di < SIDE and j + dj < SIDE and flags[i, j] != flags[i + di, j + dj]
    ]
    chosen = rng.integers(len(pairs), size=count)
    share = rng.random((count, 1))
    a, b = (np.array([pairs[k][side] for k in chosen]) for side in (0, 1))
    return a + share * (b - a)


def measure(points: int, processes: int, seed: int = 0) -> list[dict[str, Any]]:
    """Return one row per point: what the package says, and what the oracle does."""
    rng = np.random.default_rng(seed)
    asked: list[tuple[Point, str, float]] = []
    for k, plane in enumerate(PLANES):
        count = points // len(PLANES) + (k < points % len(PLANES))
        values = near_fronts(plane, count, rng)
        for row, phase, rate in zip(values, *phases(plane, values), strict=True):
            given = dict(zip(plane.axes, map(float, row), strict=True))
            current = given.pop("current", 0.0)
            asked.append(
                (Point(plane.short, given, current, plane.duration), phase, float(rate))
            )
    with ProcessPoolExecutor(processes) as pool:
        truths = list(pool.map(partial(judge, solver="LSODA"), [point for point, *_ in asked]))
        doubtful = [k for k, truth in enumerate(truths) if truth.phase != asked[k][1]]
        others = pool.map(partial(judge, solver="DOP853"), [asked[k][0] for k in doubtful])
        second = dict(zip(doubtful, others, strict=True))
    return [
        {
            **asdict(point),
            "phase": phase,
            "rate": rate,
            "scipy_phase": truth.phase,
            "scipy_rate": truth.rate,
            "other_phase": second[k].phase if k in second else truth.phase,
        }
        for k, ((point, phase, rate), truth) in enumerate(zip(asked, truths, strict=True))
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """Return the confusion table: SciPy's phases down, the package's across."""
    seen = [n for n in NAMES if any(n in (r["phase"], r["scipy_phase"]) for r in rows)]
    lines = ["| SciPy | " + " | ".join(seen) + " |", "| --- |" + " ---: |" * len(seen)]
    for truth in seen:
        counts = [
            sum(r["scipy_phase"] == truth and r["phase"] == said for r in rows) for said in seen
        ]
        lines.append(f"| {truth} | " + " | ".join(str(c or "") for c in counts) + " |")
    wrong = [r for r in rows if r["phase"] != r["scipy_phase"]]
    split = sum(r["other_phase"] != r["scipy_phase"] for r in wrong)
    both = [r for r in rows if r["phase"] == r["scipy_phase"] and r["scipy_rate"] > 0.0]
    close = sum(abs(r["rate"] - r["scipy_rate"]) <= CLOSE * r["scipy_rate"] for r in both)
    lines += [
        "",
        f"Of {len(rows)} points {len(rows) - len(wrong)} have SciPy's phase; at {split} of the "
        f"{len(wrong)} others SciPy's own DOP853 differs from its LSODA. Of {len(both)} points "
        f"of the same phase with two spikes or more, {close} have its rate within "
        f"{CLOSE:.0%}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--points", type=int, default=300)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="where every point goes")
    options = parser.parse_args()
    rows = measure(options.points, options.processes, options.seed)
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    print(table(rows))


if __name__ == "__main__":
    main()
