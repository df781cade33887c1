"""Fusion index, status, measured forces and files."""

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.muscle import STATUSES, analyse, contract, fast_unit, slow_unit, thenar_unit
from mnexcite.spikes import SpikeTrains


def regular(rate, duration=6000.0):
    return np.arange(0.0, duration, 1000.0 / rate)


def steady_fusion(T, isi):
    """Trough over peak of a regular train, by summing its whole past term by term."""
    past = np.arange(0, math.ceil(50 * T / isi) + 1) * isi
    within = np.linspace(0.0, isi, 20_001)
    since = within[:, None] + past[None, :]
    cycle = (since / T * np.exp(1 - since / T)).sum(axis=1)
    return cycle[-1] / cycle.max()


@pytest.mark.parametrize("rate", [2.0, 5.0, 8.0, 12.0, 25.0, 60.0])
def test_fusion_index_of_a_regular_train_is_the_textbook_value(rate):
    for unit in (slow_unit(), fast_unit(), thenar_unit()):
        force = contract(regular(rate), unit, every=None)
        expected = steady_fusion(unit.contraction_time, 1000.0 / rate)
        # the oracle's peak is sampled 20,000 times per cycle
        assert force.fusion_index == pytest.approx(expected, abs=1e-6)


def test_fusion_index_spans_zero_to_one():
    assert contract([0.0, 3000.0], slow_unit()).fusion_index < 1e-9
    assert contract(regular(100.0), slow_unit()).fusion_index > 0.995
    # no relaxation between two spikes of a doublet: fused, as far as there is a cycle
    assert contract([0.0, 10.0], slow_unit()).fusion_index == 1.0


def test_thenar_unit_fuses_too_early_as_its_docstring_says():
    # Thomas 1991: fusion begins at 5-8 Hz; a twentieth is taken as its beginning
    below, above = (contract(regular(rate), thenar_unit()).fusion_index for rate in (2.5, 3.5))
    assert below < 0.05 < above


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(5.0, 200.0), min_size=2, max_size=20), st.floats(10.0, 120.0))
def test_measuring_the_samples_agrees(intervals, T):
    spikes = np.round(np.cumsum(intervals) * 8) / 8
    unit = slow_unit() if T > 60 else fast_unit()
    force = contract(spikes, unit, every=0.125)
    measured = analyse(force.t, force.force, spikes)
    assert measured.status == force.status == "ok"
    # spikes lie on the samples' grid, 240 steps or more to a contraction time: a top is missed
    # and the trapezoidal rule errs by parts of (1/240)^2 / 8 = 2e-6 of a few twitches
    assert measured.peak == pytest.approx(force.peak, abs=1e-5)
    assert measured.mean == pytest.approx(force.mean, abs=1e-5)
    assert measured.fusion_index == pytest.approx(force.fusion_index, abs=1e-5)


def test_statuses_say_why_there_is_no_fusion_index():
    lists = [[], [10.0], [10.0, 60.0]]
    forces = contract(lists, slow_unit(), duration=500)
    assert forces.status == ("no_spikes", "too_few_spikes", "ok")
    assert np.isnan(forces.fusion_index).tolist() == [True, True, False]
    assert forces[0].message == STATUSES["no_spikes"]
    assert forces.peak[0] == forces.mean[0] == forces.baseline[0] == 0.0


def test_discard_hides_what_was_before():
    spikes = [0.0, 50.0, 100.0, 700.0]
    force = contract(spikes, slow_unit(), duration=1000, discard=600)
    assert (force.spike_count, force.status) == (1, "too_few_spikes")
    whole = contract(spikes, slow_unit(), duration=1000)
    assert force.peak < whole.peak
    np.testing.assert_array_equal(force.force, whole.force)
    assert force.peak == pytest.approx(force.force[600:].max(), rel=1e-3)


def test_spikes_too_close_to_hold_force_have_a_status():
    force = contract([0.0, 5e-324], slow_unit(), duration=100)
    assert force.status == "no_force"
    assert math.isnan(force.fusion_index)


@settings(deadline=None)
@given(st.lists(st.floats(0.0, 500.0), max_size=12, unique=True).map(sorted))
def test_no_nan_without_a_status(spikes):
    force = contract(spikes, fast_unit(), duration=500)
    assert math.isfinite(force.peak) and math.isfinite(force.mean)
    assert math.isnan(force.fusion_index) == (force.status != "ok")
    assume(force.status == "ok")
    assert 0.0 <= force.fusion_index <= 1.0


def test_twitch_tetanus_ratio():
    forces = contract([[1.0], [2.0]], [slow_unit(), fast_unit()])
    np.testing.assert_allclose(forces.twitch_tetanus_ratio, 0.1105, atol=5e-5)
    assert forces[1].twitch_tetanus_ratio == forces.twitch_tetanus_ratio[1]
    with pytest.raises(InputError, match="measured"):
        _ = analyse([0.0, 1.0], [0.0, 0.0], []).twitch_tetanus_ratio


def test_lanes_are_a_sequence():
    forces = contract([[1.0], [2.0, 30.0]], slow_unit(), duration=100)
    assert len(forces) == len(list(forces)) == 2
    assert forces[-1].spike_count == 2
    with pytest.raises(IndexError):
        _ = forces[2]


