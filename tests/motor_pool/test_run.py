"""A pool that runs: what must not change a bit, what each part does, what is refused."""

import typing

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import motor_pool as mp

POOL = mp.cramping_pool(6)
SHORT = mp.length(-1.0) + mp.train(40.0, count=12, start=20.0)
BUSY = SHORT + mp.effort(0.05, start=50.0, duration=300.0)


def told(activity):
    """Return all numbers of an activity."""
    return (
        activity.terminals.times.tolist(),
        activity.somas.times.tolist(),
        activity.unit_force.tolist(),
        {name: values.tolist() for name, values in activity.shared.items()},
    )


@pytest.fixture(scope="module")
def busy():
    return mp.contract(POOL, BUSY, duration=400.0, seed=3)


def test_a_run_has_all_its_parts(busy):
    assert busy.status == "ok"
    assert busy.t.size == busy.force.size == busy.shared["potassium"].size == 400
    assert busy.terminals.counts.min() >= 12
    assert busy.somas.counts.sum() > 0
    assert (busy.unit_force >= 0.0).all()
    assert 0.3 < busy.force.max() <= 1.05
    assert busy.shared["potassium"][-1] > 4.1


def test_a_run_is_the_same_again_and_on_more_threads(busy, monkeypatch):
    from mnexcite.motor_pool import loop

    assert told(mp.contract(POOL, BUSY, duration=400.0, seed=3)) == told(busy)
    monkeypatch.setattr(loop, "UNITS_OF_A_THREAD", 1)  # some units beside the others
    assert told(mp.contract(POOL, BUSY, duration=400.0, seed=3, threads=2)) == told(busy)
    other = mp.contract(POOL, BUSY, duration=400.0, seed=4)
    assert told(other) != told(busy)


def test_the_order_of_units_changes_nothing(busy):
    order = np.array([4, 0, 5, 2, 1, 3])
    mixed = mp.contract(POOL.chosen(order), BUSY, duration=400.0, seed=3)
    for place, unit in enumerate(order):
        assert mixed.terminals[place].tolist() == busy.terminals[int(unit)].tolist()
        np.testing.assert_array_equal(mixed.unit_force[place], busy.unit_force[unit])
    for name, values in busy.shared.items():
        np.testing.assert_array_equal(mixed.shared[name], values)


def test_without_what_they_share_units_are_alone():
    free = POOL.replaced(
        {"potassium.release": 0.0, "golgi.gain": 0.0, "noise.loop_common": 0.0}
    )
    drive = mp.effort(0.05, start=20.0) + mp.train(20.0, count=3, start=100.0)
    whole = mp.contract(free, drive, duration=300.0, seed=1)
    for unit in (0, 3, 5):
        alone = mp.contract(free.chosen([unit]), drive, duration=300.0, seed=1)
        assert alone.terminals[0].tolist() == whole.terminals[unit].tolist()
        assert alone.somas[0].tolist() == whole.somas[unit].tolist()


def test_shorter_windows_change_next_to_nothing(busy):
    """Units learn of each other later: some hundredths of mM, tenths of ms."""
    fine = mp.contract(POOL, BUSY, duration=400.0, seed=3, window=2)
    assert abs(fine.terminals.counts - busy.terminals.counts).max() <= 1
    for name, near in (("potassium", 0.01), ("activity", 0.5), ("pump", 1e-3)):
        np.testing.assert_allclose(fine.shared[name], busy.shared[name], atol=near)


def test_a_stimulus_goes_to_the_muscle_and_to_the_spinal_cord():
    one = mp.contract(
        POOL.replaced({"twitches.rate": 0.0}),
        mp.train(5.0, count=1, start=30.0),
        duration=100.0,
    )
    for unit, train in enumerate(one.terminals):
        assert train.size == 1
        assert 30.0 < train[0] < 31.0
        # the antidromic spike reaches the soma after the delay, and is not sent back
        (fired,) = one.somas[unit]
        assert 0.0 < fired - train[0] - POOL.units.delay[unit] < 1.5


def test_a_voluntary_spike_reaches_the_muscle_once():
    quiet = POOL.replaced({"twitches.rate": 0.0})
    run = mp.contract(quiet, mp.effort(0.06, start=10.0, duration=250.0), duration=400.0)
    assert run.somas.counts.sum() > 5
    for unit, fired in enumerate(run.somas):
        twitched = run.terminals[unit]
        assert twitched.size == fired.size
        lag = twitched - fired - POOL.units.delay[unit]
        assert ((lag > 0.0) & (lag < 1.5)).all()


def test_a_block_cuts_both_ways():
    run = mp.contract(POOL, BUSY + mp.block(), duration=400.0, seed=3)
    assert run.somas.counts.sum() == 0
    assert run.terminals.counts.min() == 12
    assert run.shared["afferent"].max() == 0.0


