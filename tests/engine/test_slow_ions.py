"""Concentrations that move with currents and move reversals, by equations written apart."""

import sys
from pathlib import Path

import numpy as np
import pytest
from engine_cells import COMPILED
from scipy.integrate import solve_ivp

import mnexcite as mx
from mnexcite import InputError, cells, simulate, stimuli
from mnexcite.channels import Channel, Gate, IonPool, Pump, kinetics
from mnexcite.equations import equilibria, iv_curve
from solved import assert_equilibria, solved

sys.path.insert(0, str(Path(__file__).parents[1] / "data"))
from make_references import CELLS

DRIVE = {
    "PB": stimuli.step(1.2, unit="nA", start=2.0),
    "BRK": stimuli.step(30.0, unit="uA/cm2", start=2.0),
}
LASTING = {"PB": 38.0, "BRK": 40.0}
# strong and quick, so that a short run moves reversals by many mV
IONS = {
    "PB": {"alpha": 4e-3, "ratio": 5.0, "tau": 300.0, "i_max": 0.2, "Na": 12.0, "K": 1.5},
    "BRK": {"alpha": 6e-5, "ratio": 7.0, "tau": 200.0, "i_max": 4.0, "Na": 9.0, "K": 2.0},
}
WHERE = {"PB": "", "BRK": "soma."}
STARTS = {"Na_i": 10.0, "K_o": 4.0}


def pumped(name):
    """Return a cell with sodium inside, potassium outside, and a pump between them."""
    n = IONS[name]
    cell = cells.purvis_butera_2005() if name == "PB" else cells.booth_rinzel_kiehn_1997()
    sodium = IonPool(
        "Na_i", alpha=n["alpha"], decay=0.0, initial=10.0, ion="Na", reference=10.0, scale=10.0
    )
    potassium = IonPool(
        "K_o",
        alpha=n["alpha"],
        tau=n["tau"],
        rest=None,  # the bath, ions.K_o
        initial=4.0,
        ion="K",
        side="outside",
        ratio=n["ratio"],
        scale=4.0,
    )
    cell = cell.with_pool(sodium).with_pool(potassium)
    return cell.with_channel(Pump.sodium_potassium(n["i_max"], Na_half=n["Na"], K_half=n["K"]))


AMPLITUDE = {"PB": 1.2, "BRK": 30.0}


def moving(name, amplitude):
    """Return f(t, y) of the published equations at moving reversals."""
    published, n = CELLS[name], IONS[name]
    p = published.parameters
    names, C, where = list(published.initial), p["C"], WHERE[name]
    rt_f = 26.73 if name == "PB" else 8.314462618 / 96485.33212 * 1e3 * (273.15 + 37.0)
    assert pumped(name).temperature == 37.0

    def slope(t, y, **E):
        """Return the published y' with other reversals."""
        changed = {**p, **{f"ions.{key}": value for key, value in E.items()}}
        on = amplitude if t >= 2.0 else 0.0
        return published.derivative(changed, lambda t: on)(t, y)

    def f(t, y):
        *y, na, k = y.tolist()
        v = y[names.index(f"{where}v")]
        e_na = p["ions.E_Na"] - rt_f * np.log(na / 10.0)
        e_k = p["ions.E_K"] + rt_f * np.log(k / 4.0)
        dy, na_0, k_0 = slope(t, y), p["ions.E_Na"], p["ions.E_K"]
        # currents are straight lines in their reversal: conductances by a difference
        g_na = C * (slope(t, y, E_Na=na_0 + 1.0)[0] - dy[0])
        g_k = C * (slope(t, y, E_K=k_0 + 1.0)[0] - dy[0])
        # the other compartment has no pools
        dy[0] += (g_na * (e_na - na_0) + g_k * (e_k - k_0)) / C
        i = n["i_max"] * (na / (na + n["Na"])) ** 3 * (k / (k + n["K"])) ** 2
        dy[0] -= i / C
        into = n["alpha"] * n["ratio"] * (g_k * (v - e_k) - 2.0 * i)
        return [*dy, -n["alpha"] * (g_na * (v - e_na) + 3.0 * i), into - (k - 4.0) / n["tau"]]

    return f


