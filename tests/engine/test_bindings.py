"""What binds to channels, against closed forms and SciPy on equations written apart."""

import sys
from pathlib import Path

import numpy as np
import pytest
from engine_cells import COMPILED, FIXED

import mnexcite as mx
from mnexcite import InputError, cells, simulate, stimuli
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Binding, Channel
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import lower
from mnexcite.equations.structure import structure_of
from solved import assert_equilibria, solved

sys.path.insert(0, str(Path(__file__).parents[1] / "data"))
from make_references import CELLS

OPEN = {"on": 0.05, "off": 0.06, "c": 6.0}
SHUT = {"on": 0.004, "off": 0.02, "c": 6.0}
LATE = {"on": 0.02, "off": 0.05, "c": 6.0}
DRIVE = {
    "PB": stimuli.step(1.2, unit="nA", start=2.0),
    "BRK": stimuli.step(30.0, unit="uA/cm2", start=2.0),
}
LASTING = {"PB": 46.0, "BRK": 60.0}


def bound(name):
    """Return a cell whose sodium channels a drug binds open and shut, and another one late."""
    if name == "PB":
        cell, sodium, late, through = cells.purvis_butera_2005(), "Na", "NaP", {"m": 1, "h": 1}
    else:
        cell = cells.booth_rinzel_kiehn_1997()
        sodium, late, through = "soma.Na", "dendrite.CaL", {"m": 1}
    for channel, binding in (
        (sodium, Binding("open", through={"m": 3, "h": 1}, **OPEN)),
        (sodium, Binding("shut", through={"h": 1}, outside=True, **SHUT)),
        (late, Binding("late", through=through, **LATE)),
    ):
        cell = cell.with_binding(channel, binding)
    return cell


def truth(name, rtol=1e-10):
    """Return spikes and the last state: the published equations less the blocked currents."""
    published, p = CELLS[name], CELLS[name].parameters
    amplitude, names = (1.2 if name == "PB" else 30.0), list(published.initial)
    derivative = published.derivative(p, lambda t: amplitude if t >= 2.0 else 0.0)
    at = {path: index for index, path in enumerate(names)}
    own = bound(name)

    def f(t, y):
        *y, free, shut, late = y.tolist()
        dy = derivative(t, y)
        if name == "PB":
            v, m, h = (y[at[path]] for path in ("v", "Na.m", "Na.h"))
            i = p["Na.g"] * m**3 * h * (v - p["ions.E_Na"])
            through = y[at["NaP.m"]] * y[at["NaP.h"]]
            other = p["NaP.g"] * through * (v - p["ions.E_Na"])
            dy[0] += ((1.0 - free * shut) * i + (1.0 - late) * other) / p["C"]
        else:
            v, h, vd = (y[at[path]] for path in ("soma.v", "soma.Na.h", "dendrite.v"))
            m = 1.0 / (1.0 + np.exp(-(v + 35.0) / 7.8))
            i = p["soma.Na.g"] * m**3 * h * (v - p["ions.E_Na"])
            through = y[at["dendrite.CaL.m"]]
            other = p["dendrite.CaL.g"] * through * (vd - p["ions.E_Ca"])
            dy[0] += (1.0 - free * shut) * i / p["C"]
            dy[at["dendrite.v"]] += (1.0 - late) * other / p["C"]
            # what is blocked feeds no pool
            dy[at["dendrite.Ca"]] += 0.01 * 0.009 * (1.0 - late) * other
        for x, rates, share in (
            (free, OPEN, m**3 * h),
            (shut, SHUT, 1.0 - h),
            (late, LATE, through),
        ):
            dy.append(rates["off"] * (1.0 - x) - rates["on"] * rates["c"] * share * x)
        return dy

    where = ("Na", "NaP") if name == "PB" else ("soma.Na", "dendrite.CaL")
    added = (f"{where[0]}.open", f"{where[0]}.shut", f"{where[1]}.late")
    y = np.array([*published.initial.values(), *(own.initial[path] for path in added)])
    atol = np.concatenate([published.atol(rtol), [rtol] * 3])
    edges = (0.0, 2.0, LASTING[name])
    spikes, y = solved(f, y, edges, published.threshold, atol, rtol)
    return spikes, dict(zip((*names, *added), y.tolist(), strict=True))


@pytest.fixture(scope="module")
def truths():
    return {name: truth(name) for name in DRIVE}


#: The other pairs of a cell and a method are among pumps and what enters.
PAIRS = [("BRK", m) for m in ("rosenbrock", "reference")]
PAIRS += [("PB", m) for m in ("kaps_rentrop", "dormand_prince")]


@pytest.mark.parametrize(("name", "method"), PAIRS)
def test_a_receptor_of_many_states(name, method, truths):
    spikes, last = truths[name]
    options = {"duration": LASTING[name], "method": method}
    if method != "reference":
        plain = simulate(bound(name), DRIVE[name], **options)
        np.testing.assert_allclose(plain.spike_times, spikes, rtol=0, atol=1e-3)
    exact = simulate(bound(name), DRIVE[name], tolerance=1e-10, **options)
    assert spikes.size >= 2
    np.testing.assert_allclose(exact.spike_times, spikes, rtol=0, atol=1e-6)
    for path, value in last.items():
        scale = 100.0 if path.endswith("v") else 1.0
        assert abs(exact.final_state.mapping()[path] - value) < 1e-7 * scale, path
    assert last["Na.open" if name == "PB" else "soma.Na.open"] < 0.98


