"""A result says whose it is: in memory, in a store, in a saved run."""

from functools import partial

import xarray
from sweep_oracle import HH, STEP, steps

import mnexcite as mx
from mnexcite import measures
from mnexcite.channels import Channel, Gate, kinetics
from mnexcite.engine.methods import DEFAULT_METHOD

GATE = Gate("m", inf=kinetics.boltzmann, tau=100.0, half=-35.0, slope=5.0)
SICK = HH.scaled({"Na.g": 0.5}).with_channel(Channel("KCNQ", g=0.7, E=-77.0, gates=[GATE]))


def test_a_sweep_tells_cell_stimulus_measures_and_unit(tmp_path):
    path = tmp_path / "a.zarr"
    told = {"measures": ("rate", measures.contraction(level=0.2)), "duration": 30.0}
    found = mx.sweep(SICK, {"K.g": [30.0]}, STEP, store=path, **told)
    with xarray.open_zarr(path, chunks=None) as opened:
        for attrs in (found.attrs, opened.attrs):
            assert attrs["cell"] == HH.name
            assert "Na.g: 120 -> 60 mS/cm2" in attrs["cell_changes"]
            assert "KCNQ.g: added: 0.7 mS/cm2" in attrs["cell_changes"]
            assert attrs["stimulus"].startswith("current [uA/cm2]: ")
            assert "level 0.2" in attrs["measures"]
            assert attrs["motor_unit"].startswith("slow unit (contraction_time")
            assert "mnexcite" in attrs["software"] and attrs["instruction_set"]
            assert (attrs["method"], attrs["seed"]) == (DEFAULT_METHOD, 0)
            assert all(name.isidentifier() for name in attrs)  # as CF allows them


def test_a_drive_of_each_point_is_told_by_its_function():
    drive = partial(steps, start=3.0)
    found = mx.sweep(HH, {"stimulus.amplitude": [1.0]}, drive, duration=5.0)
    assert found.attrs["stimulus"].startswith("of each point: ")
    assert "start 3.0" in found.attrs["stimulus"]


def test_a_recording_tells_the_same_and_keeps_it(tmp_path):
    drive = mx.stimuli.step(5.0, unit="uA/cm2", start=10.0, duration=20.0)
    rec = mx.simulate(SICK, drive, duration=30.0, initial={"v": -60.0})
    rec.save(tmp_path / "a.zarr")
    for run in (rec, mx.load(tmp_path / "a.zarr")):
        attrs = run.to_xarray().attrs
        assert "Na.g: 120 -> 60 mS/cm2" in attrs["cell_changes"]
        assert attrs["stimulus"] == "current [uA/cm2]: 5.0 from 10 ms, 0.0 from 30 ms"
        assert attrs["initial"] == "published but v -60.0"
    more = mx.simulate(HH, duration=5.0, initial="rest")
    assert more.initial == "rest" and more.stimulus == "none"


def test_each_lane_tells_its_own_stimulus():
    drives = [mx.stimuli.step(float(k), unit="uA/cm2") for k in range(3)]
    batch = mx.simulate(HH, drives, duration=5.0)
    assert [rec.stimulus for rec in batch] == [
        f"current [uA/cm2]: {float(k)!r} from 0 ms" for k in range(3)
    ]
    assert "lane 2: current [uA/cm2]: 2.0" in batch.to_xarray().attrs["stimulus"]
