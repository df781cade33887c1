"""The course of a disease: which units are sick and die, and what becomes of the muscle."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mnexcite.errors import checked, instance
from mnexcite.motor_pool import Course
from mnexcite.plots import canvas
from mnexcite.plots.labels import units_axis
from mnexcite.plots.style import COLORS, GREY, points, style


@checked
def course(found: Course, figure: Figure | None = None, title: str = "") -> Figure:
    """Draw units by size over months, and below strength, fasciculations and the cramp.

    Parameters
    ----------
    found
        Of `motor_pool.course`.
    figure
        Where to draw; a new pyplot figure by default.
    title
        Above the first panel.

    Examples
    --------
    >>> import mnexcite as mx
    >>> pool = mx.motor_pool.cramping_pool(2)
    >>> found = mx.motor_pool.course(pool, [0.0], lasts=100.0, longest=2000.0)
    >>> len(course(found, mx.plots.new_figure(8, 8)).axes)
    4
    """
    instance("course", found, Course, "of mnexcite.motor_pool.course")
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=(10.0, 10.0), layout="constrained")
    months = found.months
    t = np.array([each.month for each in months])
    with style():
        axes = canvas.grid(figure, 4, 1, sharex=True, height_ratios=[2.0, 1.0, 1.0, 1.0])[:, 0]
        first, last = (float(t.min()), float(t.max())) if t.size else (0.0, 1.0)
        room = max(0.03 * (last - first), 0.3)
        axes[0].set_xlim(first - room, last + room)
        _units(axes[0], found, first - room, last + room)
        if title:
            axes[0].set_title(title)
        lines = (
            ("Strength\n[% of healthy]", [100.0 * m.strength for m in months], "blue"),
            (
                "Fasciculations\n[per minute]",
                [m.fasciculations for m in months],
                "purple",
            ),
            (
                "Cramp after a\ncontraction [s]",
                [1e-3 * m.duration for m in months],
                "vermillion",
            ),
        )
        for ax, (label, values, colour) in zip(axes[1:], lines, strict=True):
            ax.plot(t, values, marker="o", color=COLORS[colour], markersize=7.0, clip_on=False)
            ax.set_ylim(0.0, 1.25 * max([*values, 1e-9]))
            ax.set_ylabel(label)
        at_edge = {first: "left", last: "right"} if first < last else {}
        for m in months:
            said = "no cramp" if not m.cramped else "" if m.ended else "not over"
            axes[3].annotate(
                said,
                (m.month, 1e-3 * m.duration),
                (0.0, 7.0),
                textcoords="offset points",
                ha=at_edge.get(m.month, "center"),
                fontsize=points(11.0),
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
            )
        axes[3].set_xlabel("Months since the first unit died")
        figure.align_ylabels(axes)
    return figure


def _units(ax: Axes, found: Course, first: float, last: float) -> None:
    """Draw a bar for each unit: well, hyperexcitable, gone."""
    rows = np.arange(1, found.dies.size + 1)
    # the last one is not let die
    dies = np.where(found.dies == found.dies.max(), np.inf, found.dies)
    well = np.clip(found.sick_from, first, last)
    end = np.clip(dies, first, last)
    for start, stop, colour, label in (
        (np.full(rows.size, first), well, COLORS["sky"], "well"),
        (well, end, COLORS["orange"], "hyperexcitable"),
    ):
        ax.barh(rows, stop - start, left=start, height=0.8, color=colour, label=label)
    units_axis(ax, rows.size, 0.22)  # room for the legend
    dead = Patch(facecolor="white", edgecolor=GREY, label="dead, fibres taken over")
    known = ax.get_legend_handles_labels()[0]
    ax.legend(handles=[*known, dead], loc="upper left", ncols=3, frameon=False)
