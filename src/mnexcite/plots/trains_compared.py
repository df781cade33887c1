"""Two sets of spike trains side by side: rasters over histograms of their intervals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from mnexcite.errors import InputError, checked, mapping
from mnexcite.muscle.trains import as_trains
from mnexcite.plots import canvas
from mnexcite.plots.canvas import ManyAxes
from mnexcite.plots.raster import raster
from mnexcite.plots.style import COLORS, styled
from mnexcite.spikes import SpikeTrains, cv, intervals, isi_distance, rate

_COLORS = (COLORS["blue"], COLORS["vermillion"])


@checked
def trains_compared(
    sets: Mapping[str, SpikeTrains | ArrayLike],
    *,
    duration: float | None = None,
    ax: ManyAxes | None = None,
) -> list[Axes]:
    """Draw two sets of spike trains, such as recorded and simulated ones.

    Above, a raster of each; below, all intervals of each as a share, in bins of both. Each
    title says median rate and CV of the set (CV of trains of three spikes or more), that of
    the intervals the median ISI distance of trains with the same place in both sets.

    Parameters
    ----------
    sets
        Two names, each with its trains (`SpikeTrains`, a batch, or the times of one train).
    duration
        End of the time axes [ms]; default after the last spike.
    ax
        Three axes: two rasters and the intervals.

    Raises
    ------
    InputError
        If there are not two sets, or axes are not three.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> one, two = np.arange(0.0, 900.0, 100.0), np.arange(0.0, 900.0, 90.0)
    >>> axes = trains_compared({"recorded": one, "simulated": two}, ax=Figure().subplots(3))
    >>> axes[0].get_title(loc="left") or axes[0].get_title()
    'recorded: 1 train, 10.0 Hz, CV 0.00'
    """
    mapping("sets", sets, "a mapping from two names to trains")
    if len(sets) != 2:
        raise InputError(f"there are {len(sets)} sets of trains; allowed: two, by their names")
    found = {name: as_trains(given)[0] for name, given in sets.items()}
    end = duration
    if end is None:
        end = 1.02 * max(float(each.times.max(initial=1.0)) for each in found.values())
    with styled(ax):
        axes = canvas.stacked(ax, 3, 8.0, 7.0)
        gaps = [np.concatenate([intervals(t) for t in each]) for each in found.values()]
        both = np.concatenate(gaps)
        top = float(np.percentile(both, 99.0)) * 1.1 if both.size else 1.0
        for k, (name, each) in enumerate(found.items()):
            raster(each, duration=end, color=_COLORS[k], ax=axes[k])
            axes[k].set_title(f"{name}: {_in_words(each)}")
            if gaps[k].size:
                axes[2].hist(
                    gaps[k],
                    bins=np.linspace(0.0, top, 41).tolist(),
                    weights=np.full(gaps[k].size, 100.0 / gaps[k].size),
                    histtype="stepfilled",
                    alpha=0.5,
                    color=_COLORS[k],
                    label=name,
                )
        axes[2].set(
            xlabel="Interval [ms]", ylabel="Intervals [%]", title=_apart(*found.values())
        )
        if both.size:
            axes[2].legend()
    return axes


def _in_words(trains: SpikeTrains) -> str:
    """Return number, median rate and median CV of a set."""
    count = len(trains)
    rates = np.atleast_1d(rate(trains))
    said = f"{count} train{'s' if count > 1 else ''}, {np.median(rates):.1f} Hz"
    spread = [float(cv(train)) for train in trains if train.size > 2]
    return f"{said}, CV {np.median(spread):.2f}" if spread else said


def _apart(one: SpikeTrains, two: SpikeTrains) -> str:
    """Return the median distance of trains in the same place, where they can be compared."""
    pairs = [
        SpikeTrains.side_by_side([one.chosen(np.array([k])), two.chosen(np.array([k]))])
        for k in range(min(len(one), len(two)))
        if one[k].size > 1 and two[k].size > 1 and min(one[k][-1], two[k][-1])
        > max(one[k][0], two[k][0])
    ]  # fmt: skip
    if not pairs:
        return "Intervals"
    apart = np.median([isi_distance(pair)[0, 1] for pair in pairs])
    return f"Intervals; ISI distance {apart:.2f}"
