"""Currents by permeability, beside the Goldman-Hodgkin-Katz equation written apart."""

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from engine_cells import ADAPTIVE, COMPILED, FIXED
from scipy.integrate import solve_ivp

from mnexcite import InputError, cells, simulate, stimuli
from mnexcite.cells import Cell, Compartment, Ion
from mnexcite.channels import GHK, Channel, Gate, IonPool, kinetics
from mnexcite.equations import equilibria, iv_curve
from solved import assert_equilibria, solved

sys.path.insert(0, str(Path(__file__).parents[1] / "data"))
from make_references import CELLS

F, R = 96485.33212, 8.314462618
STEP = stimuli.step(30.0, unit="uA/cm2", start=2.0)
P, ALPHA, TAU, KEPT = 2e-4, 1e-5, 20.0, 1e-4


def goldman(v, inside, outside, celsius, z=2):
    """Return the current [uA/cm2] of a permeability of 1 cm/s, concentrations in mM."""
    u = z * F * v * 1e-3 / (R * (273.15 + celsius))
    if abs(u) < 1e-9:
        drive = inside - outside + 0.5 * u * (inside + outside)
    else:
        drive = u * (inside - outside * np.exp(-u)) / -np.expm1(-u)
    return z * F * drive  # C/mol x mM x cm/s is uA/cm2


def permeable():
    """Return the axon with a calcium current that fills a pool, which sets its drive."""
    squid = cells.hodgkin_huxley_1952()
    m = Gate("m", power=2, inf=kinetics.boltzmann, tau=1.5, half=-25.0, slope=7.0)
    block = Gate("b", inf=lambda c: 1.0 / (1.0 + c / 0.002), pool="Ca")
    calcium = Ion("Ca", E=120.0, inside=1e-4, outside=2.0, valence=2)
    pool = IonPool("Ca", alpha=ALPHA, tau=TAU, rest=KEPT, initial=KEPT, scale=1e-3)
    cell = replace(squid, ions=(*squid.ions, calcium)).with_pool(pool)
    return cell.with_channel(GHK("CaX", P=P, ion="Ca", gates=[m, block]))


def truth(lasting=28.0, rtol=1e-10):
    """Return spike times and the last state: the published axon and the current."""
    published = CELLS["HH"]
    derivative = published.derivative(published.parameters, lambda t: 30.0 * (t >= 2.0))
    celsius = permeable().temperature

    def f(t, y):
        *y, ca, m = y.tolist()
        dy, v = derivative(t, y), y[0]
        i = P * m**2 / (1.0 + ca / 0.002) * goldman(v, ca, 2.0, celsius)
        dy[0] -= i / published.parameters["C"]
        opened = 1.0 / (1.0 + np.exp(-(v + 25.0) / 7.0))
        return [*dy, -ALPHA * i - (ca - KEPT) / TAU, (opened - m) / 1.5]

    names = [*published.initial, "Ca", "CaX.m"]
    y = np.array([permeable().initial[name] for name in names])
    atol = [100 * rtol, *[rtol] * 3, 1e-3 * rtol, rtol]
    spikes, y = solved(f, y, (0.0, 2.0, lasting), published.threshold, atol, rtol)
    return spikes, dict(zip(names, y.tolist(), strict=True))


@pytest.fixture(scope="module")
def found():
    return truth()


@pytest.mark.parametrize("method", [*ADAPTIVE, "reference"])
def test_a_calcium_current_that_fills_its_pool(method, found):
    spikes, last = found
    options = {"duration": 28.0, "method": method}
    if method != "reference":
        plain = simulate(permeable(), STEP, **options)
        np.testing.assert_allclose(plain.spike_times, spikes, rtol=0, atol=1e-3)
    exact = simulate(permeable(), STEP, tolerance=1e-10, **options)
    assert spikes.size >= 3 and last["Ca"] > 3.0 * KEPT
    np.testing.assert_allclose(exact.spike_times, spikes, rtol=0, atol=1e-6)
    for path, value in last.items():
        scale = {"v": 100.0, "Ca": 1e-3}.get(path, 1.0)
        assert abs(exact.final_state.mapping()[path] - value) < 1e-7 * scale, path


@pytest.mark.parametrize(
    ("method", "order"), [("staggered", 2), ("exponential_euler", 1), ("runge_kutta_4", 4)]
)
def test_orders_of_fixed_steps(method, order):
    cell, options = permeable(), {"duration": 20.0}
    truth = simulate(cell, STEP, tolerance=1e-10, **options)
    errors, steps = [], np.array([4.0, 2.0, 1.0]) * (0.005 if order == 4 else 0.0025)
    for dt in steps:
        run = simulate(cell, STEP, method=method, dt=dt, **options)
        apart = np.abs(run.final_state["Ca"] - truth.final_state["Ca"]) / 1e-3
        errors.append(apart[0] + np.abs(run.spike_times - truth.spike_times).max())
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] > order - 0.3


def passive(membrane, P, z=2, v=0.0):
    """Return a cell of a permeability and nothing else, at its pole."""
    x = {"area": None, "membrane": membrane, "temperature": 20.0}
    ion = Ion("X", E=0.0, inside=3.0, outside=7.0, valence=z)
    return Cell("p", Compartment("soma", 1.0, GHK("X", P, ion="X"), v=v), ions=[ion], **x)


