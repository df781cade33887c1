"""Equilibria: against independent equations, closed forms, and what a cell then does."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_equations import GATES, NUMBERS, steady_currents
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from mnexcite import InputError, cells, simulate
from mnexcite.cells import Cell, Compartment, Coupling, Ion
from mnexcite.channels import GHK, Channel, Gate, IonPool, kinetics
from mnexcite.equations import equilibria
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import lower
from mnexcite.equations.rest import rests
from mnexcite.equations.right_hand_side import Equations
from mnexcite.equations.steady import Membrane
from mnexcite.equations.structure import structure_of
from mnexcite.equations.variants import variant_of

PB, HH, MK = cells.purvis_butera_2005(), cells.hodgkin_huxley_1952(), cells.molkov_2025()
BRK = cells.booth_rinzel_kiehn_1997()
few = settings(deadline=None, max_examples=25)


def hodgkin_huxley(t, y, current):
    """Return y' of v, m, h, n from the test's own transcription of the paper."""
    own = GATES["hodgkin_huxley_1952"]
    v, gates = y[0], y[1:]
    g = {name: NUMBERS["hodgkin_huxley_1952"][f"{name}.g"][0] for name in ("Na", "Kdr", "leak")}
    m, h, n = gates
    flow = g["Na"] * m**3 * h * (v - 50) + g["Kdr"] * n**4 * (v + 77) + g["leak"] * (v + 54.387)
    moves = [
        (inf(v) - x) / tau(v)
        for (inf, tau), x in zip((own["Na.m"], own["Na.h"], own["Kdr.n"]), gates, strict=True)
    ]
    return np.array([current - flow, *moves])


@pytest.mark.parametrize("current", [0.0, 5.0, 9.7, 9.85, 30.0, 120.0, 154.4, 154.65, 300.0])
def test_hodgkin_and_huxleys_equilibrium_and_eigenvalues(current):
    (found,) = equilibria(HH, current)
    y = np.array([found.state[path] for path in ("v", "Na.m", "Na.h", "Kdr.n")])
    assert np.abs(hodgkin_huxley(0.0, y, current)).max() < 1e-9
    h = 1e-4 * np.array([10.0, 1.0, 1.0, 1.0])
    around = [
        [hodgkin_huxley(0.0, y + s * d, current) for s in (-2, -1, 1, 2)] for d in np.diag(h)
    ]
    columns = [(f[0] - 8 * f[1] + 8 * f[2] - f[3]) / 12 for f in around]
    expected = np.linalg.eigvals(np.stack(columns, axis=1) / h)
    expected = expected[np.argsort(-expected.real, kind="stable")]
    np.testing.assert_allclose(
        np.sort_complex(found.eigenvalues), np.sort_complex(expected), atol=1e-7
    )
    # Hopf currents 9.77544 and 154.52243 uA/cm2
    assert found.stable == (current < 9.77544 or current > 154.52243)


def test_all_crossings_of_the_published_currents_are_found():
    """Against a scan of the test's own currents, six times as fine."""
    for name, cell in (("purvis_butera_2005", PB), ("hodgkin_huxley_1952", HH)):
        for current in (-5.0, 0.0, 0.3, 2.0):

            def total(v, name=name, current=current):
                ((_, currents),) = steady_currents(name, v).values()
                return sum(currents.values()) - current

            v = np.linspace(-120.0, 39.99, 4_000)
            f = np.array([total(x) for x in v])
            at = np.flatnonzero(f[:-1] * f[1:] < 0)
            expected = [brentq(total, v[i], v[i + 1], xtol=1e-12) for i in at]
            found = [e.v for e in equilibria(cell, current) if e.v < 39.99]
            np.testing.assert_allclose(found, expected, atol=1e-9)


def persistent(g, k=0.0):
    """A leak at -70 mV and an instantaneous persistent sodium current."""
    m = Gate("m", inf=kinetics.boltzmann, half=-47.0, slope=4.0)
    return Cell(
        "c",
        Compartment(
            "soma",
            C=1.0,
            channels=[Channel("leak", 1.0, E=-70.0), Channel("NaP", g, m, E=55.0)],
        ),
    )


