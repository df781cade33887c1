import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mnexcite as mx
from mnexcite.channels import Gate, kinetics
from mnexcite.errors import InputError

V = np.linspace(-150.0, 100.0, 101)
voltage = st.floats(-150.0, 100.0)
slope = st.one_of(st.floats(2.0, 40.0), st.floats(-40.0, -2.0))
time = st.floats(1e-3, 1e4)
few = settings(deadline=None, max_examples=50)


def logistic(v, half, k):
    return 1.0 / (1.0 + math.exp(-(v - half) / k))


def naive_rate(v):
    return 0.1 * (v + 40.0) / (1.0 - np.exp(-(v + 40.0) / 10.0))


def test_gate_is_at_the_top_of_the_package():
    assert mx.Gate is Gate


@few
@given(voltage, voltage, slope, time, st.floats(-30.0, 30.0), st.floats(0.1, 10.0))
def test_inf_and_tau_follow_numbers_shift_and_rate(v, half, k, tau, shift, rate):
    gate = Gate(
        "m", inf=kinetics.boltzmann, tau=tau, half=half, slope=k, shift=shift, rate=rate
    )
    assert float(gate.steady_state(v)) == pytest.approx(logistic(v - shift, half, k), rel=1e-12)
    assert float(gate.time_constant(v)) == pytest.approx(tau / rate, rel=1e-15)


@few
@given(voltage, st.floats(0.01, 10.0), st.floats(0.01, 10.0), voltage, st.floats(0.1, 10.0))
def test_alpha_and_beta_give_steady_state_and_time_constant(v, a, b, half, rate):
    gate = Gate(
        "n",
        alpha=lambda v, a, half: a * np.exp((v - half) / 40.0),
        beta=b,
        a=a,
        half=half,
        rate=rate,
    )
    opening = a * math.exp((v - half) / 40.0)
    assert float(gate.steady_state(v)) == pytest.approx(opening / (opening + b), rel=1e-12)
    assert float(gate.time_constant(v)) == pytest.approx(1 / (opening + b) / rate, rel=1e-12)


@few
@given(st.floats(0.0, 1.0), time)
def test_plain_numbers_are_constants_and_paths(inf, tau):
    gate = Gate("x", inf=inf, tau=tau)
    np.testing.assert_array_equal(gate.steady_state(V), np.full(V.shape, inf))
    np.testing.assert_array_equal(gate.time_constant(V), np.full(V.shape, tau))
    assert gate.scalars == {
        "inf": (inf, ""),
        "tau": (tau, "ms"),
        "shift": (0.0, "mV"),
        "rate": (1.0, ""),
    }


def test_without_tau_the_gate_is_instantaneous():
    gate = Gate("m", inf=kinetics.boltzmann, half=-35.0, slope=7.8)
    assert gate.instantaneous
    np.testing.assert_array_equal(gate.time_constant(V), np.zeros(V.shape))
    assert "rate" not in gate.scalars
    assert not Gate("m", inf=0.5, tau=1.0).instantaneous
    assert not Gate("m", alpha=0.5, beta=1.0).instantaneous


def test_a_gate_of_a_concentration_reads_calcium_unless_told_otherwise():
    assert Gate("z", inf=kinetics.hill, half=0.2, order=1.0).pool == "Ca"
    gate = Gate("z", inf=kinetics.hill, half=10.0, order=2.0, tau=5.0, pool="Na")
    assert gate.pool == "Na"
    assert "shift" not in gate.scalars
    assert float(gate.steady_state(30.0)) == pytest.approx(0.9)


@given(st.integers(1, 4), st.integers(1, 4))
@settings(deadline=None, max_examples=10)
def test_curves_keep_the_shape_of_their_argument(rows, columns):
    v = np.linspace(-100.0, 0.0, rows * columns).reshape(rows, columns)
    gate = Gate("m", alpha=0.3, beta=lambda v: np.exp(-v / 80.0))
    assert gate.steady_state(v).shape == gate.time_constant(v).shape == (rows, columns)
    assert np.shape(gate.steady_state(-65.0)) == np.shape(gate.time_constant(-65.0)) == ()


@few
@given(voltage, slope, st.sampled_from(["half", "slope", "shift", "rate"]))
def test_with_scalar_changes_one_number_and_leaves_the_gate_alone(half, k, key):
    gate = Gate("m", power=3, inf=kinetics.boltzmann, tau=1.0, half=half, slope=k)
    value = {"half": half + 1.5, "slope": 1.25 * k, "shift": 3.5, "rate": 2.5}[key]
    changed = gate.with_scalars({key: value})
    assert changed.scalars[key][0] == value
    assert changed.power == 3
    assert {n: s for n, s in changed.scalars.items() if n != key} == {
        n: s for n, s in gate.scalars.items() if n != key
    }
    assert gate == Gate("m", power=3, inf=kinetics.boltzmann, tau=1.0, half=half, slope=k)


