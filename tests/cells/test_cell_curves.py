import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite import cells
from mnexcite.cells import Cell, Compartment, Ion
from mnexcite.cells.compartment import find_compartment
from mnexcite.channels import Channel, Gate, IonPool, kinetics
from mnexcite.equations import gate_curves, iv_curve
from mnexcite.errors import InputError

PB = cells.purvis_butera_2005()
V = np.arange(-100.0, 0.0, 0.5)
conductance = st.floats(1e-3, 10.0)
few = settings(deadline=None, max_examples=25)


def refused(build, message):
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


@few
@given(conductance, st.floats(-95.0, -5.0))
def test_a_leak_is_a_straight_line_through_its_reversal(g, E):
    cell = Cell("c", Compartment("soma", C=1.0, channels=[Channel("leak", g=g, E=E)]))
    curve = iv_curve(cell, V)
    np.testing.assert_allclose(curve.total, g * (V - E), rtol=1e-15)
    np.testing.assert_array_equal(curve.currents["leak"], curve.total)
    # linear interpolation is exact for a straight line but for round-off
    np.testing.assert_allclose(curve.zeros, [E], atol=1e-11)
    assert not curve.negative_slope.any()
    assert curve.unit == "uA/cm2"
    assert dict(curve.pools) == {}


@few
@given(conductance, st.floats(0.0, 20.0))
def test_persistent_sodium_makes_the_slope_negative_where_calculus_says(leak, sodium):
    cell = Cell(
        "c",
        Compartment(
            "soma",
            C=1.0,
            channels=[
                Channel("leak", g=leak, E=-70.0),
                Channel(
                    "NaP",
                    g=sodium,
                    E=55.0,
                    gates=[Gate("m", inf=kinetics.boltzmann, half=-47.1, slope=4.1)],
                ),
            ],
        ),
    )
    v = np.arange(-90.0, -20.0, 0.05)
    m = 1.0 / (1.0 + np.exp(-(v + 47.1) / 4.1))
    slope = leak + sodium * (m + (v - 55.0) * m * (1.0 - m) / 4.1)
    # central differences miss the slope by f''' h^2 / 6 (3 h^2 at the ends at most); the
    # third derivative is below g (150 / 8 / 4.1^3 + 3 / 4 / 4.1^2)
    error = 0.5 * 0.05**2 * sodium * (150.0 / 8.0 / 4.1**3 + 0.75 / 4.1**2) + 1e-9
    found = iv_curve(cell, v).negative_slope[1:-1]
    clear = np.abs(slope[1:-1]) > error
    np.testing.assert_array_equal(found[clear], (slope[1:-1] < 0)[clear])


def test_the_rest_of_purvis_and_butera_is_the_zero_of_its_curve():
    v = np.arange(-90.0, -55.0, 0.01)
    (zero,) = iv_curve(PB, v).zeros
    # linear interpolation between points 0.01 mV apart: h^2 f'' / 8 f' is below 1e-5 mV
    assert zero == pytest.approx(-71.6300326, abs=2e-5)
    assert iv_curve(PB, v).unit == "nA"


def test_four_times_persistent_sodium_bends_the_curve_of_an_excitable_cell():
    """With half the potassium: the curve turns down earlier and its rest is gone."""
    v = np.arange(-90.0, -30.5, 0.05)
    onset = {}
    for factor in (1.0, 4.0):
        curve = iv_curve(PB.scaled({"K.g": 0.5, "NaP.g": factor}), v)
        onset[factor] = v[curve.negative_slope].min()
    assert onset[4.0] < onset[1.0] - 5.0
    sick = iv_curve(PB.scaled({"K.g": 0.5, "NaP.g": 4.0}), v)
    assert sick.negative_slope[(v > -65.0) & (v < -50.0)].all()
    assert np.all(sick.total[v > -65.0] < 0)
    assert not sick.zeros.size


def test_molkov_has_a_negative_slope_where_persistent_sodium_opens():
    """Its NaP does not inactivate, and below -50 mV nothing else is regenerative."""
    v = np.arange(-70.0, -50.0, 0.1)
    cell = cells.molkov_2025().replaced({"ions.K_o": 6.0})
    rising = iv_curve(cell.replaced({"NaP.g": 2.0}), v).negative_slope.sum()
    assert rising > iv_curve(cell, v).negative_slope.sum()


@few
@given(conductance, conductance, st.floats(1.0, 100.0), st.floats(1e-4, 1e-2))
def test_a_pool_rests_where_its_pump_meets_the_current(g, g_k, tau, alpha):
    cell = Cell(
        "c",
        Compartment(
            "soma",
            C=1.0,
            channels=[
                Channel("CaL", g=g, ion="Ca"),
                Channel(
                    "SK",
                    g=g_k,
                    E=-80.0,
                    gates=[Gate("z", power=2, inf=kinetics.hill, half=0.2, order=1.0)],
                ),
            ],
            pools=[IonPool("Ca", alpha=alpha, tau=tau, f=0.3, rest=0.05)],
        ),
        ions=[Ion("Ca", E=80.0)],
    )
    curve = iv_curve(cell, V)
    c = 0.05 - alpha * tau * g * (V - 80.0)
    np.testing.assert_allclose(curve.pools["Ca"], c, rtol=1e-13)
    z = c / (c + 0.2)
    np.testing.assert_allclose(curve.currents["SK"], g_k * z**2 * (V + 80.0), rtol=1e-12)


@cache
def plain():
    return iv_curve(PB, V)


