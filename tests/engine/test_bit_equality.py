"""A lane's result is the same to the bit whatever runs beside it, before it or after it."""

import os

import numpy as np
import pytest
from engine_cells import CATALOGUE, CELLS, case_cell, same_bits, step_of, two_compartments
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite import load, simulate, stimuli
from mnexcite.engine import batch as engine

METHODS = ("staggered", "exponential_euler", "runge_kutta_4")
RECORD = {
    "HH": ("v", "Na.m", "Na.i", "Kdr.i"),
    "PB": ("v", "SK.z", "SK.i", "Ca", "NaP.i"),
    "MK": ("v", "Na.m", "CAN.i", "Ca"),
    "BRK": ("soma.v", "dendrite.v", "dendrite.CaL.i", "soma.Ca", "soma.Na.i"),
}
DT = {"HH": 0.025, "PB": 0.025, "MK": 0.01, "BRK": 0.01}


def options(name, duration=12.0, **more):
    return {"duration": duration, "dt": DT[name], "record": RECORD[name], "every": 0.5, **more}


def spread(cell, lanes, seed=0):
    """Return parameters per lane that touch conductances, concentrations and capacitance."""
    rng = np.random.default_rng(seed)
    base = cell.parameters
    paths = [*[path for path in base if path.endswith(".g")][:3], "ions.K_o"]
    capacitance = next(path for path in base if path == "C" or path.endswith(".C"))
    return {
        path: base[path].value * rng.uniform(0.8, 1.3, lanes) for path in (*paths, capacitance)
    }


def kinetics(cell, lanes, distinct=4, seed=1):
    """Return kinetics per lane, several lanes to each distinct set."""
    rng = np.random.default_rng(seed)
    gates = [path for path in cell.parameters if path.endswith((".shift", ".rate"))]
    moved = {
        path: rng.uniform(0.9, 1.2, distinct)[rng.integers(0, distinct, lanes)]
        for path in gates[:3]
    }
    return moved


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize("method", METHODS)
def test_every_lane_equals_the_lone_changed_cell(name, method):
    cell, lanes = CATALOGUE[name], 7
    drive = step_of(name, start=1.003)
    values = {**spread(cell, lanes), **kinetics(cell, lanes, distinct=3)}
    batch = simulate(cell, drive, parameters=values, method=method, **options(name))
    for lane in range(lanes):
        changed = cell.replaced({path: column[lane] for path, column in values.items()})
        alone = simulate(changed, drive, method=method, **options(name))
        same_bits(batch, alone, lane)
        one = simulate(
            cell,
            drive,
            parameters={path: column[lane] for path, column in values.items()},
            method=method,
            **options(name),
        )
        same_bits(batch, one, lane)
        assert {path: p.value for path, p in batch[lane].cell.parameters.items()} == {
            path: p.value for path, p in changed.parameters.items()
        }


@pytest.mark.parametrize("name", CATALOGUE)
def test_company_and_threads(name):
    """Lanes alone, in batches of 7, 64 and 1000, on one thread and on two."""
    cell, drive = CATALOGUE[name], step_of(name, start=0.51)
    values = spread(cell, 1000)
    whole = simulate(cell, drive, parameters=values, threads=2, **options(name, 6.0))
    single = simulate(cell, drive, parameters=values, threads=1, **options(name, 6.0))
    for lane in range(1000):
        same_bits(whole, single, lane, lane)
    for size, start in ((1, 413), (7, 0), (64, 500)):
        part = {path: column[start : start + size] for path, column in values.items()}
        few = simulate(cell, drive, parameters=part, threads=2, **options(name, 6.0))
        for lane in range(size):
            same_bits(few, whole, lane, start + lane)


@pytest.mark.parametrize("name", ["HH", "BRK"])
def test_place_in_the_batch(name):
    cell, lanes = CATALOGUE[name], 13
    values = {**spread(cell, lanes), **kinetics(cell, lanes)}
    amplitudes = np.linspace(5.0, 40.0, lanes)
    drives = [step_of(name, a, start=0.7 + 0.01 * i) for i, a in enumerate(amplitudes)]
    first = simulate(cell, drives, parameters=values, **options(name))
    order = np.random.default_rng(5).permutation(lanes)
    again = simulate(
        cell,
        [drives[i] for i in order],
        parameters={path: column[order] for path, column in values.items()},
        **options(name),
    )
    for place, lane in enumerate(order):
        same_bits(first, again, lane, place)


