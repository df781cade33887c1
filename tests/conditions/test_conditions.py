import dataclasses
import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite import cells, conditions, simulate, sweep
from mnexcite.cells import Cell, Compartment, Ion
from mnexcite.channels import Binding, Channel, Gate, IonPool, Pump
from mnexcite.conditions import (
    AddBinding,
    AddGate,
    Condition,
    Rates,
    Replace,
    Scale,
    Shift,
    als_early,
    electrolytes,
    temperature,
)
from mnexcite.errors import InputError
from mnexcite.stimuli import step

CELLS = {name: make() for name, make in cells.CATALOGUE.items()}
PB, MK = CELLS["purvis_butera_2005"], CELLS["molkov_2025"]
BRK, HH = CELLS["booth_rinzel_kiehn_1997"], CELLS["hodgkin_huxley_1952"]
few = settings(deadline=None, max_examples=12)
by_name = pytest.mark.parametrize("name", CELLS)


def membrane(*channels):
    return Compartment("soma", C=1.0, channels=[Channel("leak", g=0.1, E=-65.0), *channels])


PASSIVE = Cell("passive", membrane())


def values(cell):
    return {path: number.value for path, number in cell.parameters.items()}


def ratios(cell, other):
    """Return the factor of each number that differs."""
    before, after = values(cell), values(other)
    assert before.keys() == after.keys()
    return {p: after[p] / before[p] for p in before if after[p] != before[p]}


def refused(build, message):
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


# als_early


@by_name
def test_als_of_strength_0_is_the_identity_to_the_bit(name):
    cell = CELLS[name]
    assert cell.under(als_early(0.0)) == cell
    assert cell.under(als_early(0.0)).parameters == cell.parameters
    assert hash(cell.under(als_early(0.0))) == hash(cell)


@few
@given(st.floats(0.0, 2.0))
def test_als_grows_linearly_with_its_strength(strength):
    sick = PB.under(als_early(strength))
    factors = ratios(PB, sick)
    assert set(factors) <= {"NaP.g", "Kdr.g", "A.g"}
    assert sick.parameters["NaP.g"].value == pytest.approx(0.05 * (1.0 + strength), rel=1e-14)
    k_factor = 1.0 - 0.3 * strength
    assert sick.parameters["Kdr.g"].value == pytest.approx(1.3 * k_factor, rel=1e-14)
    assert sick.parameters["A.g"].value == pytest.approx(1.0 * k_factor, rel=1e-14)
    assert sick.initial == PB.initial


def test_als_at_its_default_is_twice_sodium_and_seven_tenths_potassium():
    sick = PB.under(als_early())
    assert sick == PB.under(als_early(1.0))
    assert sick.parameters["NaP.g"].value == 0.1
    assert sick.parameters["Kdr.g"].value == pytest.approx(0.91, rel=1e-15)


def test_als_changes_what_a_cell_has():
    assert set(ratios(HH, HH.under(als_early()))) == {"Kdr.g"}
    assert set(ratios(BRK, BRK.under(als_early()))) == {"soma.Kdr.g"}
    assert set(ratios(MK, MK.under(als_early()))) == {"Kdr.g", "Kv1.g"}
    with_nap = MK.replaced({"NaP.g": 0.5}).under(als_early())
    assert with_nap.parameters["NaP.g"].value == 1.0


def test_als_says_what_it_looked_for():
    refused(lambda: PASSIVE.under(als_early()), r"als_early .* cell passive.*NaP\.g, K\.g")


@pytest.mark.parametrize("strength", [-0.1, 2.1, math.nan, math.inf, "much", None])
def test_als_refuses_a_strength_out_of_range(strength):
    refused(lambda: als_early(strength), "als_early: strength is .*; allowed: 0 to 2")


