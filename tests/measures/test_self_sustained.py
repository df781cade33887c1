"""Firing after a pulse: the published latch, a rule written once more, and what ends it."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run_lanes import Lanes, Told, flag_names, lane

from mnexcite import cells, simulate, stimuli
from mnexcite.measures.self_sustained import self_sustained

MK, BRK = cells.molkov_2025(), cells.booth_rinzel_kiehn_1997()


def test_molkovs_cell_latches_at_high_potassium_and_inhibition_ends_it():
    experiment = self_sustained(brake=-5.0)
    values = experiment.run(Lanes(MK.replaced({"NaP.g": 0.5}), {"ions.K_o": [4.0, 6.0]}))
    flags = flag_names(experiment, values, "sustained_end")
    assert flags == ["stopped_at_rest", "ended_by_pulse"]
    assert values["sustained_duration"][0] < 3000.0
    # ended within the second pulse of 1 s
    assert 2900.0 < values["sustained_duration"][1] < 4000.0
    # "near 130-145 Hz" in computations of the published equations
    assert 125.0 < values["sustained_rate"][1] < 150.0


def test_a_token_inhibition_does_not_end_the_latch():
    experiment = self_sustained(brake=-0.5)
    values = experiment.run(Lanes(MK.replaced({"NaP.g": 0.5}), {"ions.K_o": [6.0]}))
    assert flag_names(experiment, values, "sustained_end") == ["fires_on"]
    assert 6900.0 < values["sustained_duration"][0] <= 7000.0


def test_the_spikes_of_a_single_run():
    cell = MK.replaced({"NaP.g": 0.5, "ions.K_o": 4.5})
    values = self_sustained(settle=300.0, watch=2500.0).run(Lanes(cell))
    pulse = stimuli.pulse(20.0, unit="uA/cm2", start=300.0, duration=500.0)
    spikes = simulate(cell, pulse, duration=3300.0, record=()).spike_times
    after = [t for t in spikes if t >= 800.0]
    assert len(after) > 2
    # the same spikes, one difference and one quotient
    assert values["sustained_duration"][0] == pytest.approx(after[-1] - 800.0, rel=1e-12)
    rate = 1e3 * (len(after) - 1) / (after[-1] - after[0])
    assert values["sustained_rate"][0] == pytest.approx(rate, rel=1e-12)


def test_a_holding_current_alone_can_make_a_cell_fire():
    # Booth, Rinzel & Kiehn with KCa x 0.6 fires at 17 Hz at 2 uA/cm2
    parameters = {"soma.KCa.g": [5.0, 3.0], "dendrite.KCa.g": [1.1, 0.66]}
    experiment = self_sustained(duration=200.0, holding=2.0, watch=300.0)
    values = experiment.run(Lanes(BRK, parameters))
    assert flag_names(experiment, values, "sustained_end") == ["none", "fires_by_itself"]
    assert np.isnan(values["sustained_duration"]).tolist() == [False, True]


# settled at 200, pulse to 300, watch to 800; second pulse to 1000, watch to 1500 ms
TIMES = {"settle": 200.0, "duration": 100.0, "watch": 500.0, "brake_duration": 200.0}
LATCHED = [*np.arange(210.0, 800.0, 20.0)]


@pytest.mark.parametrize(
    ("spikes", "v", "flag", "duration", "rate"),
    [
        ([], -70.0, "none", 0.0, 0.0),
        ([210.0, 250.0], -70.0, "none", 0.0, 0.0),
        ([210.0], -20.0, "depolarisation_block", 0.0, 0.0),
        ([210.0, 310.0], -70.0, "none", 0.0, 0.0),  # it belongs to the pulse
        ([310.0, 330.0, 350.0], -70.0, "stopped_at_rest", 50.0, 50.0),
        ([310.0, 330.0, 350.0], -39.0, "depolarisation_block", 50.0, 50.0),
        (LATCHED, -30.0, "fires_on", 490.0, 50.0),
        ([310.0, 500.0], -70.0, "fires_on", 200.0, 1e3 / 190.0),
        ([120.0, 310.0], -70.0, "fires_by_itself", math.nan, math.nan),
        ([20.0, 310.0, 330.0], -70.0, "stopped_at_rest", 30.0, 50.0),
    ],
)
def test_what_ends_the_firing_by_hand(spikes, v, flag, duration, rate):
    experiment = self_sustained(**TIMES)
    values = experiment.run(Told([[lane(spikes, v)]]))
    assert flag_names(experiment, values, "sustained_end") == [flag]
    assert values["sustained_duration"][0] == pytest.approx(duration, nan_ok=True)
    assert values["sustained_rate"][0] == pytest.approx(rate, nan_ok=True)


@pytest.mark.parametrize(
    ("later", "v", "status", "flag", "duration"),
    [
        ([], -70.0, "ok", "ended_by_pulse", 490.0),
        ([820.0], -70.0, "ok", "ended_by_pulse", 520.0),
        ([], -20.0, "ok", "depolarisation_block", 490.0),
        ([*np.arange(1010.0, 1500.0, 20.0)], -30.0, "ok", "fires_on", 1190.0),
        ([1010.0, 1030.0], -70.0, "ok", "stopped_at_rest", 730.0),
        ([1010.0], -70.0, "ok", "stopped_at_rest", 710.0),
        ([820.0], -70.0, "non_finite", "failed", math.nan),
    ],
)
def test_what_a_second_pulse_does_by_hand(later, v, status, flag, duration):
    run = Told(
        [[lane(), lane(LATCHED)], [lane(LATCHED + later, v, status)]], lanes=2, unit="nA"
    )
    experiment = self_sustained(brake=-2.0, **TIMES)
    values = experiment.run(run)
    assert flag_names(experiment, values, "sustained_end") == ["none", flag]
    assert values["sustained_duration"].tolist() == pytest.approx([0.0, duration], nan_ok=True)
    (first, ends, _), (second, braked, latched) = run.asked
    assert (ends, braked, latched.tolist()) == (800.0, 1500.0, [1])
    t = np.array([100.0, 250.0, 500.0, 900.0, 1200.0])
    assert first.at(t).tolist() == [0.0, 1.0, 0.0, 0.0, 0.0]
    assert second.at(t).tolist() == [0.0, 1.0, 0.0, -2.0, 0.0]


def test_no_second_pulse_where_nothing_fires_on():
    run = Told([[lane(), lane([310.0])]], lanes=2)
    self_sustained(brake=-2.0, **TIMES).run(run)
    assert len(run.asked) == 1


@settings(deadline=None)
@given(st.sets(st.integers(200, 799), max_size=20), st.floats(-90.0, 20.0))
def test_the_rule_written_once_more(times, v):
    spikes = [float(t) for t in sorted(times)]
    experiment = self_sustained(**TIMES)
    values = experiment.run(Told([[lane(spikes, v)]]))
    after = [t for t in spikes if t >= 300.0]
    longest = max((b - a for a, b in pairwise(after)), default=0.0)
    if len(after) >= 2 and 800.0 - after[-1] <= 3 * longest:
        expected = "fires_on"
    elif v > -52.0:  # the lowest whole mV at which the cell of these answers is unstable
        expected = "depolarisation_block"
    else:
        expected = "stopped_at_rest" if len(after) > 1 else "none"
    assert flag_names(experiment, values, "sustained_end") == [expected]
    assert values["sustained_duration"][0] == (after[-1] - 300.0 if len(after) > 1 else 0.0)
