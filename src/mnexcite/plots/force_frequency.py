"""Steady force over the rate of a regular train."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from mnexcite.errors import checked
from mnexcite.muscle import ForceFrequency
from mnexcite.plots import canvas
from mnexcite.plots.labels import force_axis, fused_line
from mnexcite.plots.style import CYCLE, styled


@checked
def force_frequency(
    curve: ForceFrequency, ax: Axes | None = None, *, color: str = CYCLE[0]
) -> Axes:
    """Draw a motor unit's mean force over its rate, with the ripple as a band.

    Parameters
    ----------
    curve
        What `mnexcite.muscle.force_frequency` returned.
    ax
        Where to draw; a new figure by default.
    color
        Colour of line and band.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mnexcite import muscle
    >>> curve = muscle.force_frequency(muscle.slow_unit(), [5.0, 10.0, 20.0])
    >>> force_frequency(curve, ax=Figure().subplots()).get_xlabel()
    'Rate of a regular train [Hz]'
    """
    canvas.check_color(color)
    with styled(ax):
        ax = canvas.single(ax, 7.5)
        fused_line(ax, curve.unit.fused_force)
        ax.fill_between(
            curve.rate, curve.trough, curve.peak, color=color, alpha=0.22, linewidth=0
        )
        ax.plot(curve.rate, curve.mean, color=color, linewidth=2.4)
        middle = int(np.argmin(np.abs(curve.mean - 0.5 * curve.unit.fused_force)))
        ax.annotate(
            f"{curve.unit.name}: mean,\nand from trough to peak of each cycle",
            (curve.rate[middle], curve.mean[middle]),
            xytext=(25, -12),
            textcoords="offset points",
            va="top",
            color=color,
        )
        ax.set_xlabel("Rate of a regular train [Hz]")
        force_axis(ax, curve.force_unit)
        ax.set_xlim(float(curve.rate.min()), float(curve.rate.max()))
        ax.set_ylim(0.0, 1.12 * max(float(curve.peak.max()), curve.unit.fused_force))
    return ax
