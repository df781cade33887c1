"""What holds for every kind of figure."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray
from matplotlib.axes import Axes
from matplotlib.text import Text

from mnexcite import cells, equations, motor_pool, muscle, plots
from mnexcite.bench.frontier import Frontier, Point, Task
from mnexcite.measures import (
    Bifurcation,
    BoltzmannFit,
    Branch,
    ClampFamily,
    CriticalPoint,
    EscapeTimes,
    FICurve,
)
from mnexcite.spikes import SpikeTrains
from plots.legible import faults
from plots.test_course_plot import FOUND
from plots.test_day_plot import FULL, typed

V = np.arange(-100.0, 0.0, 2.0)
CELL = cells.purvis_butera_2005()
BRK, CA = cells.booth_rinzel_kiehn_1997(), np.geomspace(1e-2, 10.0, 30)
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
FLAGS = {"flag_values": [0, 1], "flag_meanings": "silent tonic"}
SEGMENTS = (("segment", "end"), [[1.5, 1.5]])
SWEEP = xarray.Dataset(
    {
        "phase": (("NaP.g", "K.g"), [[0, 0], [0, 1]], FLAGS),
        "rate": (("NaP.g", "K.g"), [[0.0, 1.0], [5.0, 9.0]], {"units": "Hz"}),
        "front_x": SEGMENTS,
        "front_y": SEGMENTS,
    },
    {"NaP.g": [1.0, 2.0], "K.g": [1.0, 2.0]},
)
_FOUR = ("soma.persistent_sodium.g", "dendrite.CaL.m.half", "K.g", "ions.K_o")
FOUR = xarray.Dataset(
    {"rate": (_FOUR, np.arange(81.0).reshape(3, 3, 3, 3), {"units": "Hz"})},
    {name: (name, [1012.5, 1025.0, 1050.0]) for name in _FOUR},
)
RUN = motor_pool.recorded(SpikeTrains.from_list([np.arange(60.0, 900.0, 90.0)]))
TORQUE = motor_pool.torque_match(RUN, RUN.t, RUN.force)
NAMED = SpikeTrains.from_list(
    [[20.0 + 9.0 * k, 80.0 + 17.0 * k] for k in range(9)],
    [f"left soleus, motor unit {k}" for k in range(9)],
)
LONG = "A motoneuron with twice its persistent sodium and half its potassium, as in early ALS"
SIX = SWEEP.isel({"K.g": [0, 1, 0, 1, 0, 1]}).assign_coords({"K.g": np.linspace(0.1, 1.0, 6)})
INDICES = xarray.Dataset(
    {
        f"{name}{end}": ("axis", [0.2, 0.7])
        for name in ("first_order", "total_order")
        for end in ("", "_low", "_high")
    },
    {"axis": ["NaP.g", "K.g"]},
)
_TOLD = {"threshold_0.1ms": 6.4, "threshold_1ms": 0.76, "threshold_100ms": 0.17}
_TOLD |= {"sd_rheobase": 0.17, "chronaxie": 3.6, "weiss_rheobase": 0.17}
THRESHOLDS = xarray.Dataset(
    {
        name: ("NaP.g", [value, 0.5 * value], {"units": "nA"})
        for name, value in (_TOLD | {"weiss_time_constant": 3.5}).items()
    },
    {"NaP.g": [0.05, 0.1]},
)

_STEPS = np.array([0.0, 1.0, 2.0])
FAMILY = ClampFamily(
    CELL, np.array([-40.0, 0.0]), -80.0, 1.0, 1.0, None, 1.0, _STEPS, np.zeros((2, 3)),
    np.array([[0.0, -1.0, 0.0], [0.0, -3.0, 0.5]]), None, None, "nA", "uS", ("ok", "ok"),
)  # fmt: skip
_WAY = Branch(_STEPS - 70.0, _STEPS - 60.0, 9.0 * _STEPS, ("ok",) * 3)
PICTURE = Bifurcation(
    _STEPS, "current", "nA", _STEPS, _STEPS - 65.0, np.array([True, False, False]),
    (CriticalPoint("hopf", 0.5, -64.5, 20.0),), _WAY, _WAY,
)  # fmt: skip
FI = FICurve(
    _STEPS,
    "nA",
    _STEPS,
    np.array([0.0, 0.0, 2.0]),
    np.array([0, 3, 9]),
    ("silent", "stopped", "ok"),
)
FIT = BoltzmannFit(np.array([-40.0, 0.0]), np.array([0.1, 0.9]), -20.0, 9.0, 0.0, "ok")
ESCAPES = EscapeTimes(np.array([300.0, 900.0, 1500.0, np.inf]), 2000.0, "firing")

_LATCH = {
    "latching_at_0": 2.1,
    "latching_at_1": 1.2,
    "releasing_at_0": 1.6,
    "releasing_at_1": 3.3,
}
_LATCH |= {"release_50ms": np.nan, "release_300ms": 2.0, "release_3000ms": 0.3}
LATCHES = xarray.Dataset(
    {
        name: ("NaP.g", [value, 0.5 * value], {"units": "mS/cm2"})
        for name, value in _LATCH.items()
    },
    {"NaP.g": [0.05, 0.1]},
)

KINDS = {
    "recording": (lambda rec, force, ax: plots.recording(rec, "v", ax=ax), 1),
    "recordings": (lambda rec, force, ax: plots.recording(rec, ax=ax), 3),
    "raster": (lambda rec, force, ax: plots.raster(TRAINS, ax=ax), 1),
    "raster of a run": (lambda rec, force, ax: plots.raster(rec, ax=ax), 1),
    "trains_compared": (
        lambda rec, force, ax: plots.trains_compared({"a": TRAINS, "b": TRAINS}, ax=ax),
        3,
    ),
    "force": (lambda rec, force, ax: plots.force(force, ax=ax), 1),
    "forces": (
        lambda rec, force, ax: plots.force(muscle.contract(TRAINS, muscle.fast_unit()), ax=ax),
        1,
    ),
    "forces by name": (
        lambda rec, force, ax: plots.force(muscle.contract(NAMED, muscle.fast_unit()), ax=ax),
        1,
    ),
    "raster by name": (lambda rec, force, ax: plots.raster(NAMED, ax=ax), 1),
    "fi_curve": (lambda rec, force, ax: plots.fi_curve([0.0, 1.0], [0.0, 23.3], ax=ax), 1),
    "fi_curve of a cell": (lambda rec, force, ax: plots.fi_curve(FI, ax=ax), 1),
    "bifurcation": (lambda rec, force, ax: plots.bifurcation(PICTURE, ax=ax), 2),
    "iv_curve": (lambda rec, force, ax: plots.iv_curve(equations.iv_curve(CELL, V), ax=ax), 1),
    "clamp_family": (lambda rec, force, ax: plots.clamp_family(FAMILY, ax=ax), 3),
    "boltzmann": (lambda rec, force, ax: plots.boltzmann({"NaP": FIT}, ax=ax), 1),
    "gate_curves": (
        lambda rec, force, ax: plots.gate_curves(V, equations.gate_curves(CELL, V), ax=ax),
        2,
    ),
    "gate_curves of two compartments": (
        lambda rec, force, ax: plots.gate_curves(V, equations.gate_curves(BRK, V), ax=ax),
        2,
    ),
    "gate_curves over calcium": (
        lambda rec, force, ax: plots.gate_curves(
            CA, equations.gate_curves(BRK, CA, over="Ca"), ax=ax, over="Ca [uM]"
        ),
        2,
    ),
    "force_frequency": (
        lambda rec, force, ax: plots.force_frequency(
            muscle.force_frequency(muscle.slow_unit(), np.arange(1.0, 30.0)), ax=ax
        ),
        1,
    ),
    "phase_map": (lambda rec, force, ax: plots.phase_map(SWEEP, ax=ax), 1),
    "measure_map": (
        lambda rec, force, ax: plots.measure_map(SWEEP, "rate", front="phase", ax=ax),
        1,
    ),
    "strength_duration": (
        lambda rec, force, ax: plots.strength_duration(THRESHOLDS, ax=ax),
        1,
    ),
    "escape_times": (lambda rec, force, ax: plots.escape_times(ESCAPES, ax=ax), 1),
    "basin": (lambda rec, force, ax: plots.basin(LATCHES, ax=ax), 1),
    "release": (lambda rec, force, ax: plots.release(LATCHES, ax=ax), 1),
    "slices": (lambda rec, force, ax: plots.slices(SWEEP, "rate", "K.g", ax=ax), 1),
    "marginals": (lambda rec, force, ax: plots.marginals(SWEEP, "rate", axes=ax), 2),
    "marginals of four axes": (
        lambda rec, force, ax: plots.marginals(FOUR, "rate", axes=ax),
        4,
    ),
    "slices by six": (
        lambda rec, force, ax: plots.slices(SIX, "rate", "NaP.g", at=6, ax=ax),
        1,
    ),
    "torque": (
        lambda rec, force, ax: plots.torque(TORQUE, ax=ax),
        1,
    ),
    "torque and EMG": (
        lambda rec, force, ax: plots.torque(TORQUE, motor_pool.surface_emg(RUN), ax=ax),
        2,
    ),
    "sensitivity": (lambda rec, force, ax: plots.sensitivity(INDICES, ax=ax), 1),
    "front": (lambda rec, force, ax: plots.front(SWEEP, ax=ax), 1),
    "work_precision": (lambda rec, force, ax: plots.work_precision(FRONTIER, ax=ax), 1),
}

#: What draws a figure of its own.
FIGURES = {
    "contraction": lambda rec, force, figure: plots.contraction(
        {f"{LONG}\n{LONG}": (rec, force), "Short": (rec, force)}, figure
    ),
    "overview": lambda rec, force, figure: plots.overview(rec, force, figure),
    "day": lambda rec, force, figure: plots.day(
        {f"{LONG}\n{LONG}": FULL, "Drug": typed(reached=12.0)}, figure
    ),
    "course": lambda rec, force, figure: plots.course(FOUND, figure, LONG),
}

#: They have too much to say for letters as large as a slide's in a figure of their own.
CROWDED = (
    *("gate_curves of two compartments", "release"),
    *("contraction", "overview", "course"),
)


def as_list(axes):
    return [axes] if isinstance(axes, Axes) else list(axes)


def drawn(kind, rec, force, figure):
    """Return a figure with this kind in it, a figure of its own for None."""
    if kind in FIGURES:
        return FIGURES[kind](rec, force, figure)
    draw, panels = KINDS[kind]
    given = None if figure is None else figure.subplots(panels)
    found = as_list(draw(rec, force, given))
    assert len(found) == panels
    if given is not None:
        assert found == as_list(given)
        assert any(ax.has_data() for ax in found) and all(ax.get_ylabel() for ax in found)
    (figure,) = {ax.figure for ax in found}
    return figure


def given_axes(kind, rec, force, width, height, font_size):
    """Draw into axes that are given, of which pyplot learns nothing; return the figure."""
    panels = 3 if kind in FIGURES else KINDS[kind][1]
    with plots.style(font_size=font_size):
        high = height * (0.4 + 0.6 * panels)
        given = plots.new_figure(width * (2 if kind in FIGURES else 1), high)
        made = plt.get_fignums()
        assert drawn(kind, rec, force, given) is given
        assert plt.get_fignums() == made
        assert not faults(given)
    return given


def sizes(figure, font_size):
    """Return the sizes of all that is written, beside the font size."""
    texts = figure.findobj(Text)
    return {
        round(t.get_fontsize() / font_size, 6)
        for t in texts
        if t.get_text() and t.get_visible()
    }


# What has a fixed size is too large in a column of a journal, and too small where letters are
# of a slide's size in a figure smaller than a slide.
@pytest.mark.parametrize("kind", [*KINDS, *FIGURES])
def test_words_are_whole_and_apart_and_as_large_as_asked_for(kind, rec, force):
    column = given_axes(kind, rec, force, 4.0, 2.5, 7.0)
    if kind in CROWDED:
        given_axes(kind, rec, force, 12.0, 7.0, 18.0)
    large = 15.0 if kind in CROWDED else 18.0
    # a setting that the look has otherwise: it shows a look that does not end with the figure
    with plots.style(font_size=large), mpl.rc_context({"axes.spines.top": True}):
        before = dict(mpl.rcParams)
        own = drawn(kind, rec, force, None)
        assert dict(mpl.rcParams) == before
    assert [plt.figure(number) for number in plt.get_fignums()] == [own]
    assert not faults(own)
    assert sizes(own, large) == sizes(column, 7.0)


def test_colours_are_those_of_okabe_and_ito():
    # Okabe & Ito 2008, Color Universal Design, as listed by Wong 2011 (Nat Methods 8:441)
    published = "000000 E69F00 56B4E9 009E73 F0E442 0072B2 D55E00 CC79A7".split()
    assert sorted(color.lstrip("#") for color in plots.COLORS.values()) == sorted(published)
