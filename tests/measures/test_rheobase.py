"""Rheobase: against other integrators, scans of single runs, and what cannot be found."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run_lanes import Lanes, Told, flag_names, lane
from scipy.integrate import solve_ivp

from exactness import NEAR
from mnexcite import cells, simulate, stimuli
from mnexcite.measures.rheobase import rheobase

PB, HH, MK = cells.purvis_butera_2005(), cells.hodgkin_huxley_1952(), cells.molkov_2025()


def hodgkin_huxley(t, y, current):
    """Hodgkin & Huxley 1952 at 6.3 C, in modern signs, straight from the paper."""
    v, m, h, n = y
    a_m = 0.1 * (v + 40) / -math.expm1(-(v + 40) / 10)
    a_n = 0.01 * (v + 55) / -math.expm1(-(v + 55) / 10)
    return (
        current - 120 * m**3 * h * (v - 50) - 36 * n**4 * (v + 77) - 0.3 * (v + 54.387),
        a_m * (1 - m) - 4 * math.exp(-(v + 65) / 18) * m,
        0.07 * math.exp(-(v + 65) / 20) * (1 - h) - h / (1 + math.exp(-(v + 35) / 10)),
        a_n * (1 - n) - 0.125 * math.exp(-(v + 65) / 80) * n,
    )


def highest_voltage(current, duration):
    told = {"method": "LSODA", "rtol": 1e-9, "atol": 1e-9}
    start = [-64.99584, 0.05296, 0.59590, 0.31773]
    rest = solve_ivp(hodgkin_huxley, (0, 50), start, args=(0.0,), **told).y[:, -1]
    run = solve_ivp(hodgkin_huxley, (0, duration), rest, args=(current,), max_step=0.2, **told)
    return run.y[0].max()


def test_the_squid_axon_against_an_integration_of_its_own():
    experiment = rheobase(duration=100.0, settle=50.0, precision=1e-3)
    values = experiment.run(Lanes(HH))
    assert flag_names(experiment, values, "rheobase_status") == ["ok"]
    # the value fires and one smaller by 1e-3 does not; 3e-4 for both integrations' errors
    found = values["rheobase"][0]
    assert highest_voltage((1 - 1e-3 - 3e-4) * found, 100.0) < 0.0
    assert highest_voltage((1 + 3e-4) * found, 100.0) > 0.0


@pytest.mark.parametrize(
    ("cell", "parameters", "duration"),
    [(PB, {"NaP.g": 0.05}, 100.0), (MK, {"NaP.g": 0.1}, 100.0)],
)
def test_the_reference_method_fires_at_the_value_and_not_below(cell, parameters, duration):
    found = rheobase(duration=duration, settle=50.0).run(Lanes(cell, parameters))["rheobase"][0]

    def spikes(current):
        drive = stimuli.step(current, unit=cell.units["i"], start=50.0, duration=duration)
        run = simulate(
            cell.replaced(parameters),
            drive,
            duration=50.0 + duration,
            record=(),
            **NEAR,
        )
        return run.spike_times.size

    # 1e-3 for the difference between the methods
    assert spikes(found * (1 + 1e-3)) > 0
    assert spikes(found * (1 - 0.01 - 1e-3)) == 0


def test_a_scan_of_single_runs_finds_the_same_current():
    grid = np.arange(1, 41) * 0.01
    experiment = rheobase(duration=500.0, precision=1e-3)
    sizes = [0.05, 0.08, 0.1]
    found = experiment.run(Lanes(PB, {"NaP.g": sizes}))["rheobase"]
    for g, value in zip(sizes, found, strict=True):
        steps = [stimuli.step(i, unit="nA", start=200.0, duration=500.0) for i in grid]
        runs = simulate(PB.replaced({"NaP.g": g}), steps, duration=700.0, record=())
        first = int(np.argmax(runs.spike_times.counts > 0))
        # 1e-3, the width of the last bracket
        assert grid[first - 1] < value <= grid[first] * (1 + 1e-3)


@settings(deadline=None, max_examples=25)
@given(
    thresholds=st.lists(
        st.just(0.0) | st.floats(1e-9, 40.0) | st.just(math.inf), min_size=1, max_size=6
    ),
    precision=st.floats(1e-5, 0.4),
)
def test_the_search_closes_in_on_any_thresholds(thresholds, precision):
    """A stand-in that fires from a given current on knows its rheobase."""

    class Thresholds(Told):
        def __call__(self, stimulus, *, duration, lanes):
            currents = [float(s.at(250.0)) for s in stimulus]
            pairs = zip(currents, lanes, strict=True)
            rows = [lane([250.0] if i >= thresholds[k] else []) for i, k in pairs]
            self.answers.append(rows)
            return super().__call__(stimulus, duration=duration, lanes=lanes)

    experiment = rheobase(highest=32.0, precision=precision)
    values = experiment.run(Thresholds([], lanes=len(thresholds)))
    flags = flag_names(experiment, values, "rheobase_status")
    for true, value, flag in zip(thresholds, values["rheobase"], flags, strict=True):
        if true == 0.0:
            assert (value, flag) == (0.0, "fires_by_itself")
        elif true > 32.0:
            assert math.isnan(value) and flag == "above_highest"
        else:
            assert flag == "ok"
            assert value >= true
            assert value - true <= precision * max(value, 32.0 / 1024) * (1 + 1e-12)


def test_what_has_no_rheobase_says_why():
    experiment = rheobase(highest=0.1, duration=300.0)
    run = Lanes(PB, {"Kdr.g": [1.3, 0.65], "A.g": [1.0, 0.5]})
    values = experiment.run(run)
    assert flag_names(experiment, values, "rheobase_status") == [
        "above_highest",
        "fires_by_itself",
    ]
    assert math.isnan(values["rheobase"][0])
    assert values["rheobase"][1] == 0.0


def test_spikes_of_the_settling_time_do_not_count():
    run = Told([[lane([20.0])]] * 12)
    experiment = rheobase(settle=200.0)
    assert flag_names(experiment, experiment.run(run), "rheobase_status") == ["above_highest"]


def test_lanes_leave_when_they_are_done():
    # without current; at 32/1024; seven halves of it, of which none fires
    run = Told([[lane([300.0]), lane()], [lane([300.0])], *[[lane()]] * 7], lanes=2)
    values = rheobase(precision=0.01).run(run)
    assert [lanes.tolist() for *_, lanes in run.asked] == [[0, 1], *[[1]] * 8]
    assert values["rheobase"].tolist() == [0.0, 32.0 / 1024]


@pytest.mark.parametrize("at", range(4))
def test_a_run_that_fails_ends_the_search(at):
    answers = [[lane()], [lane()], [lane([300.0])], [lane([300.0])]]
    answers[at] = [lane([300.0], status="out_of_range")]
    run = Told(answers)
    experiment = rheobase()
    values = experiment.run(run)
    assert len(run.asked) == at + 1
    assert math.isnan(values["rheobase"][0])
    assert flag_names(experiment, values, "rheobase_status") == ["failed"]
