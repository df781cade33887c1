"""Bad input: one line that says what was given, what is allowed and what to do; no work."""

import numpy as np
import pytest

from mnexcite import cells, simulate, stimuli
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel
from mnexcite.engine import batch as engine
from mnexcite.engine.methods import METHODS
from mnexcite.errors import InputError

HH, PB, BRK = (
    cells.hodgkin_huxley_1952(),
    cells.purvis_butera_2005(),
    cells.booth_rinzel_kiehn_1997(),
)
STEP = stimuli.step(10.0, unit="uA/cm2")


def without_area():
    return Cell("bare", Compartment("soma", 1.0, [Channel("leak", 0.1, E=-65.0)]))


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch):
    def refuse(*_):
        raise AssertionError("work began before the input was checked")

    monkeypatch.setattr(engine.Runs, "advance", refuse)


BAD = {
    "no time": (dict(duration=0.0), ["duration is 0.0 ms", "or more"]),
    "time backwards": (dict(duration=-5.0), ["duration is -5.0 ms"]),
    "time without end": (dict(duration=float("inf")), ["duration is inf", "finite"]),
    "time that is no number": (dict(duration=float("nan")), ["duration is nan"]),
    "time in words": (dict(duration="10"), ["duration is '10'"]),
    "a negative discard": (dict(discard=-1.0), ["discard is -1.0 ms", "0 or more"]),
    "a discard that is no number": (dict(discard=float("nan")), ["discard is nan"]),
    "a discard in words": (dict(discard="late"), ["discard is 'late'"]),
    "samples never": (dict(every=0.0), ["every is 0.0 ms", "above 0"]),
    "samples that are no number": (dict(every=float("nan")), ["every is nan"]),
    "endless samples": (dict(every=float("inf")), ["every is inf"]),
    "samples in words": (dict(every="often"), ["every is 'often'"]),
    "an unknown method": (
        dict(method="stagered"),
        ["method is 'stagered'", "did you mean 'staggered'"],
    ),
    "a method that is no name": (dict(method=4), ["method is 4", "staggered"]),
    "no threads": (dict(threads=0), ["threads is 0", "from 1 on"]),
    "half a thread": (dict(threads=1.5), ["threads is 1.5"]),
    "an unknown variable": (
        dict(record=("NaP.x",)),
        ["'NaP.x'", "purvis_butera_2005", "did you mean"],
    ),
    "a variable that is no name": (dict(record=(5,)), ["5"]),
    "the clamp's current without a clamp": (dict(record=("clamp.i",)), ["'clamp.i'"]),
    "an unknown parameter": (
        dict(parameters={"NaQ.g": [0.1]}),
        ["'NaQ.g'", "did you mean", "'NaP.g'"],
    ),
    "a negative conductance": (
        dict(parameters={"NaP.g": [0.05, 0.1, -0.1, 0.2]}),
        ["NaP", "-0.1", "lane 2", "0 or more"],
    ),
    "a conductance that is no number": (
        dict(parameters={"NaP.g": [0.05, float("nan")]}),
        ["NaP.g'] is nan at position 1", "finite"],
    ),
    "an infinite conductance": (
        dict(parameters={"NaP.g": [0.05, float("inf")]}),
        ["NaP.g'] is inf at position 1"],
    ),
    "a capacitance of nothing": (dict(parameters={"C": [0.04, 0.0]}), ["C", "lane 1"]),
    "a gate that does not move": (
        dict(parameters={"NaP.m.tau": [0.1, 0.1, -2.0]}),
        ["NaP.m.tau", "tau", "lane 2"],
    ),
    "a gate without a rate": (dict(parameters={"NaP.m.rate": [0.0]}), ["rate", "lane 0"]),
    "one bad number among good ones": (
        dict(parameters={"NaP.g": [0.1, 0.05], "C": [0.04, -1.0], "Kdr.g": [1.0, 2.0]}),
        ["C is -1.0", "lane 1"],
    ),
    "a concentration below nothing": (dict(parameters={"ions.K_o": [4.0, -1.0]}), ["lane 1"]),
    "a temperature of the sun": (dict(parameters={"temperature": [37.0, 5778.0]}), ["lane 1"]),
    "parameters in words": (dict(parameters={"NaP.g": ["much"]}), ["much", "numbers"]),
    "a table of parameters": (
        dict(parameters={"NaP.g": [[0.1, 0.2], [0.3, 0.4]]}),
        ["2 dimensions", "one value per lane"],
    ),
    "no value": (dict(parameters={"NaP.g": []}), ["0 values; allowed: 1 or more"]),
    "lanes that do not match": (
        dict(parameters={"NaP.g": [0.1, 0.2], "Kdr.g": [1.0, 2.0, 3.0]}),
        ["2 lanes", "others have 3"],
    ),
    "a start by an unknown name": (dict(initial="resting"), ["'resting'", "'rest'"]),
    "a start from nothing": (dict(initial=None), ["initial is None", "published"]),
    "a start of an unknown state": (
        dict(initial={"NaP.n": 0.5}),
        ["initial names 'NaP.n'", "did you mean"],
    ),
    "a start without a number": (dict(initial={"v": float("nan")}), ["initial v is nan"]),
    "a start in words": (dict(initial={"v": "high"}), ["initial v is 'high'"]),
    "a gate more than open": (dict(initial={"Na.m": 1.5}), ["gate", "0 to 1"]),
    "a stimulus that is a number": ({"stimulus": 5.0}, ["stimulus is float"]),
    "stimuli that are numbers": ({"stimulus": [1.0, 2.0]}, ["stimulus holds 1.0"]),
    "no stimuli": ({"stimulus": []}, ["stimulus"]),
}


