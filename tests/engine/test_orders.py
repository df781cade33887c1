"""Fitted orders of every method, from starts far from equilibrium.

A scheme that starts its gates half a step wrong looks right in a run that begins at rest;
so every run here begins with gates, voltages and calcium away from their steady states.
"""

from functools import cache

import numpy as np
import pytest
from engine_cells import CATALOGUE, COMPILED, FIRING, step_of
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from exactness import TRUTH
from mnexcite import simulate, stimuli
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel, Gate
from mnexcite.engine import adaptive
from mnexcite.engine.methods import METHODS
from mnexcite.equations.layout import LINE
from mnexcite.equations.right_hand_side import Equations

START = {
    "HH": {"v": -58.0, "Na.m": 0.2, "Na.h": 0.75, "Kdr.n": 0.25},
    "PB": {
        "v": -60.0,
        "Na.m": 0.2,
        "Na.h": 0.8,
        "NaP.h": 0.6,
        "Kdr.n": 0.3,
        "A.m": 0.2,
        "A.h": 0.2,
        "SK.z": 0.2,
        "CaT.m": 0.2,
        "CaN.m": 0.2,
        "Ca": 1e-3,
    },
    "MK": {
        "v": -60.0,
        "Na.h": 0.7,
        "Kdr.n": 0.2,
        "CaL.m": 0.2,
        "CaL.h": 0.6,
        "Kv1.h": 0.5,
        "Ca": 1e-4,
    },
    "BRK": {
        "soma.v": -60.0,
        "dendrite.v": -60.0,
        "soma.Na.h": 0.67,
        "soma.Kdr.n": 0.1,
        "soma.CaN.m": 0.1,
        "soma.CaN.h": 0.5,
        "dendrite.CaL.m": 0.3,
        "dendrite.CaN.m": 0.2,
        "soma.Ca": 0.1,
        "dendrite.Ca": 0.05,
    },
}
AMPLITUDE = {**FIRING, "BRK": 60.0}
# the coarsest of four halvings, where errors are already proportional to dt^order: cells with
# instantaneous sodium gates have rates near 200/ms during the upstroke
COARSEST = {
    "exponential_euler": {"HH": 0.0125, "PB": 0.0125, "MK": 0.0025, "BRK": 0.0025},
    "staggered": {"HH": 0.05, "PB": 0.05, "MK": 0.0025, "BRK": 0.0025},
    "staggered_lines": {"HH": 0.05, "PB": 0.05, "MK": 0.0025, "BRK": 0.0025},
    "runge_kutta_4": {"HH": 0.02, "PB": 0.02, "MK": 0.0025, "BRK": 0.0025},
}
# a method of the next lower order would fit at least 1 below; measured fits lie within 0.2
WITHIN = 0.25


def halvings(coarsest):
    return [coarsest / 2**k for k in range(4)]


def fitted(steps, errors):
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


def distance(run, truth):
    """Return the error of the voltage (root mean square) and of spike times (largest)."""
    assert run.status == truth.status == "ok"
    assert len(run.spike_times) == len(truth.spike_times) > 0
    voltage = np.sqrt(np.mean((run["v"] - truth["v"]) ** 2))
    return voltage, np.abs(run.spike_times - truth.spike_times).max()


@cache
def between_grid_points(name, **by):
    """Return a run whose edges are on no grid."""
    drive = step_of(name, AMPLITUDE[name], start=2.00317, duration=6.33053)
    options = {"duration": 12.0, "initial": START[name], "every": 1.0}
    return simulate(CATALOGUE[name], drive, **by, **options)


#: Every cell for the method that a person picks; the two others meet two cells each.
PAIRS = [("staggered", name) for name in CATALOGUE]
PAIRS += [("exponential_euler", name) for name in ("HH", "BRK")]
PAIRS += [("staggered_lines", name) for name in ("PB", "MK")]