def truth(name, rtol=1e-10):
    """Return spikes and the last state."""
    published, f = CELLS[name], moving(name, AMPLITUDE[name])
    y = np.array([*published.initial.values(), *STARTS.values()])
    atol = np.concatenate([published.atol(rtol), [10.0 * rtol, 4.0 * rtol]])
    edges = (0.0, 2.0, LASTING[name])
    spikes, y = solved(f, y, edges, published.threshold, atol, rtol)
    names = (*published.initial, *(f"{WHERE[name]}{pool}" for pool in STARTS))
    return spikes, dict(zip(names, y.tolist(), strict=True))


@pytest.fixture(scope="module")
def truths():
    return {name: truth(name) for name in DRIVE}


#: The other pairs of a cell and a method are among bindings and what enters.
PAIRS = [("PB", m) for m in ("kaps_rentrop", "reference")]
PAIRS += [("BRK", m) for m in ("rosenbrock", "dormand_prince")]


@pytest.mark.parametrize(("name", "method"), PAIRS)
def test_a_pump_between_moving_concentrations(name, method, truths):
    spikes, last = truths[name]
    options = {"duration": LASTING[name], "method": method}
    if method != "reference":
        plain = simulate(pumped(name), DRIVE[name], **options)
        np.testing.assert_allclose(plain.spike_times, spikes, rtol=0, atol=1e-3)
    exact = simulate(pumped(name), DRIVE[name], tolerance=1e-10, **options)
    assert spikes.size >= 2
    np.testing.assert_allclose(exact.spike_times, spikes, rtol=0, atol=1e-6)
    for path, value in last.items():
        scale = {"v": 100.0, "Na_i": 10.0, "K_o": 4.0}.get(path.split(".")[-1], 1.0)
        assert abs(exact.final_state.mapping()[path] - value) < 1e-7 * scale, path
    # the test is of nothing if they hardly move
    assert abs(last[f"{WHERE[name]}K_o"] - 4.0) > 0.5
    assert abs(last[f"{WHERE[name]}Na_i"] - 10.0) > 0.05


@pytest.mark.parametrize(
    ("name", "method", "order"), [("PB", "staggered", 2), ("BRK", "exponential_euler", 1)]
)
def test_orders_of_fixed_steps(name, method, order):
    cell, options = pumped(name), {"duration": 20.0}
    truth = simulate(cell, DRIVE[name], tolerance=1e-10, **options)
    finest = 6.25e-4 if name == "BRK" or order == 1 else 2.5e-3
    errors, steps = [], [4 * finest, 2 * finest, finest]
    for dt in steps:
        run = simulate(cell, DRIVE[name], method=method, dt=dt, **options)
        apart = [
            np.abs(
                run.final_state[f"{WHERE[name]}{p}"] - truth.final_state[f"{WHERE[name]}{p}"]
            )
            for p in STARTS
        ]
        errors.append(np.max(apart) + np.abs(run.spike_times - truth.spike_times).max())
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] > order - 0.25


#: Each with a text of its own for pools: `kaps_rentrop` and `staggered_lines` differ from one
#: of them in coefficients, and in the rows of tables.
APART = [m for m in COMPILED if m not in ("rosenbrock", "staggered_lines")]


def closed():
    """Return an axon whose sodium and potassium go nowhere but through its membrane."""
    a, cell = 2e-4, cells.hodgkin_huxley_1952()
    for pool in (
        IonPool("Na_i", a, decay=0.0, initial=10.0, ion="Na", reference=10.0, scale=10.0),
        IonPool("K_o", a, decay=0.0, initial=4.0, ion="K", side="outside", ratio=5.0, scale=4),
        IonPool("K_i", a, decay=0.0, initial=140.0, ion="K", reference=140.0, scale=100.0),
    ):
        cell = cell.with_pool(pool)
    return cell.with_channel(Pump.sodium_potassium(4.0, Na_half=9.0, K_half=2.0))


