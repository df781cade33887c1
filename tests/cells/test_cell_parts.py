import dataclasses
import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mnexcite as mx
from mnexcite.cells import Cell, Compartment, Coupling, Ion, Parameter
from mnexcite.channels import Channel, Gate, IonPool, kinetics
from mnexcite.errors import InputError

M = Gate("m", inf=kinetics.boltzmann, tau=2.0, half=-40.0, slope=5.0)
Z = Gate("z", inf=kinetics.hill, half=0.2, order=1.0, tau=1.0)
LEAK = Channel("leak", g=0.1, E=-65.0)
CA = IonPool("Ca", alpha=0.01, tau=10.0, initial=0.05)
few = settings(deadline=None, max_examples=40)


def membrane(name="soma", **arguments):
    return Compartment(name, **{"C": 1.0, "channels": [LEAK], **arguments})


def refused(build, message):
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_parts_are_at_the_top_of_the_package():
    assert (mx.Cell, mx.Compartment, mx.Coupling, mx.Ion, mx.Parameter) == (
        Cell,
        Compartment,
        Coupling,
        Ion,
        Parameter,
    )


@few
@given(st.floats(-150.0, 100.0), st.floats(1e-6, 1.0))
def test_what_is_not_given_starts_at_its_steady_state(v, calcium):
    pool = IonPool("Ca", alpha=0.01, tau=10.0, initial=calcium)
    instant = Gate("i_m", inf=kinetics.boltzmann, half=-40.0, slope=5.0)
    channels = [
        Channel("X", g=1.0, E=0.0, gates=[M, instant]),
        Channel("Y", g=1.0, E=0.0, gates=[Z]),
    ]
    part = membrane(v=v, channels=channels, pools=[pool])
    assert part.states == ("v", "Ca", "X.m", "Y.z")
    assert part.initial["v"] == v
    assert part.initial["Ca"] == calcium
    expected = 1.0 / (1.0 + math.exp(-(v + 40.0) / 5.0))
    assert part.initial["X.m"] == pytest.approx(expected, rel=1e-12)
    assert part.initial["Y.z"] == pytest.approx(calcium / (calcium + 0.2), rel=1e-12)


@few
@given(st.floats(-150.0, 100.0), st.floats(0.0, 1.0))
def test_what_is_given_is_where_it_starts(v, gate):
    channels = [Channel("X", g=1.0, E=0.0, gates=[M])]
    part = membrane(channels=channels, initial={"v": v, "X.m": gate})
    assert part.initial == {"v": v, "X.m": gate}
    cell = Cell("c", part)
    assert cell.initial == {"v": v, "X.m": gate}
    # a changed number leaves the published start alone
    assert cell.replaced({"X.m.half": 0.0}).initial == cell.initial
    assert pickle.loads(pickle.dumps(cell)) == cell


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"C": 0.0}, "compartment soma: C is 0.0; allowed: above 0"),
        ({"C": math.nan}, "C is nan; allowed: above 0"),
        ({"C": math.inf}, "C is inf; allowed: above 0"),
        ({"C": "1 nF"}, "C is '1 nF'; allowed: above 0"),
        ({"C": None}, "C is None; allowed: above 0"),
        ({"name": ""}, "compartment name is ''; allowed"),
        ({"name": "a.b"}, "compartment name is 'a.b'; allowed"),
        ({"channels": [LEAK, LEAK]}, "the name 'leak' is taken; use another"),
        (
            {"channels": [Channel("Ca", g=1.0, E=0.0)], "pools": [CA]},
            "the name 'Ca' is taken; use another",
        ),
        ({"channels": [Channel("C", g=1.0, E=0.0)]}, "the name 'C' is taken"),
        ({"channels": [Channel("v", g=1.0, E=0.0)]}, "the name 'v' is taken"),
        ({"channels": [Channel("ions", g=1.0, E=0.0)]}, "the name 'ions' is taken"),
        (
            {"channels": [Channel("SK", g=1.0, E=0.0, gates=[Z])]},
            r"gate SK.z reads pool 'Ca', which compartment soma lacks; give pools=",
        ),
        ({"initial": {"leak.m": 0.5}}, "initial names 'leak.m'; "),
        ({"initial": {"V": -65.0}}, "initial names 'V'; did you mean 'v'"),
        (
            {"channels": [Channel("X", g=1, E=0, gates=[M])], "initial": {"X.m": 1.5}},
            "initial X.m is 1.5; allowed: 0 to 1",
        ),
        (
            {"channels": [Channel("X", g=1, E=0, gates=[M])], "initial": {"X.m": math.nan}},
            "initial X.m is nan; allowed: 0 to 1",
        ),
        ({"pools": [CA], "initial": {"Ca": -1.0}}, "initial Ca is -1.0; allowed: 0 or more"),
        ({"pools": [CA], "initial": {"Ca": math.inf}}, "not finite|Ca is inf"),
        ({"v": math.nan}, "compartment soma: .*not finite|v is nan"),
        ({"v": "rest"}, "v is 'rest'; allowed: a finite number"),
        ({"initial": {"v": None}}, "v is None; allowed: a finite number"),
    ],
)
def test_a_bad_compartment_is_refused_in_one_line(arguments, message):
    refused(lambda: membrane(**arguments), message)


