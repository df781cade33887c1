"""Points whose runs fail: a status and a reason, and nothing else touched."""

import warnings

import numpy as np
import pytest
from sweep_oracle import HH, STEP, WATCHING, meanings, steps

import mnexcite as mx
from mnexcite import measures
from mnexcite.engine.status import BY_NAME
from mnexcite.errors import RunWarning
from mnexcite.sweeps import watch

pytestmark = pytest.mark.filterwarnings("ignore:.*did not end well:mnexcite.errors.RunWarning")

BAD = 5000.0  # uA/cm2: drives the voltage out of range
AXES = {"stimulus.amplitude": [0.0, 10.0, BAD, 20.0], "Na.g": mx.factors([0.5, 1.0])}
GOOD = {**AXES, "stimulus.amplitude": [0.0, 10.0, 20.0]}
OWN = (
    measures.per_point("mine", lambda point: 1.0 / point.spike_times.size, unit="1"),
    measures.streaming(
        "top",
        lambda span: np.zeros(span.lanes),
        lambda top, w: np.maximum(top, w.v.max(axis=1, initial=-np.inf)),
        lambda top, ending: top,
        unit="mV",
        every=0.5,
    ),
)
TOLD = {"duration": 80.0, "measures": (*WATCHING, OWN[1])}


@pytest.mark.parametrize("longest", [1e4, 9.0])
@pytest.mark.parametrize("how", [{}, {"method": "staggered"}], ids=["adaptive", "fixed"])
def test_failed_points_say_why_and_leave_the_others_alone(monkeypatch, how, longest):
    monkeypatch.setattr(watch, "LONGEST", longest)
    with pytest.warns(RunWarning, match="2 of 8 points did not end well: 2 out_of_range: a"):
        found = mx.sweep(HH, AXES, steps, **TOLD, **how)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        good = mx.sweep(HH, GOOD, steps, **TOLD, **how)
    failed = found.isel({"stimulus.amplitude": 2})
    for reason in meanings(failed["status"]).ravel():
        assert reason in BY_NAME
        assert reason != "ok"
        assert BY_NAME[reason].remedy
    rest = found.isel({"stimulus.amplitude": [0, 1, 3]})
    for name in good:
        if name == "began":
            assert set(meanings(found[name]).ravel()) == {"rest"}
        elif found[name].dtype == np.int8 and name != "status":
            assert set(meanings(failed[name]).ravel()) == {"failed"}, name
        elif name != "status":
            assert np.isnan(failed[name]).all(), name
        assert rest[name].values.tobytes() == good[name].values.tobytes(), name
    assert set(meanings(rest["status"]).ravel()) == {"ok"}


def test_nan_stands_only_beside_a_flag():
    found = mx.sweep(HH, AXES, steps, **TOLD)
    beside = {
        "latency": "latency_status",
        "cv": "cv_status",
        "adaptation": "adaptation_status",
        "fusion_index": "fusion_index_status",
        "fasciculation_singles": "fasciculation_singles_status",
        "top": "top_status",
        **dict.fromkeys(("spike_peak", "half_width", "ahp_depth"), "spike_shape_status"),
    }
    for name in found:
        if found[name].dtype == np.float64:
            undefined = np.isnan(found[name].values)
            flag = found[beside.get(name, "status")].values
            assert not undefined[flag == 0].any(), name


def test_progress_counts_failures_by_kind():
    seen = []
    mx.sweep(HH, AXES, steps, duration=60.0, chunk=1, progress=seen.append)
    assert [now.done for now in seen] == list(range(9))
    assert seen[-1].failures == {"out_of_range": 2}
    assert seen[-1].left == 0.0
    assert seen[0].left is None


def test_points_without_rest_begin_at_the_published_state_and_say_so():
    axes = {"K.g": mx.factors([0.2, 1.0]), "Na.g": mx.factors([1.0, 2.0])}
    found = mx.sweep(HH, axes, duration=30.0, measures=WATCHING)
    assert set(meanings(found["status"]).ravel()) == {"ok"}
    began = meanings(found["began"])
    assert set(began.ravel()) == {"rest", "no_rest"}
    published = mx.sweep(HH, axes, duration=30.0, measures=WATCHING, initial="published")
    assert "began" not in published
    for i, j in np.argwhere(began == "no_rest"):
        cell = HH.scaled({"K.g": (0.2, 1.0)[i], "Na.g": (1.0, 2.0)[j]})
        assert not any(e.rest for e in mx.equations.equilibria(cell))
        assert found["v_mean"][i, j].item() == published["v_mean"][i, j].item()
        with pytest.warns(mx.RunWarning, match=r"1 of 1 lanes have no stable rest.*\.began"):
            assert mx.simulate(cell, duration=30.0, initial="rest").status == "ok"


def test_inaccurate_points_keep_the_estimate_that_says_so():
    axes = {"Na.g": mx.factors([1.0, 2.0])}
    asked = {"method": "exponential_euler", "spike_error": 1e-9}
    found = mx.sweep(HH, axes, STEP, duration=12.0, measures=("rate", "phase"), **asked)
    assert set(meanings(found["status"])) == {"inaccurate"}
    assert np.isnan(found["rate"]).all()
    assert set(meanings(found["phase"])) == {"failed"}
    assert (found["spike_error"] > 1e-9).all()


def test_failed_points_are_kept_in_a_store(tmp_path):
    told = {"duration": 60.0, "store": tmp_path / "a.zarr", "chunk": 3}
    found = mx.sweep(HH, AXES, steps, **told)
    done = []
    again = mx.sweep(HH, AXES, steps, **told, progress=lambda now: done.append(now.computed))
    assert done == [0]
    assert again.identical(found)
    assert "out_of_range" in meanings(again["status"])


def test_a_users_measure_that_fails_says_which(tmp_path):
    path = tmp_path / "a.zarr"
    with pytest.raises(mx.InputError, match=r"measure 'mine'.*ZeroDivisionError") as caught:
        mx.sweep(HH, AXES, steps, duration=60.0, measures=("rate", OWN[0]), store=path)
    assert "\n" not in str(caught.value)


def test_experiments_whose_runs_fail_say_so_themselves():
    slope = measures.ramp(peak=1e5, duration=40.0, settle=5.0, watch=5.0)
    axes = {"Na.g": mx.factors([0.9, 1.0])}
    found = mx.sweep(HH, axes, duration=20.0, measures=("rate", slope))
    assert set(meanings(found["status"])) == {"ok"}
    assert set(meanings(found["ramp_status"])) == {"failed"}
    assert np.isnan(found["hysteresis"]).all()
    assert not np.isnan(found["rate"]).any()


def test_a_point_at_which_only_an_experiment_failed_says_so():
    search = measures.rheobase(highest=1e6, duration=20.0, settle=5.0)
    axes = {"Na.g": [0.0, 120.0]}  # without sodium nothing fires before the voltage leaves
    found = mx.sweep(HH, axes, duration=25.0, measures=search)
    assert meanings(found["rheobase_status"]).tolist() == ["failed", "ok"]
    assert meanings(found["status"]).tolist() == ["out_of_range", "ok"]
    both = mx.sweep(HH, axes, duration=25.0, measures=("rate", search))
    assert meanings(both["status"]).tolist() == ["ok", "ok"]
