"""Cells of many compartments: kernels that go through those of one type in loops."""

from dataclasses import replace

import numpy as np
import pytest
from engine_cells import FIXED, same_bits
from scipy.linalg import expm

from mnexcite import cells, simulate, stimuli
from mnexcite.cells import Cell, Compartment, Coupling, Ion
from mnexcite.channels import GHK, Binding, Channel, Gate, IonPool, Pump, Synapse, kinetics
from mnexcite.engine import loops
from mnexcite.engine.methods import METHODS
from mnexcite.engine.tables import sharing
from mnexcite.equations.layout import Layout, row_groups
from mnexcite.equations.lower import lower
from mnexcite.equations.structure import structure_of

#: What a type has that is not of the other: every kind of term that a kernel prints.
KINDS = "ab"
#: One method for each way to step.
STEPS = ("rosenbrock", "dormand_prince", "staggered", "exponential_euler", "runge_kutta_4")


def boltzmann(name, half, slope, **more):
    return Gate(name, inf=kinetics.boltzmann, half=half, slope=slope, **more)


def contents(kind, x):
    """Return channels, pools and synapses of a type; numbers differ by x, about 1."""
    leak = Channel("leak", 0.3 * x, E=-65.0)
    if kind == "b":
        return (
            [leak, Channel("K", 2.0 * x, boltzmann("n", -30.0, 9.0, tau=3.0), ion="K")],
            [],
            [],
        )
    sodium = Channel(
        "Na",
        30.0 * x,
        [boltzmann("m", -35.0, 8.0, power=3), boltzmann("h", -55.0, -6.0, tau=1.5)],
        E=50.0,
        bindings=Binding("drug", on=0.3, off=0.2, c=0.5, through={"m": 3, "h": 1}),
    )
    potassium = Channel("K", 9.0 * x, boltzmann("n", -35.0, 10.0, power=4, tau=1.2), ion="K")
    blocked = Gate("b", inf=lambda c: 1.0 / (1.0 + c / 0.002), pool="Ca")
    gates = [boltzmann("m", -25.0, 7.0, power=2, tau=1.5), blocked]
    calcium = GHK("CaX", P=2e-4 * x, ion="Ca", gates=gates)
    pump = Pump("pump", 0.2 * x, boltzmann("p", -60.0, 20.0, tau=5.0), {"Na": 3, "K": -2})
    pools = [
        IonPool("Ca", alpha=1e-5, tau=20.0, rest=1e-4, initial=1e-4, scale=1e-3),
        IonPool("K_o", alpha=2e-3, tau=50.0, rest=4.0, initial=4.0, scale=1.0, ion="K",
                side="outside"),
    ]  # fmt: skip
    synapse = Synapse("AMPA", g=0.05 * x, E=0.0, decay=3.0, rise=0.5)
    return [sodium, potassium, calcium, pump, leak], pools, [synapse]


def tree(many, seed=3, name="c", kinds=None):
    """Return a cell of types in any order, joined as a random tree."""
    rng = np.random.default_rng(seed)
    kinds = rng.permutation([KINDS[k % 2] for k in range(many)]) if kinds is None else kinds
    compartments = []
    for k, kind in enumerate(kinds):
        channels, pools, synapses = contents(kind, rng.uniform(0.8, 1.2))
        C, v = rng.uniform(0.8, 1.2), rng.uniform(-68.0, -64.0)
        parts = {"pools": pools, "synapses": synapses}
        compartments.append(Compartment(f"{name}{k}", C, channels, v=v, **parts))
    couplings = []
    for k in range(1, len(kinds)):
        ends = [f"{name}{k}", f"{name}{rng.integers(0, k)}"]
        a, b = ends if rng.random() < 0.5 else ends[::-1]
        p = rng.uniform(0.3, 0.7)
        couplings.append(Coupling(a, b, rng.uniform(0.1, 0.6), p, name=f"joint{k}"))
    ions = [
        Ion("K", E=-90.0, inside=140.0, outside=4.0),
        Ion("Ca", E=120.0, inside=1e-4, outside=2.0, valence=2),
        Ion("Na", E=50.0),
    ]
    return Cell("tree", compartments, couplings=couplings, ions=ions)


