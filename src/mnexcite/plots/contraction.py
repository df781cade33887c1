"""The lecture figure: from a neuron's voltage to the muscle's force, case beside case."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mnexcite.errors import InputError, checked, instance, shown
from mnexcite.muscle import Force
from mnexcite.plots import canvas
from mnexcite.plots.envelope import envelope
from mnexcite.plots.labels import FRACTION, force_axis, fused_line, headline, time_axis
from mnexcite.plots.style import COLORS, GREY, points, sized, style
from mnexcite.simulation import Recording

#: Colour of each case: the first is the healthy one.
CASES = ("blue", "vermillion", "green", "purple")
_BIG = {
    "font.size": 16,
    "axes.labelsize": 16,
    "xtick.labelsize": 15,
    "ytick.labelsize": 15,
}


@checked
def contraction(
    cases: Mapping[str, tuple[Recording, Force]], figure: Figure | None = None
) -> Figure:
    """Draw cases side by side: voltage, spikes and force over one time axis.

    Parameters
    ----------
    cases
        Title -> (recording with `v`, force); the healthy case first. A title's first line
        is written large, further lines smaller.
    figure
        Where to draw; a new pyplot figure of 16:9 by default.

    Raises
    ------
    InputError
        If there is no case or more than 4, or one has no voltage or no force samples.

    Examples
    --------
    >>> import mnexcite as mx
    >>> rec = mx.simulate(mx.cells.purvis_butera_2005(), duration=100.0)
    >>> force = mx.muscle.contract(rec, mx.muscle.slow_unit())
    >>> drawn = contraction({"Healthy: silent": (rec, force)}, mx.plots.new_figure(12, 6.75))
    >>> len(drawn.axes)
    3
    """
    if not 1 <= len(cases) <= len(CASES):
        raise InputError(f"there are {len(cases)} cases; allowed: 1 to {len(CASES)}")
    for title, case in cases.items():
        if not (isinstance(case, tuple) and len(case) == 2):
            raise InputError(f"case {title!r} is {shown(case)}; allowed: (recording, force)")
        rec, pulled = case
        instance(f"case {title!r}: recording", rec, Recording, "a Recording")
        instance(f"case {title!r}: force", pulled, Force, "a Force")
        if "v" not in rec.data or not pulled.t.size:
            raise InputError(
                f"case {title!r} has no voltage or no force samples; record 'v', and give "
                "contract every=1.0"
            )
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=(16.0, 9.0), layout="constrained")
    size = {"axes.titlesize": 20 if len(cases) < 3 else 14}
    with style(**sized(_BIG | size)):
        grid = canvas.grid(
            figure,
            3,
            len(cases),
            sharex=True,
            sharey="row",
            height_ratios=[1.0, 0.28, 1.0],
        )
        for column, (title, (rec, pulled)) in enumerate(cases.items()):
            color = COLORS[CASES[column]]
            voltage, spikes, force = grid[:, column]
            room = float(figure.get_size_inches()[0]) / len(cases) - 1.2
            small = 0.8 * float(voltage.title.get_fontsize())
            headline(voltage, title, room, small, color=color, pad=12.0)
            scale = time_axis(voltage, rec.start, rec.start + rec.duration)
            _voltage(voltage, rec, scale, color)
            _spikes(spikes, rec, scale, color)
            _force(force, pulled, scale, color)
            force.set_xlabel(voltage.get_xlabel())
            for ax in (voltage, spikes):
                ax.set_xlabel("")
                ax.tick_params(axis="x", length=0)
            if column == 0:
                voltage.set_ylabel("Motor neuron\nvoltage [mV]")
                spikes.set_ylabel("Spikes", rotation=0, ha="right", va="center")
                force_axis(force, pulled.force_unit)
                force.set_ylabel(f"Muscle\n{force.get_ylabel().lower()}")
        _limits(grid, cases)
        for ax, (_, pulled), name in zip(grid[2], cases.values(), CASES, strict=False):
            _mean(ax, pulled, COLORS[name])
        figure.align_ylabels(grid[:, 0])
    return figure


def _voltage(ax: Axes, rec: Recording, scale: float, color: str) -> None:
    t, v = envelope(rec.t, rec["v"])
    # a comb of many spikes needs thin lines, a quiet cell a thick one
    ax.plot(t * scale, v, color=color, linewidth=1.0 if rec.spike_times.size > 50 else 2.2)


def _spikes(ax: Axes, rec: Recording, scale: float, color: str) -> None:
    ax.vlines(rec.spike_times * scale, 0.0, 1.0, color=color, linewidth=1.6)
    ax.set_ylim(0.0, 1.0)
    ax.set_yticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
    if not rec.spike_times.size:
        _in_the_middle(ax, "no spike")


def _force(ax: Axes, pulled: Force, scale: float, color: str) -> None:
    t, y = envelope(pulled.t, pulled.force)
    ax.fill_between(t * scale, 0.0, y, color=color, alpha=0.18, linewidth=0)
    ax.plot(t * scale, y, color=color, linewidth=2.2, clip_on=False, zorder=3)
    if not pulled.peak > pulled.baseline:
        _in_the_middle(ax, "no force")


def _mean(ax: Axes, pulled: Force, color: str) -> None:
    """Write the mean force into the area below the line, or above it where that is low."""
    if not pulled.peak > pulled.baseline:
        return
    fraction = pulled.force_unit == FRACTION
    said = f"{pulled.mean:.0%}" if fraction else f"{pulled.mean:.3g} {pulled.force_unit}"
    roomy = pulled.mean > 0.3 * ax.get_ylim()[1]
    middle = np.abs(2.0 * pulled.t / pulled.t[-1] - 1.0) < 0.5
    above = float(pulled.force[middle].max(initial=0.0))
    ax.annotate(
        f"{said} on average".replace("%", " %"),
        (float(np.mean(ax.get_xlim())), 0.5 * pulled.mean if roomy else above),
        xytext=(0, 0 if roomy else 8),
        textcoords="offset points",
        ha="center",
        va="center" if roomy else "bottom",
        color=color,
        fontsize=points(15.6),
    )


def _in_the_middle(ax: Axes, text: str) -> None:
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=GREY)


def _limits(grid: np.ndarray, cases: Mapping[str, tuple[Recording, Force]]) -> None:
    forces = [pulled for _, pulled in cases.values()]
    top = max(float(np.max(pulled.force, initial=0.0)) for pulled in forces)
    fraction = all(pulled.force_unit == FRACTION for pulled in forces)
    grid[2, 0].set_ylim(0.0, (max(1.15, 1.08 * top) if fraction else 1.15 * top) or 1.0)
    low, high = grid[0, 0].get_ylim()
    grid[0, 0].set_ylim(min(low, -90.0), max(high, 40.0))
    if fraction:
        for ax, pulled in zip(grid[2], forces, strict=True):
            fused_line(ax, highest=float(np.max(pulled.force, initial=0.0)))
