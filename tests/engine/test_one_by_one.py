"""The equations of one state, by floats, against those of many at once, by NumPy."""

import sys

import numpy as np
import pytest
from test_loops import fiber
from test_permeabilities import permeable
from test_slow_ions import pumped

from mnexcite.cells import CATALOGUE
from mnexcite.channels import kinetics
from mnexcite.equations.alone import alone
from mnexcite.equations.right_hand_side import Equations

MODULE = sys.modules[Equations.__module__]
CELLS = {name: make() for name, make in CATALOGUE.items()}
CELLS |= {"permeable": permeable(), "pumped": pumped("PB")}


@pytest.mark.parametrize("name", CELLS)
def test_one_state_is_a_column_of_many(name):
    equations, rng = Equations(CELLS[name]), np.random.default_rng(3)
    y = np.array([CELLS[name].initial[path] for path in equations.structure.states])
    many = y[:, None] * rng.uniform(0.3, 1.5, (y.size, 40))
    n = equations.compartments
    many[:n] = rng.uniform(-140.0, 90.0, (n, 40))
    many[:n, 0] = -1e5  # where exponentials overflow, which NumPy calls infinite
    many[:n, 1] = -40.0  # where linear rates of the squid axon are 0 / 0
    drive = np.arange(1.0, n + 1.0)
    with np.errstate(all="ignore"):
        columns = equations.derivative(many, drive, np.full(n, 0.1))
        for k, column in enumerate(columns.T):
            one = equations.derivative(many[:, k].copy(), drive, np.full(n, 0.1))
            np.testing.assert_allclose(one, column, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_function_of_a_published_cell_has_a_twin(name):
    groups = Equations(CELLS[name]).groups.values()
    assert all(alone(function) for of_role in groups for function, *_ in of_role)


def test_a_function_of_others_has_none():
    assert alone(lambda v: v) is None and alone(np.exp) is None
    assert alone(kinetics.boltzmann)(-47.1, half=-47.1, slope=4.1) == 0.5


def test_many_gates_of_one_function_are_NumPys(monkeypatch):
    cell = fiber(MODULE.MANY)
    grouped, y = Equations(cell), np.array(list(cell.initial.values()))
    assert all(twins is None for *_, twins in grouped.ones["alpha"])
    monkeypatch.setattr(MODULE, "MANY", np.inf)
    each = Equations(cell)
    still = np.zeros(grouped.compartments)
    np.testing.assert_allclose(
        grouped.derivative(y, still), each.derivative(y, still), rtol=1e-12, atol=1e-13
    )
