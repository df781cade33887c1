"""Threshold current over the duration of pulses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from mnexcite.errors import InputError, checked
from mnexcite.plots import canvas, families
from mnexcite.plots.classes import legend_beside
from mnexcite.plots.labels import unit_of
from mnexcite.plots.style import styled
from mnexcite.plots.sweep_axes import entitle, fixed_values

if TYPE_CHECKING:
    from xarray import Dataset

#: Names of the thresholds of `mnexcite.measures.strength_duration`.
_BEGIN, _END = "threshold_", "ms"


@checked
def strength_duration(ds: Dataset, ax: Axes | None = None, *, factor: bool = False) -> Axes:
    """Draw the threshold of pulses over their duration, a line for each point of a sweep.

    Both axes are logarithmic: brief pulses, whose charge decides, lie on a line that falls
    by a decade in a decade, long ones at the rheobase. The dashed line is Weiss' law; a ring
    stands at the chronaxie, where twice the rheobase is the threshold.

    Parameters
    ----------
    ds
        What `mnexcite.sweep` returned with the measure `strength_duration`, reduced to one
        point or one dimension of up to 12.
    ax
        Where to draw; a new figure by default.
    factor
        Show factors in place of absolute values where the axis has them.

    Raises
    ------
    InputError
        If the measure is not there, or there are too many points.

    Examples
    --------
    >>> import xarray
    >>> from matplotlib.figure import Figure
    >>> told = {"threshold_0.1ms": 6.4, "threshold_1ms": 0.76, "threshold_100ms": 0.17}
    >>> told |= {"sd_rheobase": 0.17, "chronaxie": 3.6}
    >>> told |= {"weiss_rheobase": 0.17, "weiss_time_constant": 3.5}
    >>> ds = xarray.Dataset({key: ((), value, {"units": "nA"}) for key, value in told.items()})
    >>> strength_duration(ds, ax=Figure().subplots()).get_ylabel()
    'Threshold current [nA]'
    """
    named = families.numbered(ds, _BEGIN, _END)
    if len(named) < 2:
        raise InputError(
            "the dataset has no thresholds of pulses; sweep with the measure strength_duration"
        )
    d = np.array(list(named))
    family = families.family_of(ds, named[d[0]], factor=factor)
    thresholds = families.rows(ds, list(named.values()))
    told = ("weiss_rheobase", "weiss_time_constant", "chronaxie", "sd_rheobase")
    constants = families.rows(ds, told)
    with styled(ax):
        ax = canvas.single(ax, 8.0, 5.0)
        lines = []
        for i, color, label in family.lines:
            lines += ax.plot(d, thresholds[:, i], "o", color=color, markersize=6.0, label=label)
            rheobase, tau, at, longest = constants[:, i]
            fine = np.geomspace(d[0], d[-1], 200)
            ax.plot(fine, rheobase * (1.0 + tau / fine), "--", color=color, linewidth=1.6)
            ring = {"color": "white", "markeredgecolor": color, "markersize": 10.0}
            ax.plot([at], [2.0 * longest], "o", **ring)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xlabel("Duration of the pulse [ms]")
        ax.set_ylabel(f"Threshold current [{unit_of(ds[named[d[0]]])}]")
        entitle(ax, fixed_values(ds, factor=factor))
        if family.title is not None:
            legend_beside(ax, lines, family.title)
    return ax
