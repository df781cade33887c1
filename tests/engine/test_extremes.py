"""Cells and drives at the edge of what is allowed: a right answer, or a status that says so."""

import numpy as np
import pytest
from engine_cells import ADAPTIVE, CATALOGUE

from exactness import NEAR
from mnexcite import simulate, stimuli
from mnexcite.cells import Cell, Compartment, Coupling, Ion
from mnexcite.channels import Channel, Gate, IonPool

HH = CATALOGUE["HH"]
STEP = stimuli.step(15.0, unit="uA/cm2", start=1.0)


def sigmoid(v, half, slope):
    return 1.0 / (1.0 + np.exp(-(v - half) / slope))


def one(name, channels, pools=(), ions=(), **more):
    return Cell(
        name, Compartment("soma", 1.0, channels, pools=pools, v=-65.0), ions=ions, **more
    )


def only_instantaneous():
    return one(
        "instantaneous",
        [
            Channel("NaP", 0.5, [Gate("m", inf=lambda v: sigmoid(v, -45.0, 5.0))], E=50.0),
            Channel(
                "K", 1.0, [Gate("n", power=2, inf=lambda v: sigmoid(v, -35.0, 8.0))], E=-85.0
            ),
            Channel("leak", 0.1, E=-70.0),
        ],
    )


def pool_that_nothing_reads():
    gate = Gate("d", inf=lambda v: sigmoid(v, -40.0, 6.0), tau=2.0)
    channels = [Channel("CaX", 0.1, [gate], E=60.0, ion="Ca"), Channel("leak", 0.3, E=-65.0)]
    pool = IonPool("Ca", alpha=0.1, tau=10.0, scale=1.0)
    return one("unread", channels, [pool], [Ion("Ca", 60.0)])


def pool_at_zero(initial=0.0, E=60.0):
    z = Gate(
        "z",
        power=2,
        inf=lambda c: np.maximum(c, 0.0) ** 2 / (c**2 + 1e-6),
        tau=lambda c: 1.0 + 1.0 / (1.0 + np.abs(c)),
    )
    d = Gate("d", inf=lambda v: sigmoid(v, -40.0, 6.0))
    channels = [
        Channel("KCa", 0.5, [z], E=-85.0),
        Channel("CaX", 0.05, [d], E=E, ion="Ca"),
        Channel("leak", 0.3, E=-65.0),
    ]
    pool = IonPool("Ca", alpha=1e-3, tau=10.0, initial=initial, scale=1e-3)
    return one("zero", channels, [pool], [Ion("Ca", E)])


ODD = {
    "only instantaneous gates": (only_instantaneous(), 2.0),
    "a pool that nothing reads": (pool_that_nothing_reads(), 5.0),
    "a gate that reads nothing": (pool_at_zero(), 8.0),
    "a gate that reads next to nothing": (pool_at_zero(1e-30), 8.0),
    "no gate and no conductance": (one("bare", [Channel("leak", 0.0, E=-65.0)]), 0.2),
}


@pytest.mark.parametrize("name", ODD)
def test_cells_that_lack_something(name, monkeypatch):
    """Uncompiled, since their structures serve nothing else."""
    cell, amplitude = ODD[name]
    drive = stimuli.step(amplitude, unit="uA/cm2", start=1.0)
    names = tuple(cell.initial)
    given = {"duration": 8.0, "record": names, "every": 0.5}
    truth = simulate(cell, drive, **NEAR, **given)
    monkeypatch.setenv("MNEXCITE_UNCOMPILED", "1")
    for method in ("kaps_rentrop", "dormand_prince"):  # a text for each
        with np.errstate(all="ignore"):
            run = simulate(cell, drive, method=method, threads=1, **given)
        assert run.status == truth.status == "ok"
        for path in names:
            pools = {pool.name: pool.scale for pool in cell.compartments[0].pools}
            scale = 100.0 if path == "v" else pools.get(path, 1.0)
            np.testing.assert_allclose(run[path], truth[path], rtol=0, atol=1e-4 * scale)


