"""Cells that are in no catalogue: a user's lambdas, two compartments, trees, pools.

The oracles are closed forms, matrix exponentials and SciPy on equations written by hand.
"""

import numpy as np
import pytest
from engine_cells import (
    ADAPTIVE,
    CELLS,
    MAIN,
    TWO_STATES,
    benchmark_cell,
    same_bits,
    two_compartments,
    two_compartments_derivative,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from exactness import NEAR, TRUTH
from mnexcite import cells, simulate, stimuli
from mnexcite.cells import Cell, Compartment, Coupling, Ion
from mnexcite.channels import Channel, Gate, IonPool


def ten_lines():
    """Return a motor neuron as somebody would write it in a notebook.

    Its channels and gates are called as the squid axon's, whose kernels serve it too.
    """
    m = Gate("m", power=3, inf=lambda v: 1 / (1 + np.exp(-(v + 35.3) / 7.7)), tau=0.1)
    h = Gate(
        "h",
        inf=lambda v: 1 / (1 + np.exp((v + 58.1) / 6.2)),
        tau=lambda v, slow: slow / np.cosh((v + 40) / 20) + 0.2,
        slow=1.0,
    )
    n = Gate("n", power=4, inf=lambda v: 1 / (1 + np.exp(-(v + 30) / 11)), tau=2.0)
    sodium, potassium = Channel("Na", 50.0, [m, h], E=55.0), Channel("Kdr", 10.0, [n], E=-85.0)
    return Cell(
        "mine", Compartment("soma", 1.0, [sodium, potassium, Channel("leak", 0.2, E=-60.0)])
    )


DRIVE = stimuli.step(10.0, unit="uA/cm2", start=1.0)


@pytest.fixture(scope="module")
def truth_of_ten_lines():
    return simulate(ten_lines(), DRIVE, duration=50.0, **NEAR)


@pytest.mark.parametrize("method", MAIN)
def test_a_cell_of_ten_lines_runs_like_any_other(method, truth_of_ten_lines):
    cell, truth = ten_lines(), truth_of_ten_lines
    run = simulate(cell, DRIVE, duration=50.0, method=method)
    assert len(run.spike_times) == len(truth.spike_times) >= 5
    # order 2 at 0.025 ms; the largest error of the last spike that the benchmark cell has
    allowed = 1e-3 if method in ADAPTIVE else 0.15
    np.testing.assert_allclose(run.spike_times, truth.spike_times, rtol=0, atol=allowed)
    changed = cell.replaced({"Na.h.slow": 2.0})
    slower = simulate(changed, DRIVE, duration=50.0, method=method).spike_times
    assert np.diff(slower).mean() > 1.02 * np.diff(run.spike_times).mean()


def test_a_function_that_reads_a_number_that_changed(monkeypatch):
    """A cell is what its functions say when it runs: a notebook's variables change.

    Uncompiled, since its structure serves nothing else.
    """
    monkeypatch.setenv("MNEXCITE_UNCOMPILED", "1")
    half = -40.0

    def inf(v):
        return 1.0 / (1.0 + np.exp(-(v - half) / 8.0))

    def last():
        gate = Gate("n", power=4, inf=inf, tau=2.0)
        channels = [Channel("K", 1.0, [gate], E=-80.0), Channel("leak", 0.1, E=-60.0)]
        cell = Cell("mine", Compartment("soma", 1.0, channels))
        return [
            simulate(cell, duration=20.0, method=method, threads=1)["v"][-1]
            for method in ("rosenbrock", "staggered", "reference")
        ]

    before = last()
    half = -70.0
    after = last()
    assert abs(before[-1] - after[-1]) > 1.0
    for *runs, truth in (before, after):
        assert runs == pytest.approx([truth] * len(runs), abs=1e-3)


def changed_start(cell, v):
    (compartment,) = cell.compartments
    again = Compartment(compartment.name, compartment.C, compartment.channels, v=v)
    return Cell(cell.name, again)


@pytest.mark.parametrize(
    ("v", "changes"),
    [
        (-65.0, {}),
        (-65.31, {}),
        (-65.0, {"Kdr.n.rate": 1.17}),
        (-64.9, {"C": 0.9}),
    ],
)
def test_a_saved_cell_computes_the_same_bits(tmp_path, v, changes):
    """A saved cell holds tables instead of functions: the kernels cannot tell."""
    cell = changed_start(ten_lines(), v).replaced(changes)
    cell.save(tmp_path / "mine.json")
    loaded = cells.load(tmp_path / "mine.json")
    options = {"duration": 30.0, "record": ("v", "Na.m", "Kdr.i")}
    for method in MAIN:
        run = simulate(cell, DRIVE, method=method, **options)
        assert len(run.spike_times) >= 3
        same_bits(run, simulate(loaded, DRIVE, method=method, **options))


@pytest.mark.parametrize("name", ["HH", "PB", "MK", "BRK"])
@pytest.mark.parametrize("method", ["rosenbrock", "staggered"])
def test_a_saved_cell_of_the_catalogue_computes_the_same_bits(tmp_path, name, method):
    cell = CELLS[name].replaced({"ions.K_o": 5.3, "temperature": 31.0}).scaled({"K.g": 0.8})
    cell.save(tmp_path / "cell.json")
    drive = stimuli.step(1.0, unit=cell.units["i"], start=0.5)
    options = {"duration": 10.0, "record": ("v",), "method": method}
    same_bits(
        simulate(cell, drive, **options),
        simulate(cells.load(tmp_path / "cell.json"), drive, **options),
    )


# Two compartments, calcium, a gate that follows calcium with a time constant -------------


def two_truth(duration, amplitude, start, times):
    cell = two_compartments()
    y = np.array([cell.initial[name] for name in TWO_STATES])
    spikes, samples = [], [y.copy()] if times[0] == 0.0 else []
    for t0, t1, current in ((0.0, start, 0.0), (start, duration, amplitude)):
        inside = times[(times > t0) & (times <= t1)]

        def crossing(t, y, injected):
            return y[0]

        crossing.direction = 1
        solved = solve_ivp(
            two_compartments_derivative,
            (t0, t1),
            y,
            method="DOP853",
            t_eval=np.unique(np.append(inside, t1)),
            args=(current,),
            events=crossing,
            rtol=1e-10,
            atol=1e-12,
            max_step=0.5,
        )
        samples += list(solved.y.T[: len(inside)])
        spikes += list(solved.t_events[0])
        y = solved.y[:, -1]
    return np.array(spikes), np.array(samples)


def test_two_compartments_with_calcium_against_scipy():
    cell, drive = two_compartments(), stimuli.step(0.45, unit="nA", start=3.01)
    options = {"duration": 45.0, "record": TWO_STATES, "every": 0.5}
    run = simulate(cell, drive, **TRUTH, **options)
    spikes, samples = two_truth(45.0, 0.45, 3.01, run.t)
    assert len(spikes) >= 3
    assert samples[:, 2].max() > 0.2 and samples[:, 7].max() > 0.2  # calcium opens its gate
    # both solvers at 1e-9 or better, errors of a spike's time some thousand times that
    np.testing.assert_allclose(run.spike_times, spikes, rtol=0, atol=2e-5)
    for index, name in enumerate(TWO_STATES):
        # 2e-5 ms at the 100 mV/ms of the upstroke
        np.testing.assert_allclose(
            run[name], samples[:, index], rtol=0, atol=2e-3, err_msg=name
        )
    for method in ADAPTIVE:
        adaptive = simulate(cell, drive, method=method, tolerance=1e-9, **options)
        np.testing.assert_allclose(adaptive.spike_times, spikes, rtol=0, atol=2e-5)
        for index, name in enumerate(TWO_STATES):
            np.testing.assert_allclose(
                adaptive[name], samples[:, index], rtol=0, atol=2e-3, err_msg=name
            )
    errors = []
    for dt in (0.02, 0.01, 0.005):
        fixed = simulate(cell, drive, dt=dt, method="staggered", **options)
        assert len(fixed.spike_times) == len(spikes)
        errors.append(np.abs(fixed.spike_times - spikes).max())
    order = np.polyfit(np.log([0.02, 0.01, 0.005]), np.log(errors), 1)[0]
    assert order == pytest.approx(2.0, abs=0.25)


# Passive trees: the matrix exponential ---------------------------------------------------

# the first compartment branches, one branch goes on, and couplings are named backwards
NAMES = ("a", "b", "c", "d")
JOINTS = (("d", "b"), ("b", "a"), ("a", "c"))
LEAK = {"a": -65.0, "b": -70.0, "c": -55.0, "d": -80.0}


def passive(membrane, g, g_c, p, C):
    compartments = [
        Compartment(name, C[i], [Channel("leak", g[i], E=LEAK[name])], v=LEAK[name] - 5.0 * i)
        for i, name in enumerate(NAMES)
    ]
    couplings = [
        Coupling(a, b, g_c[i], p=p[i] if membrane == "density" else None, name=f"joint{i}")
        for i, (a, b) in enumerate(JOINTS)
    ]
    return Cell("tree", compartments, couplings=couplings, membrane=membrane)


def passive_truth(cell, injected, times):
    """Return V(t) of each compartment for constant currents from time 0."""
    names = [c.name for c in cell.compartments]
    n = len(names)
    G, I = np.zeros((n, n)), np.array(injected, dtype=float)  # noqa: E741
    for k, compartment in enumerate(cell.compartments):
        (leak,) = compartment.channels
        G[k, k] += leak.g
        I[k] += leak.g * leak.E
    for coupling in cell.couplings:
        a, b = names.index(coupling.a), names.index(coupling.b)
        of_a = coupling.g_c if coupling.p is None else coupling.g_c / coupling.p
        of_b = coupling.g_c if coupling.p is None else coupling.g_c / (1.0 - coupling.p)
        G[a, a] += of_a
        G[a, b] -= of_a
        G[b, b] += of_b
        G[b, a] -= of_b
    C = np.array([c.C for c in cell.compartments])
    A = -G / C[:, None]
    rest = np.linalg.solve(G, I)
    start = np.array([cell.initial[f"{name}.v"] for name in names])
    return np.array([rest + expm(A * t) @ (start - rest) for t in times])


def assert_follows(cell, current, where, allowed, **options):
    drive = stimuli.step(current, unit=cell.units["i"], compartment=NAMES[where])
    record = [f"{name}.v" for name in NAMES]
    run = simulate(cell, drive, duration=20.0, record=record, every=1.0, **options)
    injected = [current if i == where else 0.0 for i in range(len(NAMES))]
    truth = passive_truth(cell, injected, run.t)
    for index, name in enumerate(record):
        np.testing.assert_allclose(run[name], truth[:, index], rtol=0, atol=allowed)


@settings(deadline=None, max_examples=8)
@given(
    membrane=st.sampled_from(["density", "absolute"]),
    g=st.lists(st.floats(0.02, 0.5), min_size=4, max_size=4),
    g_c=st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3),
    p=st.lists(st.floats(0.1, 0.9), min_size=3, max_size=3),
    C=st.lists(st.floats(0.5, 2.0), min_size=4, max_size=4),
    current=st.floats(-3.0, 3.0),
    where=st.integers(0, 3),
)
def test_passive_trees_follow_the_matrix_exponential(membrane, g, g_c, p, C, current, where):
    dt = 0.02
    rate = max(
        sum([g[i], *(c / min(q, 1 - q) for c, q in zip(g_c, p, strict=True))]) / C[i]
        for i in range(4)
    )
    # midpoint rule: (rate dt)^2 / 12 of the distance, which is below 250 mV
    allowed = 1e-9 + 250.0 * (rate * dt) ** 2 / 12.0
    cell = passive(membrane, g, g_c, p, C)
    assert_follows(cell, current, where, allowed, method="staggered", dt=dt)
    # 1e-8 of 100 mV in each of some hundred steps; voltages forget what they were
    assert_follows(cell, current, where, 1e-4, method="rosenbrock", tolerance=1e-8)