def test_two_equilibria_are_found_up_to_where_they_meet():
    """A saddle and a node meet at a fold, which calculus places; nothing is beyond it."""

    def needed(v):  # g at which v is an equilibrium
        m = 1.0 / (1.0 + math.exp(-(v + 47.0) / 4.0))
        return -(v + 70.0) / (m * (v - 55.0))

    v = np.linspace(-69.0, -40.0, 290_001)
    m = 1.0 / (1.0 + np.exp(-(v + 47.0) / 4.0))
    g = -(v + 70.0) / (m * (v - 55.0))
    # g falls, rises and falls: between its turns there are three equilibria
    slope = np.diff(g)
    top = v[1:-1][(slope[:-1] > 0) & (slope[1:] < 0)][0]
    fold = needed(top)
    for below in (0.1, 1e-2, 1e-4, 1e-6):
        found = equilibria(persistent(fold * (1.0 - below)))
        assert [e.stable for e in found] == [True, False, True], below
        low = brentq(
            lambda x, g: needed(x) - g, -69.999, top, (fold * (1.0 - below),), xtol=1e-12
        )
        assert found[0].v == pytest.approx(low, abs=1e-6)
    assert [e.stable for e in equilibria(persistent(fold * (1.0 + 1e-6)))] == [True]


@few
@given(st.floats(0.05, 5.0), st.floats(-90.0, -40.0), st.floats(0.1, 3.0), st.floats(-2.0, 2.0))
def test_a_leak_has_one_equilibrium_with_its_time_constant(g, E, C, current):
    cell = Cell("c", Compartment("soma", C=C, channels=[Channel("leak", g, E=E)]))
    (found,) = equilibria(cell, current)
    assert found.v == pytest.approx(E + current / g, abs=1e-9)
    np.testing.assert_allclose(found.eigenvalues, [-g / C], rtol=1e-12)


@few
@given(
    st.lists(
        st.tuples(st.floats(0.05, 3.0), st.floats(-90.0, -40.0), st.floats(0.0, 2.0)),
        min_size=2,
        max_size=6,
    ),
    st.data(),
    st.floats(-3.0, 3.0),
)
def test_a_tree_of_leaks_is_a_linear_circuit(parts, data, current):
    """Any tree of passive compartments: voltages and eigenvalues by linear algebra."""
    names = [f"c{i}" for i in range(len(parts))]
    parents = [data.draw(st.integers(0, i - 1)) for i in range(1, len(parts))]
    where = data.draw(st.sampled_from(range(len(parts))))
    cell = Cell(
        "c",
        [
            Compartment(n, C=1.0, channels=[Channel("leak", g, E=E)])
            for n, (g, E, _) in zip(names, parts, strict=True)
        ],
        membrane="absolute",
        couplings=[
            Coupling(names[p], names[i], g_c=parts[i][2], name=f"j{i}")
            for i, p in enumerate(parents, start=1)
        ],
    )
    matrix = np.diag([g for g, _, _ in parts])
    for i, p in enumerate(parents, start=1):
        matrix[[i, p], [i, p]] += parts[i][2]
        matrix[[i, p], [p, i]] -= parts[i][2]
    drive = np.array([g * E for g, E, _ in parts])
    drive[where] += current
    (found,) = equilibria(cell, current, compartment=names[where])
    v = np.array([found.state[f"{n}.v"] for n in names])
    np.testing.assert_allclose(v, np.linalg.solve(matrix, drive), atol=1e-7)
    expected = np.sort(np.linalg.eigvalsh(-matrix))[::-1]
    np.testing.assert_allclose(found.eigenvalues.real, expected, atol=1e-9)


@pytest.mark.parametrize("factor", [1.0, 0.6, 0.4])
def test_two_compartments_have_the_equilibria_that_a_fine_plane_shows(factor):
    """Booth's cell: zeros of both of the test's own currents, by the dendrite's voltage."""

    def net(v):
        (_, soma), (_, dendrite) = steady_currents("booth_rinzel_kiehn_1997", v).values()
        for currents in (soma, dendrite):
            currents["KCa"] *= factor
        return sum(soma.values()), sum(dendrite.values())

    def left(v_d):  # of the soma's currents, where the dendrite's cancel
        v_s = v_d + net(v_d)[1] * 0.9 / 0.1
        if not -95.0 < v_s < 60.0:
            return math.nan
        return net(v_s)[0] + 0.1 / 0.1 * (v_s - v_d)

    grid = np.linspace(-80.0, 20.0, 4_001)
    f = np.array([left(v) for v in grid])
    at = np.flatnonzero(f[:-1] * f[1:] < 0)
    expected = [brentq(left, grid[i], grid[i + 1], xtol=1e-12) for i in at]
    scaled = {"soma.KCa.g": factor, "dendrite.KCa.g": factor}
    found = [e.state["dendrite.v"] for e in equilibria(BRK.scaled(scaled))]
    np.testing.assert_allclose(found, expected, atol=1e-7)