@pytest.mark.parametrize("method", APART)
def test_mass_and_charge_are_conserved(method):
    """K_i V_i + K_o V_o stays, and what flows charges the membrane and nothing else."""
    cell = closed()
    names = ("K_i", "K_o", "Na_i", "v")
    run = simulate(cell, DRIVE["BRK"], duration=40.0, record=names, every=1.0, method=method)
    total = run["K_i"] + run["K_o"] / 5.0
    assert np.abs(total - total[0]).max() < 1e-12 * total[0]
    assert abs(run["K_o"][-1] - 4.0) > 0.2


def test_recorded_currents_fill_the_pools():
    """dK_o/dt is what its currents say, and the pump's is what its formula gives."""
    cell, n = pumped("PB"), IONS["PB"]
    names = ("v", "K_o", "Na_i", "Kdr.i", "A.i", "SK.i", "NaK.i", "Kdr.n", "NaK.Na", "NaK.K")
    every = 0.01
    run = simulate(cell, DRIVE["PB"], duration=30.0, record=names, every=every, tolerance=1e-9)
    na, k = run["Na_i"], run["K_o"]
    pump = n["i_max"] * (na / (na + n["Na"])) ** 3 * (k / (k + n["K"])) ** 2
    np.testing.assert_allclose(run["NaK.i"], pump, rtol=1e-12)
    np.testing.assert_allclose(run["NaK.K"], k / (k + n["K"]), rtol=1e-12)
    E = -80.0 + 26.73 * np.log(k / 4.0)
    g = cell.parameters["Kdr.g"].value
    np.testing.assert_allclose(
        run["Kdr.i"], g * run["Kdr.n"] ** 4 * (run["v"] - E), rtol=1e-10, atol=1e-12
    )
    flow = run["Kdr.i"] + run["A.i"] + run["SK.i"] - 2.0 * run["NaK.i"]
    slope = n["alpha"] * n["ratio"] * flow - (k - 4.0) / n["tau"]
    filled = np.concatenate([[0.0], np.cumsum(0.5 * (slope[1:] + slope[:-1]) * every)])
    np.testing.assert_allclose(k - k[0], filled, rtol=0, atol=2e-4)


@pytest.mark.parametrize("name", DRIVE)
def test_equilibria_and_their_eigenvalues(name):
    """Nothing changes there, and the Jacobian is that of differences of the equations."""
    cell = pumped(name)
    found = assert_equilibria(cell, atol=2e-6)
    if name != "PB":
        return
    # what a long run comes to: minutes, and the same kernel and pools in the other cell
    rest = next(each for each in found if each.rest)
    slowest = -1.0 / rest.eigenvalues[0].real
    settled = simulate(cell, duration=12.0 * slowest, initial="published", record=())
    for path, value in rest.state.items():
        assert settled.final_state.mapping()[path] == pytest.approx(value, rel=1e-4), path


def test_a_bath_is_the_rest_of_a_pool_that_states_none():
    """More K_o in the bath depolarises the rest, as it does without a pool of little effect."""
    weak = IonPool("K_o", 1e-9, tau=50.0, rest=None, initial=4.0, ion="K", side="outside")
    cell, plain = cells.purvis_butera_2005().with_pool(weak), cells.purvis_butera_2005()
    for K_o in (3.0, 6.0):
        bathed = cell.under(mx.conditions.electrolytes(K_o=K_o))
        rest = next(e for e in equilibria(bathed) if e.stable)
        wanted = next(e for e in equilibria(plain.replaced({"ions.K_o": K_o})) if e.stable)
        assert rest.v == pytest.approx(wanted.v, abs=1e-3)
        assert rest.state["K_o"] == pytest.approx(K_o, abs=1e-5)
    curve = iv_curve(cell, np.arange(-90.0, -50.0, 5.0))
    np.testing.assert_allclose(
        curve.total, iv_curve(plain, np.arange(-90.0, -50.0, 5.0)).total, atol=1e-4
    )


