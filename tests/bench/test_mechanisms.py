"""Mechanisms for NEURON and Arbor, read back and compared with the engine's equations."""

import re

import bench_cells
import numpy as np
import pytest
from bench_cells import CELLS, VARYING
from hypothesis import given, settings
from hypothesis import strategies as st
from mechanisms import FUNCTIONS, blocks, evaluate

from mnexcite.bench.expressions import Untraceable
from mnexcite.bench.peers import arbor, neuron
from mnexcite.bench.system import system
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel, Gate

PRINTERS = {
    "neuron": lambda s, k, driven: neuron.mechanism(s, k, driven=driven),
    "arbor": lambda s, k, driven: arbor.mechanism(s, k, driven=driven),
}
#: Its gate m chooses with where, which Arbor lacks.
PAIRS = [(p, c) for p in PRINTERS for c in sorted(CELLS) if (p, c) != ("arbor", "user")]
#: Gates without a time constant and calcium that are as stiff as they come.
BUILT_IN = {"v", "t", "dt", "i", *FUNCTIONS, "if", "else"}


@pytest.mark.parametrize(("printer", "name"), PAIRS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_mechanism_computes_the_engines_right_hand_side(printer, name, data):
    s, equations = bench_cells.plain(name)
    y, injected = data.draw(bench_cells.states(name))
    named = dict(zip([*s.names, *s.injected], [*y, *injected], strict=True))
    wanted = equations.derivative(y, injected)
    found = {}
    for k, voltage in enumerate(s.names[: s.compartments]):
        text = PRINTERS[printer](s, k, driven=True)
        result = evaluate(text, {**named, "v": y[k], "drive": injected[k]})
        lost = float(np.asarray(s.coupled(k).evaluate(**named)))
        C = float(s.capacitances[k].evaluate())
        found[voltage] = -(1e3 * result["i"] + lost) / C  # mA/cm2 -> uA/cm2
        found |= {n[:-1]: value for n, value in result.items() if n.endswith("'")}
    bench_cells.assert_same(s, [found[n] for n in s.names], wanted, named)


@pytest.mark.parametrize(("printer", "name"), PAIRS)
def test_every_name_is_declared(printer, name):
    s = system(CELLS[name], tuple(VARYING[name]))
    for k in range(s.compartments):
        text = PRINTERS[printer](s, k, driven=False)
        parts = blocks(text)
        declared = set(s.parameters)
        assert [line.split(" = ")[0] for line in parts["PARAMETER"]] == list(s.parameters)
        assert re.search(r"RANGE (.*)", text)[1].split(", ") == list(s.parameters)
        states = [line.split()[0] for line in parts["STATE"]]
        kinetic = parts["DERIVATIVE kinetics"]
        assert {line.split("'")[0] for line in kinetic if "' = " in line} == set(states)
        assert {line.split(" = ")[0] for line in parts["INITIAL"]} == set(states)
        for block in ("BREAKPOINT", "DERIVATIVE kinetics"):
            known, code = set(declared) | set(states) | BUILT_IN, []
            for line in parts[block]:
                if line.startswith("LOCAL"):
                    known |= set(line.removeprefix("LOCAL ").split(", "))
                elif not line.startswith("SOLVE"):
                    code.append(line)
            used = set(re.findall(r"\b[A-Za-z_]\w*", " ".join(code)))
            assert used <= known, used - known


def test_functions_that_are_called_come_with_the_mechanism():
    text = neuron.mechanism(bench_cells.plain("bench")[0], 0, driven=False)
    assert "FUNCTION linoid(z)" in text and "FUNCTION logistic(z)" in text
    assert "FUNCTION where" not in text and "FUNCTION larger" not in text


def test_a_pool_weighs_its_error_by_its_scale():
    text = neuron.mechanism(bench_cells.plain("MK")[0], 0, driven=False)
    assert "x_Ca <0.0002>" in text and "x_CaL_m <" not in text


def test_noting_spikes_is_left_out_where_nobody_asks():
    s, _ = bench_cells.plain("PB")
    assert "AFTER SOLVE" not in neuron.mechanism(s, 0, driven=False)
    noting = neuron.mechanism(s, 0, driven=False, noting=50)
    # the threshold of this cell is -10 mV, and 10 mV below it the detector is armed again
    assert "spikes[50]" in noting and "v >= -10.0" in noting and "v < -20.0" in noting


@pytest.mark.parametrize("printer", PRINTERS)
def test_a_passive_membrane_has_no_kinetics(printer):
    cell = Cell("passive", Compartment("soma", 1.0, Channel("leak", 0.1, E=-70.0), v=-60.0))
    text = PRINTERS[printer](system(cell), 0, driven=False)
    assert "DERIVATIVE" not in text and "SOLVE" not in text
    assert evaluate(text, {"v": -60.0})["i"] == pytest.approx(1e-3)


def test_arbor_refuses_a_choice():
    gate = Gate("m", inf=lambda v: np.where(v > -40.0, 0.9, 0.1), tau=1.0)
    cell = Cell("odd", Compartment("soma", 1.0, Channel("X", 1.0, gate, E=0.0)))
    with pytest.raises(Untraceable, match="arbor has no"):
        arbor.mechanism(system(cell), 0, driven=False)
