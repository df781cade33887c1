"""Slices, marginals, sensitivity and fronts of sweeps."""

import numpy as np
import pytest
import xarray
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from mnexcite import plots
from mnexcite.errors import InputError


def axes(*shape):
    return Figure((8, 6)).subplots(*shape)


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_slice_has_a_line_for_each_value(small):
    ax = plots.slices(small, "rate", "K.g", ax=axes())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("K.g", "Firing rate [Hz]")
    assert ax.get_legend().get_title().get_text() == "NaP.g [uS]"
    assert legend(ax) == ["0.05", "0.1", "0.15", "failed"]
    drawn = [line.get_ydata() for line in ax.lines if line.get_linestyle() == "-"]
    np.testing.assert_array_equal(drawn, small["rate"].values)


def test_failed_points_are_crosses_in_the_colour_of_their_line(small):
    ax = plots.slices(small, "rate", "K.g", ax=axes())
    crosses = [line for line in ax.lines if line.get_marker() == "x" and len(line.get_xdata())]
    (failed,) = crosses
    assert failed.get_xdata().tolist() == [0.6, 0.8]
    of_line = [line for line in ax.lines if line.get_label() == "0.15"]
    assert to_hex(failed.get_color()) == to_hex(of_line[0].get_color())
    # below every number that is drawn
    bottom = ax.get_ylim()[0] + failed.get_ydata()[0] * np.ptp(ax.get_ylim())
    assert bottom < 0.0
    assert min(ax.get_yticks()) >= 0.0


def test_values_are_chosen_evenly_or_nearest(small):
    assert legend(plots.slices(small, "rate", "NaP.g", at=2, ax=axes()))[:2] == ["0.5", "0.9"]
    assert legend(plots.slices(small, "rate", "NaP.g", at=[0.81], ax=axes()))[0] == "0.8"
    by_factor = plots.slices(small, "rate", "K.g", at=[2], factor=True, ax=axes())
    assert legend(by_factor) == ["2"]
    assert by_factor.get_legend().get_title().get_text() == "NaP.g [factor]"


def test_single_slice_needs_no_legend(small):
    ax = plots.slices(small.isel({"NaP.g": 0}), "rate", "K.g", ax=axes())
    assert ax.get_legend() is None
    assert ax.get_title(loc="left") == "NaP.g 0.05 uS, ions.K_o 4 mM"
    assert ax.lines[0].get_ydata().tolist() == [0.0, 0.0, 10.0, 40.0]


def test_slices_rise_along_the_axis(small):
    turned = small.isel({"K.g": [2, 0, 3, 1]})
    line = plots.slices(turned, "rate", "K.g", ax=axes()).lines[0]
    assert line.get_xdata().tolist() == [0.5, 0.6, 0.8, 0.9]
    assert line.get_ydata().tolist() == [0.0, 0.0, 10.0, 40.0]


@settings(max_examples=10)  # each draws a figure
@example(0, 1, 1, 0.0)
@example(0, 4, 6, 0.0)
@example(0, 4, 6, 0.4)
@example(0, 2, 1, 0.7)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 6), st.floats(0.0, 1.0))
def test_marginals_are_means_and_percentiles_of_what_is_there(seed, rows, columns, missing):
    random = np.random.default_rng(seed)
    rate = random.normal(size=(rows, columns))
    rate[random.random(rate.shape) < missing] = np.nan
    ds = xarray.Dataset(
        {"rate": (("a", "b"), rate)},
        {"a": np.arange(rows) + 1.0, "b": np.arange(columns) + 1.0},
    )
    first, second = plots.marginals(ds, "rate", axes=axes(1, 2))
    # expected by xarray itself, which skips what is missing
    for ax, over in ((first, "b"), (second, "a")):
        mean = ds["rate"].mean(over).values
        np.testing.assert_allclose(ax.lines[0].get_ydata(), mean, rtol=1e-12, atol=1e-12)
        if np.isfinite(rate).all():
            low, high = ds["rate"].quantile([0.1, 0.9], over).values
            band = ax.collections[0].get_paths()[0].get_extents()
            np.testing.assert_allclose([band.y0, band.y1], [low.min(), high.max()])


def test_marginals_of_points_show_each(small):
    flat = small.drop_vars("NaP.g_factor").stack(point=("NaP.g", "K.g")).reset_index("point")
    panels = plots.marginals(flat, "rate", axes=axes(1, 2))
    assert [ax.get_xlabel() for ax in panels] == ["NaP.g [uS]", "K.g"]
    known = np.isfinite(flat["rate"].values)
    for ax, name in zip(panels, ("NaP.g", "K.g"), strict=True):
        drawn = ax.collections[0].get_offsets()
        expected = np.stack([flat[name].values[known], flat["rate"].values[known]], axis=1)
        np.testing.assert_array_equal(drawn, expected)


