import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.spikes import SpikeTrains

# tenths of a millisecond: exact to compare, dense enough to hit window edges
train = st.lists(st.integers(0, 2000), unique=True, max_size=12).map(
    lambda ticks: np.sort(np.array(ticks, dtype=float)) / 10
)
trains = st.lists(train, max_size=6)


def names_of(arrays):
    return tuple(f"MU{i}" for i in range(len(arrays)))


@given(trains)
def test_trains_come_back_as_given(arrays):
    held = SpikeTrains.from_list(arrays)
    assert len(held) == len(arrays)
    for i, (out, given_array) in enumerate(zip(held, arrays, strict=True)):
        np.testing.assert_array_equal(out, given_array)
        np.testing.assert_array_equal(held[i - len(arrays)], given_array)
    assert held.counts.tolist() == [array.size for array in arrays]
    np.testing.assert_array_equal(held.lanes, np.repeat(np.arange(len(arrays)), held.counts))


@given(trains, st.integers(0, 2000), st.integers(0, 2000))
def test_window_keeps_start_and_drops_stop(arrays, a, b):
    start, stop = sorted((a / 10, b / 10))
    kept = SpikeTrains.from_list(arrays, names_of(arrays)).between(start, stop)
    later = SpikeTrains.from_list(arrays).after(start)
    assert kept.names == names_of(arrays)
    for out, rest, array in zip(kept, later, arrays, strict=True):
        assert out.tolist() == [t for t in array if start <= t < stop]
        assert rest.tolist() == [t for t in array if t >= start]


@settings(max_examples=20)
@given(trains, st.booleans())
def test_dataset_and_pickle_round_trips(arrays, named):
    held = SpikeTrains.from_list(arrays, names_of(arrays) if named else None)
    dataset = held.to_xarray()
    assert dict(dataset.sizes) == {"lane": len(arrays), "spike": held.times.size}
    assert SpikeTrains.from_xarray(dataset) == held
    again = pickle.loads(pickle.dumps(held))
    assert again == held
    assert not again.times.flags.writeable


@pytest.mark.parametrize("kind", ["zarr", "netcdf"])
def test_dataset_survives_storage(tmp_path, kind):
    held = SpikeTrains.from_list([[0.1, 5.0], [], [2.5]], ("a", "MU é", "c"))
    dataset = held.to_xarray()
    if kind == "zarr":
        dataset.to_zarr(tmp_path / "x.zarr", consolidated=False)
        opened = xr.open_zarr(tmp_path / "x.zarr", consolidated=False)
    else:
        dataset.to_netcdf(tmp_path / "x.nc")
        opened = xr.open_dataset(tmp_path / "x.nc")
    with opened:
        assert opened["spike_count"].attrs["sample_dimension"] == "spike"
        assert opened["spike_time"].attrs["units"] == "ms"
        assert SpikeTrains.from_xarray(opened) == held


def test_is_frozen_and_owns_its_data():
    source = np.array([1.0, 2.0])
    held = SpikeTrains.from_list([source])
    source[0] = 9.0
    assert held[0].tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        held[0][0] = 3.0
    with pytest.raises(FrozenInstanceError):
        held.counts = np.array([2])  # type: ignore[misc]
    with pytest.raises(TypeError):
        hash(held)


def test_equality():
    a = SpikeTrains.from_list([[1.0, 2.0], [3.0]])
    assert a == SpikeTrains(np.array([1.0, 2.0, 3.0]), np.array([2, 1]))
    assert a != SpikeTrains.from_list([[1.0], [2.0, 3.0]])
    assert a != SpikeTrains.from_list([[1.0, 2.0], [3.0]], ("a", "b"))
    assert a != SpikeTrains.from_list([[1.0, 2.5], [3.0]])
    assert a != [[1.0, 2.0], [3.0]]


