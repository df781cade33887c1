"""A run goes on from the end of another: to the bit under the same protocol."""

import numpy as np
import pytest
from engine_cells import (
    ADAPTIVE,
    CATALOGUE,
    COMPILED,
    DT,
    FIXED,
    MAIN,
    cut,
    kinetics,
    options,
    same_bits,
    same_lanes,
    spread,
    step_of,
    until,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from exactness import NEAR
from mnexcite import load, simulate, stimuli


def joined(parts):
    """Return spike times, sample times and samples of runs that follow each other."""
    spikes = np.concatenate([part.spike_times for part in parts])
    times = np.concatenate([part.t for part in parts])
    samples = {
        name: np.concatenate([part.data[name] for part in parts]) for name in parts[0].data
    }
    return spikes, times, samples


def assert_same(parts, whole):
    """Assert that runs which follow each other are the whole run to the bit."""
    spikes, times, samples = joined(parts)
    np.testing.assert_array_equal(spikes, whole.spike_times)
    np.testing.assert_array_equal(times, whole.t)
    for variable, values in samples.items():
        np.testing.assert_array_equal(values, whole[variable], variable)
    assert parts[-1].final_state == whole.final_state


def in_parts(cell, drive, ends, given, keep=lambda state: state):
    """Return runs that follow each other up to each of `ends`."""
    parts, state, start = [], "published", 0.0
    for end in ends:
        duration = end - start if not parts else until(end, state)
        parts.append(simulate(cell, drive, initial=state, **{**given, "duration": duration}))
        state, start = keep(parts[-1].final_state), end
    return parts


#: Places of a cell, a method and cuts in their lists: each method meets two cells, each cell
#: two methods, and each of them several cuts; how a run goes on is the kernel's and no cell's.
PLACES = [(i, k, i + k) for i in range(len(CATALOGUE)) for k in range(len(FIXED))]
PLACES = [(i, k, n) for i, k, n in PLACES if n % 2 == 0]
FIXED_CUTS = [(0.5,), (0.1, 6.33, 6.34), (3.07, 5.01, 11.9)]
FREE_CUTS = [
    (0.5,),  # a sample's time, before anything happens
    (0.513, 8.513),  # edges of the stimulus
    (0.1, 6.33, 6.34),
    (1e-7, 3.07, 3.0700001, 11.9, 12.99999),  # within one step
]


@pytest.mark.parametrize(
    ("name", "method", "cuts"),
    [(list(CATALOGUE)[i], FIXED[k], FIXED_CUTS[(i + 2 * k) % 3]) for i, k, n in PLACES],
)
def test_a_run_with_fixed_steps_goes_on(name, method, cuts):
    cell, drive = CATALOGUE[name], step_of(name, start=0.513, duration=8.0)
    dt = DT[name]
    ends = [round(cut / dt) for cut in cuts] + [round(13.0 / dt)]
    whole = simulate(cell, drive, **options(name, method, 13.0))
    parts, state, start = [], "published", 0
    for end in ends:
        length = (end - start) * dt
        parts.append(simulate(cell, drive, initial=state, **options(name, method, length)))
        state, start = parts[-1].final_state, end
    assert len(whole.spike_times) >= 1
    assert_same(parts, whole)


@pytest.mark.parametrize(
    ("name", "method", "cuts"),
    [
        (list(CATALOGUE)[i], ADAPTIVE[k], FREE_CUTS[(i + k + more) % 4])
        for i in range(len(CATALOGUE))
        for k in range(len(ADAPTIVE))
        for more in (0, 2)
    ],
)
def test_an_adaptive_run_goes_on(name, method, cuts):
    cell, drive = CATALOGUE[name], step_of(name, start=0.513, duration=8.0)
    whole = simulate(cell, drive, **options(name, method, 13.0))
    assert len(whole.spike_times) >= 1
    parts = in_parts(cell, drive, [*cuts, 13.0], options(name, method))
    assert_same(parts, whole)


@pytest.mark.parametrize("method", ADAPTIVE)
@settings(deadline=None, max_examples=12)
@given(
    # whole 1/4096 ms, whose differences are exact
    ends=st.lists(st.integers(1, 30 * 4096 - 1), min_size=1, max_size=4, unique=True),
    every=st.sampled_from([0.01, 0.1, 0.3, 1.7, 0.25]),
    start=st.floats(0.0, 20.0, allow_subnormal=False),
)
def test_cuts_anywhere(method, ends, every, start):
    """Samples before a cut, at it and behind it are those of the whole run."""
    ends = [end / 4096.0 for end in ends]
    cell, drive = CATALOGUE["HH"], step_of("HH", 30.0, start=start, duration=4.0)
    given = options("HH", method, 30.0, every=every)
    whole = simulate(cell, drive, **given)
    assert_same(in_parts(cell, drive, [*sorted(ends), 30.0], given), whole)


@pytest.mark.parametrize("method", ADAPTIVE)
def test_cuts_at_the_spikes_themselves(method):
    """A spike exactly at the end belongs to the run that goes on, and none is lost."""
    cell, drive = CATALOGUE["HH"], step_of("HH", 30.0, start=1.0)
    given = options("HH", method, 50.0)
    whole = simulate(cell, drive, **given)
    assert len(whole.spike_times) >= 3
    ends = [
        end
        for spike in whole.spike_times
        for end in (np.nextafter(spike, 0.0), spike, np.nextafter(spike, 50.0))
    ]
    parts = in_parts(cell, drive, [*ends, 50.0], given)
    for part in parts:
        inside = (part.spike_times >= part.start) & (part.spike_times < part.final_state.time)
        assert inside.all()
    assert_same(parts, whole)


@pytest.mark.parametrize("method", ADAPTIVE)
@pytest.mark.parametrize("every", [0.1, 0.3])
def test_a_sample_at_a_cut_that_was_added_up(method, every):
    """0.1 + 0.2 is not 3 x 0.1 in floating point; the sample there must not get lost."""
    cell, drive = CATALOGUE["HH"], step_of("HH", 30.0, start=0.25)
    given = options("HH", method, every=every)
    state, parts = "published", []
    for length in (0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.7):
        parts.append(simulate(cell, drive, initial=state, **{**given, "duration": length}))
        state = parts[-1].final_state
    _, times, samples = joined(parts)
    whole = simulate(cell, drive, **{**given, "duration": 1.6})
    np.testing.assert_array_equal(times, whole.t)
    for name, values in samples.items():
        assert np.all(np.isfinite(values)), name
        # cuts differ from sample times by a rounding, at 1000 mV/ms at most
        np.testing.assert_allclose(values, whole[name], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("method", MAIN)
def test_a_batch_goes_on_from_its_final_state(method):
    cell, lanes = CATALOGUE["PB"], 9
    values = {**spread(cell, lanes), **kinetics(cell, lanes)}
    drives = [step_of("PB", a, start=1.0) for a in np.linspace(0.4, 2.0, lanes)]
    first_part, second_part = options("PB", method, 7.5), options("PB", method, 12.5)
    whole = simulate(cell, drives, parameters=values, **options("PB", method, 20.0))
    first = simulate(cell, drives, parameters=values, **first_part)
    second = simulate(cell, drives, parameters=values, initial=first.final_state, **second_part)
    assert second.final_state == whole.final_state
    for lane in range(lanes):
        both = np.concatenate([first.spike_times[lane], second.spike_times[lane]])
        np.testing.assert_array_equal(both, whole.spike_times[lane])
    # and one lane of it goes on alone
    lane = 4
    changed = cell.replaced({path: column[lane] for path, column in values.items()})
    alone = simulate(changed, drives[lane], initial=first.final_state.lane(lane), **second_part)
    same_bits(second, alone, lane)
    # lanes in another order go on too, each from its own
    order = np.random.default_rng(2).permutation(lanes)
    mixed = simulate(
        cell,
        [drives[i] for i in order],
        parameters={path: column[order] for path, column in values.items()},
        initial=first.final_state.lanes_at(order),
        **second_part,
    )
    same_lanes(second, mixed, order)


@pytest.mark.parametrize("method", MAIN)
def test_one_state_starts_every_lane_of_a_batch(method):
    cell = CATALOGUE["HH"]
    drive = step_of("HH", start=2.0)
    before = simulate(cell, drive, **options("HH", method, 7.0))
    conductances = np.linspace(100.0, 130.0, 70)
    conductances[33] = 120.0  # the cell's own: this lane goes on to the bit, others start anew
    given = options("HH", method, 10.0)
    batch = simulate(
        cell,
        drive,
        parameters={"Na.g": conductances},
        initial=before.final_state,
        **given,
    )
    for lane in (0, 33, 69):
        changed = cell.replaced({"Na.g": conductances[lane]})
        alone = simulate(changed, drive, initial=before.final_state, **given)
        same_bits(batch, alone, lane)
    whole = simulate(cell, drive, **options("HH", method, 17.0))
    assert batch.final_state.lane(33) == whole.final_state


@pytest.mark.parametrize("stop", ["at the end", "between grid points"])
def test_no_spike_is_lost_at_a_cut_of_fixed_steps(stop):
    """A spike that falls on the very end of a run, or behind it, belongs to the next run."""
    cell = CATALOGUE["HH"]
    drive = step_of("HH", start=1.0)
    dt = cell.dt
    if stop == "at the end":
        v = simulate(cell, drive, duration=10.0, every=dt, method="staggered")["v"]
        k = int(np.argmax(v >= -20.0))
        cell = cell.replaced({"spike_threshold": float(v[k])})
        first_length = k * dt
    else:
        whole = simulate(cell, drive, duration=40.0, method="staggered").spike_times
        first_length = whole[1] - 0.3 * dt
    whole = simulate(cell, drive, duration=40.0, method="staggered").spike_times
    first = simulate(cell, drive, duration=first_length, method="staggered")
    rest = simulate(
        cell,
        drive,
        duration=40.0 - first.final_state.time,
        initial=first.final_state,
        method="staggered",
    )
    both = np.concatenate([first.spike_times, rest.spike_times])
    np.testing.assert_array_equal(both, whole)


@settings(deadline=None, max_examples=10)
@given(
    lanes=st.integers(1, 17),
    threads=st.integers(1, 3),
    size=st.integers(1, 200),
    chunk=st.integers(1, 20),
    room=st.integers(32, 50),
    seed=st.integers(0, 1000),
    method=st.sampled_from(COMPILED),
    at=st.integers(1, 150),
    beside=st.integers(0, 100),
)
def test_any_way_to_cut_a_batch(lanes, threads, size, chunk, room, seed, method, at, beside):
    name, cell = "HH", CATALOGUE["HH"]
    rng = np.random.default_rng(seed)
    values = {**spread(cell, lanes, seed), **kinetics(cell, lanes, seed=seed)}
    drives = [
        stimuli.step(rng.uniform(-5.0, 40.0), unit="uA/cm2", start=rng.uniform(0.0, 2.0))
        for _ in range(lanes)
    ]
    end = at * 0.025 if method in FIXED else (at * 100 + beside) / 4096.0
    common = {"parameters": values, "threads": threads}
    whole = simulate(cell, drives, parameters=values, threads=1, **options(name, method, 4.0))
    with pytest.MonkeyPatch.context() as patch:
        cut(patch, size, chunk, room)
        first = simulate(cell, drives, **common, **options(name, method, end))
        second = simulate(
            cell,
            drives,
            initial=first.final_state,
            **common,
            **options(name, method, until(4.0, first.final_state)),
        )
    assert second.final_state == whole.final_state
    for lane in range(lanes):
        both = np.concatenate([first.spike_times[lane], second.spike_times[lane]])
        np.testing.assert_array_equal(both, whole.spike_times[lane])


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("BRK", "rosenbrock"),
        ("HH", "kaps_rentrop"),
        ("HH", "dormand_prince"),
        ("BRK", "staggered"),
    ],
)
def test_saved_and_loaded_runs_go_on_to_the_bit(name, method, tmp_path):
    cell, drive = CATALOGUE[name], step_of(name, start=0.5)
    end = 9.0 if method in FIXED else 9.123
    whole = simulate(cell, drive, **options(name, method, 20.0))
    first = simulate(cell, drive, **options(name, method, end))
    first.save(tmp_path / "run.zarr")
    loaded = load(tmp_path / "run.zarr")
    assert loaded.final_state == first.final_state
    length = until(20.0, loaded.final_state)
    rest = simulate(
        loaded.cell, drive, initial=loaded.final_state, **options(name, method, length)
    )
    assert_same([loaded, rest], whole)


