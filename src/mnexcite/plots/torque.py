"""A recorded torque and the summed force of units, one over the other."""

from __future__ import annotations

from matplotlib.axes import Axes

from mnexcite.errors import checked, instance
from mnexcite.motor_pool import TorqueMatch
from mnexcite.motor_pool.emg import Emg
from mnexcite.plots import canvas
from mnexcite.plots.canvas import ManyAxes
from mnexcite.plots.envelope import envelope
from mnexcite.plots.labels import time_axis
from mnexcite.plots.style import COLORS, styled


@checked
def torque(
    found: TorqueMatch, emg: Emg | None = None, ax: ManyAxes | None = None
) -> list[Axes]:
    """Draw the recorded torque and the scaled force; below, the electromyogram of the units.

    Parameters
    ----------
    found
        What `mnexcite.motor_pool.torque_match` returned.
    emg
        Of `mnexcite.motor_pool.surface_emg`; no panel without it.
    ax
        One axes, or two with an electromyogram; a new figure by default.

    Examples
    --------
    >>> import mnexcite as mx
    >>> from matplotlib.figure import Figure
    >>> run = mx.motor_pool.recorded(mx.spikes.SpikeTrains.from_list([[100.0, 400.0]]))
    >>> found = mx.motor_pool.torque_match(run, run.t, 30.0 * run.force)
    >>> [panel.get_ylabel() for panel in torque(found, ax=Figure().subplots())]
    ['Torque [N m]']
    """
    instance("found", found, TorqueMatch, "of mnexcite.motor_pool.torque_match")
    if emg is not None:
        instance("emg", emg, Emg, "of mnexcite.motor_pool.surface_emg")
    with styled(ax):
        rows = 1 if emg is None else 2
        axes = canvas.stacked(ax, rows, height=2.0 + 2.5 * rows, sharex=True)
        scale = time_axis(axes[0], float(found.t[0]), float(found.t[-1]))
        told = f"force of the units, {found.delay:.0f} ms later, R² {found.r2:.2f}"
        if found.status.startswith("no_"):
            told = found.status.replace("_", " ")
        for values, color, label in (
            (found.torque, COLORS["black"], "recorded"),
            (found.model, COLORS["vermillion"], told),
        ):
            t, y = envelope(found.t, values)
            axes[0].plot(t * scale, y, color=color, label=label)
        axes[0].set_ylabel(f"Torque [{found.unit}]")
        canvas.legend_above(axes[0])
        if emg is not None:
            t, y = envelope(emg.t, emg.values)
            axes[1].plot(t * scale, y, color=COLORS["blue"], linewidth=0.6)
            axes[1].set_ylabel("Surface EMG of the units")
            time_axis(axes[1], float(found.t[0]), float(found.t[-1]))
            if ax is None:
                axes[0].set_xlabel("")
    return axes
