"""One printed Rosenbrock step is that of the method with the exact Jacobian.

The oracle is the method in NumPy on untabulated functions, with a matrix of finite
differences. Kinetics are polynomials that tables hold without error.
"""

import numpy as np
import pytest
from engine_cells import CATALOGUE, FIRING
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite import simulate, stimuli
from mnexcite.cells import Cell, Compartment, Coupling, Ion
from mnexcite.channels import Channel, Gate, IonPool
from mnexcite.engine import adaptive, rosenbrock
from mnexcite.equations.right_hand_side import Equations


def s(v):
    return (v + 150.0) / 250.0


def voltage_gate(name, power, speed):
    return Gate(
        name,
        power=power,
        alpha=lambda v: speed * (0.02 + s(v) ** 2),
        beta=lambda v: speed * (0.02 + (1.0 - s(v)) ** 2),
    )


def pool_gate(name, power, pool):
    """Return a gate that follows a concentration up to 128."""
    return Gate(
        name,
        power=power,
        pool=pool,
        alpha=lambda c: 0.01 + 0.2 * c / 128.0,
        beta=lambda c: 0.05 + 0.1 * (1.0 - c / 128.0) ** 2,
    )


def pool(name, rest, initial):
    return IonPool(
        name, alpha=0.3, tau=20.0, f=0.5, rest=rest, initial=initial, scale=40.0, unit="uM"
    )


def everything():
    """Return three compartments in a chain with gates, pools and channels of every kind.

    A channel has a gate with a time constant, an instantaneous one and one that reads a
    pool; a pool is fed by a channel that another pool gates.
    """
    at_once = Gate("a", power=2, inf=lambda v: s(v) ** 2)
    of_calcium = Gate("q", power=3, inf=lambda c: 0.1 + 0.8 * c / (c + 20.0))
    soma = Compartment(
        "soma",
        1.1,
        [
            Channel("Na", 2.0, [voltage_gate("m", 3, 1.5), voltage_gate("h", 1, 0.3)], E=60.0),
            Channel("Mix", 0.8, [voltage_gate("n", 4, 0.2), at_once, of_calcium], E=-90.0),
            Channel("CaX", 0.05, [at_once], E=80.0, ion="Ca"),
            Channel("leak", 0.1, E=-70.0),
        ],
        pools=[pool("Ca", 1.0, 20.0)],
        v=-80.0,
    )
    middle = Compartment(
        "middle",
        0.7,
        [
            Channel("CaX", 0.04, [voltage_gate("d", 2, 1.0)], E=80.0, ion="Ca"),
            Channel("Release", 0.03, [pool_gate("z", 2, "Ca")], E=50.0, ion="Store"),
            Channel("KCa", 0.3, [pool_gate("z", 1, "Store"), of_calcium], E=-90.0),
            Channel("leak", 0.2, E=-60.0),
        ],
        pools=[pool("Ca", 0.5, 30.0), pool("Store", 2.0, 10.0)],
        v=-60.0,
    )
    end = Compartment("end", 2.0, [Channel("leak", 0.15, E=-65.0)], v=-50.0)
    return Cell(
        "everything",
        [soma, middle, end],
        couplings=[
            Coupling("end", "middle", g_c=0.4, name="outer"),
            Coupling("soma", "middle", g_c=0.25, name="inner"),
        ],
        ions=[Ion("Ca", 80.0), Ion("Store", 50.0)],
        membrane="absolute",
    )


def pools_in_a_row():
    """Return a cell whose pools feed each other, named so that zeros of its system fill up."""
    channels = [
        Channel("CaX", 0.05, [voltage_gate("d", 2, 1.0)], E=80.0, ion="Ca"),
        Channel("First", 0.05, [pool_gate("z", 1, "Ca")], E=50.0, ion="One"),
        Channel("Second", 0.05, [pool_gate("z", 1, "One")], E=50.0, ion="Two"),
        Channel("K", 0.3, [pool_gate("z", 1, "Two")], E=-90.0),
        Channel("leak", 0.2, E=-60.0),
    ]
    pools = [pool("One", 1.0, 20.0), pool("Ca", 0.5, 30.0), pool("Two", 2.0, 10.0)]
    return Cell(
        "row",
        Compartment("soma", 1.0, channels, pools=pools, v=-40.0),
        ions=[Ion("Ca", 80.0), Ion("One", 50.0), Ion("Two", 50.0)],
        membrane="absolute",
    )