@pytest.mark.filterwarnings("ignore:.*did not end well")
@pytest.mark.parametrize("method", MAIN)
def test_the_state_of_a_lane_that_failed_does_not_depend_on_cuts(method):
    cell = CATALOGUE["HH"]
    drives = [step_of("HH", a, start=5.0) for a in (12.0, 1e6, 30.0)]
    whole = simulate(cell, drives, **options("HH", method, 12.0))
    assert whole.status == ("ok", "out_of_range", "ok")
    for end in (3.0, 9.0):
        first = simulate(cell, drives, **options("HH", method, end))
        length = until(12.0, first.final_state)
        rest = simulate(
            cell, drives, initial=first.final_state, **options("HH", method, length)
        )
        assert rest.status == whole.status
        np.testing.assert_array_equal(rest.ended[[0, 2]], whole.ended[[0, 2]])
        assert rest.final_state == whole.final_state


@pytest.mark.filterwarnings("ignore:.*did not end well")
@pytest.mark.parametrize("method", ADAPTIVE)
def test_a_run_does_not_fail_by_what_comes_after_its_end(method):
    """The step that leaves the tables begins before the end and ends behind it."""
    cell, drive = CATALOGUE["HH"], step_of("HH", -50.0, start=5.0)
    given = options("HH", method, every=0.01)
    whole = simulate(cell, drive, **{**given, "duration": 12.0})
    assert whole.status == "out_of_range"
    first = simulate(cell, drive, **{**given, "duration": whole.ended - 1e-3})
    assert first.status == "ok" and np.isinf(first.ended)
    length = 12.0 - first.final_state.time
    rest = simulate(cell, drive, initial=first.final_state, **{**given, "duration": length})
    assert (rest.status, rest.ended) == ("out_of_range", whole.ended)
    both = np.concatenate([first["v"], rest["v"]])
    np.testing.assert_array_equal(both, whole["v"])


