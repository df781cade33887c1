"""Axes and lines that name themselves, in place of a legend."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from mnexcite.muscle.unit import FRACTION
from mnexcite.plots.style import GREY, points

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

    Call it when the limits of the y axis are final.
    """
    low, high = ax.transData.transform([(x, y) for y in ax.get_ylim()])[:, 1]
    wanted = ax.transData.transform([(x, y) for y in heights])[:, 1]
    gap = 1.25 * points(SIZE) * ax.figure.dpi / 72.0
    placed = _apart(wanted, low, high, gap)
    for pixel, text, color in zip(placed, texts, colors, strict=True):
        ax.annotate(
            text,
            (x, ax.transData.inverted().transform((0.0, pixel))[1]),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=color,
            fontsize=points(SIZE),
            annotation_clip=False,
        )


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
