"""How much of a measure's variance is due to each axis of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from mnexcite.errors import InputError, checked
from mnexcite.plots import canvas
from mnexcite.plots.classes import darker
from mnexcite.plots.style import COLORS, GREY, styled
from mnexcite.plots.sweep_axes import wrapped

if TYPE_CHECKING:
    from xarray import Dataset

#: Name in the dataset -> name in the legend, colour, hatch.
KINDS = {
    "first_order": ("first order: by itself", COLORS["blue"], ""),
    "total_order": (
        "total: with all that it does together with others",
        COLORS["orange"],
        "//",
    ),
}
#: Height of a bar, where axes are 1 apart.
BAR = 0.36


@checked
def sensitivity(indices: Dataset, ax: Axes | None = None) -> Axes:
    """Draw Sobol's indices of each axis as bars, with their confidence intervals.

    Parameters
    ----------
    indices
        What `mnexcite.sweeps.sensitivity` returned: `first_order` and `total_order` along
        `axis`, and the ends of their intervals, `first_order_low` and so on.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If one of these is missing.

    Examples
    --------
    >>> import xarray
    >>> from matplotlib.figure import Figure
    >>> each = {"first_order": [0.6, 0.1], "total_order": [0.8, 0.3]}
    >>> ends = {f"{k}_{e}": v for k, v in each.items() for e in ("low", "high")}
    >>> ds = xarray.Dataset(
    ...     {name: ("axis", values) for name, values in (each | ends).items()},
    ...     {"axis": ["NaP.g", "K.g"]},
    ... )
    >>> [y.get_text() for y in sensitivity(ds, Figure().subplots()).get_yticklabels()]
    ['NaP.g', 'K.g']
    """
    missing = [
        name + end
        for name in KINDS
        for end in ("", "_low", "_high")
        if name + end not in indices
    ]
    if missing:
        raise InputError(f"indices lack {missing[0]!r}; give what sweeps.sensitivity returned")
    names = [str(name) for name in indices["axis"].values]
    rows = np.arange(len(names))
    with styled(ax):
        ax = canvas.single(ax, 8.5, 1.8 + 0.75 * len(names))
        for turn, (kind, (label, color, hatch)) in enumerate(KINDS.items()):
            value, low, high = (indices[kind + end].values for end in ("", "_low", "_high"))
            ax.barh(
                rows + (turn - 0.5) * BAR,
                value,
                BAR,
                color=color,
                edgecolor=darker(color),
                hatch=hatch,
                linewidth=0.0,
                label=label,
            )
            # an interval need not hold its value
            ax.hlines(rows + (turn - 0.5) * BAR, low, high, color="black", linewidth=1.6)
        ax.axvline(0.0, color=GREY, linewidth=1.0)
        ax.set_yticks(rows, [wrapped(name) for name in names])
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.margins(x=0.02)
        ax.set_xlabel(_label(indices))
        ax.set_ylabel("Axis")
        canvas.legend_above(ax)
    return ax


def _label(indices: Dataset) -> str:
    of = str(indices.attrs.get("variable", "the measure")).replace("_", " ")
    return f"Sobol index: share of the variance of {of}"