def jacobian(equations, y, injected):
    columns = []
    for scale, at in zip(np.maximum(np.abs(y), 1.0), range(len(y)), strict=True):
        nudge = np.zeros(len(y))
        nudge[at] = 1e-3 * scale
        # fourth order in the nudge: kinetics are cubics, times powers of gates
        f = [equations.derivative(y + k * nudge, injected) for k in (-2, -1, 1, 2)]
        columns.append((f[0] - 8.0 * f[1] + 8.0 * f[2] - f[3]) / (12.0 * nudge[at]))
    return np.array(columns).T


def step(equations, y, h, drive, slope):
    """Return y after one step; the drive begins at `drive` and rises by `slope` per ms."""
    tableau = rosenbrock.TABLEAU
    drift = np.zeros(len(y))
    drift[: equations.compartments] = np.array(slope) / equations.C
    matrix = np.eye(len(y)) / (h * tableau.gamma) - jacobian(equations, y, drive)
    ks, f = [], None
    for stage in range(4):
        if stage < 3:  # the fourth shares the third's evaluation
            at = y.copy()
            for a, k in zip(tableau.values[stage], ks, strict=True):
                at += a * k
            now = [d + tableau.times[stage] * h * c for d, c in zip(drive, slope, strict=True)]
            f = equations.derivative(at, now)
        right = f + h * tableau.drift[stage] * drift
        right = right + sum(
            (c * k / h for c, k in zip(tableau.rest[stage], ks, strict=True)), 0.0
        )
        ks.append(np.linalg.solve(matrix, right))
    return y + sum(m * k for m, k in zip(tableau.solution, ks, strict=True))


def assert_is_the_step(cell, y, h, amplitude, climb, patch, allowed, where=None):
    equations = Equations(cell)
    patch.setattr(adaptive, "FIRST_STEP", h)
    patch.setattr("mnexcite.simulation.settings.TOLERANCES", (0.0, np.inf))
    names = equations.structure.states
    drive = stimuli.ramp(
        amplitude,
        amplitude + 9.0 * climb,
        unit=cell.units["i"],
        duration=9.0,
        compartment=where,
    )
    state = dict(zip(names, map(float, y), strict=True))
    run = simulate(
        cell, drive, duration=h, initial=state, tolerance=1e12, record=(), method="rosenbrock"
    )
    into = [0.0 if w is None else amplitude for w in drive.into(cell)]
    slope = [0.0 if w is None else climb for w in drive.into(cell)]
    wanted = step(equations, y, h, into, slope)
    # what a step changes sets how exact it can be told
    scale = np.abs(wanted - y) + np.abs(y) + 1.0
    np.testing.assert_array_less(np.abs(run.final_state.values[:, 0] - wanted), allowed * scale)


def random_state(cell, rng):
    equations = Equations(cell)
    count = len(equations.structure.states)
    voltages = rng.uniform(-100.0, 50.0, equations.compartments)
    pools = rng.uniform(1.0, 100.0, len(equations.structure.pools))
    gates = rng.uniform(0.05, 0.95, count - len(voltages) - len(pools))
    return np.concatenate([voltages, pools, gates])


CELL, ROW = everything(), pools_in_a_row()


@pytest.mark.filterwarnings("ignore:.*did not end well")
@settings(deadline=None, max_examples=12)
@given(
    seed=st.integers(0, 2**31),
    h=st.sampled_from([0.01, 0.1, 1.0]),
    amplitude=st.floats(-10.0, 10.0),
    climb=st.floats(-10.0, 10.0),
    where=st.sampled_from([compartment.name for compartment in CELL.compartments]),
)
def test_a_step_of_a_cell_with_everything(seed, h, amplitude, climb, where):
    y = random_state(CELL, np.random.default_rng(seed))
    with pytest.MonkeyPatch.context() as patch:
        # finite differences of numbers near 100 are good to 1e-10, and h times that
        assert_is_the_step(CELL, y, h, amplitude, climb, patch, 1e-8, where)


def test_a_step_of_a_cell_whose_system_fills_up(monkeypatch):
    for seed in range(3):
        y = random_state(ROW, np.random.default_rng(seed))
        assert_is_the_step(ROW, y, 0.3, 1.0, 2.0, monkeypatch, 1e-8)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_step_of_the_catalogue(name, monkeypatch):
    """Their functions are no polynomials, so tables and their slopes are nearly exact only."""
    cell = CATALOGUE[name]
    run = simulate(cell, stimuli.step(FIRING[name], unit=cell.units["i"]), duration=3.0)
    y = run.final_state.values[:, 0]
    assert_is_the_step(cell, y, 0.02, FIRING[name], 1.0, monkeypatch, 1e-5)
