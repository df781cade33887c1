"""What a stimulus does to a cell: exact charge, edges anywhere, units, compartments."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite import cells, simulate, stimuli
from mnexcite.cells import Cell, Compartment, Coupling
from mnexcite.channels import Channel

HH, PB, BRK = (
    cells.hodgkin_huxley_1952(),
    cells.purvis_butera_2005(),
    cells.booth_rinzel_kiehn_1997(),
)
METHODS = ("staggered", "exponential_euler", "runge_kutta_4")


def capacitor(C=2.0, area=None, membrane="density"):
    """Return a membrane without conductance: its voltage is the charge it was given."""
    leak = Channel("leak", 0.0, E=-65.0)
    return Cell(
        "capacitor",
        Compartment("soma", C, [leak], v=-65.0),
        area=area,
        membrane=membrane,
    )


def charged(cell, drive, method="staggered", duration=10.0, **options):
    run = simulate(
        cell, drive, duration=duration, dt=0.025, method=method, record=("v",), **options
    )
    return run.final_state["v"][0] + 65.0


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None, max_examples=30)
@given(
    amplitude=st.floats(-10.0, 10.0),
    start=st.floats(0.0, 6.0),
    duration=st.floats(0.001, 6.0),
)
def test_a_step_brings_its_exact_charge(method, amplitude, start, duration):
    drive = stimuli.step(amplitude, unit="uA/cm2", start=start, duration=duration)
    expected = amplitude * (min(start + duration, 10.0) - start) / 2.0
    # some hundred sums of numbers near 65, each rounded to 1e-14
    assert charged(capacitor(), drive, method) == pytest.approx(expected, abs=1e-10)


@settings(deadline=None, max_examples=30)
@given(
    first=st.floats(-5.0, 5.0),
    last=st.floats(-5.0, 5.0),
    start=st.floats(0.0, 3.0),
    duration=st.floats(0.01, 6.0),
)
def test_ramps_and_triangles_bring_their_exact_charge(first, last, start, duration):
    ramp = stimuli.ramp(first, last, unit="uA/cm2", start=start, duration=duration)
    assert charged(capacitor(), ramp) == pytest.approx(
        0.5 * (first + last) * duration / 2.0, abs=1e-10
    )
    up = stimuli.triangle(last, unit="uA/cm2", start=start, duration=duration, base=first)
    assert charged(capacitor(), up) == pytest.approx(
        0.5 * (first + last) * duration / 2.0, abs=1e-10
    )


def test_pulses_far_shorter_than_a_step():
    train = stimuli.train(40.0, unit="uA/cm2", rate=730.0, count=6, width=0.003, start=0.21)
    assert charged(capacitor(), train) == pytest.approx(6 * 40.0 * 0.003 / 2.0, abs=1e-10)


def test_sampled_currents_are_held_until_the_next_sample():
    rng = np.random.default_rng(2)
    values = rng.normal(size=37)
    regular = stimuli.sampled(values, unit="uA/cm2", every=0.11, start=0.4)
    assert charged(capacitor(), regular) == pytest.approx(values.sum() * 0.11 / 2.0, abs=1e-10)
    times = np.sort(rng.uniform(0.0, 9.0, 37))
    held = stimuli.sampled(values, unit="uA/cm2", times=times)
    expected = (values * np.diff(np.append(times, 10.0))).sum() / 2.0
    assert charged(capacitor(), held) == pytest.approx(expected, abs=1e-10)


def test_sums_and_multiples():
    one = stimuli.step(2.0, unit="uA/cm2", start=1.013, duration=3.0)
    two = stimuli.ramp(0.0, 4.0, unit="uA/cm2", start=2.5, duration=2.0)
    assert charged(capacitor(), one + 3.0 * two) == pytest.approx((6.0 + 12.0) / 2.0, abs=1e-10)
    assert charged(capacitor(), one + one * -1.0) == pytest.approx(0.0, abs=1e-12)
    assert charged(capacitor(), None) == charged(capacitor(), stimuli.Stimulus()) == 0.0


def test_a_current_that_is_over_before_the_run_goes_on():
    """A run that starts at a state's time sees only what is left of the stimulus."""
    drive = stimuli.step(3.0, unit="uA/cm2", start=2.0, duration=4.0)
    first = simulate(capacitor(), drive, duration=5.0)
    second = simulate(capacitor(), drive, duration=5.0, initial=first.final_state)
    assert first.final_state["v"][0] == pytest.approx(-65.0 + 3.0 * 3.0 / 2.0, abs=1e-10)
    assert second.final_state["v"][0] == pytest.approx(-65.0 + 3.0 * 4.0 / 2.0, abs=1e-10)