@settings(deadline=None, max_examples=12)
@given(st.floats(1.0, 20.0))
def test_curves_follow_concentrations(K_o):
    curve = iv_curve(PB.replaced({"ions.K_o": K_o}), V)
    moved = -80.0 + 26.73 * math.log(K_o / 4.0)
    normal = plain()
    opening = normal.currents["A"] / (V + 80.0 + 1e-300)
    expected = np.where(V == -80.0, curve.currents["A"], opening * (V - moved))
    np.testing.assert_allclose(curve.currents["A"], expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(curve.currents["Na"], normal.currents["Na"])


def test_gate_curves_are_keyed_by_path_and_leave_calcium_out():
    curves = gate_curves(PB, V)
    assert "SK.z" not in curves
    inf, tau = curves["NaP.h"]
    np.testing.assert_allclose(inf, 1.0 / (1.0 + np.exp((V + 65.0) / 5.0)), rtol=1e-12)
    np.testing.assert_array_equal(tau, np.full(V.shape, 150.0))
    assert set(gate_curves(cells.booth_rinzel_kiehn_1997(), V)) >= {
        "soma.Na.m",
        "dendrite.CaL.m",
    }
    assert np.all(gate_curves(cells.molkov_2025(), V)["Na.m"][1] == 0.0)


def test_gates_that_read_calcium_have_curves_over_it():
    c = np.array([1e-4, 1e-3, 5e-3])
    (path,) = curves = gate_curves(cells.molkov_2025(), c, over="Ca").keys() - {"KCa.z"}
    inf, tau = gate_curves(cells.molkov_2025(), c, over="Ca")[path]
    # Molkov et al. 2025: CAN opens as Ca / (Ca + 0.74 uM), at once
    np.testing.assert_allclose(inf, c / (c + 0.74e-3), rtol=1e-12)
    assert curves == {"CAN.z"} and not tau.any()
    refused(lambda: gate_curves(PB, c, over="Mg"), "over is 'Mg'.*Ca")
    refused(lambda: gate_curves(PB, [-1.0, 1.0], over="Ca"), "0 or more")


@few
@given(st.floats(-20.0, 20.0), st.floats(0.2, 5.0))
def test_gate_curves_follow_shift_and_rate(shift, rate):
    moved = gate_curves(PB.replaced({"Na.h.shift": shift, "Na.h.rate": rate}), V)["Na.h"]
    there = gate_curves(PB, V - shift)["Na.h"]
    np.testing.assert_allclose(moved[0], there[0], rtol=1e-12)
    np.testing.assert_allclose(moved[1], there[1] / rate, rtol=1e-12)


def test_one_voltage_is_enough_for_gates_and_currents():
    inf, tau = gate_curves(PB, -47.1)["NaP.m"]
    assert (inf.shape, tau.shape) == ((1,), (1,))
    curve = iv_curve(PB, -71.6300326)
    assert curve.total.shape == (1,)
    assert curve.zeros.shape == (0,)


def test_one_voltage_has_no_slope():
    refused(lambda: iv_curve(PB, [-70.0]).negative_slope, "two voltages|2 voltages")


@pytest.mark.parametrize("function", [iv_curve, gate_curves])
@pytest.mark.parametrize(
    "v",
    [[-70.0, -80.0], [-70.0, -70.0], [math.nan], [-70.0, math.inf], [[-70.0, -60.0]]],
    ids=["falling", "twice", "NaN", "infinite", "two dimensions"],
)
def test_bad_voltages_are_refused_in_one_line(function, v):
    refused(lambda: function(PB, v), "v .*; allowed: finite, increasing voltages in mV")


@pytest.mark.parametrize("function", [iv_curve, gate_curves])
@pytest.mark.parametrize("v", ["rest", ["a"], None, [[1.0], [1.0, 2.0]]])
def test_voltages_that_are_no_numbers_are_refused(function, v):
    refused(lambda: function(PB, v), "allowed: finite, increasing voltages in mV")


def test_an_unknown_compartment_is_refused_with_a_suggestion():
    brk = cells.booth_rinzel_kiehn_1997()
    refused(lambda: iv_curve(brk, V, "dendrit"), "did you mean 'dendrite'")
    assert find_compartment(brk, None).name == "soma"
    assert find_compartment(brk, "dendrite").name == "dendrite"


def calcium_releases_calcium(order):
    gate = Gate("z", inf=kinetics.hill, half=0.2, order=order)
    return Cell(
        "c",
        Compartment(
            "soma",
            C=1.0,
            channels=[Channel("CICR", g=1.0, ion="Ca", gates=[gate])],
            pools=[IonPool("Ca", alpha=0.01, tau=10.0)],
        ),
        ions=[Ion("Ca", E=80.0)],
    )


def test_a_pool_fed_by_a_current_that_reads_it_is_balanced():
    """c = 0.1 c / (c + 0.2) (80 - v), so c is 0.1 (80 - v) - 0.2."""
    found = iv_curve(calcium_releases_calcium(1.0), V)
    np.testing.assert_allclose(found.pools["Ca"], 0.1 * (80.0 - V) - 0.2, rtol=1e-12)


def test_a_pool_with_several_balances_has_no_curve():
    """c (c^2 + 0.04) = 0.1 c^2 (80 - v) has three solutions."""
    refused(lambda: iv_curve(calcium_releases_calcium(2.0), V), "several ways at one voltage")


def test_a_point_at_zero_current_counts_once():
    cell = Cell("c", Compartment("soma", C=1.0, channels=[Channel("leak", g=1.0, E=-50.0)]))
    assert iv_curve(cell, [-60.0, -50.0, -40.0]).zeros.tolist() == [-50.0]
