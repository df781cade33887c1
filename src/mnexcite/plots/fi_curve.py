"""Firing rate over injected current."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from mnexcite.errors import InputError, array, checked
from mnexcite.measures import FICurve
from mnexcite.plots import canvas
from mnexcite.plots.style import CYCLE, GREY, styled

#: How a step without lasting firing is marked.
_MARKS = {
    "one_spike": ("|", "one spike"),
    "stopped": ("x", "stopped"),
    "failed": ("*", "failed"),
}


@checked
def fi_curve(
    currents: ArrayLike | FICurve,
    rates: ArrayLike | None = None,
    unit: str = "nA",
    ax: Axes | None = None,
) -> Axes:
    """Draw firing rates [Hz] over injected currents [`unit`], both of shape (n,).

    In place of both, give what `mnexcite.measures.fi_curve` returned: the steady rate is
    drawn, and above it, dashed, that of the first interval; steps after which the cell fires
    once or stops are marked.

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
    told = currents if isinstance(currents, FICurve) else None
    if told is not None and rates is not None:
        raise InputError("the curve has its own rates; leave rates out")
    unit = unit if told is None else told.unit
    x = array("currents", currents if told is None else told.currents, unit=unit)
    y = array("rates", rates if told is None else told.steady_rate, unit="Hz", finite=not told)
    if x.shape != y.shape or not x.size:
        raise InputError(
            f"currents and rates have shapes {x.shape} and {y.shape}; allowed: the same (n,)"
        )
    order = np.arange(x.size) if told is None else np.argsort(x, kind="stable")
    with styled(ax):
        ax = canvas.single(ax, 7.0)
        if told is not None:
            x, y, first = x[order], y[order], told.first_rate[order]
            style = {"color": CYCLE[1], "markersize": 5.0, "markerfacecolor": "white"}
            ax.plot(x, first, "--o", label="first interval", clip_on=False, **style)
        ax.plot(x, y, "-o", color=CYCLE[0], markersize=6, clip_on=False, label="steady")
        if told is not None:
            status = np.array(told.status)[order]
            for name, (sign, said) in _MARKS.items():
                at = x[status == name]
                if at.size:
                    style = {"color": GREY, "markersize": 11.0, "markeredgewidth": 1.8}
                    where = np.zeros(at.size)
                    ax.plot(at, where, sign, label=said, clip_on=False, zorder=4, **style)
            ax.legend()
        ax.set_xlabel(f"Injected current [{unit}]")
        ax.set_ylabel("Firing rate [Hz]")
        ax.margins(x=0.03)
        ax.set_ylim(bottom=0.0)
    return ax