@pytest.mark.parametrize(
    ("name", "method", "order"), [("BRK", "staggered", 2), ("PB", "exponential_euler", 1)]
)
def test_orders_of_fixed_steps(name, method, order):
    cell, options = bound(name), {"duration": 20.0}
    truth = simulate(cell, DRIVE[name], tolerance=1e-10, **options)
    finest = 6.25e-4 if name == "BRK" or order == 1 else 2.5e-3
    errors, steps = [], [4 * finest, 2 * finest, finest]
    for dt in steps:
        run = simulate(cell, DRIVE[name], method=method, dt=dt, **options)
        apart = np.abs(run.final_state.values - truth.final_state.values)[-3:]
        errors.append(apart.max() + np.abs(run.spike_times - truth.spike_times).max())
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] > order - 0.25


@pytest.mark.parametrize("method", COMPILED)
def test_binding_relaxes_at_its_rate_to_its_share(method):
    """x' = off (1 - x) - on c x where nothing gates it, from a start of its own."""
    drug = Binding("drug", on=0.02, off=0.05, c=3.0)
    leak = Channel("leak", 0.1, E=-65.0, bindings=drug)
    cell = Cell("c", Compartment("soma", 1.0, leak, v=-65.0, initial={"leak.drug": 1.0}))
    share, rate = (0.05 / 0.02) / (0.05 / 0.02 + 3.0), 0.02 * 3.0 + 0.05
    step = {"dt": 0.02} if method in FIXED else {"tolerance": 1e-9}
    values = {"leak.drug.c": [0.0, 3.0, 30.0]}
    options = {"method": method, "record": ("leak.drug",), "every": 1.0, **step}
    run = simulate(cell, duration=200.0, parameters=values, **options)
    expected = share + (1.0 - share) * np.exp(-rate * run.t)
    np.testing.assert_allclose(run["leak.drug"][1], expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(run["leak.drug"][0], 1.0, rtol=1e-14)
    assert run.final_state["leak.drug"][2] == pytest.approx(2.5 / 32.5, abs=1e-6)
    # at rest it has settled
    rest = simulate(cell, duration=1.0, parameters=values, initial="rest", **options)
    np.testing.assert_allclose(rest["leak.drug"][:, 0], 2.5 / (2.5 + np.array([0, 3, 30.0])))


def test_lanes_of_many_concentrations_have_one_table_and_the_bits_of_their_cells():
    cell = bound("PB")
    path, given = "Na.open.c", [0.0, 2.0, 40.0]
    lanes = lower(cell, Layout(structure_of(cell)), {path: np.array(given)}, 3)
    assert len(lanes.kinetics) == 1
    options = {"duration": 40.0, "record": ("v", "Na.i", "Na.open"), "every": 0.5}
    batch = simulate(cell, DRIVE["PB"], parameters={path: given}, **options)
    for lane, c in enumerate(given):
        own = simulate(cell.replaced({path: c}), DRIVE["PB"], **options)
        for name in options["record"]:
            # the published start holds for changed numbers too
            np.testing.assert_array_equal(batch[lane][name], own[name])
    t = slice(5, None)
    share = batch["Na.open"][:, t]
    assert share[0].min() > share[1].min() > share[2].min()


def test_currents_are_what_is_left_free():
    cell = bound("PB")
    names = ("v", "Na.i", "Na.m", "Na.h", "Na.open", "Na.shut")
    run = simulate(cell, DRIVE["PB"], duration=30.0, record=names, every=0.5)
    g, E = cell.parameters["Na.g"].value, cell.reversal("Na")
    v, i, m, h, free, shut = (run[name] for name in names)
    np.testing.assert_allclose(i, g * m**3 * h * free * shut * (v - E), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", DRIVE)
def test_equilibria_and_their_eigenvalues(name):
    """Nothing changes there, and the Jacobian is that of differences of the equations."""
    assert_equilibria(bound(name))


def test_a_cell_with_bindings_is_saved_and_told(tmp_path):
    cell = bound("PB")
    cell.save(tmp_path / "cell.json")
    assert cells.load(tmp_path / "cell.json") == cell
    assert cell.parameters["Na.open.on"].unit == "1/(uM ms)"
    assert cell.scaled({"Na.open.c": 2.0}).parameters["Na.open.c"].value == 12.0
    again = cell.with_binding("Na", Binding("open", on=1.0, off=1.0))
    assert len(again.compartments[0].channels[0].bindings) == 2
    run = simulate(cell, DRIVE["PB"], duration=5.0, record=("Na.open",))
    run.save(tmp_path / "run.zarr")
    assert mx.load(tmp_path / "run.zarr").final_state == run.final_state


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Binding("b", on=-1.0, off=1.0), "binding b: on is -1.0; allowed: 0 or more"),
        (lambda: Binding("b", on=1.0, off=0.0), "binding b: off is 0.0; allowed: above 0"),
        (lambda: Binding("b", on=1.0, off=1.0, outside=True), "it binds outside no gate"),
        (lambda: Binding("b", on=1.0, off=1.0, through={"m": 0}), "power of m is 0"),
        (
            lambda: bound("PB").with_binding("NaP", Binding("b", 1.0, 1.0, through={"q": 1})),
            "b binds through 'q'; allowed: its voltage-dependent gates, m, h",
        ),
        (lambda: bound("PB").with_binding("Nap", Binding("b", 1.0, 1.0)), "no channel 'Nap'"),
        (
            lambda: bound("PB").with_binding("Na", Binding("m", 1.0, 1.0)),
            "the name 'm' is taken; rename the gate or binding",
        ),
    ],
)
def test_refused(make, said):
    with pytest.raises(InputError) as caught:
        make()
    assert said in str(caught.value)
