"""What a sweep is called and labelled with, as CF and file systems take it."""

import re

import numpy as np
import xarray

import mnexcite as mx
from mnexcite.sweeps.designs.units import in_own_units
from small_cells import DRIVE, SMALL


def labelled():
    axes = {"NaP.g": mx.factors([1.0, 1.1]), "K.g": [9.0, 10.0]}
    told = dict(duration=20.0, initial="published", measures=("rate", "phase"))
    return mx.sweep(SMALL, axes, DRIVE, **told)


def test_names_are_taken_by_every_file_system():
    assert all(re.fullmatch(r"[A-Za-z][\w.+]*", str(name)) for name in labelled().variables)


def test_flags_are_of_their_variables_own_type_and_coordinates_have_no_fill():
    found = labelled()
    flagged = [each for each in found.variables.values() if "flag_values" in each.attrs]
    assert len(flagged) == 3
    for each in flagged:
        assert each.attrs["flag_values"].dtype == each.dtype
        words = each.attrs["flag_meanings"].split()
        assert len(words) == each.attrs["flag_values"].size
        assert all(re.fullmatch(r"[\w.+@-]+", word) for word in words)
    assert all(found[name].encoding["_FillValue"] is None for name in found.coords)
    assert found.attrs["title"] and found.attrs["history"] and found.attrs["Conventions"]


def test_a_batch_has_them_too():
    found = mx.simulate(SMALL, DRIVE, duration=5.0, parameters={"K.g": [9.0, 10.0]}).to_xarray()
    assert found["status"].attrs["flag_values"].dtype == found["status"].dtype == np.int32
    assert found["K.g"].attrs["long_name"] == "K.g" and found.attrs["title"] == "runs of small"


def test_units_are_spelled_as_udunits_does_and_read_back():
    # what UDUNITS-2 takes of these was looked up with cf-units 3.3
    for unit, spelled in (
        ("mM", "mmol l-1"),
        ("uM/(uA/cm2 ms)", "umol l-1/(uA/cm2 ms)"),
        ("mM-1", "mmol-1 l1"),
        ("mM per spike of all units", "1"),
        ("", "1"),
        ("mS/cm2", "mS/cm2"),
    ):
        assert mx.errors.cf(unit) == spelled
    assert [mx.errors.from_cf(mx.errors.cf(u)) for u in ("uA/mM", "mM/ms")] == [
        "uA/mM",
        "mM/ms",
    ]
    carried = xarray.DataArray([0.004, 0.005], attrs={"units": "mol l-1"})
    cell = mx.cells.purvis_butera_2005()
    assert in_own_units(cell, mx.sweeps.grid({"ions.K_o": carried})).axes[0].unit == "mM"


def test_every_dataset_says_what_it_is():
    run = mx.simulate(SMALL, DRIVE, duration=20.0)
    for made in (
        run.to_xarray(),
        mx.muscle.contract([10.0, 40.0], mx.muscle.slow_unit()).to_xarray(),
        mx.spikes.SpikeTrains.from_list([[10.0]]).to_xarray(),
    ):
        assert made.attrs["title"] and made.attrs["history"] and made.attrs["Conventions"]
        assert all(made[name].encoding["_FillValue"] is None for name in made.coords)