def test_inhibition_and_tension_quiet_motoneurons():
    drive = mp.effort(0.3, start=10.0)
    free = mp.contract(POOL, drive, duration=500.0)
    held = mp.contract(POOL, drive + mp.inhibition(0.5, start=100.0), duration=500.0)
    shocked = mp.contract(
        POOL, drive + mp.tendon_shocks(10.0, count=2, start=100.0), duration=500.0
    )

    def spikes(run, start, stop):
        return run.somas.between(start, stop).counts.sum()

    assert spikes(held, 105.0, 200.0) < 0.5 * spikes(free, 105.0, 200.0)
    # tendon organs are heard 40 ms later
    assert spikes(shocked, 100.0, 139.0) == spikes(free, 100.0, 139.0)
    assert spikes(shocked, 145.0, 195.0) < spikes(free, 145.0, 195.0)


def test_a_run_goes_on_from_where_another_ended():
    first = mp.contract(POOL, SHORT, duration=350.0)
    second = mp.contract(POOL, duration=100.0, initial=first.standing)
    before = first.shared["potassium"][-1]
    assert 0 < before - second.shared["potassium"][0] < 0.01
    assert second.terminals.counts.sum() < 3


def test_a_run_may_end_early():
    run = mp.contract(POOL, duration=60_000.0, until=lambda activity: True)
    assert run.duration == 1000.0


def test_what_was_computed_before_a_stop_is_kept():
    def stop(share):
        if share > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(mx.Interrupted) as stopped:
        mp.contract(POOL, SHORT, duration=100.0, progress=stop)
    assert stopped.value.partial.duration == 50.0
    assert stopped.value.partial.terminals.counts.min() >= 1
    with pytest.raises(mx.Interrupted) as stopped:
        mp.contract_several({"a": POOL, "b": POOL}, SHORT, duration=50.0, progress=later)
    assert list(stopped.value.partial) == ["a"]


def later(share):
    if share > 0.6:
        raise KeyboardInterrupt


def test_datasets_have_units():
    ds = mp.contract(POOL, SHORT, duration=60.0).to_xarray()
    assert ds["potassium"].attrs["units"] == "mmol l-1"
    assert ds["force"].sizes == {"time": 60}
    assert "tuned" in ds.attrs["pool.afferent.half"]


def test_several_pools_run_as_each_does(busy, monkeypatch):
    from mnexcite.motor_pool import several

    monkeypatch.setattr(several, "LOOK", 0.01)
    pools = {"one": POOL, "other": POOL.scaled({"terminal.NaP.g": 1.2})}
    shares: list[float] = []
    found = mp.contract_several(
        pools, BUSY, duration=400.0, seed=3, workers=2, progress=shares.append
    )
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # how far each is is seen while it runs, not only when it is done
    assert len(set(shares)) > 3
    assert told(found["one"]) == told(busy)
    assert list(found) == ["one", "other"]


@pytest.mark.parametrize(
    ("pools", "workers", "processes"), [(3, 2, 3), (5, 2, 2), (4, 2, 2), (2, 4, 2), (3, 1, 1)]
)
def test_a_few_pools_more_than_processors_share_them(pools, workers, processes):
    from mnexcite.motor_pool.several import _workers

    assert _workers(dict.fromkeys(map(str, range(pools)), POOL), workers) == processes


def run(**wrong: typing.Any):
    """Run with an argument that is not allowed."""
    return mp.contract(POOL, duration=10.0, **wrong)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: mp.contract(POOL, duration=0.0), "duration is 0"),
        (lambda: mp.contract(POOL, duration=10.0, window=20), "the shortest delay of an axon"),
        (lambda: run(window=1.5), "window is 1.5"),
        (
            lambda: mp.contract(POOL.replaced({"potassium.ceiling": 3.0}), duration=10.0),
            "the ceiling above the rest",
        ),
        (
            lambda: mp.contract(POOL.replaced({"golgi.delay": 5.0}), duration=10.0),
            "golgi.delay, of tendon organs, 5 ms",
        ),
        (lambda: mp.contract(typing.cast(mp.Pool, "pool"), duration=10.0), "cramping_pool"),
        (lambda: run(protocol=mx.stimuli.train), "protocol"),
        (lambda: mp.contract(POOL, duration=10.0, seed=-1), "seed is -1"),
        (lambda: mp.contract_several({}, duration=10.0), "pools is empty"),
        (lambda: mp.train(0.0), "train: rate is 0"),
        (lambda: mp.train(10.0, count=0), "train: count is 0"),
        (lambda: mp.effort(-0.1), "effort: g is -0.1"),
        (lambda: mp.length(3.0), "length is 3"),
        (lambda: mp.inhibition(1.0, start=-5.0), "inhibition: start is -5"),
        (lambda: mp.tendon_shocks(100.0), "tendon_shocks: rate is 100"),
        (lambda: mp.effort(0.1, duration=0.0), "effort: duration is 0"),
    ],
)
def test_runs_that_are_refused(call, said):
    with pytest.raises(mx.InputError, match=said):
        call()