def test_als_notes_its_sources_on_what_it_changed():
    number = PB.under(als_early(0.5)).parameters["NaP.g"]
    assert number.status == "unverified"
    for part in ("als_early(0.5)", "from 0.05", "Purvis & Butera 2005", "Kuo", "Wainger"):
        assert part in number.source
    assert PB.under(als_early(0.5)).parameters["Na.g"] == PB.parameters["Na.g"]


def test_presets_are_conditions_with_a_strength():
    assert conditions.PRESETS["als_early"] is als_early


# electrolytes


@by_name
def test_electrolytes_at_the_cells_own_are_the_identity(name):
    cell = CELLS[name]
    own = {side: cell.parameters[f"ions.{side}"].value for side in ("K_o", "Na_o")}
    assert cell.under(electrolytes(**own)) == cell


@few
@given(st.floats(0.1, 1000.0), st.floats(0.1, 1000.0))
def test_electrolytes_move_reversals_by_nernst(K_o, Na_o):
    cell = PB.under(electrolytes(K_o=K_o, Na_o=Na_o))
    assert values(cell) == values(PB.replaced({"ions.K_o": K_o, "ions.Na_o": Na_o}))
    E_K, E_Na = -80.0 + 26.73 * math.log(K_o / 4.0), 60.0 + 26.73 * math.log(Na_o / 145.0)
    assert cell.reversal("SK") == pytest.approx(E_K, rel=1e-12, abs=1e-12)
    assert cell.reversal("NaP") == pytest.approx(E_Na, rel=1e-12, abs=1e-12)
    one_by_one = PB.under(electrolytes(Na_o=Na_o), electrolytes(K_o=K_o))
    assert values(one_by_one) == values(cell)


def test_electrolytes_note_nernst():
    number = PB.under(electrolytes(K_o=5.0)).parameters["ions.K_o"]
    assert number.status == "derived"
    assert "electrolytes(K_o=5) from 4" in number.source
    assert "Nernst" in number.source


@pytest.mark.parametrize("value", [0.0, -4.0, 0.01, 1001.0, math.nan, math.inf, "4 mM", [4.0]])
def test_electrolytes_refuse_a_concentration_out_of_range(value):
    refused(lambda: electrolytes(K_o=value), "electrolytes: K_o is .*; allowed: 0.1 to 1000")
    refused(lambda: electrolytes(Na_o=value), "electrolytes: Na_o is .*; allowed: 0.1 to 1000")


def test_electrolytes_of_nothing_are_refused():
    refused(electrolytes, "electrolytes: nothing given; give K_o, Na_o or Ca_o in mM")


def test_electrolytes_say_what_they_looked_for():
    refused(lambda: PASSIVE.under(electrolytes(K_o=5.0)), r"electrolytes .*passive.*ions\.K_o")
    one = Cell("c", membrane(Channel("Kdr", g=1.0, ion="K")), ions=[Ion("K", -80.0, 4.0)])
    refused(lambda: one.under(electrolytes(K_o=5.0, Na_o=120.0)), r"ions\.Na_o")


def test_electrolytes_of_an_ion_that_no_channel_carries_touch_nothing():
    cell = Cell("c", membrane(), ions=[Ion("K", E=-80.0, outside=4.0)])
    refused(lambda: cell.under(electrolytes(K_o=5.0)), "electrolytes")


def test_electrolytes_that_a_pool_with_a_rest_of_its_own_does_not_follow_are_refused():
    space = IonPool("K_o", 1e-5, tau=50.0, rest=4.0, initial=5.0, ion="K", side="outside")
    refused(lambda: PB.with_pool(space).under(electrolytes(K_o=5.0)), r"electrolytes .*K_o")
    bath = dataclasses.replace(space, rest=None)
    bathed = PB.with_pool(bath).under(electrolytes(K_o=6.0))
    assert bathed.parameters["ions.K_o"].value == 6.0
    # where it begins, potassium is the pool's
    wanted = PB.under(electrolytes(K_o=5.0)).reversal("Kdr")
    assert bathed.reversal("Kdr") == pytest.approx(wanted)


