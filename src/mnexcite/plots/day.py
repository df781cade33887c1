"""A day of a muscle: when cramps came, how long they lasted, and what set them off."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mnexcite.errors import InputError, checked, instance, mapping
from mnexcite.errors.display import counted
from mnexcite.motor_pool import Day
from mnexcite.plots import canvas
from mnexcite.plots.labels import headline
from mnexcite.plots.style import COLORS, GREY, points, style

#: Most rows.
MOST = 6


@checked
def day(days: Mapping[str, Day], figure: Figure | None = None) -> Figure:
    """Draw days below each other: a bar for each cramp, as high as it lasted.

    Contractions that set off no cramp are ticks below, in grey. An arrow is a cramp that was
    still going on when it was no longer followed.

    Parameters
    ----------
    days
        Title -> day. A title's first line is written large.
    figure
        Where to draw; a new pyplot figure by default.

    Raises
    ------
    InputError
        If there is no day or more than 6.

    Examples
    --------
    >>> import mnexcite as mx
    >>> pool = mx.motor_pool.cramping_pool(2)
    >>> found = mx.motor_pool.day(pool, hours=1.0, per_hour=0.01)
    >>> len(day({"Healthy": found}, mx.plots.new_figure(8, 3)).axes)
    1
    """
    days = mapping("days", days, "a mapping title -> day")
    if not 1 <= len(days) <= MOST:
        raise InputError(f"there are {len(days)} days; allowed: 1 to {MOST}")
    for title, each in days.items():
        instance(f"day {title!r}", each, Day, "of mnexcite.motor_pool.day")
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=(11.0, 1.2 + 2.6 * len(days)), layout="constrained")
    with style():
        rows = canvas.grid(figure, len(days), 1, sharex=True, sharey=True)[:, 0]
        for ax, (title, each) in zip(rows, days.items(), strict=True):
            _row(ax, title, each)
        longest = max(
            [30.0, *(1e-3 * c.duration for each in days.values() for c in each.cramps)]
        )
        rows[0].set_ylim(-0.28 * longest, 1.2 * longest)
        hours = max(float(each.settings["hours"]) for each in days.values())
        rows[0].set_xlim(0.0, hours)
        rows[0].set_yticks([y for y in rows[0].get_yticks() if 0.0 <= y <= 1.1 * longest])
        if hours == 24.0:
            rows[0].set_xticks(range(0, 25, 3))
        rows[-1].set_xlabel("Time of the day [h]")
    return figure


def _row(ax: Axes, title: str, found: Day) -> None:
    red, height = COLORS["vermillion"], ax.get_xaxis_transform()
    for each in found.triggers:
        at = each.time / 3.6e6
        if each.outcome != "cramp":
            ax.plot([at, at], [0.1, 0.165], color=GREY, linewidth=1.6, transform=height)
            continue
        lasts = 1e-3 * each.duration
        ax.plot([at, at], [0.0, lasts], color=red, linewidth=5.0, solid_capstyle="butt")
        if not each.ended:
            ax.plot(at, lasts, marker="^", color=red, markersize=11.0)
        ax.annotate(
            f"{lasts:.0f} s" if each.ended else f"> {lasts:.0f} s",
            (at, lasts),
            (0.0, 7.0 if not each.ended else 3.0),
            textcoords="offset points",
            ha="center",
            fontsize=points(11.0),
        )
    if not found.complete:
        ax.axvspan(found.hours, float(found.settings["hours"]), color=GREY, alpha=0.15)
        ax.text(found.hours, 0.5, " not computed", transform=height, color=GREY)
    ax.axhline(0.0, color="black", linewidth=0.8)
    first, _, rest = title.partition("\n")
    count = len(found.cramps)
    what = "train" if "train" in found.settings else "contraction"
    often = f"{found.fasciculations:.0f} fasciculations a minute between cramps"
    said = f"{first}: {counted(count, 'cramp')} in {found.hours:.3g} hours"
    title = f"{said}\n{rest}; {often}" if rest else f"{said}\n{often}"
    headline(ax, title, float(ax.figure.bbox.width) / ax.figure.dpi - 1.2, points(11.5))
    ax.text(
        0.0,
        0.015,
        f" {counted(len(found.triggers) - count, f'other {what}' if count else what)}, "
        "without a cramp",
        transform=ax.transAxes,
        va="bottom",
        fontsize=points(11.0),
        color=GREY,
    )
    ax.set_ylabel("Cramp lasts [s]")