def test_a_measured_force_may_have_a_baseline_and_too_few_spikes():
    t = np.arange(0.0, 1000.0)
    trace = 3.0 + np.sin(2 * np.pi * t / 100) ** 2
    force = analyse(t, trace, [100, 200, 300], baseline=2.0)
    assert force.fusion_index == pytest.approx(0.5, abs=1e-3)
    assert analyse(t, trace, [100.0]).status == "too_few_spikes"
    assert analyse(t, trace, []).status == "no_spikes"
    assert analyse(t, trace, [100, 200], baseline=9.0).status == "no_force"
    assert analyse(t, trace, [100, 2000]).spike_count == 1


BAD = {
    "shapes": lambda: analyse([0, 1, 2], [0, 1], []),
    "one sample": lambda: analyse([0], [0], []),
    "not rising": lambda: analyse([0, 2, 1], [0, 0, 0], []),
    "nan": lambda: analyse([0, 1, 2], [0, math.nan, 0], []),
    "trains": lambda: analyse([0, 1, 2], [0, 0, 0], [[1], [2]]),
    "discard": lambda: analyse([0, 1, 2], [0, 0, 0], [], discard=2),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD)
def test_bad_trace_is_refused_in_one_line(call):
    with pytest.raises(InputError) as error:
        call()
    assert "\n" not in str(error.value)


def test_data_set_has_units_and_flags():
    forces = contract([[10.0], [20.0, 90.0]], [slow_unit(), fast_unit()], duration=200)
    data = forces.to_xarray()
    assert data["force"].dims == ("lane", "time")
    assert data["force"].attrs["long_name"] == "force, fraction of fused force"
    assert data["force"].attrs["units"] == "1"
    assert data["time"].attrs["units"] == "ms"
    assert data["motor_unit"].values.tolist() == ["slow unit", "fast unit"]
    meanings = data["status"].attrs["flag_meanings"].split()
    assert [meanings[code] for code in data["status"].values] == ["too_few_spikes", "ok"]
    assert data["contraction_time"].attrs["status"] == "published"
    one = forces[1].to_xarray()
    assert one["force"].dims == ("time",)
    assert float(one["fusion_index"]) == forces.fusion_index[1]
    assert float(one["contraction_time"]) == 30.0
    assert "motor_unit" not in analyse([0.0, 1.0], [0.0, 0.0], []).to_xarray()


def test_data_set_survives_zarr(tmp_path):
    trains = SpikeTrains.from_list([[10.0], [20.0, 90.0]], names=("a", "b"))
    data = contract(trains, slow_unit(), duration=200).to_xarray()
    data.to_zarr(tmp_path / "force.zarr", consolidated=False)
    back = xr.open_zarr(tmp_path / "force.zarr", consolidated=False).load()
    xr.testing.assert_identical(data["force"], back["force"])
    np.testing.assert_array_equal(data["status"], back["status"])
    assert back["name"].values.tolist() == ["a", "b"]
    one = contract([10.0], slow_unit(), duration=200).to_xarray()
    one.to_zarr(tmp_path / "one.zarr", consolidated=False)
    back = xr.open_zarr(tmp_path / "one.zarr", consolidated=False).load()
    assert back["motor_unit"].item() == "slow unit"


def old_index(spikes, T):
    """Trough over peak of the last cycle, twitches summed on a fine grid (gain 1)."""
    t = np.linspace(spikes[-2], spikes[-1], 4001)
    since = t[:, None] - np.asarray(spikes[:-1])[None, :]
    total = (np.maximum(since, 0) / T * np.exp(1 - since / T)).sum(axis=1)
    return total[total.argmax() :].min() / total.max()


@pytest.mark.parametrize(
    ("last", "moved"),
    [([10.0], 0.005), ([450.0], 0.005), ([1000.0], 0.005), ([5.0, 5.0, 5.0], 0.005)],
)
def test_a_last_doublet_or_pause_hardly_changes_the_index(last, moved):
    # 5.5 Hz and T/ISI below 0.4 all along but for the short ones: twitches of one size
    for rate in (4.0, 5.5, 10.0, 20.0):
        steady = regular(rate)
        whole = contract(steady, slow_unit()).fusion_index
        ended = contract([*steady, *(steady[-1] + np.cumsum(last))], slow_unit()).fusion_index
        assert ended == pytest.approx(whole, abs=moved)
    # where the last cycle decided, it did
    assert abs(old_index([*regular(4.0), 5760.0], 90.0) - steady_fusion(90.0, 250.0)) > 0.5


def test_the_index_of_irregular_trains_depends_less_on_where_they_end():
    rng = np.random.default_rng(2)
    times = np.cumsum(rng.gamma(0.45**-2, 250.0 * 0.45**2, 200))
    ends = [contract(times[:n], slow_unit()).fusion_index for n in range(100, 200, 4)]
    last = [old_index(times[:n], slow_unit().contraction_time) for n in range(100, 200, 4)]
    # of 25 ends; a median of 20 values spreads by about 1.25/sqrt(20) of theirs
    assert np.std(ends) < 0.5 * np.std(last)


def test_regular_doublets_relax_as_their_rhythm_does():
    rhythm = np.arange(0.0, 6000.0, 250.0)
    doublets = np.add.outer(rhythm, [0.0, 5.0]).ravel()
    for cut in (None, -1):
        found = contract(doublets[:cut], fast_unit()).fusion_index
        assert found < 0.3  # not the 1 of the cycles within doublets


def test_the_mean_of_fused_force_is_one_and_only_its_peak_is_above():
    rng = np.random.default_rng(4)
    gaps = rng.gamma(0.45**-2, 1000.0 / 30.0 * 0.45**2, 2000)
    force = contract(np.cumsum(gaps), slow_unit(), discard=2000.0, duration=50_000.0)
    assert 0.97 < force.mean <= 1.0
    assert 1.0 < force.peak < 1.1
