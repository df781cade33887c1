"""`mnexcite bench`: error against cost of every method, and of other simulators."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnexcite.cli import console, options, results
from mnexcite.cli.exits import INTERRUPTED, SOME_FAILED, say
from mnexcite.cli.workload import choose_peers, workload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mnexcite.bench.frontier import Frontier

#: What --quick does once and briefly: settings of each method, sets that are judged.
QUICK_SETTINGS, QUICK_JUDGED, QUICK_SETS = 3, 4, 8
JUDGED, REPEATS = 32, 5


def bench(
    cell: Annotated[
        str,
        typer.Argument(
            help="Cell of the catalogue, saved .json file, module:function, benchmark."
        ),
    ] = "benchmark",
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="Change a number; LOW:HIGH spreads it over the sets.",
        ),
    ] = None,
    stimulus: Annotated[
        str | None,
        typer.Option(
            metavar="TOML",
            help="A run's .toml file, or its [[stimulus]] in one line "
            "(default: what makes a cell of the catalogue fire).",
        ),
    ] = None,
    duration: Annotated[
        float, typer.Option(help="Length of the run, s.", callback=options.SECONDS)
    ] = 0.2,
    sets: Annotated[
        int | None,
        typer.Option(
            help="Number of parameter sets (default 64).",
            callback=options.whole(1, 1_000_000),
        ),
    ] = None,
    methods: Annotated[
        str | None, typer.Option(metavar="A,B", help="Methods (default all but reference).")
    ] = None,
    peers: Annotated[
        str, typer.Option(metavar="all|none|A,B", help="Other simulators, where installed.")
    ] = "none",
    out: Annotated[Path, typer.Option(help="Folder for figure and data.")] = Path("bench"),
    quick: Annotated[
        bool, typer.Option("--quick", help="Once, briefly, and with few settings.")
    ] = False,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            metavar="A.json B.json",
            help="Run nothing: compare two files that bench wrote.",
        ),
    ] = None,
) -> None:
    """Compare methods and other simulators on the same work: error against cost.

    All run on one thread, warm and in turn; medians count. Errors are those of spike times
    against an independent solution.
    """
    from mnexcite.bench import report
    from mnexcite.bench.measure import work_precision
    from mnexcite.bench.peers import ABSENT
    from mnexcite.errors import Interrupted

    if compare is not None:
        _compare(*compare)
        return
    if sets is None:
        sets = QUICK_SETS if quick else 64
    work = workload(cell, change or (), stimulus, duration, sets)
    names = None if methods is None else [name.strip() for name in methods.split(",")]
    others = choose_peers(peers)
    results.check_folder(out)
    with console.progress(work.cell.name) as advance:
        try:
            frontier = work_precision(
                work,
                names,
                others,
                repeats=1 if quick else REPEATS,
                judged=QUICK_JUDGED if quick else JUDGED,
                settings=QUICK_SETTINGS if quick else None,
                progress=advance,
            )
        except Interrupted as stopped:
            results.folder(out)
            report.save(stopped.partial, out / "work_precision.json")
            say(f"interrupted; what was measured is in {out}")
            raise typer.Exit(INTERRUPTED) from None
    _print(frontier, ABSENT if peers == "all" else {})
    results.folder(out)
    report.save(frontier, out / "work_precision.json")
    written = ["work_precision.json"]
    if any(frontier.edge(name) for name in frontier.names):
        from mnexcite import plots

        figure = plots.new_figure(10.0, 7.0)
        with plots.style():
            plots.work_precision(frontier, figure.subplots())
        plots.save(figure, out / "work_precision.png")
        written = ["work_precision.png", *written]
    results.tell(out, written)
    if any((point.skipped or "").startswith("failed") for point in frontier.points):
        raise typer.Exit(SOME_FAILED)


def _compare(a: Path, b: Path) -> None:
    """Print what two files differ in, and their costs."""
    from mnexcite.bench import comparison, report

    one, other = report.load(a), report.load(b)
    printer = console.out()
    printer.print(f"a: {a}: {report.summary(one)}\nb: {b}: {report.summary(other)}")
    different = comparison.differences(one, other)
    printer.print("\n".join(["They differ in", *different]) if different else "Alike.")
    _print_rows(comparison.costs(one, other))


def _print_rows(rows: Sequence[Mapping[str, str]]) -> None:
    if not rows:
        return
    made, before = console.table(*rows[0]), None
    for row in rows:
        name, *values = row.values()
        made.add_row("" if name == before else name, *values)
        before = name
    console.out().print(made)


def _print(frontier: Frontier, absent: Mapping[str, str]) -> None:
    from mnexcite.bench import report

    printer = console.out()
    printer.print(report.summary(frontier))
    for rows in (report.points(frontier), report.ratios(frontier)):
        _print_rows(rows)
    printer.print(
        f"Second table: cost [ms/cell] at an error, and times that of {frontier.baseline}; - "
        "where one does not get so far."
    )
    for line in report.remarks(frontier):
        printer.print(line)
    for name, why in absent.items():
        printer.print(f"Absent: {name}: {why}")
