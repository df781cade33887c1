"""Brian2: its equations, where a spike lies within a step, and the real thing."""

import ast

import bench_cells
import numpy as np
import pytest
from bench_cells import CELLS
from hypothesis import given, settings
from hypothesis import strategies as st
from mechanisms import CLOSE, FUNCTIONS, errors, exprelr, joined_work, small_work

from mnexcite.bench.peers.brian2 import PYTHON, Brian2, crossing, equations
from mnexcite.bench.system import system
from mnexcite.bench.work import Work

NAMES = {
    **FUNCTIONS,
    "exprel": lambda z: 1.0 / exprelr(z),
    **{name: getattr(np, name) for name in ("exp", "log1p", "expm1", "cosh", "tanh", "sinh")},
    "ms": 1.0,
}


def read(text, values):
    """Return each derivative that Brian2 equations give."""
    known, found = {**NAMES, **values}, {}
    known["time"] = known["step_start"] = known["t"]
    for line in text.splitlines():
        formula, _, flag = line.rpartition(" : ")
        assert flag in ("1", "1 (constant)", "1 (constant over dt)", "1 (shared)")
        if " = " not in formula:
            continue
        name, formula = formula.split(" = ")
        ast.parse(formula, mode="eval")
        value = float(eval(formula, {}, dict(known)))
        if "/dt" in name:
            found[name.removeprefix("d").removesuffix("/dt")] = value
        else:
            known[name] = value
    return found


@pytest.mark.parametrize("name", sorted(CELLS))
@pytest.mark.parametrize("held", [True, False])
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_equations_are_the_engines(name, held, data):
    s, own = bench_cells.plain(name)
    y, _ = data.draw(bench_cells.states(name))
    injected = [0.0] * s.compartments
    named = dict(zip([*s.names, *s.injected], [*y, *injected], strict=True))
    found = read(equations(s, Work(CELLS[name]), held=held), {**named, "t": 0.0})
    wanted = own.derivative(y, injected)
    bench_cells.assert_same(s, [found[n] for n in s.names], wanted, named)


@pytest.mark.parametrize("t", [0.0, 1.9, 2.0, 5.5, 9.0, 15.4, 15.6, 22.0, 24.0])
def test_the_current_follows_the_stimulus(t):
    work = joined_work()
    s = system(work.cell)
    values = {**dict(zip(s.names, s.initial, strict=True)), "t": t}
    at_rest = read(equations(s, Work(work.cell, duration=25.0)), values)
    driven = read(equations(s, work), values)
    for name, waveform in zip(s.names[:2], work.waveforms(), strict=True):
        # capacitances are 1 uF/cm2
        assert driven[name] - at_rest[name] == pytest.approx(float(waveform.at(t)), abs=1e-12)


def test_gates_without_a_time_constant_are_held_only_where_they_must_be():
    s, _ = bench_cells.plain("MK")
    assert "constant over dt" in equations(s, Work(CELLS["MK"]))
    assert "constant over dt" not in equations(s, Work(CELLS["MK"]), held=False)
    assert "constant over dt" not in equations(bench_cells.plain("PB")[0], Work(CELLS["PB"]))


@given(st.floats(0.0, 1.0), st.floats(0.5, 3.0), st.floats(-0.3, 0.3))
def test_a_cubic_is_crossed_where_it_is(where, slope, bend):
    def v(x):
        return slope * (x - where) + bend * (x - where) ** 3

    through_four = np.array([[v(-2.0)], [v(-1.0)], [v(0.0)], [v(1.0)]])
    # four points give a cubic back; halving an interval 50 times leaves 1e-15
    assert crossing(through_four, 0.0)[0] == pytest.approx(where, abs=1e-12)


def test_a_straight_line_needs_two_points():
    found = crossing(np.array([[-3.0, -1.0], [1.0, 3.0]]), 0.0)
    np.testing.assert_allclose(found, [0.75, 0.25], rtol=1e-14)


def test_without_an_interpreter_it_says_what_to_give(monkeypatch):
    monkeypatch.delenv(PYTHON, raising=False)
    assert "give the python of Brian2's environment" in Brian2().missing()
    monkeypatch.setenv(PYTHON, "no-such-python")
    assert "not there" in Brian2().missing()


@pytest.mark.skipif(Brian2().missing() is not None, reason=str(Brian2().missing()))
def test_exponential_euler_converges_at_its_order():
    peer, work = Brian2("exponential_euler"), small_work()
    coarse, fine = (errors(peer.prepare(work, s)(), work) for s in peer.settings()[-2:])
    # halving the step; what is left of higher orders is below a tenth at these steps
    assert np.log2(coarse / fine) == pytest.approx(1.0, abs=0.15)
    answer = peer.prepare(joined_work(), peer.settings()[-1])()
    assert errors(answer, joined_work()) < CLOSE


@pytest.mark.skipif(Brian2().missing() is not None, reason=str(Brian2().missing()))
def test_runge_kutta_converges():
    peer, work = Brian2("rk4"), small_work()
    coarse, fine = (errors(peer.prepare(work, peer.settings()[n])(), work) for n in (0, 1))
    assert coarse / fine > 8.0  # 16 for order 4, and some of it lost in the interpolation
    answer = peer.prepare(joined_work(), peer.settings()[3])()
    assert errors(answer, joined_work()) < CLOSE
