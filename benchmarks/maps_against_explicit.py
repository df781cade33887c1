"""Count spikes over maps of the published cells by each method and by heyoka's Taylor series.

`python benchmarks/maps_against_heyoka.py [--points 1000] [--seed 1] [--cells HH,PB]`

heyoka is explicit, runs at a tolerance of 1e-9 and knows nothing of this package: its
equations are those of `tests/data/make_references.py`. Maps reach from rest over firing
to depolarisation block.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from independent_runs import Solvers
from numpy.typing import NDArray

import mnexcite as mx

Array = NDArray[np.float64]

DURATION, START = 2000.0, 50.0  # ms
BATCH, TOLERANCE = 8, 1e-9  # heyoka's
METHODS = ("kaps_rentrop", "rosenbrock", "dormand_prince", "staggered")
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


def main() -> None:
    """Run the maps and print how many counts differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cells", default=",".join(CELLS))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = []
    print(f"{'cell':5}{'method':16}{'points':>7}{'equal':>7}{'by one':>8}{'by more':>9}")
    for name in given.cells.split(","):
        points = draw(name, given.points, given.seed)
        truth = by_heyoka(name, points)
        for method in METHODS:
            apart = np.abs(by_method(name, points, method) - truth)
            row = {
                "cell": name,
                "method": method,
                "points": given.points,
                "equal": int((apart == 0).sum()),
                "by_one": int((apart == 1).sum()),
                "by_more": int((apart > 1).sum()),
                "worst": [
                    {key: float(column[k]) for key, column in points.items()}
                    | {"heyoka": int(truth[k]), "apart": int(apart[k])}
                    for k in np.argsort(-apart)[:5]
                    if apart[k] > 1
                ],
            }
            rows.append(row)
            print(
                f"{name:5}{method:16}{given.points:7}{row['equal']:7}{row['by_one']:8}"
                f"{row['by_more']:9}",
                flush=True,
            )
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def draw(name: str, points: int, seed: int) -> dict[str, Array]:
    """Return a column of values for each axis."""
    rng = np.random.default_rng(seed)
    return {path: rng.uniform(*ends, points) for path, ends in AXES[name].items()}


def by_heyoka(name: str, points: dict[str, Array]) -> NDArray[np.int64]:
    """Return the number of spikes of each point."""
    solvers = Solvers(name, BATCH, TOLERANCE)
    counts = []
    total = points["current"].size
    for first in range(0, total, BATCH):
        chosen = [min(first + k, total - 1) for k in range(BATCH)]
        values = [
            dict(solvers.cell.parameters)
            | {path: float(column[k]) for path, column in points.items() if path != "current"}
            for k in chosen
        ]
        for crossings in solvers.crossings:
            crossings.clear()
        solvers.taylor.set_time(0.0)
        solvers.taylor.state[:] = solvers.initial[:, None]
        for end, on in ((START, 0.0), (DURATION, 1.0)):
            solvers.taylor.pars[:] = np.stack(
                [
                    solvers.parameters(value, on * float(points["current"][k]))
                    for value, k in zip(values, chosen, strict=True)
                ],
                axis=-1,
            )
            solvers.taylor.propagate_until(end)
        counts += [len(train) for train in solvers.spikes()]
    return np.array(counts[:total])


def by_method(name: str, points: dict[str, Array], method: str) -> NDArray[np.int64]:
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


if __name__ == "__main__":
    main()