def test_new_figure_has_a_panel_for_each_axis(sweep_of):
    names = tuple("abcd")
    ds = sweep_of(np.full((2, 2, 2, 2), 4), names, {n: [1.0, 2.0] for n in names})
    panels = plots.marginals(ds, "rate")
    assert len(panels) == len(panels[0].figure.axes) == 4
    assert len({ax.get_ylim() for ax in panels}) == 1


@pytest.mark.parametrize("draw", ["slices", "marginals"])
def test_nothing_to_draw_is_said(sweep_of, draw):
    ds = sweep_of(np.full((4, 5), 6), ("a", "b"), {"a": np.arange(4.0), "b": np.arange(5.0)})
    if draw == "slices":
        ax = plots.slices(ds, "rate", "a", ax=axes())
    else:
        ax = plots.marginals(ds, "rate")[0]
    assert [text.get_text() for text in ax.texts] == ["no point has a number"]
    assert ax.get_xlim()[0] <= 0.0 < 3.0 <= ax.get_xlim()[1]


@pytest.fixture
def indices():
    values = {"first_order": [0.6, -0.01], "total_order": [0.9, 0.3]}
    ends = {f"{name}_low": np.array(v) - 0.1 for name, v in values.items()}
    ends |= {f"{name}_high": np.array(v) + 0.2 for name, v in values.items()}
    return xarray.Dataset(
        {name: ("axis", v) for name, v in (values | ends).items()},
        {"axis": ["NaP.g", "K.g"]},
        {"variable": "mean_force"},
    )


def test_sensitivity_has_two_bars_for_each_axis(indices):
    ax = plots.sensitivity(indices, axes())
    first, total = ax.containers
    assert [bar.get_width() for bar in first] == [0.6, -0.01]
    assert [bar.get_width() for bar in total] == [0.9, 0.3]
    assert first[0].get_hatch() != total[0].get_hatch()
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["NaP.g", "K.g"]
    assert ax.get_xlabel() == "Sobol index: share of the variance of mean force"
    intervals = np.array(ax.collections[1].get_segments())[:, :, 0]
    np.testing.assert_allclose(intervals, [[0.8, 1.1], [0.2, 0.5]])
    # the first axis is on top, each pair within its row
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert all(
        abs(bar.get_y() + bar.get_height() / 2 - row) < 0.5 for row, bar in enumerate(total)
    )


def test_front_is_drawn_over_the_points_that_were_run(small):
    segments = np.array([[[0.075, 0.45], [0.075, 0.55]], [[0.075, 0.55], [0.1, 0.7]]])
    ds = small.assign(
        front_x=(("segment", "end"), segments[..., 0]),
        front_y=(("end", "segment"), segments[..., 1].T),
    )
    ax = plots.front(ds, ax=axes())
    assert legend(ax) == [
        "silent", "single", "block", "burst", "tonic", "irregular", "failed", "front",
    ]  # fmt: skip
    np.testing.assert_array_equal(ax.collections[-1].get_segments(), segments)
    tonic = ax.collections[4].get_offsets()
    np.testing.assert_allclose(tonic, [[0.05, 0.9], [0.1, 0.6], [0.1, 0.8]])
    assert sum(len(dots.get_offsets()) for dots in ax.collections[:7]) == 11


def test_no_front_was_found(small):
    empty = (("segment", "end"), np.empty((0, 2)))
    ax = plots.front(small.assign(front_x=empty, front_y=empty), ax=axes())
    assert "front" not in legend(ax)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda ds: plots.slices(ds, "rate", "Kg"),
            "axis 'Kg' is not there; did you mean 'K.g'",
        ),
        (lambda ds: plots.slices(ds, "phase", "K.g"), "holds no measure"),
        (
            lambda ds: plots.slices(ds.expand_dims({"ions.K_o": [4.0, 5.0]}), "rate", "K.g"),
            r"beside 'K.g' the sweep has .*'NaP.g'.* as in ds.isel\({'NaP.g': 0}\)",
        ),
        (
            lambda ds: plots.slices(ds, "rate", "K.g", at=[0.3]),
            "at is 0.3 at position 0; allowed: 0.025 to 0.175, the range of NaP.g",
        ),
        (lambda ds: plots.slices(ds, "rate", "K.g", at=0), "at is 0; allowed"),
        (
            lambda ds: plots.slices(ds, "rate", "K.g", at=[]),
            "at has 0 values; allowed: 1 or more",
        ),
        (lambda ds: plots.marginals(ds, "rte"), "did you mean 'rate'"),
        (lambda ds: plots.marginals(ds, "rate", axes=axes()), "holds 1 axes; allowed: 2"),
        (
            lambda ds: plots.marginals(ds.isel({"NaP.g": 0, "K.g": 0}), "rate"),
            "rate has no axis left",
        ),
        (lambda ds: plots.sensitivity(ds), "indices lack 'first_order'"),
        (lambda ds: plots.front(ds), "ds has no 'front_x'"),
    ],
)
def test_bad_input_is_refused_in_one_line(small, call, said):
    with pytest.raises(InputError, match=said) as refused:
        call(small)
    assert "\n" not in str(refused.value)