def released(order):
    """Calcium that opens its own channel: c (c^n + 0.2^n) = 0.1 c^n (80 - v) at rest."""
    gate = Gate("z", inf=kinetics.hill, half=0.2, order=order)
    return Cell(
        "c",
        Compartment(
            "soma",
            C=1.0,
            channels=[Channel("CICR", 1.0, gate, ion="Ca"), Channel("leak", 20.0, E=-70.0)],
            pools=[IonPool("Ca", alpha=0.01, tau=10.0)],
        ),
        ions=[Ion("Ca", E=80.0)],
    )


def test_calcium_that_feeds_itself_has_each_of_its_equilibria():
    """With order 2: none released, a threshold, and much; by a scan over the calcium."""

    def left(c):
        z = c * c / (c * c + 0.04)
        v = (80.0 * z - 1400.0) / (z + 20.0)
        return 0.1 * z * (80.0 - v) - c

    expected = [0.0, brentq(left, 1e-4, 0.1, xtol=1e-15), brentq(left, 1.0, 30.0, xtol=1e-12)]
    found = equilibria(released(2.0))
    states = sorted((e.state["Ca"], e.stable) for e in found)
    np.testing.assert_allclose([c for c, _ in states], expected, rtol=1e-6, atol=1e-12)
    assert [stable for _, stable in states] == [True, False, True]


def moved_by_its_own_pool(law):
    """Return the axon with a calcium current that its pool drives, and blocks."""
    gates = [
        Gate("m", power=2, inf=kinetics.boltzmann, tau=1.5, half=-25.0, slope=7.0),
        Gate("b", power=2, inf=kinetics.hill, pool="Ca", half=2e-3, order=1.0),
    ]
    ion = Ion("Ca", E=120.0, inside=1e-4, outside=2.0, valence=2)
    pool = IonPool("Ca", alpha=1e-5, tau=20.0, rest=1e-4, initial=1e-4, reference=1e-4)
    carrier = {
        "ohmic": lambda: Channel("CaX", 0.3, gates=gates, ion="Ca"),
        "ghk": lambda: GHK("CaX", P=2e-4, ion="Ca", gates=gates),
    }[law]()
    return replace(HH, ions=(*HH.ions, ion)).with_pool(pool).with_channel(carrier)


@pytest.mark.parametrize(
    ("cell", "pool"),
    [
        (moved_by_its_own_pool("ohmic"), "Ca"),
        (moved_by_its_own_pool("ghk"), "Ca"),
        (cells.cramping_motoneuron(), "Na_i"),
    ],
    ids=("ohmic", "ghk", "cramping"),
)
def test_a_pool_fills_by_parts_as_it_does_as_a_whole(cell, pool, monkeypatch):
    """Where it settles is found from products of a part of v and one of c; or from currents."""
    v = np.linspace(-90.0, 30.0, 61)
    membrane = Membrane(cell, 0, variant_of(cell))
    by_parts = membrane.settled(v)
    monkeypatch.setattr(membrane, "_parts", lambda *_: None)
    as_a_whole = membrane.settled(v)
    assert len(by_parts) == len(as_a_whole) and pool in membrane._reads(pool)
    for one, other in zip(by_parts, as_a_whole, strict=True):
        np.testing.assert_allclose(one.pools[pool], other.pools[pool], rtol=1e-11)
    found = np.concatenate([each.pools[pool] for each in by_parts])
    assert np.isfinite(found).any(axis=0).all() and np.ptp(found[np.isfinite(found)]) > 1e-5


@pytest.mark.parametrize("cell", [PB.scaled({"NaP.g": 1.5}), MK, BRK, HH], ids=lambda c: c.name)
@pytest.mark.parametrize("current", [0.0, 0.1])
def test_nothing_changes_at_an_equilibrium(cell, current):
    equations = Equations(cell)
    for e in equilibria(cell, current):
        y = np.array([e.state[path] for path in equations.structure.states])
        injected = [current] + [0.0] * (equations.compartments - 1)
        assert np.abs(equations.derivative(y, injected)).max() < 1e-9


@pytest.mark.parametrize("k", [0.58, 0.6, 0.62])
def test_a_voltage_where_currents_cancel_is_no_rest_if_unstable(k):
    """Twice NaP: the currents cancel below -60 mV, but the cell leaves that and fires."""
    cell = PB.scaled({"NaP.g": 2.0, "K.g": k})
    crossings = equilibria(cell)
    found = crossings[0]
    assert -65.0 < found.v < -61.0
    assert not any(e.stable for e in crossings)
    # a small deviation grows as the eigenvalues say, by SciPy on the untabulated equations
    equations = Equations(cell)
    y = np.array([found.state[path] for path in equations.structure.states])
    values, vectors = np.linalg.eig(numeric_jacobian(equations, y))
    mode = vectors[:, np.argmax(values.real)].real
    rate = found.eigenvalues[0]
    span = 2.0 * np.pi / abs(rate.imag) if rate.imag else 1.0 / rate.real
    run = solve_ivp(
        lambda t, x: equations.derivative(x, [0.0]),
        (0.0, span),
        y + 1e-6 * mode / np.abs(mode).max(),
        "Radau",
        rtol=1e-10,
        atol=1e-13,
    )
    grown = (run.y[:, -1] - y) / (run.y[:, 0] - y)
    assert grown[0] == pytest.approx(math.exp(rate.real * span), rel=1e-2)
    fires = simulate(cell, duration=8000.0, initial=found.state, method="dormand_prince")
    assert fires.spike_times.size > 3