@pytest.mark.parametrize(("method", "name"), PAIRS)
def test_order_against_the_reference_with_edges_between_grid_points(method, name):
    """Tables of straight lines are off by more than small steps: its own finer run then."""
    steps = halvings(COARSEST[method][name])
    exact = TRUTH
    if METHODS[method].filling.coefficients == LINE:
        exact = {"method": method, "dt": steps[-1] / 8}
    truth = between_grid_points(name, **exact)
    errors = [distance(between_grid_points(name, method=method, dt=dt), truth) for dt in steps]
    order = METHODS[method].order
    for of_voltage_or_spikes in zip(*errors, strict=True):
        assert fitted(steps, of_voltage_or_spikes) == pytest.approx(order, abs=WITHIN)


@pytest.mark.parametrize("name", CATALOGUE)
def test_order_of_runge_kutta_against_its_own_finer_run(name):
    """Errors of order 4 soon fall below those of the tables, which both runs share here."""
    cell, drive = CATALOGUE[name], step_of(name, AMPLITUDE[name])
    steps = halvings(COARSEST["runge_kutta_4"][name])
    # up to just behind the first spike: kinks between rows of a table add up behind it
    options = {"duration": 2.0, "initial": START[name], "every": 0.1}
    method = "runge_kutta_4"
    truth = simulate(cell, drive, method=method, dt=steps[-1] / 8, **options)
    errors = [
        distance(simulate(cell, drive, method=method, dt=dt, **options), truth) for dt in steps
    ]
    of_voltage, of_spikes = zip(*errors, strict=True)
    assert fitted(steps, of_voltage) == pytest.approx(4.0, abs=0.4)
    # one crossing, whose error may change its sign on the way: linear interpolation gives 2
    assert fitted(steps, of_spikes) == pytest.approx(4.0, abs=0.8)


def exactly_tabulated():
    """Return a cell whose rates are quadratics of v, which tables hold without error."""

    def s(v):
        return (v + 150.0) / 250.0

    m = Gate(
        "m",
        power=3,
        alpha=lambda v: 0.02 + 1.5 * s(v) ** 2,
        beta=lambda v: 0.02 + 1.5 * (1.0 - s(v)) ** 2,
    )
    h = Gate(
        "h",
        alpha=lambda v: 0.01 + 0.3 * (1.0 - s(v)) ** 2,
        beta=lambda v: 0.01 + 0.4 * s(v) ** 2,
    )
    n = Gate(
        "n",
        power=4,
        alpha=lambda v: 0.02 + 0.2 * s(v) ** 2,
        beta=lambda v: 0.02 + 0.1 * (1.0 - s(v)) ** 2,
    )
    channels = [
        Channel("Na", 2.0, [m, h], E=60.0),
        Channel("K", 1.0, [n], E=-90.0),
        Channel("leak", 0.1, E=-70.0),
    ]
    start = {"Na.m": 0.05, "Na.h": 0.9, "K.n": 0.1}
    return Cell(
        "quadratic",
        Compartment("soma", 1.0, channels, v=-80.0, initial=start),
        spike_threshold=10.0,
    )


@pytest.mark.parametrize(
    ("method", "coarsest"),
    [("exponential_euler", 0.05), ("staggered", 0.2), ("runge_kutta_4", 0.5)],
)
def test_order_where_tables_are_exact(method, coarsest):
    cell, drive = exactly_tabulated(), stimuli.step(10.0, unit="uA/cm2")
    steps = halvings(coarsest)[:3]
    options = {"duration": 20.0, "every": 1.0}
    exact = {"method": "reference"}
    if METHODS[method].filling.coefficients == LINE:
        exact = {"method": method, "dt": steps[-1] / 8}
    truth = simulate(cell, drive, **exact, **options)
    errors = [
        distance(simulate(cell, drive, method=method, dt=dt, **options), truth) for dt in steps
    ]
    order = METHODS[method].order
    for of_voltage_or_spikes in zip(*errors, strict=True):
        assert fitted(steps, of_voltage_or_spikes) == pytest.approx(order, abs=0.15)


