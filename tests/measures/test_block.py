"""Where a membrane is unstable, against equations written apart; blocks of whole runs."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import mnexcite as mx
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel, Gate, kinetics
from mnexcite.measures.block import beyond_instability

HH = mx.cells.hodgkin_huxley_1952()
PB = mx.cells.purvis_butera_2005()
MK = mx.cells.molkov_2025()
BRK = mx.cells.booth_rinzel_kiehn_1997()


def _apart():
    path = Path(__file__).parents[1] / "data" / "make_references.py"
    spec = importlib.util.spec_from_file_location("equations_apart", path)
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


APART = _apart()
STEADY = {
    HH.name: (APART.CELLS["HH"], APART.hodgkin_huxley_steady),
    PB.name: (APART.CELLS["PB"], APART.purvis_butera_steady),
    MK.name: (APART.CELLS["MK"], APART.molkov_steady),
}


def unstable_apart(cell, v, changes):
    """Whether the steady state at `v` has a growing eigenvalue, by the equations apart."""
    told, steady = STEADY[cell]
    p = {**told.parameters, **changes}
    y = [v, *steady(v, p)]
    scale = [1.0 if n == "v" else 0.01 * told.small.get(n, 1.0) for n in told.initial]
    if "Ca" in told.initial:
        scale[-1] = max(0.1 * y[-1], 1e-12)
    f = told.derivative(p, lambda t: 0.0)
    return np.linalg.eigvals(APART.jacobian(f, y, scale)).real.max() > 0.0


@pytest.mark.parametrize(
    ("cell", "changes"),
    [
        (HH, {}),
        (PB, {}),
        (PB, {"ions.K_o": 6.0}),
        (PB, {"NaP.g": 0.15, "Kdr.g": 0.8}),
        (MK, {}),
        (MK, {"NaP.g": 0.5}),
    ],
)
def test_the_lowest_unstable_voltage_is_that_of_equations_written_apart(cell, changes):
    grid = np.arange(-75.0, 0.0)
    first = next(v for v in grid if unstable_apart(cell.name, v, changes))
    asked = np.array([first - 0.5, first + 0.5, 0.0])
    values = {path: np.full(3, value) for path, value in changes.items()}
    assert beyond_instability(cell, values, asked).tolist() == [False, True, True]
    assert beyond_instability(cell.replaced(changes), {}, asked).tolist() == [False, True, True]


def test_hodgkin_and_huxleys_axon_loses_its_rest_at_the_published_hopf_point():
    # 9.77544 uA/cm2 at -59.6541 mV; voltages are looked at 1 mV apart
    found = beyond_instability(HH, {}, np.array([-60.0, -59.7, -58.0, -43.0, np.nan]))
    assert found.tolist() == [False, False, True, True, False]


def last_phase(cell, current=None, duration=2000.0, discard=0.0):
    stimulus = None if current is None else mx.stimuli.step(current, unit=cell.units["i"])
    ds = mx.sweep(
        cell,
        {"leak.g" if len(cell.compartments) == 1 else "soma.leak.g": mx.factors([1.0])},
        stimulus,
        duration=duration,
        discard=discard,
        measures=("phase",),
        initial="published",
    )
    return ds["phase"].attrs["flag_meanings"].split()[int(ds["phase"].values[0])]


BLOCKED = [
    (HH, 160.0), (HH, 300.0), (PB, 6.5), (PB, 40.0), (BRK, 300.0), (MK, 400.0),
    (PB.replaced({"ions.K_o": 20.0}), None), (PB.replaced({"ions.K_o": 40.0}), None),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "current"), BLOCKED)
@pytest.mark.parametrize("discard", [0.0, 1000.0])
def test_published_cells_are_blocked_by_too_much(cell, current, discard):
    assert last_phase(cell, current, discard=discard) == "block"


@pytest.mark.parametrize(
    ("cell", "current", "phase"),
    [
        (HH, 2.0, "silent"),
        (HH, 6.2, "stopped"),
        (PB.replaced({"ions.K_o": 6.0}), None, "stopped"),
        (PB, 0.15, "silent"),
        (HH.scaled({"Na.g": 0.3}), 100.0, "single"),  # unstable nowhere
    ],
)
def test_a_depolarised_rest_is_no_block(cell, current, phase):
    assert last_phase(cell, current, discard=0.0) == phase


@pytest.mark.parametrize(
    ("cell", "current"), [(HH, 80.0), (HH, 120.0), (PB, 5.5), (BRK, 200.0)]
)
def test_firing_below_the_detection_level_is_seen(cell, current):
    assert last_phase(cell, current, duration=1000.0) == "small_spikes"


def squid_like(leak, E_leak, sodium, half=-40.0):
    """A user's cell: leak, sodium of Boltzmann gates around `half`, delayed rectifier."""

    def of(shift):
        return dict(inf=kinetics.boltzmann, half=half + shift)

    m = Gate("m", power=3, tau=0.1, slope=7.0, **of(0.0))
    h = Gate("h", tau=2.0, slope=-6.0, **of(-12.0))
    n = Gate("n", power=4, tau=4.0, slope=12.0, **of(0.0))
    channels = [
        Channel("leak", g=leak, E=E_leak),
        Channel("Na", g=sodium, E=50.0, gates=[m, h]),
        Channel("K", g=0.3 * sodium, E=-80.0, gates=[n]),
    ]
    return Cell("own", Compartment("soma", C=1.0, channels=channels, v=E_leak))


