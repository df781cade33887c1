"""Spike trains as rows of ticks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from mnexcite.errors import InputError, checked, number
from mnexcite.muscle.trains import as_trains
from mnexcite.plots import canvas
from mnexcite.plots.labels import time_axis
from mnexcite.plots.style import COLORS, styled
from mnexcite.simulation import Batch

#: Trains are called by name up to this number; above it only counted.
NAMED = 30


@checked
def raster(
    spike_trains: Any,
    ax: Axes | None = None,
    *,
    duration: float | None = None,
    color: str | Sequence[str] = COLORS["black"],
) -> Axes:
    """Draw each spike train as a row of ticks, the first on top.

    Rows of a batch in which one number differs are named by its values.

    Parameters
    ----------
    spike_trains
        Spike times of one train [ms], a list of trains, `SpikeTrains`, a recording or a
        batch.
    ax
        Where to draw; a new figure by default.
    duration
        End of the time axis [ms]; that of the recording or batch, or just after the last
        spike, by default.
    color
        Colour of the ticks, one for all or one per train.

    Raises
    ------
    InputError
        If the times are negative, not finite or do not rise.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> raster([[10.0, 60.0], [25.0]], ax=Figure().subplots()).get_xlabel()
    'Time [ms]'
    """
    trains, _ = as_trains(spike_trains)
    rows = len(trains)
    if duration is not None:
        duration = number("duration", duration, "above 0", above=0.0, unit="ms")
    colors = [color] if isinstance(color, str) else list(color)
    for one in colors:
        canvas.check_color(one)
    if not isinstance(color, str) and len(colors) != rows:
        raise InputError(f"color has {len(colors)} colours; allowed: one, or {rows}")
    start = getattr(spike_trains, "start", 0.0)
    stop = duration
    if stop is None:
        stop = start + getattr(spike_trains, "duration", 1.05 * trains.times.max(initial=1.0))
    with styled(ax):
        ax = canvas.single(ax, height=min(1.4 + 0.35 * rows, 9.0))
        scale = time_axis(ax, start, stop)
        each = [color] * rows if isinstance(color, str) else list(color)
        ax.vlines(
            trains.times * scale,
            trains.lanes - 0.38,
            trains.lanes + 0.38,
            color=[each[lane] for lane in trains.lanes],
            linewidth=1.3 if rows <= NAMED else 0.6,
        )
        ax.set_ylim(max(rows, 1) - 0.4, -0.6)
        if rows == 1:
            ax.set_yticks([])
            ax.set_ylabel("Spikes")
        elif rows <= NAMED:
            names, what = _named(spike_trains, trains.names, rows)
            ax.set_yticks(range(rows), names)
            ax.set_ylabel(what)
        else:
            ax.set_ylabel("Spike train")
        if rows <= NAMED:
            ax.spines["left"].set_visible(False)
            ax.tick_params(axis="y", length=0)
    return ax


def _named(given: Any, names: Sequence[str] | None, rows: int) -> tuple[Sequence[str], str]:
    """Return what rows are called, and what these names are."""
    if names:
        return names, "Spike train"
    if isinstance(given, Batch):
        differ = {path: x for path, x in given.parameters.items() if float(np.ptp(x)) > 0.0}
        if len(differ) == 1:
            ((path, values),) = differ.items()
            unit = given.cell.parameters[path].unit
            return [f"{x:.4g}" for x in values], path if unit == "1" else f"{path} [{unit}]"
        return [str(i) for i in range(rows)], "Lane"
    return [str(i) for i in range(rows)], "Spike train"
