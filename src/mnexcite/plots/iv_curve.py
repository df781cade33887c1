"""Steady current over held voltage."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from mnexcite.equations import CurrentVoltage
from mnexcite.errors import checked
from mnexcite.plots import canvas
from mnexcite.plots.labels import at_the_end
from mnexcite.plots.style import COLORS, CYCLE, GREY, PALE, points, styled


@checked
def iv_curve(curve: CurrentVoltage, ax: Axes | None = None) -> Axes:
    """Draw the total current in black and each channel's in colour, outward upwards.

    Where the slope of the total is negative the background is shaded: there a persistent
    inward current wins. Where the total is 0 the currents cancel: a filled circle is a stable
    equilibrium, at which the cell can rest, an open one is unstable, and the cell leaves it.
    In a cell of several compartments the currents of one do not tell, and grey circles mark
    where they cancel. The line of 0 is always there. The largest currents are named, the
    others grey; a channel's current may leave the axis, the total does not.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from mnexcite import cells, equations
    >>> curve = equations.iv_curve(cells.purvis_butera_2005(), np.arange(-90.0, -40.0, 0.5))
    >>> iv_curve(curve, ax=Figure().subplots()).get_ylabel()
    'Steady current [nA]'
    """
    v, total = curve.v, curve.total
    with styled(ax):
        ax = canvas.single(ax, 8.0, 5.0)
        reach = float(np.max(np.abs(total), initial=0.0)) or 1.0
        seen = {name: np.clip(i, -reach, reach) for name, i in curve.currents.items()}
        lowest = min([0.0, float(total.min()), *(float(i.min()) for i in seen.values())])
        highest = max(0.0, float(total.max()))
        ax.set_xlim(float(v[0]), float(v[-1]))
        ax.set_ylim(1.1 * lowest - 0.05 * reach, 1.1 * highest + 0.05 * reach)
        ax.axhline(0.0, color=GREY, linewidth=1.0)
        ax.fill_between(
            v,
            0,
            1,
            where=curve.negative_slope.tolist(),
            transform=ax.get_xaxis_transform(),
            color=COLORS["yellow"],
            alpha=0.35,
            linewidth=0,
        )
        if curve.negative_slope.any():
            ax.annotate(
                "slope\nbelow 0",
                (float(np.median(v[curve.negative_slope])), 0.0),
                xycoords=("data", "axes fraction"),
                xytext=(0, 5),
                textcoords="offset points",
                ha="center",
                fontsize=points(10.0),
            )
        ends, texts, colors = [float(total[-1])], ["total"], [COLORS["black"]]
        largest = sorted(seen, key=lambda name: -float(np.max(np.abs(seen[name]), initial=0.0)))
        for name, current in curve.currents.items():
            named = name in largest[: len(CYCLE)]
            color = CYCLE[len(texts) - 1] if named else PALE
            ax.plot(v, current, color=color, linewidth=1.8 if named else 1.0)
            if named:
                ends.append(float(current[-1]))
                texts.append(name)
                colors.append(color)
        ax.plot(v, total, color=COLORS["black"], linewidth=2.8)
        _circles(ax, curve)
        at_the_end(ax, float(v[-1]), ends, texts, colors)
        ax.set_xlabel("Held voltage [mV]")
        ax.set_ylabel(f"Steady current [{curve.unit}]")
    return ax


def _circles(ax: Axes, curve: CurrentVoltage) -> None:
    """Mark where the total is 0: filled where stable, open where not, grey where unknown."""
    if not curve.equilibria:
        zeros = curve.zeros
        ax.plot(zeros, np.zeros(zeros.size), "o", color=PALE, markeredgecolor="black")
        return
    for stable, face, name in ((True, "black", "stable"), (False, "white", "unstable")):
        v = [e.v for e in curve.equilibria if e.stable == stable]
        if v:
            options = {"markersize": 9.0, "clip_on": False, "zorder": 4}
            ax.plot(v, np.zeros(len(v)), "o", color=face, markeredgecolor="black", **options)
            ax.lines[-1].set_label(name)
    ax.legend(loc="upper left", frameon=False)
