"""Voltage-clamp families against the closed forms of Hodgkin and Huxley's gates."""

import numpy as np
import pytest
from run_lanes import Lanes, flag_names
from scipy.optimize import curve_fit
from scipy.special import expit

import mnexcite as mx
from mnexcite.measures import activation, clamp_currents, clamp_family, inactivation
from mnexcite.measures.clamp_family import fitted

HH = mx.cells.hodgkin_huxley_1952()
LEVELS = np.array([-60.0, -45.0, -30.0, -15.0, 0.0, 20.0])
G_NA, E_NA = 120.0, 50.0  # Hodgkin & Huxley 1952, in today's sign and from -65 mV


def alpha_beta(gate, v):
    u = v + 65.0
    return {
        "m": (0.1 * (25 - u) / np.expm1((25 - u) / 10), 4.0 * np.exp(-u / 18)),
        "h": (0.07 * np.exp(-u / 20), expit((u - 30) / 10)),
        "n": (0.01 * (10 - u) / np.expm1((10 - u) / 10), 0.125 * np.exp(-u / 80)),
    }[gate]


def infinity(gate, v):
    alpha, beta = alpha_beta(gate, v)
    return alpha / (alpha + beta)


def relaxed(gate, x, v, t):
    inf = infinity(gate, v)
    return inf + (x - inf) * np.exp(-t * sum(alpha_beta(gate, v)))


def open_sodium(held, v, t):
    """Return m^3 h in a step from long at `held`."""
    m, h = (relaxed(gate, infinity(gate, held), v, t) for gate in "mh")
    return m**3 * h


@pytest.fixture(scope="module")
def family():
    return clamp_family(HH, LEVELS, holding=-80.0, start=2.0, duration=8.0, channel="Na")


def test_peaks_and_ends_are_those_of_the_closed_form(family):
    t = np.arange(0.0, 8.0, 0.02)
    for level, peak, steady in zip(LEVELS, family.peak, family.steady, strict=True):
        current = G_NA * open_sodium(-80.0, level, t) * (level - E_NA)
        # the tolerance of 1e-8 of a current of up to 2000, some hundred steps over
        assert peak == pytest.approx(current[np.abs(current).argmax()], abs=1e-2)
        assert steady == pytest.approx(current[-1], abs=1e-2)
    assert family.unit == "uA/cm2" and family.conductance_unit == "mS/cm2"
    assert family.status == ("ok",) * LEVELS.size


def test_the_activation_curve_is_that_of_the_closed_form(family):
    t = np.arange(0.0, 8.0, 0.02)
    peaks = np.array([open_sodium(-80.0, level, t).max() for level in LEVELS])
    share = peaks / peaks.max()
    fit = activation(family)
    np.testing.assert_allclose(fit.share, share, rtol=0, atol=1e-5)
    (half, slope), _ = curve_fit(
        lambda v, half, slope: expit((v - half) / slope), LEVELS, share, (-20.0, 8.0)
    )
    assert (fit.half, fit.slope) == pytest.approx((half, slope), abs=1e-2)
    assert fit.status == "ok" and fit.at(fit.half) == pytest.approx(0.5)


def test_the_inactivation_curve_is_that_of_the_closed_form():
    levels, t = np.array([-100.0, -76.0, -66.0, -54.0, -31.0]), np.arange(0.0, 4.0, 0.02)
    told = {"channel": "Na", "duration": 30.0, "test": -10.0, "test_duration": 4.0}
    fit = inactivation(clamp_family(HH, levels, start=1.0, **told))
    peaks = []
    for level in levels:
        m, h = (relaxed(gate, infinity(gate, -80.0), level, 30.0) for gate in "mh")
        opened = relaxed("m", m, -10.0, t) ** 3 * relaxed("h", h, -10.0, t)
        peaks.append(opened.max())
    np.testing.assert_allclose(fit.share, np.array(peaks) / max(peaks), rtol=0, atol=1e-5)
    assert fit.slope < 0.0 and fit.status == "ok"


