"""Voltage-clamp families: commands, currents, current-voltage relations, Boltzmann fits."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes

from mnexcite.errors import InputError, checked, instance, mapping
from mnexcite.measures import BoltzmannFit, ClampFamily
from mnexcite.plots import canvas
from mnexcite.plots.canvas import ManyAxes
from mnexcite.plots.envelope import envelope
from mnexcite.plots.labels import time_axis
from mnexcite.plots.style import COLORS, CYCLE, GREY, styled


@checked
def clamp_family(family: ClampFamily, ax: ManyAxes | None = None) -> list[Axes]:
    """Draw a family of clamp steps: the commands, the currents, and both over the level.

    Colours go from the lowest level, dark, to the highest. In the last panel stand the peak
    current (filled; of all currents together the largest inward one) and the current at the end
    of the step (open) of each level.

    Parameters
    ----------
    family
        What `mnexcite.measures.clamp_family` returned.
    ax
        Three axes; a new figure by default.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mnexcite import cells, measures
    >>> squid = cells.hodgkin_huxley_1952()
    >>> family = measures.clamp_family(squid, [-40.0, 0.0], duration=4.0, every=0.1)
    >>> [panel.get_xlabel() for panel in clamp_family(family, Figure().subplots(3))]
    ['Time [ms]', 'Time [ms]', 'Level of the step [mV]']
    """
    of = "Current" if family.channel is None else f"{family.channel} current"
    with styled(ax):
        axes = canvas.stacked(ax, 3, 8.0, 8.5, height_ratios=[1.0, 2.0, 2.2])
        order = np.argsort(family.levels, kind="stable")
        colors = mpl.colormaps["viridis"](np.linspace(0.0, 0.82, order.size))
        end = float(family.t[-1])
        for panel, rows in zip(axes, (family.v, family.current), strict=False):
            scale = time_axis(panel, 0.0, end)
            for lane, color in zip(order, colors, strict=True):
                t, y = envelope(family.t, rows[lane])
                panel.plot(t * scale, y, color=color, linewidth=1.3)
        axes[0].set_ylabel("Level\n[mV]")
        axes[0].margins(y=0.08)
        axes[1].set_ylabel(f"{of} [{family.unit}]")
        axes[1].axhline(0.0, color=GREY, linewidth=0.8, zorder=0)
        if ax is None:
            axes[0].set_xlabel("")
            axes[0].tick_params(axis="x", labelbottom=False)
        v = family.levels[order]
        axes[2].axhline(0.0, color=GREY, linewidth=0.8, zorder=0)
        whole = family.channel is None
        peak, said = (family.inward, "largest inward") if whole else (family.peak, "peak")
        axes[2].plot(v, peak[order], "-o", color=COLORS["black"], label=said)
        axes[2].plot(
            v,
            family.steady[order],
            "--o",
            color=CYCLE[0],
            markerfacecolor="white",
            label="end of step",
        )
        axes[2].set_xlabel("Level of the step [mV]")
        axes[2].set_ylabel(f"{of} [{family.unit}]")
        axes[2].margins(x=0.03)
        axes[2].legend()
    return axes


@checked
def boltzmann(fits: Mapping[str, BoltzmannFit], ax: Axes | None = None) -> Axes:
    """Draw shares of the largest conductance and the Boltzmann curves through them, by name.

    Parameters
    ----------
    fits
        Name -> what `mnexcite.measures.activation` or `inactivation` returned.
    ax
        Where to draw; a new figure by default.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from mnexcite.measures import BoltzmannFit
    >>> v = np.array([-60.0, -40.0, -20.0])
    >>> fit = BoltzmannFit(v, np.array([0.12, 0.5, 0.88]), -40.0, 10.0, 0.0, "ok")
    >>> boltzmann({"activation": fit}, ax=Figure().subplots()).get_xlabel()
    'Level of the step [mV]'
    """
    named = mapping("fits", fits, "name -> what measures.activation returned")
    if not named:
        raise InputError("there is no fit to draw; give at least one")
    with styled(ax):
        ax = canvas.single(ax, 7.5)
        for i, (name, fit) in enumerate(named.items()):
            fit = instance(
                f"fits[{name!r}]", fit, BoltzmannFit, "what measures.activation gave"
            )
            color, said = CYCLE[i % len(CYCLE)], f": {fit.status.replace('_', ' ')}"
            if fit.status == "ok":
                dense = np.linspace(float(fit.v.min()), float(fit.v.max()), 200)
                ax.plot(dense, fit.at(dense), color=color)
                said = f": half {fit.half:.1f} mV, slope {fit.slope:.1f} mV"
            ax.plot(fit.v, fit.share, "o", color=color, label=name + said, clip_on=False)
        ax.set_xlabel("Level of the step [mV]")
        ax.set_ylabel("Conductance [share of the largest]")
        ax.set_ylim(0.0, 1.02)
        ax.margins(x=0.03)
        canvas.legend_above(ax)
    return ax
