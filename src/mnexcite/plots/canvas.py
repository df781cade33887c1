"""Where figures are drawn, and how they become files."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mnexcite import disk
from mnexcite.errors import (
    InputError,
    checked,
    did_you_mean,
    number,
    parts,
    shown,
)

#: One axes, or one per panel.
ManyAxes = Axes | Sequence[Axes] | NDArray[Any]
FORMATS = (".png", ".pdf", ".svg")


#: Widest and highest figure [inch].
WIDEST = 100.0


@checked
def new_figure(width: float = 8.0, height: float = 4.5) -> Figure:
    """Return an empty figure [inch] that pyplot does not know, so that nobody need close it.

    Examples
    --------
    >>> new_figure(4, 3).get_size_inches().tolist()
    [4.0, 3.0]
    """
    allowed = f"above 0 and at most {WIDEST:g} inch"
    size = [
        number(name, value, allowed, above=0.0, highest=WIDEST)
        for name, value in (("width", width), ("height", height))
    ]
    return Figure(figsize=(size[0], size[1]), layout="constrained")


@checked
def check_name(path: str | Path) -> None:
    """Refuse a figure's file name that does not end in a known format.

    Raises
    ------
    InputError
        If it does not end in .png, .pdf or .svg.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        allowed = ", ".join(FORMATS)
        raise InputError(f"figure {path.name!r} ends in {path.suffix!r}; allowed: {allowed}")


@checked
def save(figure: Figure, path: str | Path, dpi: float = 120.0) -> None:
    """Write a figure to a .png, .pdf or .svg file.

    Raises
    ------
    InputError
        If the name ends otherwise.
    StorageError
        If the file cannot be written.
    """
    check_name(path)
    dots = float(np.min(figure.get_size_inches()))
    dpi = number("dpi", dpi, "1 to 10000, and a pixel or more", lowest=1 / dots, highest=1e4)
    drawn = io.BytesIO()
    figure.savefig(drawn, format=Path(path).suffix[1:].lower(), dpi=dpi)
    disk.write(path, drawn.getvalue())


def check_color(color: object) -> None:
    """Refuse what Matplotlib would not draw in."""
    if not is_color_like(color):
        raise InputError(f"color is {shown(color)}; allowed: a colour such as '#0072B2'")


def single(ax: Axes | None, width: float = 8.0, height: float = 4.5) -> Axes:
    """Return `ax`, or the only axes of a new pyplot figure."""
    return stacked(ax, 1, width, height)[0]


def stacked(
    ax: ManyAxes | None,
    rows: int,
    width: float = 8.0,
    height: float = 4.5,
    **options: Any,
) -> list[Axes]:
    """Return the given axes as a list, or `rows` of them on a new pyplot figure.

    Raises
    ------
    InputError
        If their number is not `rows`.
    """
    if ax is not None:
        given: list[Axes] = list(np.ravel(np.asarray(ax, dtype=object)))
        if len(given) != rows:
            raise InputError(f"ax holds {len(given)} axes; allowed: {rows}, one per panel")
        return [_wrapping(ax) for ax in given]
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(width, height), layout="constrained")
    return list(grid(figure, rows, 1, **options)[:, 0])


def grid(figure: Figure, rows: int, columns: int, **options: Any) -> NDArray[Any]:
    """Return new axes of a figure, shape (rows, columns), whose words are never cut off."""
    made = figure.subplots(rows, columns, squeeze=False, **options)
    for ax in made.flat:
        _wrapping(ax)
    return made


def _wrapping(ax: Axes) -> Axes:
    """Let titles and labels go on in another line where they would leave the figure."""
    for text in (ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label):  # type: ignore[attr-defined]
        text.set_wrap(True)
    return ax


def make_room(ax: Axes, beside: Sequence[Artist]) -> None:
    """Narrow the axes by the widest of what stands on their right, where no layout does."""
    if ax.figure.get_layout_engine() is not None or not beside:
        return
    inside = ax.figure.transSubfigure.inverted()  # type: ignore[attr-defined]
    taken = max(each.get_window_extent().transformed(inside).width for each in beside)
    place = ax.get_position()
    width = max(place.width - taken, 0.4 * place.width)
    ax.set_position((place.x0, place.y0, width, place.height))


def legend_above(ax: Axes, *named: Any, right: bool = False, **options: Any) -> None:
    """Name lines above the axes, in as many columns as the figure is wide, two at most."""
    side = {"loc": "lower right" if right else "lower left", "borderaxespad": 0.3}
    side["bbox_to_anchor"] = (float(right), 1.0)
    options = side | {"fontsize": "small"} | options
    legend = ax.legend(*named, ncols=2, **options)
    if legend.get_window_extent().width > 0.85 * ax.figure.bbox.width:
        ax.legend(*named, ncols=1, **options)


def columns(ax: Axes, count: int, size: float) -> int:
    """Return in how many columns so many lines of text of so many points fit an axes."""
    rows = 72.0 * ax.get_window_extent().height / ax.figure.dpi / (1.6 * size)
    return max(1, math.ceil(count / max(rows, 1.0)))


def names(given: str | Sequence[str] | None, known: Sequence[str], what: str) -> list[str]:
    """Return the chosen names, all of them for None.

    Raises
    ------
    InputError
        If one is unknown, or there is none.
    """
    chosen = list(known) if given is None else parts(what, given, str, "one name, or several")
    for name in chosen:
        if name not in known:
            raise InputError(f"{what} {name!r} is not there; {did_you_mean(name, known)}")
    if not chosen:
        raise InputError(f"there is no {what} to draw; give at least one")
    return list(chosen)
