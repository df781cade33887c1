"""Draw variants of the published cells and check what `spike_error` claims of each.

    python benchmarks/spike_error_claims.py [--variants 500] [--seed 0]
        [--solvers FILE] [--json FILE]

Conductances, potassium and a holding current are drawn at random; a run lasts 1 s. Each
variant runs with `spike_error` of 0.1 or 0.01 ms. heyoka runs it from the published state and
from that moved by 1e-11 to 1e-9 of 100 mV, DOP853 runs it at 1e-12. Where these disagree by
more than the error asked for, nobody knows the spikes so closely: the variant is sensitive.
Ends with 1 if a lane that is `ok` is wrong: farther from both solvers than it says.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from independent_runs import Solvers
from numpy.typing import NDArray
from tables import Table

import mnexcite as mx
from mnexcite.simulation.disturbed import distance
from mnexcite.simulation.recording import Batch

Array = NDArray[np.float64]

DURATION, START = 1000.0, 20.0  # ms
WANTED = (0.1, 0.01)  # ms
MOVES = np.array([0.0, 1e-11, -1e-11, 1e-9])
#: What the two solvers are themselves good for where nothing is magnified [ms].
FLOOR = 1e-6


@dataclass(frozen=True)
class Family:
    """Say how variants of a published cell are drawn.

    `factors`: path -> range of a factor of the published value; `values`: path -> range of
    the value itself. `current`: range of the holding current, in the cell's unit.
    """

    cell: mx.Cell
    name: str
    factors: dict[str, tuple[float, float]]
    values: dict[str, tuple[float, float]]
    current: tuple[float, float]


def families() -> list[Family]:
    """Return all four, their ranges around the onset of firing and of its end."""
    some = (0.7, 1.4)
    return [
        Family(
            mx.cells.purvis_butera_2005(),
            "PB",
            {"NaP.g": (0.8, 5.0), "Kdr.g": (0.5, 1.1), "A.g": (0.4, 1.2)}
            | dict.fromkeys(("Na.g", "SK.g", "CaN.g", "leak.g"), some),
            {"ions.K_o": (3.0, 8.0)},
            (0.0, 1.0),
        ),
        Family(
            mx.cells.hodgkin_huxley_1952(),
            "HH",
            {"Na.g": (0.8, 1.3), "Kdr.g": (0.5, 1.2), "leak.g": (0.5, 2.0)},
            {"ions.E_K": (-80.0, -70.0)},
            (-2.0, 40.0),
        ),
        Family(
            mx.cells.molkov_2025(),
            "MK",
            {"Kdr.g": (0.4, 1.2), "Kv1.g": (0.0, 2.0)}
            | dict.fromkeys(("Na.g", "KCa.g", "CAN.g", "leak.g"), some),
            {"NaP.g": (0.0, 0.5), "ions.K_o": (3.0, 8.0)},
            (0.0, 25.0),
        ),
        Family(
            mx.cells.booth_rinzel_kiehn_1997(),
            "BRK",
            {"soma.Kdr.g": (0.4, 1.2), "dendrite.CaL.g": (0.5, 2.0)}
            | dict.fromkeys(("soma.Na.g", "soma.CaN.g", "soma.KCa.g", "soma.leak.g"), some),
            {"ions.E_K": (-85.0, -70.0)},
            (-2.0, 25.0),
        ),
    ]


@dataclass(frozen=True)
class Finding:
    """Hold what one variant said, and how far it was from either solver [ms]."""

    cell: str
    values: dict[str, float]
    current: float
    wanted: float
    status: str
    stated: float
    spikes: int
    error: float
    spread: float
    counts: tuple[int, ...]

    @property
    def sensitive(self) -> bool:
        """Whether the solvers disagree by more than the error asked for."""
        return self.spread > self.wanted

    @property
    def wrong(self) -> bool:
        """Whether the lane says that it is fine and is not."""
        return self.status == "ok" and self.error > self.stated + FLOOR


@dataclass(frozen=True)
class Variants:
    """Hold the drawn values (path -> one per variant) and currents of a family."""

    family: Family
    columns: dict[str, Array]
    currents: Array

    def values(self, i: int) -> dict[str, float]:
        """Return the values of one variant."""
        return {path: float(column[i]) for path, column in self.columns.items()}


def drawn(family: Family, count: int, rng: np.random.Generator) -> Variants:
    """Return so many variants."""
    published = family.cell.parameters
    columns = {
        path: published[path].value * rng.uniform(*bounds, count)
        for path, bounds in family.factors.items()
    } | {path: rng.uniform(*bounds, count) for path, bounds in family.values.items()}
    return Variants(family, columns, rng.uniform(*family.current, count))


def solved(variants: Variants) -> list[list[list[float]]]:
    """Return each variant's spike times by heyoka from every start, and by DOP853."""
    solvers, found = Solvers(variants.family.name, MOVES.size), []
    for i, current in enumerate(variants.currents):
        numbers = dict(solvers.cell.parameters) | variants.values(i)
        drive = [(0.0, START, 0.0), (START, DURATION, float(current))]
        trains = [*solvers.heyoka(numbers, drive, MOVES), solvers.dop853(numbers, drive)]
        found.append([train.tolist() for train in trains])
    return found