@pytest.mark.parametrize(
    ("cell", "current", "phase"),
    [
        (squid_like(0.1, -35.0, 0.0), None, "silent"),  # no sodium at all
        (squid_like(0.1, -50.0, 0.0), 0.5, "silent"),  # a rest of -50 held at -45
        (squid_like(1.0, -35.0, 120.0, half=10.0), None, "silent"),  # threshold far above
        (squid_like(0.3, -65.0, 100.0), 300.0, "block"),
    ],
)
def test_a_cell_of_ones_own(cell, current, phase):
    assert last_phase(cell, current, duration=500.0) == phase


@pytest.mark.parametrize("name", sorted(mx.cells.CATALOGUE))
def test_a_plain_run_of_every_cell_has_a_phase(name):
    cell = mx.cells.find(name)
    known = {phase.name for phase in mx.measures.PHASES}
    assert mx.measures.phase_of(mx.simulate(cell, duration=20.0)) in known


def test_a_recording_has_the_phase_that_a_sweep_gives_it():
    currents = np.array([2.0, 6.2, 10.0, 80.0, 200.0])
    steps = [mx.stimuli.step(i, unit="uA/cm2") for i in currents]
    batch = mx.simulate(HH, steps, duration=1000.0, record="v", every=0.5)
    expected = ("silent", "stopped", "tonic", "small_spikes", "block")
    assert mx.measures.phase_of(batch) == expected
    assert mx.measures.phase_of(batch[4]) == "block"
    assert mx.measures.phase_of(mx.simulate(HH, steps[4], duration=1000.0)) == "block"
    with pytest.raises(mx.InputError, match="'v' was not recorded"):
        mx.measures.phase_of(mx.simulate(HH, steps, duration=10.0))
    with pytest.raises(mx.InputError, match="sampled 2 times in 10 ms; allowed: every 1 ms"):
        mx.measures.phase_of(mx.simulate(HH, duration=10.0, every=5.0))


def test_the_detection_level_is_a_setting():
    # 80 uA/cm2 swings the axon from -64.4 to -9.7 mV, 41 times in 200 to 500 ms
    low = HH.replaced({"spike_threshold": -30})
    assert (HH.spike_threshold, low.spike_threshold) == (0.0, -30.0)
    assert last_phase(low, 80.0, duration=500.0, discard=200.0) == "tonic"
    step = mx.stimuli.step(80.0, unit="uA/cm2")
    spikes = mx.simulate(low, step, duration=500.0, method="dormand_prince").spike_times
    assert (spikes >= 200.0).sum() == 41
    with pytest.raises(mx.InputError, match="spike_threshold"):
        HH.replaced({"spike_threshold": np.nan})


@pytest.mark.parametrize("many", [1, 40])
def test_lanes_do_not_depend_on_their_number(many):
    """As many voltages are looked at at once as there are few lanes."""
    v = np.linspace(-66.0, -30.0, 14)
    g = HH.parameters["Na.g"].value * np.linspace(0.2, 1.6, v.size)
    alone = [
        beyond_instability(HH, {"Na.g": g[i : i + 1]}, v[i : i + 1])[0] for i in range(v.size)
    ]
    assert 0 < sum(alone) < v.size
    found = beyond_instability(HH, {"Na.g": np.tile(g, many)}, np.tile(v, many))
    assert found.tolist() == alone * many