def test_lanes_of_baths_and_pumps_are_their_cells():
    cell = pumped("PB")
    values = {"ions.K_o": [4.0, 7.0, 4.0], "NaK.i_max": [0.2, 0.2, 0.4]}
    options = {"duration": 40.0, "record": ("v", "K_o", "NaK.i"), "every": 0.5}
    batch = simulate(cell, DRIVE["PB"], parameters=values, **options)
    for lane in range(3):
        changed = {path: column[lane] for path, column in values.items()}
        own = simulate(cell.replaced(changed), DRIVE["PB"], **options)
        for name in options["record"]:
            np.testing.assert_array_equal(batch[lane][name], own[name])
    warm = simulate(cell.replaced({"temperature": 30.0}), DRIVE["PB"], **options)
    lane = simulate(cell, DRIVE["PB"], parameters={"temperature": [30.0]}, **options)
    np.testing.assert_array_equal(lane[0]["K_o"], warm["K_o"])


def test_a_cell_with_a_pump_is_saved_and_told(tmp_path):
    cell = pumped("BRK")
    cell.save(tmp_path / "cell.json")
    assert cells.load(tmp_path / "cell.json") == cell
    assert cell.parameters["soma.NaK.i_max"].unit == "uA/cm2"
    assert cell.parameters["soma.NaK.Na.half"].unit == "mM"
    assert "soma.K_o.rest" not in cell.parameters and "soma.K_o.ratio" in cell.parameters
    assert cell.scaled({"soma.NaK.i_max": 2.0}).parameters["soma.NaK.i_max"].value == 8.0


def test_two_pools_of_one_ion():
    """One current fills both, each at its own rate."""
    g = Gate("m", inf=kinetics.boltzmann, tau=1.0, half=-60.0, slope=5.0)
    quick, slow = (
        IonPool(n, 1e-3, tau=tau, ion="Ca") for n, tau in (("Ca", 20.0), ("Cs", 600))
    )
    flow = Channel("CaN", 0.1, g, E=80.0, ion="Ca")
    soma = mx.Compartment("soma", 1.0, [flow, Channel("leak", 0.3, E=-65.0)], [quick, slow])
    run = simulate(mx.Cell("two", soma), duration=6000.0, record=("CaN.i", "Ca", "Cs"))
    inward = -1e-3 * run["CaN.i"][-1]
    assert run["Ca"][-1] == pytest.approx(20.0 * inward, rel=1e-6)
    assert run["Cs"][-1] == pytest.approx(600.0 * inward, rel=1e-3)


@pytest.mark.parametrize("method", APART)
def test_lanes_that_share_a_space_conserve_what_is_in_it(method):
    """The sum of V_o K_o and V_i K_i over all lanes stays, whatever they do and exchange."""
    drives = [stimuli.step(i, unit="uA/cm2") for i in (0.0, 10.0, 30.0)]
    volumes = np.array([1.0, 3.0, 0.7])
    with mx.prepare(closed(), drives, method=method) as session:
        for until in range(5, 65, 5):
            session.advance(until)
            if until == 30:
                apart = np.ptp(session.state["K_o"])
            session.mix("K_o", volumes=volumes, share=1.0 if until % 2 else 0.3)
        state = session.state
    amount = volumes @ (state["K_o"] + 5.0 * state["K_i"])
    assert amount == pytest.approx(volumes.sum() * (4.0 + 5.0 * 140.0), rel=1e-12)
    assert apart > 0.01 and np.abs(state["K_o"] - 4.0).min() > 0.01


