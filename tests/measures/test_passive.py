"""Input resistance, time constant and after-hyperpolarisation against closed forms and eFEL."""

import warnings

import numpy as np
import pytest
from run_lanes import Lanes

import mnexcite as mx
from mnexcite import measures

PASSIVE = mx.Cell("passive", mx.Compartment("soma", 2.0, [mx.Channel("leak", 0.1, E=-70.0)]))
REST = {"initial": "rest"}
PB = mx.cells.purvis_butera_2005()
A = PB.parameters["A.g"].value * np.array([1.0, 0.5])


def flag(found, name, lane=0):
    output = next(o for row in (measures.passive(), measures.ahp()) for o in row.outputs
                  if o.name == name)  # fmt: skip
    return output.flags[found[name][lane]]


def test_a_leak_has_the_resistance_and_time_constant_of_its_formulas():
    """R = 1 / g [kohm cm2], tau = C / g [ms], whatever the deflection."""
    lanes = Lanes(PASSIVE, {"leak.g": [0.05, 0.1, 0.4], "C": [2.0, 1.0, 2.0]}, REST)
    for deflection in (0.5, 5.0):
        found = measures.passive(deflection=deflection).run(lanes)
        np.testing.assert_allclose(found["input_resistance"], [20.0, 10.0, 2.5], rtol=2e-4)
        np.testing.assert_allclose(found["time_constant"], [40.0, 10.0, 5.0], rtol=2e-3)
        np.testing.assert_allclose(found["sag"], 0.0, atol=1e-3)
        assert set(found["passive_status"]) == {0}


def test_a_published_cell_is_that_of_efel():
    efel = pytest.importorskip("efel", reason="eFEL is not installed (extra oracles)")
    found = measures.passive().run(Lanes(PB, options=REST))
    resistance = found["input_resistance"][0]
    # the slope of the steady current at rest, the same by another route
    rest = mx.equations.equilibria(PB)[0].v
    slope = np.diff(mx.equations.iv_curve(PB, [rest - 1.05, rest - 0.95]).total)[0] / 0.1
    assert resistance == pytest.approx(1.0 / slope, rel=0.05)
    current = -2.0 / resistance
    step = mx.stimuli.step(current, unit="nA", start=200.0, duration=500.0)
    rec = mx.simulate(PB, step, duration=900.0, initial="rest", every=0.1)
    efel.reset()
    trace = {"T": rec.t, "V": rec["v"], "stim_start": [200.0], "stim_end": [700.0]}
    trace["stimulus_current"] = [current]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = ["ohmic_input_resistance_vb_ssse"]
        (theirs,) = efel.get_feature_values([trace], names)
    assert resistance == pytest.approx(theirs[names[0]][0], rel=0.01)


def test_what_is_not_passive_says_so():
    sick = Lanes(PB, {"NaP.g": [0.05, 0.1], "Kdr.g": [1.3, 0.65], "A.g": A}, REST)
    found = measures.passive().run(sick)
    assert flag(found, "passive_status", 1) == "fires_by_itself"
    assert np.isnan(found["input_resistance"][1]) and found["input_resistance"][0] > 0.0
    found = measures.passive(duration=100.0).run(Lanes(mx.cells.hodgkin_huxley_1952()))
    assert flag(found, "passive_status") in ("sag", "no_exponential")
    assert found["sag"][0] > 0.05  # the squid's own inductive membrane


def test_an_after_hyperpolarisation_is_that_of_the_trace():
    found = measures.ahp().run(Lanes(PB, options=REST))
    assert flag(found, "ahp_status") == "ok"
    amplitude, half = found["ahp_amplitude"][0], found["ahp_half_decay"][0]
    ds = mx.sweep(PB, {"C": [0.04]}, duration=1.0, measures=measures.rheobase(duration=1.0))
    pulse = mx.stimuli.step(1.5 * ds["rheobase"].item(), unit="nA", start=200.0, duration=1.0)
    rec = mx.simulate(PB, pulse, duration=700.0, initial="rest", every=0.05)
    v, t = rec["v"], rec.t
    base = v[t < 200.0][-1]
    low = int(np.argmin(np.where(t > rec.spike_times[0] + 1.0, v, np.inf)))
    assert amplitude == pytest.approx(base - v[low], rel=0.02)
    back = low + int(np.flatnonzero(v[low:] >= base - 0.5 * (base - v[low]))[0])
    assert half == pytest.approx(t[back] - t[low], rel=0.02)


def test_cells_without_one_spike_say_so():
    found = measures.ahp().run(Lanes(PASSIVE))
    assert flag(found, "ahp_status") == "no_spike" and np.isnan(found["ahp_amplitude"][0])
    sick = Lanes(PB, {"NaP.g": [0.1], "Kdr.g": [0.65], "A.g": A[1:]}, REST)
    assert flag(measures.ahp().run(sick), "ahp_status") == "fires_by_itself"


@pytest.mark.parametrize(
    "wrong", [dict(deflection=0.0), dict(duration=-1.0), dict(duration=0.5), dict(settle=0.3)]
)
def test_bad_settings_are_refused(wrong):
    with pytest.raises(mx.InputError, match="passive: "):
        measures.passive(**wrong)
