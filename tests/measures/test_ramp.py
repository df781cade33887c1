"""Slow triangles: published hysteresis, currents by hand, and what has no current."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_lanes import Lanes, Told, flag_names, lane

from mnexcite import cells, simulate, stimuli
from mnexcite.measures.ramp import ramp

PB, MK = cells.purvis_butera_2005(), cells.molkov_2025()


@pytest.mark.parametrize("settle", [0.0, 1000.0])
def test_the_published_hysteresis_of_molkovs_cell(settle):
    experiment = ramp(settle=settle)
    values = experiment.run(Lanes(MK))
    assert flag_names(experiment, values, "ramp_status") == ["ok"]
    # Molkov et al. 2025, 0-20-0 uA/cm2 in 10 s: 10.3 and 5.0, to 0.1
    assert values["recruitment_current"][0] == pytest.approx(10.3, abs=0.1)
    assert values["derecruitment_current"][0] == pytest.approx(5.0, abs=0.1)
    assert values["hysteresis"][0] == pytest.approx(-5.3, abs=0.2)


def test_currents_at_the_spikes_of_a_single_run():
    values = ramp(peak=0.6, duration=4000.0, settle=100.0).run(
        Lanes(PB, {"NaP.g": [0.05, 0.1]})
    )
    drive = stimuli.triangle(0.6, unit="nA", start=100.0, duration=4000.0)
    for place, g in enumerate((0.05, 0.1)):
        run = simulate(PB.replaced({"NaP.g": g}), drive, duration=5000.0, record=())
        first, last = run.spike_times[0] - 100.0, run.spike_times[-1] - 100.0
        up, down = 0.6 * first / 2000.0, 0.6 * (4000.0 - last) / 2000.0
        assert first < 2000.0 < last < 4000.0
        # one product and one quotient, rounded
        assert values["recruitment_current"][place] == pytest.approx(up, rel=1e-12)
        assert values["derecruitment_current"][place] == pytest.approx(down, rel=1e-12)
        assert values["hysteresis"][place] == pytest.approx(down - up, abs=1e-12)


def test_more_persistent_sodium_recruits_earlier_until_nothing_stops_the_firing():
    experiment = ramp(duration=4000.0)
    values = experiment.run(Lanes(MK, {"NaP.g": [0.0, 0.1, 0.5]}))
    assert np.all(np.diff(values["recruitment_current"]) < 0)
    flags = flag_names(experiment, values, "ramp_status")
    assert flags == ["ok", "ok", "fires_to_the_end"]
    assert math.isnan(values["hysteresis"][2])


# a triangle of 0-10-0 between 200 and 1200 ms
@pytest.mark.parametrize(
    ("spikes", "flag", "up", "down"),
    [
        ([450.0, 600.0, 950.0], "unresolved", 5.0, 5.0),
        ([450.0, 451.0, 980.0, 990.0], "ok", 5.0, 4.2),
        ([450.0, 451.0, 943.0, 950.0], "unresolved", 5.0, 5.0),
        ([350.0, 1100.0], "unresolved", 3.0, 2.0),
        ([350.0, 360.0, 1050.0, 1100.0], "unresolved", 3.0, 2.0),
        ([350.0, 360.0, 1070.0, 1100.0], "ok", 3.0, 2.0),
        ([], "no_spike", math.nan, math.nan),
        ([50.0], "no_spike", math.nan, math.nan),
        ([50.0, 450.0, 950.0], "unresolved", 5.0, 5.0),
        ([150.0, 450.0, 950.0], "fires_by_itself", math.nan, math.nan),
        ([950.0], "silent_on_the_way_up", math.nan, 5.0),
        ([700.0, 950.0], "silent_on_the_way_up", math.nan, 5.0),
        ([450.0, 650.0], "silent_on_the_way_down", 5.0, math.nan),
        ([450.0, 1200.0], "fires_to_the_end", 5.0, math.nan),
        ([950.0, 1300.0], "fires_to_the_end", math.nan, math.nan),
        ([200.0, 210.0, 1095.0, 1100.0], "ok", 0.0, 2.0),
    ],
)
def test_currents_and_flags_by_hand(spikes, flag, up, down):
    experiment = ramp(peak=10.0, duration=1000.0, settle=200.0, watch=500.0)
    values = experiment.run(Told([[lane(spikes)]]))
    assert flag_names(experiment, values, "ramp_status") == [flag]
    assert values["recruitment_current"][0] == pytest.approx(up, nan_ok=True)
    assert values["derecruitment_current"][0] == pytest.approx(down, nan_ok=True)
    assert values["hysteresis"][0] == pytest.approx(down - up, nan_ok=True)


@given(st.sets(st.floats(0.0, 1699.0), max_size=12))
def test_values_are_there_exactly_where_they_are_defined(times):
    spikes = sorted(times)
    experiment = ramp(peak=10.0, duration=1000.0, settle=200.0, watch=500.0)
    values = experiment.run(Told([[lane(spikes)]]))
    (flag,) = flag_names(experiment, values, "ramp_status")
    by_itself = any(100.0 <= t < 200.0 for t in spikes)
    counted = [t for t in spikes if t >= 200.0]
    up = not by_itself and any(t < 700.0 for t in counted)
    down = not by_itself and any(t >= 700.0 for t in counted) and counted[-1] < 1200.0
    assert np.isfinite(values["recruitment_current"][0]) == up
    assert np.isfinite(values["derecruitment_current"][0]) == down
    defined = flag in ("ok", "unresolved")
    assert np.isfinite(values["hysteresis"][0]) == (up and down) == defined
    assert np.isfinite(values["hysteresis_resolution"][0]) == defined
    if defined:  # 10 up and down in 1000 ms: 0.02 per ms
        gaps = counted[1] - counted[0] + counted[-1] - counted[-2]
        resolution = values["hysteresis_resolution"][0]
        assert resolution == pytest.approx(0.02 * gaps)
        assert (flag == "unresolved") == (abs(values["hysteresis"][0]) < resolution)


def test_a_failed_run_has_no_current():
    experiment = ramp()
    values = experiment.run(Told([[lane([450.0], status="non_finite"), lane()]], lanes=2))
    assert flag_names(experiment, values, "ramp_status") == ["failed", "no_spike"]
    assert np.all(np.isnan(values["hysteresis"]))


def test_the_default_ramp_resolves_purvis_and_buteras_hysteresis():
    """Its sign, and its size to a tenth, do not change with the duration any more."""
    found = {}
    for duration in (None, 90_000.0):
        experiment = ramp(duration=duration)
        values = experiment.run(Lanes(PB, options={"initial": "rest"}))
        assert flag_names(experiment, values, "ramp_status") == ["ok"]
        found[duration] = values["hysteresis"][0]
        assert values["hysteresis_resolution"][0] < 0.1 * abs(found[duration])
    assert max(found.values()) - min(found.values()) < 0.1 * abs(found[None])
    fast = ramp(duration=5_000.0)
    values = fast.run(Lanes(PB, options={"initial": "rest"}))
    assert flag_names(fast, values, "ramp_status") == ["unresolved"]