@pytest.mark.parametrize("name", CATALOGUE)
def test_windows_and_chunks(name, monkeypatch):
    cell, lanes = CATALOGUE[name], 11
    values = {**spread(cell, lanes), **kinetics(cell, lanes)}
    drive = stimuli.triangle(
        FAST[name], unit=cell.units["i"], start=0.313, duration=9.0
    ) + stimuli.pulse(0.1, unit=cell.units["i"], start=2.2222)
    whole = simulate(cell, drive, parameters=values, **options(name))
    for window, chunk in ((1, 64), (7, 3), (97, 5), (256, 1)):
        monkeypatch.setattr(engine, "WINDOW", window)
        monkeypatch.setattr(engine, "CHUNK", chunk)
        cut = simulate(cell, drive, parameters=values, threads=2, **options(name))
        for lane in range(lanes):
            same_bits(whole, cut, lane, lane)


FAST = {"HH": 40.0, "PB": 2.0, "MK": 20.0, "BRK": 60.0}


@pytest.mark.filterwarnings("ignore:.*did not end well")
@pytest.mark.parametrize("method", METHODS)
def test_neighbours_that_fail_change_nothing(method):
    cell, unit = CATALOGUE["HH"], "uA/cm2"
    good = stimuli.step(12.0, unit=unit, start=1.0)
    bad = stimuli.step(1e6, unit=unit, start=3.0)
    worse = stimuli.step(1e308, unit=unit, start=2.0)
    drives = [good, bad, good, worse, good, good]
    leak = np.array([0.3, 0.3, 0.31, 0.3, 0.29, 1e308])
    batch = simulate(
        cell, drives, parameters={"leak.g": leak}, method=method, **options("HH", 20.0)
    )
    healthy = [0, 2, 4]
    assert [batch.status[i] for i in healthy] == ["ok"] * 3
    assert all(batch.status[i] in ("out_of_range", "non_finite") for i in (1, 3, 5))
    for lane in healthy:
        alone = simulate(
            cell.replaced({"leak.g": leak[lane]}), good, method=method, **options("HH", 20.0)
        )
        assert len(alone.spike_times) >= 1
        same_bits(batch, alone, lane)


@pytest.mark.filterwarnings("ignore:.*did not end well")
@pytest.mark.parametrize("name", ["HH", "BRK"])
@pytest.mark.parametrize("method", METHODS)
def test_a_neighbour_that_fails_in_the_very_step_of_a_spike(name, method):
    cell, dt = CATALOGUE[name], DT[name]
    good = step_of(name, start=0.5)
    alone = simulate(cell, good, method=method, **options(name))
    step = int(alone.spike_times[0] / dt)
    bad = good + step_of(name, 1e6, start=step * dt)
    batch = simulate(cell, [bad, good, bad, good], method=method, **options(name))
    assert batch.status == ("out_of_range", "ok", "out_of_range", "ok")
    assert batch.ended[0] == (step + 1) * dt
    same_bits(batch, alone, 1)
    same_bits(batch, alone, 3)


def joined(parts):
    """Return spike times and samples of runs that follow each other."""
    spikes = np.concatenate([part.spike_times for part in parts])
    samples = {
        name: np.concatenate([part.data[name] for part in parts]) for name in parts[0].data
    }
    return spikes, samples


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("cuts", [(0.5,), (0.1, 6.33, 6.34), (3.07, 5.01, 11.9)])
def test_a_run_goes_on_from_its_final_state(name, method, cuts):
    cell, drive = CATALOGUE[name], step_of(name, start=0.513, duration=8.0)
    dt = DT[name]
    ends = [round(cut / dt) for cut in cuts] + [round(13.0 / dt)]
    whole = simulate(cell, drive, method=method, **options(name, 13.0))
    parts, state, start = [], "published", 0
    for end in ends:
        part = simulate(
            cell, drive, method=method, initial=state, **options(name, (end - start) * dt)
        )
        parts.append(part)
        state, start = part.final_state, end
    spikes, samples = joined(parts)
    assert len(whole.spike_times) >= 1
    np.testing.assert_array_equal(spikes, whole.spike_times)
    np.testing.assert_array_equal(np.concatenate([part.t for part in parts]), whole.t)
    for variable, values in samples.items():
        np.testing.assert_array_equal(values, whole[variable])
    assert parts[-1].final_state == whole.final_state