def test_a_train_starts_anew_after_the_one_before():
    # later trains may start before the end of earlier ones, also across empty trains
    held = SpikeTrains.from_list([[], [5.0, 9.0], [], [1.0], [1.0], []])
    assert [array.tolist() for array in held] == [[], [5.0, 9.0], [], [1.0], [1.0], []]


def test_access_by_name_and_number():
    held = SpikeTrains.from_list([[1.0], [2.0]], ("MU1", "MU2"))
    assert held["MU2"].tolist() == held[np.int64(1)].tolist() == held[-1].tolist() == [2.0]
    with pytest.raises(InputError, match=r"no train is named 'mu2'; did you mean .*'MU2'"):
        held["mu2"]
    with pytest.raises(IndexError, match="train 2 is asked for; there are 2"):
        held[2]
    with pytest.raises(InputError, match=r"train is 1\.5; allowed: a number or a name"):
        held[1.5]  # type: ignore[index]


@pytest.mark.parametrize(
    ("arrays", "names", "message"),
    [
        ([[1.0], [3.0, 2.0]], None, r"train 1 goes from 3 to 2 ms at position 1; .*sort"),
        ([[1.0, 1.0]], ("MU1",), r"train 0 \('MU1'\) goes from 1 to 1 ms at position 1"),
        ([[], [1.0], [-0.5, 2.0]], None, r"train 2 has a spike at -0.5 ms at position 0"),
        ([[1.0], [2.0, np.nan]], None, "train 1 is nan at position 1"),
        ([[np.inf]], None, "train 0 is inf at position 0"),
        ([["a"]], None, "train 0 holds 'a'"),
        ([1.0, 2.0], None, "train 0 is 1.0; allowed: one 1-D array"),
        ([[[1.0], [2.0]]], None, "train 0 has 2 dimensions"),
        ([[[1.0], [2.0, 3.0]]], None, "train 0 is ragged"),
        ([[True, False]], None, "train 0 holds True"),
        ([[1.0]], ("a", "b"), "2 names for 1 trains"),
        ([[1.0]], "a", "one name per train"),
        ([[1.0], [2.0]], ("a", "a"), "two trains are named 'a'"),
        ([[1.0]], ("a\nb",), r"named 'a\\nb'"),
        ([[1.0]], (" a",), "remove the blanks"),
        ([[1.0]], ("",), "printable text"),
    ],
)
def test_bad_trains_are_refused_in_one_line(arrays, names, message):
    with pytest.raises(InputError, match=message) as caught:
        SpikeTrains.from_list(arrays, names)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([1], "counts add up to 1 spikes, times holds 2"),
        ([3, -1], "counts is -1 for train 1"),
        ([1.0, 1.0], "counts is float64"),
        ([[1, 1]], "2 dimensions"),
    ],
)
def test_bad_counts_are_refused(counts, message):
    with pytest.raises(InputError, match=message):
        SpikeTrains(np.array([1.0, 2.0]), np.array(counts))


def test_bad_windows_are_refused():
    held = SpikeTrains.from_list([[1.0]])
    with pytest.raises(InputError, match="start is 3 ms, stop 2 ms"):
        held.between(3.0, 2.0)
    with pytest.raises(InputError, match="start is nan"):
        held.after(np.nan)
    with pytest.raises(InputError, match="stop is 'x'"):
        held.between(0.0, "x")  # type: ignore[arg-type]


def test_foreign_datasets_are_refused():
    dataset = SpikeTrains.from_list([[1.0]]).to_xarray()
    with pytest.raises(InputError, match="no variable 'spike_count'"):
        SpikeTrains.from_xarray(dataset.drop_vars("spike_count"))
    dataset["spike_time"].attrs["units"] = "s"
    with pytest.raises(InputError, match="spike_time has units 's'"):
        SpikeTrains.from_xarray(dataset)


def test_import_is_light():
    code = (
        "import sys, mnexcite.spikes\n"
        "heavy = {'numba', 'scipy', 'xarray', 'matplotlib', 'pynwb'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