def drive_of(cell):
    """Return what enters: a current, a conductance, and events at a synapse."""
    first = next(c.name for c in cell.compartments if c.synapses)
    other = cell.compartments[-1].name
    return (
        stimuli.step(60.0, unit="uA/cm2", start=0.113, compartment=first)
        + stimuli.conductance(0.1, unit="mS/cm2", E=-20.0, start=0.3, compartment=other)
        + stimuli.events("AMPA", [0.21, 0.4], compartment=first)
    )


@pytest.fixture
def uncompiled(monkeypatch):
    monkeypatch.setenv("MNEXCITE_UNCOMPILED", "1")


@pytest.mark.parametrize(
    "method",
    ["rosenbrock", "dormand_prince", "staggered", "exponential_euler", "runge_kutta_4"],
)
def test_loops_give_what_unrolled_text_gives(method, uncompiled, monkeypatch):
    runs = []
    for name, many in (("l", 3), ("u", 99)):  # by other names, another text
        monkeypatch.setattr(loops, "MANY", many)
        cell = tree(6, name=name, kinds="abbaba")  # types come back: each shares its tables
        assert loops.looped(structure_of(cell)) == (name == "l")
        step = {"dt": 0.05} if method in FIXED else {"tolerance": 1e-5}
        record = [f"{name}{k}.v" for k in range(6)]
        record += [path for path in cell.initial if path.endswith((".Ca", ".drug", ".K_o"))]
        options = {"duration": 0.5, "every": 0.1, "record": record, "threads": 1, **step}
        runs.append(simulate(cell, drive_of(cell), method=method, **options))
    loop, unrolled = runs
    assert loop.status == unrolled.status == "ok"
    moved = np.ptp(np.array(list(loop.data.values())), axis=1)
    assert (moved > 0).all() and moved.max() > 10.0
    for one, other in zip(loop.data.values(), unrolled.data.values(), strict=True):
        # sums in another order, some hundred times; adaptive steps follow the rounding of an
        # error estimate, a thousandth of which is far more than that
        rounding = 1e-11 if method in FIXED else 1e-3 * step["tolerance"]
        np.testing.assert_allclose(one, other, rtol=rounding, atol=rounding)


# the matrix exponential -----------------------------------------------------------------