@pytest.mark.parametrize("membrane", ["density", "absolute"])
def test_the_reference_follows_the_matrix_exponential(membrane):
    g, g_c, p, C = (0.1, 0.03, 0.2, 0.4), (0.3, 0.8, 0.1), (0.2, 0.5, 0.7), (1.0, 0.6, 2.0, 0.9)
    # relative tolerance 1e-9 of 100 mV, some hundred steps over
    assert_follows(passive(membrane, g, g_c, p, C), 1.3, 3, 1e-6, **TRUTH)


def test_charging_one_compartment(monkeypatch):
    """Exponential Euler solves it exactly; other methods by their own recursion.

    Uncompiled, since its structure serves nothing else.
    """
    monkeypatch.setenv("MNEXCITE_UNCOMPILED", "1")
    g, C, E, current, dt = 0.13, 0.87, -68.0, 0.9, 0.05
    cell = Cell("rc", Compartment("soma", C, [Channel("leak", g, E=E)], v=-75.0))
    drive = stimuli.step(current, unit="uA/cm2")
    options = {"duration": 30.0, "dt": dt, "every": dt, "threads": 1}
    rest = E + current / g
    exact = simulate(cell, drive, method="exponential_euler", **options)
    closed = rest + (-75.0 - rest) * np.exp(-g / C * exact.t)
    np.testing.assert_allclose(exact["v"], closed, rtol=1e-12)
    midpoint = simulate(cell, drive, method="staggered", **options)
    factor = (2 * C / dt - g) / (2 * C / dt + g)
    closed = rest + (-75.0 - rest) * factor ** np.arange(len(midpoint.t))
    np.testing.assert_allclose(midpoint["v"], closed, rtol=1e-12)
    for method in ADAPTIVE:
        given = {"every": dt, "method": method, "tolerance": 1e-9, "threads": 1}
        free = simulate(cell, drive, duration=30.0, **given)
        closed = rest + (-75.0 - rest) * np.exp(-g / C * free.t)
        # the cubic between the ends of a step of at most 1 ms: (g / C)^4 7 mV / 384
        np.testing.assert_allclose(free["v"], closed, rtol=0, atol=1e-5)


