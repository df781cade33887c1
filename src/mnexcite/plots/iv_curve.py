"""Steady current over held voltage."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from mnexcite.cells import CurrentVoltage
from mnexcite.errors import checked
from mnexcite.plots import canvas
from mnexcite.plots.labels import at_the_end
from mnexcite.plots.style import COLORS, CYCLE, GREY, PALE, styled


@checked
def iv_curve(curve: CurrentVoltage, ax: Axes | None = None) -> Axes:
    """Draw the total current in black and each channel's in colour, outward upwards.

    Where the slope of the total is negative the background is shaded: there a persistent
    inward current wins. Circles mark where the total is 0. The largest currents are named,
    the others grey; a channel's current may leave the axis, the total does not.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from mnexcite import cells
    >>> curve = cells.iv_curve(cells.purvis_butera_2005(), np.arange(-90.0, -40.0, 0.5))
    >>> iv_curve(curve, ax=Figure().subplots()).get_ylabel()
    'Steady current [nA]'
    """
    v, total = curve.v, curve.total
    with styled(ax):
        ax = canvas.single(ax, 8.0, 5.0)
        reach = float(np.max(np.abs(total), initial=0.0)) or 1.0
        seen = {name: np.clip(i, -reach, reach) for name, i in curve.currents.items()}
        lowest = min([float(total.min()), *(float(i.min()) for i in seen.values())])
        ax.set_xlim(float(v[0]), float(v[-1]))
        ax.set_ylim(1.1 * lowest - 0.05 * reach, 1.1 * float(total.max()) + 0.05 * reach)
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
                fontsize=10,
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
        zeros = curve.zeros
        ax.plot(zeros, np.zeros(zeros.size), "o", color="white", markeredgecolor="black")
        at_the_end(ax, float(v[-1]), ends, texts, colors)
        ax.set_xlabel("Held voltage [mV]")
        ax.set_ylabel(f"Steady current [{curve.unit}]")
    return ax
