"""Coordinates of sweeps as axes of pictures, and grids as areas."""

import itertools

import numpy as np
import pytest
import xarray
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from matplotlib.figure import Figure

from mnexcite import measures
from mnexcite.errors import InputError
from mnexcite.plots.classes import KNOWN, looks
from mnexcite.plots.style import COLORS
from mnexcite.plots.sweep_axes import (
    axis_names,
    coordinate,
    edges,
    fixed_values,
    wrapped,
)
from mnexcite.plots.tiles import area, steps

GAPS = st.lists(st.floats(0.01, 10.0), min_size=1, max_size=30)


def one_axis(values, name="NaP.g", **attrs):
    return xarray.Dataset(coords={name: (name, values, attrs)})


@given(st.floats(-100.0, 100.0), GAPS)
def test_edges_lie_halfway_between_values(first, gaps):
    values = first + np.concatenate([[0.0], np.cumsum(gaps)])
    found = edges(values)
    assert found.size == values.size + 1
    assert np.all(found[:-1] < values) and np.all(values < found[1:])
    np.testing.assert_allclose(2.0 * found[1:-1], values[1:] + values[:-1], 1e-12, 1e-12)
    # the outer cells are symmetric, so that the value is their middle
    twice = found[[0, -2]] + found[[1, -1]]
    np.testing.assert_allclose(twice, 2.0 * values[[0, -1]], rtol=1e-12, atol=1e-12)


@given(st.floats(1e-6, 1e3), GAPS)
def test_logarithmic_edges_are_geometric_middles(first, gaps):
    ratios = 1.0 + 0.1 * np.array(gaps)
    values = first * np.concatenate([[1.0], np.cumprod(ratios)])
    found = edges(values, log=True)
    assert np.all(found[:-1] < values) and np.all(values < found[1:])
    np.testing.assert_allclose(found[1:-1] ** 2, values[1:] * values[:-1], rtol=1e-9)
    np.testing.assert_allclose(found[0] * found[1], values[0] ** 2, rtol=1e-9)


@pytest.mark.parametrize("value", [3.0, -3.0, 0.0])
def test_single_value_has_a_cell_around_it(value):
    low, high = edges(np.array([value]))
    assert low < value < high
    assert value - low == high - value


@pytest.mark.parametrize(
    ("values", "log"),
    [
        (np.geomspace(0.25, 4.0, 9) * 0.0123, True),
        (np.geomspace(4.0, 0.25, 9), True),
        (np.linspace(1.0, 4.0, 9), False),
        (np.array([1.0, 2.0]), False),
        (np.array([0.0, 1.0, 10.0]), False),
        (np.array([1.0, 2.0, 4.0, 9.0]), False),
        (np.full(3, 2.0), False),
    ],
)
def test_axis_is_logarithmic_where_its_ratios_are_equal(values, log):
    found = coordinate(one_axis(values), "NaP.g")
    assert found.log is log
    ax = Figure().subplots()
    found.scale(ax.xaxis)
    found.scale(ax.yaxis)
    assert ax.get_xscale() == ax.get_yscale() == ("log" if log else "linear")


def test_label_has_the_unit_and_the_factor(small):
    assert coordinate(small, "NaP.g").label == "NaP.g [uS]"
    assert coordinate(small, "NaP.g", factor=True).label == "NaP.g [factor]"
    assert coordinate(small, "NaP.g", factor=True).values.tolist() == [1.0, 2.0, 3.0]
    assert coordinate(small, "K.g", factor=True).label == "K.g"


def group(dim):
    """Coordinates of a group that was given as factors, beside another axis."""
    factor = {"units": "1", "long_name": "factor of Kdr.g, A.g"}
    return xarray.Dataset(
        coords={
            "K.g": (dim, [0.5, 1.0], factor),
            "K.g_factor": (dim, [0.5, 1.0], factor),
            "Kdr.g": (dim, [0.05, 0.1], {"units": "uS", "long_name": "Kdr.g"}),
            "A.g": (dim, [0.07, 0.14], {"units": "uS", "long_name": "A.g"}),
            "temperature": (dim, [36.0, 37.0], {"units": "degC"}),
            "point": ("point", [0, 1]),
            "saltelli_sample": ("point", [0, 0]),
        }
    )


def test_group_of_different_values_has_only_factors():
    assert coordinate(group("K.g"), "K.g").label == "K.g [factor]"


