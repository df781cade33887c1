"""Every axis is in the unit that it says, in Python, CSV and TOML; factors by SI prefixes."""

from functools import partial

import neo
import numpy as np
import pint
import pytest
import xarray as xr

import mnexcite as mx
from mnexcite.config.sweeping import build_plan, loads_sweep
from mnexcite.errors import InputError
from mnexcite.sweeps import between, grid, latin_hypercube, table
from mnexcite.sweeps.designs.units import in_own_units

PB, HH = mx.cells.purvis_butera_2005(), mx.cells.hodgkin_huxley_1952()
NANO = partial(mx.stimuli.step, unit="nA", start=1.0, duration=2.0, amplitude=1.0)
DENSITY = partial(mx.stimuli.step, unit="uA/cm2", start=1.0)
TRAIN = partial(mx.stimuli.train, 1.0, unit="nA", count=2)

CONVERTED = [
    (PB, "stimulus.duration [s]", [0.5, 1.0], NANO, "ms", [500.0, 1000.0]),
    (PB, "stimulus.start [us]", [500.0], NANO, "ms", [0.5]),
    (PB, "stimulus.start [min]", [1.0], NANO, "ms", [60000.0]),
    (PB, "stimulus.amplitude [pA]", [500.0], NANO, "nA", [0.5]),
    (PB, "stimulus.amplitude [µA]", [0.002], NANO, "nA", [2.0]),
    (HH, "stimulus.amplitude [µA/cm²]", [6.5], DENSITY, "uA/cm2", [6.5]),
    (HH, "stimulus.amplitude [A/m^2]", [0.1], DENSITY, "uA/cm2", [10.0]),
    (HH, "stimulus.amplitude [nA/cm2]", [6500.0], DENSITY, "uA/cm2", [6.5]),
    (PB, "stimulus.rate [kHz]", [0.05], TRAIN, "Hz", [50.0]),
    (PB, "stimulus.rate [1/s]", [50.0], TRAIN, "Hz", [50.0]),
    (PB, "NaP.g [nS]", [50.0], None, "uS", [0.05]),
    (HH, "Na.g [S/cm2]", [0.12], None, "mS/cm2", [120.0]),
    (PB, "C [pF]", [40.0], None, "nF", [0.04]),
    (PB, "ions.K_o [M]", [0.005], None, "mM", [5.0]),
    (PB, "ions.K_o [mmol/L]", [5.0], None, "mM", [5.0]),
    (PB, "ions.E_K [V]", [-0.08], None, "mV", [-80.0]),
    (PB, "NaP.h.tau [s]", [0.15], None, "ms", [150.0]),
    (PB, "temperature [°C]", [36.0], None, "degC", [36.0]),
    (PB, "conditions.als_early [1]", [0.5], None, "1", [0.5]),
]


@pytest.mark.parametrize(("cell", "key", "given", "stimulus", "unit", "wanted"), CONVERTED)
def test_usual_units_convert(cell, key, given, stimulus, unit, wanted):
    (axis,) = in_own_units(cell, grid({key: given}), stimulus).axes
    assert axis.values == pytest.approx(wanted, rel=1e-15) and axis.unit == unit
    (column,) = in_own_units(cell, table({key: given}), stimulus).axes
    assert column == axis


REFUSED = [
    (PB, "stimulus.duration [furlong]", NANO, "allowed: ms, s, us"),
    (PB, "stimulus.duration [mV]", NANO, "allowed: ms, s, us"),
    (PB, "stimulus.amplitude [uA/cm2]", NANO, "allowed: nA, "),
    (HH, "stimulus.amplitude [nA]", DENSITY, "allowed: uA/cm2, "),
    (PB, "stimulus.rate [ms]", TRAIN, "allowed: Hz, kHz"),
    (PB, "stimulus.count [s]", TRAIN, "allowed: a number without unit"),
    (PB, "NaP.g [mS/cm2]", None, "allowed: uS, "),
    (PB, "temperature [K]", None, "allowed: degC"),
    (PB, "ions.K_o [ms]", None, "allowed: mM, "),
    (PB, "conditions.als_early [mM]", None, "allowed: a number without unit"),
    (PB, "stimulus.wobble [furlong]", lambda wobble: NANO(amplitude=wobble), "a unit such as"),
]


