"""A channel and a cell that nobody published: ten lines, and a first-class citizen."""

import pickle

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import cells, conditions, equations
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
    curve = equations.iv_curve(cell, v)
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
    more = equations.iv_curve(cell, v).total - equations.iv_curve(published, v).total
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


def _slow(name="KCNQ", **more):
    gate = mx.Gate("m", inf=steep, tau=30.0, half=-35.0, slope=5.0)
    return mx.Channel(name, g=0.02, gates=[gate], **({"ion": "K"} | more))


def test_an_added_channel_is_part_of_the_group_of_its_ion():
    published = cells.purvis_butera_2005()
    cell = published.with_channel(_slow())
    assert cell.groups["K"] == ("Kdr", "A", "KCNQ")
    halved = cell.scaled({"K.g": 0.5})
    assert halved.parameters["KCNQ.g"].value == 0.01
    assert halved.parameters["A.g"].value == 0.5
    sick = cell.under(mx.conditions.als_early())
    assert sick.parameters["KCNQ.g"].value == pytest.approx(0.02 * 0.7, rel=1e-15)
    batch = mx.simulate(cell, duration=0.5, parameters={"K.g": mx.factors([1.0, 0.5])})
    assert batch.parameters["KCNQ.g"].tolist() == [0.02, 0.01]
    dendrite = cells.booth_rinzel_kiehn_1997().with_channel(_slow(), compartment="dendrite")
    assert dendrite.groups["K"] == ("soma.Kdr", "dendrite.KCNQ")


def test_groups_are_asked_for_or_follow_from_the_gating():
    published = cells.purvis_butera_2005()
    hill = mx.Gate("z", inf=mx.channels.kinetics.hill, half=1e-3, order=2.0)
    by_calcium = mx.Channel("BK", g=0.02, ion="K", gates=[hill])
    for channel in (by_calcium, _slow(ion="Na"), _slow(ion=None, E=-80.0)):
        assert published.with_channel(channel).groups == published.groups
    assert published.with_channel(_slow(), groups=()).groups == published.groups
    both = published.with_channel(by_calcium, groups=("K", "slow"))
    assert both.groups["K"] == ("Kdr", "A", "BK") and both.groups["slow"] == ("BK",)
    with pytest.raises(InputError, match="group is 3"):
        published.with_channel(by_calcium, groups=[3])


def test_each_number_has_its_own_source():
    cell = cells.purvis_butera_2005().with_channel(
        _slow(), source={"g": "a fit", "m.half": "a paper"}, status={"m.half": "published"}
    )
    found = {k: (p.source, p.status) for k, p in cell.parameters.items() if "KCNQ" in k}
    assert found["KCNQ.g"] == ("a fit", "unverified")
    assert found["KCNQ.m.half"] == ("a paper", "published")
    assert found["KCNQ.m.slope"] == ("given by the user", "unverified")
    with pytest.raises(InputError, match=r"source names 'm.halff'; did you mean 'm.half'"):
        cells.purvis_butera_2005().with_channel(_slow(), source={"m.halff": "a paper"})


def test_a_change_of_many_numbers_builds_one_cell(monkeypatch):
    parts = [mx.Compartment(f"c{k}", 1.0, [_slow()]) for k in range(64)]
    joints = [mx.Coupling(f"c{k}", f"c{k + 1}", 0.1, 0.5, f"j{k}") for k in range(63)]
    cell = mx.Cell("chain", parts, joints, ions=[mx.Ion("K", -80.0, 4.0)])
    built, made = [], mx.Cell.__init__
    monkeypatch.setattr(
        mx.Cell, "__init__", lambda self, *a, **k: (built.append(1), made(self, *a, **k))[1]
    )
    changed = cell.scaled({"KCNQ.g": 2.0, "C": 1.5, "KCNQ.m.half": 1.1, "ions.K_o": 1.2})
    assert len(built) == 1
    assert {changed.parameters[f"c{k}.KCNQ.g"].value for k in range(64)} == {0.04}
    assert {changed.parameters[f"c{k}.C"].value for k in range(64)} == {1.5}


def test_a_channel_can_take_the_place_of_another():
    cell = cells.purvis_butera_2005()
    m = mx.Gate("m", inf=lambda v: 1.0 / (1.0 + np.exp(-(v + 50.0) / 4.0)), tau=0.2)
    other = cell.with_channel(
        mx.Channel("NaP", 0.03, m, ion="Na"), replace=True, source="ours", status="tuned"
    )
    names = [channel.name for channel in cell.compartments[0].channels]
    assert [channel.name for channel in other.compartments[0].channels] == names
    assert "NaP.h.half" in cell.parameters and "NaP.h.half" not in other.parameters
    assert "NaP.h" not in other.initial and other.parameters["NaP.g"].status == "tuned"
    assert other.groups == cell.groups and other.parameters["Na.g"] == cell.parameters["Na.g"]
    assert mx.simulate(other, duration=20.0).status == "ok"
    with pytest.raises(InputError, match=r"no channel 'NaQ' in .*; did you mean"):
        cell.with_channel(mx.Channel("NaQ", 0.03, m, ion="Na"), replace=True)
