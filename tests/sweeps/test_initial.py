"""Where a sweep's runs begin: the same words as for single runs, the same bits."""

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import config

HH = mx.cells.hodgkin_huxley_1952()
PB = mx.cells.purvis_butera_2005()
STEP = mx.stimuli.step(20.0, unit="uA/cm2")
AXES = {"Na.g": [100.0, 110.0, 120.0, 130.0]}
ASKED = {"duration": 40.0, "measures": ("latency", "voltage")}


def told(initial, cell=HH):
    """Return first spikes of the sweep, and of single runs of its cells."""
    found = mx.sweep(cell, AXES, STEP, initial=initial, chunk=2, threads=1, **ASKED)
    runs = []
    for lane, g in enumerate(AXES["Na.g"]):
        own = initial
        if hasattr(initial, "lanes"):
            own = initial.lane(lane if initial.lanes > 1 else 0)
        runs.append(mx.simulate(cell.replaced({"Na.g": g}), STEP, duration=40.0, initial=own))
    return found["latency"].values, np.array([run.spike_times[0] for run in runs])


@pytest.mark.parametrize("initial", ["published", "rest", {"v": -60.0, "Na.h": 0.4}])
def test_a_word_or_a_mapping_means_what_it_means_to_a_single_run(initial):
    swept, single = told(initial)
    np.testing.assert_array_equal(swept, single)


def test_a_final_state_of_one_lane_or_of_each_point():
    before = mx.simulate(HH, STEP, duration=7.0, parameters={"Na.g": AXES["Na.g"]})
    each = before.final_state.at(0.0)
    swept, single = told(each)
    np.testing.assert_array_equal(swept, single)
    assert len(set(swept)) == 4
    swept, single = told(each.lane(2))
    np.testing.assert_array_equal(swept, single)


def test_experiments_begin_where_the_sweep_does():
    """A step below threshold fires from a state that is depolarised already."""
    search = mx.measures.rheobase(duration=50.0, settle=0.0)
    values = {}
    for name, initial in (("rest", "rest"), ("above", {"v": -58.5})):
        found = mx.sweep(HH, AXES, duration=1.0, measures=search, initial=initial)
        values[name] = found["rheobase"].values
    assert np.all(values["above"] < 0.9 * values["rest"])


def test_other_states_are_refused():
    state = mx.simulate(HH, duration=5.0).final_state
    pair = mx.simulate(HH, duration=5.0, parameters={"Na.g": [100.0, 120.0]}).final_state
    for initial, message in (
        (state, r"stands at 5 ms.*initial=state\.at\(0\)"),
        (pair.at(0.0), "2 lanes where the sweep has 4 points"),
        (mx.simulate(PB, duration=5.0).final_state.at(0.0), "a cell with other states"),
        ("resting", "allowed: 'published', 'rest'"),
        (3, "initial is int"),
    ):
        with pytest.raises(mx.InputError, match=message) as caught:
            mx.sweep(HH, AXES, STEP, initial=initial, **ASKED)
        assert "\n" not in str(caught.value)


def test_the_store_tells_one_state_from_another(tmp_path):
    state = mx.simulate(HH, STEP, duration=7.0).final_state.at(0.0)
    asked = {**ASKED, "store": tmp_path / "a.zarr"}
    first = mx.sweep(HH, AXES, STEP, initial=state, **asked)
    again = mx.sweep(HH, AXES, STEP, initial=state, **asked)
    assert again.identical(first)
    other = mx.simulate(HH, STEP, duration=7.5).final_state.at(0.0)
    with pytest.raises(mx.InputError, match="of another sweep"):
        mx.sweep(HH, AXES, STEP, initial=other, **asked)


def test_in_toml_a_saved_run_is_a_start(tmp_path):
    first = mx.simulate(HH, STEP, duration=7.0)
    first.save(tmp_path / "first.zarr")
    text = """
    cell.name = "hodgkin_huxley_1952"
    [run]
    duration = 10.0
    initial = "first.zarr"
    """
    done = config.run(config.loads(text, tmp_path / "run.toml")).recording
    assert done.start == 7.0 and done.began == "given"
    assert done["v"][0] == pytest.approx(first.final_state["v"][0], abs=5.0)
    axes = '\n[axes]\n"Na.g" = [100.0, 120.0]\n'
    plan = config.build_plan(config.loads_sweep(text + axes, tmp_path / "sweep.toml"))
    assert plan.numerics.initial.time == 0.0
    assert plan.numerics.initial["v"] == first.final_state["v"]
    plan = config.build_plan(config.loads_sweep(text.replace("first.zarr", "rest") + axes))
    assert plan.numerics.initial == "rest"
    with pytest.raises(mx.InputError, match="initial is 'other'; allowed"):
        config.run(config.loads(text.replace("first.zarr", "other"), tmp_path / "run.toml"))
