"""Error against cost of every method and peer: many cells, a handful, the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from tables import Table

from mnexcite import cells
from mnexcite.bench import report
from mnexcite.bench.measure import work_precision
from mnexcite.bench.peers import Peer
from mnexcite.bench.tasks import benchmark_work, cell_work
from mnexcite.bench.work import Work

TITLE = "Error against cost"
NOTE = (
    "One thread. ms/cell: median of warm runs taken in turn, integration only, without "
    "building, compiling, tables or the start of a process. Error: largest difference of a "
    "spike time over the judged sets; a dash where one does not get so far. The columns x "
    "are cost over that of the baseline."
)
#: Sets of the benchmark cell's 1024 that stand for all ways it fires.
HANDFUL = (100, 300, 400, 512, 600, 700, 900, 1023)


def measure(quick: bool, peers: Sequence[Peer] = ()) -> dict[str, dict[str, Any]]:
    """Return a comparison for each work, as JSON has it."""
    if quick:
        found = work_precision(
            benchmark_work(8), peers=peers, repeats=1, judged=4, settings=2, budget=1.0
        )
        return {"quick": report.to_dict(found)}
    works = {
        "1024 sets of the benchmark cell": (benchmark_work(1024), peers),
    }
    # with a fixed step a simulator pays for time, whatever the cell
    free = [p for p in peers if all(setting.kind == "tolerance" for setting in p.settings())]
    works["a handful of 8"] = handful(), free
    works |= {name: (cell_work(make(), 16), free) for name, make in cells.CATALOGUE.items()}
    return {
        title: report.to_dict(
            work_precision(
                work,
                peers=chosen,
                repeats=5,
                judged=64,
                settings=6,
                budget=1.0,
                patience=10.0,
            )
        )
        for title, (work, chosen) in works.items()
    }


def handful() -> Work:
    """Return eight different sets of the benchmark cell, too few to refill lanes from."""
    whole = benchmark_work(1024)
    columns = {path: column[np.array(HANDFUL)] for path, column in whole.parameters.items()}
    return Work(whole.cell, columns, duration=whole.duration)


def tables(result: dict[str, dict[str, Any]]) -> list[Table]:
    """Return two tables for each work: costs at three errors, and every point."""
    made = []
    for title, described in result.items():
        frontier = report.from_dict(described)
        made += [
            Table(
                f"Costs at an error: {title}", report.ratios(frontier), report.summary(frontier)
            ),
            Table(
                f"Every point: {title}",
                report.points(frontier),
                "\n".join(report.remarks(frontier)),
            ),
        ]
    return made
