"""Error over cost of methods and other simulators on the same work."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from mnexcite.bench.frontier import METHOD, Frontier, Point
from mnexcite.errors import InputError, checked
from mnexcite.plots import canvas
from mnexcite.plots.labels import SIZE
from mnexcite.plots.style import COLORS, CYCLE, DASHES, GREY, points, styled

_MARKERS = "osD^vP"
#: The error [ms] that none is drawn as, where a time is the judge's to the last bit.
LEAST = 1e-12
#: Names of more letters are broken into two lines.
LONG = 20


@checked
def work_precision(
    frontier: Frontier, ax: Axes | None = None, *, names: Sequence[str] | None = None
) -> Axes:
    """Draw spike-time error over computing time, a line for each method and simulator.

    Methods of this package have thick lines and filled signs, others thin ones. A setting
    whose number of spikes is wrong is a cross at the upper edge. A contestant that is refused,
    since its error stays where it is, is drawn as grey crosses and named so.

    Parameters
    ----------
    frontier
        What `mnexcite.bench.measure.work_precision` returned.
    ax
        Where to draw; a new figure by default.
    names
        Which contestants; all by default.

    Raises
    ------
    InputError
        If a contestant is unknown or there is nothing to draw.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mnexcite.bench.frontier import Point, Task
    >>> task = Task("squid", 1, 100.0, {}, "none", 1, 5, "closed form", 0.0)
    >>> point = Point("ours", "method", "dt 0.1", "dt", 0.1, cost=1.0, error=1e-2)
    >>> drawn = work_precision(Frontier((point,), task, {}, "ours"), Figure().subplots())
    >>> drawn.get_ylabel()
    'Largest spike-time error [ms]'
    """
    chosen = canvas.names(names, frontier.names, "contestant")
    lines = {name: line for name in chosen if (line := _line(frontier, name))}
    if not lines:
        raise InputError("no contestant has an error and a cost; there is nothing to draw")
    with styled(ax):
        ax = canvas.single(ax, 10.0, 7.0)
        ax.set_xscale("log")
        ax.set_yscale("log")
        refused = {name for name in lines if frontier.refused(name)}
        looks = _looks(lines) | dict.fromkeys(refused, (GREY, ":", "x"))
        for name, line in lines.items():
            color, dash, marker = looks[name]
            ours = line[0].group == METHOD and name not in refused
            ax.plot(
                [point.cost for point in line],  # type: ignore[misc]
                [point.error for point in line],  # type: ignore[misc]
                linestyle=dash,
                marker=marker,
                color=color,
                linewidth=2.8 if ours else 1.5,
                markersize=8.0 if ours else 5.5,
                markerfacecolor=color if ours else "white",
                markeredgecolor=color,
                zorder=3 if ours else 2,
            )
        _frame(ax, frontier, lines)
        for name in chosen:
            color = looks[name][0] if name in looks else GREY
            _cross_misfires(ax, _misfires(frontier, name), color, "" if name in lines else name)
        shown = {name: f"{name}, refused" if name in refused else name for name in lines}
        _name_lines(ax, lines, {name: look[0] for name, look in looks.items()}, shown)
    return ax


def _line(frontier: Frontier, name: str) -> list[Point]:
    """Return a contestant's points from coarse to fine, without what cannot be drawn."""
    known = [
        replace(p, error=max(p.error, LEAST))
        for p in frontier.of(name)
        if p.cost and p.error is not None
    ]
    return sorted(known, key=lambda p: -p.value)


def _misfires(frontier: Frontier, name: str) -> list[Point]:
    """Return a contestant's points with a cost and a wrong number of spikes."""
    return [p for p in frontier.of(name) if p.cost and p.wrong]


def _cross_misfires(ax: Axes, wrong: list[Point], color: str, name: str) -> None:
    """Draw crosses at the upper edge, with a name where no line has it."""
    if not wrong:
        return
    costs = [point.cost for point in wrong]
    edge = {"transform": ax.get_xaxis_transform(), "clip_on": False, "color": color}
    ax.plot(costs, [1.0] * len(costs), linestyle="none", marker="x", **edge)  # type: ignore[arg-type]
    if name:
        ax.text(min(costs), 0.98, _shown(name), rotation=90.0, ha="center", va="top", **edge)  # type: ignore[type-var]


def _shown(name: str) -> str:
    return name.replace("_", " ")