@pytest.mark.parametrize("joints", [("ab", "bc"), ("ba", "ca")], ids=["chain", "star"])
def test_three_firing_compartments(joints):
    (membrane,) = HH.compartments
    parts = [
        Compartment(name, 1.0, membrane.channels, v=v)
        for name, v in zip("abc", (-65.0, -64.0, -66.0), strict=True)
    ]
    couplings = [Coupling(a, b, g_c=0.2, name=f"joint{a}{b}") for a, b in joints]
    cell = Cell("three", parts, couplings=couplings, ions=HH.ions, membrane="absolute")
    drive = stimuli.step(20.0, unit="nA", start=1.0, compartment="c")
    run, truth = (
        simulate(cell, drive, duration=20.0, record=("a.v", "b.v", "c.v"), every=0.5, **by)
        for by in ({"method": "rosenbrock"}, NEAR)
    )
    assert len(run.spike_times) == len(truth.spike_times) >= 2
    np.testing.assert_allclose(run.spike_times, truth.spike_times, rtol=0, atol=1e-4)
    for path in run.data:
        # 1e-4 ms at the 400 mV/ms of the upstroke
        np.testing.assert_allclose(run[path], truth[path], rtol=0, atol=0.05)


@pytest.mark.parametrize(
    "changes",
    [
        {"leak.g": 0.0},
        {"leak.g": 1e6},
        {"Na.g": 1e6},
        {"Kdr.g": 1e6},
        {"C": 1e6},
        {"C": 1e-3},  # neither slow nor at once
        {"C": 1e-9},
        {"Na.m.rate": 1e-6},
        {"Na.m.rate": 1e6},
    ],
    ids=str,
)
def test_stiff_and_sluggish_cells(changes):
    """The default method bears rates of 1e9 / ms; its samples and final state too."""
    cell = HH.replaced(changes)
    given = {"duration": 8.0, "every": 0.5, "record": ("v", "Na.m", "Na.h", "Kdr.n")}
    run, truth = (
        simulate(cell, STEP, **by, **given) for by in ({"method": "rosenbrock"}, NEAR)
    )
    assert run.status == truth.status == "ok"
    assert len(run.spike_times) == len(truth.spike_times)
    np.testing.assert_allclose(run.spike_times, truth.spike_times, rtol=0, atol=1e-3)
    for path, scale in (("v", 100.0), ("Na.m", 1.0), ("Na.h", 1.0), ("Kdr.n", 1.0)):
        # within a step of a voltage that follows at once the cubic swings by 1 mV at most:
        # its slopes are h f, and f magnifies what a step may be wrong by
        swing = 1.0 if path == "v" else 4e-3
        np.testing.assert_allclose(run[path], truth[path], rtol=0, atol=swing)
        end, wanted = run.final_state[path][0], truth.final_state[path][0]
        assert end == pytest.approx(wanted, abs=2e-3 * scale)


@pytest.mark.filterwarnings("ignore:.*did not end well")
@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("rosenbrock", {"leak.g": 1e13}),
        ("rosenbrock", {"C": 1e-12}),
        ("dormand_prince", {"leak.g": 1e9}),
        ("dormand_prince", {"leak.g": 1e13}),
        ("dormand_prince", {"C": 1e-12}),
    ],
    ids=str,
)
def test_what_is_too_stiff_is_said_to_be(method, changes):
    """Its steps became too small or too many: no state was infinite or not a number."""
    run = simulate(HH.replaced(changes), STEP, duration=20.0, method=method)
    assert run.status in ("ok", "step_limit")
    assert np.all(np.isfinite(run.final_state.values))