def test_the_order_in_which_numbers_are_given_does_not_matter():
    one = Gate("m", inf=kinetics.boltzmann, half=-35.0, slope=7.8)
    other = Gate("m", inf=kinetics.boltzmann, slope=7.8, half=-35.0)
    assert one == other
    assert hash(one) == hash(other)


def test_a_gate_is_frozen_and_survives_pickle():
    gate = Gate("m", power=3, inf=kinetics.boltzmann, tau=1.0, half=-35.0, slope=7.8)
    with pytest.raises(dataclasses.FrozenInstanceError):
        gate.power = 2
    assert pickle.loads(pickle.dumps(gate)) == gate


def test_units_of_own_numbers_can_be_given():
    gate = Gate("m", inf=lambda v, q: 0.0 * v + q, q=0.5, units={"q": "mol"})
    assert gate.scalars["q"] == (0.5, "mol")


def test_a_default_of_a_function_needs_no_number():
    gate = Gate("m", inf=lambda v, half=-40.0, k=5.0: kinetics.boltzmann(v, half, k), k=10.0)
    assert float(gate.steady_state(-30.0)) == pytest.approx(logistic(-30.0, -40.0, 10.0))
    assert "half" not in gate.scalars


def test_steady_states_are_kept_within_0_and_1_against_round_off():
    gate = Gate("m", inf=lambda v: np.where(v > 0, 1.0 + 1e-13, -1e-13))
    assert gate.steady_state([-10.0, 10.0]).tolist() == [0.0, 1.0]


