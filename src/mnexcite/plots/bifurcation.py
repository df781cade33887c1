"""A bifurcation picture: equilibria over a parameter, firing up and down."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from mnexcite.errors import checked
from mnexcite.measures import Bifurcation
from mnexcite.measures.bifurcation import SWING
from mnexcite.plots import canvas
from mnexcite.plots.canvas import ManyAxes
from mnexcite.plots.style import COLORS, GREY, styled

_WORDS = {"hopf": "Hopf", "fold": "fold", "zero": "eigenvalue 0"}


@checked
def bifurcation(picture: Bifurcation, ax: ManyAxes | None = None) -> list[Axes]:
    """Draw equilibria and firing over a parameter; below, the rate.

    Filled points are stable equilibria, open ones unstable. Triangles are the lowest and the
    highest voltage of a cell that does not rest, upright as the parameter rises, inverted as it
    falls: where only one kind stands beside a stable equilibrium the cell is bistable. Points
    where equilibria change are marked by lines and named.

    Parameters
    ----------
    picture
        What `mnexcite.measures.bifurcation` returned.
    ax
        Two axes; a new figure by default.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mnexcite import cells, measures
    >>> squid = cells.hodgkin_huxley_1952()
    >>> picture = measures.bifurcation(squid, [0.0, 20.0], duration=60.0)
    >>> [panel.get_ylabel() for panel in bifurcation(picture, Figure().subplots(2))]
    ['Voltage [mV]', 'Rate [Hz]']
    """
    of = "Injected current" if picture.over == "current" else picture.over
    with styled(ax):
        voltage, rates = axes = canvas.stacked(
            ax, 2, 8.0, 7.0, sharex=True, height_ratios=[2.4, 1.0]
        )
        for stable, face, name in ((True, "black", "stable"), (False, "white", "unstable")):
            which = picture.stable == stable
            if which.any():
                told = {"color": "black", "markerfacecolor": face, "markersize": 4.5}
                x, y = picture.at[which], picture.v[which]
                voltage.plot(x, y, "o", label=f"{name} equilibrium", zorder=3, **told)
        ways = (
            (picture.up, "^", COLORS["vermillion"], "rising", "-", 7.0),
            (picture.down, "v", COLORS["blue"], "falling", "--", 4.5),
        )
        for branch, sign, color, name, line, size in ways:
            swings = branch.highest - branch.lowest > SWING
            for part, edge in enumerate((branch.highest, branch.lowest)):
                y = np.where(swings, edge, np.nan)
                label = f"{name}: highest and lowest" if not part and swings.any() else None
                voltage.plot(picture.values, y, sign, color=color, markersize=size, label=label)
            told = {"color": color, "markersize": size, "label": name}
            rates.plot(picture.values, branch.rate, line, marker=sign, **told)
        for point in picture.points:
            for panel in axes:
                panel.axvline(point.value, color=GREY, linewidth=0.9, linestyle=":", zorder=0)
            voltage.annotate(
                f"{_WORDS[point.kind]} {point.value:.4g}",
                (point.value, 0.5),
                xycoords=("data", "axes fraction"),
                xytext=(3, 0),
                textcoords="offset points",
                rotation=90,
                va="center",
                color=GREY,
            )
        voltage.set_ylabel("Voltage [mV]")
        rates.set_ylabel("Rate [Hz]")
        rates.set_ylim(bottom=0.0)
        rates.legend()
        canvas.legend_above(voltage)
        for panel in axes:
            panel.margins(x=0.03)
        rates.set_xlabel(f"{of} [{picture.unit}]")
    return axes