@cache
def solution(ramp, end):
    """Return a drive, the voltage as a function of time by DOP853, and when it crosses levels.

    The error of one crossing depends on its place within a step, so there are several.
    """
    drive = stimuli.step(10.0 - ramp / 2.0, unit="uA/cm2")
    drive = drive + stimuli.ramp(0.0, ramp, unit="uA/cm2", duration=2.0 * end)
    cell = exactly_tabulated()
    equations, current = Equations(cell), drive.into(cell)[0]
    solved = solve_ivp(
        lambda t, y: equations.derivative(y, [float(current.at(t))]),
        (0.0, end),
        [cell.initial[name] for name in equations.structure.states],
        method="DOP853",
        dense_output=True,
        rtol=1e-13,
        atol=1e-13,
    )

    def v(t):
        return solved.sol(t)[0]

    levels = np.arange(-70.0, 15.0, 8.0)
    crossings = [brentq(lambda t, level: v(t) - level, 0.0, 10.5, args=(x,)) for x in levels]
    return drive, v, levels, crossings


@pytest.mark.parametrize("ramp", [0.0, 8.0])
@pytest.mark.parametrize(
    ("method", "order", "coarsest"),
    [("rosenbrock", 4, 0.125), ("kaps_rentrop", 4, 0.125), ("dormand_prince", 5, 0.25)],
)
def test_order_of_adaptive_methods(method, order, coarsest, ramp, monkeypatch):
    """Steps are kept equal by edges that change nothing and a tolerance without a bound."""
    assert METHODS[method].order == order
    monkeypatch.setattr("mnexcite.simulation.settings.TOLERANCES", (0.0, np.inf))
    cell, end = exactly_tabulated(), 12.0
    drive, v, levels, crossings = solution(ramp, end)
    steps, errors = halvings(coarsest)[:3], []
    for h in steps:
        monkeypatch.setattr(adaptive, "FIRST_STEP", h)
        edges = stimuli.sampled(np.zeros(round(end / h)), unit="uA/cm2", every=h)
        given = {"duration": end, "method": method, "tolerance": 1e9}
        on_grid, off = (
            simulate(cell, drive + edges, every=every, **given) for every in (0.25, 0.1)
        )
        spikes = [
            simulate(
                cell.replaced({"spike_threshold": float(level)}), drive + edges, **given
            ).spike_times[0]
            - time
            for level, time in zip(levels, crossings, strict=True)
        ]
        errors.append(
            [np.abs(on_grid["v"] - v(on_grid.t)), np.abs(off["v"] - v(off.t)), np.abs(spikes)]
        )
    found = [fitted(steps, [e.max() for e in error]) for error in zip(*errors, strict=True)]
    # where errors of order 5 can be told from rounding, those of order 6 still count
    assert order - WITHIN < found[0] < order + 0.5
    # within steps the cubic through their ends counts too, which is of order 4
    assert found[1:] == pytest.approx([4.0, 4.0], abs=WITHIN)


@pytest.mark.parametrize("offset", [0.0, 0.013, 0.0251, 0.04999])
def test_an_edge_anywhere_within_a_step_keeps_order_two(offset):
    cell = CATALOGUE["HH"]
    drive = stimuli.pulse(4.0, unit="uA/cm2", start=1.0 + offset, duration=3.7131)
    options = {"duration": 12.0, "initial": START["HH"], "every": 0.5}
    steps = halvings(0.05)
    truth = simulate(cell, drive, **TRUTH, **options)
    runs = [simulate(cell, drive, dt=dt, method="staggered", **options) for dt in steps]
    errors = [np.abs(run["v"] - truth["v"]) for run in runs]
    # the edge sits at another share of every step, so single errors scatter around dt^2
    assert fitted(steps, [e.max() for e in errors]) == pytest.approx(2.0, abs=0.3)


def test_every_method_states_its_order():
    assert {name: METHODS[name].order for name in COMPILED} == {
        "exponential_euler": 1,
        "staggered": 2,
        "staggered_lines": 2,
        "runge_kutta_4": 4,
        "rosenbrock": 4,
        "kaps_rentrop": 4,
        "dormand_prince": 5,
    }
