"""Force of spike trains against a direct sum over all spikes and against closed forms."""

import math
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mnexcite as mx
from mnexcite.errors import InputError
from mnexcite.muscle import (
    Force,
    Forces,
    MotorUnit,
    contract,
    fast_unit,
    force_from_rate,
    fuglevand_pool,
    slow_unit,
    thenar_unit,
)
from mnexcite.spikes import SpikeTrains

PRESETS = [slow_unit(), fast_unit(), thenar_unit()]
# one twitch in units of fused force, from the two forms' equations
TWITCH = (1 - math.exp(-2 * 0.4**3)) / (0.4 * math.e)

trains = st.lists(st.floats(0.0, 900.0), max_size=40, unique=True).map(sorted)


def gains(spikes, T):
    out = []
    for i in range(len(spikes)):
        x = T / (spikes[i] - spikes[i - 1]) if i else 0.0
        if x < 0.4:
            out.append(1.0)
        else:
            out.append(
                ((1 - math.exp(-2 * min(x, 10) ** 3)) / x) / ((1 - math.exp(-0.128)) / 0.4)
            )
    return out


def direct_sum(t, spikes, T):
    force = np.zeros_like(t)
    for spike, g in zip(spikes, gains(spikes, T), strict=True):
        since = np.maximum(t - spike, 0.0)
        force += g * TWITCH * since / T * np.exp(1 - since / T)
    return force


def direct_integral(start, stop, spikes, T):
    def until(u):
        return 1 - (1 + u) * np.exp(-u)

    total = 0.0
    for spike, g in zip(spikes, gains(spikes, T), strict=True):
        first, last = max(start - spike, 0.0) / T, max(stop - spike, 0.0) / T
        total += g * TWITCH * math.e * T * (until(last) - until(first))
    return total


@settings(deadline=None)
@given(trains, st.floats(1.0, 300.0), st.sampled_from([1.0, 0.1, 3.7]))
def test_samples_equal_the_direct_sum(spikes, T, every):
    force = contract(spikes, MotorUnit("any", T), duration=1000.0, every=every)
    # rounding of a sum of at most 40 terms of order 1
    np.testing.assert_allclose(force.force, direct_sum(force.t, spikes, T), rtol=0, atol=1e-12)
    assert (force.force >= 0).all()


@settings(deadline=None)
@given(trains, st.floats(1.0, 300.0), st.floats(0.0, 990.0))
def test_mean_is_the_exact_integral(spikes, T, discard):
    force = contract(spikes, MotorUnit("any", T), duration=1000, every=None, discard=discard)
    expected = direct_integral(discard, 1000.0, spikes, T) / (1000.0 - discard)
    # the oracle's 1 - (1 + u) e^-u loses digits: 1e-16 of T, over 10 ms at least
    assert force.mean == pytest.approx(expected, rel=1e-10, abs=1e-12)


@settings(deadline=None)
@given(trains, st.floats(5.0, 300.0))
def test_peak_is_between_samples_too(spikes, T):
    force = contract(spikes, MotorUnit("any", T), duration=1000, every=0.25)
    assert force.peak >= force.force.max() - 1e-14
    # a top between samples lies above them by less than slope x step; each twitch's slope is
    # at most g P e / T and no gain exceeds 2.8
    assert force.peak - force.force.max() <= 2.8 * len(spikes) * TWITCH * math.e / T * 0.125


def test_one_spike_is_one_twitch():
    force = contract([100.0], slow_unit(), duration=1000)
    assert force.peak == pytest.approx(TWITCH, rel=1e-14)
    assert force.t[force.force.argmax()] == 190.0
    assert (force.force[:101] == 0).all()


@pytest.mark.parametrize("unit", PRESETS, ids=lambda unit: unit.name)
@pytest.mark.parametrize("rate", [2.0, 5.0, 8.0, 10.27, 14.5, 25.0, 40.0, 67.0, 150.0])
def test_regular_train_reaches_the_rate_form(unit, rate):
    isi = 1000.0 / rate
    settled = math.ceil(40 * unit.contraction_time / isi) + 1
    spikes = np.arange(settled + 11) * isi
    force = contract(spikes, unit, duration=spikes[-1], discard=spikes[-11], every=None)
    x = unit.contraction_time / isi
    published = 1 - math.exp(-2 * x**3) if x > 0.4 else x / 0.4 * (1 - math.exp(-0.128))
    # ten whole cycles, 40 T after the start: what is left of the start is 40 e^-40
    assert force.mean == pytest.approx(published, rel=1e-9)
    assert force.mean == pytest.approx(float(force_from_rate(rate, unit)), rel=1e-9)


