"""The same bits whatever the threads, blocks, executor, store and company of measures."""

from functools import partial

import numpy as np
import pytest
from sweep_oracle import HH, STEP, WATCHING, same_bits, steps

import mnexcite as mx
from mnexcite import measures, sweeps

# points fail on purpose; that a sweep warns of them is tested in test_sweep_failures
pytestmark = pytest.mark.filterwarnings("ignore:.*did not end well:mnexcite.errors.RunWarning")

AXES = {
    "stimulus.amplitude": np.linspace(0.0, 24.0, 5),
    "K.g": mx.factors([0.5, 0.8, 1.0]),
    "ions.K_o": [10.0, 12.0],
}
SEARCH = measures.rheobase(duration=30.0, settle=5.0, precision=0.1)


@pytest.fixture(scope="module")
def plain():
    return _swept(threads=1)


def _swept(**options):
    told = {"duration": 80.0, "discard": 4.0, "measures": ("rate", "phase", "force", "cv")}
    return mx.sweep(HH, AXES, steps, **told | options)


@pytest.mark.parametrize(("chunk", "threads"), [(1, 2), (7, 1), (7, 2), (1000, 2)])
def test_blocks_and_threads_change_no_bit(plain, chunk, threads):
    assert not same_bits(plain, _swept(threads=threads, chunk=chunk))


def test_a_store_holds_the_bits_of_memory(plain, tmp_path):
    stored = _swept(chunk=7, store=tmp_path / "a.zarr")
    assert not same_bits(plain, stored)
    assert stored.attrs.pop("format")
    assert stored.attrs == plain.attrs
    for name in plain.variables:
        assert stored[name].identical(plain[name]), name


def test_shards_and_what_is_computed_again_change_no_bit(plain, tmp_path):
    path = tmp_path / "a.zarr"
    for shard in ("3/3", "1/3"):
        part = _swept(chunk=7, store=path, shard=shard, threads=1)
    assert (part["status"] == -1).any()
    assert np.isnan(part["rate"].values[part["status"].values == -1]).all()
    assert (part["phase"].values[part["status"].values == -1] == -1).all()
    assert not same_bits(plain, _swept(store=path, chunk=64))  # keeps its own blocks
    kept = sweeps.open_store(path)
    kept.forget([0, 2])
    done = []
    again = _swept(store=path, progress=lambda now: done.append(now.computed))
    assert not same_bits(plain, again)
    assert done[-1] == sum(kept.blocks.points(index).size for index in (0, 2))
    done.clear()
    assert not same_bits(plain, _swept(store=path, progress=lambda now: done.append(now.left)))
    assert done == [None]


@pytest.mark.parametrize("method", ["rosenbrock", "staggered"])
def test_any_company_of_measures_gives_the_same_bits(method):
    axes = {"stimulus.amplitude": [0.0, 9.0, 20.0], "Na.g": mx.factors([0.6, 1.0])}

    def impulse(point):
        return point.force.force.sum()

    odd = (
        measures.per_point("odd", impulse, unit="ms", force=True),
        # whose samples are not always those of 0.05 or 1 ms to the bit
        measures.streaming(
            "third",
            lambda span: np.zeros(span.lanes),
            lambda total, w: (
                total + np.add.accumulate(w.v, axis=1)[:, -1] if w.t.size else total
            ),
            lambda total, ending: total,
            unit="mV",
            every=0.3,
        ),
    )
    told = {"duration": 75.0, "discard": 3.0, "method": method}
    everything = (*WATCHING, *odd, SEARCH)
    together = mx.sweep(HH, axes, steps, measures=everything, **told)
    # where steps are fixed, only samples are taken in another way
    sampled = ("voltage", "spike_shape", "phase", *odd)
    company = [(one,) for one in (sampled if method == "staggered" else everything)]
    company += [everything[::-1], everything[1::2], ("phase", "spike_shape")]
    for chosen in company:
        found = mx.sweep(HH, axes, steps, measures=chosen, **told)
        assert not same_bits(together[list(found)], found), chosen


def test_lanes_of_different_kinetics_change_no_bit():
    axes = {"temperature": [6.3, 8.0, 12.0], "Na.m.shift": [0.0, 1.5]}
    told = {"duration": 40.0, "measures": ("rate", "voltage", "phase")}
    plain = mx.sweep(HH, axes, STEP, threads=1, **told)
    assert np.ptp(plain["v_mean"].values) > 0
    for chunk in (1, 4):
        assert not same_bits(plain, mx.sweep(HH, axes, STEP, threads=2, chunk=chunk, **told))


def test_failing_and_restless_points_change_no_bit_of_blocks():
    axes = {"Na.g": mx.factors([1.0, 3.0, 9.0]), "leak.g": mx.factors([1.0, 0.0, 40.0])}
    told = {"duration": 30.0, "measures": ("rate", "phase", "voltage"), "initial": "rest"}
    plain = mx.sweep(HH, axes, threads=1, **told)
    for chunk in (1, 2):
        assert not same_bits(plain, mx.sweep(HH, axes, threads=2, chunk=chunk, **told))


def test_a_constant_temperature_beside_a_swept_stimulus_changes_no_bit():
    drive = partial(mx.stimuli.step, unit="uA/cm2", start=5.0, duration=60.0)
    told = {"duration": 60.0, "measures": ("rate", "voltage", SEARCH)}
    alone = mx.sweep(HH, {"stimulus.amplitude": [8.0, 20.0]}, drive, **told)
    beside = mx.sweep(
        HH, {"stimulus.amplitude": [8.0, 20.0], "temperature": [6.3]}, drive, **told
    )
    for name in alone:
        assert alone[name].values.tobytes() == beside[name].values.tobytes(), name
