"""A channel and a cell that nobody published: ten lines, and a first-class citizen."""

import pickle

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import cells, conditions
from mnexcite.errors import InputError


def steep(v, half, slope):
    return 1.0 / (1.0 + np.exp(-(v - half) / slope))


def own():
    slow = mx.Gate(
        "s", inf=steep, tau=lambda v: 20.0 + 0.1 * (v + 60.0) ** 2, half=-48, slope=6
    )
    pic = mx.Channel("PIC", g=0.02, gates=[slow], ion="Na")
    leak = mx.Channel("leak", g=0.1, E=-65.0)
    return mx.Cell(
        "mine",
        mx.Compartment("soma", C=1.0, channels=[pic, leak]),
        ions=[mx.Ion("Na", E=55.0, outside=145.0)],
    )


def test_every_number_of_an_own_channel_has_a_path():
    parameters = own().parameters
    assert {path: (n.value, n.unit) for path, n in parameters.items()} == {
        "temperature": (37.0, "degC"),
        "ions.E_Na": (55.0, "mV"),
        "ions.Na_o": (145.0, "mM"),
        "C": (1.0, "uF/cm2"),
        "PIC.g": (0.02, "mS/cm2"),
        "PIC.E": (55.0, "mV"),
        "PIC.s.half": (-48.0, "mV"),
        "PIC.s.slope": (6.0, "mV"),
        "PIC.s.shift": (0.0, "mV"),
        "PIC.s.rate": (1.0, ""),
        "leak.g": (0.1, "mS/cm2"),
        "leak.E": (-65.0, "mV"),
    }


def test_an_own_cell_starts_at_the_steady_state_of_its_voltage():
    start = own().initial
    assert start["v"] == -65.0
    assert start["PIC.s"] == pytest.approx(1.0 / (1.0 + np.exp(17.0 / 6.0)), rel=1e-13)


def test_an_own_cell_can_be_changed_like_any_other():
    cell = own().scaled({"PIC.g": 3.0}).replaced({"PIC.s.half": -55.0})
    v = np.linspace(-90.0, -20.0, 50)
    curve = cells.iv_curve(cell, v)
    expected = 0.06 / (1.0 + np.exp(-(v + 55.0) / 6.0)) * (v - 55.0)
    np.testing.assert_allclose(curve.currents["PIC"], expected, rtol=1e-12)
    warm = cell.under(conditions.temperature(39.0), conditions.electrolytes(Na_o=120.0))
    assert warm.parameters["PIC.s.rate"].value == pytest.approx(3.0**0.2)
    assert warm.reversal("PIC") < 55.0


def test_an_own_channel_joins_a_published_cell(tmp_path):
    published = cells.hodgkin_huxley_1952()
    (axon,) = published.compartments
    (pic, _) = own().compartments[0].channels
    cell = mx.Cell(
        "squid with PIC",
        mx.Compartment("axon", C=1.0, channels=[*axon.channels, pic], initial={"v": -65.0}),
        ions=published.ions,
    )
    v = np.linspace(-80.0, 0.0, 30)
    more = cells.iv_curve(cell, v).total - cells.iv_curve(published, v).total
    expected = 0.02 / (1.0 + np.exp(-(v + 48.0) / 6.0)) * (v - 50.0)
    np.testing.assert_allclose(more, expected, rtol=0, atol=1e-12)
    cell.save(tmp_path / "mine.json")
    loaded = cells.find(str(tmp_path / "mine.json"))
    assert loaded.parameters["Na.m.alpha_half"] == cell.parameters["Na.m.alpha_half"]


def test_one_more_channel_in_one_call():
    published = cells.booth_rinzel_kiehn_1997()
    gate = mx.Gate("s", inf=steep, tau=20.0, half=-48.0, slope=6.0)
    pic = mx.Channel("PIC", g=0.02, gates=[gate], ion="Na")
    cell = published.with_channel(pic, compartment="dendrite", source="me", status="tuned")
    added = set(cell.parameters) - set(published.parameters)
    assert added == {f"dendrite.PIC.{key}" for key in ("g", "E")} | {
        f"dendrite.PIC.s.{key}" for key in ("tau", "half", "slope", "shift", "rate")
    }
    assert cell.parameters["dendrite.PIC.g"] == mx.Parameter(0.02, "mS/cm2", "me", "tuned")
    assert cell.reversal("dendrite.PIC") == 55.0
    assert {path: cell.parameters[path] for path in published.parameters} == dict(
        published.parameters
    )
    start = 1.0 / (1.0 + np.exp(12.0 / 6.0))
    assert cell.initial["dendrite.PIC.s"] == pytest.approx(start, rel=1e-13)
    assert {path: cell.initial[path] for path in published.initial} == dict(published.initial)
    assert "PIC.g" in cells.purvis_butera_2005().with_channel(pic).parameters


@pytest.mark.parametrize(
    ("channel", "compartment", "message"),
    [
        (mx.Channel("PIC", g=1.0, E=0.0), "dendrit", "no compartment 'dendrit'; did you mean"),
        (mx.Channel("Na", g=1.0, E=0.0), "soma", "the name 'Na' is taken"),
        (mx.Channel("Ca", g=1.0, E=0.0), "soma", "the name 'Ca' is taken"),
        (mx.Channel("PIC", g=1.0, ion="Cl"), "soma", "ion 'Cl' is not in the cell"),
    ],
)
def test_a_channel_that_does_not_fit_is_refused(channel, compartment, message):
    with pytest.raises(InputError, match=message) as caught:
        cells.booth_rinzel_kiehn_1997().with_channel(channel, compartment=compartment)
    assert "\n" not in str(caught.value)


def test_a_cell_of_named_functions_survives_pickle():
    gate = mx.Gate("s", inf=steep, tau=20.0, half=-48.0, slope=6.0)
    assert pickle.loads(pickle.dumps(gate)) == gate