def check(variants: Variants, truths: list[list[list[float]]]) -> Iterator[Finding]:
    """Yield the findings of all variants."""
    family, count = variants.family, len(truths)
    unit = family.cell.units["i"]
    for wanted, lanes in zip(WANTED, np.array_split(np.arange(count), 2), strict=True):
        batch = mx.simulate(
            family.cell,
            [
                mx.stimuli.step(float(variants.currents[i]), unit=unit, start=START)
                for i in lanes
            ],
            duration=DURATION,
            parameters={path: column[lanes] for path, column in variants.columns.items()},
            spike_error=wanted,
        )
        assert isinstance(batch, Batch)
        for run, lane in zip(batch, lanes, strict=True):
            trains = [np.array(train) for train in truths[lane]]
            yield Finding(
                cell=family.name,
                values=variants.values(lane),
                current=float(variants.currents[lane]),
                wanted=wanted,
                status=run.status,
                stated=run.spike_error or 0.0,
                spikes=len(run.spike_times),
                error=min(
                    distance(run.spike_times, train, DURATION)
                    for train in (trains[0], trains[-1])
                ),
                spread=max(distance(trains[0], train, DURATION) for train in trains[1:]),
                counts=tuple(train.size for train in trains),
            )


def outcomes(found: list[Finding]) -> Table:
    """Return how many variants ended how, and how far from the solvers."""
    rows = []
    for status in sorted({f.status for f in found}):
        for sensitive in (False, True):
            some = [f for f in found if f.status == status and f.sensitive == sensitive]
            if some:
                errors = [f.error for f in some]
                rows.append(
                    {
                        "status": status,
                        "solvers": "disagree" if sensitive else "agree",
                        "variants": len(some),
                        "error, median [ms]": float(np.median(errors)),
                        "error, largest [ms]": max(errors),
                        "error above the estimate": sum(
                            f.error > f.stated + FLOOR for f in some
                        ),
                        "other number of spikes": sum(
                            f.spikes not in (f.counts[0], f.counts[-1]) for f in some
                        ),
                    }
                )
    return Table("What spike_error claims", rows, left=("status", "solvers"))


def main() -> int:
    """Check, print and write the findings."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--variants", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--solvers", type=Path, help="keep their spikes here, or read them")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rng, every, found = np.random.default_rng(given.seed), families(), []
    parts = np.array_split(np.arange(given.variants), len(every))
    variants = [drawn(f, len(part), rng) for f, part in zip(every, parts, strict=True)]
    if given.solvers and given.solvers.exists():
        truths = json.loads(given.solvers.read_text())
    else:
        truths = [solved(some) for some in variants]
        if given.solvers:
            given.solvers.write_text(json.dumps(truths))
    for some, trains in zip(variants, truths, strict=True):
        for finding in check(some, trains):
            found.append(finding)
            if finding.wrong:
                print("wrong:", json.dumps(asdict(finding)), flush=True)
    table = outcomes(found)
    print(table.markdown())
    print(dict(Counter((f.cell, f.status) for f in found)))
    if given.json:
        given.json.write_text(json.dumps([asdict(f) for f in found], indent=1))
    return int(any(f.wrong for f in found))


if __name__ == "__main__":
    sys.exit(main())
