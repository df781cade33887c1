"""Force of motor units over time."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from mnexcite.errors import InputError, checked
from mnexcite.muscle import Force, Forces
from mnexcite.plots import canvas
from mnexcite.plots.envelope import envelope
from mnexcite.plots.labels import FRACTION, at_the_end, force_axis, fused_line, time_axis
from mnexcite.plots.style import CYCLE, styled

#: Lines are labelled up to this number.
LABELLED = 12


@checked
def force(force: Force | Forces, ax: Axes | None = None, *, color: str | None = None) -> Axes:
    """Draw the force of one or several motor units.

    Parameters
    ----------
    force
        What `mnexcite.muscle.contract` or `analyse` returned, with samples.
    ax
        Where to draw; a new figure by default.
    color
        Colour of the line; several forces have one colour each by default.

    Raises
    ------
    InputError
        If the force has no samples.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mnexcite import muscle
    >>> twitch = muscle.contract([10.0], muscle.slow_unit())
    >>> force(twitch, ax=Figure().subplots()).get_ylabel()
    'Force [% of fused]'
    """
    if not force.t.size:
        raise InputError("the force has no samples; give contract every=1.0")
    lines = np.atleast_2d(force.force)
    if color is not None:
        canvas.check_color(color)
    with styled(ax):
        ax = canvas.single(ax)
        scale = time_axis(ax, float(force.t[0]), force.duration)
        force_axis(ax, force.force_unit)
        colors = [color or CYCLE[i % len(CYCLE)] for i in range(len(lines))]
        ends = []
        for line, own in zip(lines, colors, strict=True):
            t, y = envelope(force.t, line)
            ax.plot(t * scale, y, color=own)
            ends.append(float(line[-1]))
        highest = float(np.max(lines, initial=0.0))
        top = max(highest * 1.08, 1e-12)
        if force.force_unit == FRACTION:
            fused_line(ax, highest=highest)
            top = max(top, 1.15)
        ax.set_ylim(0.0, top)
        if isinstance(force, Forces) and 1 < len(lines) <= LABELLED:
            names = force.names or [f"{unit.name} {i}" for i, unit in enumerate(force.units)]
            at_the_end(ax, float(force.t[-1]) * scale, ends, names, colors)
    return ax