#: What is bad with steps of a given length, and with a method that chooses its own.
FIXED = {
    "no step": (dict(dt=0.0), ["dt is 0.0 ms", "1e-06 to 1"]),
    "a negative step": (dict(dt=-0.1), ["dt is -0.1 ms"]),
    "a long step": (dict(dt=1.0000001), ["dt is", "1e-06 to 1"]),
    "a step that is no number": (dict(dt=float("nan")), ["dt is nan"]),
    "an infinite step": (dict(dt=float("inf")), ["dt is inf"]),
    "a step in words": (dict(dt="0.1"), ["dt is '0.1'"]),
    "samples between steps": (dict(every=0.04), ["every is 0.04 ms", "no multiple", "0.05 ms"]),
    "samples below the step": (dict(every=0.01), ["every is 0.01 ms", "take 0.025 ms"]),
    "a tolerance": (dict(tolerance=1e-4), ["tolerance is 0.0001", "staggered takes none"]),
}
ADAPTIVE = {
    "a step": (dict(dt=0.025), ["dt is 0.025 ms", "chooses its own", "the method staggered"]),
    "no tolerance": (dict(tolerance=0.0), ["tolerance is 0.0", "1e-10 to 0.01"]),
    "a negative tolerance": (dict(tolerance=-1e-5), ["tolerance is -1e-05"]),
    "a large tolerance": (dict(tolerance=0.1), ["tolerance is 0.1", "1e-10 to 0.01"]),
    "a tiny tolerance": (dict(tolerance=1e-11), ["tolerance is 1e-11"]),
    "a tolerance that is no number": (dict(tolerance=float("nan")), ["tolerance is nan"]),
    "a tolerance in words": (dict(tolerance="fine"), ["tolerance is 'fine'"]),
}


def assert_refused(options, said):
    with pytest.raises(InputError) as caught:
        simulate(PB, options.pop("stimulus", None), **options)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 300
    for part in said:
        assert part in message


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("given", BAD)
def test_bad_input_is_refused_in_one_line(given, method):
    changed, said = BAD[given]
    assert_refused({"duration": 10.0, "method": method, **changed}, said)


@pytest.mark.parametrize("given", FIXED)
def test_bad_input_with_fixed_steps(given):
    changed, said = FIXED[given]
    assert_refused({"duration": 10.0, "dt": 0.025, "method": "staggered", **changed}, said)


@pytest.mark.parametrize("method", ["rosenbrock", "dormand_prince"])
@pytest.mark.parametrize("given", ADAPTIVE)
def test_bad_input_with_adaptive_steps(given, method):
    changed, said = ADAPTIVE[given]
    assert_refused({"duration": 10.0, "method": method, **changed}, said)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"dt": 0.01}, ["dt is 0.01 ms", "reference chooses its own"]),
        ({"tolerance": 0.1}, ["tolerance is 0.1", "allowed: 1e-13 to 0.001"]),
    ],
)
def test_the_reference_takes_no_step_and_a_tight_tolerance(given, said):
    assert_refused({"duration": 10.0, "method": "reference", **given}, said)


def test_a_voltage_clamp_takes_no_step():
    """It always runs on the reference, which the message must not deny."""
    with pytest.raises(InputError, match="reference") as caught:
        simulate(HH, stimuli.voltage_clamp(-60.0), duration=10.0, dt=0.01)
    assert "take the method" not in str(caught.value)


def test_each_bad_input_is_a_value_error_too():
    with pytest.raises(ValueError, match="dt is 0 ms"):
        simulate(PB, duration=1.0, dt=0, method="staggered")


def test_what_is_no_cell():
    with pytest.raises(InputError, match="cell"):
        simulate(cells.purvis_butera_2005, duration=10.0)


def test_current_that_needs_an_area():
    cell = without_area()
    with pytest.raises(InputError, match=r"nA.*area.*bare"):
        simulate(cell, stimuli.step(1.0, unit="nA"), duration=10.0)
    with pytest.raises(InputError, match="uA/cm2"):
        simulate(cell, stimuli.step(1.0, unit="nA") + STEP, duration=10.0)
    assert HH.area is None
    with pytest.raises(InputError, match="area"):
        simulate(HH, stimuli.step(1.0, unit="nA"), duration=10.0)


