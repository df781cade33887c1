"""Phases, rates and rests of points near fronts against SciPy on equations written apart.

    python benchmarks/phases_against_scipy.py --points 300 --rests 200 --json phases.json

Points lie between neighbours of a coarse map whose classes differ, in planes of the four
published cells. The first judge of a phase is DOP853 (`explicit_runs.py`), on other equations,
with the rules of `classified_apart.py`; the second opinion is SciPy's LSODA. Where the two
disagree the point is `sensitive`, and counted apart: near a front the last digit can decide.
Whether a cell can rest, fire, or both, is compared with `rests_apart.py`; there a point is
sensitive if DOP853 at another tolerance says something else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from classified_apart import EVERY, Point, Truth, classify
from explicit_runs import Explicit, compiled_cell, equations
from numpy.typing import NDArray
from rests_apart import bistability

import mnexcite as mx

NAMES = tuple(phase.name for phase in mx.measures.PHASES)
RESTS = ("rest_only", "bistable", "fires_only", "neither", "failed")
#: Of both judges; of the first judge of rests, and of its second run.
TOLERANCE, COARSER = 1e-10, 1e-8
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
#: Where cells rest, fire or do both, without a current.
REST_PLANES = (
    Plane("HH", mx.cells.hodgkin_huxley_1952, {"leak.E": (-54, 0), "Kdr.g": (18, 54)}, 500.0),
    Plane(
        "PB", mx.cells.purvis_butera_2005, {"NaP.g": (0.05, 0.2), "Kdr.g": (0.4, 1.3)}, 2000.0
    ),
    Plane("MK", mx.cells.molkov_2025, {"NaP.g": (0, 1), "ions.K_o": (4, 12)}, 500.0),
    Plane(
        "BRK",
        mx.cells.booth_rinzel_kiehn_1997,
        {"dendrite.CaL.g": (0.2, 1.0), "soma.leak.E": (-65, -50)},
        1000.0,
    ),
)
SIDE, REST_SIDE = 17, 9  # points along an axis of the coarse map


def _step(unit: str, current: float) -> mx.stimuli.Stimulus:
    return mx.stimuli.step(current, unit=unit)


def measured(plane: Plane, values: NDArray[Any], *measures: str) -> Any:
    """Return a dataset of points, (points, 2) values along the plane's axes."""
    cell, names = plane.cell(), list(plane.axes)
    columns = {name: values[:, i] for i, name in enumerate(names)}
    axes = {name.replace("current", "stimulus.current"): c for name, c in columns.items()}
    return mx.sweep(
        cell,
        mx.sweeps.table(axes),
        partial(_step, cell.units["i"]) if "current" in columns else None,
        duration=plane.duration,
        measures=measures,
        initial="published",
    )


def near_fronts(
    plane: Plane, measure: str, side: int, count: int, rng: np.random.Generator
) -> NDArray[Any]:
    """Return points between neighbours of a grid whose classes differ."""
    lines = [np.linspace(low, high, side) for low, high in plane.axes.values()]
    grid = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1)
    flags = measured(plane, grid.reshape(-1, 2), measure)[measure].values.reshape(side, side)
    pairs = [
        (grid[i, j], grid[i + di, j + dj])
        for i in range(side)
        for j in range(side)
        for di, dj in ((1, 0), (0, 1))
        if i + di < side and j + dj < side and flags[i, j] != flags[i + di, j + dj]
    ]
    chosen = rng.integers(len(pairs), size=count)
    share = rng.random((count, 1))
    a, b = (np.array([pairs[k][end] for k in chosen]) for end in (0, 1))
    return a + share * (b - a)


