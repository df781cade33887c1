"""Threshold current over the duration of pulses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes

from mnexcite.errors import InputError, checked
from mnexcite.plots import canvas
from mnexcite.plots.classes import legend_beside
from mnexcite.plots.style import styled
from mnexcite.plots.sweep_axes import coordinate, entitle, fixed_values

if TYPE_CHECKING:
    from xarray import Dataset

#: Names of the thresholds of `mnexcite.measures.strength_duration`.
_BEGIN, _END = "threshold_", "ms"
#: Lines are told apart by colour and legend up to so many.
MOST = 12


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
    named = {_duration(str(name)): name for name in ds.data_vars if _is_threshold(str(name))}
    if len(named) < 2:
        raise InputError(
            "the dataset has no thresholds of pulses; sweep with the measure strength_duration"
        )
    d = np.array(sorted(named))
    dims = ds[named[d[0]]].dims
    size = ds[named[d[0]]].size
    if len(dims) > 1 or size > MOST:
        raise InputError(
            f"the sweep has {size} points along {', '.join(map(str, dims))}; allowed: one "
            f"dimension of up to {MOST} points: choose some, as in ds.isel(...)"
        )
    by = coordinate(ds, str(dims[0]), factor=factor) if dims else None
    order = np.zeros(1, int) if by is None else by.order
    rows = np.stack([np.atleast_1d(ds[named[each]].values) for each in d])

    def of(name: str) -> np.ndarray:
        return np.atleast_1d(ds[name].values)

    with styled(ax):
        ax = canvas.single(ax, 8.0, 5.0)
        lines = []
        for i, color in zip(
            order, mpl.colormaps["viridis"](np.linspace(0.0, 0.82, order.size)), strict=True
        ):
            label = None if by is None else f"{by.values[i]:.4g}"
            lines += ax.plot(d, rows[:, i], "o", color=color, markersize=6.0, label=label)
            fine = np.geomspace(d[0], d[-1], 200)
            law = of("weiss_rheobase")[i] * (1.0 + of("weiss_time_constant")[i] / fine)
            ax.plot(fine, law, "--", color=color, linewidth=1.6)
            at, twice = of("chronaxie")[i], 2.0 * of("sd_rheobase")[i]
            ax.plot([at], [twice], "o", color="white", markeredgecolor=color, markersize=10.0)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xlabel("Duration of the pulse [ms]")
        ax.set_ylabel(f"Threshold current [{ds[named[d[0]]].attrs['units']}]")
        entitle(ax, fixed_values(ds, factor=factor))
        if by is not None:
            legend_beside(ax, lines, by.label)
    return ax


def _is_threshold(name: str) -> bool:
    return name.startswith(_BEGIN) and name.endswith(_END)


def _duration(name: str) -> float:
    return float(name.removeprefix(_BEGIN).removesuffix(_END)) if _is_threshold(name) else 0.0