def passive(many):
    """Return a random tree of leaky compartments, and V(t) in closed form."""
    rng = np.random.default_rng(many)
    g, C = rng.uniform(0.05, 0.4, many), rng.uniform(0.5, 2.0, many)
    E, start = rng.uniform(-80.0, -55.0, many), rng.uniform(-90.0, -50.0, many)
    compartments = [
        Compartment(f"p{k}", C[k], [Channel("leak", g[k], E=E[k])], v=start[k])
        for k in range(many)
    ]
    G, couplings = np.diag(g), []
    for k in range(1, many):
        parent, g_c, p = int(rng.integers(0, k)), rng.uniform(0.1, 1.0), rng.uniform(0.2, 0.8)
        couplings.append(Coupling(f"p{parent}", f"p{k}", g_c, p, name=f"joint{k}"))
        G[parent, [parent, k]] += np.array([g_c, -g_c]) / p
        G[k, [k, parent]] += np.array([g_c, -g_c]) / (1.0 - p)
    current = np.zeros(many)
    current[many // 2] = 2.0
    rest = np.linalg.solve(G, g * E + current)
    A = -G / C[:, None]
    fastest = -np.linalg.eigvals(A).real.min()
    cell = Cell("tree", compartments, couplings=couplings)
    return cell, lambda t: rest + expm(A * t) @ (start - rest), fastest


@pytest.mark.parametrize("method", ["kaps_rentrop", "dormand_prince", "staggered"])
def test_a_passive_tree_follows_the_matrix_exponential(method, uncompiled):
    cell, truth, fastest = passive(23)
    assert loops.looped(structure_of(cell))
    drive = stimuli.step(2.0, unit="uA/cm2", compartment="p11")
    step = {"dt": 0.02} if method in FIXED else {"tolerance": 1e-7}
    record = [f"p{k}.v" for k in range(23)]
    run = simulate(cell, drive, duration=3.0, every=0.5, record=record, method=method, **step)
    # the midpoint rule is wrong by (rate dt)^2 / 12 of the distance; others by their tolerance
    allowed = 1e-9 + 50.0 * (fastest * 0.02) ** 2 / 12.0 if method in FIXED else 1e-3
    found = np.array([run[name] for name in record]).T
    np.testing.assert_allclose(found, [truth(t) for t in run.t], rtol=0, atol=allowed)


# compiled: oracle, bits ------------------------------------------------------------------


def fiber(many=9):
    """Return the squid axon in many equal compartments, one after the other."""
    squid = cells.hodgkin_huxley_1952()
    compartments = [replace(squid.compartments[0], name=f"s{k}") for k in range(many)]
    couplings = [
        Coupling(f"s{k}", f"s{k + 1}", 1.0, 0.5, name=f"joint{k}") for k in range(many - 1)
    ]
    shared = {"ions": squid.ions, "temperature": squid.temperature}
    return Cell("fiber", compartments, couplings=couplings, **shared)


STEP = stimuli.step(60.0, unit="uA/cm2", start=0.5, duration=1.0, compartment="s0")


def test_a_spike_that_travels_against_the_reference():
    cell = fiber()
    options = {"duration": 12.0, "record": ("s0.v", "s8.v"), "every": 0.25}
    run = simulate(cell, STEP, tolerance=1e-8, **options)
    truth = simulate(cell, STEP, method="reference", **options)
    assert run["s8.v"].max() > 20.0 and truth.spike_times.size == 1
    np.testing.assert_allclose(run.spike_times, truth.spike_times, rtol=0, atol=1e-4)
    for name in run.data:
        np.testing.assert_allclose(run[name], truth[name], rtol=0, atol=0.02)


def test_bits_do_not_depend_on_threads_or_neighbours():
    cell = fiber()
    # kinetics of one lane in one compartment only: its tables cannot be shared
    values = {"s0.Na.g": np.linspace(100.0, 140.0, 9), "s5.Na.m.shift": [0.0] * 4 + [2.0] * 5}
    options = {"duration": 8.0, "record": ("s0.v", "s5.Na.m"), "every": 0.5}
    batch = simulate(cell, STEP, parameters=values, threads=1, **options)
    two = simulate(cell, STEP, parameters=values, threads=2, **options)
    for lane in (0, 4, 8):
        same_bits(batch, two, lane, lane)
        alone = cell.replaced({path: column[lane] for path, column in values.items()})
        same_bits(batch, simulate(alone, STEP, **options), lane)
    half = simulate(cell, STEP, parameters=values, **{**options, "duration": 4.0})
    on = simulate(cell, STEP, parameters=values, initial=half.final_state,
                  **{**options, "duration": 4.0})  # fmt: skip
    for lane in range(9):
        assert on.final_state.lanes_at([lane]) == batch.final_state.lanes_at([lane])


# structure -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["kaps_rentrop", "dormand_prince", "staggered"])
def test_text_does_not_grow_with_compartments(method):
    few, many = (METHODS[method].source(structure_of(fiber(n))) for n in (8, 100))
    assert few.count("\n") == many.count("\n")
    below = METHODS[method].source(structure_of(fiber(loops.MANY - 1)))
    assert "member" in few and "member" not in below


def test_equal_compartments_share_their_tables():
    cell = fiber(12)
    layout = Layout(structure_of(cell))
    filling = METHODS["kaps_rentrop"].filling
    (one,) = {row_groups(Layout(structure_of(cells.hodgkin_huxley_1952())).voltage)}
    assert row_groups(sharing(lower(cell, layout, {}, 1), filling).voltage) == one
    moved = lower(cell, layout, {"s3.Na.m.shift": np.array([0.0, 1.0])}, 2)
    assert row_groups(sharing(moved, filling).voltage) == 2 * one
