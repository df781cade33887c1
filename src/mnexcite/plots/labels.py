"""Axes and lines that name themselves, in place of a legend."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from matplotlib.transforms import Affine2D, Transform
from numpy.typing import NDArray

from mnexcite.errors import from_cf
from mnexcite.muscle.unit import FRACTION
from mnexcite.plots import canvas
from mnexcite.plots.style import GREY, points

if TYPE_CHECKING:
    from xarray import DataArray

#: Size of labels beside lines [points], where plain text has 12.5.
SIZE = 12.0
#: From this length on [ms], time is shown in seconds.
SECONDS_FROM = 2000.0


#: Letters that fit beside an axis of usual height.
LETTERS = 44


def in_lines(text: str) -> str:
    """Return a long label in as many lines as it takes."""
    return textwrap.fill(text, LETTERS, break_long_words=False)


def broken(text: str, inches: float, size: float) -> str:
    """Return a title in as many lines as it takes to be no wider; `size` in points.

    >>> broken("a cell with twice its persistent sodium", 2.0, 12.0).splitlines()
    ['a cell with twice', 'its persistent', 'sodium']
    """
    # a letter of bold text is some 0.58 of its size wide
    letters = max(8, int(72.0 * inches / (0.58 * size)))
    lines = text.split("\n")
    return "\n".join(textwrap.fill(line, letters, break_long_words=False) for line in lines)


def headline(
    ax: Axes, title: str, inches: float, small: float, *, color: str = "black", pad: float = 8.0
) -> None:
    """Write a title's first line large above the axes and the rest, of `small` points, below.

    Both are broken so that they are no wider than so many inches.
    """
    first, _, rest = title.partition("\n")
    rest = rest and broken(rest, inches, small)
    lines = rest.count("\n") + 1 if rest else 0
    first = broken(first, inches, float(ax.title.get_fontsize()))
    ax.set_title(first, color=color, pad=pad + 1.3 * small * lines)
    if rest:
        ax.annotate(
            rest,
            (0.0, 1.0),
            xycoords="axes fraction",
            xytext=(0.0, 0.6 * pad),
            textcoords="offset points",
            va="bottom",
            fontsize=small,
            color=GREY,
        )


def unit_of(data: DataArray) -> str:
    """Return the unit of a labelled variable in the words of figures, empty for none."""
    unit = from_cf(str(data.attrs.get("units", "1")))
    return "" if unit == "1" else unit


def time_axis(ax: Axes, start: float, stop: float) -> float:
    """Label the time axis from `start` to `stop` [ms]; return what to multiply times by."""
    seconds = stop - start >= SECONDS_FROM
    scale = 1e-3 if seconds else 1.0
    ax.set_xlabel(f"Time [{'s' if seconds else 'ms'}]")
    ax.set_xlim(start * scale, stop * scale)
    return scale


def force_axis(ax: Axes, unit: str) -> None:
    """Label the force axis; fractions of fused force are shown in percent."""
    if unit == FRACTION:
        ax.set_ylabel("Force [% of fused]")
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=""))
    else:
        ax.set_ylabel(f"Force [{unit}]")


def fused_line(ax: Axes, level: float = 1.0, *, highest: float = 0.0) -> None:
    """Mark the force of fused tetanus; where a force is above it, say that it is a mean."""
    ax.axhline(level, color=GREY, linewidth=1.2, linestyle="--")
    ax.annotate(
        "fused" if highest <= level else "fused (mean without ripple)",
        (1.0, level),
        xycoords=("axes fraction", "data"),
        xytext=(-4, 4),
        textcoords="offset points",
        ha="right",
        color=GREY,
    )


def at_the_end(
    ax: Axes, x: float, heights: Sequence[float], texts: Sequence[str], colors: Sequence[str]
) -> None:
    """Write each text beside the end of its line, apart from its neighbours.

    They find their places whenever the figure is drawn, so that it may take any size.
    """
    size = points(SIZE)

    def beside(row: int) -> Callable[[Any], Transform]:
        def place(_: Any) -> Transform:
            pixels = ax.transData.transform([(x, y) for y in heights])
            inch = float(ax.figure.dpi)
            placed = _apart(pixels[:, 1], *ax.bbox.intervaly, 1.25 * size * inch / 72.0)
            return Affine2D().translate(pixels[row, 0] + 5.0 * inch / 72.0, placed[row])

        return place

    written = [
        ax.annotate(
            text,
            (x, heights[row]),
            xytext=(0.0, 0.0),
            textcoords=beside(row),
            va="center",
            color=color,
            fontsize=size,
            annotation_clip=False,
        )
        for row, (text, color) in enumerate(zip(texts, colors, strict=True))
    ]
    canvas.make_room(ax, written)


def _apart(
    wanted: NDArray[np.float64], low: float, high: float, gap: float
) -> NDArray[np.float64]:
    """Move positions between low and high so that neighbours are `gap` apart."""
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(wanted.size)
    # upwards until each is free of the one below, then back down below the top
    up = np.maximum.accumulate(np.clip(wanted[order], low, high) - steps)
    placed = np.empty_like(wanted)
    placed[order] = np.minimum(up, high - steps.max(initial=0.0)) + steps
    return placed


def units_axis(ax: Axes, most: int, room: float) -> None:
    """Let an axis count motor units from 1 to `most`, with room on top, as a share of them."""
    ax.set_ylabel("Motor unit, by size")
    ax.set_ylim(0.3, (1.0 + room) * most + 0.7)
    ax.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    # no unit has a number above the last
    ax.set_yticks([y for y in ax.get_yticks() if 1.0 <= y <= most])