def test_early_als_with_faster_recovery_from_inactivation():
    plain, faster = PB.under(als_early(0.5)), PB.under(als_early(0.5, recovery=2.0))
    before = values(plain)
    assert {p for p, n in values(faster).items() if n != before[p]} == {"Na.h.rate"}
    rate = faster.parameters["Na.h.rate"]
    assert rate.value == 1.5 and "Zona et al. 2006" in rate.source
    assert als_early(0.5, recovery=1.0) == als_early(0.5)
    refused(lambda: als_early(recovery=0.0), "recovery is 0.0; allowed: 0.1 to 10")


# temperature


@by_name
@pytest.mark.parametrize("q10", [1.0, 3.0, 6.0])
def test_the_cells_own_temperature_is_the_identity(name, q10):
    cell = CELLS[name]
    assert cell.under(temperature(cell.temperature, q10)) == cell


@by_name
@settings(deadline=None, max_examples=4)
@given(celsius=st.floats(0.0, 50.0), q10=st.floats(1.0, 6.0))
def test_temperature_warms_gates_and_nernst_potentials_and_nothing_else(name, celsius, q10):
    cell = CELLS[name]
    warm = cell.under(temperature(celsius, q10))
    speed = q10 ** ((celsius - cell.temperature) / 10.0)
    kelvin = (celsius + 273.15) / (cell.temperature + 273.15)
    carries = {
        ".".join([*([c.name] if len(cell.compartments) > 1 else []), channel.name, "E"])
        for c in cell.compartments
        for channel in c.channels
        if channel.ion in ("Na", "K") and channel.E is None
    }
    for path, number in cell.parameters.items():
        factor = 1.0
        if path.endswith(".rate"):
            factor = speed
        elif path in ("ions.E_Na", "ions.E_K") or path in carries:
            factor = kelvin
        elif path == "temperature":
            assert warm.temperature == celsius
            continue
        got = warm.parameters[path].value
        assert got == pytest.approx(number.value * factor, rel=1e-12, abs=0), path
    assert warm.initial == cell.initial


#: gate or channel -> Q10, of the node of McIntyre et al. 2002
NODE = {"Na.m": 2.2, "Na.h": 2.9, "NaP.m": 2.2, "Kdr": 3.0}


@settings(deadline=None, max_examples=6)
@given(celsius=st.floats(0.0, 50.0), conductance=st.floats(1.0, 6.0), pump=st.floats(1.0, 6.0))
def test_every_gate_conductance_and_pump_can_have_its_own_q10(celsius, conductance, pump):
    cell = PB.with_pool(IonPool("Na_i", alpha=1e-5, tau=1e4, rest=10.0, ion="Na"))
    cell = cell.with_channel(Pump.sodium_potassium(0.01, Na_half=10.0))
    warm = cell.under(
        temperature(celsius, 2.0, gates=NODE, conductance_q10=conductance, pump_q10=pump)
    )
    tens = (celsius - cell.temperature) / 10.0
    for path, number in cell.parameters.items():
        channel, _, leaf = path.rpartition(".")
        q10 = 1.0
        if leaf == "rate":
            q10 = NODE.get(channel, NODE.get(channel.partition(".")[0], 2.0))
        elif leaf == "g":
            q10 = conductance
        elif leaf == "i_max":
            q10 = pump
        elif leaf == "E" or path == "temperature" or path.startswith("ions.E_"):
            continue
        got = warm.parameters[path].value
        assert got == pytest.approx(number.value * q10**tens, rel=1e-12, abs=0), path


def test_a_number_of_a_gate_is_no_conductance_whatever_it_is_called():
    m = Gate("m", inf=lambda v, g, P: g / (1.0 + P * v**2), tau=1.0, g=0.5, P=0.1)
    cell = Cell("own", membrane(Channel("K", g=1.0, E=-80.0, gates=m)))
    warm = cell.under(temperature(27.0, conductance_q10=2.0))
    assert (warm.parameters["K.m.g"].value, warm.parameters["K.m.P"].value) == (0.5, 0.1)
    assert warm.parameters["K.g"].value == 0.5


