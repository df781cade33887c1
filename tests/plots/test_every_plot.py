"""What holds for every kind of figure."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mnexcite import cells, muscle, plots
from mnexcite.bench.frontier import Frontier, Point, Task
from mnexcite.spikes import SpikeTrains

V = np.arange(-100.0, 0.0, 2.0)
CELL = cells.purvis_butera_2005()
TRAINS = SpikeTrains.from_list([[10.0, 60.0], [25.0]], ("a", "b"))
FRONTIER = Frontier(
    tuple(
        Point(name, "method", f"dt {dt:g}", "dt", dt, cost=cost / dt, error=dt**2)
        for name, cost in (("staggered", 0.1), ("exponential_euler", 0.2))
        for dt in (0.1, 0.01)
    ),
    Task("squid", 1, 100.0, {}, "none", 1, 5, "closed form", 0.0),
    {},
    "staggered",
)

KINDS = {
    "recording": (lambda rec, force, ax: plots.recording(rec, "v", ax=ax), 1),
    "recordings": (lambda rec, force, ax: plots.recording(rec, ax=ax), 3),
    "raster": (lambda rec, force, ax: plots.raster(TRAINS, ax=ax), 1),
    "raster of a run": (lambda rec, force, ax: plots.raster(rec, ax=ax), 1),
    "force": (lambda rec, force, ax: plots.force(force, ax=ax), 1),
    "forces": (
        lambda rec, force, ax: plots.force(muscle.contract(TRAINS, muscle.fast_unit()), ax=ax),
        1,
    ),
    "fi_curve": (lambda rec, force, ax: plots.fi_curve([0.0, 1.0], [0.0, 23.3], ax=ax), 1),
    "iv_curve": (lambda rec, force, ax: plots.iv_curve(cells.iv_curve(CELL, V), ax=ax), 1),
    "gate_curves": (
        lambda rec, force, ax: plots.gate_curves(V, cells.gate_curves(CELL, V), ax=ax),
        2,
    ),
    "force_frequency": (
        lambda rec, force, ax: plots.force_frequency(
            muscle.force_frequency(muscle.slow_unit(), np.arange(1.0, 30.0)), ax=ax
        ),
        1,
    ),
    "work_precision": (lambda rec, force, ax: plots.work_precision(FRONTIER, ax=ax), 1),
}


def as_list(axes):
    return [axes] if isinstance(axes, Axes) else list(axes)


@pytest.mark.parametrize("kind", KINDS)
def test_plot_draws_on_the_axes_given_and_returns_them(kind, rec, force, pixels):
    draw, panels = KINDS[kind]
    figure = Figure(layout="constrained")
    given = figure.subplots(panels, 1)
    empty = pixels(figure)
    assert as_list(draw(rec, force, given)) == as_list(given)
    assert not np.array_equal(pixels(figure), empty)
    assert plt.get_fignums() == []
    assert all(ax.get_ylabel() for ax in as_list(given))


@pytest.mark.parametrize("kind", KINDS)
def test_plot_without_axes_makes_one_figure(kind, rec, force):
    draw, panels = KINDS[kind]
    axes = as_list(draw(rec, force, None))
    assert len(axes) == panels
    assert len({ax.figure for ax in axes}) == len(plt.get_fignums()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_plot_changes_no_global_setting(kind, rec, force):
    before = dict(mpl.rcParams)
    KINDS[kind][0](rec, force, None)
    assert dict(mpl.rcParams) == before


def test_colours_are_those_of_okabe_and_ito():
    # Okabe & Ito 2008, Color Universal Design, as listed by Wong 2011 (Nat Methods 8:441)
    published = "000000 E69F00 56B4E9 009E73 F0E442 0072B2 D55E00 CC79A7".split()
    assert sorted(color.lstrip("#") for color in plots.COLORS.values()) == sorted(published)
