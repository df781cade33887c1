"""Sizes of text, titles that fit, and what axes are called."""

import matplotlib as mpl
import numpy as np
import pytest
import xarray
from matplotlib.figure import Figure

import mnexcite as mx
from mnexcite import plots
from plots.test_every_plot import LONG

PB = mx.cells.purvis_butera_2005()


def test_a_style_holds_inside_and_ends():
    before = mpl.rcParams["font.size"]
    with plots.style(font_size=8, **{"axes.grid": True}):
        with plots.style():  # what a function does for its own figure
            assert mpl.rcParams["font.size"] == 8 and mpl.rcParams["axes.grid"]
        assert mpl.rcParams["font.size"] == 8
    assert mpl.rcParams["font.size"] == before
    with plots.style():
        assert mpl.rcParams["font.size"] == 12.5
    with pytest.raises(mx.InputError, match="font_size is 0"):
        with plots.style(font_size=0):
            pass


def inside(figure, texts):
    figure.draw_without_rendering()
    for text in texts:
        box = text.get_window_extent()
        assert box.x0 >= 0.0 and box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1 + 1.0


def test_long_titles_of_cases_stay_in_their_column(rec, force):
    cases = {f"{LONG}\n{LONG}": (rec, force), "short": (rec, force), LONG: (rec, force)}
    figure = plots.contraction(cases, figure=plots.new_figure(16.0, 9.0))
    titles = [ax.title for ax in figure.axes if ax.title.get_text()]
    titles += [ax._left_title for ax in figure.axes if ax._left_title.get_text()]
    inside(figure, titles)
    first, *_, last = sorted((t.get_window_extent() for t in titles), key=lambda box: box.x0)
    assert first.x1 < last.x0
    assert " ".join(titles[0].get_text().split()) == LONG


def test_a_map_of_force_goes_from_0_to_1():
    told = {"units": "1", "long_name": "mean force after discard, fraction of fused force"}
    for highest, top in ((0.3, 1.0), (1.2, 1.2)):
        ds = xarray.Dataset(
            {"force_mean": (("a", "b"), [[0.1, 0.2], [0.2, highest]], told)},
            {"a": [1.0, 2.0], "b": [1.0, 2.0]},
        )
        ax = plots.measure_map(ds, "force_mean", ax=Figure().subplots())
        assert ax.collections[0].get_clim() == (0.0, top)
        ax = plots.measure_map(ds, "force_mean", vmin=0.1, vmax=0.2, ax=Figure().subplots())
        assert ax.collections[0].get_clim() == (0.1, 0.2)


def test_rows_of_a_raster_are_named_by_what_differs():
    batch = mx.simulate(
        PB, duration=5.0, parameters={"NaP.g": [0.02, 0.05], "Na.g": [0.7, 0.7]}
    )
    ax = plots.raster(batch, ax=Figure().subplots())
    assert [t.get_text() for t in ax.get_yticklabels()] == ["0.02", "0.05"]
    assert ax.get_ylabel() == "NaP.g [uS]"
    two = mx.simulate(PB, duration=5.0, parameters={"NaP.g": [0.02, 0.05], "Na.g": [0.7, 0.8]})
    assert plots.raster(two, ax=Figure().subplots()).get_ylabel() == "Lane"


def test_the_stimulus_is_drawn_under_the_traces():
    drive = mx.stimuli.step(0.3, unit="nA", start=2.0)
    run = mx.simulate(PB, drive, duration=5.0, record=("stimulus.i", "v"))
    axes = plots.recording(run)
    assert [ax.get_ylabel().split("\n")[0] for ax in axes] == ["Membrane voltage", "Stimulus"]
    assert axes[1].get_position().height < axes[0].get_position().height
    y = axes[1].lines[0].get_ydata()
    np.testing.assert_array_equal(y, np.where(run.t >= 2.0, 0.3, 0.0))
    axes = plots.overview(run, figure=plots.new_figure()).axes
    assert [ax.get_ylabel().split("\n")[0] for ax in axes] == [
        "Membrane voltage",
        "Stimulus",
        "Spikes",
    ]
