"""`mnexcite explore`: a page in which a cell can be felt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from mnexcite.cli import console
from mnexcite.errors import InputError


def explore(
    cell: Annotated[
        str,
        typer.Argument(help="Cell of the catalogue, saved .json file or module:function."),
    ] = "purvis_butera_2005",
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
) -> None:
    """Write a page in which a cell can be felt, and open it in the browser.

    It is one file that needs no server and no network: mail it, or put it on any web space.
    """
    from mnexcite.cells import CATALOGUE, find
    from mnexcite.page import explore as written

    found = find(cell)
    python = "" if cell in CATALOGUE else f"cell = mx.cells.find({cell!r})"
    try:
        path = written(found, save=save, sliders=tuple(slider or ()), python=python, map=map_)
    except InputError as error:
        raise InputError(
            re.sub(r"^(map|save)\b", r"--\1", str(error).replace("sliders", "--slider"))
        ) from None
    size = path.stat().st_size / 1e6
    console.out().print(f"{path}: {size:.2f} MB, a page that any browser opens")
