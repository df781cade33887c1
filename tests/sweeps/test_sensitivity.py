import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite import cells
from mnexcite.errors import InputError
from mnexcite.sweeps.designs.axes import between
from mnexcite.sweeps.designs.coordinates import coordinates
from mnexcite.sweeps.designs.design import grid
from mnexcite.sweeps.designs.draws import saltelli
from mnexcite.sweeps.sensitivity import sensitivity

PATHS = ("Na.m.shift", "Na.h.shift", "NaP.m.shift")
OK = {"flag_values": [0, 1, -1], "flag_meanings": "ok non_finite pending"}
FLAGS = {"flag_values": [0, 1], "flag_meanings": "silent tonic"}
CELL = cells.purvis_butera_2005()


def swept(function, ranges, samples, seed=0):
    design = saltelli(ranges, samples, seed=seed)
    values = function(*(axis.values for axis in design.axes))
    data = {
        "y": ("point", values, {"long_name": "result"}),
        "status": ("point", np.zeros(design.size, np.int8), OK),
        "phase": ("point", np.zeros(design.size, np.int8), FLAGS),
    }
    return xarray.Dataset(data, coordinates(CELL, design))


def ishigami(x, y, z):
    return np.sin(x) + 7.0 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


@pytest.fixture(scope="module")
def ishigami_sweep():
    return swept(ishigami, dict.fromkeys(PATHS, between(-np.pi, np.pi)), 4096)


def test_indices_of_the_ishigami_function(ishigami_sweep):
    # closed form: Ishigami & Homma 1990 with a = 7, b = 0.1
    a, b = 7.0, 0.1
    first = np.array([0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, 0.0])
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = first.sum() + both
    found = sensitivity(ishigami_sweep, "y", resamples=200)
    assert found["axis"].values.tolist() == list(PATHS)
    # the estimators' standard errors at 4096 samples are about 0.02 for independent points,
    # and smaller for Sobol's
    np.testing.assert_allclose(found["first_order"], first / variance, atol=0.02)
    total = (first + np.array([both, 0, both])) / variance
    np.testing.assert_allclose(found["total_order"], total, atol=0.02)
    for name, exact in (("first_order", first / variance), ("total_order", total)):
        assert (found[f"{name}_low"] <= found[name]).all()
        assert (found[f"{name}_high"] >= found[name]).all()
        assert (abs(found[name] - exact) <= found[f"{name}_high"] - found[f"{name}_low"]).all()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(0.2, 5.0), min_size=2, max_size=3), st.integers(0, 9))
def test_an_additive_model_has_no_interactions(weights, seed):
    ranges = dict.fromkeys(PATHS[: len(weights)], between(0.0, 1.0))
    ds = swept(
        lambda *x: sum(w * v for w, v in zip(weights, x, strict=True)), ranges, 1024, seed
    )
    found = sensitivity(ds, "y", resamples=2)
    exact = np.square(weights) / np.sum(np.square(weights))
    # independent points would have a standard error of up to 2 / sqrt(1024) = 0.06
    np.testing.assert_allclose(found["first_order"], exact, atol=0.06)
    np.testing.assert_allclose(found["total_order"], exact, atol=0.06)


def test_the_order_of_the_points_does_not_matter(ishigami_sweep):
    shuffled = ishigami_sweep.isel(point=np.random.default_rng(0).permutation(4096 * 5))
    one, two = (sensitivity(ds, "y", resamples=5) for ds in (ishigami_sweep, shuffled))
    assert one.identical(two)


def test_intervals_are_those_of_the_seed(ishigami_sweep):
    one, two, other = (
        sensitivity(ishigami_sweep, "y", resamples=20, seed=seed) for seed in (0, None, 1)
    )
    assert one.identical(two)
    assert one["first_order"].equals(other["first_order"])
    assert not one["first_order_low"].equals(other["first_order_low"])


def test_wider_confidence_is_a_wider_interval(ishigami_sweep):
    narrow, wide = (sensitivity(ishigami_sweep, "y", confidence=c) for c in (0.5, 0.99))
    for name in ("first_order", "total_order"):
        assert (wide[f"{name}_low"] < narrow[f"{name}_low"]).all()
        assert (wide[f"{name}_high"] > narrow[f"{name}_high"]).all()


def small(**changes):
    ds = swept(lambda x, y: x + y, dict.fromkeys(PATHS[:2], between(0.0, 1.0)), 8)
    for name, (places, value) in changes.items():
        values = ds[name].values.copy()
        values[places] = value
        ds[name] = ("point", values, ds[name].attrs)
    return ds


@pytest.mark.parametrize(
    ("ds", "variable", "message"),
    [
        (small(status=([3, 4], -1)), "y", "all 32 points, .* 2 pending"),
        (small(status=([3], 1)), "y", "1 non_finite"),
        (small(y=([3, 5], np.nan)), "y", "2 without a value of y"),
        (small(y=(slice(None), 2.0)), "y", "y is 2 at every point"),
        (small(), "phase", "'phase' is a flag"),
        (small(), "yy", "'yy' is not in the sweep; did you mean 'y'"),
        (small().isel(point=slice(3)), "y", "3 points, not all"),
        (small().isel(point=slice(12)), "y", "12 points, not all"),
        (small().isel(point=[0] * 32), "y", "32 points, not all"),
    ],
)
def test_what_has_no_indices_is_refused(ds, variable, message):
    with pytest.raises(InputError, match=message):
        sensitivity(ds, variable)


def test_another_design_is_refused():
    design = grid({"NaP.g": [0.1, 0.2]})
    ds = xarray.Dataset({"y": ("NaP.g", [1.0, 2.0])}, coordinates(CELL, design))
    with pytest.raises(InputError, match="no saltelli design"):
        sensitivity(ds, "y")


@pytest.mark.parametrize("options", [{"confidence": 0}, {"confidence": 1}, {"resamples": 0}])
def test_odd_options_are_refused(options):
    with pytest.raises(InputError, match="allowed"):
        sensitivity(small(), "y", **options)
