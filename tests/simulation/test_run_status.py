"""A run that fails says so: a status per lane, one warning, no NaN without either."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactness import TRUTH, by
from mnexcite import cells, simulate, stimuli
from mnexcite.engine import adaptive_run, reference
from mnexcite.engine.methods import METHODS
from mnexcite.engine.status import BY_NAME, STATUSES
from mnexcite.errors import RunWarning

HH, PB = cells.hodgkin_huxley_1952(), cells.purvis_butera_2005()
ADAPTIVE = tuple(name for name, method in METHODS.items() if method.adaptive)
COMPILED = tuple(name for name, method in METHODS.items() if method.source is not None)


def blow(start=6.0, amplitude=-1e5, duration=1.0):
    """Return a current that fires the cell, and then drives it out of the tables."""
    fire = stimuli.step(15.0, unit="uA/cm2")
    return fire + stimuli.step(amplitude, unit="uA/cm2", start=start, duration=duration)


@pytest.mark.parametrize("method", METHODS)
def test_out_of_range_ends_the_lane_and_no_other(method):
    fine = stimuli.step(15.0, unit="uA/cm2")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        batch = simulate(
            HH,
            [fine, blow(), fine],
            duration=8.0,
            **by(method),
            record=("v", "Na.i", "Na.m"),
            every=0.1,
        )
    assert batch.status == ("ok", "out_of_range", "ok")
    assert [w.category for w in caught] == [RunWarning]
    said = str(caught[0].message)
    assert said.startswith("1 of 3 lanes") and "\n" not in said
    assert BY_NAME["out_of_range"].sentence in said and BY_NAME["out_of_range"].remedy in said
    # 1e5 uA/cm2 take 1 uF/cm2 over 150 mV in 0.0015 ms
    assert 6.0 < batch.ended[1] <= 6.03
    assert np.all(np.isinf(batch.ended[[0, 2]]))
    before = batch.t < batch.ended[1]
    for name in ("v", "Na.i", "Na.m"):
        assert np.all(np.isfinite(batch[name][1, before]))
        assert np.all(np.isnan(batch[name][1, ~before]))
        assert np.all(np.isfinite(batch[name][[0, 2]]))
    # what it fired before stays
    assert len(batch.spike_times[1]) == 1
    # methods that choose their steps end one at every edge of a stimulus
    allowed = {
        "reference": 1e-8,
        "rosenbrock": 1e-3,
        "kaps_rentrop": 1e-3,
        "dormand_prince": 1e-3,
    }.get(method, 0.0)
    assert abs(batch.spike_times[1][0] - batch.spike_times[0][0]) <= allowed
    assert len(batch.spike_times[0]) == len(batch.spike_times[2]) == 1


@pytest.mark.parametrize("method", COMPILED)
def test_non_finite(method):
    with pytest.warns(RunWarning, match=r"non_finite.*not a number"):
        run = simulate(
            PB, duration=5.0, parameters={"leak.g": [1e308]}, **by(method), record=("v",)
        )
    assert run.status == ("non_finite",)


@pytest.mark.parametrize("method", COMPILED)
def test_a_warning_counts_lanes_by_how_they_ended(method):
    leak = [0.3, 1e308, 0.3, 0.3, 1e308]
    fine = stimuli.step(0.0, unit="uA/cm2")
    drives = [fine, fine, blow(), blow(), fine]
    with pytest.warns(RunWarning, match=r"4 of 5 lanes") as caught:
        batch = simulate(HH, drives, duration=10.0, parameters={"leak.g": leak}, **by(method))
    said = str(caught[0].message)
    assert "2 out_of_range" in said and "2 non_finite" in said
    assert batch.status == ("ok", "non_finite", "out_of_range", "out_of_range", "non_finite")


def test_one_lane_speaks_of_itself():
    with pytest.warns(RunWarning, match="out_of_range"):
        run = simulate(HH, blow(), duration=10.0)
    assert run.status == "out_of_range" and np.isfinite(run.ended)


@pytest.mark.parametrize("amplitude", [-1e5, 1e5])
@pytest.mark.parametrize("method", [*ADAPTIVE, "staggered", "exponential_euler"])
def test_a_failed_lane_does_not_recover_when_it_goes_on(method, amplitude):
    """The current that drove it out is over; what comes is still no continuation."""
    drive = blow(amplitude=amplitude)
    with pytest.warns(RunWarning):
        whole = simulate(HH, drive, duration=60.0, **by(method))
    with pytest.warns(RunWarning):
        first = simulate(HH, drive, duration=30.0, **by(method))
    with pytest.warns(RunWarning, match="out_of_range"):
        second = simulate(HH, drive, duration=30.0, initial=first.final_state, **by(method))
    assert whole.status == second.status == "out_of_range"
    both = np.concatenate([first.spike_times, second.spike_times])
    np.testing.assert_array_equal(both, whole.spike_times)
    assert np.all(np.isnan(second["v"]))


@pytest.mark.parametrize("method", METHODS)
def test_a_start_out_of_range_fails_at_once(method):
    with pytest.warns(RunWarning, match="out_of_range"):
        run = simulate(PB, duration=5.0, initial={"v": 250.0}, **by(method))
    assert run.status == "out_of_range"
    assert run.ended <= PB.dt


@settings(deadline=None, max_examples=12)
@given(
    amplitude=st.lists(st.floats(-1e4, 1e4), min_size=5, max_size=5),
    power=st.lists(st.integers(-12, 300), min_size=5, max_size=5),
    path=st.sampled_from(["leak.g", "Na.g", "Kdr.g", "C", "ions.E_Na", "ions.K_o"]),
    dt=st.sampled_from([0.01, 0.1, 1.0]),
    method=st.sampled_from([*ADAPTIVE, "staggered", "exponential_euler"]),
)
def test_no_value_is_missing_without_a_status(amplitude, power, path, dt, method):
    drives = [stimuli.step(a, unit="uA/cm2", start=1.0) for a in amplitude]
    base = HH.parameters[path].value
    scaled = np.array([base * 10.0 ** (p / 10.0) for p in power])
    values = {path: np.clip(scaled, 0.1, 1e3) if path == "ions.K_o" else scaled}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        batch = simulate(
            HH,
            drives,
            duration=10.0,
            dt=None if method in ADAPTIVE else dt,
            every=dt,
            parameters=values,
            record=("v", "Na.m", "Na.i"),
            **by(method),
        )
    failed = [status != "ok" for status in batch.status]
    assert len(caught) == (1 if any(failed) else 0)
    for lane, bad in enumerate(failed):
        assert bad == np.isfinite(batch.ended[lane])
        whole = batch.t < batch.ended[lane]
        for name in ("v", "Na.m", "Na.i"):
            assert np.all(np.isfinite(batch[name][lane, whole]))
        assert np.all(np.isfinite(batch.spike_times[lane]))
        assert np.all(batch.spike_times[lane] <= batch.ended[lane])
        if not bad:
            assert np.all(np.isfinite(batch.final_state.raw[:, lane]))
            v = batch["v"][lane]
            assert -150.0 < v.min() and v.max() < 100.0


def test_every_status_has_a_sentence_and_a_remedy():
    assert [status.code for status in STATUSES] == list(range(len(STATUSES)))
    for status in STATUSES:
        assert status.sentence and status.remedy and status.name.isidentifier()
    assert {"ok", "non_finite", "out_of_range", "step_limit", "inaccurate"} <= set(BY_NAME)


@pytest.mark.parametrize("method", [*ADAPTIVE, "staggered"])
def test_discard_hides_spikes_and_nothing_else(method):
    drive = stimuli.step(15.0, unit="uA/cm2")
    whole = simulate(HH, drive, duration=80.0, **by(method))
    some = simulate(HH, drive, duration=80.0, discard=30.0, **by(method))
    assert some.discard == 30.0
    np.testing.assert_array_equal(
        some.spike_times, whole.spike_times[whole.spike_times >= 30.0]
    )
    assert 0 < len(some.spike_times) < len(whole.spike_times)
    np.testing.assert_array_equal(some["v"], whole["v"])
    assert some.final_state == whole.final_state
    third = whole.spike_times[2]
    at_spike = simulate(HH, drive, duration=80.0, discard=third, **by(method))
    assert at_spike.spike_times[0] == whole.spike_times[2]


def test_reference_gives_up_on_steps_without_end(monkeypatch):
    monkeypatch.setattr(reference, "STEP_LIMIT", (50, 0))
    with pytest.warns(RunWarning, match="step_limit"):
        run = simulate(
            HH,
            stimuli.step(15.0, unit="uA/cm2"),
            duration=50.0,
            **TRUTH,
            every=1e-3,
        )
    assert run.status == "step_limit" and 0 < run.ended < 50.0
    # the last step's samples are there too
    before = run.t < run.ended
    assert np.all(np.isfinite(run["v"][before])) and np.all(np.isnan(run["v"][~before]))


@pytest.mark.parametrize("method", ADAPTIVE)
def test_adaptive_methods_give_up_on_steps_without_end(method, monkeypatch):
    """The lane that needs too many steps ends; its neighbours are as if it had not been."""
    monkeypatch.setattr(adaptive_run, "STEP_LIMIT", (600, 0))
    monkeypatch.setattr(adaptive_run, "BUDGET", 37)
    quick, slow = (stimuli.step(a, unit="uA/cm2") for a in (0.0, 15.0))
    given = {"duration": 60.0, "method": method, "record": ("v",), "every": 0.5}
    alone = simulate(HH, quick, **given)
    with pytest.warns(RunWarning, match="step_limit"):
        batch = simulate(HH, [quick, slow, quick], **given)
    assert batch.status == ("ok", "step_limit", "ok")
    np.testing.assert_array_equal(batch["v"][[0, 2]], [alone["v"]] * 2)
    assert 0 < batch.ended[1] < 60.0
    before = batch.t < batch.ended[1]
    assert np.all(np.isfinite(batch["v"][1, before]))
    assert np.all(np.isnan(batch["v"][1, ~before]))
    assert np.all(batch.spike_times[1] < batch.ended[1])
