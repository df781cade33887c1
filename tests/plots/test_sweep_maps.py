"""Maps of classes and of measures."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from mnexcite import plots
from mnexcite.errors import InputError
from mnexcite.plots.classes import KNOWN
from mnexcite.plots.style import PALE


def axes():
    return Figure((8, 6)).subplots()


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def hatches(ax):
    patches = [patch for patch in ax.patches if isinstance(patch, PathPatch)]
    return {patch.get_label(): patch.get_hatch() for patch in patches}


def colors_of_cells(draw, ds, pixels):
    """Return the colour in the middle of each cell, rows of y from below."""
    rows, columns = ds["phase"].sizes["K.g"], ds["phase"].sizes["NaP.g"]
    figure = Figure((4.0, 3.0), dpi=100)
    ax = draw(ds, ax=figure.add_axes((0.0, 0.0, 1.0, 1.0)))
    ax.set_axis_off()
    ax.get_legend().remove()
    ax.set_title("")
    image = pixels(figure)[::-1]
    x = ax.transData.transform([(v, 0.5) for v in np.sort(ds["NaP.g"].values)])[:, 0]
    y = ax.transData.transform([(0.05, v) for v in np.sort(ds["K.g"].values)])[:, 1]
    found = image[np.ix_(y.astype(int), x.astype(int))]
    assert found.shape == (rows, columns, 3)
    return found


def as_pixel(color):
    return np.round(255 * np.array(to_rgb(color)))


@pytest.mark.parametrize("backwards", [False, True])
def test_each_cell_has_the_colour_of_its_class(small, pixels, backwards):
    ds = small.isel({"NaP.g": slice(None, None, -1)}) if backwards else small

    def draw(ds, ax):
        return plots.phase_map(ds, ax=ax, hatching=False)

    found = colors_of_cells(draw, ds, pixels)
    special = {6: PALE, -1: "white"}
    names = ("silent", "single", "block", "burst", "tonic", "irregular")
    for row, column in np.ndindex(4, 3):
        code = int(small["phase"].values[column, row])
        expected = special[code] if code in special else KNOWN[names[code]].color
        np.testing.assert_allclose(found[row, column], as_pixel(expected), atol=1)


def test_legend_names_what_is_there_and_nothing_else(small):
    everything = ["silent", "single", "block", "burst", "tonic", "irregular"]
    assert legend(plots.phase_map(small, ax=axes())) == [*everything, "failed", "pending"]
    part = small.isel({"K.g": [0, 1]})
    assert legend(plots.phase_map(part, ax=axes())) == [
        "silent",
        "block",
        "burst",
        "tonic",
        "failed",
    ]


def test_legend_stands_beside_the_map(small, pixels):
    figure = plots.new_figure()
    ax = plots.phase_map(small, ax=figure.subplots())
    pixels(figure)
    assert ax.get_legend().get_window_extent().x0 > ax.get_window_extent().x1
    assert ax.get_legend().get_window_extent().x1 <= figure.bbox.x1


def test_legend_leaves_a_neighbour_alone_where_there_is_no_layout(small):
    figure = Figure(figsize=(11.0, 4.5))
    left, right = figure.subplots(1, 2)
    plots.phase_map(small, ax=left)
    extent = left.get_legend().get_window_extent()
    assert left.get_window_extent().x1 < extent.x0
    assert extent.x1 < right.get_window_extent().x0


def test_given_axes_keep_their_fonts(small):
    with plt.rc_context({"font.size": 7.0}):
        ax = plots.phase_map(small, ax=Figure().subplots())
    sizes = {text.get_fontsize() for text in ax.get_legend().get_texts()}
    assert sizes == {ax.xaxis.label.get_fontsize()} == {7.0}


def test_classes_are_hatched_unless_not_wanted(small):
    found = hatches(plots.phase_map(small, ax=axes()))
    assert len(set(found.values())) == len(found)
    assert found["failed"] == "xxx"
    plain = hatches(plots.phase_map(small, ax=axes(), hatching=False))
    assert set(plain.values()) <= {"", None}


def test_axes_are_those_asked_for(small):
    ax = plots.phase_map(small, ax=axes())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("NaP.g [uS]", "K.g")
    assert ax.get_title(loc="left") == "ions.K_o 4 mM"
    np.testing.assert_allclose(ax.get_xlim(), (0.025, 0.175))
    turned = plots.phase_map(small, x="K.g", ax=axes(), factor=True)
    assert (turned.get_xlabel(), turned.get_ylabel()) == ("K.g", "NaP.g [factor]")
    np.testing.assert_allclose(turned.get_ylim(), (0.5, 3.5))


@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (1, 1)])
def test_thin_maps(sweep_of, shape):
    coords = {name: np.arange(1.0, n + 1) for name, n in zip(("a", "b"), shape, strict=True)}
    ax = plots.phase_map(sweep_of(np.full(shape, 4), ("a", "b"), coords), ax=axes())
    assert legend(ax) == ["tonic"]
    assert np.ptp(ax.get_xlim()) > 0 < np.ptp(ax.get_ylim())


def test_status_is_a_map_too(small):
    ax = plots.phase_map(small, variable="status", ax=axes())
    assert legend(ax) == ["ok", "out of range", "pending"]


def test_flags_that_were_masked_are_pending(small):
    loose = small.drop_vars("status")
    masked = loose["phase"].where(loose["phase"] != 4)
    masked.attrs = loose["phase"].attrs
    assert legend(plots.phase_map(loose.assign(phase=masked), ax=axes()))[-2:] == [
        "failed",
        "pending",
    ]


@pytest.fixture
def points(sweep_of):
    coords = {
        "NaP.g": ("point", [0.05, 0.1, 0.15, 0.2, 0.25], {"units": "uS"}),
        "K.g": ("point", [0.9, 0.5, 0.7, 0.6, 0.8], {"units": "1"}),
        "point": ("point", np.arange(5)),
    }
    return sweep_of([0, 4, 4, 6, -1], ("point",), coords)


def test_points_are_signs_of_their_classes(points):
    ax = plots.phase_map(points, ax=axes())
    assert legend(ax) == ["silent", "tonic", "failed", "pending"]
    silent, tonic, _, _ = ax.collections
    np.testing.assert_array_equal(tonic.get_offsets(), [[0.1, 0.5], [0.15, 0.7]])
    np.testing.assert_allclose(silent.get_facecolor()[0, :3], to_rgb(KNOWN["silent"].color))
    handles = ax.get_legend().legend_handles
    assert len({handle.get_marker() for handle in handles}) == 4


def test_measure_of_cells_is_not_interpolated(small, pixels):
    ax = plots.measure_map(small, "rate", ax=axes())
    mesh = ax.collections[0]
    drawn = mesh.get_array()
    np.testing.assert_array_equal(drawn.filled(-1), small["rate"].fillna(-1).values.T)
    np.testing.assert_allclose(mesh.get_coordinates()[0, :, 0], [0.025, 0.075, 0.125, 0.175])
    assert ax.figure.axes[1].get_ylabel() == "Firing rate [Hz]"
    assert legend(ax) == ["failed", "pending"]


def test_a_measure_whose_sign_matters_is_white_at_zero(small):
    signed = small.assign(rate=small["rate"] - 30.0)
    signed["rate"].attrs = {"units": "nA", "long_name": "hysteresis", "centre": 0.0}
    mesh = plots.measure_map(signed, "rate", ax=axes()).collections[0]
    low, high = mesh.get_clim()
    assert low == -high < 0.0
    np.testing.assert_allclose(mesh.cmap(mesh.norm(0.0))[:3], 1.0, atol=0.04)
    mesh = plots.measure_map(signed, "rate", ax=axes(), vmin=-5.0).collections[0]
    assert mesh.get_clim() == (-5.0, 5.0)


def test_measure_that_is_undefined_says_why(small):
    cv = small["rate"].where(small["rate"] > 20.0)
    why = small["phase"].copy(data=np.where(np.isnan(cv), 1, 0))
    why.attrs = {"flag_values": [0, 1], "flag_meanings": "ok too_few_spikes"}
    ds = small.assign(cv=cv, cv_status=why)
    ax = plots.measure_map(ds, "cv", ax=axes())
    assert legend(ax) == ["failed", "pending", "undefined (too few spikes)"]


def test_front_runs_along_edges_of_cells(small):
    ax = plots.measure_map(small, "rate", front="phase", ax=axes())
    segments = np.array(ax.collections[-1].get_segments())
    x, y = np.array([0.025, 0.075, 0.125, 0.175]), np.array([0.45, 0.55, 0.7, 0.85, 0.95])
    assert np.abs(segments[..., 0, None] - x).min(axis=-1).max() < 1e-12
    assert np.abs(segments[..., 1, None] - y).min(axis=-1).max() < 1e-12
    # counted by hand: 5 upright, 4 level; none beside failed or pending points
    assert len(segments) == 9
    assert legend(ax) == ["failed", "pending", "front of phase"]


def test_measure_of_points_has_colours(points):
    ax = plots.measure_map(points, "rate", ax=axes(), vmin=0.0, vmax=50.0)
    np.testing.assert_array_equal(ax.collections[0].get_array(), [0.0, 40.0, 40.0])
    assert ax.collections[0].get_clim() == (0.0, 50.0)
    assert legend(ax) == ["failed", "pending"]


def test_all_failed(sweep_of, pixels):
    ds = sweep_of(np.full((4, 5), 6), ("a", "b"), {"a": np.arange(4.0), "b": np.arange(5.0)})
    assert legend(plots.phase_map(ds, ax=axes())) == ["failed"]
    ax = plots.measure_map(ds, "rate", front="phase", ax=axes())
    assert legend(ax) == ["failed"]
    assert ax.figure.axes[1].get_yticks().size == 0
    assert pixels(ax.figure).min() < 250


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda ds: plots.phase_map(ds, variable="phse"), "did you mean 'phase'"),
        (
            lambda ds: plots.phase_map(ds, variable="rate"),
            "has no flag_meanings; give .*'phase'",
        ),
        (lambda ds: plots.measure_map(ds, "phase"), "holds no measure; give 'rate', or draw"),
        (lambda ds: plots.phase_map(ds, x="Nap.g"), "did you mean 'NaP.g'"),
        (lambda ds: plots.phase_map(ds, x="K.g", y="K.g"), "both 'K.g'; give two of NaP.g"),
        (
            lambda ds: plots.phase_map(ds.isel({"NaP.g": 0})),
            r"one axis left, 'K.g'; .* as in ds.isel\({'NaP.g': \[0\]}\), or draw slices",
        ),
        (
            lambda ds: plots.phase_map(ds.expand_dims({"ions.K_o": [4.0, 5.0]})),
            r"3 dimensions left: ions.K_o \(2\), NaP.g \(3\), K.g \(4\); a map has 2: .*"
            r"ds.sel\({'K.g': 0.5}\) or ds.isel\({'K.g': 0}\)",
        ),
        (
            lambda ds: plots.measure_map(
                ds.expand_dims({"ions.K_o": [4.0, 5.0]}), "rate", x="NaP.g", y="K.g"
            ),
            r"ds.sel\({'ions.K_o': 4.0}\)",
        ),
        (
            lambda ds: plots.phase_map(ds.assign_coords({"K.g": [1.0, 1.0, 2.0, 3.0]})),
            "axis K.g has a value twice",
        ),
        (
            lambda ds: plots.phase_map(
                ds.assign(phase=(ds["phase"].dims, np.full((3, 4), 9), ds["phase"].attrs))
            ),
            "holds 9, which has no meaning; allowed: 0, 1, 2, 3, 4, 5, 6 and -1",
        ),
        (
            lambda ds: plots.measure_map(ds.assign(rate=ds["rate"].max("K.g")), "rate"),
            "status has a dimension 'K.g' that 'rate' has not",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(small, call, said):
    with pytest.raises(InputError, match=said) as refused:
        call(small)
    assert "\n" not in str(refused.value)
