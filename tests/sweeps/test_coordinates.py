import json
from functools import partial

import numpy as np
import pytest
import xarray
from hypothesis import given
from hypothesis import strategies as st

import mnexcite as mx
from mnexcite.cells import factors
from mnexcite.stimuli import Stimulus, step, train, voltage_clamp
from mnexcite.sweeps.designs.axes import between
from mnexcite.sweeps.designs.coordinates import coordinates, describe
from mnexcite.sweeps.designs.design import grid, zipped
from mnexcite.sweeps.designs.draws import random, saltelli

PB = mx.cells.purvis_butera_2005()


def dataset(design, *others):
    return xarray.Dataset(coords=coordinates(PB, design, *others))


def test_values_stand_with_their_unit_and_the_source_of_the_cells_own():
    ds = dataset(grid({"NaP.g": [0.05, 0.1], "ions.K_o": [4.0, 5.0, 6.0]}))
    assert dict(ds.sizes) == {"NaP.g": 2, "ions.K_o": 3}
    assert ds["NaP.g"].values.tolist() == [0.05, 0.1]
    own = PB.parameters["NaP.g"]
    assert ds["NaP.g"].attrs == {
        "units": "uS",
        "long_name": "NaP.g",
        "own_value": 0.05,
        "source": own.source,
        "status": own.status,
    }
    assert ds["ions.K_o"].attrs["units"] == "mmol l-1"


@given(st.lists(st.floats(0.1, 10), min_size=1, unique=True))
def test_factors_are_a_second_coordinate(values):
    ds = dataset(grid({"NaP.g": factors(values)}))
    assert ds["NaP.g_factor"].values.tolist() == values
    assert ds["NaP.g_factor"].attrs["units"] == "1" and ds["NaP.g"].attrs["units"] == "uS"
    for value, absolute in zip(values, ds["NaP.g"].values, strict=True):
        assert PB.scaled({"NaP.g": value}).parameters["NaP.g"].value == absolute


def test_members_that_differ_have_their_own_values():
    ds = dataset(grid({"K.g": factors([0.5, 1.0])}))
    assert ds["K.g"].values.tolist() == ds["K.g_factor"].values.tolist() == [0.5, 1.0]
    assert ds["K.g"].attrs == {"units": "1", "long_name": "factor of Kdr.g, A.g"}
    assert (ds["Kdr.g"].dims, ds["Kdr.g"].values.tolist()) == (("K.g",), [0.65, 1.3])
    assert (ds["A.g"].attrs["units"], ds["A.g"].values.tolist()) == ("uS", [0.5, 1.0])


def test_members_that_are_alike_have_one_value():
    ds = dataset(zipped({("NaP.g", "CaN.g"): factors([1, 2])}))
    assert ds["NaP.g+CaN.g"].values.tolist() == [0.05, 0.1]
    assert ds["NaP.g+CaN.g"].attrs["long_name"] == "NaP.g, CaN.g"
    assert "NaP.g" not in ds.coords


def test_points_of_other_designs_share_a_dimension():
    ds = dataset(random({"NaP.g": between(1, 2, factor=True), "C": between(0.03, 0.05)}, 5))
    assert dict(ds.sizes) == {"point": 5} and ds["point"].values.tolist() == [0, 1, 2, 3, 4]
    assert {str(name) for name in ds.coords} == {"point", "NaP.g", "NaP.g_factor", "C"}


def test_conditions_say_what_they_are():
    ds = dataset(grid({"conditions.als_early": [0.0, 1.0], "temperature": [30.0]}))
    assert ds["conditions.als_early"].attrs["units"] == "1"
    assert ds["conditions.als_early"].attrs["long_name"] == "strength of als_early"
    assert ds["conditions.als_early"].attrs["status"] == "unverified"
    assert ds["temperature"].attrs["units"] == "degC"
    own = {"own": lambda s: lambda cell: cell.scaled({"C": s})}
    attrs = dataset(grid({"conditions.own": [1.0]}), own)["conditions.own"].attrs
    assert attrs == {"units": "1", "long_name": "strength of own"}


