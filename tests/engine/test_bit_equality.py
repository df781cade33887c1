"""A lane's result is the same to the bit whatever runs beside it, before it or after it."""

import os

import numpy as np
import pytest
from engine_cells import (
    ADAPTIVE,
    CATALOGUE,
    CELLS,
    COMPILED,
    DT,
    FIXED,
    MAIN,
    case_cell,
    cut,
    kinetics,
    options,
    same_bits,
    same_lanes,
    spread,
    step_of,
    two_compartments,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from exactness import by
from mnexcite import simulate, stimuli


def in_turn(methods, first):
    """Return every other pair of a method and a cell, from the `first` on.

    Each method meets two cells there, and the two others in a test that begins otherwise.
    """
    pairs = [(m, n, i + k) for i, m in enumerate(methods) for k, n in enumerate(CATALOGUE)]
    return [(method, name) for method, name, place in pairs if place % 2 == first]


@pytest.mark.parametrize(("method", "name"), in_turn(COMPILED, 0))
def test_every_lane_equals_the_lone_changed_cell(name, method):
    cell, lanes = CATALOGUE[name], 7
    drive = step_of(name, start=1.003)
    values = {**spread(cell, lanes), **kinetics(cell, lanes, distinct=3)}
    batch = simulate(cell, drive, parameters=values, **options(name, method))
    for lane in (1, 6):
        changed = cell.replaced({path: column[lane] for path, column in values.items()})
        alone = simulate(changed, drive, **options(name, method))
        same_bits(batch, alone, lane)
        one = simulate(
            cell,
            drive,
            parameters={path: column[lane] for path, column in values.items()},
            **options(name, method),
        )
        same_bits(batch, one, lane)
        assert {path: p.value for path, p in batch[lane].cell.parameters.items()} == {
            path: p.value for path, p in changed.parameters.items()
        }


@pytest.mark.parametrize(("method", "name"), in_turn(MAIN, 1))
def test_company_and_threads(name, method):
    """Lanes alone, in batches of 7, 64 and 600, on one thread and on two."""
    cell, drive, lanes = CATALOGUE[name], step_of(name, start=0.51), 600
    values = spread(cell, lanes)
    given = options(name, method, 6.0)
    whole = simulate(cell, drive, parameters=values, threads=2, **given)
    assert whole.spike_times.counts.sum() >= lanes / 2
    same_lanes(whole, simulate(cell, drive, parameters=values, threads=1, **given))
    for size, start in ((1, 413), (7, 0), (64, 500)):
        part = {path: column[start : start + size] for path, column in values.items()}
        few = simulate(cell, drive, parameters=part, threads=2, **given)
        same_lanes(few, whole, None, range(start, start + size))


@pytest.mark.parametrize(
    ("name", "method"), [(("HH", "BRK")[k % 2], method) for k, method in enumerate(MAIN)]
)
def test_place_in_the_batch(name, method):
    """Lanes permuted: each finds another place in its vector, or another turn in the queue."""
    cell, lanes = CATALOGUE[name], 13
    values = {**spread(cell, lanes), **kinetics(cell, lanes)}
    amplitudes = np.linspace(5.0, 40.0, lanes)
    drives = [step_of(name, a, start=0.7 + 0.01 * i) for i, a in enumerate(amplitudes)]
    first = simulate(cell, drives, parameters=values, **options(name, method))
    order = np.random.default_rng(5).permutation(lanes)
    again = simulate(
        cell,
        [drives[i] for i in order],
        parameters={path: column[order] for path, column in values.items()},
        **options(name, method),
    )
    same_lanes(first, again, order)


@pytest.mark.parametrize("method", ADAPTIVE)
def test_order_of_the_queue(method):
    """Lanes that cost very different numbers of steps, so that places fall vacant unevenly."""
    cell, lanes = CATALOGUE["HH"], 90
    rng = np.random.default_rng(8)
    amplitudes = rng.permutation(np.r_[np.zeros(60), rng.uniform(5.0, 40.0, 30)])
    drives = [stimuli.step(a, unit="uA/cm2", start=1.0) for a in amplitudes]
    given = options("HH", method, 40.0, threads=1)
    first = simulate(cell, drives, **given)
    for order in (np.argsort(amplitudes), rng.permutation(lanes)):
        same_lanes(first, simulate(cell, [drives[i] for i in order], **given), order)


CUTS = {
    "adaptive": [(1, 64, 33), (7, 3, 32), (100_000, 1, 4096)],
    "fixed": [(1, 64), (7, 3), (256, 1)],
}


@pytest.mark.parametrize(("method", "name"), in_turn(MAIN, 0))
def test_windows_and_chunks(name, method, monkeypatch):
    cell, lanes = CATALOGUE[name], 11
    values = {**spread(cell, lanes), **kinetics(cell, lanes)}
    drive = stimuli.triangle(
        FAST[name], unit=cell.units["i"], start=0.313, duration=5.0
    ) + stimuli.pulse(0.1, unit=cell.units["i"], start=2.2222)
    given = options(name, method, 4.0)
    whole = simulate(cell, drive, parameters=values, **given)
    assert whole.spike_times.counts.sum() > 0
    for cuts in CUTS["adaptive" if method in ADAPTIVE else "fixed"]:
        cut(monkeypatch, *cuts)
        again = simulate(cell, drive, parameters=values, threads=2, **given)
        same_lanes(whole, again)


FAST = {"HH": 40.0, "PB": 2.0, "MK": 20.0, "BRK": 60.0}


@pytest.mark.filterwarnings("ignore:.*did not end well")
@pytest.mark.parametrize("method", COMPILED)
def test_neighbours_that_fail_change_nothing(method):
    cell, unit = CATALOGUE["HH"], "uA/cm2"
    good = stimuli.step(12.0, unit=unit, start=1.0)
    bad = stimuli.step(1e6, unit=unit, start=3.0)
    worse = stimuli.step(1e308, unit=unit, start=2.0)
    drives = [good, bad, good, worse, good, good]
    leak = np.array([0.3, 0.3, 0.31, 0.3, 0.29, 1e308])
    batch = simulate(cell, drives, parameters={"leak.g": leak}, **options("HH", method, 20.0))
    healthy = [0, 2, 4]
    assert [batch.status[i] for i in healthy] == ["ok"] * 3
    assert all(batch.status[i] in ("out_of_range", "non_finite") for i in (1, 3, 5))
    for lane in healthy:
        changed = cell.replaced({"leak.g": leak[lane]})
        alone = simulate(changed, good, **options("HH", method, 20.0))
        assert len(alone.spike_times) >= 1
        same_bits(batch, alone, lane)


@pytest.mark.filterwarnings("ignore:.*did not end well")
@pytest.mark.parametrize("method", ADAPTIVE)
@settings(deadline=None, max_examples=8)
@given(order=st.permutations(range(14)), start=st.floats(0.01, 9.0))
def test_failing_lanes_at_any_place_of_the_queue(method, order, start):
    """Ways to fail: infinite at once, infinite later, out of range now and later."""
    cell, unit = CATALOGUE["HH"], "uA/cm2"
    fine = [stimuli.step(a, unit=unit, start=1.0) for a in np.linspace(0.0, 40.0, 8)]
    bad = [
        stimuli.step(1e308, unit=unit),
        stimuli.step(1e308, unit=unit, start=start),
        stimuli.step(1e6, unit=unit),
        stimuli.step(-1e6, unit=unit, start=start),
        stimuli.pulse(1e6, unit=unit, start=start, duration=1e-6),
        stimuli.step(200.0, unit=unit, start=start),
    ]
    given = options("HH", method, 10.0, threads=1)
    plain = simulate(cell, fine, **given)
    drives = [*fine, *bad]
    mixed = simulate(cell, [drives[i] for i in order], **given)
    place = np.argsort(order)
    same_lanes(plain, mixed, None, place[:8])
    assert [mixed.status[i] for i in place[8:12]] == [
        "non_finite",
        "non_finite",
        "out_of_range",
        "out_of_range",
    ]
    assert mixed.ended[place[8]] == 0.0
    assert mixed.ended[place[9]] == pytest.approx(start)


@pytest.mark.filterwarnings("ignore:.*did not end well")
@pytest.mark.parametrize("name", ["HH", "BRK"])
@pytest.mark.parametrize("method", COMPILED)
def test_a_neighbour_that_fails_in_the_very_step_of_a_spike(name, method):
    cell, dt = CATALOGUE[name], DT[name]
    good = step_of(name, start=0.5)
    alone = simulate(cell, good, **options(name, method))
    step = int(alone.spike_times[0] / dt)
    bad = good + step_of(name, 1e6, start=step * dt)
    batch = simulate(cell, [bad, good, bad, good], **options(name, method))
    assert batch.status == ("out_of_range", "ok", "out_of_range", "ok")
    if method in FIXED:
        assert batch.ended[0] == (step + 1) * dt
    else:
        # 1e6 uA/cm2 take 1 uF/cm2 over 150 mV in 0.00015 ms
        assert step * dt < batch.ended[0] < step * dt + 0.001
    same_bits(batch, alone, 1)
    same_bits(batch, alone, 3)


@settings(deadline=None, max_examples=5)
@given(
    K_o=st.lists(st.floats(3.0, 8.0), min_size=3, max_size=3),
    Na_o=st.lists(st.floats(100.0, 160.0), min_size=3, max_size=3),
    temperature=st.lists(st.floats(25.0, 40.0), min_size=3, max_size=3),
    K=st.lists(st.floats(0.4, 1.5), min_size=3, max_size=3),
    method=st.sampled_from(MAIN),
)
def test_concentrations_and_temperature_per_lane(K_o, Na_o, temperature, K, method):
    cell = CATALOGUE["PB"]
    values = {
        "ions.K_o": K_o,
        "ions.Na_o": Na_o,
        "temperature": temperature,
        "Kdr.g": 1.3 * np.array(K),
    }
    drive, given = step_of("PB", start=0.5), options("PB", method, 8.0)
    batch = simulate(cell, drive, parameters=values, **given)
    for lane in range(3):
        changed = cell.replaced({path: float(v[lane]) for path, v in values.items()})
        same_bits(batch, simulate(changed, drive, **given), lane)


@pytest.mark.parametrize("method", MAIN)
def test_a_reversal_of_its_own_does_not_depend_on_company(method):
    """A reversal that some lanes leave at the ion's value keeps its meaning in every lane."""
    cell = CATALOGUE["PB"]
    both = {"Kdr.E": [-80.0, -75.0], "ions.E_K": [-70.0, -70.0]}
    first = {path: values[:1] for path, values in both.items()}
    given = options("PB", method, 30.0)
    batch = simulate(cell, parameters=both, **given)
    alone = simulate(cell, parameters=first, **given)
    same_bits(batch, alone, 0, 0)
    # the cell that a lane says it is gives the lane again
    for lane in range(2):
        same_bits(batch, simulate(batch[lane].cell, **given), lane)


@pytest.mark.parametrize(
    ("cell", "amplitude", "method"),
    [(CELLS["BENCH"], 2.0, method) for method in ("kaps_rentrop", "dormand_prince")]
    + [(two_compartments(), 0.3, method) for method in ("rosenbrock", "staggered")],
    ids=lambda given: given.name if hasattr(given, "name") else given,
)
def test_cells_of_ones_own_in_company(cell, amplitude, method):
    given = {"duration": 10.0, "record": ("v",), "method": method}
    drive = stimuli.step(amplitude, unit=cell.units["i"], start=1.01)
    paths = [path for path in cell.parameters if path.endswith((".g", ".rate"))]
    rng = np.random.default_rng(3)
    base = cell.parameters
    values = {p: base[p].value * rng.uniform(0.9, 1.1, 10) for p in paths}
    batch = simulate(cell, drive, parameters=values, **given)
    for lane in (0, 9):
        changed = cell.replaced({p: v[lane] for p, v in values.items()})
        same_bits(batch, simulate(changed, drive, **given), lane)


def test_the_reference_does_not_depend_on_company_either():
    cell = CATALOGUE["HH"]
    drive = step_of("HH", start=1.0)
    values = {"Na.g": np.array([110.0, 120.0, 130.0])}
    plain = {"duration": 12.0, **by("reference"), "record": ("v",), "every": 0.5}
    batch = simulate(cell, drive, parameters=values, threads=2, **plain)
    for lane in range(3):
        alone = simulate(cell.replaced({"Na.g": values["Na.g"][lane]}), drive, **plain)
        same_bits(batch, alone, lane)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no way to count cores")
@pytest.mark.parametrize("method", MAIN)
def test_default_threads_are_the_cores_of_this_process(method):
    cell, given = CATALOGUE["HH"], options("HH", method)
    values = {"Na.g": np.linspace(100.0, 140.0, 40)}
    default = simulate(cell, step_of("HH"), parameters=values, **given)
    same_lanes(default, simulate(cell, step_of("HH"), parameters=values, threads=1, **given))


@pytest.mark.parametrize("method", MAIN)
@pytest.mark.parametrize("lanes", [1, 2, 3, 5])
def test_few_lanes_leave_places_of_a_vector_vacant(method, lanes):
    cell, given = CATALOGUE["HH"], options("HH", method)
    values = {"Na.g": np.linspace(100.0, 140.0, lanes)}
    batch = simulate(cell, step_of("HH"), parameters=values, **given)
    assert len(batch) == lanes
    for lane in range(lanes):
        changed = cell.replaced({"Na.g": values["Na.g"][lane]})
        same_bits(batch, simulate(changed, step_of("HH"), **given), lane)


def test_case_cells_are_new_values():
    """Changing a cell never changes the cell it came from."""
    before = dict(CELLS["PB"].parameters)
    case_cell({"cell": "PB", "replaced": {"ions.K_o": 6.0}, "scaled": {"K.g": 0.5}})
    assert dict(CELLS["PB"].parameters) == before
