"""A spike whose peak lies between two steps, both below the threshold, is a spike."""

from dataclasses import replace

import numpy as np
import pytest
from engine_cells import ADAPTIVE, CATALOGUE, step_of

from exactness import NEAR
from mnexcite import simulate
from mnexcite.spikes import detect

RUN = {"duration": 40.0, "every": 0.001, "record": ("v",)}


@pytest.fixture(scope="module")
def trains():
    """Return cells that fire, and the heights of their peaks by the reference."""
    found = {}
    for name in ("HH", "BRK"):
        v = simulate(CATALOGUE[name], step_of(name), **RUN | {"every": 0.01}, **NEAR)["v"]
        tops = (v[1:-1] > v[:-2]) & (v[1:-1] >= v[2:]) & (v[1:-1] > 0.0)
        found[name] = np.sort(v[1:-1][tops])
    return found


@pytest.mark.parametrize("name", ["HH", "BRK"])
@pytest.mark.parametrize("method", ADAPTIVE)
@pytest.mark.parametrize("below", [1.0, 0.2, 0.05, 0.01])
def test_a_run_counts_what_its_own_recording_shows(method, name, below, trains):
    """Peaks rise above the threshold by so little that most steps begin and end below it."""
    threshold = float(np.median(trains[name])) - below
    cell = replace(CATALOGUE[name], spike_threshold=threshold)
    run = simulate(cell, step_of(name), method=method, **RUN)
    seen = detect(run.t, run["v"], threshold=threshold)
    assert len(seen) >= 2
    assert len(run.spike_times) == len(seen)
    np.testing.assert_allclose(run.spike_times, seen, rtol=0, atol=1e-3)


@pytest.mark.parametrize(("name", "duration"), [("HH", 32.0), ("BRK", 40.0)])
def test_the_reference_finds_them_too(name, duration, trains):
    threshold = float(np.median(trains[name])) - 1e-3
    cell = replace(CATALOGUE[name], spike_threshold=threshold)
    run = simulate(cell, step_of(name), **RUN | {"duration": duration, "every": 0.002}, **NEAR)
    seen = detect(run.t, run["v"], threshold=threshold)
    assert len(run.spike_times) == len(seen) >= 2


@pytest.mark.parametrize("method", ADAPTIVE)
def test_peaks_below_the_threshold_are_none(method, trains):
    cell = replace(CATALOGUE["HH"], spike_threshold=float(trains["HH"].max()) + 0.3)
    assert len(simulate(cell, step_of("HH"), method=method, **RUN).spike_times) == 0
