"""How far and how fast gates open, over voltage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from mnexcite.errors import InputError, array, checked, shown, text
from mnexcite.plots import canvas
from mnexcite.plots.canvas import ManyAxes
from mnexcite.plots.style import CYCLE, DASHES, points, styled
from mnexcite.plots.sweep_axes import say_empty


@checked
def gate_curves(
    v: ArrayLike,
    curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
    ax: ManyAxes | None = None,
    *,
    over: str = "v",
) -> list[Axes]:
    """Draw steady states (above) and time constants (below, logarithmic) of gates.

    Parameters
    ----------
    v
        Voltages [mV], or concentrations of a pool in its own unit, shape (n,).
    curves
        Gate's path -> (steady state, time constant [ms]), each of shape (n,), as
        `mnexcite.equations.gate_curves` returns them. Instantaneous gates (0 ms) say so, and
        have no line below.
    ax
        Two axes; a new figure by default.
    over
        What the gates read: "v", or a pool and its unit, as in "Ca [mM]"; the axis of
        concentrations is logarithmic.

    Raises
    ------
    InputError
        If shapes differ, there is no gate, or concentrations are negative or all 0.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mnexcite import cells, equations
    >>> curves = equations.gate_curves(cells.molkov_2025(), [-60.0, -40.0])
    >>> above, below = gate_curves([-60.0, -40.0], curves, ax=Figure().subplots(2))
    >>> len(above.lines), len(below.lines)
    (8, 5)
    """
    unit = "mV" if text("over", over) == "v" else ""
    if not unit and not re.fullmatch(r"\S.* \[\S.*\]", over):
        raise InputError(f"over is {shown(over)}; allowed: v, or a pool and its unit: Ca [mM]")
    what = "voltages in mV" if unit else f"values of {over}"
    voltages = array("v", v, what, unit=unit)
    if not unit and ((voltages < 0).any() or not (voltages > 0).any()):
        raise InputError(
            f"v is {shown(v)} as {over}; allowed: 0 or more, some of it above 0, as the axis "
            "is logarithmic"
        )
    if not curves:
        raise InputError("curves holds no gate; give those of equations.gate_curves(cell, v)")
    with styled(ax):
        above, below = canvas.stacked(ax, 2, 8.5, 7.0, sharex=True)
        for i, (path, pair) in enumerate(curves.items()):
            if not (isinstance(pair, tuple | list) and len(pair) == 2):
                raise InputError(
                    f"gate {path} has {shown(pair)}; allowed: (steady states, time constants)"
                )
            steady, tau = array(f"gate {path}", pair[0]), array(f"gate {path}", pair[1])
            if steady.shape != voltages.shape or tau.shape != voltages.shape:
                raise InputError(
                    f"gate {path} has {steady.shape} steady states for voltages of shape "
                    f"{voltages.shape}; give the voltages that the curves were made with"
                )
            look: dict[str, Any] = {
                "color": CYCLE[i % len(CYCLE)],
                "linestyle": DASHES[i // len(CYCLE) % len(DASHES)],
            }
            slow = bool((tau > 0).any())
            above.plot(voltages, steady, label=path if slow else f"{path} (instant)", **look)
            if slow:
                below.plot(voltages, np.where(tau > 0, tau, np.nan), **look)
        above.set_ylim(-0.02, 1.02)
        above.set_ylabel("Steady state")
        # sigmoids cross, so no end of a line is free for its name
        size = points(10.0)
        legend = above.legend(
            loc="center left",
            bbox_to_anchor=(1.01, 0.5),
            fontsize=size,
            ncols=canvas.columns(above, len(curves), size),
        )
        for panel in (above, below):
            canvas.make_room(panel, [legend])
            if over != "v":
                panel.set_xscale("log")
        if below.lines:
            below.set_yscale("log")
        else:
            say_empty(below, "every gate is instantaneous")
            below.set_xlim(above.get_xlim())
        below.set_ylabel("Time constant [ms]")
        below.set_xlabel("Voltage [mV]" if over == "v" else over)
    return [above, below]