def test_ripple_of_a_regular_train_falls_with_rate():
    ripples = []
    for rate in (3, 5, 8, 12, 18, 27, 40, 60):
        spikes = np.arange(0.0, 8000.0, 1000.0 / rate)
        force = contract(
            spikes, slow_unit(), every=0.5, duration=spikes[-1], discard=spikes[-2]
        )
        last_cycle = force.force[force.t >= spikes[-2]]
        ripples.append(np.ptp(last_cycle) / force.mean)
    assert all(np.diff(ripples) < 0)


def test_sick_purvis_butera_rate_gives_an_unfused_contraction_of_80_percent():
    spikes = np.arange(0.0, 10_000.0, 1000 / 10.27)
    force = contract(spikes, slow_unit(), duration=10_000, discard=2000)
    assert force.mean == pytest.approx(0.80, abs=0.02)
    assert 0.8 < force.fusion_index < 0.95


def test_company_changes_no_bit():
    rng = np.random.default_rng(0)
    lists = [np.sort(rng.uniform(0, 1000, n)) for n in (0, 1, 2, 30, 7)]
    units = [slow_unit(), fast_unit(), thenar_unit(), slow_unit(), MotorUnit("mine", 77.0)]
    together = contract(lists, units, duration=1000, discard=100)
    for lane, (spikes, unit) in enumerate(zip(lists, units, strict=True)):
        alone = contract(spikes, unit, duration=1000, discard=100)
        for name in ("force", "peak", "mean", "fusion_index", "status", "spike_count"):
            np.testing.assert_array_equal(getattr(alone, name), getattr(together[lane], name))


@pytest.mark.parametrize(
    "spikes",
    [
        [10.0, 60.0],
        (10, 60),
        np.array([10, 60]),
        SimpleNamespace(spike_times=np.array([10.0, 60.0])),
    ],
    ids=["list", "tuple", "integers", "recording"],
)
def test_one_train_of_any_kind_gives_1d_force(spikes):
    force = contract(spikes, slow_unit(), duration=100)
    assert isinstance(force, Force)
    assert force.force.shape == force.t.shape == (101,)
    np.testing.assert_array_equal(
        force.force, contract([10.0, 60.0], slow_unit(), duration=100).force
    )


@pytest.mark.parametrize(
    "spikes",
    [
        [[10.0, 60.0], []],
        [np.array([10.0, 60.0]), np.array([])],
        SpikeTrains.from_list([[10.0, 60.0], []]),
        SimpleNamespace(spike_times=SpikeTrains.from_list([[10.0, 60.0], []])),
    ],
    ids=["lists", "arrays", "trains", "batch"],
)
def test_several_trains_of_any_kind_give_lanes(spikes):
    forces = contract(spikes, slow_unit(), duration=100)
    assert isinstance(forces, Forces)
    assert forces.force.shape == (2, 101)
    assert (forces.force[1] == 0).all()
    np.testing.assert_array_equal(
        forces.force[0], contract([10.0, 60.0], slow_unit(), duration=100).force
    )


def test_a_pool_is_driven_by_one_train_or_one_train_each():
    pool = fuglevand_pool(5)
    together = contract([10.0, 60.0], pool, duration=200)
    each = contract([[10.0, 60.0]] * 5, pool, duration=200)
    assert together.force.shape == (5, 201)
    np.testing.assert_array_equal(together.force, each.force)
    # fused force 1 to 100, and one spike train: forces rise with size
    assert all(np.diff(together.peak) > 0)


def test_names_of_trains_stay():
    named = SpikeTrains.from_list([[10.0], [20.0]], names=("a", "b"))
    assert contract(named, slow_unit()).names == ("a", "b")


def test_duration_defaults_to_the_recording_or_ten_contraction_times_after_the_last_spike():
    recording = SimpleNamespace(spike_times=np.array([10.0]), duration=250.0)
    assert contract(recording, slow_unit()).duration == 250.0
    recording.start = 1000.0
    assert contract(recording, slow_unit()).duration == 1250.0
    assert contract([10.0], slow_unit()).duration == 910.0
    assert contract([[10.0], [20.0]], [slow_unit(), fast_unit()]).duration == 920.0


