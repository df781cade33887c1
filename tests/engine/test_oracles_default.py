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
    case_cell,
    case_stimulus,
    mean_rate,
    step_of,
)

from mnexcite import simulate

WHOLE = [name for name in CASES if name != "MK triangle"]


def count_allowed(case, count):
    return max(1.0, 0.005 * count) + case.get("count_uncertainty", 0)


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("method", MAIN)
def test_default_meets_the_frozen_run(method, name):
    case = CASES[name]
    cell = case_cell(case)
    record = ("v",) if "voltage" in case else ()
    run = simulate(
        cell,
        case_stimulus(case),
        duration=case["duration"],
        record=record,
        every=cell.dt,
        method=method,
    )
    spikes = run.spike_times
    assert run.status == "ok"
    if method in ADAPTIVE and case["spike_error"] < 1e-3:
        # the default tolerance is 1e-6 per step; up to 400 spikes add what each is late
        np.testing.assert_allclose(spikes, case["spikes"], rtol=0, atol=0.05)
    assert abs(len(spikes) - case["count"]) <= count_allowed(case, case["count"])
    if case["count"] >= 2:
        last = 1e3 / (spikes[-1] - spikes[-2])
        if "count_uncertainty" not in case:  # else the mean rate is not defined to 1 %
            assert mean_rate(spikes) == pytest.approx(case["rate"], rel=0.01)
        else:
            assert last == pytest.approx(case["last_rate"], rel=0.01)
    for window in case.get("windows", []):
        inside = spikes[(spikes >= window["start"]) & (spikes < window["stop"])]
        assert abs(len(inside) - window["count"]) <= count_allowed(case, window["count"])
        if window["count"] == 0:
            assert len(inside) == 0
        elif window["count"] >= 2:
            assert mean_rate(inside) == pytest.approx(window["rate"], rel=0.01)
    if record:
        at, frozen = np.array(case["voltage"]["t"]), np.array(case["voltage"]["v"])
        # before the upstroke of the first spike; its last 5 ms magnify any difference in time
        first = case["spikes"][0] - 5.0 if case["spikes"] else np.inf
        below = at < min(first, case["duration"])
        sampled = run["v"][np.rint(at[below] / cell.dt).astype(int)]
        np.testing.assert_allclose(sampled, frozen[below], rtol=0, atol=0.05)
        if not case["spikes"]:
            assert run.final_state["v"][0] == pytest.approx(frozen[-1], abs=0.05)


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


@pytest.mark.parametrize("name", FALLING)
@pytest.mark.parametrize("method", ADAPTIVE)
def test_errors_of_spike_times_fall_with_the_tolerance(method, name):
    case = CASES[name]
    cell, drive, errors = case_cell(case), case_stimulus(case), []
    for tolerance in (1e-5, 1e-7, 1e-9):
        run = simulate(
            cell,
            drive,
            duration=case["duration"],
            record=(),
            method=method,
            tolerance=tolerance,
        )
        assert len(run.spike_times) == case["count"]
        errors.append(np.abs(run.spike_times - case["spikes"]).max())
    # a hundredth of the tolerance; single errors scatter, for they have a sign
    floor = 1e-6 + 2.0 * case["spike_error"]
    for larger, smaller in itertools.pairwise(errors):
        assert smaller < max(larger / 5.0, floor)
    assert errors[2] < 2e-5 + 2.0 * case["spike_error"]


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
