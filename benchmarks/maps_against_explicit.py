"""Count spikes over maps of the published cells by each method and by an explicit oracle.

    python benchmarks/maps_against_explicit.py [--points 1000] [--seed 1] [--cells HH,PB]
                                               [--reference 5] [--heyoka 20] [--json FILE]

Maps reach from rest over firing to depolarisation block. The oracle is `explicit_runs.py`:
DOP853 on equations written apart, at 1e-11; it knows nothing of this package. A point is
`sensitive` where the oracle does not agree with itself: at 1e-9, at 1e-11, or from a start
moved by 1e-7 mV it has another number of spikes, or one of them moves by more than 1 ms.
There a count can only be compared with the counts of the oracle from several such starts.
The first points are run by `reference`, and by heyoka to check the oracle, if it is there.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from explicit_runs import Explicit
from independent_runs import Solvers
from numpy.typing import NDArray
from tables import Table

import mnexcite as mx

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

DURATION, START = 2000.0, 50.0  # ms
METHODS = ("kaps_rentrop", "rosenbrock", "dormand_prince", "staggered")
LOOSE, TIGHT = 1e-9, 1e-11  # the oracle's tolerances
MOVE = 1e-7  # mV, of a start
STARTS = 9  # of sensitive points, from -MOVE to MOVE
APART = 1.0  # ms, what nobody knows more closely is sensitive
BATCH, HEYOKA = 8, 1e-9  # starts side by side, and tolerance
CELLS = {
    "HH": mx.cells.hodgkin_huxley_1952,
    "PB": mx.cells.purvis_butera_2005,
    "MK": mx.cells.molkov_2025,
    "BRK": mx.cells.booth_rinzel_kiehn_1997,
}
#: path -> range; "current" in the cell's unit
AXES = {
    "HH": {"current": (0.0, 200.0), "Kdr.g": (18.0, 54.0), "Na.g": (80.0, 160.0)},
    "PB": {"current": (0.0, 4.0), "NaP.g": (0.05, 0.2), "ions.K_o": (4.0, 10.0)},
    "MK": {"current": (0.0, 60.0), "NaP.g": (0.0, 0.6), "ions.K_o": (4.0, 8.0)},
    "BRK": {"current": (0.0, 60.0), "soma.KCa.g": (2.0, 6.0), "soma.Kdr.g": (50.0, 150.0)},
}
Points = dict[str, Array]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cells", default=",".join(CELLS))
    parser.add_argument("--reference", type=int, default=5, help="points by `reference`")
    parser.add_argument("--heyoka", type=int, default=20, help="points by heyoka")
    parser.add_argument("--json", type=Path, help="where the rows go as well")
    given = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for name in given.cells.split(","):
        points = draw(name, given.points, given.seed)
        truth = by_oracle(name, points)
        for method in METHODS:
            rows.append(row(name, method, points, truth, by_method(name, points, method)))
        if given.reference:
            few = first(points, given.reference)
            rows.append(row(name, "reference", few, truth, by_method(name, few, "reference")))
        if given.heyoka and importlib.util.find_spec("heyoka"):
            few = first(points, given.heyoka)
            rows.append(row(name, "heyoka", few, truth, by_heyoka(name, few)))
        print(table([r for r in rows if r["cell"] == name]).markdown(), flush=True)
        if given.json:
            given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(table(rows).markdown())


@dataclass(frozen=True)
class Truth:
    """Hold the oracle's counts; `least` and `most` are those of a sensitive point's starts."""

    counts: Counts
    sensitive: NDArray[np.bool_]
    least: Counts
    most: Counts


def draw(name: str, points: int, seed: int) -> Points:
    """Return a column of values for each axis."""
    rng = np.random.default_rng(seed)
    return {path: rng.uniform(*ends, points) for path, ends in AXES[name].items()}


def first(points: Points, number: int) -> Points:
    """Return the first points."""
    return {path: column[:number] for path, column in points.items()}


def at(points: Points, k: int) -> tuple[dict[str, float], float]:
    """Return the parameters and the current of a point."""
    values = {path: float(column[k]) for path, column in points.items()}
    return values, values.pop("current")


def by_oracle(name: str, points: Points) -> Truth:
    """Return the number of spikes of each point, and where it is anybody's guess."""
    explicit = Explicit(name)
    total = points["current"].size
    counts, least, most = (np.zeros(total, int) for _ in range(3))
    sensitive = np.zeros(total, bool)
    for k in range(total):
        values, current = at(points, k)
        drive = [(0.0, START, 0.0), (START, DURATION, current)]

        def spikes(tolerance: float, move: float = 0.0, values=values, drive=drive) -> Array:
            return explicit.spikes(values, drive, tolerance, moved=move)[0]

        trains = [spikes(TIGHT), spikes(LOOSE), spikes(TIGHT, MOVE)]
        sensitive[k] = any(apart(trains[0], other) for other in trains[1:])
        if sensitive[k]:
            moves = np.linspace(-MOVE, MOVE, STARTS)
            trains += [spikes(TIGHT, float(move)) for move in moves[:-1] if move]
        sizes = [train.size for train in trains]
        counts[k], least[k], most[k] = sizes[0], min(sizes), max(sizes)
    return Truth(counts, sensitive, least, most)