@pytest.mark.parametrize(("cell", "key", "stimulus", "said"), REFUSED)
def test_other_units_are_refused_with_those_that_are_allowed(cell, key, stimulus, said):
    for design in (grid({key: [1.0]}), table({key: [1.0]})):
        with pytest.raises(InputError, match=r"axis .* is in '.*'; ") as caught:
            mx.sweep(cell, design, stimulus, duration=5.0)
        assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_function_of_ones_own_tells_the_unit_by_what_it_makes():
    def own(amplitude):
        return mx.stimuli.step(2.0 * amplitude, unit="uA/cm2")

    (axis,) = in_own_units(HH, grid({"stimulus.amplitude [mA/cm2]": [0.01]}), own).axes
    assert axis.values.tolist() == [10.0] and axis.unit == "uA/cm2"
    with pytest.raises(InputError, match="allowed: uA/cm2"):
        in_own_units(HH, grid({"stimulus.amplitude [pA]": [0.01]}), own)


def test_units_that_values_carry_count_as_stated():
    units = pint.UnitRegistry()
    seconds = [
        np.array([0.5, 1.0]) * units.s,
        xr.DataArray([0.5, 1.0], attrs={"units": "s"}),
        neo.SpikeTrain([0.5, 1.0], units="s", t_stop=2.0),
    ]
    for given in seconds:
        for key in ("stimulus.duration", "stimulus.duration [ms]", "stimulus.duration [us]"):
            (axis,) = in_own_units(PB, grid({key: given}), NANO).axes
            assert axis.values.tolist() == [500.0, 1000.0] and axis.unit == "ms"
    with pytest.raises(InputError, match="allowed: ms, s, us"):
        in_own_units(PB, grid({"stimulus.duration": [1.0] * units.m}), NANO)
    with pytest.raises(InputError, match="allowed: uS"):
        mx.simulate(PB, duration=1.0, parameters={"NaP.g": [1.0] * units.mV})
    batch = mx.simulate(PB, duration=1.0, parameters={"NaP.g": [50.0, 60.0] * units.nS})
    assert batch.parameters["NaP.g"] == pytest.approx([0.05, 0.06], rel=1e-15)


def test_a_drawn_design_converts_too():
    ranges = {"NaP.g [nS]": between(50, 100), "ions.K_o [mM]": between(4, 5)}
    plain = {"NaP.g": between(50, 100), "ions.K_o": between(4, 5)}
    made = in_own_units(PB, latin_hypercube(ranges, 8, seed=1))
    other = latin_hypercube(plain, 8, seed=1)
    assert made.axes[0].values == pytest.approx(other.axes[0].values * 1e-3, rel=1e-15)
    assert made.axes[1].values.tolist() == other.axes[1].values.tolist()


def test_a_file_of_points_and_a_file_of_axes_convert(tmp_path):
    points = tmp_path / "points.csv"
    points.write_text("NaP.g [nS],ions.K_o [M]\n50,0.004\n60,0.005\n", encoding="utf-8")
    made = in_own_units(PB, table(points))
    assert made.axes[0].values == pytest.approx([0.05, 0.06], rel=1e-15)
    assert made.axes[1].values.tolist() == [4.0, 5.0]
    text = (
        '[run]\nduration = 20\n[[stimulus]]\nshape = "step"\nunit = "nA"\namplitude = 1\n'
        '[axes]\n"stimulus.duration [s]" = [0.5, 1]\n"NaP.g [nS]" = [50]\n'
    )
    plan = build_plan(loads_sweep(text))
    assert plan.design.axes[0].values.tolist() == [500.0, 1000.0]
    assert plan.design.axes[1].values == pytest.approx([0.05], rel=1e-15)
    with pytest.raises(InputError, match=r"axis 'stimulus.duration' is in 'furlong'; allowed"):
        build_plan(loads_sweep(text.replace("[s]", "[furlong]")))


def test_a_sweep_in_seconds_is_the_sweep_in_milliseconds():
    told = dict(duration=60.0, measures=("count",))
    short = mx.sweep(PB, {"stimulus.duration": [1.0, 40.0]}, NANO, **told)
    in_s = mx.sweep(PB, {"stimulus.duration [s]": [0.001, 0.04]}, NANO, **told)
    assert in_s["count"].values.tolist() == short["count"].values.tolist()
    assert in_s["stimulus.duration"].values.tolist() == [1.0, 40.0]
    assert in_s["stimulus.duration"].attrs["units"] == "ms"
