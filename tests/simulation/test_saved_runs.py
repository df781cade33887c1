"""Runs as labelled datasets, and runs on disk."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import xarray

import mnexcite
from mnexcite import Batch, Recording, cells, load, simulate, stimuli
from mnexcite.disk.replacing import beside
from mnexcite.errors import InputError, StorageError
from waiting import PATIENCE

HH, BRK = cells.hodgkin_huxley_1952(), cells.booth_rinzel_kiehn_1997()
STEP = stimuli.step(15.0, unit="uA/cm2")


@pytest.fixture(scope="module")
def recording():
    return simulate(HH, STEP, duration=40.0, record=("v", "Na.i", "Na.m"), discard=5.0)


@pytest.fixture(scope="module")
def saved(recording, tmp_path_factory):
    """Return where the recording is saved: to be read and copied only."""
    recording.save(path := tmp_path_factory.mktemp("saved") / "run.zarr")
    return path


@pytest.fixture(scope="module")
def fixed():
    return simulate(HH, STEP, duration=10.0, method="staggered")


@pytest.fixture(scope="module")
def batch():
    with pytest.warns(match="out_of_range"):
        return simulate(
            HH,
            [STEP, STEP * 0.0, stimuli.step(1e6, unit="uA/cm2", start=9.0)],
            duration=40.0,
            parameters={"Na.g": [110.0, 120.0, 130.0], "ions.K_o": [10.0, 9.0, 11.0]},
            record=("v", "Na.i"),
        )


def test_a_recording_as_a_dataset(recording):
    ds = recording.to_xarray()
    assert ds["v"].dims == ("time",) and ds["v"].attrs["units"] == "mV"
    assert ds["Na.i"].attrs["units"] == "uA/cm2" and ds["Na.m"].attrs["units"] == "1"
    assert ds["time"].attrs["units"] == ds["spike_time"].attrs["units"] == "ms"
    np.testing.assert_array_equal(ds["spike_time"], recording.spike_times)
    np.testing.assert_array_equal(ds["time"], recording.t)
    assert all(ds[name].attrs["long_name"] for name in ds.variables)
    flags = ds["status"].attrs
    assert flags["flag_meanings"].split()[int(ds["status"])] == recording.status == "ok"
    assert len(flags["flag_meanings"].split()) == len(flags["flag_values"])
    assert ds.attrs["cell"] == HH.name and ds.attrs["method"] == recording.method
    assert ds["tolerance"] == recording.tolerance and ds["tolerance"].attrs["units"] == "1"
    assert not {"dt", "spike_error"} & set(ds.variables)
    assert ds.attrs["discard"] == 5.0
    assert mnexcite.__version__ in ds.attrs["software"]


def test_a_recording_of_fixed_steps_as_a_dataset(fixed):
    ds = fixed.to_xarray()
    assert ds["dt"] == fixed.dt == HH.dt and ds["dt"].attrs["units"] == "ms"
    assert "tolerance" not in ds.variables


def test_a_batch_as_a_dataset(batch):
    ds = batch.to_xarray()
    assert ds["v"].dims == ("lane", "time") and dict(ds.sizes)["lane"] == 3
    np.testing.assert_array_equal(ds["Na.g"], [110.0, 120.0, 130.0])
    assert ds["Na.g"].attrs["units"] == "mS/cm2" and ds["ions.K_o"].attrs["units"] == "mmol l-1"
    assert {"source", "status"} <= ds["Na.g"].attrs.keys()
    # CF contiguous ragged arrays: counts of a lane say how many of the times are its own
    assert ds["spike_count"].attrs["sample_dimension"] == "spike"
    counts = ds["spike_count"].values
    assert counts.sum() == ds.sizes["spike"]
    ends = np.cumsum(counts)
    for lane in range(3):
        times = ds["spike_time"].values[ends[lane] - counts[lane] : ends[lane]]
        np.testing.assert_array_equal(times, batch.spike_times[lane])
    meanings = ds["status"].attrs["flag_meanings"].split()
    assert [meanings[code] for code in ds["status"].values] == list(batch.status)
    assert batch.status == ("ok", "ok", "out_of_range")


def test_a_silent_batch_without_samples_as_a_dataset():
    ds = simulate(HH, duration=2.0, parameters={"Na.g": [100.0, 120.0]}).to_xarray()
    assert ds.sizes["spike"] == 0 and "time" not in ds.variables


def same(one, other):
    np.testing.assert_array_equal(one.t, other.t)
    assert one.data.keys() == other.data.keys()
    for name in one.data:
        np.testing.assert_array_equal(one.data[name], other.data[name])
    assert dict(one.units) == dict(other.units)
    assert one.final_state == other.final_state
    for key in ("status", "start", "duration", "discard", "method"):
        assert getattr(one, key) == getattr(other, key), key
    for key in ("ended", "dt", "tolerance", "spike_error", "steps"):
        assert type(getattr(one, key)) is type(getattr(other, key)), key
        np.testing.assert_array_equal(getattr(one, key), getattr(other, key), key)
    assert {p: v.value for p, v in one.cell.parameters.items()} == {
        p: v.value for p, v in other.cell.parameters.items()
    }


def test_a_recording_comes_back(recording, tmp_path):
    recording.save(tmp_path / "deep" / "run.zarr")
    again = load(tmp_path / "deep" / "run.zarr")
    assert isinstance(again, Recording)
    same(recording, again)
    np.testing.assert_array_equal(again.spike_times, recording.spike_times)
    assert again.cell.name == HH.name
    assert dict(again.cell.parameters) == dict(HH.parameters)


def test_a_batch_comes_back(batch, tmp_path):
    batch.save(str(tmp_path / "run.zarr"))
    again = load(str(tmp_path / "run.zarr"))
    assert isinstance(again, Batch)
    same(batch, again)
    for lane in range(3):
        np.testing.assert_array_equal(again.spike_times[lane], batch.spike_times[lane])
    assert again.parameters.keys() == batch.parameters.keys()
    for path, values in batch.parameters.items():
        np.testing.assert_array_equal(again.parameters[path], values)


@pytest.mark.parametrize(
    "options",
    [
        {"record": ("v", "soma.v", "dendrite.Ca"), "parameters": {"temperature": [30.0, 37.0]}},
        {"record": ("dendrite.CaL.m",), "method": "exponential_euler"},
        {"record": ("v",), "method": "dormand_prince", "tolerance": 1e-4},
        {"record": (), "method": "reference"},
        {"record": (), "spike_error": 0.01},
        {"record": (), "spike_error": 0.01, "parameters": {"soma.Na.g": [100.0, 120.0]}},
    ],
)
def test_other_shapes_come_back(options, tmp_path):
    run = simulate(BRK, duration=3.0, **options)
    run.save(tmp_path / "run.zarr")
    same(run, load(tmp_path / "run.zarr"))


def test_a_saved_run_is_an_ordinary_dataset(recording, saved):
    with xarray.open_zarr(saved, consolidated=False, chunks=None) as ds:
        np.testing.assert_array_equal(ds["v"][0], recording["v"])


def test_an_older_run_is_replaced_and_nothing_else_is(saved, tmp_path):
    path = tmp_path / "run.zarr"
    shutil.copytree(saved, path)
    shorter = simulate(HH, duration=2.0)
    shorter.save(path)
    assert load(path).duration == 2.0
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not a saved run; choose another name"):
        shorter.save(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter.txt").read_text(encoding="utf-8") == "mine"
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not a saved run"):
        shorter.save(tmp_path / "notes.txt")
    with pytest.raises(InputError, match="not a saved run"):
        other = tmp_path / "other.zarr"
        xarray.Dataset({"mine": ("x", np.arange(3))}).to_zarr(
            other, consolidated=False, zarr_format=3
        )
        shorter.save(other)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "notes.txt",
        "other.zarr",
        "run.zarr",
        "thesis",
    ]


def test_saving_that_fails_leaves_the_older_run(recording, saved, tmp_path, monkeypatch):
    path = tmp_path / "run.zarr"
    shutil.copytree(saved, path)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xarray.Dataset, "to_zarr", full)
    with pytest.raises(StorageError, match=r"cannot write.*No space left.*free some space"):
        simulate(HH, duration=2.0).save(path)
    same(recording, load(path))
    assert [p.name for p in tmp_path.iterdir()] == ["run.zarr"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes of this kind")
def test_stopped_while_saving_over_an_older_run(tmp_path, forked):
    """Whatever the moment and the way, the older or the newer run is there, whole."""
    code = "import sys, stopped_saves; stopped_saves.main(*sys.argv[1:])"
    done = subprocess.run(
        [*forked, "-c", code, tmp_path, "kill", "raise"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    for way in ("kill", "raise"):
        found = [float(duration) for how, duration in lines if how == way]
        assert set(found) == {4.0, 2.0} and found == sorted(found, reverse=True)
        assert len(found) >= 5


def test_what_a_killed_process_left_is_put_into_place(saved, tmp_path):
    path, shorter = tmp_path / "run.zarr", simulate(HH, duration=2.0)
    shutil.copytree(saved, path)
    aside, fresh = beside(path, "old"), beside(path, "new")
    path.rename(aside)  # killed before the new one was whole
    fresh.mkdir()
    assert load(path).duration == 40.0
    path.rename(aside)  # killed when it was
    shorter.save(tmp_path / "other.zarr")
    fresh.rmdir()
    (tmp_path / "other.zarr").rename(fresh)
    assert load(path).duration == 2.0
    shorter.save(path)
    assert [p.name for p in tmp_path.iterdir()] == ["run.zarr"]


FILES = (
    "zarr.json",
    "v/zarr.json",
    "v/c/0/0",
    "state/c/0/0",
    "time/zarr.json",
    "status/zarr.json",
)


@pytest.mark.parametrize("damage", ["flip", "cut", "zero", "remove"])
@pytest.mark.parametrize("file", FILES)
def test_damage_is_refused_in_one_line(saved, tmp_path, damage, file):
    shutil.copytree(saved, tmp_path / "run.zarr")
    where = tmp_path / "run.zarr" / file
    data = bytearray(where.read_bytes())
    if damage == "remove":
        where.unlink()
    else:
        half = len(data) // 2
        data[half] ^= 1
        where.write_bytes({"flip": data, "cut": data[:half], "zero": bytes(len(data))}[damage])
    with pytest.raises(
        (StorageError, InputError), match=r"damaged in|not a saved run"
    ) as caught:
        load(tmp_path / "run.zarr")
    assert "\n" not in str(caught.value)


def test_a_place_that_cannot_be_written(recording, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot write"):
        recording.save(tmp_path / "file" / "run.zarr")


@pytest.mark.filterwarnings("ignore::zarr.errors.ZarrUserWarning")
def test_what_cannot_be_loaded(saved, tmp_path):
    with pytest.raises(StorageError, match="there is no such folder"):
        load(tmp_path / "nowhere.zarr")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zarr").write_text("not a folder", encoding="utf-8")
    xarray.Dataset({"v": ("time", np.zeros(3))}).to_zarr(
        tmp_path / "other.zarr", consolidated=False, zarr_format=3
    )
    shutil.copytree(saved, tmp_path / "torn.zarr")
    (tmp_path / "torn.zarr" / "zarr.json").write_text('{"zarr_format":', encoding="utf-8")
    shutil.copytree(saved, tmp_path / "partial.zarr")
    (tmp_path / "partial.zarr" / "state_raw" / "zarr.json").unlink()
    for name in ("empty", "text.zarr", "other.zarr", "torn.zarr", "partial.zarr"):
        with pytest.raises((InputError, StorageError)) as caught:
            load(tmp_path / name)
        message = str(caught.value)
        assert name in message and "\n" not in message