def test_a_batch_goes_on_from_its_final_state():
    cell, lanes = CATALOGUE["PB"], 9
    values = {**spread(cell, lanes), **kinetics(cell, lanes)}
    drives = [step_of("PB", a, start=1.0) for a in np.linspace(0.4, 2.0, lanes)]
    whole = simulate(cell, drives, parameters=values, **options("PB", 40.0))
    first = simulate(cell, drives, parameters=values, **options("PB", 17.5))
    second = simulate(
        cell, drives, parameters=values, initial=first.final_state, **options("PB", 22.5)
    )
    assert second.final_state == whole.final_state
    for lane in range(lanes):
        both = np.concatenate([first.spike_times[lane], second.spike_times[lane]])
        np.testing.assert_array_equal(both, whole.spike_times[lane])
    # and one lane of it goes on alone
    lane = 4
    changed = cell.replaced({path: column[lane] for path, column in values.items()})
    alone = simulate(
        changed, drives[lane], initial=first.final_state.lane(lane), **options("PB", 22.5)
    )
    same_bits(second, alone, lane)


def test_one_state_starts_every_lane_of_a_batch():
    cell = CATALOGUE["HH"]
    drive = step_of("HH", start=2.0)
    before = simulate(cell, drive, duration=7.0)
    conductances = np.linspace(100.0, 130.0, 70)
    batch = simulate(
        cell,
        drive,
        parameters={"Na.g": conductances},
        initial=before.final_state,
        **options("HH", 10.0),
    )
    for lane in (0, 33, 69):
        alone = simulate(
            cell.replaced({"Na.g": conductances[lane]}),
            drive,
            initial=before.final_state,
            **options("HH", 10.0),
        )
        same_bits(batch, alone, lane)


@pytest.mark.parametrize("stop", ["at the end", "between grid points"])
def test_no_spike_is_lost_at_a_cut(stop):
    """A spike that falls on the very end of a run, or behind it, belongs to the next run."""
    cell = CATALOGUE["HH"]
    drive = step_of("HH", start=1.0)
    dt = cell.dt
    if stop == "at the end":
        v = simulate(cell, drive, duration=10.0, every=dt)["v"]
        k = int(np.argmax(v >= -20.0))
        cell = type(cell)(**{**vars(cell), "spike_threshold": float(v[k])})
        first_length = k * dt
    else:
        whole = simulate(cell, drive, duration=40.0).spike_times
        first_length = whole[1] - 0.3 * dt
    whole = simulate(cell, drive, duration=40.0).spike_times
    first = simulate(cell, drive, duration=first_length)
    rest = simulate(
        cell, drive, duration=40.0 - first.final_state.time, initial=first.final_state
    )
    both = np.concatenate([first.spike_times, rest.spike_times])
    np.testing.assert_array_equal(both, whole)


@settings(deadline=None, max_examples=12)
@given(
    lanes=st.integers(1, 23),
    threads=st.integers(1, 3),
    window=st.integers(1, 200),
    chunk=st.integers(1, 20),
    seed=st.integers(0, 1000),
    method=st.sampled_from(METHODS),
    cut=st.integers(1, 300),
)
def test_any_way_to_cut_a_batch(lanes, threads, window, chunk, seed, method, cut):
    name, cell = "HH", CATALOGUE["HH"]
    rng = np.random.default_rng(seed)
    values = {**spread(cell, lanes, seed), **kinetics(cell, lanes, seed=seed)}
    drives = [
        stimuli.step(rng.uniform(-5.0, 40.0), unit="uA/cm2", start=rng.uniform(0.0, 4.0))
        for _ in range(lanes)
    ]
    plain = options(name, 8.0)
    whole = simulate(cell, drives, parameters=values, method=method, threads=1, **plain)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "WINDOW", window)
        patch.setattr(engine, "CHUNK", chunk)
        common = {"parameters": values, "method": method, "threads": threads}
        first = simulate(cell, drives, **common, **options(name, cut * 0.025))
        second = simulate(
            cell,
            drives,
            initial=first.final_state,
            **common,
            **options(name, 8.0 - cut * 0.025),
        )
    assert second.final_state == whole.final_state
    for lane in range(lanes):
        both = np.concatenate([first.spike_times[lane], second.spike_times[lane]])
        np.testing.assert_array_equal(both, whole.spike_times[lane])


