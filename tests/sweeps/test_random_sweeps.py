"""Noise follows from the sweep's seed and the point, and from nothing else."""

from functools import partial

import numpy as np
import pytest

from mnexcite import cells, simulate, sweep
from mnexcite.errors import InputError
from mnexcite.stimuli import ornstein_uhlenbeck, sampled, step
from mnexcite.sweeps import grid
from mnexcite.sweeps.designs.points import seeds_of

HH = cells.hodgkin_huxley_1952()
AXES = {"Na.g": [100.0, 120.0, 140.0], "stimulus.sd": [2.0, 6.0]}
NOISE = partial(ornstein_uhlenbeck, tau=2.0, mean=4.0, unit="uA/cm2", duration=60.0)
OPTIONS = {"duration": 60.0, "measures": ("count", "latency", "cv")}


def own(seed, sd):
    """Return a random current of a user's own."""
    values = 4.0 + sd * np.random.default_rng(seed).standard_normal(300)
    return sampled(values, every=0.2, unit="uA/cm2")


@pytest.mark.parametrize("noise", [NOISE, own])
def test_any_chunks_give_the_same_and_another_seed_does_not(noise):
    ds = sweep(HH, AXES, noise, **OPTIONS)
    for chunk in (1, 4):
        assert sweep(HH, AXES, noise, chunk=chunk, threads=1, **OPTIONS).identical(ds)
    other = sweep(HH, AXES, noise, seed=1, **OPTIONS)
    assert not np.array_equal(other["latency"], ds["latency"])
    if noise is own:
        assert len(np.unique(ds["seed"])) == 6
        assert not set(other["seed"].values.ravel()) & set(ds["seed"].values.ravel())


def test_a_point_can_be_run_again_alone():
    changed, place = HH.replaced({"Na.g": 140.0}), {"Na.g": 2, "stimulus.sd": 1}
    point = int(np.ravel_multi_index((2, 1), (3, 2)))
    for noise in (NOISE, own):
        ds = sweep(HH, AXES, noise, seed=3, **OPTIONS).isel(place)
        if noise is own:
            stimulus = own(int(ds["seed"]), 6.0)
        else:
            stimulus = NOISE(sd=6.0).seeded(3, point)
        alone = simulate(changed, stimulus, duration=60.0, initial="rest")
        assert len(alone.spike_times) == ds["count"] > 0
        assert alone.spike_times[0] == ds["latency"]


def test_a_seed_that_is_set_is_one_for_all():
    fixed = sweep(HH, {"Na.g": [119.0, 120.0]}, NOISE(sd=4.0, seed=5), **OPTIONS)
    swept = sweep(HH, {"stimulus.seed": [5, 6]}, partial(NOISE, sd=4.0), **OPTIONS)
    assert "seed" not in fixed and "seed" not in swept
    assert float(swept["latency"][0]) == float(fixed["latency"][1])


def test_the_store_notices_another_seed(tmp_path):
    sweep(HH, AXES, NOISE, store=tmp_path / "a.zarr", **OPTIONS)
    with pytest.raises(InputError, match="seed is 0 there, 1 here"):
        sweep(HH, AXES, NOISE, store=tmp_path / "a.zarr", seed=1, **OPTIONS)


def test_seeds_do_not_depend_on_the_order():
    points = np.arange(50)
    whole = seeds_of(9, points)
    np.testing.assert_array_equal(seeds_of(9, points[::-1]), whole[::-1])
    assert len(np.unique(np.concatenate([whole, seeds_of(10, points)]))) == 100
    assert whole.min() >= 0 and whole.max() < 2**53  # exact as a float, too


def test_a_plain_stimulus_has_no_seed():
    ds = sweep(HH, grid({"Na.g": [120.0]}), step(10.0, unit="uA/cm2"), **OPTIONS)
    assert "seed" not in ds
