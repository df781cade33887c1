"""Sodium in the motoneurons of a pool, and where a silent pool stands after a while."""

from dataclasses import replace

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import motor_pool as mp
from mnexcite.motor_pool.ends import resting

QUIET = {"twitches.rate": 0.0, "noise.own": 0.0}
PLAIN, SALTED = (mp.cramping_pool(5, seed=3, sodium=sodium) for sodium in (False, True))


def test_leak_and_pump_of_each_unit_are_its_leak():
    """With sodium at rest: written out, at voltages and for units of the one-leak pool."""
    v = np.linspace(-110.0, 30.0, 29)[:, None]
    p = {path: each.value for path, each in PLAIN.soma.parameters.items()}
    one = (
        p["leak.g"]
        * PLAIN.units.soma["leak.g"]
        * (v - p["leak.E"] - PLAIN.units.soma["leak.E"])
    )
    p = {path: each.value for path, each in SALTED.soma.parameters.items()}
    own = SALTED.units.soma
    sodium = SALTED.soma.initial["Na_i"]
    three = (
        p["leakK.g"] * own["leakK.g"] * (v - p["ions.E_K"])
        + p["leakNa.g"] * own["leakNa.g"] * (v - p["ions.E_Na"])
        + p["NaK.i_max"] * own["NaK.i_max"] / (1.0 + p["NaK.Na.half"] / sodium) ** 3
    )
    np.testing.assert_allclose(three, one, rtol=1e-4, atol=1e-4)


def test_sodium_rests_in_every_unit_near_where_it_does_in_one_cell():
    plain, salted = resting(PLAIN).soma, resting(SALTED).soma
    np.testing.assert_allclose(salted["Na_i"], SALTED.soma.initial["Na_i"], rtol=0.05)
    np.testing.assert_allclose(salted["v"], plain["v"], atol=0.8)


def test_sodium_falls_in_silence_as_in_a_run():
    pool = mp.cramping_pool(2, sodium=True).replaced(QUIET)
    rest = resting(pool)
    full = {**rest.soma, "Na_i": rest.soma["Na_i"] + 4.0}
    loaded = replace(rest, soma=full)
    computed = mp.contract(pool, duration=10_000.0, initial=loaded, threads=1).standing.soma
    skipped = mp.rested(pool, loaded, 10_000.0).soma
    lost = [4.0 + rest.soma["Na_i"] - soma["Na_i"] for soma in (skipped, computed)]
    assert (lost[1] > 0.2).all()
    np.testing.assert_allclose(lost[0], lost[1], rtol=0.06)
    # a pause in two parts is one pause
    twice = mp.rested(pool, mp.rested(pool, loaded, 4_000.0), 6_000.0)
    np.testing.assert_allclose(twice.soma["Na_i"], skipped["Na_i"], rtol=1e-12)


def test_a_threshold_test_begins_where_it_is_told():
    pool = mp.cramping_pool(3).replaced(QUIET)
    rest = resting(pool)
    worked = replace(rest, shared=replace(rest.shared, pump=2.0))
    how = {"lowest": 30.0, "highest": 30.0, "longest": 2000.0, "block": True, "threads": 1}
    fresh, after = (
        mp.cramp_threshold(pool, initial=begin, **how).activity.shared["potassium"]
        for begin in (None, worked)
    )
    assert after.max() < fresh.max() - 0.1


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: mp.cramping_pool(2, sodium="no"), "sodium is 'no'; allowed: True or False"),
        (lambda: mp.rested(PLAIN, resting(SALTED), 1.0), "standing is of other cells"),
        (
            lambda: mp.rested(PLAIN, resting(mp.cramping_pool(2)), 1.0),
            "standing is not of 5 units",
        ),
        (lambda: mp.rested(PLAIN, resting(PLAIN), -1.0), "pause is -1"),
        (
            lambda: mp.contract(SALTED, duration=10.0, initial=resting(PLAIN)),
            "initial is of other cells",
        ),
        (lambda: mp.cramp_threshold(PLAIN, initial=0), "initial is 0; allowed: where a run"),
    ],
)
def test_what_is_refused(made, said):
    with pytest.raises(mx.InputError, match=said):
        made()