def shares(points: int, parts: int) -> list[int]:
    """Return how many points each part gets."""
    return [points // parts + (k < points % parts) for k in range(parts)]


def by_dop853(point: Point) -> Truth:
    """Integrate and classify a point with the compiled DOP853."""
    drive = [(0.0, point.duration, point.current)]
    spikes, v, _ = Explicit(point.cell).spikes(point.replaced, drive, TOLERANCE, every=EVERY)
    return _truth(point, spikes.tolist(), v[:-1])


def by_lsoda(point: Point) -> Truth:
    """Integrate and classify a point with SciPy's LSODA."""
    apart = equations()
    stimuli = (apart.step(point.current, 0.0, 2.0 * point.duration),) if point.current else ()
    case = apart.Case(
        "point", compiled_cell(point.cell), point.duration, stimuli, replaced=point.replaced
    )
    times = EVERY * np.arange(round(point.duration / EVERY))
    trace = apart.integrate(case, apart.Method(apart.LSODA, TOLERANCE), times.tolist())
    return _truth(point, trace.spikes, np.array(trace.voltages))


def _truth(point: Point, spikes: list[float], v: NDArray[Any]) -> Truth:
    case = equations().Case("point", point.cell, point.duration, replaced=point.replaced)
    rate = 1e3 * (len(spikes) - 1) / (spikes[-1] - spikes[0]) if len(spikes) > 1 else 0.0
    return Truth(classify(spikes, EVERY * np.arange(v.size), v, case), rate, len(spikes))


def phases(points: int, seed: int) -> list[dict[str, Any]]:
    """Return one row per point: the phase that the package says, and those of the judges."""
    rng = np.random.default_rng(seed)
    rows = []
    for plane, count in zip(PLANES, shares(points, len(PLANES)), strict=True):
        values = near_fronts(plane, "phase", SIDE, count, rng)
        found = measured(plane, values, "phase", "rate")
        for at, flag, rate in zip(
            values, found["phase"].values, found["rate"].values, strict=True
        ):
            given = dict(zip(plane.axes, map(float, at), strict=True))
            current = given.pop("current", 0.0)
            point = Point(plane.short, given, current, plane.duration)
            truth, other = by_dop853(point), by_lsoda(point)
            rows.append(
                asdict(point)
                | {
                    "said": NAMES[flag],
                    "rate": float(rate),
                    "truth": truth.phase,
                    "true_rate": truth.rate,
                    "other": other.phase,
                    "other_rate": other.rate,
                }
            )
    return rows


def rests(points: int, seed: int) -> list[dict[str, Any]]:
    """Return one row per point: what the measure `bistability` says, and what SciPy does."""
    rng = np.random.default_rng(seed)
    rows = []
    for plane, count in zip(REST_PLANES, shares(points, len(REST_PLANES)), strict=True):
        values = near_fronts(plane, "bistability", REST_SIDE, count, rng)
        found = measured(plane, values, "bistability")["bistability"].values
        for at, flag in zip(values, found, strict=True):
            given = dict(zip(plane.axes, map(float, at), strict=True))
            row = {"cell": plane.short, "replaced": given, "said": RESTS[flag]}
            row["truth"] = bistability(plane.short, given, TOLERANCE)
            row["other"] = bistability(plane.short, given, COARSER)
            rows.append(row)
    return rows


def table(rows: list[dict[str, Any]], classes: Sequence[str]) -> str:
    """Return the confusion table: the first judge's classes down, the package's across.

    Points at which the judges disagree are a column of their own.
    """
    seen = [n for n in classes if any(n in (r["said"], r["truth"]) for r in rows)]
    sure = [r for r in rows if r["truth"] == r["other"]]
    lines = [
        "| SciPy | " + " | ".join(seen) + " | sensitive |",
        "| --- |" + " ---: |" * (len(seen) + 1),
    ]
    for truth in seen:
        counts = [sum(r["truth"] == truth and r["said"] == said for r in sure) for said in seen]
        counts.append(sum(r["truth"] == truth != r["other"] for r in rows))
        lines.append(f"| {truth} | " + " | ".join(str(c or "") for c in counts) + " |")
    same = sum(r["said"] == r["truth"] for r in sure)
    split = [r for r in rows if r["truth"] != r["other"]]
    with_one = sum(r["said"] in (r["truth"], r["other"]) for r in split)
    lines += [
        "",
        f"{same} of {len(sure)} points have the class of both judges; the judges disagree at "
        f"{len(split)} others, and {with_one} of these have the class of one of them.",
    ]
    return "\n".join(lines) + "\n"


def rates(rows: list[dict[str, Any]]) -> str:
    """Return how many points of one class have the judges' rate."""
    same = [r for r in rows if r["said"] == r["truth"] == r["other"] and r["true_rate"] > 0.0]

    def close(a: float, b: float) -> bool:
        return abs(a - b) <= CLOSE * b

    sure = [r for r in same if close(r["other_rate"], r["true_rate"])]
    near = sum(close(r["rate"], r["true_rate"]) for r in sure)
    return (
        f"Of {len(same)} points of their phase with two spikes or more, "
        f"{len(same) - len(sure)} have rates by the judges that differ by more than "
        f"{CLOSE:.0%}; of the others {near} of {len(sure)} are within {CLOSE:.0%}.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--points", type=int, default=300, help="of phases")
    parser.add_argument("--rests", type=int, default=200, help="points of rests")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="where every point goes")
    options = parser.parse_args()
    found = {
        "phases": phases(options.points, options.seed),
        "rests": rests(options.rests, options.seed),
    }
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(found["phases"], NAMES) + rates(found["phases"]))
    print(table(found["rests"], RESTS))


if __name__ == "__main__":
    main()
