"""The f-I slope: against lines fitted to single runs, and steps that do not count."""

import math

import numpy as np
import pytest
from run_lanes import Lanes, Told, flag_names, lane

from mnexcite import cells, simulate, stimuli
from mnexcite.measures.fi_slope import fi_slope
from mnexcite.measures.rheobase import rheobase

PB, HH = cells.purvis_butera_2005(), cells.hodgkin_huxley_1952()


def single_rate(cell, current, *, settle, duration, discard):
    end = settle + duration
    drive = stimuli.step(current, unit=cell.units["i"], start=settle, duration=duration)
    spikes = simulate(cell, drive, duration=end, record=()).spike_times
    kept = [t for t in spikes if settle + discard <= t < end]
    return 1e3 * (len(kept) - 1) / (kept[-1] - kept[0]) if len(kept) > 1 else 0.0


@pytest.mark.parametrize(
    ("cell", "path", "sizes", "currents", "times"),
    [
        (PB, "NaP.g", (0.05, 0.1), (0.4, 0.6, 1.0), (200.0, 1000.0, 300.0)),
        (HH, "Kdr.g", (36.0, 30.0), (8.0, 10.0, 15.0, 20.0), (50.0, 300.0, 100.0)),
    ],
)
def test_the_line_through_rates_of_single_runs(cell, path, sizes, currents, times):
    times = dict(zip(("settle", "duration", "discard"), times, strict=True))
    values = fi_slope(currents=currents, **times).run(Lanes(cell, {path: sizes}))
    for size, slope in zip(sizes, values["fi_slope"], strict=True):
        changed = cell.replaced({path: size})
        rates = [single_rate(changed, i, **times) for i in currents]
        assert min(rates) > 0
        # the same spikes; only the order of some ten additions differs
        assert slope == pytest.approx(np.polyfit(currents, rates, 1)[0], rel=1e-9)


def test_multiples_are_of_each_lanes_own_rheobase():
    lanes = Lanes(PB, {"NaP.g": [0.05, 0.1]})
    times = {"settle": 200.0, "duration": 600.0}
    least = rheobase(**times).run(lanes)["rheobase"]
    experiment = fi_slope(multiples=(2.0, 3.0, 4.0), discard=200.0, **times)
    values = experiment.run(lanes)
    for g, own, slope in zip((0.05, 0.1), least, values["fi_slope"], strict=True):
        currents = own * np.array([2.0, 3.0, 4.0])
        changed = PB.replaced({"NaP.g": g})
        rates = [single_rate(changed, i, discard=200.0, **times) for i in currents]
        assert slope == pytest.approx(np.polyfit(currents, rates, 1)[0], rel=1e-9)


def regular(rate, start=0.0, stop=1200.0):
    return np.arange(start + 1.0, stop, 1e3 / rate)


@pytest.mark.parametrize(
    ("trains", "flag", "slope"),
    [
        ([regular(10), regular(20), regular(30)], "ok", 10.0),
        ([[], regular(20), regular(30)], "ok", 10.0),
        ([[], [], regular(30)], "too_few_firing", math.nan),
        ([[], [], []], "too_few_firing", math.nan),
        ([[800.0], regular(20), regular(30)], "ok", 10.0),
        # firing that stops in the step is not the rate of a current
        ([regular(90, stop=800.0), regular(20), regular(30)], "ok", 10.0),
        ([regular(10, stop=700.0), regular(20), regular(30)], "ok", 10.0),
    ],
)
def test_only_steps_with_lasting_firing_count(trains, flag, slope):
    experiment = fi_slope(currents=(1.0, 2.0, 3.0))
    values = experiment.run(Told([[lane(train) for train in trains]]))
    assert flag_names(experiment, values, "fi_slope_status") == [flag]
    assert values["fi_slope"][0] == pytest.approx(slope, nan_ok=True)


def test_what_has_no_rheobase_has_no_slope_by_multiples_but_has_one_at_currents():
    lanes = Lanes(PB, {"Kdr.g": [1.3, 0.65], "A.g": [1.0, 0.5]})
    experiment = fi_slope(highest=0.1, duration=300.0, discard=0.0)
    values = experiment.run(lanes)
    assert flag_names(experiment, values, "fi_slope_status") == [
        "above_highest",
        "fires_by_itself",
    ]
    assert np.all(np.isnan(values["fi_slope"]))
    at_currents = fi_slope(currents=(0.3, 0.5)).run(lanes)
    assert at_currents["fi_slope"][1] > 0