def test_stimulus_into_a_compartment_that_is_not_there():
    drive = stimuli.step(1.0, unit="uA/cm2", compartment="dendrit")
    with pytest.raises(InputError, match="did you mean 'dendrite'"):
        simulate(BRK, drive, duration=10.0)
    clamp = stimuli.voltage_clamp(-60.0, compartment="axon")
    with pytest.raises(InputError, match="axon"):
        simulate(BRK, clamp, duration=10.0)


def test_lanes_of_stimuli_and_states(monkeypatch):
    with pytest.raises(InputError, match="stimulus has 2 lanes where others have 3"):
        simulate(HH, [STEP, STEP], duration=10.0, parameters={"Na.g": [1.0, 2.0, 3.0]})
    monkeypatch.undo()
    state = simulate(HH, [STEP, STEP], duration=1.0).final_state
    with pytest.raises(InputError, match="initial has 2 lanes where others have 3"):
        simulate(HH, duration=10.0, parameters={"Na.g": [1.0, 2.0, 3.0]}, initial=state)


def test_a_state_of_another_cell(monkeypatch):
    monkeypatch.undo()
    state = simulate(HH, duration=1.0).final_state
    with pytest.raises(InputError, match="other states"):
        simulate(PB, duration=1.0, initial=state)


def test_a_state_between_grid_points(monkeypatch):
    monkeypatch.undo()
    state = simulate(HH, duration=1.0, dt=0.025, method="staggered").final_state
    with pytest.raises(InputError, match=r"no multiple of dt.*state.at\(0\)"):
        simulate(HH, duration=1.0, dt=0.03, initial=state, method="staggered")


@pytest.mark.parametrize("method", ["rosenbrock", "reference"])
def test_a_duration_that_is_lost_in_rounding(method, monkeypatch):
    """A state late enough has no time 1e-12 ms later."""
    monkeypatch.undo()
    state = simulate(HH, duration=1.0, method=method).final_state.at(1e6)
    given = {"duration": 1e-12, "initial": state, "method": method}
    try:
        run = simulate(HH, progress=lambda share: None, **given)
    except InputError as error:
        assert "duration" in str(error)
    else:
        assert run.final_state.time == 1e6


def test_a_step_beyond_the_stability_of_an_explicit_method():
    with pytest.raises(InputError, match=r"runge_kutta_4.*staggered") as caught:
        simulate(HH, duration=1.0, dt=0.5, method="runge_kutta_4")
    assert "\n" not in str(caught.value)
    # a lane of its own with faster gates is as unstable
    with pytest.raises(InputError, match="runge_kutta_4"):
        simulate(
            HH,
            duration=1.0,
            dt=0.02,
            method="runge_kutta_4",
            parameters={"Na.m.rate": [1.0, 100.0]},
        )


def test_clamps_are_for_all_lanes_and_of_one_compartment():
    soma, dendrite = (stimuli.voltage_clamp(-60.0, compartment=c) for c in ("soma", "dendrite"))
    drive = stimuli.step(1.0, unit="uA/cm2")
    with pytest.raises(InputError, match="1 voltage clamps among 2 stimuli"):
        simulate(BRK, [soma, drive], duration=1.0)
    with pytest.raises(InputError, match="hold soma, dendrite; allowed: one compartment"):
        simulate(BRK, [soma, dendrite], duration=1.0)
    with pytest.raises(InputError, match="stimulus has 2 lanes"):
        simulate(BRK, [soma, soma], duration=1.0, parameters={"soma.Na.g": [1.0, 2.0, 3.0]})


def test_kinetics_that_are_undefined_in_a_lane():
    """A slope of 0 divides by 0 at the half-activation; the extremes of the column are fine."""
    values = {"NaP.m.slope": [-5.0, 0.0, 5.0], "NaP.m.half": [-45.0]}
    with pytest.raises(InputError, match=r"NaP\.m"):
        simulate(PB, duration=1.0, parameters=values)


def test_numbers_of_numpy_are_numbers(monkeypatch):
    monkeypatch.undo()
    for given in (
        {"dt": np.float64(0.05), "method": "staggered"},
        {"tolerance": np.float32(1e-4)},
    ):
        run = simulate(
            HH,
            duration=np.float32(2.0),
            every=np.float64(0.5),
            threads=np.int64(1),
            discard=np.int32(0),
            **given,
        )
        assert run.status == "ok" and len(run.t) == 4


def test_any_collection_of_stimuli_is_a_batch(monkeypatch):
    """An iterator that the batch would use up must not become one lane without a word."""
    monkeypatch.undo()
    drives = [stimuli.step(a, unit="uA/cm2") for a in (0.0, 15.0)]
    expected = simulate(HH, drives, duration=12.0)
    assert len(expected) == 2
    for given in (tuple(drives), iter(drives), np.array(drives, dtype=object)):
        try:
            batch = simulate(HH, given, duration=12.0)
        except InputError:
            continue  # refusing is fine, dropping a lane is not
        assert [len(t) for t in batch.spike_times] == [len(t) for t in expected.spike_times]
