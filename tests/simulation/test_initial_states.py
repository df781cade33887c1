"""Where a run starts: the published state, rest, a mapping, or another run's end."""

import itertools
from functools import cache

import numpy as np
import pytest

from exactness import TRUTH, by
from mnexcite import cells, simulate, stimuli
from mnexcite.engine.methods import METHODS
from mnexcite.equations.right_hand_side import Equations, error_scale

CATALOGUE = {
    "HH": cells.hodgkin_huxley_1952(),
    "PB": cells.purvis_butera_2005(),
    "MK": cells.molkov_2025(),
    "BRK": cells.booth_rinzel_kiehn_1997(),
}
HH, PB = CATALOGUE["HH"], CATALOGUE["PB"]
MAIN = ("rosenbrock", "kaps_rentrop", "dormand_prince", "staggered")
STEP = stimuli.step(12.0, unit="uA/cm2")


def at_start(run, cell):
    """Return the recorded states at time 0."""
    return {name: run[name][0] for name in cell.initial}


# what a cell's states are is one thing, how a method of each kind begins another
@pytest.mark.parametrize(
    ("method", "name"),
    [
        *((method, "HH") for method in METHODS),
        *itertools.product(("kaps_rentrop", "staggered", "reference"), ("PB", "MK", "BRK")),
    ],
)
def test_published_is_the_start_also_of_a_changed_cell(method, name):
    cell = CATALOGUE[name]
    changed = cell.replaced({"ions.K_o": 6.0}).scaled({"K.g": 0.5})
    for one in (cell, changed):
        run = simulate(one, duration=0.2, record=tuple(one.initial), **by(method))
        assert at_start(run, one) == dict(cell.initial)
        assert run.t[0] == 0.0 and run.start == 0.0


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize("method", MAIN)
def test_rest_stays_where_it_is(method, name):
    cell = CATALOGUE[name]
    given = {"initial": "rest", "record": tuple(cell.initial), "method": method}
    run = simulate(cell, duration=200.0, **given)
    assert run.status == "ok" and len(run.spike_times) == 0
    start = np.array([run[path][0] for path in run.final_state.names])
    derivative = Equations(cell).derivative(start, [0.0] * len(cell.compartments))
    scale = error_scale(cell)
    assert np.abs(derivative / scale).max() < 1e-9
    for path in cell.initial:
        # tables differ from the functions by about 1e-7 of each; slow states drift by that
        drift = np.abs(run[path] - run[path][0]).max()
        assert drift < 1e-4 * (100.0 if path.endswith("v") else 1.0), path


def test_rest_is_that_of_each_changed_lane():
    K_o = np.array([4.0, 4.5, 5.0])
    batch = simulate(
        PB, duration=1.0, parameters={"ions.K_o": K_o}, initial="rest", record=("v",)
    )
    lone = [
        simulate(PB.replaced({"ions.K_o": k}), duration=1.0, initial="rest")["v"][0]
        for k in K_o
    ]
    np.testing.assert_array_equal(batch["v"][:, 0], lone)
    # the frozen equilibrium of the independent script at 5 mM
    assert batch["v"][2, 0] == pytest.approx(-66.6624664626, abs=1e-6)
    assert np.all(np.diff(batch["v"][:, 0]) > 0)


def test_a_cell_without_a_rest_begins_at_the_published_state_and_says_so():
    restless = PB.scaled({"NaP.g": 2.0, "K.g": 0.5})
    with pytest.warns(match=r"1 of 1 lanes have no stable rest"):
        run = simulate(restless, duration=50.0, initial="rest")
    assert (run.status, run.began) == ("ok", "no_rest")
    published = simulate(restless, duration=50.0)
    assert published.began == "published"
    np.testing.assert_array_equal(run["v"], published["v"])
    with pytest.warns(match=r"1 of 3 lanes have no stable rest"):
        batch = simulate(
            PB,
            duration=50.0,
            parameters={
                "NaP.g": [0.05, 0.1, 0.05],
                "Kdr.g": [1.3, 0.65, 1.2],
                "A.g": [1, 0.5, 1],
            },
            initial="rest",
            record=("v",),
        )
    assert batch.status == ("ok",) * 3
    assert batch.began == ("rest", "no_rest", "rest")
    assert np.all(np.isfinite(batch["v"]))


def test_a_mapping_changes_only_what_it_names():
    given = {"v": -60.0, "Na.m": 0.25}
    run = simulate(HH, duration=1.0, initial=given, record=tuple(HH.initial))
    assert at_start(run, HH) == {**HH.initial, **given}


def test_the_mapping_of_a_state_starts_a_run_too():
    before = simulate(HH, STEP, duration=7.3)
    state = before.final_state.mapping()
    run = simulate(HH, STEP, duration=1.0, initial=state, record=tuple(HH.initial))
    assert at_start(run, HH) == dict(state)
    assert run.start == 0.0


@pytest.mark.parametrize("method", METHODS)
def test_a_state_goes_on_from_its_time(method):
    first = simulate(HH, STEP, duration=3.0, **by(method))
    given = {"initial": first.final_state, "every": 0.5, **by(method)}
    second = simulate(HH, STEP, duration=2.0, **given)
    assert second.start == 3.0 and second.final_state.time == 5.0
    np.testing.assert_allclose(second.t, 3.0 + 0.5 * np.arange(4), rtol=1e-14)
    assert second["v"][0] == first.final_state["v"][0]