def test_two_cells_in_one_space_against_scipy():
    """The shorter the windows, the nearer to one pool that both fill: order 1 at least."""
    published, amplitudes = CELLS["PB"], (1.6, 0.0)
    fs = [moving("PB", amplitude) for amplitude in amplitudes]
    one = len(published.initial) + 1  # K_o comes last

    def f(t, y):
        both = [fs[i](t, np.append(y[i * one : (i + 1) * one], y[-1])) for i in range(2)]
        return [*both[0][:-1], *both[1][:-1], 0.5 * (both[0][-1] + both[1][-1])]

    start = [*published.initial.values(), STARTS["Na_i"]]
    y = np.array([*start, *start, STARTS["K_o"]])
    for span in ((0.0, 2.0), (2.0, 40.0)):
        y = solve_ivp(f, span, y, method="LSODA", rtol=1e-9, atol=1e-10, max_step=0.5).y[:, -1]
    drives = [stimuli.step(i, unit="nA", start=2.0) for i in amplitudes]
    errors, windows = [], (2.0, 1.0, 0.5)
    for window in windows:
        with mx.prepare(pumped("PB"), drives, tolerance=1e-8) as session:
            for k in range(round(40.0 / window)):
                session.advance((k + 1) * window)
                session.mix("K_o")
            errors.append(abs(session.state["K_o"][0] - y[-1]))
    assert y[-1] - 4.0 > 0.3 and errors[-1] < 0.01
    assert np.polyfit(np.log(windows), np.log(errors), 1)[0] > 0.8


@pytest.mark.parametrize("method", ["kaps_rentrop", "staggered"])
def test_a_state_after_mixing_goes_on_to_the_bit(method, tmp_path):
    drives = [stimuli.step(i, unit="nA") for i in (0.0, 1.6)]
    with mx.prepare(pumped("PB"), drives, method=method) as session:
        session.advance(20.0)
        session.mix("K_o", share=0.5)
        session.save(tmp_path / "state")
        window = session.advance(50.0)
        state = session.state
    with mx.prepare(
        pumped("PB"), drives, method=method, initial=mx.load(tmp_path / "state")
    ) as again:
        other = again.advance(50.0)
        assert other.spikes == window.spikes
        assert again.state == state


PB = cells.purvis_butera_2005()
GATE = Gate("q", inf=kinetics.hill, half=1.0, order=1.0, pool="Ca")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Pump("p", 1.0, GATE, {"Na": 3, "K": -1}), "allowed: charges that add up to 1"),
        (lambda: Pump("p", -1.0, GATE, {"Na": 1}), "pump p: i_max is -1.0; allowed: 0 or more"),
        (lambda: IonPool("K_o", 1.0, tau=1.0, side="out"), "side is 'out'"),
        (lambda: IonPool("K", 1.0, tau=1.0, unit=None), "pool K: unit is None"),
        (lambda: IonPool("K", 1.0, tau=1.0, ratio=3.0), "it is inside; leave ratio out"),
        (
            lambda: PB.with_pool(IonPool("Na_i", 1.0, tau=1.0, ion="Na", reference=10.0)),
            "pool Na_i: it moves the reversal of Na and begins at 0 mM",
        ),
        (
            lambda: PB.with_pool(IonPool("Cl", 1.0, tau=1.0, rest=None)),
            "pool Cl: it has no rest, for the cell has no ion 'Cl'",
        ),
        (
            lambda: PB.with_pool(IonPool("Na_i", 1.0, tau=1.0, ion="Na", rest=None)),
            "pool Na_i: it has no rest, and ion Na no concentration inside",
        ),
        (
            lambda: closed().with_pool(
                IonPool("K_2", 1.0, tau=1.0, ion="K", initial=1.0, reference=1.0)
            ),
            "several pools inside move the reversal of K",
        ),
        (
            lambda: PB.with_channel(Pump("p", 1.0, GATE, {"Na": 1})).with_binding(
                "p", mx.Binding("d", on=1.0, off=1.0)
            ),
            "p is a pump, to which nothing binds",
        ),
        (lambda: mx.prepare(PB).mix("K_o"), "no pool 'K_o'; allowed: Ca"),
        (lambda: mx.prepare(PB).mix("Ca", share=2.0), "share is 2.0; allowed: 0 to 1"),
        (lambda: mx.prepare(PB).mix("Ca", volumes=[1.0, 2.0]), "one volume above 0 for each"),
        (
            lambda: PB.with_channel(Pump.sodium_potassium(1.0, Na_half=10.0)),
            "gate NaK.Na reads pool 'Na_i'",
        ),
    ],
)
def test_refused(make, said):
    with pytest.raises(InputError) as caught:
        make()
    assert said in str(caught.value)