def numeric_jacobian(equations, y):
    columns = []
    for j in range(y.size):
        nudge = np.zeros(y.size)
        nudge[j] = 1e-6 * max(1e-3, abs(y[j]))
        rise = [equations.derivative(y + s * nudge, [0.0]) for s in (1, -1)]
        columns.append((rise[0] - rise[1]) / (2.0 * nudge[j]))
    return np.stack(columns, axis=1)


@pytest.mark.parametrize("paths", [("NaP.g", "Kdr.g"), ("NaP.m.half", "ions.K_o"), ("C",)])
def test_a_lanes_rest_does_not_depend_on_its_neighbours(paths):
    rng = np.random.default_rng(0)
    own = PB.parameters
    values = {p: own[p].value * rng.uniform(0.8, 1.5, 36) for p in paths}
    layout = Layout(structure_of(PB))
    whole = rests(lower(PB, layout, values, 36))
    for chosen in ([0], [35, 3], list(range(5, 18))):
        part = {p: v[chosen] for p, v in values.items()}
        alone = rests(lower(PB, layout, part, len(chosen)))
        assert alone.tobytes() == whole[:, chosen].tobytes()


@pytest.mark.parametrize(
    ("current", "stable", "blocked"),
    [(0.0, True, False), (9.0, True, False), (20.0, False, True), (160.0, True, True)],
)
def test_beyond_the_second_hopf_bifurcation_is_block_and_no_rest(current, stable, blocked):
    """Hodgkin and Huxley's rest is lost at 9.8 and regained at 154.5 uA/cm2: a block."""
    (found,) = equilibria(HH, current)
    assert (found.stable, found.blocked) == (stable, blocked)
    assert found.rest == (stable and not blocked)


def test_a_depolarised_rest_that_nothing_excites_is_a_rest():
    """Without sodium and calcium channels no voltage is unstable, however depolarised."""
    passive = HH.scaled({"Na.g": 0.0}).replaced({"leak.E": 0.0, "leak.g": 30.0})
    (found,) = equilibria(passive)
    assert found.v > -40.0 and found.rest
    assert all(not e.rest for e in equilibria(PB.replaced({"ions.K_o": 20.0})))
    batch = simulate(PB, duration=1.0, parameters={"ions.K_o": [4.0]}, initial="rest")
    assert batch.began == ("rest",)


def test_a_soma_rests_below_the_voltage_at_which_its_cell_is_unstable():
    """Booth's soma alone would be unstable at -53 mV; held by its dendrite it rests there."""
    cell = BRK.scaled({"soma.KCa.g": 0.6, "dendrite.KCa.g": 0.6})
    rest, *others = equilibria(cell)
    assert rest.rest and all(e.blocked and not e.stable for e in others)
    moved = {**rest.state, "soma.v": rest.state["soma.v"] - 1.0}
    run = simulate(cell, duration=3000.0, initial=moved, every=1.0)
    assert run["v"][-1] == pytest.approx(rest.state["soma.v"], abs=0.05)


def test_rests_are_the_lowest_stable_equilibria_of_single_cells():
    values = {"NaP.g": np.array([0.05, 0.1, 0.2]), "K_o": np.array([4.0, 5.0, 12.0])}
    values = {"NaP.g": values["NaP.g"], "ions.K_o": values["K_o"]}
    layout = Layout(structure_of(PB))
    found = rests(lower(PB, layout, values, 3))
    for lane in range(3):
        cell = PB.replaced({path: float(v[lane]) for path, v in values.items()})
        stable = [e.v for e in equilibria(cell) if e.rest]
        if stable:
            assert found[0, lane] == pytest.approx(stable[0], abs=1e-9)
        else:
            assert np.isnan(found[:, lane]).all()


def test_bad_arguments_are_refused():
    for build, message in (
        (lambda: equilibria("PB"), "cell is .PB."),
        (lambda: equilibria(PB, math.nan), "current"),
        (lambda: equilibria(BRK, 0.0, compartment="axon"), "no compartment 'axon'"),
    ):
        with pytest.raises(InputError, match=message):
            build()
