"""Methods at their default step or tolerance against every frozen run (tests/data).

What is asked of all: counts within max(1, 0.5 %), rates within 1 %, sub-threshold voltages
within 0.05 mV. Adaptive methods are asked for spike times too, which fall with the tolerance.
"""

import itertools

import numpy as np
import pytest
from engine_cells import (
    ADAPTIVE,
    CASES,
    CATALOGUE,
    MAIN,
    by_key,
    case_cell,
    case_runs,
    case_spikes,
    case_stimulus,
    mean_rate,
    step_of,
)

from mnexcite import simulate
from mnexcite.engine.methods import DEFAULT_METHOD

#: Those of one cell and one duration run side by side; each is judged by itself.
WHOLE = by_key(
    [name for name in CASES if name != "MK triangle"],
    lambda case: (case["cell"], case["duration"]),
)
#: Each meets the default method and one of the others, which so meet some of each cell.
OTHERS = ("rosenbrock", "staggered", "dormand_prince")
MEETINGS = [
    (method, names)
    for place, names in enumerate(WHOLE)
    for method in (DEFAULT_METHOD, OTHERS[place % len(OTHERS)])
]
EVERY = 0.5  # ms, of which the times of frozen voltages are multiples


def count_allowed(case, count):
    return max(1.0, 0.005 * count) + case.get("count_uncertainty", 0)


@pytest.mark.parametrize(
    ("method", "names"), MEETINGS, ids=lambda given: given if given in MAIN else given[0]
)
def test_default_meets_the_frozen_runs(method, names):
    record = ("v",) if any("voltage" in CASES[name] for name in names) else ()
    duration = CASES[names[0]]["duration"]
    runs = case_runs(names, duration, record=record, every=EVERY, method=method)
    for name, run in runs.items():
        assert_meets(run, CASES[name], method)


def assert_meets(run, case, method):
    spikes, name = run.spike_times, case["name"]
    assert run.status == "ok", name
    if method in ADAPTIVE and case["spike_error"] < 1e-3:
        # the default tolerance is 1e-6 per step; up to 400 spikes add what each is late
        np.testing.assert_allclose(spikes, case["spikes"], rtol=0, atol=0.05, err_msg=name)
    assert abs(len(spikes) - case["count"]) <= count_allowed(case, case["count"]), name
    if case["count"] >= 2:
        last = 1e3 / (spikes[-1] - spikes[-2])
        if "count_uncertainty" not in case:  # else the mean rate is not defined to 1 %
            assert mean_rate(spikes) == pytest.approx(case["rate"], rel=0.01), name
        else:
            assert last == pytest.approx(case["last_rate"], rel=0.01), name
    for window in case.get("windows", []):
        inside = spikes[(spikes >= window["start"]) & (spikes < window["stop"])]
        assert abs(len(inside) - window["count"]) <= count_allowed(case, window["count"]), name
        if window["count"] == 0:
            assert len(inside) == 0, name
        elif window["count"] >= 2:
            assert mean_rate(inside) == pytest.approx(window["rate"], rel=0.01), name
    if "voltage" in case:
        at, frozen = np.array(case["voltage"]["t"]), np.array(case["voltage"]["v"])
        # before the upstroke of the first spike; its last 5 ms magnify any difference in time
        first = case["spikes"][0] - 5.0 if case["spikes"] else np.inf
        below = at < min(first, case["duration"])
        sampled = run["v"][np.rint(at[below] / EVERY).astype(int)]
        np.testing.assert_allclose(sampled, frozen[below], rtol=0, atol=0.05, err_msg=name)
        if not case["spikes"]:
            assert run.final_state["v"][0] == pytest.approx(frozen[-1], abs=0.05), name


FALLING = [
    "HH two steps",
    "HH triangle 40",
    "PB step 0.22 nA",
    "PB NaP x2 K x0.5",
    "PB K_o 7, 0.2 nA",
    "MK NaP 0.1 step 15",
    "MK NaP 0.2, K_o 5, step 9",
    "MK NaP 0, step 14",
    "BRK step 25",
    "BRK step 12, g_c 0.2",
    "BENCH k 400",
    "BENCH k 1023",
]


@pytest.mark.parametrize(
    "names", by_key(FALLING, lambda case: case["cell"]), ids=lambda names: names[0]
)
@pytest.mark.parametrize("method", ADAPTIVE)
def test_errors_of_spike_times_fall_with_the_tolerance(method, names):
    """Within a second: a dozen spikes and more of each."""
    errors = {name: [] for name in names}
    for tolerance in (1e-5, 1e-7, 1e-9):
        found = case_spikes(names, 1000.0, method=method, tolerance=tolerance)
        for name, (spikes, frozen) in found.items():
            assert len(spikes) == len(frozen) > 1, name
            errors[name].append(np.abs(spikes - frozen).max())
    # a hundredth of the tolerance; single errors scatter, for they have a sign
    for name, each in errors.items():
        floor = 1e-6 + 2.0 * CASES[name]["spike_error"]
        for larger, smaller in itertools.pairwise(each):
            assert smaller < max(larger / 5.0, floor), name
        assert each[2] < 2e-5 + 2.0 * CASES[name]["spike_error"], name


@pytest.mark.parametrize("method", MAIN)
def test_slow_triangle_of_molkov(method):
    """Slow passage into firing amplifies the smallest error, so it sees all of them."""
    case = CASES["MK triangle"]
    up, cell = case_stimulus(case), case_cell(case)
    run = simulate(cell, up, duration=case["duration"], record=(), method=method)
    spikes = run.spike_times
    first, last = up.at([spikes[0], spikes[-1]])
    assert 1e3 / np.diff(spikes).min() == pytest.approx(213.6, rel=0.01)
    assert last == pytest.approx(5.0, abs=0.1)
    assert abs(len(spikes) - 1045) <= max(2.0, 0.005 * 1045)
    assert first == pytest.approx(10.3, abs=0.1)


@pytest.mark.parametrize("name", CATALOGUE)
def test_default_step_passes_step_halving(name):
    """Half the default step changes no count by more than 1 and no rate by more than 1 %."""
    cell, step = CATALOGUE[name], step_of(name, start=5.0)
    whole, half = (
        simulate(cell, step, duration=600.0, dt=dt, record=(), method="staggered").spike_times
        for dt in (cell.dt, cell.dt / 2)
    )
    assert len(whole) >= 8
    assert abs(len(whole) - len(half)) <= 1
    assert mean_rate(whole) == pytest.approx(mean_rate(half), rel=0.01)