def calcium_cell(alpha, **pool):
    z = Gate("z", inf=lambda c: c / (c + 40.0), tau=lambda c: 2.0 + 0.0 * c)
    pool = {"tau": 50.0, "scale": 40.0, **pool}
    return Cell(
        "calcium",
        Compartment(
            "soma",
            1.0,
            [
                Channel("CaX", 0.05, E=60.0, ion="Ca"),
                Channel("KCa", 0.02, [z], E=-80.0),
                Channel("leak", 0.5, E=-65.0),
            ],
            pools=[IonPool("Ca", alpha=alpha, **pool)],
        ),
        ions=[Ion("Ca", 60.0)],
    )


def test_a_pool_that_only_empties():
    """c' = -f (c - rest) / tau, whatever current flows."""
    cell = calcium_cell(0.0, tau=7.0, f=0.8, rest=0.2, initial=1.5, scale=0.5)
    k, dt = 0.8 / 7.0, 0.1
    options = {"duration": 30.0, "dt": dt, "every": dt, "record": ("Ca",)}
    exact = simulate(cell, method="exponential_euler", **options)
    np.testing.assert_allclose(exact["Ca"], 0.2 + 1.3 * np.exp(-k * exact.t), rtol=1e-12)
    midpoint = simulate(cell, method="staggered", **options)
    factor = (1 - k * dt / 2) / (1 + k * dt / 2)
    closed = 0.2 + 1.3 * factor ** np.arange(len(midpoint.t))
    np.testing.assert_allclose(midpoint["Ca"], closed, rtol=1e-12)
    free = simulate(cell, duration=30.0, every=dt, record=("Ca",), tolerance=1e-9)
    # the cubic between the ends of a step of at most 1 ms: k^4 1.3 mM / 384
    closed = 0.2 + 1.3 * np.exp(-k * free.t)
    np.testing.assert_allclose(free["Ca"], closed, rtol=0, atol=1e-6)


@pytest.mark.parametrize("method", ["rosenbrock", "staggered", "exponential_euler"])
def test_a_concentration_beyond_the_table_is_a_status(method):
    """Tables of concentrations end at 1024; nothing is looked up beyond without a word."""
    fine = simulate(calcium_cell(0.1), duration=100.0, record=("Ca",), method=method)
    assert fine.status == "ok" and 10.0 < fine["Ca"].max() < 128.0
    with pytest.warns(match="out_of_range"):
        far = simulate(calcium_cell(10.0), duration=100.0, record=("Ca",), method=method)
    assert far.status == "out_of_range"
    assert np.nanmax(far["Ca"]) < 1200.0


def test_every_case_of_the_benchmark_cell_is_made_of_lambdas():
    for channel in benchmark_cell().compartments[0].channels:
        for gate in channel.gates:
            for role in ("inf", "tau", "alpha", "beta"):
                function = getattr(gate, role)
                assert function is None or not function.__module__.startswith(
                    "mnexcite.channels.kinetics"
                )
