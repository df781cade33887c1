"""What a sweep refuses: one clear line, before any work, and nothing on the disk."""

from functools import partial

import numpy as np
import pytest
from sweep_oracle import HH, STEP, steps

import mnexcite as mx
from mnexcite import measures, sweeps

PB = mx.cells.purvis_butera_2005()
SAMPLED = measures.voltage(every=0.03)


def _named(name, **changed):
    return measures.per_point(name, lambda point: 0.0, **{"unit": "1"} | changed)


def _flagged(*flags):
    whole = measures.rate()
    output = measures.Output("own", "1", "own", flags)
    return measures.Measure((output,), whole.start, whole.update, whole.finish)


REFUSED = {
    # cell, axes, stimulus
    "no cell": ({"cell": "hh"}, "cell is str; allowed: a Cell"),
    "no axes": ({"axes": {}}, "no axis"),
    "axes of no kind": ({"axes": 5}, "axes is 5; allowed: a mapping"),
    "unknown path": ({"axes": {"NaQ.g": [1.0]}}, "NaQ"),
    "empty axis": ({"axes": {"Na.g": []}}, "1 or more"),
    "nan in an axis": ({"axes": {"Na.g": [1.0, np.nan]}}, "position 1"),
    "value twice": ({"axes": {"Na.g": [1.0, 1.0]}}, "2 times"),
    "negative g": ({"axes": {"Na.g": [-1.0, 1.0]}}, "Na.g"),
    "range in a grid": ({"axes": {"Na.g": sweeps.between(1, 2)}}, "between is for"),
    "two axes of one path": (
        {"axes": {"Kdr.g": [1.0], "K.g": mx.factors([1.0])}},
        "both set Kdr.g",
    ),
    "unknown condition": ({"axes": {"conditions.alz": [1.0]}}, "no condition 'alz'"),
    "conditions of no kind": ({"conditions": 5}, "conditions are int"),
    "condition without axis": (
        {"conditions": {"als": mx.conditions.als_early}},
        "no axis sweeps",
    ),
    "stimulus of no kind": ({"stimulus": 5}, "stimulus is int"),
    "function without axis": ({"stimulus": steps}, "no axis sweeps it"),
    "axis without function": ({"axes": {"stimulus.amplitude": [1.0]}}, "needs a function"),
    "unknown argument": (
        {"axes": {"stimulus.amplitud": [1.0]}, "stimulus": steps},
        "did you mean 'amplitude'",
    ),
    "argument refused": (
        {
            "axes": {"stimulus.duration": [-1.0, 1.0]},
            "stimulus": partial(mx.stimuli.step, 1.0, unit="uA/cm2", start=1.0),
        },
        "duration",
    ),
    "unit without area": ({"stimulus": mx.stimuli.step(1.0, unit="nA")}, "area"),
    "unit without area at points": (
        {
            "axes": {"stimulus.amplitude": [1.0]},
            "stimulus": partial(mx.stimuli.step, unit="nA"),
        },
        "area",
    ),
    "clamp": ({"stimulus": mx.stimuli.voltage_clamp(-60.0)}, "VoltageClamp"),
    # the run
    "no duration": ({"duration": 0.0}, "duration is 0.0 ms; allowed: a finite time"),
    "endless": ({"duration": np.inf}, "duration is inf"),
    "text as duration": ({"duration": "long"}, "duration is 'long'"),
    "discard too long": ({"discard": 50.0}, "less than duration"),
    "negative discard": ({"discard": -1.0}, "discard is -1"),
    "unknown method": ({"method": "rosenbrok"}, "did you mean 'rosenbrock'"),
    "reference": ({"method": "reference"}, "too slow for a sweep"),
    "dt of an adaptive method": ({"dt": 0.01}, "chooses its own steps"),
    "dt too long": ({"method": "staggered", "dt": 5.0}, "dt is 5.0 ms"),
    "tolerance of fixed steps": ({"method": "staggered", "tolerance": 1e-6}, "takes none"),
    "tolerance too large": ({"tolerance": 1.0}, "tolerance is 1.0"),
    "error and tolerance": ({"spike_error": 0.1, "tolerance": 1e-6}, "give one of them"),
    "negative error": ({"spike_error": -0.1}, "spike_error is -0.1"),
    "samples between steps": (
        {"method": "staggered", "dt": 0.02, "measures": ("rate", SAMPLED)},
        "measure 'v_min': every is 0.03 ms, which is no multiple",
    ),
    "unstable in a point": (
        {"method": "runge_kutta_4", "dt": 0.1, "axes": {"temperature": [6.3, 30.0]}},
        "unstable",
    ),
    "unknown initial": ({"initial": "rested"}, "initial is 'rested'; allowed: 'published'"),
    "initial of no kind": ({"initial": 5}, "initial is int"),
    "unknown state": ({"initial": {"Na.mm": 0.5}}, "Na.mm"),
    "gate out of range": ({"initial": {"Na.m": 1.5}}, "out of range"),
    "negative seed": ({"seed": -1}, "seed is -1"),
    "half a seed": ({"seed": 1.5}, "seed is 1.5; allowed: a whole number"),
    # measures and the motor unit
    "no measure": ({"measures": ()}, "measures are empty"),
    "unknown measure": ({"measures": ("rat",)}, "did you mean"),
    "measures of no kind": ({"measures": 5}, "measures are int"),
    "a function as a measure": ({"measures": (measures.rate,)}, "a measure is rate"),
    "measure twice": ({"measures": ("rate", "rate")}, "two measures give 'rate'"),
    "measure named status": ({"measures": (_named("status"),)}, "every sweep has"),
    "measure named as an axis": (
        {"measures": (_named("temperature"),), "axes": {"temperature": [6.3, 7.0]}},
        "a measure gives 'temperature'",
    ),
    "measure named as a dimension": (
        {"measures": (_named("point"),), "axes": sweeps.zipped({"Na.g": [1.0, 2.0]})},
        "a measure gives 'point'",
    ),
    "measure named as a part of the store": ({"measures": (_named("blocks"),)}, "'blocks'"),
    "flags without failed": ({"measures": (_flagged("yes", "no"),)}, "add 'failed'"),
    "no motor unit": ({"unit": "slow"}, "unit is 'slow'; allowed: a MotorUnit"),
    # how it is carried out
    "unknown executor": ({"executor": "slurm"}, "executor is 'slurm'; allowed: 'threads'"),
    "executor of no kind": ({"executor": 5}, "executor is int"),
    "no threads": ({"threads": 0}, "threads is 0; allowed: a whole number from 1 on"),
    "half a thread": ({"threads": 1.5}, "threads is 1.5"),
    "empty chunk": ({"chunk": 0}, "block is 0|chunk is 0"),
    "half a chunk": ({"chunk": 2.5}, "2.5; allowed: 1 or more"),
    "shard out of range": ({"shard": "3/2"}, "shard is '3/2'; allowed: i/n"),
    "shard of no kind": ({"shard": "one"}, "shard is 'one'"),
    "progress of no kind": ({"progress": 5}, "progress is 5; allowed: True, or a function"),
}