def test_units_of_current():
    """1 nA into 4e-5 cm2 is 25 uA/cm2; 1 uA/cm2 is 0.04 nA."""
    density = capacitor(C=1.0, area=4e-5)
    drive = stimuli.step(0.2, unit="nA", duration=2.0)
    assert charged(density, drive) == pytest.approx(0.2 * 25.0 * 2.0, abs=1e-10)
    absolute = capacitor(C=0.04, area=4e-5, membrane="absolute")
    drive = stimuli.step(5.0, unit="uA/cm2", duration=2.0)
    assert charged(absolute, drive) == pytest.approx(5.0 * 0.04 * 2.0 / 0.04, abs=1e-9)
    assert PB.area == 4.0e-5
    one = simulate(PB, stimuli.step(1.0, unit="nA", start=1.0), duration=10.0)
    same = simulate(PB, stimuli.step(25.0, unit="uA/cm2", start=1.0), duration=10.0)
    np.testing.assert_allclose(one.spike_times, same.spike_times, rtol=1e-12)


def test_current_into_a_compartment():
    """Charge stays where it is put, or runs over by the coupling: none is lost."""
    leak = Channel("leak", 0.0, E=-65.0)
    parts = [
        Compartment("soma", 0.05, [leak], v=-65.0),
        Compartment("far", 0.2, [leak], v=-65.0),
    ]
    apart, joined = (
        Cell("two", parts, couplings=[Coupling("soma", "far", g_c=g)], membrane="absolute")
        for g in (0.0, 0.3)
    )
    near = stimuli.step(0.1, unit="nA", duration=1.0)
    far = stimuli.step(0.1, unit="nA", duration=1.0, compartment="far")
    state = simulate(apart, far, duration=5.0).final_state
    assert state["soma.v"][0] == -65.0
    assert state["far.v"][0] == pytest.approx(-65.0 + 0.1 / 0.2, abs=1e-10)
    for drive, charge in ((far, 0.1), (near, 0.1), (near + far, 0.2)):
        state = simulate(joined, drive, duration=30.0).final_state
        held = 0.05 * (state["soma.v"][0] + 65.0) + 0.2 * (state["far.v"][0] + 65.0)
        assert held == pytest.approx(charge, abs=1e-10)
        # time constant 0.13 ms: they are at one voltage by now
        assert state["soma.v"][0] == pytest.approx(state["far.v"][0], abs=1e-9)


def test_current_into_the_dendrite_of_booth():
    soma = stimuli.step(20.0, unit="uA/cm2", start=1.0)
    dendrite = stimuli.step(20.0, unit="uA/cm2", start=1.0, compartment="dendrite")
    truth = simulate(BRK, dendrite, duration=60.0, method="reference")
    run = simulate(BRK, dendrite, duration=60.0)
    assert len(run.spike_times) == len(truth.spike_times) >= 1
    np.testing.assert_allclose(run.spike_times, truth.spike_times, rtol=1e-3)
    assert simulate(BRK, soma, duration=60.0).spike_times[0] < run.spike_times[0]


def test_stimuli_per_lane():
    drives = [stimuli.step(a, unit="uA/cm2") for a in (0.0, 8.0, 20.0)]
    batch = simulate(HH, drives, duration=100.0)
    counts = [len(train) for train in batch.spike_times]
    assert counts[0] == 0 and 0 < counts[1] < counts[2]
    assert len(simulate(HH, drives[:1], duration=10.0)) == 1


def test_each_stimulus_is_evaluated_for_its_own_lane_only(monkeypatch):
    """Else a batch of stimuli would cost the square of its lanes."""
    lanes, calls = 200, []
    means = stimuli.Waveform.means

    def counted(self, edges):
        calls.append(1)
        return means(self, edges)

    monkeypatch.setattr(stimuli.Waveform, "means", counted)
    drives = [stimuli.step(a, unit="uA/cm2") for a in np.linspace(0.0, 20.0, lanes)]
    simulate(HH, drives, duration=5.0, threads=1)
    assert len(calls) == lanes
    calls.clear()
    simulate(HH, drives[0], duration=5.0, parameters={"Na.g": np.full(lanes, 120.0)}, threads=1)
    assert len(calls) <= lanes
