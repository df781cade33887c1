"""`mnexcite explore`: a page in which a cell can be felt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from mnexcite.cli import console, options
from mnexcite.errors import InputError


def explore(
    cell: Annotated[
        str | None,
        typer.Argument(
            help="Cell of the catalogue, saved .json file or module:function "
            "(default purvis_butera_2005).",
            show_default=False,
        ),
    ] = None,
    pool: Annotated[
        bool,
        typer.Option("--pool", help="A muscle in place of a cell: train, cramp, stretch."),
    ] = False,
    units: Annotated[
        int,
        typer.Option(
            help="Motor units of the muscle, with --pool.", callback=options.whole(2, 24)
        ),
    ] = 24,
    muscle: options.MuscleName = "abductor_hallucis",
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html",
            help="Keep the page here, and do not open it (default: open it).",
        ),
    ] = None,
    slider: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="One more number to move, such as SK.g; repeatable."),
    ] = None,
    map_: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="STORE.zarr",
            help="Show this sweep of the cell, over two axes, as the page's map.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Processes for the runs of --pool (default all processors).",
            callback=options.WORKERS,
        ),
    ] = None,
) -> None:
    """Write a page in which a cell can be felt, and open it in the browser.

    It is one file that needs no server and no network: mail it, or put it on any web space.
    With --pool it is a muscle, whose runs are computed now, in a minute or two.
    """
    import os

    from mnexcite.cells import CATALOGUE, find
    from mnexcite.page import explore as written

    try:
        if pool:
            from mnexcite.motor_pool import muscle_pool

            if cell is not None:
                raise InputError(f"--pool is a page of a muscle; leave the cell {cell} out")
            made = f"mx.motor_pool.muscle_pool({muscle!r}, {units})"
            with console.progress("runs of the page") as advance:
                path = written(
                    muscle_pool(muscle, units),
                    save=save,
                    sliders=tuple(slider or ()),
                    map=map_,
                    python=f"pool = {made}",
                    workers=workers or os.cpu_count() or 1,
                    progress=advance,
                )
        else:
            name = cell or "purvis_butera_2005"
            python = "" if name in CATALOGUE else f"cell = mx.cells.find({name!r})"
            path = written(
                find(name), save=save, sliders=tuple(slider or ()), python=python, map=map_
            )
    except InputError as error:
        raise InputError(
            re.sub(r"^(map|save)\b", r"--\1", str(error).replace("sliders", "--slider"))
        ) from None
    size = path.stat().st_size / 1e6
    console.out().print(f"{path}: {size:.2f} MB, a page that any browser opens")
