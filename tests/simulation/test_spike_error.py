"""Accuracy on request: an estimate that holds, on cells it was made for and on others."""

import json
from pathlib import Path

import numpy as np
import pytest

from exactness import TRUTH
from mnexcite import cells, simulate, stimuli
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel, Gate
from mnexcite.engine import batch as engine
from mnexcite.errors import InputError, Interrupted, RunWarning

HH, PB, MK, BRK = (
    cells.hodgkin_huxley_1952(),
    cells.purvis_butera_2005(),
    cells.molkov_2025(),
    cells.booth_rinzel_kiehn_1997(),
)
#: Good to some 2e-6 ms.
ALMOST = {"method": "reference", "tolerance": 1e-8}
METHODS = ("rosenbrock", "kaps_rentrop", "dormand_prince", "staggered")


def own_cell():
    """Return a cell of a user: bursts ride on a slow potassium gate.

    Its channels and gates are called as the benchmark cell's, whose kernels serve it too.
    """

    def sigmoid(v, half, slope):
        return 1.0 / (1.0 + np.exp(-(v - half) / slope))

    gates = {
        "m": Gate("m", power=3, inf=lambda v: sigmoid(v, -36.0, 6.5), tau=0.08),
        "h": Gate(
            "h",
            inf=lambda v: sigmoid(v, -57.0, -6.0),
            tau=lambda v: 0.3 + 4.0 / np.cosh((v + 55.0) / 15.0),
        ),
        "n": Gate("n", power=4, inf=lambda v: sigmoid(v, -32.0, 11.0), tau=1.7),
        "w": Gate("w", inf=lambda v: sigmoid(v, -40.0, 7.0), tau=90.0),
        "p": Gate("p", inf=lambda v: sigmoid(v, -47.0, 4.5), tau=1.0),
    }
    channels = [
        Channel("Na", 60.0, [gates["m"], gates["h"]], E=52.0),
        Channel("NaP", 0.0, [gates["p"]], E=52.0),
        Channel("K", 11.0, [gates["n"]], E=-86.0),
        Channel("W", 1.1, [gates["w"]], E=-86.0),
        Channel("leak", 0.15, E=-62.0),
    ]
    return Cell("own", Compartment("soma", 0.9, channels, v=-62.0))


CASES = {
    "HH": (HH, stimuli.step(7.3, unit="uA/cm2", start=10.0), 80.0),
    "PB": (PB, stimuli.step(1.0, unit="nA", start=20.0), 120.0),
    "MK": (
        MK.replaced({"NaP.g": 0.3}),
        stimuli.step(7.5, unit="uA/cm2", start=30.0),
        80.0,
    ),
    "BRK": (BRK, stimuli.step(10.0, unit="uA/cm2"), 85.0),
    "BRK one": (BRK, stimuli.step(3.5, unit="uA/cm2", start=100.0), 150.0),
    "rebound": (
        BRK.replaced(
            {
                "temperature": 39.356,
                "ions.K_o": 4.5888,
                "soma.Kdr.g": 154.555,
                "soma.KCa.g": 5.7652,
                "dendrite.CaL.g": 0.4206,
            }
        ),
        stimuli.triangle(-10.717, unit="uA/cm2", start=0.8728, duration=5.6121),
        50.0,
    ),
    "own": (own_cell(), stimuli.ramp(0.0, 12.0, unit="uA/cm2", duration=200.0), 110.0),
    "pauses": (
        HH,
        stimuli.train(25.0, unit="uA/cm2", rate=12.5, count=2, width=1.3, start=7.77),
        100.0,
    ),
}
#: Cases whose spikes SciPy's solvers found on equations of their own, under their names there.
STORED = {
    "HH": "HH step 7.3",
    "PB": "PB step 1.0 nA",
    "MK": "MK NaP 0.3, step 7.5",
    "BRK": "BRK step 10",
    "BRK one": "BRK step 3.5",
}