BAD = {
    "singular rate": (
        {"alpha": naive_rate, "beta": 1.0},
        "gate m: steady state is nan at v = -40.*linoid",
    ),
    "rate above 1": ({"inf": 1.5}, "steady state is 1.5 .* allowed: 0 to 1"),
    "negative steady state": (
        {"inf": lambda v: v / 1000.0},
        "steady state is -0.15 at v = -150",
    ),
    "tau 0": ({"inf": 0.5, "tau": 0.0}, "tau is 0 at v = -150; allowed: above 0"),
    "tau below 0 somewhere": ({"inf": 0.5, "tau": lambda v: 50.0 - v}, "tau is 0 at v = 50"),
    "infinite tau": ({"inf": 0.5, "tau": lambda v: 1.0 / (v + 40.0) ** 2}, "tau is inf"),
    "no rates at all": ({"alpha": 0.0, "beta": 0.0}, "steady state is nan"),
    "no function": ({}, "given no function; allowed: inf and tau, alpha and beta"),
    "alpha alone": ({"alpha": 0.5}, "given alpha; allowed"),
    "tau alone": ({"tau": 0.5}, "given tau; allowed"),
    "both kinds": ({"inf": 0.5, "alpha": 1.0, "beta": 1.0}, "given alpha, beta, inf; allowed"),
    "an argument of another name": (
        {"inf": lambda x: 0.0 * x},
        r"first argument of inf must be named v \(voltage\) or c \(concentration\)",
    ),
    "no argument": ({"inf": lambda: 0.5}, "first argument of inf must be named"),
    "a function without signature": ({"inf": np.tanh}, "first argument of inf must be named"),
    "voltage and concentration": (
        {"inf": lambda v: 0.0 * v, "tau": lambda c: 0.0 * c + 1.0},
        "some functions read v and others c",
    ),
    "a number left out": (
        {"inf": kinetics.boltzmann, "half": -40.0},
        "inf needs the number 'slope'; give it as slope=",
    ),
    "a number misspelt": (
        {"inf": kinetics.boltzmann, "half": -40.0, "slope": 5.0, "slop": 4.0},
        "takes 'slop'; did you mean 'slope'",
    ),
    "only the scalar exponential": (
        {"inf": lambda v: 1.0 / (1.0 + math.exp(-v))},
        "inf fails on an array .*; write it with NumPy functions",
    ),
    "a comparison of one number": (
        {"inf": lambda v: 1.0 if v > -40.0 else 0.0},
        "inf fails on an array .*; write it with NumPy functions",
    ),
    "another shape": ({"inf": lambda v: np.ones(3)}, "inf fails on an array"),
    "a text": ({"inf": "0.5 s"}, "inf is '0.5 s'; allowed: a finite number"),
    "NaN": ({"inf": math.nan}, "inf is nan; allowed: a finite number"),
    "a number that is NaN": (
        {"inf": kinetics.boltzmann, "half": math.nan, "slope": 5.0},
        "half is nan; allowed: a finite number",
    ),
    "a number that is None": (
        {"inf": kinetics.boltzmann, "half": None, "slope": 5.0},
        "half is None; allowed: a finite number",
    ),
    "power 0": ({"inf": 0.5, "power": 0}, "power is 0; allowed: whole numbers 1 to 8"),
    "power 9": ({"inf": 0.5, "power": 9}, "power is 9; allowed: whole numbers 1 to 8"),
    "half a power": ({"inf": 0.5, "power": 1.5}, "power is 1.5; allowed: whole numbers 1 to 8"),
    "rate 0": ({"inf": 0.5, "tau": 1.0, "rate": 0.0}, "rate is 0.0; allowed: above 0"),
    "rate of almost nothing": ({"inf": 0.5, "tau": 1.0, "rate": 1e-310}, "tau is inf at v"),
    "rate NaN": ({"inf": 0.5, "tau": 1.0, "rate": math.nan}, "rate is nan; allowed"),
    "shift NaN": ({"inf": 0.5, "tau": 1.0, "shift": math.nan}, "shift is nan; allowed"),
    "shift of a concentration": (
        {"inf": kinetics.hill, "half": 1.0, "order": 1.0, "shift": 5.0},
        "it reads pool Ca, so it has no shift",
    ),
    "a pool that nothing reads": (
        {"inf": kinetics.boltzmann, "half": 1.0, "slope": 1.0, "pool": "Ca"},
        "pool 'Ca' is given, but its functions read the voltage v",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_gate_is_refused_in_one_line(arguments, message):
    with pytest.raises(InputError, match=message) as caught:
        Gate("m", **arguments)
    assert str(caught.value).startswith("gate m: ")
    assert "\n" not in str(caught.value)


def test_a_singular_point_between_the_coarse_voltages_is_found_too():
    # -40.25 mV is a point of the tables, so the run would meet it
    with pytest.raises(InputError, match=r"steady state is nan at v = -40\.25.*linoid"):
        Gate(
            "m",
            alpha=lambda v: (v + 40.25) / (1.0 - np.exp(-(v + 40.25) / 10.0)),
            beta=1.0,
        )


def test_a_number_that_no_function_takes_is_refused_without_an_empty_list():
    with pytest.raises(InputError, match="no function of it takes 'half'") as caught:
        Gate("m", inf=lambda v: 0.0 * v, half=-40.0)
    assert not str(caught.value).rstrip().endswith("allowed:")


def test_a_slope_of_0_is_refused_by_its_own_name():
    with pytest.raises(InputError, match="slope"):
        Gate("m", inf=kinetics.boltzmann, half=-47.1, slope=0.0)


@pytest.mark.parametrize("taken", ["rate", "shift"])
def test_a_number_with_the_name_of_a_built_in_one_is_refused(taken):
    functions = {"rate": lambda v, rate: 0.0 * v + rate, "shift": lambda v, shift: 0.0 * v}
    with pytest.raises(InputError, match=f"{taken}.*taken|{taken}.*rename"):
        Gate("m", inf=functions[taken], tau=1.0, numbers={taken: 0.5})


def test_whole_numbers_of_numpy_are_powers_and_truth_values_are_not():
    assert Gate("m", power=np.int64(3), inf=0.5).power == 3
    with pytest.raises(InputError, match="power is True"):
        Gate("m", power=True, inf=0.5)


@pytest.mark.parametrize("x", [math.nan, [-65.0, math.nan]])
def test_no_value_at_nan(x):
    gate = Gate("m", inf=kinetics.boltzmann, tau=1.0, half=-35.0, slope=7.8)
    with pytest.raises(InputError, match=r"gate m: .* is nan"):
        gate.steady_state(x)


@pytest.mark.parametrize("key", ["hafl", "power", "inf"])
def test_with_scalar_knows_only_the_gates_numbers(key):
    gate = Gate("m", inf=kinetics.boltzmann, tau=1.0, half=-35.0, slope=7.8)
    with pytest.raises(InputError, match=f"takes '{key}'"):
        gate.with_scalars({key: 0.5})


@few
@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(["rate", "tau"]))
def test_a_gate_never_holds_a_time_constant_that_is_not_positive(value, key):
    try:
        gate = Gate("m", inf=0.5, **{"tau": 1.0, key: value})
    except InputError:
        assert not (1e-300 < value < 1e300)
        return
    tau = gate.time_constant(V)
    assert np.all(tau > 0) and np.all(np.isfinite(tau))
