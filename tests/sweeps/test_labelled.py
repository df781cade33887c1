"""Flags as words."""

import numpy as np
import xarray

import mnexcite as mx
from mnexcite.sweeps import labelled

FLAGS = {"flag_values": [-1, 0, 1], "flag_meanings": "pending silent tonic", "long_name": "p"}


def test_flags_become_their_meanings_and_numbers_stay():
    codes = np.array([[0, 1], [1, -1]], np.int8)
    ds = xarray.Dataset(
        {"phase": (("a", "b"), codes, FLAGS), "rate": (("a", "b"), np.eye(2))},
        {"a": [1.0, 2.0]},
    )
    told = labelled(ds)
    np.testing.assert_array_equal(told.phase == "tonic", codes == 1)
    assert told.phase.values[1, 1] == "pending"
    assert told.phase.attrs == {"long_name": "p"}
    xarray.testing.assert_identical(told.drop_vars("phase"), ds.drop_vars("phase"))
    assert ds.phase.dtype == np.int8  # the one that was given is as it was


def test_the_status_of_a_batch_in_words():
    cell = mx.cells.hodgkin_huxley_1952()
    batch = mx.simulate(cell, duration=2.0, parameters={"Na.g": [100.0, 120.0]})
    assert labelled(batch.to_xarray()).status.values.tolist() == ["ok", "ok"]


def test_a_code_without_a_meaning_is_shown():
    flags = {"flag_values": [0], "flag_meanings": "ok"}
    ds = xarray.Dataset({"status": ("x", [0, 7], flags)})
    assert labelled(ds).status.values.tolist() == ["ok", "7"]