# Another protocol from there on ----------------------------------------------------------


CHANGES = {
    "stimulus": lambda cell, drive: (cell, step_of("HH", 9.0, start=2.0)),
    "conductance": lambda cell, drive: (cell.scaled({"Kdr.g": 0.8}), drive),
    "concentration": lambda cell, drive: (cell.replaced({"ions.K_o": 14.0}), drive),
    "kinetics": lambda cell, drive: (cell.replaced({"Na.h.shift": 3.0}), drive),
}


#: What changed is found before a method is asked: one method meets all changes.
@pytest.mark.parametrize(
    ("method", "change"),
    [("kaps_rentrop", change) for change in CHANGES]
    + [("rosenbrock", "conductance"), ("dormand_prince", "stimulus")],
)
def test_another_protocol_starts_from_the_values(method, change):
    """It is the run that starts anew from the values that a person reads, to the bit."""
    cell, drive = CATALOGUE["HH"], step_of("HH", 25.0, start=2.0)
    state = simulate(cell, drive, duration=17.303, method=method).final_state
    changed, other = CHANGES[change](cell, drive)
    given = {"duration": 25.0, "method": method, "record": ("v", "Na.m")}
    run, again = (simulate(changed, other, initial=state, **given) for _ in range(2))
    same_bits(run, again)
    assert run["v"][0] == pytest.approx(state["v"][0], abs=5.0)  # the first whole 0.1 ms
    fresh = simulate(changed, other, initial=state.at(state.time), **given)
    same_bits(run, fresh)
    truth = simulate(changed, other, initial=state, duration=25.0, **NEAR).spike_times
    assert len(run.spike_times) == len(truth) >= 1
    # an order of magnitude above what this method's default tolerance leaves in 25 ms
    np.testing.assert_allclose(run.spike_times, truth, rtol=0, atol=0.02)


