"""What all experiments have in common: plain settings, units, and bits of a lane's own."""

import pickle
from functools import cache

import numpy as np
import pytest
from run_lanes import Lanes

from mnexcite import InputError, cells
from mnexcite.measures.experiment import Experiment, outputs_in
from mnexcite.measures.fi_slope import fi_slope
from mnexcite.measures.ramp import ramp
from mnexcite.measures.rheobase import rheobase
from mnexcite.measures.self_sustained import self_sustained

PB, MK = cells.purvis_butera_2005(), cells.molkov_2025()
LANES = 5
NAP = {"NaP.g": np.linspace(0.05, 0.2, LANES)}
LATCH = {"NaP.g": np.linspace(0.0, 0.5, LANES), "ions.K_o": np.linspace(4.0, 6.0, LANES)}
EXPERIMENTS = {
    "rheobase": (rheobase(duration=200.0, settle=100.0), PB, NAP),
    "fi_slope": (fi_slope(duration=400.0, discard=100.0, settle=100.0), PB, NAP),
    "fi_slope at currents": (fi_slope(currents=(0.3, 0.5, 0.9), duration=600.0), PB, NAP),
    "ramp": (ramp(duration=1500.0, settle=200.0, watch=300.0), MK, LATCH),
    "self_sustained": (self_sustained(watch=400.0, settle=200.0, brake=-3.0), MK, LATCH),
}
CALLS = (rheobase, fi_slope, ramp, self_sustained)


def same(values, others):
    return all(np.array_equal(values[name], others[name], equal_nan=True) for name in values)


def found(name, places):
    experiment, cell, parameters = EXPERIMENTS[name]
    chosen = {path: column[list(places)] for path, column in parameters.items()}
    return experiment.run(Lanes(cell, chosen))


@cache
def together(name):
    return found(name, range(LANES))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_lanes_beside_a_lane_change_no_bit(name):
    # in another order and company, each lane once; and the two ends alone
    for places in ([3, 0], [4, 2, 1], [0], [4]):
        there = {key: column[places] for key, column in together(name).items()}
        assert same(there, found(name, places)), places


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_output_has_one_value_per_lane_and_every_nan_its_flag(name):
    experiment, values = EXPERIMENTS[name][0], together(name)
    assert list(values) == [output.name for output in experiment.outputs]
    assert all(column.shape == (LANES,) for column in values.values())
    *numbers, flag = (values[output.name] for output in experiment.outputs)
    assert flag.dtype == np.int8
    undefined = np.any(np.isnan(numbers), axis=0)
    flags = experiment.outputs[-1].flags
    assert not any(flags[code] == "ok" for code in flag[undefined])


@pytest.mark.parametrize("call", CALLS)
def test_settings_are_plain_data_and_travel(call):
    experiment = call(duration=321.0, settle=5) if call is not fi_slope else call(settle=5)
    settings = experiment.run.keywords
    plain = (type(None), float)
    for value in settings.values():
        assert isinstance(value, plain) or all(type(item) is float for item in value)
    sent = pickle.loads(pickle.dumps(experiment))
    assert sent.outputs == experiment.outputs
    assert (sent.run.func, sent.run.keywords) == (experiment.run.func, settings)


@pytest.mark.parametrize("call", CALLS)
def test_currents_are_in_the_cells_unit_and_the_last_flag_is_failed(call):
    experiment = call()
    assert isinstance(experiment, Experiment)
    assert experiment.outputs[-1].flags[-1] == "failed"
    for unit in ("nA", "uA/cm2"):
        units = [output.unit for output in outputs_in(unit, experiment.outputs)]
        assert set(units) <= {unit, "Hz/nA", "Hz/(uA/cm2)", "ms", "Hz", "1"}


@pytest.mark.parametrize("call", CALLS)
def test_a_failed_run_is_said_and_leaves_its_neighbours(call):
    # at -400 mV the leak drags the cell out of the tabulated voltages
    hh = cells.hodgkin_huxley_1952()
    times = {"settle": 20.0, "duration": 50.0}
    experiment = call(**times, discard=10.0) if call is fi_slope else call(**times)
    values = experiment.run(Lanes(hh, {"leak.E": [-54.387, -400.0]}))
    alone = experiment.run(Lanes(hh, {"leak.E": [-54.387]}))
    *numbers, flag = values.values()
    assert experiment.outputs[-1].flags[flag[1]] == "failed"
    assert np.all(np.isnan([column[1] for column in numbers]))
    assert same({name: column[:1] for name, column in values.items()}, alone)


@pytest.mark.parametrize(
    ("call", "settings", "message"),
    [
        (rheobase, {"highest": 0.0}, "highest is 0.0; allowed: above 0"),
        (rheobase, {"highest": "much"}, "highest is 'much'"),
        (rheobase, {"duration": 0.0}, "duration is 0.0 ms; allowed: above 0"),
        (rheobase, {"settle": -1.0}, "settle is -1.0 ms; allowed: 0 or more"),
        (rheobase, {"precision": 0.0}, "precision is 0.0; allowed: 1e-6 to 0.5"),
        (rheobase, {"precision": 0.9}, "precision is 0.9; allowed: 1e-6 to 0.5"),
        (fi_slope, {"currents": (0.5, 0.5)}, "currents holds 1 different values"),
        (fi_slope, {"currents": 0.5}, "currents is 0.5; allowed: two or more"),
        (fi_slope, {"multiples": (0.0, 1.5)}, "multiples is 0.0; allowed: numbers above 0"),
        (fi_slope, {"currents": (0.5, np.inf)}, "currents is inf; allowed: finite"),
        (fi_slope, {"discard": 1000.0}, "discard is 1000 ms of a step of 1000 ms"),
        (ramp, {"peak": -1.0}, "peak is -1.0; allowed: above 0"),
        (ramp, {"duration": np.nan}, "duration is nan ms"),
        (self_sustained, {"brake": 5.0}, "brake is 5.0; allowed: below 0"),
        (self_sustained, {"brake": 0.0}, "brake is 0.0; allowed: below 0"),
        (self_sustained, {"holding": np.inf}, "holding is inf"),
        (self_sustained, {"watch": 0.0}, "watch is 0.0 ms; allowed: above 0"),
    ],
)
def test_bad_settings_are_refused_before_any_run(call, settings, message):
    with pytest.raises(InputError) as refusal:
        call(**settings)
    said = str(refusal.value)
    assert said.startswith(f"{call.__name__}: {message}")
    assert "\n" not in said
