"""The look of each class of points: colour, hatch, sign; and the legend that names them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from mnexcite.plots import canvas
from mnexcite.plots.style import COLORS, GREY, PALE
from mnexcite.plots.sweep_states import FAILED, PENDING, UNDEFINED, States


@dataclass(frozen=True)
class Look:
    """Hold how a class is drawn: as an area with a hatch, or as a sign."""

    color: str
    hatch: str
    marker: str
    ink: str = ""

    @property
    def hatch_color(self) -> str:
        """A darker shade of the colour, or the ink given."""
        return self.ink or darker(self.color)


#: Classes by name, as legends show it; those of one variable differ in colour, hatch and sign.
KNOWN = {
    "ok": Look(COLORS["sky"], "", "o"),
    "silent": Look(COLORS["sky"], "", "o"),
    "single": Look(COLORS["yellow"], "..", "*"),
    "block": Look(COLORS["purple"], "\\\\\\", "v"),
    "small spikes": Look(COLORS["blue"], "++", "p"),
    "stopped": Look(COLORS["black"], "||", "P", PALE),
    "burst": Look(COLORS["orange"], "---", "s"),
    "tonic": Look(COLORS["vermillion"], "//", "^"),
    "irregular": Look(COLORS["green"], "oo", "D"),
}
FAILED_LOOK = Look(PALE, "xxx", "x", GREY)
PENDING_LOOK = Look("#FFFFFF", "/", "d", "#C4C4C4")
UNDEFINED_LOOK = Look("#ECECEC", "..", "+", PALE)

#: Further classes take the next that is free; from the eighth on, in other pairs.
_COLORS = tuple(
    COLORS[name]
    for name in ("orange", "purple", "green", "sky", "yellow", "vermillion", "blue")
)
_HATCHES = ("oo", "\\\\\\", "//", "---", "..", "||", "++", "")
_MARKERS = "sv^oD*Pph"


def darker(color: str) -> str:
    """Return a darker shade of a colour."""
    red, green, blue = to_rgb(color)
    return to_hex((0.62 * red, 0.62 * green, 0.62 * blue))


def looks(names: Sequence[str]) -> list[Look]:
    """Return the look of each class; known names keep theirs in every figure.

    Examples
    --------
    >>> [look.hatch for look in looks(["silent", "tonic", "failed"])]
    ['', '//', 'xxx']
    """
    known = [_known(name) for name in names]
    further = _further([look for look in known if look])
    return [look or next(further, UNDEFINED_LOOK) for look in known]


def _further(fixed: Sequence[Look]) -> Iterator[Look]:
    """Yield looks of which nothing is taken, then those in a pair that is not taken."""
    free = zip(
        (color for color in _COLORS if color not in {look.color for look in fixed}),
        (hatch for hatch in _HATCHES if hatch not in {look.hatch for look in fixed}),
        (marker for marker in _MARKERS if marker not in {look.marker for look in fixed}),
        strict=False,
    )
    shifted = (
        (color, _HATCHES[(place + turn) % 8], _MARKERS[(place + turn) % 9])
        for turn in range(8)
        for place, color in enumerate(_COLORS)
    )
    taken = {(look.color, look.hatch) for look in fixed}
    for color, hatch, marker in itertools.chain(free, shifted):
        if (color, hatch) not in taken:
            taken.add((color, hatch))
            yield Look(color, hatch, marker)


def _known(name: str) -> Look | None:
    special = {FAILED: FAILED_LOOK, PENDING: PENDING_LOOK}
    return UNDEFINED_LOOK if name.startswith(UNDEFINED) else (special | KNOWN).get(name)


def draw_signs(
    ax: Axes,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    states: States,
    places: Iterable[int],
    size: float,
) -> list[Line2D]:
    """Draw points as signs of their classes; return one handle per class for a legend."""
    styles, index = looks(states.names), np.ravel(states.index.values)
    handles = []
    for place in places:
        look, here = styles[place], index == place
        filled = look.marker not in "x+"
        color = look.color if filled else look.hatch_color
        wide = (0.7 if size > 20.0 else 0.25) if filled else 1.5
        ax.scatter(
            x[here],
            y[here],
            s=size,
            facecolors=color,
            edgecolors=look.hatch_color if filled else None,
            linewidths=wide,
            marker=look.marker,
            zorder=3,
        )
        handles.append(
            Line2D(
                [],
                [],
                linestyle="",
                marker=look.marker,
                markersize=7.5,
                color=color,
                markeredgecolor=look.hatch_color,
                label=states.names[place],
            )
        )
    return handles


def sign_size(points: int) -> float:
    """Return the area of a sign [points squared], smaller the more there are."""
    return float(np.clip(12000.0 / max(points, 1), 5.0, 60.0))


def legend_beside(ax: Axes, handles: Iterable[Artist], title: str = "") -> None:
    """Name classes to the right of the axes, where they hide nothing."""
    shown = list(handles)
    size = float(mpl.rcParams["font.size"])
    legend = ax.legend(
        handles=shown,
        title=title,
        ncols=canvas.columns(ax, len(shown) + bool(title), size),
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        alignment="left",
        handlelength=2.2,
        handleheight=1.5,
    )
    canvas.make_room(ax, [legend])


def legend_above(ax: Axes, handles: Iterable[Artist]) -> None:
    """Name a few classes above the axes' right end, where they hide nothing."""
    if shown := list(handles):
        options: dict[str, Any] = {"handlelength": 2.2, "handleheight": 1.4}
        canvas.legend_above(ax, right=True, handles=shown, **options)
