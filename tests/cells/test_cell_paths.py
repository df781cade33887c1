import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite import cells
from mnexcite.errors import InputError

CELLS = {name: make() for name, make in cells.CATALOGUE.items()}
PB, BRK = CELLS["purvis_butera_2005"], CELLS["booth_rinzel_kiehn_1997"]
factor = st.floats(0.01, 100.0)
few = settings(deadline=None, max_examples=15)


def values(cell):
    return {path: number.value for path, number in cell.parameters.items()}


def differing(cell, other):
    before, after = values(cell), values(other)
    assert before.keys() == after.keys()
    return {path for path in before if before[path] != after[path]}


def dependents(cell, path):
    """Return the paths that show a changed number: an ion's E is its channels' E."""
    if not path.startswith("ions.E_"):
        return {path}
    ion = path.removeprefix("ions.E_")
    prefix = len(cell.compartments) > 1
    return {path} | {
        f"{c.name}.{channel.name}.E" if prefix else f"{channel.name}.E"
        for c in cell.compartments
        for channel in c.channels
        if channel.ion == ion and channel.E is None
    }


def refused(cell, change, message):
    for verb in (cell.replaced, cell.scaled):
        with pytest.raises(InputError, match=message) as caught:
            verb(change)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", CELLS)
def test_every_path_can_be_replaced_alone(name):
    """Exhaustive: the number at the path changes, no other, and the cell is untouched."""
    cell = CELLS[name]
    before = values(cell)
    for path, number in cell.parameters.items():
        # some numbers are bounded above by 1, others are 0 at present
        wanted = number.value * 0.9375 if number.value else 0.5
        changed = cell.replaced({path: wanted})
        if path == "temperature":  # warms others too: tests/cells/test_temperature.py
            assert changed.parameters[path].value == wanted
            continue
        assert differing(cell, changed) == dependents(cell, path), path
        assert changed.parameters[path].value == wanted
        assert changed.parameters[path].unit == number.unit
        assert changed.initial == cell.initial
    assert values(cell) == before
    assert cell == cells.CATALOGUE[name]()


@few
@given(factor, st.sampled_from(["NaP.g", "Kdr.g", "C", "Ca.decay", "NaP.h.tau", "ions.K_o"]))
def test_scaled_multiplies_and_replaced_sets(k, path):
    old = PB.parameters[path].value
    k = max(k, 0.05)  # a concentration has a least value
    assert PB.scaled({path: k}).parameters[path].value == old * k
    assert PB.replaced({path: k + 0.1}).parameters[path].value == k + 0.1


@few
@given(factor, factor)
def test_scaling_a_group_scales_each_of_its_channels_and_nothing_else(k, n):
    for name, members in {
        "purvis_butera_2005": ("Kdr.g", "A.g"),
        "molkov_2025": ("Kdr.g", "Kv1.g"),
        "booth_rinzel_kiehn_1997": ("soma.Kdr.g",),
        "hodgkin_huxley_1952": ("Kdr.g",),
    }.items():
        cell = CELLS[name]
        changed = cell.scaled({"K.g": k})
        for member in members:
            assert changed.parameters[member].value == cell.parameters[member].value * k
        assert differing(cell, changed) <= set(members)
    one_by_one = PB.scaled({"Kdr.g": k}).scaled({"A.g": k, "NaP.g": n})
    assert values(PB.scaled({"K.g": k, "NaP.g": n})) == values(one_by_one)


@few
@given(factor)
def test_a_tuple_of_paths_and_groups_changes_all_of_them(k):
    changed = PB.scaled({("NaP.g", "K.g", "CaT.g"): k})
    assert differing(PB, changed) <= {"NaP.g", "Kdr.g", "A.g", "CaT.g"}
    assert changed.parameters["A.g"].value == k * 1.0
    set_together = PB.replaced({("NaP.g", "CaT.g"): k})
    assert set_together.parameters["NaP.g"].value == k
    assert set_together.parameters["CaT.g"].value == k