def test_q10s_are_numbers_of_a_condition():
    warm = Rates(33.0, gates={"Na.m": 2.2})
    assert warm.numbers["Na.m.q10"] == 2.2 and warm.numbers["conductance_q10"] == 1.0
    assert warm.with_number("Na.m.q10", 3.0) == Rates(33.0, gates={"Na.m": 3.0})
    assert warm.with_number("pump_q10", 2.0).pump_q10 == 2.0
    condition = Condition("warm", Rates(16.3, gates={"Na.m": 2.2}), "a guess", "unverified")
    axes = {
        "conditions.warm.Na.m.q10": [1.0, 3.0],
        "conditions.warm.conductance_q10": [1.0, 2.0],
    }
    asked = {"duration": 30.0, "measures": "count", "conditions": {"warm": condition}}
    drive = step(15.0, unit="uA/cm2")
    ds = sweep(HH, axes, drive, **asked)
    by_hand = HH.under(temperature(16.3, gates={"Na.m": 3.0}, conductance_q10=2.0))
    run = simulate(by_hand, drive, duration=30.0, initial="rest")
    assert ds["count"].values[1, 1] == len(run.spike_times)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"gates": {"Na.q": 2.0}}, "no gate or channel 'Na.q'"),
        ({"gates": {"Na.m": 9.0}}, r"Na.m is 9\.0; allowed: 1 to 6"),
        ({"gates": [2.0]}, "gate or channel -> Q10"),
        ({"conductance_q10": 0.5}, "conductance_q10 is 0.5; allowed: 1 to 6"),
        ({"pump_q10": math.nan}, "pump_q10 is nan"),
    ],
)
def test_q10s_that_are_not_allowed(told, said):
    refused(lambda: HH.under(temperature(20.0, **told)), said)


@few
@given(st.floats(10.0, 45.0), st.floats(1.0, 12.0))
def test_temperature_and_electrolytes_commute(celsius, K_o):
    one = MK.under(temperature(celsius), electrolytes(K_o=K_o))
    other = MK.under(electrolytes(K_o=K_o), temperature(celsius))
    assert values(one) == values(other)
    # Molkov's potassium reversal is all Nernst, so it is RT/F ln(K_o / K_i) throughout
    expected = 26.54 * (celsius + 273.15) / 308.15 * math.log(K_o / 140.0)
    assert one.reversal("Kdr") == pytest.approx(expected, rel=1e-12)


@few
@given(st.floats(0.0, 50.0), st.floats(0.0, 50.0))
def test_warming_in_two_steps_is_warming_at_once(first, second):
    twice = HH.under(temperature(first), temperature(second))
    once = HH.under(temperature(second))
    assert values(twice) == pytest.approx(values(once), rel=1e-12)


def test_temperature_defaults_to_a_q10_of_3():
    rate = HH.under(temperature(16.3)).parameters["Na.m.rate"]
    assert rate.value == pytest.approx(3.0, rel=1e-12)
    assert "Hodgkin & Huxley 1952" in rate.source
    assert "temperature(16.3)" in rate.source


@pytest.mark.parametrize("celsius", [-1.0, 51.0, 310.15, math.nan, math.inf, "warm", None])
def test_temperature_refuses_what_no_cell_survives(celsius):
    refused(lambda: temperature(celsius), "temperature is .*; allowed: 0 to 50")


@pytest.mark.parametrize("q10", [0.0, 0.9, 6.1, math.nan, "x", None])
def test_temperature_refuses_a_q10_out_of_range(q10):
    refused(lambda: temperature(30.0, q10), "temperature: q10 is .*; allowed: 1 to 6")


