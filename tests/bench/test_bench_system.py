"""The printed equations are those that the engine integrates."""

import bench_cells
import numpy as np
import pytest
from bench_cells import CELLS, VARYING, assert_same
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.bench.expressions import Untraceable, function, symbol
from mnexcite.bench.system import system
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel, Gate
from mnexcite.equations.lower import lane_cell
from mnexcite.equations.right_hand_side import Equations
from mnexcite.errors import InputError

NAMES = sorted(CELLS)


@pytest.mark.parametrize("name", NAMES)
def test_states_are_those_of_the_engine(name):
    s, equations = bench_cells.plain(name)
    assert s.states == equations.structure.states
    assert [CELLS[name].initial[path] for path in s.states] == s.initial.tolist()
    assert len(s.derivatives) == len(s.states) == len(set(s.names))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None)  # of some 20 ms
@given(data=st.data())
def test_right_hand_side_is_the_engines(name, data):
    s, equations = bench_cells.plain(name)
    y, injected = data.draw(bench_cells.states(name))
    named = dict(zip([*s.names, *s.injected], [*y, *injected], strict=True))
    found = [float(d.evaluate(**named)) for d in s.derivatives]
    assert_same(s, found, equations.derivative(y, injected), named)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_symbols_for_what_varies_between_sets(name, data):
    cell, paths = CELLS[name], VARYING[name]
    s = system(cell, tuple(paths))
    shares = data.draw(st.lists(st.floats(0.9, 1.1), min_size=2, max_size=2))
    columns = {path: value * np.array(shares) for path, value in paths.items()}
    values = s.values(columns)
    assert values.shape == (len(s.parameters), 2) and len(s.parameters) >= len(paths) - 1
    y, injected = data.draw(bench_cells.states(name))
    for lane in range(2):
        named = dict(zip([*s.names, *s.injected], [*y, *injected], strict=True))
        named |= dict(zip(s.parameters, values[:, lane], strict=True))
        found = [float(d.evaluate(**named)) for d in s.derivatives]
        wanted = Equations(lane_cell(cell, columns, lane)).derivative(y, injected)
        assert_same(s, found, wanted, named)


def test_potassium_outside_moves_every_potassium_reversal():
    s = system(CELLS["PB"], ["ions.K_o"])
    assert set(s.parameters) == {"p_E_Kdr", "p_E_A", "p_E_SK"}
    # Nernst: 26.73 mV ln(8 / 4) above the paper's -80 mV
    wanted = -80.0 + 26.73 * np.log([1.0, 2.0])
    np.testing.assert_allclose(s.values({"ions.K_o": [4.0, 8.0]})[0], wanted, rtol=1e-14)


def test_changes_that_cancel_are_still_seen():
    paths = ["coupling.g_c", "coupling.p"]  # g_c / p stays the same if both grow alike
    assert {"p_coupling_a_0", "p_coupling_b_0"} == set(system(CELLS["BRK"], paths).parameters)


def test_a_groups_path_means_each_of_its_channels():
    assert system(CELLS["PB"], ["K.g"]).varying == ("Kdr.g", "A.g")


def test_no_varying_paths_leave_one_set():
    s = system(CELLS["bench"])
    assert s.parameters == () and s.values({}).shape == (0, 1)


def test_number_of_a_formula_in_each_set():
    s = system(CELLS["bench"], ["NaP.g"])
    values = s.values({"NaP.g": [0.5, 1.5]})
    np.testing.assert_array_equal(s.number(symbol("p_g_NaP"), values), [0.5, 1.5])
    np.testing.assert_array_equal(s.number(s.capacitances[0], values), [1.0, 1.0])


def test_many_derivatives_at_once_are_the_same_as_one_by_one():
    s, _ = bench_cells.plain("PB")
    values = dict(zip(s.names, s.initial, strict=True)) | {"injected": 0.3}
    together = function(s.derivatives, list(values))(*values.values())
    np.testing.assert_array_equal(together, [d.evaluate(**values) for d in s.derivatives])


def test_unknown_path_is_refused():
    with pytest.raises(InputError, match="did you mean"):
        system(CELLS["bench"], ["NaP.gg"])


def looked_up(v):
    return np.interp(v, [-150.0, 100.0], [0.1, 0.9])


def hidden(v):
    values = np.array([0.2, 0.8])  # a formula would not show this choice
    return values[(np.asarray(v) > -40.0).astype(int)]


@pytest.mark.parametrize("inf", [looked_up, hidden])
def test_a_function_without_formula_is_refused_by_its_path(inf):
    cell = Cell(
        "odd", Compartment("soma", 1.0, Channel("X", 1.0, Gate("m", inf=inf, tau=1.0), E=0.0))
    )
    with pytest.raises(Untraceable, match=r"^gate X\.m: .*(interp|hidden|looked_up)"):
        system(cell)
