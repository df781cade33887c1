"""What a run recorded, over time."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes

from mnexcite.errors import InputError, checked
from mnexcite.plots import canvas
from mnexcite.plots.canvas import ManyAxes
from mnexcite.plots.envelope import envelope
from mnexcite.plots.labels import time_axis
from mnexcite.plots.style import COLORS, CYCLE, styled
from mnexcite.simulation import Recording
from mnexcite.simulation.variables import known

#: Letters that fit beside a panel.
_LETTERS = 18


@checked
def recording(
    rec: Recording,
    variables: str | Sequence[str] | None = None,
    ax: ManyAxes | None = None,
) -> Axes | list[Axes]:
    """Draw recorded variables, one panel each; what the stimulus injects stands lowest.

    Parameters
    ----------
    rec
        The recording.
    variables
        Names of what to draw; all that was recorded by default.
    ax
        One axes per variable; a new figure by default.

    Returns
    -------
    Axes or list of Axes
        One for one variable, a list for several.

    Raises
    ------
    InputError
        If a variable was not recorded, or the axes do not match.

    Examples
    --------
    >>> import mnexcite as mx
    >>> rec = mx.simulate(mx.cells.hodgkin_huxley_1952(), duration=5.0)
    >>> from matplotlib.figure import Figure
    >>> recording(rec, ax=Figure().subplots()).get_ylabel()
    'Membrane voltage [mV]'
    """
    if not rec.data:
        raise InputError("nothing was recorded; give simulate record=('v',)")
    chosen = canvas.names(variables, list(rec.data), "variable")
    if ax is None:  # under the traces, and lower than these
        chosen = sorted(chosen, key=is_stimulus)
    heights = [0.5 if is_stimulus(name) and len(chosen) > 1 else 1.0 for name in chosen]
    with styled(ax):
        axes = canvas.stacked(
            ax, len(chosen), height=1.5 + 2.0 * sum(heights), sharex=True, height_ratios=heights
        )
        for i, (name, panel) in enumerate(zip(chosen, axes, strict=True)):
            scale = time_axis(panel, rec.start, rec.start + rec.duration)
            t, y = envelope(rec.t, rec[name])
            color = COLORS["black"] if is_stimulus(name) else CYCLE[i % len(CYCLE)]
            panel.plot(t * scale, y, color=color, linewidth=1.2)
            panel.set_ylabel(_label(rec, name, " " if len(chosen) == 1 else "\n"))
            if i < len(chosen) - 1 and ax is None:
                panel.set_xlabel("")
    return axes[0] if len(axes) == 1 else axes


def is_stimulus(name: str) -> bool:
    """Tell whether a variable is what the stimulus injects."""
    return name == "stimulus.i" or name.endswith(".stimulus.i")


def _label(rec: Recording, name: str, gap: str) -> str:
    if is_stimulus(name) and gap != " ":
        return f"Stimulus{gap}[{rec.units[name]}]"
    what = known(rec.cell, 0)[name].long_name
    if len(rec.cell.compartments) > 1:  # then only the path tells which one is meant
        what = name
    elif what[1:2].islower():
        what = what[0].upper() + what[1:]
    if gap != " ":
        what = textwrap.fill(what, _LETTERS)
    return what if rec.units[name] == "1" else f"{what}{gap}[{rec.units[name]}]"
