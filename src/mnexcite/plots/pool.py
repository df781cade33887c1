"""A motor pool at work: spikes by size, electromyogram, force, and what was done to it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mnexcite.errors import InputError, checked, instance, mapping, shown
from mnexcite.motor_pool import Activity
from mnexcite.motor_pool.emg import Emg
from mnexcite.plots import canvas
from mnexcite.plots.envelope import envelope
from mnexcite.plots.labels import headline, units_axis
from mnexcite.plots.style import COLORS, PALE, points, sized, style

#: Most columns.
MOST = 4
#: A longer pause between shocks begins another train [ms].
TRAIN_GAP = 1000.0


@checked
def pool(
    cases: Mapping[str, tuple[Activity, Emg | None]], figure: Figure | None = None
) -> Figure:
    """Draw what pools did, side by side: raster by size, electromyogram and force over time.

    Parameters
    ----------
    cases
        Title -> (activity, electromyogram or None). A title's first line is written large.
    figure
        Where to draw; a new pyplot figure by default.

    Raises
    ------
    InputError
        If there is no case or more than 4.

    Examples
    --------
    >>> import mnexcite as mx
    >>> muscle = mx.motor_pool.cramping_pool(4)
    >>> activity = mx.motor_pool.contract(muscle, mx.motor_pool.train(20.0), duration=500.0)
    >>> len(pool({"A train": (activity, None)}, mx.plots.new_figure(8, 6)).axes)
    2
    """
    cases = mapping("cases", cases, "a mapping title -> (activity, electromyogram)")
    if not 1 <= len(cases) <= MOST:
        raise InputError(f"there are {len(cases)} cases; allowed: 1 to {MOST}")
    for title, case in cases.items():
        if not (isinstance(case, tuple) and len(case) == 2):
            raise InputError(
                f"case {title!r} is {shown(case)}; allowed: (activity, electromyogram or None)"
            )
        activity, emg = case
        instance(f"case {title!r}", activity, Activity, "of mnexcite.motor_pool.contract")
        if emg is not None:
            instance(f"case {title!r}", emg, Emg, "of mnexcite.motor_pool.surface_emg")
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=(16.0, 9.0), layout="constrained")
    with_emg = any(emg is not None for _, emg in cases.values())
    heights = [2.2, 1.0, 1.2] if with_emg else [2.2, 1.2]
    with style(**sized({"axes.titlesize": 17 if len(cases) < 3 else 13})):
        grid = canvas.grid(
            figure,
            len(heights),
            len(cases),
            sharex="col",
            sharey="row",
            gridspec_kw={"height_ratios": heights},
        )
        for column, (title, (activity, emg)) in enumerate(cases.items()):
            axes = grid[:, column]
            width = float(figure.get_size_inches()[0]) / len(cases)
            _raster(axes[0], activity, title, width)
            if with_emg and emg is not None:
                _emg(axes[1], emg)
            _force(axes[-1], activity)
            for ax in axes:
                _said(ax, activity, words=ax is axes[0])
            axes[-1].set_xlabel("Time [s]")
            axes[-1].set_xlim(0.0, 1e-3 * activity.duration)
        # cases share the axis of units
        most = max(len(activity.pool) for activity, _ in cases.values())
        units_axis(grid[0, 0], most, 0.08)  # room for words
        if with_emg:
            grid[1, 0].set_ylabel("Surface EMG")
        grid[-1, 0].set_ylabel("Force [% of maximal]")
    return figure


def _raster(ax: Axes, activity: Activity, title: str, inches: float) -> None:
    rows = [1e-3 * train for train in activity.terminals]
    ax.eventplot(
        rows,
        lineoffsets=[float(row) for row in range(1, len(rows) + 1)],
        linelengths=0.8,
        linewidths=0.35,
        colors=COLORS["black"],
    )
    headline(ax, title, inches - 1.0, points(11.5))


def _emg(ax: Axes, emg: Emg) -> None:
    t, values = envelope(1e-3 * emg.t, emg.values)
    ax.plot(t, values, color=COLORS["blue"], linewidth=0.6)
    ax.set_yticks([])


def _force(ax: Axes, activity: Activity) -> None:
    ax.plot(
        1e-3 * activity.t, 100.0 * activity.force, color=COLORS["vermillion"], linewidth=1.4
    )
    ax.set_ylim(0.0, 105.0)


def _said(ax: Axes, activity: Activity, words: bool) -> None:
    """Shade what was done."""
    given = activity.protocol
    spans: list[tuple[float, float, str, str]] = []
    shocks = np.array(given.shocks)
    if shocks.size:
        cuts = np.flatnonzero(np.diff(shocks) > TRAIN_GAP)
        for a, b in zip([0, *(cuts + 1)], [*cuts, shocks.size - 1], strict=True):
            rate = 1000.0 * (b - a) / (shocks[b] - shocks[a]) if b > a else 0.0
            said = f"train, {rate:.0f} Hz" if rate else "shock"
            spans.append((shocks[a], shocks[b], COLORS["orange"], said))
    for wave, colour, said in (
        (given.effort, COLORS["green"], "effort"),
        (given.inhibition, COLORS["purple"], "inhibition"),
        (given.length, COLORS["sky"], "stretch"),
    ):
        edges = [*wave.breaks, activity.duration]
        for start, end in itertools.pairwise(edges):
            if float(wave.at(start)) > 0.0:
                spans.append((start, end, colour, said))
    for start, end, colour, said in spans:
        a, b = 1e-3 * start, 1e-3 * min(end, activity.duration)
        ax.axvspan(a, b, color=colour, alpha=0.22, linewidth=0.0, zorder=0)
        if words:
            ax.text(
                0.5 * (a + b),
                0.985,
                said,
                transform=ax.get_xaxis_transform(),
                ha="center",
                va="top",
                fontsize=points(10.5),
                color="black",
                bbox={"facecolor": "white", "edgecolor": PALE, "pad": 2.0, "alpha": 0.85},
            )
