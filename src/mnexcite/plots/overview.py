"""One run at a glance: what was recorded, the spikes, the force."""

from __future__ import annotations

from matplotlib.figure import Figure

from mnexcite.errors import checked
from mnexcite.muscle import Force, Forces
from mnexcite.plots import canvas
from mnexcite.plots.force import force as draw_force
from mnexcite.plots.raster import raster
from mnexcite.plots.recording import is_stimulus, recording
from mnexcite.plots.style import COLORS, CYCLE, style
from mnexcite.simulation import Recording
from mnexcite.spikes import SpikeTrains


@checked
def overview(
    rec: Recording | SpikeTrains,
    force: Force | Forces | None = None,
    figure: Figure | None = None,
) -> Figure:
    """Draw what was recorded, the spikes and the force, over one time axis.

    Parameters
    ----------
    rec
        The recording, or spike trains without one.
    force
        The force that the spikes gave, if any.
    figure
        Where to draw; a new pyplot figure by default.

    Examples
    --------
    >>> import mnexcite as mx
    >>> rec = mx.simulate(mx.cells.hodgkin_huxley_1952(), duration=5.0, record=("v", "Na.m"))
    >>> len(overview(rec, figure=mx.plots.new_figure()).axes)
    3
    """
    # what the stimulus injects stands under the traces, lower than these
    names = sorted(rec.data, key=is_stimulus) if isinstance(rec, Recording) else []
    traces = len(names)
    rows = len(rec) if isinstance(rec, SpikeTrains) else 1
    ticks = min(0.2 + 0.1 * rows, 1.5)
    traced = [0.5 if is_stimulus(name) else 1.0 for name in names]
    heights = traced + [ticks] + [1.0] * (force is not None)
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(layout="constrained", figsize=(10.0, 1.5 + 2.0 * sum(heights)))
    with style():
        axes = canvas.grid(figure, len(heights), 1, height_ratios=heights)[:, 0]
        if traces and isinstance(rec, Recording):
            recording(rec, names, ax=axes[:traces])
        # a train has the colour of its force
        colors = [CYCLE[i % len(CYCLE)] for i in range(rows)]
        raster(
            rec,
            axes[traces],
            duration=None if force is None else force.duration,
            color=colors if isinstance(force, Forces) else COLORS["black"],
        )
        if force is not None:
            draw_force(force, axes[-1])
        for ax in axes[:-1]:
            ax.set_xlabel("")
            ax.tick_params(axis="x", labelbottom=False)
        for ax in axes[1:]:
            ax.sharex(axes[0])
        figure.align_ylabels(axes)
    return figure