def apart(one: Array, other: Array) -> bool:
    """Whether two trains differ in number, or in a time by more than `APART`."""
    return one.size != other.size or bool((np.abs(one - other) > APART).any())


def by_method(name: str, points: Points, method: str) -> Counts:
    """Return the number of spikes of each point."""
    cell = CELLS[name]()
    unit = cell.units["i"]
    drives = [
        mx.stimuli.step(float(current), unit=unit, start=START, duration=DURATION)
        for current in points["current"]
    ]
    parameters: dict[Any, Any] = {k: v for k, v in points.items() if k != "current"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mx.RunWarning)
        batch = mx.simulate(
            cell, drives, duration=DURATION, parameters=parameters, method=method
        )
    assert isinstance(batch, mx.Batch)
    return np.asarray(batch.spike_times.counts)


def by_heyoka(name: str, points: Points) -> Counts:
    """Return the number of spikes of each point."""
    solvers = Solvers(name, BATCH, HEYOKA)
    counts: list[int] = []
    total = points["current"].size
    for begin in range(0, total, BATCH):
        chosen = [at(points, min(begin + k, total - 1)) for k in range(BATCH)]
        for crossings in solvers.crossings:
            crossings.clear()
        solvers.taylor.set_time(0.0)
        solvers.taylor.state[:] = solvers.initial[:, None]
        for end, on in ((START, 0.0), (DURATION, 1.0)):
            solvers.taylor.pars[:] = np.stack(
                [
                    solvers.parameters({**solvers.cell.parameters, **values}, on * current)
                    for values, current in chosen
                ],
                axis=-1,
            )
            solvers.taylor.propagate_until(end)
        counts += [train.size for train in solvers.spikes()]
    return np.array(counts[:total])


def row(name: str, method: str, points: Points, truth: Truth, found: Counts) -> dict[str, Any]:
    """Return how counts compare with the oracle's, and the points that differ most."""
    size = found.size
    differ = np.abs(found - truth.counts[:size])
    sensitive = truth.sensitive[:size]
    sure = differ[~sensitive]
    within = (found >= truth.least[:size]) & (found <= truth.most[:size])
    wrong = np.flatnonzero(~sensitive & (differ > 0))
    return {
        "cell": name,
        "method": method,
        "points": size,
        "equal": int((sure == 0).sum()),
        "by_one": int((sure == 1).sum()),
        "by_more": int((sure > 1).sum()),
        "sensitive": int(sensitive.sum()),
        "sensitive_equal": int((differ[sensitive] == 0).sum()),
        "sensitive_within": int(within[sensitive].sum()),
        "mean_difference": round(float((found - truth.counts[:size])[sensitive].mean()), 3)
        if sensitive.any()
        else 0.0,
        "worst": [
            {path: float(column[k]) for path, column in points.items()}
            | {"oracle": int(truth.counts[k]), "found": int(found[k])}
            for k in wrong[np.argsort(-differ[wrong])][:5]
        ],
    }


def table(rows: list[dict[str, Any]]) -> Table:
    """Return the rows as they stand in the documentation."""
    heads = {
        "cell": "cell",
        "method": "method",
        "points": "points",
        "equal": "same count",
        "by_one": "off by one",
        "by_more": "by more",
        "sensitive": "sensitive",
        "sensitive_equal": "same count",
        "sensitive_within": "within the oracle's",
    }
    # two columns have one name: a space tells them apart
    named = {key: head + " " * (key == "sensitive_equal") for key, head in heads.items()}
    return Table("Counts", [{head: r[key] for key, head in named.items()} for r in rows])


if __name__ == "__main__":
    main()