def test_temperature_says_what_it_looked_for():
    refused(lambda: PASSIVE.under(temperature(30.0)), "temperature .*passive.*a gate's rate")
    instant = Cell("c", membrane(Channel("X", g=1.0, E=0.0, gates=[Gate("m", inf=0.5)])))
    refused(lambda: instant.under(temperature(30.0)), "a gate's rate")


# conditions in general


def test_under_applies_from_left_to_right():
    def double(cell):
        return cell.scaled({"NaP.g": 2.0})

    def set_to_1(cell):
        return cell.replaced({"NaP.g": 1.0})

    assert PB.under(double, set_to_1).parameters["NaP.g"].value == 1.0
    assert PB.under(set_to_1, double).parameters["NaP.g"].value == 2.0
    assert PB.under() == PB


def test_conditions_leave_the_cell_alone():
    before = values(PB)
    PB.under(als_early(), electrolytes(K_o=6.0), temperature(30.0))
    assert values(PB) == before
    assert cells.purvis_butera_2005() == PB


def test_a_condition_can_be_called_with_the_cell():
    assert als_early()(PB) == PB.under(als_early())


def test_an_own_condition_notes_itself():
    block = Condition("block", lambda cell: cell.scaled({"NaP.g": 0.5}), "a paper", "published")
    number = PB.under(block).parameters["NaP.g"]
    assert (number.value, number.status) == (0.025, "published")
    assert "block from 0.05" in number.source and "a paper" in number.source


def test_an_own_condition_may_add_a_channel():
    """As a drug with gates of its own will."""

    def added(cell):
        (soma,) = cell.compartments
        drug = Channel("drug", g=0.01, E=0.0)
        changed = Compartment(
            soma.name,
            C=soma.C,
            channels=[*soma.channels, drug],
            pools=soma.pools,
            initial=soma.initial,
        )
        return dataclasses.replace(cell, compartments=(changed,))

    cell = PB.under(Condition("drug", added, "a paper", "tuned"))
    assert cell.parameters["drug.g"].value == 0.01
    assert cell.parameters["drug.g"].status == "tuned"
    assert cell.parameters["NaP.g"] == PB.parameters["NaP.g"]


def test_a_condition_needs_a_known_status():
    refused(lambda: Condition("c", lambda cell: cell, "a paper", "seen"), "status is 'seen'")


@pytest.mark.parametrize("condition", [als_early, None, 3, "als_early", lambda cell: None])
def test_what_is_no_condition_is_refused(condition):
    refused(lambda: PB.under(condition), "condition|strength")


# conditions as data

MINE = Condition(
    "mine",
    (Scale("K.g", 0.6), Shift("NaP.m.half", -2.0), Replace("ions.K_o", 5.0)),
    "our assay",
    "unverified",
)
strengths = st.floats(0.0, 1.0)


@few
@given(strengths)
def test_effects_act_by_their_strength(strength):
    cell = PB.under(MINE.at(strength))
    got = values(cell)
    assert got["A.g"] == pytest.approx(1.0 - 0.4 * strength, rel=1e-14)
    assert got["NaP.m.half"] == pytest.approx(-47.1 - 2.0 * strength, rel=1e-14)
    assert got["ions.K_o"] == pytest.approx(4.0 + strength, rel=1e-14)
    own = values(PB)
    assert {p for p in got if got[p] != own[p]} <= {
        "A.g",
        "Kdr.g",
        "NaP.m.half",
        "ions.K_o",
    }


def test_strength_0_is_the_identity_and_1_is_the_condition():
    assert PB.under(MINE.at(0.0)) == PB and hash(PB.under(MINE.at(0.0))) == hash(PB)
    assert values(PB.under(MINE.at(1.0))) == values(PB.under(MINE))
    warm = Condition("warm", Rates(33.0, q10=2.5), "a guess", "unverified")
    assert PB.under(warm.at(0.0)) == PB
    assert values(PB.under(warm)) == values(PB.under(temperature(33.0, 2.5)))
    half = values(PB.under(warm.at(0.5)))
    assert half == pytest.approx(values(PB.under(temperature(35.0, 2.5))), rel=1e-14)


