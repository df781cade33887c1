import dataclasses
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mnexcite as mx
from mnexcite.channels import Channel, Gate, IonPool
from mnexcite.errors import InputError

finite = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(0.0, 1e6, exclude_min=True)
GATE = Gate("m", inf=0.5, tau=1.0)


def refused(build, message):
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_parts_are_at_the_top_of_the_package():
    assert mx.Channel is Channel
    assert mx.IonPool is IonPool


@given(st.floats(0.0, 1e6), finite)
def test_a_channel_holds_what_it_is_given(g, E):
    channel = Channel("X", g, [GATE], E=E, ion="K")
    assert (channel.name, channel.g, channel.E, channel.ion) == ("X", g, E, "K")
    assert channel.gates == (GATE,)
    assert pickle.loads(pickle.dumps(channel)) == channel
    with pytest.raises(dataclasses.FrozenInstanceError):
        channel.g = 2.0


def test_gates_may_come_from_any_iterable():
    assert Channel("X", 1, (gate for gate in [GATE]), E=0).gates == (GATE,)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_conductance_is_finite_and_not_negative(g):
    if 0.0 <= g < math.inf:
        assert Channel("X", g, E=0.0).g == g
    else:
        refused(lambda: Channel("X", g, E=0.0), "channel X: g is .*; allowed: 0 or more")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "it has no reversal; give E in mV or ion"),
        ({"E": math.nan}, "E is nan; allowed: a finite number in mV"),
        ({"E": math.inf}, "E is inf; allowed: a finite number in mV"),
        ({"E": 0.0, "gates": [GATE, GATE]}, "the name 'm' is taken; rename"),
        ({"E": 0.0, "gates": [Gate("g", inf=0.5)]}, "the name 'g' is taken; rename"),
        ({"E": 0.0, "gates": [Gate("E", inf=0.5)]}, "the name 'E' is taken; rename"),
        ({"E": 0.0, "gates": [Gate("i", inf=0.5)]}, "the name 'i' is taken; rename"),
    ],
)
def test_a_bad_channel_is_refused_in_one_line(arguments, message):
    refused(lambda: Channel("X", g=1.0, **arguments), f"channel X: {message}")


@pytest.mark.parametrize("name", ["a.b", "", 3])
def test_a_name_that_cannot_stand_in_a_path_is_refused(name):
    refused(lambda: Channel(name, g=1.0, E=0.0), "name")
    refused(lambda: Gate(name, inf=0.5), "name")
    refused(lambda: IonPool(name, alpha=1.0, tau=1.0), "name")


@pytest.mark.parametrize("wrong", ["1 uS", None, [1.0, 2.0]])
def test_what_is_not_a_number_is_refused_as_such(wrong):
    refused(lambda: Channel("X", g=wrong, E=0.0), "g is .*; allowed")
    refused(lambda: IonPool("Ca", alpha=wrong, tau=1.0), "alpha is .*; allowed")
    if wrong is not None:
        refused(lambda: Channel("X", g=1.0, E=wrong), "E is .*; allowed")
        refused(lambda: IonPool("Ca", alpha=1.0, tau=wrong), "tau is .*; allowed")


def test_one_gate_alone_stands_for_a_list_of_one():
    assert Channel("X", g=1.0, gates=GATE, E=0.0).gates == (GATE,)


@given(positive, st.floats(0.0, 1e6), st.floats(0.0, 10.0))
def test_a_pool_lists_its_numbers_with_units(removal, alpha, rest):
    by_rate = IonPool("Ca", alpha=alpha, decay=removal, rest=rest, unit="uM")
    assert by_rate.scalars["decay"] == (removal, "1/ms")
    by_time = IonPool("Ca", alpha=alpha, tau=removal, rest=rest)
    assert by_time.scalars["tau"] == (removal, "ms")
    assert by_time.scalars["rest"] == (rest, "mM")
    assert by_rate.scalars["rest"] == (rest, "uM")
    assert by_rate.scalars["f"] == (1.0, "")
    assert pickle.loads(pickle.dumps(by_rate)) == by_rate


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "give decay in 1/ms or tau in ms, one of the two"),
        ({"decay": 1.0, "tau": 1.0}, "give decay in 1/ms or tau in ms, one of the two"),
        ({"decay": -0.1}, "decay is -0.1; allowed: 0 or more"),
        ({"tau": -1.0}, "tau is -1.0; allowed: above 0"),
        ({"tau": math.nan}, "tau is nan; allowed: above 0"),
        ({"tau": math.inf}, "tau is inf; allowed: above 0"),
        ({"tau": 1.0, "f": -0.1}, "f is -0.1; allowed: 0 or more"),
        ({"tau": 1.0, "rest": -0.1}, "rest is -0.1; allowed: 0 or more"),
        ({"tau": 1.0, "initial": math.nan}, "initial is nan; allowed: 0 or more"),
        ({"tau": 1.0, "scale": 0.0}, "scale is 0.0; allowed: above 0"),
    ],
)
def test_a_bad_pool_is_refused_in_one_line(arguments, message):
    refused(lambda: IonPool("Ca", alpha=1.0, **arguments), f"pool Ca: {message}")


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_pools_alpha_is_finite_and_not_negative(alpha):
    if 0.0 <= alpha < math.inf:
        assert IonPool("Ca", alpha=alpha, tau=1.0).alpha == alpha
    else:
        refused(lambda: IonPool("Ca", alpha=alpha, tau=1.0), "alpha is .*; allowed: 0 or more")