def test_members_of_a_group_and_numbers_of_points_are_no_axes():
    assert axis_names(group("point"), ("point",)) == ["K.g", "temperature"]


def test_what_was_held_fixed_is_said(small):
    assert fixed_values(small) == "ions.K_o 4 mM"
    one = small.isel({"NaP.g": 1})
    assert fixed_values(one) == "NaP.g 0.1 uS, ions.K_o 4 mM"
    assert fixed_values(one, factor=True) == "NaP.g × 2, ions.K_o 4 mM"
    assert fixed_values(group("point").isel(point=0)) == "K.g × 0.5, temperature 36 degC"


def test_dimension_without_a_coordinate_is_counted():
    ds = xarray.Dataset({"rate": ("lane", [1.0, 2.0])})
    assert coordinate(ds, "lane").values.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("values", [["a", "b"], [1.0, np.nan], [1.0, np.inf]])
def test_axis_without_numbers_is_refused(values):
    with pytest.raises(InputError, match=r"axis NaP.g holds .*; allowed: finite numbers"):
        coordinate(one_axis(values), "NaP.g")


@given(st.lists(st.sampled_from(["soma", "CaL", "persistent_sodium", "g"]), max_size=20))
def test_long_paths_are_broken_but_whole(parts):
    path = ".".join(parts)
    lines = wrapped(path).split("\n")
    assert "".join(lines) == path
    assert all(len(line) <= 60 for line in lines)


def test_few_values_have_their_ticks_and_many_have_not():
    ax = Figure((8, 6)).subplots()
    coordinate(one_axis([0.5, 0.6, 0.8]), "NaP.g").scale(ax.xaxis)
    assert ax.get_xticks().tolist() == [0.5, 0.6, 0.8]
    crowded = coordinate(one_axis([0.5, 0.5001, 0.8]), "NaP.g")
    crowded.scale(ax.yaxis)
    ax.set_ylim(0.4, 0.9)
    assert 0.5001 not in ax.get_yticks()


@given(arrays.arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 6))))
def test_area_covers_the_cells_and_nothing_else(mask):
    x = np.array([0.0, 1.0, 3.0, 4.0, 8.0, 9.0, 9.5])[: mask.shape[1] + 1]
    y = np.array([-1.0, 0.0, 0.5, 2.0, 3.0, 5.0, 6.0])[: mask.shape[0] + 1]
    boxes = area(mask, x, y).vertices.reshape(-1, 5, 2)
    low, high = boxes.min(axis=1), boxes.max(axis=1)
    middles = itertools.product(
        enumerate(0.5 * (y[1:] + y[:-1])), enumerate(0.5 * (x[1:] + x[:-1]))
    )
    for (row, level), (column, place) in middles:
        inside = np.all((low < [place, level]) & ([place, level] < high), axis=1)
        assert inside.sum() == mask[row, column]


@given(
    arrays.arrays(
        np.int8, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(0, 3)
    )
)
def test_steps_part_cells_of_different_classes(codes):
    rows, columns = codes.shape
    expected = set()
    for row, column in itertools.product(range(rows), range(columns)):
        for down, right in ((0, 1), (1, 0)):
            other = row + down, column + right
            if other[0] == rows or other[1] == columns:
                continue
            here, there = codes[row, column], codes[other]
            if here != there and 3 not in (here, there):
                start = (column + right, row + down)
                expected.add((start, (column + 1, row + 1)))
    found = steps(codes, np.arange(columns + 1.0), np.arange(rows + 1.0), apart=[3])
    assert {tuple(map(tuple, segment)) for segment in found.astype(int)} == expected
    assert len(found) == len(expected)


def test_known_classes_differ_in_colour_in_hatch_and_in_sign():
    phases = [phase.name.replace("_", " ") for phase in measures.PHASES] + ["pending"]
    found = looks(phases)
    for what in ("color", "hatch", "marker"):
        assert len({getattr(look, what) for look in found[:9]}) == 9
    assert len({(look.color, look.hatch) for look in found}) == 10
    assert {KNOWN[name].color for name in phases[:8]} <= set(COLORS.values())


@given(st.lists(st.sampled_from(["silent", "tonic", "burst", *"abcdefghijklmn"]), unique=True))
def test_any_classes_look_different(names):
    found = looks(names)
    assert len({(look.color, look.hatch) for look in found}) == len(names)
    if len(names) <= 7:
        assert len({look.color for look in found}) == len(names)
        assert len({look.marker for look in found}) == len(names)