def test_spikes_after_duration_are_ignored():
    whole = contract([10.0, 60.0, 150.0, 900.0], slow_unit(), duration=150)
    cut = contract([10.0, 60.0, 150.0], slow_unit(), duration=150)
    np.testing.assert_array_equal(whole.force, cut.force)
    assert whole.spike_count == cut.spike_count == 3


def test_sample_grid_ends_at_the_duration_despite_rounding():
    # 0.1 is not a binary fraction: 3 * 0.1 > 0.3
    assert contract([0.0], slow_unit(), duration=0.3, every=0.1).t.size == 4
    assert contract([0.0], slow_unit(), duration=4000, every=0.1).t.size == 40_001
    assert contract([0.0], slow_unit(), duration=10.5, every=1.0).t[-1] == 10.0


def test_without_samples_the_measures_are_the_same():
    spikes = [3.0, 50.0, 120.0]
    with_samples = contract(spikes, slow_unit(), duration=300)
    without = contract(spikes, slow_unit(), duration=300, every=None)
    assert without.force.shape == without.t.shape == (0,)
    assert (without.mean, without.peak) == (with_samples.mean, with_samples.peak)


def test_force_unit_scales_everything():
    unit = slow_unit().with_fused_force(0.3, "N")
    force = contract([0.0, 100.0, 200.0], unit, duration=400)
    plain = contract([0.0, 100.0, 200.0], slow_unit(), duration=400)
    assert force.force_unit == "N"
    np.testing.assert_allclose(force.force, 0.3 * plain.force, rtol=1e-13)
    assert force.mean == pytest.approx(0.3 * plain.mean, rel=1e-13)
    assert force.fusion_index == plain.fusion_index


SLOW = slow_unit()
BAD = {
    "unsorted": lambda: contract([30.0, 20.0], SLOW),
    "repeated": lambda: contract([20.0, 20.0], SLOW),
    "unsorted lane": lambda: contract([[1.0], [30.0, 20.0]], SLOW),
    "negative": lambda: contract([-1.0, 20.0], SLOW),
    "nan": lambda: contract([1.0, math.nan], SLOW),
    "infinite": lambda: contract([1.0, math.inf], SLOW),
    "text": lambda: contract("spikes.csv", SLOW),
    "none": lambda: contract(None, SLOW),
    "number": lambda: contract(5.0, SLOW),
    "two dimensions": lambda: contract(np.ones((2, 3)), SLOW),
    "every 0": lambda: contract([1.0], SLOW, every=0.0),
    "every negative": lambda: contract([1.0], SLOW, every=-1.0),
    "every nan": lambda: contract([1.0], SLOW, every=math.nan),
    "duration 0": lambda: contract([1.0], SLOW, duration=0.0),
    "duration negative": lambda: contract([1.0], SLOW, duration=-5.0),
    "duration infinite": lambda: contract([1.0], SLOW, duration=math.inf),
    "no duration, no spike": lambda: contract([], SLOW),
    "discard beyond": lambda: contract([1.0], SLOW, duration=10, discard=10),
    "discard negative": lambda: contract([1.0], SLOW, duration=10, discard=-1),
    "unit": lambda: contract([1.0], 90.0),
    "unit name": lambda: contract([1.0], "slow"),
    "pairing": lambda: contract([[1.0], [2.0]], [SLOW, SLOW, SLOW]),
    "no units": lambda: contract([1.0], []),
    "mixed units": lambda: contract([1.0], [SLOW, SLOW.with_fused_force(1, "N")]),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_one_line(call):
    with pytest.raises(InputError) as error:
        call()
    assert "\n" not in str(error.value)
    assert any(word in str(error.value) for word in ("allowed", "give"))


def test_importing_muscle_loads_nothing_heavy():
    code = (
        "import sys, mnexcite.muscle; heavy = {'numba', 'scipy', 'xarray', 'matplotlib'} "
        "& set(sys.modules); sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.filterwarnings("ignore::mnexcite.RunWarning")
def test_contract__says_that_the_run_failed():
    cell = mx.cells.hodgkin_huxley_1952()
    drive = mx.stimuli.step(10.0, unit="uA/cm2") + mx.stimuli.step(
        1e5, unit="uA/cm2", start=200.0
    )
    run = mx.simulate(cell, drive, duration=300.0)
    assert run.status == "out_of_range" and run.spike_times.size > 2
    assert mx.muscle.contract(run, mx.muscle.slow_unit()).status == "failed_run"
