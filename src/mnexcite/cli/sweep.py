"""`mnexcite sweep`: a map described in TOML, which goes on where it stopped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnexcite.cli import console, options
from mnexcite.cli.exits import INTERRUPTED, SOME_FAILED, STORAGE, say
from mnexcite.cli.sweep_figure import draw, figure_name
from mnexcite.errors import InputError

if TYPE_CHECKING:
    from mnexcite.sweeps import Summary

_UNKNOWN = "no status has this number: another version wrote it"


def sweep(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="MAP.toml | status MAP.zarr",
            help="The sweep, described in TOML; or 'status' and the store of one.",
        ),
    ],
    store: Annotated[
        Path | None, typer.Option(help="Folder of the results (default: as the file says).")
    ] = None,
    threads: options.Threads = None,
    shard: Annotated[
        str | None,
        typer.Option(metavar="I/N", help="Compute the I-th of N shares only, for job arrays."),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Compute on Dask: a scheduler's address, or 'local'."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Processes of --dask local (default: one for each core).",
            callback=options.WORKERS,
        ),
    ] = None,
    mixed: Annotated[
        bool,
        typer.Option(
            "--mixed", help="Go on in a store that other versions or processors began."
        ),
    ] = False,
    factors: Annotated[
        bool,
        typer.Option("--factors", help="Draw axes in factors, in place of absolute values."),
    ] = False,
) -> None:
    """Compute a map into its store, or go on where it stopped; or say how far it is."""
    if words[0] == "status":
        if len(words) != 2 or any((store, threads, shard, dask, workers, mixed, factors)):
            raise InputError(
                "status takes one store and no options; write: mnexcite sweep status MAP.zarr"
            )
        _print_status(Path(words[1]))
        return
    if len(words) != 1:
        raise InputError(
            f"there are {len(words)} words; write: mnexcite sweep MAP.toml, "
            "or: mnexcite sweep status MAP.zarr"
        )
    description = Path(words[0])
    if description.is_dir():
        raise InputError(
            f"{description} is a folder; write: mnexcite sweep MAP.toml, "
            f"or: mnexcite sweep status {description}"
        )
    try:
        _run(description, store, threads, shard, dask, workers, mixed, factors)
    except KeyboardInterrupt as stopped:  # Interrupted, or before or after the work
        say(str(stopped) or "stopped by Ctrl-C; run it again to go on")
        raise typer.Exit(INTERRUPTED) from None


def _run(
    description: Path,
    store: Path | None,
    threads: int | None,
    shard: str | None,
    dask: str | None,
    workers: int | None,
    mixed: bool,
    factors: bool,
) -> None:
    from mnexcite import config
    from mnexcite.simulation.settings import thread_count
    from mnexcite.sweeps import summary
    from mnexcite.sweeps.executors import dask_at
    from mnexcite.sweeps.progress import in_words
    from mnexcite.sweeps.run import prepare, read_shard

    described = config.load_sweep(description)
    plan = config.build_plan(described)
    picture = figure_name(described)
    given = described.sweep.store
    if store is None:
        store = Path(f"{description.stem}.zarr") if given is None else described.folder / given
    count = thread_count(described.run.run.threads if threads is None else threads)
    share = read_shard(shard)
    run = prepare(plan, store, described.sweep.chunk)
    with console.progress(plan.cell.name) as tell, dask_at(dask, workers) as executor:
        done = run.compute(executor, count, share, tell, mixed, workers)
    found = summary(store)
    printer = console.out()
    if done.computed:
        points = f"{done.computed} point{'s' if done.computed > 1 else ''}"
        printer.print(f"{points} in {in_words(done.seconds)}, {done.rate:.3g} points/s")
    _print_summary(store, found)
    if picture is not None and found.points_done == found.points:
        drawn = draw(run.dataset(), store.parent / picture, factor=factors)
        if drawn:
            printer.print(f"Drawn: {drawn}", soft_wrap=True)
    if _failed(found):
        raise typer.Exit(SOME_FAILED)


def _print_status(path: Path) -> None:
    from mnexcite.sweeps import summary
    from mnexcite.sweeps.store.store import ranges

    found = summary(path)
    _print_summary(path, found)
    if found.missing:
        missing = ranges(index for a, b in found.missing for index in range(a, b + 1))
        console.out().print(f"Missing blocks: {missing}", soft_wrap=True)
    if found.damaged:
        listed = ranges(found.damaged)
        say(f"damaged blocks: {listed}; to mend them: mnexcite sweep MAP.toml")
        raise typer.Exit(STORAGE)
    if _failed(found):
        raise typer.Exit(SOME_FAILED)


def _print_summary(path: Path, found: Summary) -> None:
    from mnexcite.engine.status import BY_NAME

    printer = console.out()
    share = 100.0 * found.points_done / found.points
    printer.print(
        f"{path}: {found.points_done} of {found.points} points ({share:.1f} %), "
        f"{found.blocks_done} of {found.blocks} blocks",
        soft_wrap=True,
    )
    failures = _failed(found)
    if failures:
        made = console.table("Failed", "Points", "What it means")
        made.columns[2].justify = "left"
        for name, points in failures.items():
            known = BY_NAME.get(name)
            told = _UNKNOWN if known is None else f"{known.sentence}; {known.remedy}"
            made.add_row(name, str(points), told)
        printer.print(made)


def _failed(found: Summary) -> dict[str, int]:
    return {
        name: points
        for name, points in found.status.items()
        if name not in ("ok", "pending") and points
    }
