"""Inhibition that ends a latch, over its duration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from mnexcite.errors import InputError, checked
from mnexcite.plots import canvas, families
from mnexcite.plots.classes import legend_beside
from mnexcite.plots.labels import unit_of
from mnexcite.plots.style import styled
from mnexcite.plots.sweep_axes import entitle, fixed_values

if TYPE_CHECKING:
    from xarray import Dataset

#: Names of the thresholds of `mnexcite.measures.release`.
_BEGIN, _END = "release_", "ms"


@checked
def release(ds: Dataset, ax: Axes | None = None, *, factor: bool = False) -> Axes:
    """Draw the inhibition that ends a latch over its duration, a line for each point.

    Above a line the inhibition ends the firing. A line breaks off where none of the
    conductances tried does.

    Parameters
    ----------
    ds
        What `mnexcite.sweep` returned with the measure `release`, reduced to one point or
        one dimension of up to 12.
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
    >>> told = {"release_300ms": ((), 0.9, {"units": "mS/cm2"}), "release_3000ms": ((), 0.3)}
    >>> release(xarray.Dataset(told), ax=Figure().subplots()).get_ylabel()
    'Inhibition that releases [mS/cm2]'
    """
    named = families.numbered(ds, _BEGIN, _END)
    if not named:
        raise InputError("the dataset has no inhibitions; sweep with the measure release")
    names = list(named.values())
    family = families.family_of(ds, names[0], factor=factor)
    thresholds = families.rows(ds, names)
    with styled(ax):
        ax = canvas.single(ax, 8.0, 5.0)
        lines = []
        for i, color, label in family.lines:
            lines += ax.plot(
                list(named), thresholds[:, i], "o-", color=color, label=label, clip_on=False
            )
        ax.set_xscale("log")
        ax.set_xticks(list(named), [f"{length:g}" for length in named])
        ax.xaxis.set_minor_locator(NullLocator())
        if np.any(thresholds > 0.0):
            ax.set_yscale("log")
            for formatter in (ax.yaxis.set_major_formatter, ax.yaxis.set_minor_formatter):
                formatter(FuncFormatter(lambda g, _: f"{g:g}"))
        ax.set_xlabel("Duration of the inhibition [ms]")
        ax.set_ylabel(f"Inhibition that releases [{unit_of(ds[names[0]])}]")
        entitle(ax, fixed_values(ds, factor=factor))
        if family.title is not None:
            legend_beside(ax, lines, family.title)
    return ax
