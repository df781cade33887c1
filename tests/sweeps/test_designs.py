import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.sweeps.designs.axes import axis_of, between
from mnexcite.sweeps.designs.design import Design, grid, table, zipped
from mnexcite.sweeps.designs.draws import latin_hypercube, random, saltelli, sobol

RANGES = {
    "NaP.g": between(1, 4, factor=True),
    "ions.K_o": between(3, 6),
    ("Kdr.g", "A.g"): between(0.1, 10, log=True),
}
DRAWN = (random, latin_hypercube, sobol, saltelli)
LISTS = st.lists(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5, unique=True),
    min_size=1,
    max_size=4,
)


@given(LISTS)
def test_a_grid_is_every_combination_in_c_order(lists):
    design = grid({f"x{k}": values for k, values in enumerate(lists)})
    assert design.dims == design.names == tuple(f"x{k}" for k in range(len(lists)))
    assert design.shape == tuple(map(len, lists)) and design.seed is None
    expected = list(itertools.product(*lists))
    found = design.at(np.arange(design.size))
    assert list(zip(*(found[name] for name in design.names), strict=True)) == expected


@given(LISTS, st.data())
def test_some_points_are_those_of_all(lists, data):
    design = grid({f"x{k}": values for k, values in enumerate(lists)})
    points = data.draw(st.lists(st.integers(0, design.size - 1), max_size=20))
    every = design.at(np.arange(design.size))
    for name, values in design.at(points).items():
        assert values.tolist() == every[name][points].tolist()


def test_a_large_grid_is_never_spelt_out():
    tracemalloc.start()
    design = grid({f"x{k}": np.arange(1000.0) for k in range(4)})
    found = design.at([0, design.size - 1, 123_456_789_012])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert design.size == 10**12
    assert found["x0"].tolist() == [0, 999, 123] and found["x3"].tolist() == [0, 999, 12]
    assert peak < 2e6


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=1))
def test_lists_are_zipped(pairs):
    first, second = zip(*pairs, strict=True)
    for make, kind in ((zipped, "zipped"), (table, "table")):
        design = make({"a": first, "b": second})
        assert (design.kind, design.dims, design.shape) == (kind, ("point",), (len(pairs),))
        found = design.at(np.arange(len(pairs)))
        assert list(zip(found["a"], found["b"], strict=True)) == pairs


@pytest.mark.parametrize("make", DRAWN)
def test_points_are_those_of_the_seed(make):
    one, same, none = make(RANGES, 16), make(RANGES, 16, seed=0), make(RANGES, 16, seed=None)
    assert one == same == none and one.seed == 0
    assert make(RANGES, 16, seed=1) != one
    assert one.names == ("NaP.g", "ions.K_o", "Kdr.g+A.g")
    assert [axis.is_factor for axis in one.axes] == [True, False, False]


@pytest.mark.parametrize("make", DRAWN)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), power=st.integers(0, 6))
def test_points_lie_in_their_ranges(make, seed, power):
    design = make(RANGES, 2**power, seed=seed)
    found = design.at(np.arange(design.size))
    for label, given_range in zip(design.names, RANGES.values(), strict=True):
        assert found[label].min() >= given_range.lo and found[label].max() <= given_range.hi


@pytest.mark.parametrize("make", [latin_hypercube, sobol])
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_each_axis_is_filled_evenly(make, seed):
    design = make({"a": between(0, 64), "b": between(1, np.exp(64), log=True)}, 64, seed=seed)
    a, b = (axis.values for axis in design.axes)
    # one in each of 64 equal parts: the definition of a Latin hypercube, and a property of
    # every scrambled Sobol net
    assert sorted(np.floor(a)) == sorted(np.floor(np.log(b))) == list(range(64))


def test_more_random_points_begin_with_the_same_ones():
    few, many = random(RANGES, 10, seed=3), random(RANGES, 100, seed=3)
    for name, values in few.at(np.arange(10)).items():
        assert many.at(np.arange(10))[name].tolist() == values.tolist()


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 5), st.integers(0, 5), st.integers(0, 99))
def test_a_saltelli_design_exchanges_one_axis_at_a_time(count, power, seed):
    design = saltelli({f"x{k}": between(0, 1) for k in range(count)}, 2**power, seed=seed)
    assert design.size == 2**power * (count + 2)
    values = np.stack([axis.values for axis in design.axes], axis=-1)
    for a, b, *mixed in values.reshape(2**power, count + 2, count):
        for k, point in enumerate(mixed):
            expected = a.copy()
            expected[k] = b[k]
            assert point.tolist() == expected.tolist()


@pytest.mark.parametrize("make", [sobol, saltelli])
@pytest.mark.parametrize(
    ("points", "near"), [(3, "2 or 4"), (100, "64 or 128"), (2**31, str(2**30))]
)
def test_balance_needs_a_power_of_two(make, points, near):
    with pytest.raises(InputError, match=rf"points is {points}; .* such as {near}$"):
        make(RANGES, points)


@pytest.mark.parametrize("make", DRAWN)
@pytest.mark.parametrize(
    ("ranges", "points", "seed", "message"),
    [
        (RANGES, 0, 0, "points is 0"),
        (RANGES, 2.0, 0, "points is 2.0"),
        (RANGES, 2, -1, "seed is -1"),
        (RANGES, 2, 0.5, "seed is 0.5"),
        ({}, 2, 0, "ranges"),
        ([1, 2], 2, 0, "ranges"),
        ({"C": [1, 2], "B": [1, 2]}, 2, 0, "axis 'C' is list; allowed .*between"),
        ({"C": between(1, 2), ("C",): between(1, 2)}, 2, 0, "'C' is given twice"),
        ({"C": between(1, 2), "temperature:factor": between(1, 2)}, 2, 0, "of its own"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make, ranges, points, seed, message):
    with pytest.raises(InputError, match=message):
        make(ranges, points, seed=seed)


def test_one_axis_has_no_variance_to_share():
    with pytest.raises(InputError, match="saltelli has 1 range"):
        saltelli({"C": between(1, 2)}, 8)


@pytest.mark.parametrize(
    ("make", "axes", "message"),
    [
        (grid, {}, "no axis"),
        (grid, [1, 2], "axes is \\[1, 2\\]; allowed: a mapping"),
        (grid, {"C": [1, 2, 1.0]}, "'C' has 1 2 times; allowed: different values"),
        (grid, {"C": [1], ("C",): [2]}, "'C' is given twice"),
        (zipped, {"C": [1, 2], "B": [1]}, "C has 2, B has 1"),
        (table, {"C": [1, 2], "B": [1]}, "C has 2, B has 1"),
    ],
)
def test_what_is_no_design_is_refused(make, axes, message):
    with pytest.raises(InputError, match=message):
        make(axes)


@pytest.mark.parametrize("points", [[-1], [6], [0, 99], [0.5]])
def test_points_outside_are_refused(points):
    with pytest.raises(InputError, match="points"):
        grid({"C": [1, 2, 3], "B": [1, 2]}).at(points)


def test_no_point_is_no_value():
    assert grid({"C": [1, 2]}).at([])["C"].shape == (0,)


def test_designs_compare_by_their_points():
    axis = axis_of("C", [1.0, 2.0])
    assert Design("grid", (axis,)) == grid({"C": [1, 2]}) != zipped({"C": [1, 2]})
