"""What motoneurons hear of their muscle and of each other: what it does, what it leaves."""

from itertools import pairwise

import numpy as np
import pytest

from mnexcite import InputError
from mnexcite import motor_pool as mp
from mnexcite.motor_pool.spindles import Spindles
from mnexcite.muscle import Fatigue

POOL = mp.cramping_pool(6)
REFLEXES = POOL.replaced({"Ia.gain": 0.1, "II.gain": 0.01})
SHORT = mp.length(-1.0)
STRETCH = SHORT + mp.length(2.0, start=200.0, duration=10_000.0, rise=500.0)


def rate(run, start, stop):
    return run.terminals.between(start, stop).counts.sum() / (stop - start)


@pytest.fixture(scope="module")
def cramping():
    """Return where a pool stands as its cramp has begun."""
    run = mp.contract(POOL, SHORT + mp.train(40.0, count=60), duration=2_000.0)
    assert rate(run, 1_700.0, 2_000.0) > 0.05
    return run.standing


def heard(spindles, until, window=50):
    """Return the conductance at each ms, found window by window."""
    parts = [
        spindles.at(np.arange(float(start), start + window + 1.0))
        for start in range(0, until, window)
    ]
    for before, after in pairwise(parts):
        assert before[-1] == after[0]
    return np.concatenate([part[:-1] for part in parts])


def test_spindles_tell_velocity_and_length():
    numbers = {name: n.value for name, n in REFLEXES.numbers.items()}
    rises = SHORT + mp.length(2.0, start=500.0, duration=6_000.0, rise=4_000.0)
    told = heard(Spindles(rises.length, numbers), 7_000)
    # held from the start, and 25 and 50 ms late
    assert (told[:526] == 0.0).all()
    speed, length = 0.5, -1.0 + 0.5 * (4.4 - 0.5 - 0.05)
    assert told[4_400] == pytest.approx(0.1 * speed**0.6 + 0.01 * length, rel=1e-6)
    # later length alone, and nothing of a muscle that shortens
    assert told[6_450] == pytest.approx(0.01, rel=1e-3)
    assert (told[6_560:] == 0.0).all()
    np.testing.assert_array_equal(told, heard(Spindles(rises.length, numbers), 7_000, 10))


def test_a_stretch_first_excites_and_then_ends_a_cramp(cramping):
    def stretched(pool, duration):
        return mp.contract(pool, STRETCH, duration=duration, initial=cramping)

    run, deaf = stretched(REFLEXES, 7_000.0), stretched(POOL, 700.0)
    before = rate(run, 0.0, 200.0)
    assert rate(run, 200.0, 400.0) > 1.15 * before
    assert rate(run, 200.0, 700.0) > 1.2 * rate(deaf, 200.0, 700.0)
    assert rate(deaf, 200.0, 400.0) < 1.1 * before
    assert rate(run, 6_000.0, 7_000.0) == 0.0


def test_renshaw_cells_slow_all_units_one_delay_after_the_first_fired():
    effort = mp.effort(0.1, start=10.0)
    free, held = (
        mp.contract(POOL.replaced({"renshaw.gain": gain}), effort, duration=800.0).somas
        for gain in (0.0, 0.02)
    )
    assert (held.counts <= free.counts).all()
    assert held.counts.sum() < 0.9 * free.counts.sum()
    until = free.times.min() + 9.0  # 10, told to the ms
    assert held.between(0.0, until).times.tolist() == free.between(0.0, until).times.tolist()


def test_pressure_inhibits_for_as_long_as_it_lasts(cramping):
    def pressed(p):
        given = SHORT + mp.pressure(p, start=50.0, duration=300.0)
        return mp.contract(POOL, given, duration=700.0, initial=cramping).somas

    free, light, hard = (pressed(p) for p in (0.0, 0.1, 0.4))
    counts = [each.between(100.0, 390.0).counts.sum() for each in (free, light, hard)]
    assert counts[0] > counts[1] > counts[2]
    # heard as late as tendon organs are, and not for long after
    early = [each.between(0.0, 89.0).times.tolist() for each in (free, hard)]
    assert early[0] == early[1]
    assert hard.between(500.0, 700.0).counts.sum() > counts[2] * 200 / 290


def test_a_heated_muscle_is_brisker_and_the_rest_as_it_was():
    drive = mp.effort(0.1) + mp.train(30.0, count=10, start=100.0)
    plain, same, hot = (
        mp.contract(POOL, drive + mp.heat(celsius, start=95.0), duration=450.0)
        for celsius in (37.0, 37.0 + 1e-9, 42.0)
    )
    for end in ("somas", "terminals"):
        one, other = getattr(plain, end), getattr(same, end)
        assert one.counts.tolist() == other.counts.tolist()
        np.testing.assert_allclose(one.times, other.times, atol=1e-3)
    np.testing.assert_allclose(same.unit_force, plain.unit_force, rtol=1e-3, atol=1e-6)
    # from the window on that comes after 95 ms; a brisker twitch fuses less
    np.testing.assert_array_equal(hot.unit_force[:, :99], plain.unit_force[:, :99])
    assert hot.force[300:420].mean() < 0.95 * plain.force[300:420].mean()
    assert hot.status == "ok"
    # the same of fibres that tire, if only from their next spikes on
    never = Fatigue(np.asarray(0.0))
    tired = mp.contract(POOL, hot.protocol, duration=450.0, fatigue=never)
    np.testing.assert_allclose(tired.force[300:420], hot.force[300:420], rtol=0.05)


def test_heat_is_refused_where_nothing_knows_of_it():
    with pytest.raises(InputError, match=r"heat is 60\.0 degC; allowed: 20 to 45"):
        mp.heat(60.0)
    twice = mp.heat(43.0) + mp.heat(43.0)
    with pytest.raises(InputError, match="to 49 degC; allowed: 20 to 45 degC"):
        mp.contract(POOL, twice, duration=10.0)
    with pytest.raises(InputError, match="tired does not know of heat"):
        mp.tired(mp.contract(POOL, mp.heat(40.0), duration=10.0))
    with pytest.raises(InputError, match="pressure is -1"):
        mp.pressure(-1.0)


def test_without_gain_reflexes_change_no_bit(cramping):
    others = {"Ia.tau": 7.0, "Ia.power": 1.0, "renshaw.tau": 3.0}
    deaf, other = (
        mp.contract(pool, STRETCH, duration=400.0, initial=cramping)
        for pool in (POOL, POOL.replaced(others))
    )
    assert deaf.somas.times.tolist() == other.somas.times.tolist()


def test_renshaw_cells_answer_no_sooner_than_a_window():
    with pytest.raises(InputError, match=r"renshaw\.delay, of Renshaw cells, 5 ms"):
        mp.contract(POOL.replaced({"renshaw.delay": 5.0}), duration=10.0)


@pytest.mark.parametrize("rise", [-1.0, 10.0, np.inf])
def test_a_rise_is_within_its_duration(rise):
    with pytest.raises(InputError, match="less than the duration"):
        mp.length(1.0, duration=10.0, rise=rise)