@pytest.mark.parametrize("method", [*MAIN[:2], "reference"])
def test_a_state_between_sample_times(method):
    """Samples stay on multiples of `every`, wherever a run begins."""
    first = simulate(HH, STEP, duration=3.37, every=0.5, method=method)
    second = simulate(
        HH, STEP, duration=3.0, initial=first.final_state, every=0.5, method=method
    )
    assert second.start == first.final_state.time == 3.37
    np.testing.assert_array_equal(first.t, 0.5 * np.arange(7))
    np.testing.assert_array_equal(second.t, 3.5 + 0.5 * np.arange(6))
    whole = simulate(HH, STEP, duration=6.37, every=0.5, method=method)
    # the reference starts its solver anew at 3.37 ms
    allowed = 1e-5 if method == "reference" else 0.0
    both = np.concatenate([first["v"], second["v"]])
    np.testing.assert_allclose(both, whole["v"], rtol=0, atol=allowed)


@pytest.mark.parametrize("method", MAIN)
def test_a_state_at_time_zero_starts_a_new_protocol(method):
    late = stimuli.pulse(30.0, unit="uA/cm2", start=2.0)
    settled = simulate(HH, duration=100.0, **by(method)).final_state
    run = simulate(HH, late, duration=10.0, initial=settled.at(0), **by(method))
    assert run.start == 0.0 and run.t[0] == 0.0
    again = simulate(HH, late, duration=10.0, initial="rest", **by(method))
    assert len(run.spike_times) == 1
    # both at rest, to 1e-6 mV after 100 ms
    np.testing.assert_allclose(run.spike_times, again.spike_times, rtol=0, atol=1e-4)


def test_a_state_goes_on_under_another_step_or_method():
    """Not to the bit then, but from the same state: its centred values are taken."""
    state = simulate(HH, STEP, duration=20.0).final_state
    truth = simulate(HH, STEP, duration=20.0, initial=state, **TRUTH).spike_times
    assert len(truth) >= 1
    for options in (
        {"method": "staggered", "dt": 0.0125},
        {"method": "exponential_euler", "dt": 0.0005},
        {"method": "dormand_prince"},
        {"tolerance": 1e-4},
    ):
        run = simulate(HH, STEP, duration=20.0, initial=state, **options)
        np.testing.assert_allclose(run.spike_times, truth, rtol=0, atol=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_a_start_above_threshold_is_no_spike(method):
    run = simulate(HH, duration=10.0, initial={"v": 20.0, "Na.m": 0.9}, **by(method))
    assert run["v"][0] == 20.0 and run["v"].min() < -60.0
    assert len(run.spike_times) == 0


@cache
def cut_above_threshold(method):
    """Return a run, its beginning up to behind its first spike, and when that ends."""
    whole = simulate(HH, STEP, duration=6.0, **by(method))
    (spike,) = whole.spike_times
    cut = np.ceil(spike / 0.025 + 4) * 0.025
    return whole, simulate(HH, STEP, duration=cut, **by(method)), cut


# every method hands a state on to one of each kind; the main ones to each other
@pytest.mark.parametrize(
    ("method", "other"),
    [
        *itertools.product(METHODS, ("kaps_rentrop", "staggered")),
        *itertools.product(MAIN, ("rosenbrock", "dormand_prince")),
        *itertools.product(("rosenbrock", "staggered"), ["reference"]),
    ],
)
def test_whether_a_spike_is_due_travels_with_the_state(method, other):
    """Cut while the voltage is above threshold: the next run must not count it again."""
    whole, first, cut = cut_above_threshold(method)
    assert first.final_state["v"][0] > 0.0 and len(first.spike_times) == 1
    rest = simulate(HH, STEP, duration=6.0 - cut, initial=first.final_state, **by(other))
    assert len(rest.spike_times) == len(whole.spike_times) - 1 == 0


@cache
def ended_at(method, time):
    return simulate(HH, STEP, duration=time, **by(method))


@pytest.mark.parametrize(
    ("method", "other"), [*itertools.product(MAIN[:2], MAIN), (MAIN[0], "reference")]
)
def test_a_spike_is_counted_once_wherever_another_protocol_begins(method, other):
    """Just before, at and after the crossing, a run of another method or stimulus goes on."""
    (spike,) = ended_at(method, 6.0).spike_times
    cuts = spike + np.array([-0.1, -0.02, -1e-3, -1e-6, 0.0, 1e-6, 1e-3, 0.02, 0.1])
    if other == "staggered":
        cuts = sorted({round(cut / 0.025) * 0.025 for cut in cuts})
    for cut in cuts:
        first = ended_at(method, cut)
        # nobody is told of a second spike within 3 ms
        rest = simulate(
            HH, [STEP, STEP * 1.01], duration=1.5, initial=first.final_state, **by(other)
        )
        for lane in (0, 1):
            counted = len(first.spike_times) + len(rest.spike_times[lane])
            assert counted == 1, (cut - spike, first.final_state["v"], lane)


def test_lanes_of_a_state():
    batch = simulate(HH, STEP, duration=5.0, parameters={"Na.g": [100.0, 110.0, 120.0]})
    state = batch.final_state
    assert state.lanes == 3
    assert state.lane(-1) == state.lane(2) != state.lane(0)
    assert batch[1].final_state == state.lane(1)
    assert state["v"].shape == (3,)
    assert state.mapping(2)["v"] == state["v"][2]
