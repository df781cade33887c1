"""How the times of escapes under noise are distributed."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from mnexcite.errors import InputError, checked, instance
from mnexcite.measures import EscapeTimes
from mnexcite.plots import canvas
from mnexcite.plots.style import CYCLE, GREY, styled

#: Points of the curve without memory.
_POINTS = 200


@checked
def escape_times(found: EscapeTimes, ax: Axes | None = None) -> Axes:
    """Draw the share of runs that have not escaped over time, and that without memory.

    The steps are the runs; the dashed curve is the exponential of the same mean, which the
    steps follow where the chance to escape is the same at every moment. Both end with the
    watch.

    Parameters
    ----------
    found
        What `mnexcite.measures.escape_times` returned.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        If it is no such thing, or every run failed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> found = EscapeTimes(np.array([300.0, 900.0, np.inf]), 2000.0, "firing")
    >>> escape_times(found, ax=Figure().subplots()).get_ylabel()
    'Share of runs still at rest'
    """
    instance("found", found, EscapeTimes, "of mnexcite.measures.escape_times")
    if not found.times.size:
        raise InputError("every run failed; look at one with mnexcite.simulate")
    at, left = found.survival
    at, left = np.append(at, found.watch) / 1e3, np.append(left, left[-1])
    escaped = int(np.isfinite(found.times).sum())
    with styled(ax):
        ax = canvas.single(ax, 7.0)
        label = f"{escaped} of {found.times.size} runs escaped"
        ax.step(at, left, where="post", color=CYCLE[0], label=label)
        if escaped:
            t = np.linspace(0.0, found.watch, _POINTS)
            ax.plot(
                t / 1e3,
                np.exp(-t / found.mean),
                "--",
                color=GREY,
                label=f"exponential, mean {found.mean / 1e3:.3g} s",
            )
        ax.set_xlim(0.0, found.watch / 1e3)
        ax.set_ylim(0.0, 1.03)
        ax.set_xlabel("Time [s]")
        still = "at rest" if found.to == "firing" else "firing"
        ax.set_ylabel(f"Share of runs still {still}")
        ax.legend()
    return ax