def test_a_start_at_nan_is_refused_by_its_own_name():
    refused(
        lambda: membrane(v=math.nan, channels=[Channel("X", g=1.0, E=0.0, gates=[M])]),
        "compartment soma: .*not finite|v is nan",
    )


def test_one_channel_alone_stands_for_a_list_of_one():
    assert membrane(channels=LEAK).channels == (LEAK,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"g_c": -0.1}, "g_c is -0.1; allowed: 0 or more"),
        ({"g_c": math.nan}, "g_c is nan; allowed: 0 or more"),
        ({"g_c": "0.1 mS"}, "g_c is '0.1 mS'; allowed: 0 or more"),
        ({"g_c": 0.1, "p": 0.0}, "p is 0.0; allowed: above 0 and below 1"),
        ({"g_c": 0.1, "p": math.nan}, "p is nan; allowed: above 0 and below 1"),
        ({"g_c": 0.1, "name": "a b"}, "coupling name is 'a b'"),
    ],
)
def test_a_bad_coupling_is_refused_in_one_line(arguments, message):
    refused(lambda: Coupling("soma", "dendrite", **arguments), message)


def join(a, b, name="coupling"):
    return Coupling(a, b, g_c=0.1, p=0.5, name=name)


K_CHANNEL = Channel("Kdr", g=1.0, ion="K")
BAD_CELLS = {
    "no compartment": ({"compartments": []}, "it has no compartment; give at least one"),
    "membrane": ({"membrane": "area"}, "membrane is 'area'; allowed: density, absolute"),
    "status": ({"status": "seen"}, "status is 'seen'; allowed: published, derived, tuned"),
    "status of a number": (
        {"provenance": {"leak.g": ("a paper", "seen")}},
        "status .*is 'seen'; allowed: published, derived, tuned",
    ),
    "area 0": ({"area": 0.0}, "area is 0.0 cm2; allowed: above 0"),
    "area NaN": ({"area": math.nan}, "area is nan cm2; allowed: above 0"),
    "area infinite": ({"area": math.inf}, "area is inf cm2; allowed: above 0"),
    "area text": ({"area": "4e-5 cm2"}, "area is '4e-5 cm2'"),
    "temperature": ({"temperature": 98.6}, "temperature is 98.6 degC; allowed: -10 to 60"),
    "temperature NaN": ({"temperature": math.nan}, "temperature is nan degC; allowed"),
    "step 0": ({"dt": 0.0}, "dt is 0.0 ms; allowed: above 0"),
    "step below 0": ({"dt": -0.025}, "dt is -0.025 ms; allowed: above 0"),
    "step above 1": ({"dt": 1.5}, "dt is 1.5 ms; allowed: above 0 .*1"),
    "step NaN": ({"dt": math.nan}, "dt is nan ms; allowed: above 0"),
    "threshold NaN": ({"spike_threshold": math.nan}, "spike_threshold is nan"),
    "RT/F below 0": ({"rt_f": -26.7}, "rt_f is -26.7"),
    "RT/F NaN": ({"rt_f": math.nan}, "rt_f is nan"),
    "names": (
        {"compartments": [membrane("a"), membrane("a")], "couplings": [join("a", "a")]},
        "compartments need different names, got",
    ),
    "no coupling": (
        {"compartments": [membrane("a"), membrane("b")]},
        "2 compartments need 1 coupling.*got 0",
    ),
    "a ring": (
        {
            "compartments": [membrane("a"), membrane("b")],
            "couplings": [join("a", "b", "one"), join("b", "a", "two")],
        },
        "2 compartments need 1 coupling.*got 2",
    ),
    "an island": (
        {
            "compartments": [membrane("a"), membrane("b"), membrane("c")],
            "couplings": [join("a", "b", "one"), join("b", "a", "two")],
        },
        "3 compartments need 2 couplings that reach them all",
    ),
    "a coupling to nowhere": (
        {"compartments": [membrane("a"), membrane("b")], "couplings": [join("a", "c")]},
        "coupling joins 'a' and 'c'; allowed: two of a, b",
    ),
    "no share in a density cell": (
        {
            "compartments": [membrane("a"), membrane("b")],
            "couplings": [Coupling("a", "b", g_c=1.0)],
        },
        "needs p",
    ),
    "a share in an absolute cell": (
        {
            "compartments": [membrane("a"), membrane("b")],
            "couplings": [join("a", "b")],
            "membrane": "absolute",
        },
        "none in an absolute one",
    ),
    "two couplings of one name": (
        {
            "compartments": [membrane("a"), membrane("b"), membrane("c")],
            "couplings": [join("a", "b"), join("b", "c")],
        },
        "coupling name 'coupling' is taken; use another",
    ),
    "a coupling with the name of a compartment": (
        {
            "compartments": [membrane("a"), membrane("b")],
            "couplings": [join("a", "b", name="b")],
        },
        "coupling name 'b' is taken; use another",
    ),
    "an ion that is not there": (
        {"compartments": [membrane(channels=[K_CHANNEL])]},
        r"channel Kdr: ion 'K' is not in the cell; give the cell ions=\[Ion\('K', E=...\)\]",
    ),
    "an ion that nothing uses": (
        {"compartments": [membrane(channels=[Channel("X", g=1.0, E=0.0, ion="Mg")])]},
        "channel X: nothing in the cell uses its ion 'Mg'",
    ),
    "a group of what is not there": (
        {"groups": {"K": ("Kdr",)}},
        "no number 'Kdr.g' in cell c in group K",
    ),
    "a group given as one name": ({"groups": {"K": "leak"}}, "group K"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_CELLS.values(), ids=BAD_CELLS.keys())
def test_a_bad_cell_is_refused_in_one_line(arguments, message):
    refused(lambda: Cell("c", **{"compartments": [membrane()], **arguments}), message)


def test_a_compartment_called_like_a_room_of_paths_is_refused():
    for name in ("ions", "temperature", "area"):
        refused(
            lambda name=name: Cell(
                "c", [membrane(name), membrane("b")], couplings=[join(name, "b", "joint")]
            ),
            f"{name}.*taken",
        )


def test_a_group_may_be_any_list_and_the_cell_still_hashes():
    cell = Cell("c", membrane(), groups={"K": ["leak"]})
    assert cell.scaled({"K.g": 2.0}).parameters["leak.g"].value == 0.2
    assert hash(cell) == hash(Cell("c", membrane(), groups={"K": ("leak",)}))


@few
@given(st.floats(0.0, 10.0), st.floats(0.01, 0.99))
def test_three_compartments_in_a_row_list_each_coupling(g_c, p):
    cell = Cell(
        "c",
        [membrane("a"), membrane("b"), membrane("c")],
        couplings=[
            Coupling("a", "b", g_c=g_c, p=p, name="near"),
            Coupling("b", "c", g_c=2 * g_c, p=p, name="far"),
        ],
    )
    assert cell.parameters["near.g_c"].value == g_c
    assert cell.parameters["far.g_c"].value == 2 * g_c
    assert cell.parameters["far.p"].value == p
    changed = cell.replaced({"far.g_c": 7.0})
    assert changed.parameters["near.g_c"].value == g_c
    assert changed.parameters["far.g_c"].value == 7.0


def test_one_compartment_alone_stands_for_a_list_of_one():
    assert Cell("c", membrane()) == Cell("c", [membrane()])


def test_numbers_of_a_users_cell_say_that_nothing_settles_them():
    parameters = Cell("c", membrane()).parameters
    assert {number.status for number in parameters.values()} == {"unverified"}
    assert {number.source for number in parameters.values()} == {"given by the user"}


def test_a_parameter_needs_a_known_status():
    assert Parameter(1.0, "mV", "a paper", "tuned").status == "tuned"
    refused(lambda: Parameter(1.0, "mV", "a paper", "seen"), "status is 'seen'; allowed")


def test_parts_are_frozen():
    for part, field in ((Cell("c", membrane()), "dt"), (membrane(), "C"), (LEAK, "g")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(part, field, 1.0)
