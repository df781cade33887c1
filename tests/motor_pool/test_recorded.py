"""A laboratory's spikes as a muscle's activity."""

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import motor_pool as mp
from mnexcite.spikes import SpikeTrains, read_csv, read_nwb, write_csv, write_nwb

POOL = mp.cramping_pool(3)


@pytest.fixture(scope="module")
def run():
    return mp.contract(POOL, mp.train(25.0, count=20, start=10.0), duration=1200.0)


def test_recorded_spikes_of_a_run_give_its_force_and_electromyogram(run):
    found = mp.recorded(run.terminals, POOL, duration=1200.0, protocol=run.protocol)
    np.testing.assert_allclose(found.unit_force, run.unit_force, atol=1e-12)
    np.testing.assert_array_equal(found.t, run.t)
    np.testing.assert_array_equal(mp.surface_emg(found).values, mp.surface_emg(run).values)
    assert mp.fasciculations(found).count == mp.fasciculations(run).count


def test_a_pools_spikes_go_through_files(run, tmp_path):
    write_csv(run.terminals, tmp_path / "a.csv")
    write_nwb(run.terminals, tmp_path / "a.nwb")
    csv, nwb = read_csv(tmp_path / "a.csv"), read_nwb(tmp_path / "a.nwb")
    np.testing.assert_array_equal(csv.times, run.terminals.times)
    np.testing.assert_allclose(nwb.times, run.terminals.times, rtol=2**-51)
    forces = [mp.recorded(each, duration=1200.0).force for each in (csv, nwb)]
    np.testing.assert_allclose(forces[0], forces[1], atol=1e-9)


def test_sizes_follow_the_order_and_names_are_kept():
    one = [100.0]
    found = mp.recorded(SpikeTrains.from_list([one] * 4, ("a", "b", "c", "d")))
    assert [unit.name for unit in found.pool.units.muscle] == ["a", "b", "c", "d"]
    peaks = found.unit_force.max(axis=1)
    assert (np.diff(peaks) > 0.0).all()
    assert peaks[-1] / peaks[0] == pytest.approx(10.0, rel=0.01)  # the range of the pool
    assert len(mp.recorded(SpikeTrains.from_list([one])).pool) == 1
    ds = found.to_xarray()
    assert ds["unit"].values.tolist() == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: mp.recorded([1.0]), "trains is"),
        (lambda: mp.recorded(SpikeTrains.from_list([])), "there are 0 trains"),
        (lambda: mp.recorded(SpikeTrains.from_list([[1.0]]), POOL), "1 trains for 3 units"),
        (lambda: mp.recorded(SpikeTrains.from_list([[1.0]]), duration=0.0), "duration is 0"),
    ],
)
def test_what_is_refused(call, said):
    with pytest.raises(mx.InputError, match=said):
        call()
