"""What a sweep is called and labelled with, as CF and file systems take it."""

import re

import numpy as np

import mnexcite as mx
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
    assert found["K.g"].attrs["long_name"] == "K.g" and found.attrs["title"] == "run of small"
