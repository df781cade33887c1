"""Pulses that latch and release a cell, over the holding current."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from mnexcite.errors import InputError, checked
from mnexcite.plots import canvas, families
from mnexcite.plots.classes import legend_beside
from mnexcite.plots.labels import unit_of
from mnexcite.plots.style import styled
from mnexcite.plots.sweep_axes import entitle, fixed_values

if TYPE_CHECKING:
    from xarray import Dataset

#: Names of the pulses of `mnexcite.measures.basin`.
_UP, _DOWN = "latching_at_", "releasing_at_"


@checked
def basin(ds: Dataset, ax: Axes | None = None, *, factor: bool = False) -> Axes:
    """Draw the pulses that latch a cell and that release it, over the holding current.

    Upward, the least pulse after which the resting cell fires on; downward, the least after
    which the firing cell rests. Between them a pulse changes nothing that lasts.

    Parameters
    ----------
    ds
        What `mnexcite.sweep` returned with the measure `basin`, reduced to one point or one
        dimension of up to 12.
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
    >>> told = {"latching_at_0": ((), 2.1, {"units": "uA/cm2"}), "releasing_at_0": ((), 1.6)}
    >>> basin(xarray.Dataset(told), ax=Figure().subplots()).get_ylabel()
    'Pulse [uA/cm2]'
    """
    up, down = (families.numbered(ds, begin) for begin in (_UP, _DOWN))
    if not up or up.keys() != down.keys():
        raise InputError("the dataset has no basins; sweep with the measure basin")
    names = list(up.values())
    family = families.family_of(ds, names[0], factor=factor)
    rising, falling = families.rows(ds, names), -families.rows(ds, list(down.values()))
    unit = unit_of(ds[names[0]])
    with styled(ax):
        ax = canvas.single(ax, 8.0, 5.0)
        lines = []
        for i, color, label in family.lines:
            lines += ax.plot(list(up), rising[:, i], "^-", color=color, label=label)
            ax.plot(list(up), falling[:, i], "v--", color=color)
        ax.axhline(0.0, color="0.6", linewidth=1.0)
        ax.set_xlabel(f"Holding current [{unit}]")
        ax.set_ylabel(f"Pulse [{unit}]")
        entitle(ax, fixed_values(ds, factor=factor))
        if family.title is not None:
            legend_beside(ax, lines, family.title)
    return ax
