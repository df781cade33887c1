"""Put a page together: one file that needs no server, no network and no other file."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import tempfile
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from mnexcite.cells import Cell
from mnexcite.disk.files import write
from mnexcite.errors import InputError, checked, instance, parts, place, whole
from mnexcite.errors.progress import told, with_bar
from mnexcite.motor_pool import Pool
from mnexcite.page.describe import describe
from mnexcite.page.pool_description import describe_pool

#: What the page may do: run itself, its worker and WebAssembly; nothing from anywhere else.
POLICY = (
    "default-src 'none'; script-src {scripts} 'wasm-unsafe-eval'; style-src {styles}; "
    "img-src data: blob:; worker-src blob:; base-uri 'none'; form-action 'none'"
)
ALLOWED = "a cell, such as mnexcite.cells.purvis_butera_2005(), or a motor pool"
#: Units of a pool whose runs fit a page.
MOST = 24
#: Files of the engine, which runs in the page's worker.
ENGINE = ("ui/bytes.js", "engine.js", "block.js", "worker.js")


@checked
@with_bar("runs of the page")
def explore(
    cell: Cell | Pool,
    *,
    save: str | os.PathLike[str] | None = None,
    sliders: Sequence[str] = (),
    show: bool | None = None,
    python: str = "",
    map: str | os.PathLike[str] | None = None,
    workers: int = 1,
    progress: Callable[[float], None] | bool | None = None,
) -> Path:
    """Write a page in which a cell, or a muscle, can be felt, and open it.

    The page is one HTML file: it runs from a double click, asks no server and sends nothing.
    A cell's has the product's own kernel in it, as WebAssembly. A motor pool's plays runs that
    are computed as it is written, which takes a minute or more.

    Parameters
    ----------
    cell
        The cell, or a motor pool of 24 units or fewer.
    save
        Where to; by default a temporary file.
    sliders
        Paths of more numbers that can be moved; of a cell.
    show
        Whether to open it in a browser; by default if it is not saved.
    python
        The line that makes the cell or the pool, for what the page offers to copy, where it is
        no cell of the catalogue.
    map
        The store of a sweep of the cell over two axes, with the measure `rate` or `phase`; the
        page shows it in place of a map that it computes. Its axes become sliders.
    workers
        Processes that run a pool; a script that asks for more than 1 must guard its own start.
    progress
        True shows a bar. Or a function, called with the share done of a pool's runs.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the cell is none, a path is none of its numbers, or the store is of another cell or
        has other axes than a page can move; if a pool has more than 24 units.
    StorageError
        If the file cannot be written, or the store not be read.
    """
    instance("cell", cell, (Cell, Pool), ALLOWED)
    paths = parts("sliders", sliders, str, "a list of paths, such as ('SK.g',)")
    workers = whole("workers", workers, "1 to 1024", lowest=1, highest=1024)
    target = _target(save, "pool" if isinstance(cell, Pool) else cell.name)
    if isinstance(cell, Pool):
        _check_pool(cell, paths, map)
        tell = told(progress)
        page = page_of_pool(describe_pool(cell, python, workers, tell))
    else:
        page = page_of(cell, sliders=paths, python=python, map=map)
    write(target, page)
    if show or (show is None and save is None):
        webbrowser.open(target.resolve().as_uri())
    return target


def _check_pool(pool: Pool, sliders: Sequence[str], map: object) -> None:
    for name, given in (("sliders", sliders), ("map", map)):
        if given:
            raise InputError(f"{name} is {given!r}; a motor pool's page has none: leave it out")
    if len(pool) > MOST:
        raise InputError(
            f"the pool has {len(pool)} units; allowed: {MOST} or fewer, which fit a page"
        )


def _target(save: str | os.PathLike[str] | None, name: str) -> Path:
    if save is None:
        return Path(tempfile.mkdtemp(prefix="mnexcite-")) / f"{name}.html"
    target = place("save", save)
    if target.is_dir():
        raise InputError(f"save is {target}, a folder; give a file, such as page.html")
    return target


def page_of(
    cell: Cell,
    sliders: Sequence[str] = (),
    python: str = "",
    map: str | os.PathLike[str] | None = None,
) -> str:
    """Return the page of a cell as HTML text."""
    described = describe(cell, sliders, python, map)
    title = described["cell"]["title"]
    return _page("page.html", "order.txt", described, title, ENGINE)


def page_of_pool(described: Mapping[str, Any]) -> str:
    """Return the page of a motor pool, as `describe_pool` has it, as HTML text."""
    return _page("pool.html", "pool/order.txt", described, described["title"])


def _page(
    name: str,
    order: str,
    described: Mapping[str, Any],
    title: str,
    engine: Sequence[str] = (),
) -> str:
    """Put together a page of its HTML, its scripts in order, and what it is told."""
    # no text in it may end the script that it stands in
    words = json.dumps(described, separators=(",", ":"), allow_nan=False).replace(
        "<", "\\u003c"
    )
    scripts = [f"ui/{each}" for each in _text(f"ui/{order}").split()]
    script = "\n".join(_text(each) for each in ("uPlot.iife.min.js", *scripts))
    style = "\n".join([_text("uPlot.min.css"), _text("style.css")])
    policy = POLICY.format(scripts=_digest(script), styles=_digest(style))
    marks = {
        "<!-- @policy -->": (
            f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">'
        ),
        "<!-- @style -->": f"<style>{style}</style>",
        "<!-- @description -->": (
            f'<script type="application/json" id="description">{words}</script>'
        ),
        "<!-- @scripts -->": f"<script>{script}</script>",
        "@title@": html.escape(title),
    }
    if engine:
        text = "\n".join(_text(each) for each in engine)
        marks["<!-- @engine -->"] = f'<script type="text/plain" id="engine">{text}</script>'
    page = _text(name)
    for mark in marks:
        if page.count(mark) != 1:
            raise ValueError(f"{name} must hold {mark} once")
    # in one pass, so that no text put in is read for marks
    for mark, text in sorted(marks.items(), key=lambda pair: page.index(pair[0]), reverse=True):
        before, _, after = page.partition(mark)
        page = before + text + after
    return page


def _text(name: str) -> str:
    return files("mnexcite.page").joinpath("browser", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