@pytest.mark.filterwarnings("ignore:.*did not end well")
@pytest.mark.parametrize("method", ADAPTIVE)
def test_drives_of_any_height(method):
    """Beside each other: a lane that is driven out of the tables has its status, others run."""
    heights = [0.0, 1e-300, 300.0, 1e6, -1e6, 1e9, -1e300, 1e308, 12.0]
    drives = [stimuli.step(height, unit="uA/cm2", start=5.0) for height in heights]
    batch = simulate(HH, drives, duration=30.0, method=method, record=("v",), every=0.5)
    assert batch.status[:3] == ("ok",) * 3 and batch.status[8] == "ok"
    assert batch.status[3:6] == ("out_of_range",) * 3
    assert set(batch.status[6:8]) <= {"out_of_range", "non_finite"}
    # 1e6 uA/cm2 take 1 uF/cm2 over 150 mV in 0.00015 ms, and a step may go beyond
    np.testing.assert_allclose(batch.ended[3:8], 5.0, rtol=0, atol=1e-3)
    for lane, height in enumerate(heights):
        whole = batch.t < batch.ended[lane]
        assert np.all(np.isfinite(batch["v"][lane, whole]))
        assert np.all(np.isnan(batch["v"][lane, ~whole]))
        if batch.status[lane] == "ok":
            alone = simulate(
                HH, stimuli.step(height, unit="uA/cm2", start=5.0), duration=30.0, method=method
            )
            np.testing.assert_array_equal(alone.spike_times, batch.spike_times[lane])


@pytest.mark.parametrize("method", ADAPTIVE)
@pytest.mark.parametrize("width", [1e-3, 1e-9])
def test_a_pulse_of_a_nanosecond_fires_like_one_of_a_microsecond(method, width):
    """10 nC/cm2 raise 1 uF/cm2 by 10 mV, however fast they come."""
    pulse = stimuli.pulse(10.0 / width, unit="uA/cm2", start=5.0, duration=width)
    run, truth = (simulate(HH, pulse, duration=8.0, **by) for by in ({"method": method}, NEAR))
    assert len(run.spike_times) == len(truth.spike_times) == 1
    np.testing.assert_allclose(run.spike_times, truth.spike_times, rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize("method", ADAPTIVE)
def test_seconds_of_rest(method, name):
    cell = CATALOGUE[name]
    run = simulate(cell, duration=2_000.0, initial="rest", every=10.0, method=method)
    assert run.status == "ok" and len(run.spike_times) == 0
    # an explicit step is as long as it is stable, and trembles by its tolerance
    assert np.ptp(run["v"]) < (1e-9 if method == "rosenbrock" else 1e-3)
    assert run.steps < 40_000


def ramping(threshold):
    """Return a cell whose voltage is the charge it was given, from -70 mV on."""
    cell = one("bare", [Channel("leak", 0.0, E=-65.0)])
    (membrane,) = cell.compartments
    soma = Compartment("soma", 1.0, membrane.channels, v=-70.0)
    return Cell("ramping", soma, spike_threshold=threshold)


@pytest.mark.parametrize("method", ADAPTIVE)
def test_a_crossing_at_an_edge_is_one_spike(method):
    """0.5 uA/cm2 from 1 ms on reach -60 mV at 21 ms, where the current changes too."""
    cell = ramping(-60.0)
    drive = stimuli.step(0.5, unit="uA/cm2", start=1.0)
    for more in (0.25, -0.25, -0.5):
        both = drive + stimuli.step(more, unit="uA/cm2", start=21.0)
        run = simulate(cell, both, duration=40.0, method=method)
        if more > -0.5:  # else it stays at the threshold, a rounding above or below
            assert len(run.spike_times) == 1
        np.testing.assert_allclose(run.spike_times, 21.0, rtol=0, atol=1e-6)


@pytest.mark.parametrize("method", ADAPTIVE)
def test_a_crossing_at_the_end_belongs_to_one_of_two_runs(method):
    cell = ramping(-60.0)
    drive = stimuli.step(0.5, unit="uA/cm2", start=1.0)
    for end in (np.nextafter(21.0, 0.0), 21.0, np.nextafter(21.0, 30.0)):
        first = simulate(cell, drive, duration=end, method=method)
        rest = simulate(cell, drive, duration=9.0, initial=first.final_state, method=method)
        assert len(first.spike_times) + len(rest.spike_times) == 1
