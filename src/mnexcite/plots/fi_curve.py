"""Firing rate over injected current."""

from __future__ import annotations

from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from mnexcite.errors import InputError, array, checked
from mnexcite.plots import canvas
from mnexcite.plots.style import CYCLE, styled


@checked
def fi_curve(
    currents: ArrayLike, rates: ArrayLike, unit: str = "nA", ax: Axes | None = None
) -> Axes:
    """Draw firing rates [Hz] over injected currents [`unit`], both of shape (n,).

    Raises
    ------
    InputError
        If the shapes differ.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> fi_curve([0.0, 0.5, 1.0], [0.0, 17.9, 23.3], ax=Figure().subplots()).get_xlabel()
    'Injected current [nA]'
    """
    x = array("currents", currents, unit=unit)
    y = array("rates", rates, unit="Hz")
    if x.shape != y.shape or not x.size:
        raise InputError(
            f"currents and rates have shapes {x.shape} and {y.shape}; allowed: the same (n,)"
        )
    with styled(ax):
        ax = canvas.single(ax, 7.0)
        ax.plot(x, y, "-o", color=CYCLE[0], markersize=6, clip_on=False)
        ax.set_xlabel(f"Injected current [{unit}]")
        ax.set_ylabel("Firing rate [Hz]")
        ax.margins(x=0.03)
        ax.set_ylim(bottom=0.0)
    return ax
