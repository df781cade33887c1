"""The look that all figures share."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
from cycler import cycler

#: Colours that colour-blind people tell apart (Okabe & Ito 2008), by name.
COLORS = MappingProxyType(
    {
        "black": "#000000",
        "blue": "#0072B2",
        "vermillion": "#D55E00",
        "green": "#009E73",
        "purple": "#CC79A7",
        "orange": "#E69F00",
        "sky": "#56B4E9",
        "yellow": "#F0E442",
    }
)
GREY = "#6B6B6B"
PALE = "#B0B0B0"
#: Colours of lines, in order; yellow is too pale for them.
CYCLE = tuple(COLORS[name] for name in COLORS if name not in ("black", "yellow"))
#: A second sign beside the colour, for when there are more lines than colours.
DASHES = ("-", "--", ":", "-.")

_RC = {
    "axes.prop_cycle": cycler(color=CYCLE),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 15,
    "axes.titleweight": "bold",
    "axes.labelsize": 14,
    "axes.linewidth": 1.0,
    "axes.xmargin": 0.0,
    "font.size": 12.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "xtick.labelsize": 12.5,
    "ytick.labelsize": 12.5,
}


def style(**more: Any) -> AbstractContextManager[None]:
    """Return a context in which new figures have the look of this package.

    `more` are further settings of Matplotlib: `style(**{"font.size": 15})`.

    Examples
    --------
    >>> with style():
    ...     mpl.rcParams["axes.spines.top"]
    False
    """
    settings: Any = _RC | more
    return mpl.rc_context(settings)


def styled(given: object) -> AbstractContextManager[None]:
    """Return a context with this look for a new figure; `given` axes keep their own.

    What is drawn into someone's axes has the settings that hold there, or fonts would differ.
    """
    return style() if given is None else nullcontext()
