"""Put a page together: one file that needs no server, no network and no other file."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import tempfile
import webbrowser
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from mnexcite.cells import Cell
from mnexcite.disk.files import write
from mnexcite.errors import InputError, checked, instance, parts, place
from mnexcite.page.describe import describe

#: What the page may do: run itself, its worker and WebAssembly; nothing from anywhere else.
POLICY = (
    "default-src 'none'; script-src {scripts} 'wasm-unsafe-eval'; style-src {styles}; "
    "img-src data: blob:; worker-src blob:; base-uri 'none'; form-action 'none'"
)
#: Files of the engine, which runs in the page's worker.
ENGINE = ("engine.js", "block.js", "worker.js")


@checked
def explore(
    cell: Cell,
    *,
    save: str | os.PathLike[str] | None = None,
    sliders: Sequence[str] = (),
    show: bool | None = None,
    python: str = "",
    map: str | os.PathLike[str] | None = None,
) -> Path:
    """Write a page in which a cell can be felt, and open it.

    The page is one HTML file with the product's own kernel in it, as WebAssembly: it runs from
    a double click, asks no server and sends nothing.

    Parameters
    ----------
    cell
        The cell.
    save
        Where to; by default a temporary file.
    sliders
        Paths of more numbers that can be moved.
    show
        Whether to open it in a browser; by default if it is not saved.
    python
        The line that makes the cell, for what the page offers to copy, where the cell is none
        of the catalogue.
    map
        The store of a sweep of the cell over two axes, with the measure `rate` or `phase`; the
        page shows it in place of a map that it computes. Its axes become sliders.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the cell is none, a path is none of its numbers, or the store is of another cell or
        has other axes than a page can move.
    StorageError
        If the file cannot be written, or the store not be read.
    """
    instance("cell", cell, Cell, "a cell, such as mnexcite.cells.purvis_butera_2005()")
    paths = parts("sliders", sliders, str, "a list of paths, such as ('SK.g',)")
    page = page_of(cell, sliders=paths, python=python, map=map)
    if save is None:
        folder = Path(tempfile.mkdtemp(prefix="mnexcite-"))
        target = folder / f"{cell.name}.html"
    else:
        target = place("save", save)
        if target.is_dir():
            raise InputError(f"save is {target}, a folder; give a file, such as page.html")
    write(target, page)
    if show or (show is None and save is None):
        webbrowser.open(target.resolve().as_uri())
    return target


def page_of(
    cell: Cell,
    sliders: Sequence[str] = (),
    python: str = "",
    map: str | os.PathLike[str] | None = None,
) -> str:
    """Return the page of a cell as HTML text."""
    described = describe(cell, sliders, python, map)
    # no text in it may end the script that it stands in
    told = json.dumps(described, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    order = _text("ui/order.txt").split()
    script = "\n".join([_text("uPlot.iife.min.js"), *(_text(f"ui/{name}") for name in order)])
    style = "\n".join([_text("uPlot.min.css"), _text("style.css")])
    engine = "\n".join(_text(name) for name in ENGINE)
    policy = POLICY.format(scripts=_digest(script), styles=_digest(style))
    marks = {
        "<!-- @policy -->": (
            f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">'
        ),
        "<!-- @style -->": f"<style>{style}</style>",
        "<!-- @description -->": (
            f'<script type="application/json" id="description">{told}</script>'
        ),
        "<!-- @engine -->": f'<script type="text/plain" id="engine">{engine}</script>',
        "<!-- @scripts -->": f"<script>{script}</script>",
        "@title@": html.escape(described["cell"]["title"]),
    }
    page = _text("page.html")
    for mark in marks:
        if page.count(mark) != 1:
            raise ValueError(f"page.html must hold {mark} once")
    # in one pass, so that no text put in is read for marks
    for mark, text in sorted(marks.items(), key=lambda pair: page.index(pair[0]), reverse=True):
        before, _, after = page.partition(mark)
        page = before + text + after
    return page


def _text(name: str) -> str:
    return files("mnexcite.page").joinpath("browser", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