def stored_spikes(name, duration):
    """Return the spikes [ms] of a case of `tests/data/references.json` before a time."""
    path = Path(__file__).parents[1] / "data" / "references.json"
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    (spikes,) = (case["spikes"] for case in cases if case["name"] == name)
    return np.array([spike for spike in spikes if spike < duration])


@pytest.fixture(scope="module")
def truths():
    found = {}
    for name, (cell, drive, duration) in CASES.items():
        if name in STORED:
            found[name] = stored_spikes(STORED[name], duration)
        else:
            run = simulate(cell, drive, duration=duration, **ALMOST, record=())
            found[name] = run.spike_times
        assert len(found[name]) >= 1
    return found


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("method", METHODS)
def test_the_estimate_is_no_smaller_than_the_error(method, name, truths):
    cell, drive, duration = CASES[name]
    # every method meets every cell; errors turn, so that each of them meets each error too
    errors = (0.1, 0.01) if method == "staggered" else (0.1, 1e-2, 1e-3)
    turn = list(CASES).index(name) + METHODS.index(method)
    wanted = errors[turn % len(errors)]
    run = simulate(cell, drive, duration=duration, method=method, spike_error=wanted, record=())
    assert run.status == "ok" and run.spike_error <= wanted
    assert len(run.spike_times) == len(truths[name])
    # the reference itself is good to some 1e-5
    error = np.abs(run.spike_times - truths[name]).max() - 2e-5
    assert error <= run.spike_error, (wanted, run.tolerance, run.dt)


@pytest.mark.parametrize(
    "options",
    [
        {"method": "staggered", "dt": 0.05},
        {"method": "staggered_lines", "dt": 0.05},
        {"method": "runge_kutta_4", "dt": 0.02},
        {"method": "exponential_euler", "dt": 0.005},
        {"tolerance": 1e-4},
        {"method": "dormand_prince", "tolerance": 1e-5},
    ],
)
def test_what_is_given_is_kept_and_judged(options, truths):
    cell, drive, duration = CASES["HH"]
    plain = simulate(cell, drive, duration=duration, record=(), **options)
    run = simulate(cell, drive, duration=duration, record=(), spike_error=10.0, **options)
    np.testing.assert_array_equal(run.spike_times, plain.spike_times)
    assert (run.dt, run.tolerance) == (plain.dt, plain.tolerance)
    assert plain.spike_error is None
    error = np.abs(run.spike_times - truths["HH"]).max()
    # an estimate, no bound; the reference itself is good to some 1e-5
    assert 0.5 * error - 2e-5 <= run.spike_error <= 100.0 * error


@pytest.mark.parametrize(
    ("changes", "amplitude", "status"),
    [({}, 20.0, "inaccurate"), ({"NaP.g": 0.3}, 7.5, "out_of_range")],
)
def test_a_step_at_which_a_cell_misfires_is_seen(changes, amplitude, status):
    """Runge-Kutta 4 at 0.05 ms makes this cell fire wrongly, and nobody has to know it."""
    drive = stimuli.step(amplitude, unit="uA/cm2")
    given = {"duration": 100.0, "method": "runge_kutta_4", "dt": 0.05, "record": ()}
    with pytest.warns(RunWarning, match=status):
        run = simulate(MK.replaced(changes), drive, spike_error=0.1, **given)
    assert run.status == status
    assert not run.spike_error <= 0.1


def test_straight_lines_are_judged_too():
    """They are what is wrong with this run, and no smaller step shows it."""
    drive = stimuli.step(0.25, unit="nA", start=20.0)
    given = {"duration": 800.0, "dt": 0.0025, "record": ()}
    truth = stored_spikes("PB step 0.25 nA", 800.0)
    with pytest.warns(RunWarning, match="inaccurate"):
        lines = simulate(PB, drive, method="staggered_lines", spike_error=0.003, **given)
    apart = np.abs(lines.spike_times - truth).max() - 2e-5
    assert apart > 0.01 and apart <= lines.spike_error < 1.5 * apart