@pytest.mark.parametrize(("changed", "said"), REFUSED.values(), ids=REFUSED)
def test_refused_before_any_work(monkeypatch, tmp_path, changed, said):
    monkeypatch.setattr("mnexcite.sweeps.task.compute", _never)
    path = tmp_path / "inner" / "a.zarr"
    told = {"cell": HH, "axes": {"Na.g": [100.0, 120.0]}, "stimulus": STEP, "duration": 50.0}
    with pytest.raises(mx.InputError, match=said) as caught:
        mx.sweep(**told | changed, store=path)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def _never(*given):
    raise AssertionError("some work was done")


def test_shards_need_a_store():
    with pytest.raises(mx.InputError, match="no store to put it in; give store="):
        mx.sweep(HH, {"Na.g": [120.0]}, duration=10.0, shard="1/2")


def test_store_of_no_kind():
    with pytest.raises(mx.InputError, match="store is 5"):
        mx.sweep(HH, {"Na.g": [120.0]}, duration=10.0, store=5)


def test_a_file_or_a_strange_folder_is_left_alone(tmp_path):
    file, folder = tmp_path / "a.txt", tmp_path / "b"
    file.write_text("mine")
    folder.mkdir()
    (folder / "kept.txt").write_text("mine too")
    for path in (file, folder):
        with pytest.raises(mx.InputError, match="is not a sweep's store"):
            mx.sweep(HH, {"Na.g": [120.0]}, duration=10.0, store=path)
    assert file.read_text() == "mine"
    assert [each.name for each in folder.iterdir()] == ["kept.txt"]


OTHER_SWEEPS = {
    "values": {"axes": {"Na.g": [100.0, 121.0]}},
    "as factors": {"axes": {"Na.g": mx.factors([100 / 120, 1.0])}},
    "stimulus": {"stimulus": mx.stimuli.step(11.0, unit="uA/cm2")},
    "cell": {"cell": HH.scaled({"K.g": 1.1})},
    "duration": {"duration": 21.0},
    "discard": {"discard": 1.0},
    "tolerance": {"tolerance": 1e-5},
    "method": {"method": "staggered"},
    "seed": {"seed": 1},
    "initial": {"initial": "published"},
    "initial state": {"initial": mx.simulate(HH, duration=5.0).final_state.at(0.0)},
    "unit": {"unit": mx.muscle.fast_unit()},
    "measures": {"measures": ("rate",)},
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return a sweep whose store is whole."""
    told = {"cell": HH, "axes": {"Na.g": [100.0, 120.0]}, "stimulus": STEP, "duration": 20.0}
    told |= {"measures": ("rate", "force"), "store": tmp_path_factory.mktemp("s") / "a.zarr"}
    mx.sweep(**told)
    return told


def test_a_whole_store_of_the_same_sweep_is_only_read(monkeypatch, told):
    monkeypatch.setattr("mnexcite.sweeps.task.compute", _never)
    assert mx.sweep(**told, threads=1, chunk=1).sizes == {"Na.g": 2}


@pytest.mark.parametrize("changed", OTHER_SWEEPS.values(), ids=OTHER_SWEEPS)
def test_a_store_of_another_sweep_is_refused(monkeypatch, told, changed):
    monkeypatch.setattr("mnexcite.sweeps.task.compute", _never)
    with pytest.raises(mx.InputError, match=r"of another sweep: .* there, .* here") as caught:
        mx.sweep(**told | changed)
    assert "\n" not in str(caught.value)


def test_the_same_cell_made_otherwise_is_the_same_sweep(tmp_path):
    told = {"duration": 20.0, "store": tmp_path / "a.zarr"}
    axes = {"Na.g": [100.0, 120.0]}
    first = mx.sweep(HH.scaled({"K.g": 2.0}), axes, STEP, **told)
    again = mx.sweep(HH.replaced({"Kdr.g": 72.0}), axes, STEP, **told)
    assert first.identical(again)