def test_all_currents_together_are_the_sum_and_have_no_conductance():
    levels = [-30.0, 10.0]
    whole = clamp_family(HH, levels, start=1.0, duration=3.0, every=0.05)
    t = np.arange(0.0, 3.0, 0.05)
    for level, peak, steady in zip(levels, whole.peak, whole.steady, strict=True):
        n = relaxed("n", infinity("n", -80.0), level, t)
        total = G_NA * open_sodium(-80.0, level, t) * (level - E_NA)
        total += 36.0 * n**4 * (level + 77.0) + 0.3 * (level + 54.4)
        assert peak == pytest.approx(total[np.abs(total).argmax()], rel=1e-3)
        assert steady == pytest.approx(total[-1], rel=1e-3)
    assert whole.inward[0] == pytest.approx(whole.current.min(axis=1)[0])
    with pytest.raises(mx.InputError, match="give clamp_family channel='Na'"):
        activation(whole)


def test_a_boltzmann_gate_gives_its_own_numbers_back():
    """CaL of Booth's dendrite: half -40 and slope 7 mV, which 5 time constants show."""
    cell = mx.cells.booth_rinzel_kiehn_1997().replaced({"dendrite.CaL.m.rate": 40.0})
    levels = np.arange(-75.0, 31.0, 15.0)
    told = {"channel": "CaL", "compartment": "dendrite", "duration": 20.0, "every": 0.5}
    fit = activation(clamp_family(cell, levels, start=1.0, **told))
    assert (fit.half, fit.slope) == pytest.approx((-40.0, 7.0), abs=0.01)


def test_what_cannot_be_fitted_says_so():
    v = np.array([-60.0, -40.0, -20.0])
    assert fitted(v, np.zeros(3), 5.0).status == "too_few"
    assert fitted(v[:2], np.ones(2), 5.0).status == "too_few"
    flat = fitted(v, np.ones(3), 5.0)
    assert flat.status in ("ok", "no_fit")
    assert np.isnan(flat.half) == (flat.status != "ok")
    with pytest.raises(mx.InputError, match="did you mean 'Na'"):
        clamp_family(HH, [0.0], channel="Naf")
    with pytest.raises(mx.InputError, match="has no test step"):
        inactivation(clamp_family(HH, [0.0], duration=0.5, start=0.5, channel="Na"))


def test_a_sweep_of_clamped_points_at_each_level():
    lanes = Lanes(HH, {"Na.g": [60.0, 120.0]}, {"tolerance": 1e-8})
    measure = clamp_currents([-20.0, 10.0], settle=60.0, duration=3.0, every=0.02)
    values = measure.run(lanes)
    assert lanes.runs == 1
    t = np.arange(0.0, 3.0, 0.02)
    for level in (-20.0, 10.0):
        n = relaxed("n", infinity("n", -80.0), level, t)
        others = 36.0 * n**4 * (level + 77.0) + 0.3 * (level + 54.4)
        for lane, g in enumerate((60.0, 120.0)):
            total = others + g * open_sodium(-80.0, level, t) * (level - E_NA)
            peak = values[f"peak_at_{level:g}mV"][lane]
            assert peak == pytest.approx(total[np.abs(total).argmax()], rel=2e-3)
            assert values[f"steady_at_{level:g}mV"][lane] == pytest.approx(total[-1], rel=2e-3)
    assert flag_names(measure, values, "clamp_status") == ["ok", "ok"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: clamp_currents([]), "levels has 0 values"),
        (lambda: clamp_currents([0.0, 0.0]), "stands twice"),
        (lambda: clamp_currents([500.0]), "allowed: -150 to 100"),
        (lambda: clamp_family(HH, [0.0], every=50.0), "every is 50.0 ms"),
    ],
)
def test_what_is_refused(call, said):
    with pytest.raises(mx.InputError, match=said):
        call()