def test_a_path_that_a_tuple_names_twice_is_scaled_once():
    changed = PB.scaled({("K.g", "Kdr.g"): 0.5})
    assert changed.parameters["Kdr.g"].value == 0.5 * 1.3
    assert BRK.scaled({("C", "soma.C"): 2.0}).parameters["soma.C"].value == 2.0


def test_a_compartment_prefix_selects_and_its_absence_means_all():
    assert differing(BRK, BRK.scaled({"CaN.g": 2.0})) == {"soma.CaN.g", "dendrite.CaN.g"}
    assert differing(BRK, BRK.scaled({"dendrite.CaN.g": 2.0})) == {"dendrite.CaN.g"}
    assert differing(BRK, BRK.scaled({"CaL.g": 2.0})) == {"dendrite.CaL.g"}
    assert differing(BRK, BRK.scaled({"Ca.alpha": 2.0})) == {
        "soma.Ca.alpha",
        "dendrite.Ca.alpha",
    }
    assert differing(BRK, BRK.scaled({"C": 2.0})) == {"soma.C", "dendrite.C"}
    assert differing(BRK, BRK.scaled({"coupling.g_c": 2.0})) == {"coupling.g_c"}
    assert differing(BRK, BRK.replaced({"CaN.m.half": -31.0})) == {
        "soma.CaN.m.half",
        "dendrite.CaN.m.half",
    }


def test_numbers_that_differ_are_not_set_to_one_value_by_one_name():
    with pytest.raises(InputError, match=r"CaN\.g means several .*soma\.CaN\.g = 14.*scaled"):
        BRK.replaced({"CaN.g": 1.0})
    with pytest.raises(InputError, match=r"K\.g means several numbers that differ"):
        PB.replaced({"K.g": 1.0})
    equal = BRK.replaced({"leak.g": 0.4})
    assert differing(BRK, equal) == {"soma.leak.g", "dendrite.leak.g"}


def test_the_name_of_an_only_compartment_may_stand_in_front():
    assert PB.scaled({"soma.NaP.g": 2.0}) == PB.scaled({"NaP.g": 2.0})
    assert PB.scaled({"soma.C": 2.0}) == PB.scaled({"C": 2.0})


@few
@given(factor, factor, st.floats(0.1, 100.0))
def test_calls_in_any_order_give_the_same_numbers(a, b, c):
    forth = PB.scaled({"NaP.g": a}).scaled({"K.g": b}).replaced({"ions.K_o": c})
    back = PB.replaced({"ions.K_o": c}).scaled({"K.g": b}).scaled({"NaP.g": a})
    at_once = PB.scaled({"NaP.g": a, "K.g": b}).replaced({"ions.K_o": c})
    assert values(forth) == values(back) == values(at_once)


def test_a_factor_of_1_and_the_same_value_change_nothing_at_all():
    for cell in CELLS.values():
        same = {path: number.value for path, number in cell.parameters.items()}
        assert cell.scaled(dict.fromkeys(same, 1.0)) == cell
        assert cell.replaced(same) == cell
        assert cell.replaced({}) == cell


def test_a_changed_number_says_by_whom_and_from_what():
    number = PB.scaled({"NaP.g": 2.0}).parameters["NaP.g"]
    assert number.status == "unverified"
    assert "scaled by the user from 0.05" in number.source
    assert "Purvis & Butera 2005" in number.source
    assert "replaced by the user" in PB.replaced({"C": 0.05}).parameters["C"].source
    assert PB.scaled({"NaP.g": 2.0}).parameters["Na.g"] == PB.parameters["Na.g"]