@cache
def charged(v, until=3.0, every=0.5):
    """Return the voltage of that cell at its samples, by SciPy."""
    return solve_ivp(
        lambda t, y: -1e-5 * np.array([goldman(y[0], 3.0, 7.0, 20.0)]),
        (0.0, until),
        [v],
        method="DOP853",
        rtol=1e-11,
        atol=1e-11,
        t_eval=np.arange(0.0, until, every),
    ).y[0]


@pytest.mark.parametrize("method", COMPILED)
@pytest.mark.parametrize("v", [-90.0, -1e-7, 0.0, 1e-13, 60.0])
def test_the_current_at_and_beside_its_pole(method, v):
    """At u = 0 the formula is 0 / 0: the membrane charges through it as elsewhere."""
    step = {"dt": 0.01} if method in FIXED else {"tolerance": 1e-8}
    cell = passive("density", 1e-5, v=v)
    run = simulate(cell, duration=3.0, record=("v", "X.i"), every=0.5, method=method, **step)
    assert run["X.i"][0] == pytest.approx(1e-5 * goldman(v, 3.0, 7.0, 20.0), rel=1e-9)
    close = {"exponential_euler": 0.3}.get(method, 1e-2 if method in FIXED else 1e-4)
    np.testing.assert_allclose(run["v"], charged(v), rtol=0, atol=close)


def test_of_an_absolute_cell_the_unit_is_with_its_area():
    """1 cm3/s lets 1e3 times as many nA through as 1 cm/s does uA/cm2."""
    curves = [iv_curve(passive(m, 1e-6), [-60.0, -20.0, 5.0]) for m in ("density", "absolute")]
    np.testing.assert_allclose(curves[1].total, 1e3 * curves[0].total, rtol=1e-14)
    assert passive("absolute", 1.0).parameters["X.P"].unit == "cm3/s"


def test_its_equilibrium_is_that_of_nernst():
    for z in (-1, 1, 2):
        (rest,) = equilibria(passive("density", 1e-5, z=z))
        wanted = R * 293.15 / (z * F) * 1e3 * np.log(7.0 / 3.0)
        assert rest.v == pytest.approx(wanted, abs=1e-6) and rest.stable
    warm = passive("density", 1e-5).replaced({"temperature": 37.0})
    (rest,) = equilibria(warm)
    assert rest.v == pytest.approx(R * 310.15 / (2 * F) * 1e3 * np.log(7 / 3), abs=1e-6)


def test_equilibria_and_their_eigenvalues():
    assert_equilibria(permeable(), least=1e-4)


def test_lanes_are_their_cells_and_saved_cells_the_same(tmp_path):
    cell = permeable()
    values = {"CaX.P": [P, 2 * P, P], "ions.Ca_o": [2.0, 2.0, 1.0]}
    options = {"duration": 30.0, "record": ("v", "Ca", "CaX.i"), "every": 0.5}
    batch = simulate(cell, STEP, parameters=values, **options)
    for lane in range(3):
        changed = {path: column[lane] for path, column in values.items()}
        own = simulate(cell.replaced(changed), STEP, **options)
        for name in options["record"]:
            np.testing.assert_array_equal(batch[lane][name], own[name])
    known = cell.compartments[0].channels[-1]
    plain = cell.with_channel(
        GHK("CaX", P=P, ion="Ca", gates=known.gates[:1]), replace=True
    )  # a lambda is saved as its values
    plain.save(tmp_path / "cell.json")
    assert cells.load(tmp_path / "cell.json") == plain


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: GHK("x", P=-1.0, ion="Ca"), "channel x: P is -1.0; allowed: 0 or more"),
        (
            lambda: cells.purvis_butera_2005().with_channel(GHK("x", P=1.0, ion="Na")),
            "channel x: 'Na' has no concentration inside; give the cell ions=[Ion('Na'",
        ),
        (
            lambda: cells.purvis_butera_2005().with_channel(GHK("x", P=1.0, ion="Mg")),
            "channel x: 'Mg' has no concentration inside",
        ),
    ],
)
def test_refused(make, said):
    with pytest.raises(InputError) as caught:
        make()
    assert said in str(caught.value)


def test_a_straight_line_is_its_tangent_at_small_differences():
    """Equal concentrations make it ohmic: g = P z^2 F^2 c / (R T)."""
    cell = passive("density", 1e-5).replaced({"ions.X_i": 7.0})
    v = np.array([-2.0, -1.0, 1.0, 2.0])
    g = 1e-5 * 4 * F**2 * 7.0 / (R * 293.15) * 1e-3
    np.testing.assert_allclose(iv_curve(cell, v).total, g * v, rtol=2e-3)
    leak = Cell("l", Compartment("soma", 1.0, Channel("leak", g, E=0.0), v=1.0))
    run = simulate(leak, duration=5.0, every=1.0)["v"]
    same = simulate(
        replace(cell, compartments=(replace_v(cell, 1.0),)), duration=5.0, every=1.0
    )["v"]
    np.testing.assert_allclose(same, run, rtol=0, atol=2e-4)


def replace_v(cell, v):
    """Return the compartment at another voltage."""
    old = cell.compartments[0]
    return Compartment(old.name, old.C, old.channels, v=v)