@pytest.mark.parametrize("method", ADAPTIVE)
def test_a_state_at_another_time_starts_anew(method):
    cell = CATALOGUE["HH"]
    drive = step_of("HH", 25.0, start=2.0)
    state = simulate(cell, drive, duration=30.0, method=method).final_state
    moved = state.at(0.0)
    assert moved.time == 0.0 and state.time == 30.0
    run = simulate(cell, drive, duration=20.0, initial=moved, method=method)
    given = simulate(cell, drive, duration=20.0, initial=state.mapping(), method=method)
    same_bits(run, given)
    # the same time again is a new start too: of the same values, to a step's error
    again = simulate(cell, drive, duration=20.0, initial=state.at(30.0), method=method)
    whole = simulate(cell, drive, duration=20.0, initial=state, method=method)
    assert again.start == whole.start == 30.0
    np.testing.assert_allclose(again.spike_times, whole.spike_times, rtol=0, atol=0.01)


@pytest.mark.parametrize("method", MAIN)
def test_another_method_or_tolerance_goes_on_from_the_values(method):
    cell, drive = CATALOGUE["HH"], step_of("HH", 25.0, start=2.0)
    state = simulate(cell, drive, duration=20.0, method=method).final_state
    truth = simulate(cell, drive, duration=20.0, initial=state, **NEAR).spike_times
    others = [
        {"method": name} for name in COMPILED if name not in (method, "exponential_euler")
    ]
    others += [{"method": "rosenbrock", "tolerance": 1e-7}, {"method": "staggered", "dt": 0.01}]
    for other in others:
        given = {"duration": 20.0, "record": (), **other}
        run = simulate(cell, drive, initial=state, **given)
        mapped = simulate(cell, drive, initial=state.at(20.0), **given)
        np.testing.assert_array_equal(run.spike_times, mapped.spike_times)
        # order 2 at 0.025 ms is the coarsest
        np.testing.assert_allclose(run.spike_times, truth, rtol=0, atol=0.05)


