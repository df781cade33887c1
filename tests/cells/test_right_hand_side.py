"""The equations for an integrator: SciPy, another transcription, the reference method."""

import sys
from pathlib import Path

import numpy as np
import pytest

import mnexcite as mx
from exactness import TRUTH
from mnexcite.equations import right_hand_side
from solved import solved

sys.path.insert(0, str(Path(__file__).parents[1] / "measures"))
from independent import Independent

HH, BRK = mx.cells.hodgkin_huxley_1952(), mx.cells.booth_rinzel_kiehn_1997()
#: Cell -> a current that makes it fire within 4 ms [its unit].
DRIVES = {
    "hodgkin_huxley_1952": 20.0,
    "purvis_butera_2005": 1.0,
    "molkov_2025": 25.0,
    "booth_rinzel_kiehn_1997": 25.0,
    "cramping_motoneuron": 25.0,
    "motor_terminal": 20.0,
}


@pytest.mark.parametrize("name", mx.cells.CATALOGUE)
def test_scipy_finds_the_spikes_of_the_reference(name):
    cell, until = mx.cells.find(name), 6.0
    # the second edge comes before the spike, and moves it
    drive = mx.stimuli.pulse(DRIVES[name], unit=cell.units["i"], start=0.5, duration=2.0)
    equations = right_hand_side(cell, drive)
    edges = [0.0, *equations.breaks, until]
    scale = np.where(np.array(equations.units) == "mV", 100.0, 1.0)
    spikes, _ = solved(
        equations.f, equations.y0, edges, cell.spike_threshold, 1e-10 * scale, rtol=1e-9
    )
    truth = mx.simulate(cell, drive, duration=until, record=(), **TRUTH)
    assert spikes.size >= 1
    np.testing.assert_allclose(spikes, truth.spike_times, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["hodgkin_huxley_1952", "purvis_butera_2005"])
def test_f_is_that_of_the_published_equations(name):
    oracle, equations = Independent(name), right_hand_side(mx.cells.find(name), 3.0)
    assert equations.states == tuple(oracle.paths)
    np.testing.assert_allclose(equations.y0, oracle.published, rtol=1e-12, atol=1e-12)
    rng = np.random.default_rng(0)
    y = oracle.published[:, None] * rng.uniform(0.5, 1.5, (oracle.published.size, 5))
    expected = np.stack([oracle(0.0, column, 3.0) for column in y.T], axis=1)
    # the same functions in another order: roundings of sums of some ten terms
    np.testing.assert_allclose(equations.f(0.0, y), expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(equations.f(9.0, y[:, 1]), expected[:, 1], rtol=1e-9, atol=1e-12)


def test_what_enters_changes_the_voltage_as_ohm_says():
    """A synapse, a conductance and a current, each by its own formula."""
    cell = HH.with_synapse(mx.Synapse("ampa", g=0.4, E=0.0, decay=2.0))
    told = (
        mx.stimuli.events("ampa", [3.0])
        + mx.stimuli.conductance(0.2, unit="mS/cm2", E=-80.0, start=2.0)
        + mx.stimuli.step(2.0, unit="uA/cm2", start=1.0)
    )
    equations, still = right_hand_side(cell, told), right_hand_side(cell)
    v = equations.y0[0]
    shunt = 0.2 * (-80.0 - v)
    expected = {
        0.5: 0.0,
        1.0: 2.0,
        2.5: 2.0 + shunt,
        4.0: 2.0 + shunt - 0.4 * np.exp(-0.5) * v,
    }
    for t, entering in expected.items():
        gained = equations.f(t, equations.y0) - still.f(t, equations.y0)
        np.testing.assert_allclose(gained, [entering, 0.0, 0.0, 0.0], rtol=1e-12, atol=1e-12)
    assert equations.breaks.tolist() == [1.0, 2.0, 3.0]


def test_a_current_enters_the_compartment_that_is_named():
    there, still = right_hand_side(BRK, 2.0, compartment="dendrite"), right_hand_side(BRK)
    gained = there.f(0.0, there.y0) - still.f(0.0, there.y0)
    assert np.flatnonzero(gained).tolist() == [there.states.index("dendrite.v")]
    assert gained.max() == pytest.approx(2.0, rel=1e-12)  # uA/cm2 over 1 uF/cm2
    assert dict(zip(there.states, there.units, strict=True))["soma.Ca"] == "uM"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: right_hand_side(HH, "much"), "current is 'much'"),
        (lambda: right_hand_side(HH, np.nan), "current is nan"),
        (lambda: right_hand_side(BRK, 1.0, compartment="axon"), "axon"),
        (
            lambda: right_hand_side(
                BRK, mx.stimuli.step(1.0, unit="uA/cm2"), compartment="soma"
            ),
            "says where it enters",
        ),
        (
            lambda: right_hand_side(
                HH, mx.stimuli.ornstein_uhlenbeck(1.0, tau=5.0, unit="uA/cm2")
            ),
            "fluctuates",
        ),
    ],
)
def test_what_is_refused_is_said_in_one_line(call, said):
    with pytest.raises(mx.InputError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)