@settings(deadline=None, max_examples=12)
@given(
    K_o=st.lists(st.floats(3.0, 8.0), min_size=3, max_size=3),
    Na_o=st.lists(st.floats(100.0, 160.0), min_size=3, max_size=3),
    temperature=st.lists(st.floats(25.0, 40.0), min_size=3, max_size=3),
    K=st.lists(st.floats(0.4, 1.5), min_size=3, max_size=3),
)
def test_concentrations_and_temperature_per_lane(K_o, Na_o, temperature, K):
    cell = CATALOGUE["PB"]
    values = {
        "ions.K_o": K_o,
        "ions.Na_o": Na_o,
        "temperature": temperature,
        "Kdr.g": 1.3 * np.array(K),
    }
    drive = step_of("PB", start=0.5)
    batch = simulate(cell, drive, parameters=values, **options("PB", 8.0))
    for lane in range(3):
        changed = cell.replaced({path: float(v[lane]) for path, v in values.items()})
        same_bits(batch, simulate(changed, drive, **options("PB", 8.0)), lane)


def test_a_reversal_of_its_own_does_not_depend_on_company():
    """A reversal that some lanes leave at the ion's value keeps its meaning in every lane."""
    cell = CATALOGUE["PB"]
    both = {"Kdr.E": [-80.0, -75.0], "ions.E_K": [-70.0, -70.0]}
    first = {path: values[:1] for path, values in both.items()}
    batch = simulate(cell, parameters=both, **options("PB", 30.0))
    alone = simulate(cell, parameters=first, **options("PB", 30.0))
    same_bits(batch, alone, 0, 0)
    # the cell that a lane says it is gives the lane again
    for lane in range(2):
        same_bits(batch, simulate(batch[lane].cell, **options("PB", 30.0)), lane)


def test_cells_of_ones_own_in_company():
    for cell, amplitude in ((CELLS["BENCH"], 2.0), (two_compartments(), 0.3)):
        drive = stimuli.step(amplitude, unit=cell.units["i"], start=1.01)
        paths = [path for path in cell.parameters if path.endswith((".g", ".rate"))]
        rng = np.random.default_rng(3)
        base = cell.parameters
        values = {p: base[p].value * rng.uniform(0.9, 1.1, 10) for p in paths}
        batch = simulate(cell, drive, duration=20.0, parameters=values, record=("v",))
        for lane in (0, 9):
            changed = cell.replaced({p: v[lane] for p, v in values.items()})
            same_bits(batch, simulate(changed, drive, duration=20.0), lane)


@pytest.mark.parametrize("name", ["HH", "BRK"])
def test_saved_and_loaded_runs_go_on_to_the_bit(name, tmp_path):
    cell, drive = CATALOGUE[name], step_of(name, start=0.5)
    whole = simulate(cell, drive, **options(name, 20.0))
    first = simulate(cell, drive, **options(name, 9.0))
    first.save(tmp_path / "run.zarr")
    loaded = load(tmp_path / "run.zarr")
    assert loaded.final_state == first.final_state
    rest = simulate(loaded.cell, drive, initial=loaded.final_state, **options(name, 11.0))
    spikes, samples = joined([loaded, rest])
    np.testing.assert_array_equal(spikes, whole.spike_times)
    for variable, values in samples.items():
        np.testing.assert_array_equal(values, whole[variable])
    assert rest.final_state == whole.final_state


def test_the_reference_does_not_depend_on_company_either():
    cell = CATALOGUE["HH"]
    drive = step_of("HH", start=1.0)
    values = {"Na.g": np.array([110.0, 120.0, 130.0])}
    plain = {"duration": 12.0, "method": "reference", "record": ("v",), "every": 0.5}
    batch = simulate(cell, drive, parameters=values, threads=2, **plain)
    for lane in range(3):
        alone = simulate(cell.replaced({"Na.g": values["Na.g"][lane]}), drive, **plain)
        same_bits(batch, alone, lane)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no way to count cores")
def test_default_threads_are_the_cores_of_this_process():
    cell = CATALOGUE["HH"]
    values = {"Na.g": np.linspace(100.0, 140.0, 40)}
    default = simulate(cell, step_of("HH"), parameters=values, **options("HH"))
    one = simulate(cell, step_of("HH"), parameters=values, threads=1, **options("HH"))
    for lane in range(40):
        same_bits(default, one, lane, lane)


def test_case_cells_are_new_values():
    """Changing a cell never changes the cell it came from."""
    before = dict(CELLS["PB"].parameters)
    case_cell({"cell": "PB", "replaced": {"ions.K_o": 6.0}, "scaled": {"K.g": 0.5}})
    assert dict(CELLS["PB"].parameters) == before
