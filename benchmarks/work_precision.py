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
    "One thread. ms/cell: processor time (of Brian2: wall time, as it reports it), median of "
    "warm runs taken in turn, integration only, without building, compiling, tables or the "
    "start of a process. Error: largest difference of a spike time over the judged sets; a "
    "dash where one does not get so far, or is refused since its error stops falling. The "
    "columns x are cost over that of the baseline."
)
#: Once a run took longer [s], finer settings are left out; SciPy's Radau and BDF, which step
#: in Python, would else take half of all time.
MANY_PATIENCE, PATIENCE = 10.0, 3.0
#: Sets of the benchmark cell's 1024 that stand for all ways it fires.
HANDFUL = (100, 300, 400, 512, 600, 700, 900, 1023)


def measure(
    quick: bool, peers: Sequence[Peer] = (), works: str = ""
) -> dict[str, dict[str, Any]]:
    """Return a comparison for each work whose title has `works` in it, as JSON has it."""
    if quick:
        found = work_precision(
            benchmark_work(8), peers=peers, repeats=1, judged=4, settings=2, budget=1.0
        )
        return {"quick": report.to_dict(found)}
    made = {
        "1024 sets of the benchmark cell": (benchmark_work(1024), peers, MANY_PATIENCE),
    }
    # with a fixed step a simulator pays for time, whatever the cell
    free = [p for p in peers if all(setting.kind == "tolerance" for setting in p.settings())]
    made["a handful of 8"] = handful(), free, PATIENCE
    made |= {
        name: (cell_work(make(), 16), free, PATIENCE) for name, make in cells.CATALOGUE.items()
    }
    return {
        title: report.to_dict(
            work_precision(
                work,
                peers=chosen,
                repeats=5,
                judged=64,
                settings=6,
                budget=1.0,
                patience=patience,
            )
        )
        for title, (work, chosen, patience) in made.items()
        if works in title
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
