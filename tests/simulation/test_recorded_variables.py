"""What is recorded: states, currents computed again by hand, and the law they obey."""

from functools import cache

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from exactness import TRUTH, by
from mnexcite import Synapse, cells, simulate, stimuli
from mnexcite.engine.methods import METHODS
from mnexcite.equations.structure import structure_of

HH, PB, MK, BRK = (
    cells.hodgkin_huxley_1952(),
    cells.purvis_butera_2005(),
    cells.molkov_2025(),
    cells.booth_rinzel_kiehn_1997(),
)
FIXED = ("staggered", "exponential_euler", "runge_kutta_4")
FREE = ("rosenbrock", "dormand_prince", "reference")


def sigmoid(v, half, slope):
    return 1.0 / (1.0 + np.exp(-(v - half) / slope))


@pytest.mark.parametrize("method", METHODS)
def test_currents_are_what_their_gates_make_of_the_voltage(method):
    """By hand, with the papers' numbers."""
    drive = stimuli.step(1.0, unit="nA", start=1.0)
    names = ("v", "Na.m", "Na.h", "Na.i", "SK.z", "SK.i", "CaP.m", "CaP.i", "h.m", "h.i")
    run = simulate(PB, drive, duration=8.0, record=(*names, "leak.i", "Ca"), **by(method))
    v = run["v"]
    np.testing.assert_allclose(
        run["Na.i"], 0.7 * run["Na.m"] ** 3 * run["Na.h"] * (v - 60.0), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(
        run["SK.i"], 0.3 * run["SK.z"] ** 2 * (v + 80.0), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(
        run["CaP.i"], 0.05 * run["CaP.m"] * (v - 40.0), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(run["h.i"], 0.005 * run["h.m"] * (v + 38.8), rtol=1e-12)
    np.testing.assert_allclose(run["leak.i"], 0.005 * (v + 50.0), rtol=1e-12, atol=1e-15)
    assert run.units["Na.i"] == "nA" and run.units["v"] == "mV" and run.units["Na.m"] == "1"
    assert run.units["Ca"] == "mM"


@pytest.mark.parametrize("method", METHODS)
def test_instantaneous_gates_follow_the_recorded_voltage_and_calcium(method):
    drive = stimuli.step(15.0, unit="uA/cm2")
    run = simulate(
        MK.replaced({"NaP.g": 0.3, "ions.K_o": 5.0}),
        drive,
        duration=5.0,
        record=("v", "Ca", "Na.m", "Na.h", "Na.i", "NaP.i", "KCa.z", "KCa.i", "CAN.i"),
        **by(method),
    )
    v, ca = run["v"], run["Ca"]
    E_K = 26.54 * np.log(5.0 / 140.0)
    m = sigmoid(v, -35.0, 7.8)
    np.testing.assert_allclose(run["Na.m"], m, rtol=1e-12)
    np.testing.assert_allclose(
        run["Na.i"], 120.0 * m**3 * run["Na.h"] * (v - 55.0), rtol=1e-11, atol=1e-13
    )
    np.testing.assert_allclose(
        run["NaP.i"], 0.3 * sigmoid(v, -53.0, 3.0) * (v - 55.0), rtol=1e-11
    )
    np.testing.assert_allclose(run["KCa.z"], ca / (ca + 0.2e-3), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(
        run["KCa.i"], 0.25 * ca / (ca + 0.2e-3) * (v - E_K), rtol=1e-11, atol=1e-14
    )
    np.testing.assert_allclose(run["CAN.i"], ca / (ca + 0.74e-3) * v, rtol=1e-11, atol=1e-14)
    assert run.units["CAN.i"] == "uA/cm2"


def channels_of(cell, compartment=None):
    part = next(c for c in cell.compartments if compartment in (None, c.name))
    prefix = "" if len(cell.compartments) == 1 else f"{part.name}."
    return [f"{prefix}{channel.name}.i" for channel in part.channels]


@pytest.mark.parametrize(
    ("cell", "amplitude"), [(HH, 12.0), (PB, 1.0), (MK, 20.0)], ids=["HH", "PB", "MK"]
)
def test_currents_balance_the_charging_of_the_membrane(cell, amplitude):
    """C dv/dt = injected current less the sum of all membrane currents."""
    run = simulate(
        cell,
        stimuli.step(amplitude, unit=cell.units["i"]),
        duration=4.0,
        every=FINE,
        **TRUTH,
        record=("v", *channels_of(cell)),
    )
    assert len(run.spike_times) >= 1
    total = sum(run[name] for name in channels_of(cell))
    charging = cell.parameters["C"].value * CubicSpline(run.t, run["v"])(run.t, 1)
    assert_balanced(charging, amplitude - total)


FINE = 0.001


def assert_balanced(charging, flow):
    """Compare C dv/dt by a spline with the sum of currents.

    Samples are 0.001 ms apart, and the steepest upstroke, of 4000 mV/ms, takes some 20 of
    them: the spline's slope is then good to some 1e-4. Its ends are worse, and left out.
    """
    inner = slice(10, -10)
    np.testing.assert_allclose(
        charging[inner], flow[inner], rtol=0, atol=5e-4 * np.abs(flow).max()
    )


def test_currents_balance_in_two_compartments():
    """Couplings count too, per area of each compartment (Booth et al. 1997, eqs 1-2)."""
    names = [*channels_of(BRK, "soma"), *channels_of(BRK, "dendrite")]
    run = simulate(
        BRK,
        stimuli.step(25.0, unit="uA/cm2"),
        duration=4.0,
        every=FINE,
        **TRUTH,
        record=("soma.v", "dendrite.v", *names),
    )
    assert len(run.spike_times) >= 1
    soma, dendrite = run["soma.v"], run["dendrite.v"]
    for name, other, share, injected in (
        ("soma", dendrite, 0.1, 25.0),
        ("dendrite", soma, 0.9, 0.0),
    ):
        v = run[f"{name}.v"]
        total = sum(run[channel] for channel in channels_of(BRK, name))
        charging = CubicSpline(run.t, v)(run.t, 1)
        assert_balanced(charging, injected - total - 0.1 / share * (v - other))


def test_calcium_is_fed_by_the_calcium_currents():
    """dCa/dt = -0.0005 (I_T + I_N + I_P) - 0.04 Ca (Purvis & Butera 2005)."""
    run = simulate(
        PB,
        stimuli.step(1.0, unit="nA"),
        duration=8.0,
        every=0.005,
        **TRUTH,
        record=("Ca", "CaT.i", "CaN.i", "CaP.i"),
    )
    slope = CubicSpline(run.t, run["Ca"])(run.t, 1)
    flow = -0.0005 * (run["CaT.i"] + run["CaN.i"] + run["CaP.i"]) - 0.04 * run["Ca"]
    assert_balanced(slope, flow)


def test_defaults_of_what_is_recorded():
    one = simulate(HH, duration=2.0)
    assert set(one.data) == {"v"}
    batch = simulate(HH, duration=2.0, parameters={"Na.g": [100.0, 120.0]})
    assert set(batch.data) == set() and batch.t.size == 0
    silent = simulate(HH, duration=2.0, record=())
    assert set(silent.data) == set()
    assert set(simulate(HH, duration=2.0, record="Na.m").data) == {"Na.m"}
    twice = simulate(HH, duration=2.0, record=("v", "v"))
    assert set(twice.data) == {"v"}


FINE_SAMPLES = [(2.0, 0.025, 0.1, 20), (2.0, 0.025, 0.075, 27), (0.05, 0.025, 0.1, 1)]
COARSE_SAMPLES = (3.0, 0.5, 0.5, 6)  # a step that only the implicit methods bear


@pytest.mark.parametrize(
    ("method", "samples"),
    [(method, samples) for method in FIXED for samples in FINE_SAMPLES]
    + [(method, COARSE_SAMPLES) for method in FIXED if method != "runge_kutta_4"],
)
def test_samples_start_at_zero_and_stop_before_the_end(method, samples):
    duration, dt, every, count = samples
    run = simulate(HH, duration=duration, dt=dt, every=every, **by(method))
    np.testing.assert_allclose(run.t, every * np.arange(count), rtol=1e-12, atol=1e-12)
    assert run["v"].shape == (count,)
    assert run.final_state.time == pytest.approx(duration, rel=1e-12)


@pytest.mark.parametrize("method", FREE)
@pytest.mark.parametrize(
    ("duration", "every", "count"),
    [
        (2.0, 0.1, 20),
        (2.0, 0.075, 27),
        (0.05, 0.1, 1),
        (2.0, 1e-4, 20_000),  # many to a step
        (0.0213, 0.001, 22),
        (12.0, 2.9, 5),  # many steps to a sample
        (2.9, 2.9, 1),  # the end is no sample
        (2.90001, 2.9, 2),
        (1e-6, 1e-7, 10),
        (3.0, 1e6, 1),
    ],
)
def test_samples_of_methods_that_choose_their_steps(method, duration, every, count):
    drive = stimuli.step(20.0, unit="uA/cm2", start=0.0101)
    run = simulate(HH, drive, duration=duration, every=every, **by(method))
    np.testing.assert_array_equal(run.t, every * np.arange(count))
    assert run["v"].shape == (count,) and np.all(np.isfinite(run["v"]))
    assert run.final_state.time == duration
    assert run["v"][0] == HH.initial["v"]


@pytest.mark.parametrize("method", FREE[:2])
def test_samples_at_an_edge_of_the_stimulus(method):
    """The edge is a step's end: the sample there is the step's own, on either side it bends."""
    drive = stimuli.step(100.0, unit="uA/cm2", start=1.5, duration=0.5)
    every = 0.125
    run = simulate(HH, drive, duration=4.0, every=every, **by(method))
    truth = simulate(HH, drive, duration=4.0, every=every, **TRUTH)
    # 1e-6 of 100 mV per step, a dozen steps, and what an upstroke makes of it
    np.testing.assert_allclose(run["v"], truth["v"], rtol=0, atol=5e-3)
    before, at = run["v"][run.t == 1.375][0], run["v"][run.t == 1.5][0]
    assert abs(at - before) < 0.1 and run["v"][run.t == 1.625][0] - at > 5.0


def test_default_sampling_is_near_a_tenth_of_a_millisecond():
    for cell, dt in ((HH, 0.03), (MK, None), (HH, 1.0), (HH, 0.0125)):
        run = simulate(cell, duration=5.0, dt=dt, method="staggered")
        step = cell.dt if dt is None else dt
        every = run.t[1] - run.t[0]
        assert every == pytest.approx(max(round(0.1 / step), 1) * step)
    for method in FREE:
        assert simulate(HH, duration=5.0, **by(method)).t[1] == 0.1


@pytest.mark.parametrize("method", [*FREE, "staggered"])
def test_sampling_changes_nothing_but_the_samples(method):
    drive = stimuli.step(12.0, unit="uA/cm2")
    given = {"duration": 8.0, **by(method)}
    fine = simulate(HH, drive, every=0.025, **given)
    coarse = simulate(HH, drive, every=0.5, record=("v", "Na.m"), **given)
    # both are multiples of their interval; 0.025 and 0.5 ms round differently
    same = method == "staggered" or np.array_equal(fine.t[::20], coarse.t)
    np.testing.assert_allclose(fine["v"][::20], coarse["v"], rtol=0 if same else 1e-10)
    none = simulate(HH, drive, record=(), **given)
    for run in (fine, coarse):
        np.testing.assert_array_equal(run.spike_times, none.spike_times)
        assert run.final_state == none.final_state


def test_gates_are_sampled_at_the_time_of_the_voltage():
    """The staggered scheme holds gates half a step ahead; a recording must not."""
    drive = stimuli.step(12.0, unit="uA/cm2")
    options = {"duration": 12.0, "every": 0.5, "record": ("v", "Na.m", "Kdr.n")}
    truth = simulate(HH, drive, **TRUTH, **options)
    errors = []
    for dt in (0.02, 0.01, 0.005):
        run = simulate(HH, drive, dt=dt, method="staggered", **options)
        errors.append([np.abs(run[n] - truth[n]).max() for n in ("v", "Na.m", "Kdr.n")])
    order = np.polyfit(np.log([0.02, 0.01, 0.005]), np.log(errors), 1)[0]
    # half a step beside it would be order 1
    np.testing.assert_allclose(order, 2.0, atol=0.3)


@cache
def sampled_truth(cell):
    """Return what a cell is told, with which options, and every state by the reference."""
    unit = cell.units["i"]
    drive = stimuli.step(1.2 if unit == "nA" else 25.0, unit=unit, start=0.5)
    options = {"duration": 6.0, "every": 0.037, "record": tuple(cell.initial)}
    return drive, options, simulate(cell, drive, **TRUTH, **options)


@pytest.mark.parametrize("method", FREE[:2])
@pytest.mark.parametrize("cell", [HH, PB, MK, BRK], ids=["HH", "PB", "MK", "BRK"])
def test_samples_within_steps_are_as_good_as_steps(cell, method):
    """Every state, sampled anywhere, falls with the tolerance."""
    drive, options, truth = sampled_truth(cell)
    names = options["record"]
    pools = {
        s.path(k, pool.name): pool.scale
        for s, cellular in [(structure_of(cell), cell.compartments)]
        for k, compartment in enumerate(cellular)
        for pool in compartment.pools
    }
    errors = []
    for tolerance in (1e-4, 1e-6, 1e-8):
        run = simulate(cell, drive, **by(method), tolerance=tolerance, **options)
        errors.append(
            max(
                np.abs(run[name] - truth[name]).max()
                / (100.0 if name.endswith("v") else pools.get(name, 1.0))
                for name in names
            )
        )
    # an error per step of 1e-4 grows on the upstroke, by some hundred times
    assert errors[0] < 0.05 and errors[1] < errors[0] / 3.0
    # what tables leave, at 1000 mV/ms
    assert errors[2] < max(errors[1] / 3.0, 1e-5)


def test_names_of_compartments():
    run = simulate(BRK, duration=1.0, record=("v", "soma.v", "dendrite.v", "dendrite.CaL.m"))
    np.testing.assert_array_equal(run["v"], run["soma.v"])
    assert run["dendrite.v"][-1] != run["soma.v"][-1]
    assert set(run.data) == {"v", "soma.v", "dendrite.v", "dendrite.CaL.m"}


def test_conductances_and_driving_forces_by_hand():
    """g m^3 h and v - E with the paper's numbers, and their product is the current."""
    names = ("v", "Na.m", "Na.h", "Na.i", "Na.g_open", "Na.drive", "leak.g_open")
    run = simulate(HH, stimuli.step(12.0, unit="uA/cm2"), duration=8.0, record=names)
    np.testing.assert_allclose(run["Na.g_open"], 120.0 * run["Na.m"] ** 3 * run["Na.h"])
    np.testing.assert_array_equal(run["Na.drive"], run["v"] - 50.0)
    np.testing.assert_allclose(run["Na.g_open"] * run["Na.drive"], run["Na.i"], rtol=1e-12)
    np.testing.assert_array_equal(run["leak.g_open"], np.full(run.t.size, 0.3))
    units = [run.units[name] for name in ("Na.g_open", "Na.drive")]
    assert units == ["mS/cm2", "mV"]
    assert run.to_xarray()["Na.g_open"].attrs["long_name"] == "Na open conductance"


def test_a_driving_force_follows_the_potassium_of_its_lane():
    levels = np.array([3.0, 9.0])
    batch = simulate(
        PB, duration=2.0, parameters={"ions.K_o": levels}, record=("v", "Kdr.drive", "Na.drive")
    )
    E = batch["v"] - batch["Kdr.drive"]
    slope = 8.314462618 * (273.15 + PB.temperature) / 96.48533212  # RT / F [mV]
    np.testing.assert_allclose(E[1] - E[0], slope * np.log(3.0), rtol=1e-3)
    np.testing.assert_allclose(batch["v"] - batch["Na.drive"], 60.0, rtol=1e-12)


def test_what_a_stimulus_injects_lane_by_lane():
    """A step, a ramp and a conductance g (E - v), each from its own formula."""
    unit = {"unit": "uA/cm2"}
    told = [
        stimuli.step(3.0, start=2.0, duration=3.0, **unit),
        stimuli.ramp(0.0, 8.0, start=1.0, duration=4.0, **unit),
        stimuli.conductance(0.2, unit="mS/cm2", E=-80.0, start=2.0),
    ]
    batch = simulate(HH, told, duration=8.0, record=("stimulus.i", "v"), every=0.25)
    t, i = batch.t, batch["stimulus.i"]
    np.testing.assert_array_equal(i[0], np.where((t >= 2.0) & (t < 5.0), 3.0, 0.0))
    np.testing.assert_allclose(i[1], np.where((t >= 1.0) & (t < 5.0), 2.0 * (t - 1.0), 0.0))
    shunt = np.where(t >= 2.0, 0.2 * (-80.0 - batch["v"][2]), 0.0)
    np.testing.assert_allclose(i[2], shunt, rtol=1e-12, atol=1e-12)


def test_synapses_and_compartments_say_what_enters_them():
    cell = BRK.with_synapse(Synapse("AMPA", g=0.2, E=0.0, decay=3.0), compartment="dendrite")
    told = stimuli.events("AMPA", [1.0]) + stimuli.step(
        2.0, unit="uA/cm2", compartment="dendrite"
    )
    names = ("dendrite.AMPA.g_open", "dendrite.AMPA.drive", "dendrite.v")
    run = simulate(
        cell, told, duration=5.0, record=(*names, "stimulus.i", "dendrite.stimulus.i")
    )
    opened = np.where(run.t >= 1.0, 0.2 * np.exp((1.0 - run.t) / 3.0), 0.0)
    np.testing.assert_allclose(run["dendrite.AMPA.g_open"], opened, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(run["dendrite.AMPA.drive"], run["dendrite.v"])
    np.testing.assert_array_equal(run["stimulus.i"], 0.0)
    np.testing.assert_array_equal(run["dendrite.stimulus.i"], 2.0)


def test_noise_that_is_recorded_is_the_path_that_was_run():
    noise = stimuli.ornstein_uhlenbeck(1.0, tau=5.0, unit="uA/cm2")
    batch = simulate(HH, [noise] * 2, duration=20.0, seed=3, record=("stimulus.i",))
    for lane in range(2):
        own = noise.seeded(3, lane).at(batch.t)
        np.testing.assert_allclose(batch["stimulus.i"][lane], own, rtol=1e-9, atol=1e-12)
    assert np.ptp(batch["stimulus.i"]) > 0.5


def test_reading_what_was_not_recorded():
    run = simulate(HH, duration=1.0, record=("Na.m",))
    with pytest.raises(ValueError, match="was not recorded"):
        run["Na.h"]
    batch = simulate(HH, duration=1.0, parameters={"Na.g": [1.0, 2.0]}, record=("v",))
    with pytest.raises(ValueError, match=r"'Na\.m' was not recorded"):
        batch["Na.m"]
    with pytest.raises(IndexError, match="lane 2 of 2"):
        batch[2]


def test_a_batch_is_a_sequence_of_recordings():
    values = np.array([100.0, 120.0, 140.0])
    batch = simulate(
        HH,
        stimuli.step(12.0, unit="uA/cm2"),
        duration=20.0,
        parameters={"Na.g": values},
        record=("v",),
    )
    assert len(batch) == 3 and batch["v"].shape == (3, len(batch.t))
    lanes = list(batch)
    assert [lane.cell.parameters["Na.g"].value for lane in lanes] == values.tolist()
    np.testing.assert_array_equal(batch[-1]["v"], batch["v"][2])
    np.testing.assert_array_equal(batch.parameters["Na.g"], values)
    assert batch[0].status == "ok" and batch[0].as_batch()["v"].shape == (1, len(batch.t))