@pytest.mark.parametrize(
    ("key", "stimulus", "unit"),
    [
        ("stimulus.amplitude", partial(step, unit="nA"), "nA"),
        ("stimulus.amplitude", partial(partial(step, unit="nA"), unit="uA/cm2"), "uA/cm2"),
        ("stimulus.rate", partial(train, 1.0, unit="nA", count=2), "Hz"),
        ("stimulus.start", partial(step, 1.0, unit="nA"), "ms"),
        ("stimulus.amplitude", lambda amplitude: step(amplitude, unit="nA"), None),
        ("stimulus.amplitude [nA]", lambda amplitude: step(amplitude, unit="nA"), "nA"),
    ],
)
def test_an_argument_has_a_unit_where_one_is_known(key, stimulus, unit):
    ds = dataset(grid({key: [1.0, 2.0]}), None, stimulus)
    assert ds[key.split(" ")[0]].attrs.get("units") == unit


def test_a_saltelli_design_tells_its_matrices():
    ds = dataset(saltelli({"NaP.g": between(0.1, 0.2), "C": between(0.03, 0.05)}, 2))
    matrix = ds["saltelli_matrix"]
    assert matrix.values.tolist() == [0, 1, 2, 3] * 2
    assert matrix.attrs["flag_meanings"] == "A B AB_NaP.g AB_C"
    assert ds["saltelli_sample"].values.tolist() == [0] * 4 + [1] * 4


BASE = {
    "cell": PB,
    "design": grid({"NaP.g": [0.05, 0.1], "conditions.own": [0.0, 1.0]}),
    "conditions": {"own": mx.conditions.als_early},
    "stimulus": step(1.0, unit="nA"),
}


def test_a_description_is_plain_data_and_the_same_each_time():
    one, two = describe(**BASE), describe(**BASE)
    assert one == two == json.loads(json.dumps(one))
    assert one["shape"] == [2, 2] and one["axes"]["NaP.g"]["paths"] == ["NaP.g"]


def test_code_that_does_the_same_is_the_same():
    renamed = {"own": lambda strength: mx.conditions.als_early(strength)}
    assert describe(**{**BASE, "conditions": renamed}) == describe(**BASE)


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({"design": grid({"NaP.g": [0.05, 0.2], "conditions.own": [0.0, 1.0]})}, "axes"),
        ({"design": grid({"NaP.g": factors([1, 2]), "conditions.own": [0.0, 1.0]})}, "axes"),
        ({"conditions": {"own": lambda s: mx.conditions.als_early(0.5 * s)}}, "conditions"),
        ({"stimulus": step(1.1, unit="nA")}, "stimulus"),
        ({"stimulus": step(1.0, unit="uA/cm2")}, "stimulus"),
        ({"stimulus": step(1.0, unit="nA", start=1.0)}, "stimulus"),
        ({"stimulus": step(1.0, unit="nA", compartment="soma")}, "stimulus"),
        ({"stimulus": None}, "stimulus"),
        ({"stimulus": Stimulus()}, "stimulus"),
        ({"stimulus": voltage_clamp(-70.0)}, "stimulus"),
    ],
)
def test_what_changes_the_points_changes_the_description(changes, differs):
    one, two = describe(**BASE), describe(**{**BASE, **changes})
    assert one[differs] != two[differs]


@pytest.mark.parametrize("stimulus", [lambda amplitude: step(2 * amplitude, unit="nA")])
def test_a_stimulus_is_told_by_what_it_does(stimulus):
    design = grid({"stimulus.amplitude": np.linspace(0, 1, 500)})
    one = describe(PB, design, stimulus=lambda amplitude: step(amplitude, unit="nA"))
    two = describe(PB, design, stimulus=partial(step, unit="nA"))
    other = describe(PB, design, stimulus=stimulus)
    assert one == two and one["stimulus"] != other["stimulus"]


@given(st.integers(0, 9), st.integers(0, 9))
def test_a_seed_is_part_of_it(one, two):
    ranges = {"C": between(0.03, 0.05)}
    alike = describe(PB, random(ranges, 4, seed=one)) == describe(
        PB, random(ranges, 4, seed=two)
    )
    assert alike == (one == two)
