"""The look that all figures share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
from cycler import cycler

from mnexcite.errors import number

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

_RC: dict[str, Any] = {
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


#: Size of text that all others are stated beside [points].
BASE = 12.5
_SIZES = (
    *("font.size", "axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize"),
    *("lines.linewidth", "axes.linewidth"),
)
#: Font size and settings of the innermost `style`, which new figures inside it keep.
_GIVEN: ContextVar[tuple[float, dict[str, Any]]] = ContextVar("style", default=(BASE, {}))


@contextmanager
def style(*, font_size: float | None = None, **more: Any) -> Iterator[None]:
    """Return a context in which new figures have the look of this package.

    Parameters
    ----------
    font_size
        Of plain text [points], 1 to 100; titles, labels, all that is written beside lines, and
        usual lines keep their size relative to it. Default 12.5, for a screen; a journal asks
        for 7 to 9.
    more
        Further settings of Matplotlib: `style(**{"axes.linewidth": 0.5})`.

    Raises
    ------
    InputError
        If the font size is not allowed.

    Examples
    --------
    >>> with style(font_size=8):
    ...     mpl.rcParams["axes.spines.top"], round(mpl.rcParams["axes.labelsize"], 1)
    (False, 9.0)
    """
    own, before = _GIVEN.get()
    if font_size is not None:
        own = number("font_size", font_size, "1 to 100", lowest=1.0, highest=100.0)
    settings = before | more
    token = _GIVEN.set((own, settings))
    scaled: Any = {key: _RC[key] * own / BASE for key in _SIZES}
    try:
        with mpl.rc_context(_RC | scaled | settings):
            yield
    finally:
        _GIVEN.reset(token)


def sized(settings: Mapping[str, float]) -> dict[str, float]:
    """Return sizes of a figure's own, as large as the font size that holds makes them."""
    own, _ = _GIVEN.get()
    return {key: size * own / BASE for key, size in settings.items()}


def points(size: float) -> float:
    """Return a size of text that is stated beside plain text of 12.5 points."""
    return size * float(mpl.rcParams["font.size"]) / BASE


def styled(given: object) -> AbstractContextManager[None]:
    """Return a context with this look for a new figure; `given` axes keep their own.

    What is drawn into someone's axes has the settings that hold there, or fonts would differ.
    """
    return style() if given is None else nullcontext()