def test_a_reversal_that_follows_a_changed_ion_no_longer_counts_as_published():
    changed = PB.replaced({"ions.E_K": -90.0})
    for channel in ("Kdr", "A", "SK"):
        assert changed.parameters[f"{channel}.E"].value == -90.0
        assert changed.parameters[f"{channel}.E"].status == "unverified"


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("NaPP.g", "did you mean 'NaP.g'"),
        ("nap.g", "did you mean 'NaP.g'"),
        ("NaP.m.hafl", "did you mean 'NaP.m.half'"),
        ("ions.Ko", "did you mean 'ions.K_o'"),
        ("Temperature", "did you mean 'temperature'"),
        ("K.n.half", "did you mean 'A.m.half'"),
        ("Ca.tau", "no number 'Ca.tau'"),
        ("SK.z.shift", "no number 'SK.z.shift'"),
        (
            "ions.K_i",
            "no number 'ions.K_i' in cell purvis_butera_2005; did you mean 'ions.K_o'",
        ),
        ("dt", "no number 'dt'"),
        ("", "no number ''"),
        ("v", "no number 'v'"),
        ("NaP", "no number 'NaP'; did you mean|no number 'NaP' in"),
        (("NaP.g", "Kd.g"), "no number 'Kd.g' .* did you mean 'Kdr.g'"),
    ],
)
def test_an_unknown_path_is_refused_with_a_suggestion(path, suggestion):
    refused(PB, {path: 1.0}, suggestion)


def test_a_misspelt_compartment_is_refused_with_a_suggestion():
    refused(BRK, {"dendrit.CaL.g": 1.0}, "did you mean 'dendrite.CaL.g'")
    refused(BRK, {"soma.CaL.g": 1.0}, "no number 'soma.CaL.g'.*did you mean")


@pytest.mark.parametrize("path", [1, None, 2.5])
def test_a_path_that_is_no_text_is_refused(path):
    refused(PB, {path: 1.0}, f"{path}")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None, "much", [1.0], (1, 2)])
def test_what_is_not_a_finite_number_is_refused(value):
    refused(PB, {"NaP.g": value}, r"NaP\.g is .*; allowed: a finite number")


@pytest.mark.parametrize("value", [np.array([0.1, 0.2]), np.array([])])
def test_an_array_is_not_a_number(value):
    refused(PB, {"NaP.g": value}, r"NaP\.g is .*; allowed: a finite number")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("NaP.g", -0.05, "NaP.g: .*g is -0.05; allowed: 0 or more"),
        ("C", 0.0, "C is 0.0; allowed: above 0"),
        ("C", -1.0, "C is -1.0; allowed: above 0"),
        ("Ca.decay", -0.1, "Ca.*decay is -0.1; allowed: 0 or more"),
        ("Ca.rest", -1.0, "Ca.*rest is -1.0; allowed: 0 or more"),
        ("NaP.h.tau", 0.0, "NaP.h.*tau is 0 .*allowed: above 0"),
        ("NaP.h.rate", 0.0, "NaP.h.*rate is 0.0; allowed: above 0"),
        ("ions.K_o", 0.0, "ions.K_o: .*outside is 0.0 mM; allowed: 0.1 to 1000"),
        ("temperature", -300.0, "temperature is -300.0 degC; allowed: 0 to 50"),
        ("area", 0.0, "area is 0.0 cm2; allowed: above 0"),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_path(path, value, message):
    with pytest.raises(InputError, match=message) as caught:
        PB.replaced({path: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 2.0])
def test_a_share_of_the_membrane_lies_between_0_and_1(share):
    with pytest.raises(InputError, match=r"p is .*; allowed: above 0 and below 1"):
        BRK.replaced({"coupling.p": share})


@few
@given(st.dictionaries(st.sampled_from(list(PB.parameters)), st.floats(allow_nan=True)))
def test_whatever_numbers_are_given_the_cell_is_sound_or_refused(given_values):
    try:
        changed = PB.replaced(given_values)
    except InputError as error:
        assert "\n" not in str(error)
        return
    for path, value in given_values.items():
        assert changed.parameters[path].value == value
    assert all(math.isfinite(number.value) for number in changed.parameters.values())
