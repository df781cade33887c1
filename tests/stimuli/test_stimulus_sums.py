import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite import cells
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel
from mnexcite.errors import InputError
from mnexcite.stimuli import Stimulus, pulse, ramp, step
from mnexcite.stimuli.stimulus import UNITS, conversion

PB, HH = cells.purvis_butera_2005(), cells.hodgkin_huxley_1952()
BRK = cells.booth_rinzel_kiehn_1997()
T = np.linspace(0.0, 120.0, 481)
amplitude = st.floats(-100.0, 100.0)
few = settings(deadline=None, max_examples=40)


def refused(build, message):
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


def plain(membrane="density", area=None):
    soma = Compartment("soma", C=1.0, channels=[Channel("leak", g=0.1, E=-65.0)])
    return Cell("plain", soma, membrane=membrane, area=area)


@few
@given(amplitude, amplitude, st.floats(0.0, 100.0), st.floats(0.1, 100.0))
def test_sums_add_at_every_time(a, b, start, duration):
    first = step(a, unit="nA", start=start, duration=duration)
    second = ramp(0.0, b, unit="nA", start=10.0, duration=50.0)
    both = first + second
    np.testing.assert_array_equal(both.at(T), first.at(T) + second.at(T))
    (entering,) = both.into(PB)
    np.testing.assert_allclose(entering.at(T), both.at(T), rtol=0, atol=1e-12)


@few
@given(amplitude, amplitude)
def test_factors_scale_from_either_side(a, k):
    current = step(a, unit="nA", start=5.0, duration=50.0)
    np.testing.assert_allclose((k * current).at(T), k * current.at(T), rtol=1e-15)
    assert k * current == current * k
    assert (current + current) * k == current * k + current * k


def test_a_list_of_stimuli_has_a_sum():
    current = step(1.0, unit="nA", duration=5.0)
    assert float(sum([current, current, current], Stimulus()).at(1.0)) == 3.0


@pytest.mark.parametrize("factor", [math.nan, math.inf, "twice", None])
def test_a_factor_that_is_not_a_finite_number_is_refused(factor):
    refused(lambda: step(1.0, unit="nA") * factor, "factor is .*; allowed: a finite number")


@pytest.mark.parametrize("other", [None, 1.0, "nA"])
def test_only_stimuli_can_be_added(other):
    with pytest.raises((TypeError, InputError)):
        step(1.0, unit="nA") + other


def test_no_current_is_zero():
    assert Stimulus().at([0.0, 5.0]).tolist() == [0.0, 0.0]
    assert Stimulus().into(PB) == [None]
    assert Stimulus().into(BRK) == [None, None]


def test_currents_of_several_units_or_places_have_no_plain_sum():
    refused(
        lambda: (step(1.0, unit="nA") + step(1.0, unit="uA/cm2")).at(0.0),
        "differ in unit or compartment",
    )
    refused(
        lambda: (step(1.0, unit="nA") + step(1.0, unit="nA", compartment="soma")).at(0.0),
        "differ in unit or compartment",
    )


def test_one_nanoampere_is_25_uA_per_cm2_on_purvis_and_butera():
    density = plain(area=4.0e-5)
    assert conversion("nA", density) == pytest.approx(25.0, rel=1e-15)
    assert conversion("uA/cm2", PB) == pytest.approx(0.04, rel=1e-15)
    assert conversion("nA", PB) == 1.0
    assert conversion("uA/cm2", HH) == 1.0
    (entering,) = (step(1.0, unit="nA") + step(25.0, unit="uA/cm2")).into(PB)
    assert float(entering.at(0.0)) == pytest.approx(2.0, rel=1e-15)


@few
@given(st.floats(1e-8, 1.0), amplitude)
def test_conversion_there_and_back(area, a):
    density, absolute = plain(area=area), plain("absolute", area)
    # 1 nA = 1e-3 uA
    assert conversion("nA", density) == pytest.approx(1e-3 / area, rel=1e-14)
    assert conversion("nA", density) * conversion("uA/cm2", absolute) == pytest.approx(1.0)
    (entering,) = step(a, unit="nA").into(density)
    assert float(entering.at(0.0)) == pytest.approx(a * 1e-3 / area, rel=1e-14)
    (entering,) = step(a, unit="uA/cm2").into(absolute)
    assert float(entering.at(0.0)) == pytest.approx(a * area * 1e3, rel=1e-14)


def test_the_conversion_follows_a_changed_area():
    assert conversion("uA/cm2", PB.scaled({"area": 2.0})) == pytest.approx(0.08)


@pytest.mark.parametrize(
    ("cell", "unit"), [(HH, "nA"), (BRK, "nA"), (plain("absolute"), "uA/cm2")]
)
def test_a_conversion_without_an_area_is_refused(cell, unit):
    refused(
        lambda: step(1.0, unit=unit).into(cell),
        f"a current in {unit} needs the area of cell {cell.name}, which has none",
    )


def test_an_unknown_unit_is_refused():
    assert UNITS == ("nA", "uA/cm2")
    refused(lambda: conversion("pA", PB), "unit is 'pA'; allowed: nA, uA/cm2")


def test_currents_enter_the_compartment_they_name():
    stimulus = (
        step(1.0, unit="uA/cm2")
        + step(2.0, unit="uA/cm2", compartment="dendrite")
        + pulse(4.0, unit="uA/cm2", compartment="soma")
    )
    soma, dendrite = stimulus.into(BRK)
    assert soma.at([0.5, 1.5]).tolist() == [5.0, 1.0]
    assert dendrite.at([0.5, 1.5]).tolist() == [2.0, 2.0]
    only, none = step(1.0, unit="uA/cm2").into(BRK)
    assert none is None and float(only.at(0.0)) == 1.0


def test_an_unknown_compartment_is_refused_with_a_suggestion():
    refused(
        lambda: step(1.0, unit="uA/cm2", compartment="dendrit").into(BRK),
        "no compartment 'dendrit' in booth_rinzel_kiehn_1997; did you mean 'dendrite'",
    )
    refused(lambda: step(1.0, unit="nA", compartment="axon").into(PB), "no compartment 'axon'")


def test_equal_stimuli_are_equal_hash_alike_and_survive_pickle():
    one, other = step(1.0, unit="nA", start=3.0), step(1.0, unit="nA", start=3.0)
    assert one == other and hash(one) == hash(other)
    assert one != step(1.0, unit="uA/cm2", start=3.0)
    assert pickle.loads(pickle.dumps(one)) == one
    assert step(1.0, unit="nA", duration=2.0) * -1 == step(-1.0, unit="nA", duration=2.0)
    assert hash(step(1.0, unit="nA", duration=2.0) * -1) == hash(
        step(-1.0, unit="nA", duration=2.0)
    )