@few
@given(st.floats(0.1, 3.0), st.floats(-5.0, 5.0))
def test_every_number_can_be_another(factor, by):
    assert MINE.numbers == {"K.g": 0.6, "NaP.m.half": -2.0, "ions.K_o": 5.0}
    other = MINE.with_number("K.g", factor).with_number("NaP.m.half", by)
    assert other.numbers == {"K.g": factor, "NaP.m.half": by, "ions.K_o": 5.0}
    assert values(PB.under(other))["A.g"] == factor
    refused(lambda: MINE.with_number("K.gg", 1.0), "no number 'K.gg'; did you mean 'K.g'")


def test_effects_act_in_their_order():
    twice = Condition("c", (Shift("leak.g", 1.0), Scale("leak.g", 2.0)), "s", "unverified")
    other = Condition("c", (Scale("leak.g", 2.0), Shift("leak.g", 1.0)), "s", "unverified")
    own = values(PB)["leak.g"]
    assert values(PB.under(twice))["leak.g"] == (own + 1.0) * 2.0
    assert values(PB.under(other))["leak.g"] == own * 2.0 + 1.0


def test_what_a_cell_lacks_is_passed_over_but_for_all():
    some = Condition("c", (Scale("NaP.g", 2.0), Scale("K.g", 0.5)), "s", "unverified")
    assert set(ratios(HH, HH.under(some))) == {"Kdr.g"}
    refused(lambda: PASSIVE.under(some), r"c changes nothing in cell passive.*NaP\.g, K\.g")
    refused(lambda: Condition("c", 3.0, "s", "unverified"), "3.0 is no effect; allowed: Scale")
    refused(lambda: MINE.at(1.5), "mine: strength is 1.5; allowed: 0 to 1")
    refused(lambda: Scale("K.g", math.nan), "Scale: factor is nan")


def test_a_gate_can_be_added():
    gate = Gate("s", inf=lambda v: 1.0 / (1.0 + 0.0 * v), tau=100.0)
    slow = Condition("slow", (AddGate("NaP", gate), Scale("NaP.g", 2.0)), "ours", "tuned")
    cell = PB.under(slow)
    assert [g.name for g in cell.compartments[0].channels[1].gates][-1] == "s"
    assert cell.parameters["NaP.s.rate"].status == cell.parameters["NaP.g"].status == "tuned"
    assert cell.initial["NaP.s"] == 1.0 and cell.parameters["NaP.g"].value == 0.1
    # a gate of that name takes the place of the other
    assert cell.with_gate("NaP", gate) == cell.with_gate("NaP", gate).with_gate("NaP", gate)
    refused(lambda: slow.at(0.5), "condition slow has no strength")
    refused(lambda: PB.with_gate("NaQ", gate), "no channel 'NaQ'; did you mean 'Na' or 'NaP'")


def test_a_drug_can_be_added_and_its_concentration_be_an_axis():
    drug = Binding("drug", on=0.01, off=0.05, through={"m": 3, "h": 1})
    block = Condition("block", AddBinding("Na", drug), "a guess", "unverified")
    cell = HH.under(block)
    assert cell.parameters["Na.drug.c"].value == 0.0 and "block" in (
        cell.parameters["Na.drug.on"].source
    )
    ds = sweep(
        cell,
        {"Na.drug.c": [0.0, 300.0]},
        step(12.0, unit="uA/cm2"),
        duration=100.0,
        measures="count",
    )
    assert ds["count"][0] > 3 > ds["count"][1]


def test_conditions_go_to_other_processes_and_say_what_they_do():
    assert pickle.loads(pickle.dumps(MINE)) == MINE
    assert "Shift(path='NaP.m.half', by=-2.0)" in repr(MINE)