@pytest.mark.parametrize("method", ADAPTIVE)
def test_lanes_that_keep_their_protocol_go_on_beside_those_that_change(method):
    cell, lanes = CATALOGUE["HH"], 6
    drives = [step_of("HH", a, start=1.0) for a in np.linspace(8.0, 30.0, lanes)]
    given = options("HH", method, 12.0)
    whole = simulate(cell, drives, **options("HH", method, 30.0))
    first = simulate(cell, drives, **given)
    others = [d if i % 2 else d * 1.5 for i, d in enumerate(drives)]
    mixed = simulate(cell, others, initial=first.final_state, **options("HH", method, 18.0))
    kept = [1, 3, 5]
    assert mixed.final_state.lanes_at(np.array(kept)) == whole.final_state.lanes_at(
        np.array(kept)
    )
    for lane in range(lanes):
        alone = simulate(
            cell,
            others[lane],
            initial=first.final_state.lane(lane),
            **options("HH", method, 18.0),
        )
        same_bits(mixed, alone, lane)


def test_tiny_differences_are_another_protocol():
    """One bit of a conductance, a time or an amplitude, and a lane starts from its values."""
    cell, drive = CATALOGUE["HH"], step_of("HH", 25.0, start=2.0)
    state = simulate(cell, drive, duration=10.0).final_state
    anew = simulate(cell, drive, duration=1.0, initial=state.at(10.0)).final_state
    on = simulate(cell, drive, duration=1.0, initial=state).final_state
    assert not np.array_equal(on.raw, anew.raw)
    g = cell.parameters["Na.g"].value
    for changed, other in (
        (cell.replaced({"Na.g": np.nextafter(g, np.inf)}), drive),
        (cell, step_of("HH", np.nextafter(25.0, 26.0), start=2.0)),
        (cell, step_of("HH", 25.0, start=np.nextafter(2.0, 3.0))),
        (cell, step_of("HH", 25.0, start=2.0, duration=100.0)),
    ):
        run = simulate(changed, other, duration=1.0, initial=state).final_state
        # the step that a kept state stands in began before 10 ms, a new one at 10 ms
        assert run.raw[-2, 0] == pytest.approx(anew.raw[-2, 0], abs=1e-6)


def test_lanes_of_their_own_dt_go_on_as_if_alone():
    """After a run with `spike_error` lanes have their own steps; company changes nothing."""
    cell = CATALOGUE["HH"]
    drives = [step_of("HH", a, start=1.0) for a in (0.0, 12.0, 30.0)]
    fixed = {"method": "staggered", "record": ("v",), "every": 0.5}
    first = simulate(cell, drives, duration=20.0, spike_error=1e-4, **fixed)
    steps = first.dt
    assert len(set(steps)) > 1
    for dt in set(steps):
        batch = simulate(cell, drives, duration=20.0, dt=dt, initial=first.final_state, **fixed)
        for lane, drive in enumerate(drives):
            state = first.final_state.lane(lane)
            alone = simulate(cell, drive, duration=20.0, dt=dt, initial=state, **fixed)
            same_bits(batch, alone, lane)