def _looks(lines: dict[str, list[Point]]) -> dict[str, tuple[str, str, str]]:
    """Return colour, dash and marker: a colour for each method and each simulator.

    What one simulator does in several ways shares its colour and differs in the rest.
    """
    families = {
        name: name if lines[name][0].group == METHOD else _family(name) for name in lines
    }
    other = [0.55 * np.array(to_rgb(color)) + lift for lift in (0.0, 0.45) for color in CYCLE]
    colors = [*CYCLE, COLORS["black"], *(to_hex(color.tolist()) for color in other)]
    order = list(dict.fromkeys(families.values()))
    looks, seen = {}, dict.fromkeys(order, 0)
    for name, family in families.items():
        place, turn = order.index(family), seen[family]
        seen[family] += 1
        beyond = place // len(colors)
        looks[name] = (
            colors[place % len(colors)],
            DASHES[(turn + beyond) % len(DASHES)],
            _MARKERS[(turn + beyond) % len(_MARKERS)],
        )
    return looks


def _family(name: str) -> str:
    return name.replace(",", " ").split()[0]


def _frame(ax: Axes, frontier: Frontier, lines: dict[str, list[Point]]) -> None:
    costs = [p.cost for line in lines.values() for p in line if p.cost]
    costs += [p.cost for name in frontier.names for p in _misfires(frontier, name) if p.cost]
    errors = [p.error for line in lines.values() for p in line if p.error]
    # room for the names, which stand at the dear end of their lines
    span = math.log10(max(costs) / min(costs)) + 0.5
    ax.set_xlim(min(costs) / 1.5, max(costs) * 10.0 ** (0.22 * span))
    ax.set_ylim(min(errors) / 4.0, max(errors) * 2.0)
    ax.set_xlabel(f"Computing time per cell for {frontier.task.duration:g} ms [ms]")
    ax.set_ylabel("Largest spike-time error [ms]")
    ax.yaxis.set_major_locator(LogLocator(numticks=20))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())
    ax.grid(True, which="major", color="#E4E4E4", linewidth=0.8)
    ax.set_axisbelow(True)


def _name_lines(
    ax: Axes, lines: dict[str, list[Point]], colors: dict[str, str], shown: dict[str, str]
) -> None:
    """Write each name beside a point of its line, where least is in the way."""
    pixels = {
        name: ax.transData.transform(np.array([(p.cost, p.error) for p in line], dtype=float))
        for name, line in lines.items()
    }
    drawn = np.concatenate([_along(line) for line in pixels.values()])
    unit = points(SIZE) * ax.figure.dpi / 72.0
    boxes = np.empty((0, 4))
    frame = ax.get_window_extent()
    for name in sorted(pixels, key=lambda name: pixels[name][-1, 0]):
        ours = lines[name][0].group == METHOD
        text = _broken(_shown(shown[name]))
        rows = text.split("\n")
        size = unit * np.array(
            [(0.64 if ours else 0.56) * max(map(len, rows)), 1.25 * len(rows)]
        )
        best, least = None, math.inf
        ends = itertools.product(enumerate(reversed(pixels[name])), enumerate(_AROUND))
        for (back, point), (place, (right, up)) in ends:
            up *= 0.5 + 0.5 * len(rows)
            low = point + unit * np.array([right, up]) - size * np.array([right < 0.0, 0.5])
            high = low + size
            bad = 0.5 * float(np.all((drawn > low) & (drawn < high), axis=1).sum())
            bad += 200 * np.all((boxes[:, :2] < high) & (low < boxes[:, 2:]), axis=1).sum()
            bad += 500 * bool(np.any(low < frame.p0) or np.any(high > frame.p1))
            bad += 4.0 * place + 4.0 * back
            if bad < least:
                best, least = (back, right, up, np.append(low, high)), bad
        assert best is not None
        back, right, up, box = best
        boxes = np.append(boxes, [box], axis=0)
        point = lines[name][-1 - back]
        ax.annotate(
            text,
            (point.cost, point.error),  # type: ignore[arg-type]
            xytext=(points(SIZE) * right, points(SIZE) * up),
            textcoords="offset points",
            ha="right" if right < 0.0 else "left",
            va="center",
            color=colors[name],
            fontsize=points(SIZE),
            fontweight="bold" if ours else "normal",
            path_effects=[withStroke(linewidth=3.0, foreground="white")],
            zorder=4,
        )


def _broken(name: str) -> str:
    """Return a long name in two lines, broken after its last comma."""
    if len(name) <= LONG or ", " not in name:
        return name
    return ",\n".join(name.rsplit(", ", 1))


#: Where a name may begin (or end, to the left), from its point in sizes of a letter; the
#: nearer places are tried first.
_AROUND = tuple(
    (side * (0.5 if up else 0.7), up)
    for up in (0.0, -0.9, 0.9, -2.0, 2.0, -3.2, 3.2)
    for side in (1.0, -1.0)
)


def _along(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return closely spaced places along a line."""
    share = np.linspace(0.0, 1.0, 40)[:, None]
    parts = [a + share * (b - a) for a, b in itertools.pairwise(line)]
    return np.concatenate([np.repeat(line, 50, axis=0), *parts])  # signs weigh more
