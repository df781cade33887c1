"""What compiles, and what must not compile again."""

from functools import partial

import numpy as np
import pytest
from engine_cells import ADAPTIVE, CATALOGUE, COMPILED, FIXED, step_of

import mnexcite
from mnexcite import simulate, stimuli
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel, Gate
from mnexcite.engine.methods import METHODS
from mnexcite.equations.structure import structure_of
from mnexcite.kernels import compiled


def new_kernels(action):
    """Return the kernels that `action` compiles or reads from the disk."""
    before = compiled.compilations()
    action()
    after = compiled.compilations()
    return {key: counts for key, counts in after.items() if before.get(key) != counts}


@pytest.mark.parametrize("method", ["kaps_rentrop", "staggered"])  # one of each kind
def test_values_steps_stimuli_and_durations_never_recompile(method):
    cell, unit = CATALOGUE["PB"], "nA"
    drive = step_of("PB")
    simulate = partial(mnexcite.simulate, method=method)
    simulate(cell, drive, duration=5.0)

    def everything_that_is_data():
        rng = np.random.default_rng(0)
        simulate(cell, drive, duration=5)  # a whole number for a float
        simulate(cell, drive, duration=np.float32(7.5))
        for dt in (0.01, 0.05, 1, np.float64(0.025)) if method in FIXED else ():
            simulate(cell, drive, duration=6.0, dt=dt, every=1.0)
        for tolerance in (1e-3, 1e-7, np.float64(1e-2)) if method in ADAPTIVE else ():
            simulate(cell, drive, duration=6.0, tolerance=tolerance, every=0.013)
        for value in (0, 0.0, 2, 0.31, np.int64(1)):
            simulate(cell.replaced({"NaP.g": value}), drive, duration=5.0)
        changed = cell.replaced({"ions.K_o": 6, "temperature": 30, "C": 0.03})
        simulate(changed.scaled({"K.g": 0.5}), drive, duration=5.0)
        moved = cell.replaced({"NaP.m.shift": -3.0, "NaP.m.half": -40.0, "SK.z.half": 0.002})
        simulate(moved, drive, duration=5.0)
        for stimulus in (
            None,
            stimuli.ramp(0.0, 1.0, unit=unit, duration=3.0),
            stimuli.train(1.0, unit=unit, rate=200.0, count=2),
            stimuli.sampled(rng.normal(size=50), unit=unit, every=0.1),
            stimuli.step(1, unit="uA/cm2") + stimuli.pulse(1, unit=unit, start=1),
        ):
            simulate(cell, stimulus, duration=5.0)
        for record in ((), ("v",), ("NaP.i", "SK.z", "Ca", "v")):
            simulate(cell, drive, duration=5.0, record=record, every=0.5)
        for lanes in (1, 3, 9, 130):
            values = {"NaP.g": rng.uniform(0, 1, lanes), "Kdr.n.shift": np.ones(lanes)}
            simulate(cell, drive, duration=2.0, parameters=values, threads=1 + lanes % 2)
        simulate(cell, [drive, drive * 2.0], duration=2.0, initial={"v": -60})
        state = simulate(cell, drive, duration=2.0, discard=1).final_state
        simulate(cell, drive, duration=2.0, initial=state)
        simulate(cell, drive, duration=2.0, initial="rest")
        mnexcite.simulate(cell, drive, duration=1.0, method="reference")

    assert new_kernels(everything_that_is_data) == {}


def test_defaults_take_the_adaptive_kernel():
    simulate(CATALOGUE["HH"], duration=1.0, method="rosenbrock")
    assert new_kernels(lambda: simulate(CATALOGUE["HH"], duration=1.0)) == {}


@pytest.mark.parametrize("method", ["rosenbrock", "staggered"])
def test_one_kernel_serves_every_cell_of_a_structure(method):
    """The structure is that of SMALL, and another one with a power that is no other test's."""

    def cell(name, half, power=1):
        def inf(v):
            return 1 / (1 + np.exp(-(v - half) / 9.0))

        channels = [
            Channel("NaP", 3.0, [Gate("m", power=power, inf=inf)], E=60.0),
            Channel("K", 3.0, [Gate("n", inf=inf, tau=2.0)], E=-80.0),
            Channel("leak", 0.1, E=-60.0),
        ]
        return Cell(name, Compartment("soma", 1.0, channels))

    given = {"duration": 1.0, "method": method}
    simulate(cell("one", -40.0), **given)
    again = new_kernels(lambda: simulate(cell("another", -31.0), **given))
    assert again == {}
    other = new_kernels(lambda: simulate(cell("one", -40.0, power=4), **given))
    assert len(other) == 1
    (counts,) = other.values()
    assert sum(counts) == 1  # compiled once, or read from the disk once


def test_each_method_has_its_own_kernel_and_text():
    structure = structure_of(CATALOGUE["HH"])
    texts = {name: METHODS[name].source(structure) for name in COMPILED}
    # methods that differ in coefficients only share one
    assert texts.pop("kaps_rentrop") == texts["rosenbrock"]
    assert METHODS["kaps_rentrop"].kernel(structure) is METHODS["rosenbrock"].kernel(structure)
    assert len(set(texts.values())) == len(texts) == 6
    # a kernel is plain Python: it says what it is, and holds no value of the cell
    for text in texts.values():
        compile(text, "kernel", "exec")
        assert "120.0" not in text
    changed = structure_of(CATALOGUE["HH"].replaced({"Na.g": 77.0}))
    for name, text in texts.items():
        assert METHODS[name].source(changed) == text


def test_another_type_is_an_error_and_no_second_compilation():
    text = "def double(a):\n    for i in range(a.size):\n        a[i] = 2.0 * a[i]\n"
    module = compiled.load("double", text, {"double": {"a": "f8[::1]"}})
    values = np.arange(3.0)
    module.double(values)
    np.testing.assert_array_equal(values, [0.0, 2.0, 4.0])
    for wrong in (np.arange(3), np.arange(6.0)[::2], np.zeros((2, 2)), 1.0):
        with pytest.raises(TypeError, match=r"^double takes a: f8\[::1\]; got "):
            module.double(wrong)


def test_the_same_text_is_loaded_once():
    text = "def one(a):\n    a[0] = 1.0\n"
    first = compiled.load("one", text, {"one": {"a": "f8[::1]"}})
    assert compiled.load("one", text, {"one": {"a": "f8[::1]"}}) is first
    other = compiled.load("one", text + "\n# another\n", {"one": {"a": "f8[::1]"}})
    assert other is not first
