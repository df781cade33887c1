"""The default method at its default step against every frozen run (tests/data).

What is asked: counts within max(1, 0.5 %), rates within 1 %, sub-threshold voltages within
0.05 mV.
"""

import numpy as np
import pytest
from engine_cells import CASES, CATALOGUE, case_cell, case_stimulus, mean_rate, step_of

from mnexcite import simulate

WHOLE = [name for name in CASES if name != "MK triangle"]


def count_allowed(case, count):
    return max(1.0, 0.005 * count) + case.get("count_uncertainty", 0)


@pytest.mark.parametrize("name", WHOLE)
def test_default_method_meets_the_frozen_run(name):
    case = CASES[name]
    cell = case_cell(case)
    record = ("v",) if "voltage" in case else ()
    run = simulate(
        cell, case_stimulus(case), duration=case["duration"], record=record, every=cell.dt
    )
    spikes = run.spike_times
    assert run.status == "ok"
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


def test_slow_triangle_of_molkov():
    """Slow passage into firing amplifies the smallest error, so it sees all of them."""
    case = CASES["MK triangle"]
    up = case_stimulus(case)
    spikes = simulate(case_cell(case), up, duration=case["duration"], record=()).spike_times
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
        simulate(cell, step, duration=600.0, dt=dt, record=()).spike_times
        for dt in (cell.dt, cell.dt / 2)
    )
    assert len(whole) >= 8
    assert abs(len(whole) - len(half)) <= 1
    assert mean_rate(whole) == pytest.approx(mean_rate(half), rel=0.01)