def test_an_error_that_cannot_be_met_is_a_status():
    cell, drive, duration = CASES["HH"]
    with pytest.warns(RunWarning, match="inaccurate"):
        run = simulate(
            cell,
            drive,
            duration=duration,
            method="staggered",
            dt=0.05,
            spike_error=1e-6,
        )
    assert run.status == "inaccurate" and run.spike_error > 1e-6
    # the run itself is whole, and can go on
    assert np.isinf(run.ended) and np.all(np.isfinite(run["v"]))
    rest = simulate(
        cell, drive, duration=10.0, method="staggered", dt=0.05, initial=run.final_state
    )
    assert rest.status == "ok"


@pytest.mark.parametrize("method", METHODS)
def test_every_lane_has_its_own_tolerance(method):
    amplitudes = [0.0, 7.0, 40.0]
    drives = [stimuli.step(a, unit="uA/cm2", start=1.0) for a in amplitudes]
    given = {"duration": 60.0, "method": method, "spike_error": 0.02, "record": ("v",)}
    batch = simulate(HH, drives, **given)
    assert batch.status == ("ok",) * 3
    assert batch.spike_error.shape == (3,) and np.all(batch.spike_error <= 0.02)
    # the estimate does not depend on company either, to the bit
    for lane, drive in enumerate(drives):
        alone = simulate(HH, drive, **given)
        np.testing.assert_array_equal(batch.spike_times[lane], alone.spike_times)
        np.testing.assert_array_equal(batch["v"][lane], alone["v"])
        assert batch[lane].spike_error == alone.spike_error
        assert (batch[lane].tolerance, batch[lane].dt) == (alone.tolerance, alone.dt)
        assert batch.final_state.lane(lane) == alone.final_state


def test_a_lane_that_fails_is_no_estimate():
    drives = [stimuli.step(a, unit="uA/cm2", start=5.0) for a in (10.0, 1e6, 10.0)]
    with pytest.warns(RunWarning, match=r"1 of 3 lanes.*out_of_range"):
        batch = simulate(HH, drives, duration=50.0, spike_error=0.01)
    assert batch.status == ("ok", "out_of_range", "ok")
    assert np.isnan(batch.spike_error[1]) and np.all(batch.spike_error[[0, 2]] <= 0.01)
    np.testing.assert_array_equal(batch.spike_times[0], batch.spike_times[2])


def test_a_run_with_an_error_goes_on():
    cell, drive, duration = CASES["HH"]
    whole = simulate(cell, drive, duration=duration, spike_error=0.001)
    first = simulate(cell, drive, duration=40.0, spike_error=0.001)
    rest = simulate(
        cell, drive, duration=duration - 40.0, initial=first.final_state, spike_error=0.001
    )
    both = np.concatenate([first.spike_times, rest.spike_times])
    assert len(both) == len(whole.spike_times)
    np.testing.assert_allclose(both, whole.spike_times, rtol=0, atol=0.002)


def test_ctrl_c_while_an_error_is_found(monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    wait = engine.wait_a_little
    monkeypatch.setattr(engine, "wait_a_little", _once(interrupted, wait))
    with pytest.raises(Interrupted) as caught:
        simulate(HH, CASES["HH"][1], duration=5e5, spike_error=0.01, record=())
    assert caught.value.partial.status == "interrupted"


def _once(first, then):
    calls = []

    def chosen(*args, **kwargs):
        calls.append(1)
        return (first if len(calls) == 3 else then)(*args, **kwargs)

    return chosen


def test_progress_of_several_runs_grows_to_one():
    seen = []
    simulate(*CASES["PB"][:2], duration=1000.0, spike_error=0.01, progress=seen.append)
    assert seen == sorted(seen) and 0.0 <= seen[0] and seen[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("given", [0.0, -0.1, float("nan"), float("inf"), "small"])
def test_an_error_that_is_none(given):
    with pytest.raises(InputError, match="spike_error is") as caught:
        simulate(HH, duration=1.0, spike_error=given)
    assert "\n" not in str(caught.value)


def test_the_reference_has_no_error_to_choose():
    with pytest.raises(InputError, match=r"spike_error is 0\.1.*reference"):
        simulate(HH, duration=1.0, spike_error=0.1, **TRUTH)
