"""Reversal potentials by Nernst; the gas constant comes from SciPy's CODATA table."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants

from mnexcite import cells
from mnexcite.cells import Cell, Compartment, Ion
from mnexcite.channels import Channel
from mnexcite.errors import InputError

PB, MK = cells.purvis_butera_2005(), cells.molkov_2025()
BRK, HH = cells.booth_rinzel_kiehn_1997(), cells.hodgkin_huxley_1952()
concentration = st.floats(0.5, 200.0)
few = settings(deadline=None, max_examples=20)

# the CODATA 2018 and 2022 values of R and F differ by less than this
CODATA = 1e-9


def rt_f(celsius):
    return (
        1e3
        * constants.R
        * (celsius + 273.15)
        / constants.physical_constants["Faraday constant"][0]
    )


@pytest.mark.parametrize(("K_o", "E_K"), [(4.0, -80.0), (4.8, -75.1), (5.8, -70.1)])
def test_purvis_butera_at_the_published_pairs(K_o, E_K):
    assert round(PB.replaced({"ions.K_o": K_o}).reversal("Kdr"), 1) == E_K


def test_molkov_at_4_mM():
    assert round(MK.reversal("Kdr"), 1) == -94.4


@few
@given(concentration)
def test_potassium_outside_moves_every_potassium_current(K_o):
    pb, mk = PB.replaced({"ions.K_o": K_o}), MK.replaced({"ions.K_o": K_o})
    for channel in ("Kdr", "A", "SK"):
        expected = -80.0 + 26.73 * math.log(K_o / 4.0)
        assert pb.reversal(channel) == pytest.approx(expected, rel=1e-13, abs=1e-12)
    for channel in ("Kdr", "Kv1", "KCa"):
        expected = 26.54 * math.log(K_o / 140.0)
        assert mk.reversal(channel) == pytest.approx(expected, rel=1e-13, abs=1e-12)
    for cell, T, E in ((BRK, 37.0, -80.0), (HH, 6.3, -77.0)):
        now = cell.parameters["ions.K_o"].value
        changed = cell.replaced({"ions.K_o": K_o})
        expected = E + rt_f(T) * math.log(K_o / now)
        name = "soma.Kdr" if cell is BRK else "Kdr"
        assert changed.reversal(name) == pytest.approx(expected, rel=CODATA, abs=1e-6)
    for channel in ("Na", "NaP", "CaT", "h", "leak"):
        assert pb.reversal(channel) == PB.reversal(channel)


@few
@given(concentration, concentration)
def test_inside_works_against_outside(K_i, K_o):
    cell = MK.replaced({"ions.K_i": K_i, "ions.K_o": K_o})
    expected = 26.54 * math.log(K_o / K_i)
    assert cell.reversal("Kdr") == pytest.approx(expected, rel=1e-12, abs=1e-12)


@few
@given(concentration)
def test_sodium_outside_moves_the_sodium_currents_alone(Na_o):
    cell = PB.replaced({"ions.Na_o": Na_o})
    expected = 60.0 + 26.73 * math.log(Na_o / 145.0)
    for channel in ("Na", "NaP"):
        assert cell.reversal(channel) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert cell.reversal("Kdr") == -80.0


@few
@given(concentration, st.floats(-100.0, -50.0), st.floats(10.0, 45.0))
def test_the_order_of_calls_does_not_matter(K_o, E_K, celsius):
    """E_K is the value at the reference concentration, whenever it is given."""
    warm = PB.replaced({"temperature": celsius})
    calls = [{"ions.K_o": K_o}, {"ions.E_K": E_K}]
    found = set()
    for order in itertools.permutations(calls):
        cell = warm
        for call in order:
            cell = cell.replaced(call)
        found.add(cell.reversal("Kdr"))
        assert cell.parameters["ions.E_K"].value == E_K
    (value,) = found
    slope = 26.73 * (celsius + 273.15) / (37.0 + 273.15)
    assert value == pytest.approx(E_K + slope * math.log(K_o / 4.0), rel=1e-12, abs=1e-12)


@few
@given(concentration, concentration)
def test_the_reference_concentration_does_not_move(first, second):
    there = PB.replaced({"ions.K_o": first}).replaced({"ions.K_o": second})
    assert there.reversal("Kdr") == PB.replaced({"ions.K_o": second}).reversal("Kdr")
    back = PB.replaced({"ions.K_o": first}).replaced({"ions.K_o": 4.0})
    assert back.reversal("Kdr") == -80.0


@few
@given(concentration)
def test_scaling_a_concentration_is_replacing_it(k):
    scaled = PB.scaled({"ions.K_o": k}).reversal("Kdr")
    assert scaled == pytest.approx(-80.0 + 26.73 * math.log(k), rel=1e-12, abs=1e-12)


def test_a_channel_with_its_own_reversal_still_follows_its_ion():
    changed = PB.replaced({"Kdr.E": -85.0, "ions.K_o": 5.0})
    shift = 26.73 * math.log(5.0 / 4.0)
    assert changed.reversal("Kdr") == pytest.approx(-85.0 + shift, rel=1e-14)
    assert changed.reversal("A") == pytest.approx(-80.0 + shift, rel=1e-14)


def test_a_reversal_of_several_channels_is_refused():
    with pytest.raises(InputError, match=r"leak.*soma\.leak"):
        BRK.reversal("leak")
    with pytest.raises(InputError, match=r"K.*Kdr"):
        PB.reversal("K")


def test_a_reversal_is_known_by_its_channel_and_unknown_ones_are_refused():
    assert BRK.reversal("CaL") == BRK.reversal("dendrite.CaL") == 80.0
    assert PB.reversal("h") == -38.8
    with pytest.raises(InputError, match="did you mean"):
        PB.reversal("Kd")


@few
@given(st.floats(0.0, 50.0))
def test_rt_over_f_follows_the_absolute_temperature(celsius):
    assert HH.nernst_slope(celsius) == pytest.approx(rt_f(celsius), rel=CODATA)
    warm = 273.15 + celsius
    assert PB.nernst_slope(celsius) == pytest.approx(26.73 * warm / 310.15, rel=1e-14)
    assert MK.nernst_slope(celsius) == pytest.approx(26.54 * warm / 308.15, rel=1e-14)
    assert PB.nernst_slope() == 26.73
    assert PB.replaced({"temperature": celsius}).nernst_slope() == PB.nernst_slope(celsius)


@pytest.mark.parametrize("valence", [-1, 2])
def test_the_charge_of_the_ion_divides_the_shift(valence):
    ion = Ion("X", E=10.0, outside=2.0, inside=1.0, valence=valence)
    membrane = Compartment("soma", C=1.0, channels=[Channel("X1", g=1.0, ion="X")])
    cell = Cell("c", membrane, ions=[ion], temperature=37.0)
    changed = cell.replaced({"ions.X_o": 4.0, "ions.X_i": 3.0})
    expected = 10.0 + rt_f(37.0) / valence * (math.log(2.0) - math.log(3.0))
    assert changed.reversal("X1") == pytest.approx(expected, rel=CODATA)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"E": math.nan}, "E is nan"),
        ({"E": "x"}, "E is 'x'"),
        ({"E": 0.0, "outside": 0.0}, "outside is 0.0 mM; allowed: 0.1 to 1000"),
        ({"E": 0.0, "inside": -1.0}, "inside is -1.0 mM; allowed: 1e-06 to 1000"),
        ({"E": 0.0, "outside": math.inf}, "outside is inf mM; allowed: 0.1 to 1000"),
        ({"E": 0.0, "outside": "4 mM"}, "outside is '4 mM'"),
        ({"E": 0.0, "outside": 4.0, "outside_0": -4.0}, "outside_0 is -4.0"),
        ({"E": 0.0, "valence": 0}, "valence is 0"),
    ],
)
def test_a_bad_ion_is_refused_in_one_line(arguments, message):
    with pytest.raises(InputError, match=f"ion K: {message}") as caught:
        Ion("K", **arguments)
    assert "\n" not in str(caught.value)


def test_the_same_ion_twice_is_refused():
    membrane = Compartment("soma", C=1.0, channels=[Channel("Kdr", g=1.0, ion="K")])
    with pytest.raises(InputError, match=r"ion.*K"):
        Cell("c", membrane, ions=[Ion("K", E=-80.0, outside=4.0), Ion("K", E=-70.0)])
