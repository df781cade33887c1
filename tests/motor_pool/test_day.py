"""A day of a muscle: triggers by chance, silence in closed form, and work that is kept."""

import numpy as np
import pytest
from scipy import stats

import mnexcite as mx
from mnexcite import motor_pool as mp
from mnexcite.motor_pool.day import draw_triggers, from_json, silent, to_json
from mnexcite.motor_pool.silence import rested

#: A muscle whose cramps last some seconds.
POOL = mp.cramping_pool(4, seed=2).replaced({"soma.facilitation.tau": 2500.0})
#: A day of two triggers, the first of which cramps.
SHORT = {"hours": 0.8, "per_hour": 1.0, "lasts": 1200.0, "longest": 6000.0, "threads": 1}


@pytest.fixture(scope="module")
def one():
    return mp.day(POOL, **SHORT)


def test_triggers_are_a_poisson_process():
    found = np.array(draw_triggers(500.0, 2.0, 900.0, 3))
    gaps = np.diff(found[:, 0], prepend=0.0)
    assert stats.kstest(gaps, "expon", args=(0.0, 1.8e6)).pvalue > 0.01
    assert stats.kstest(found[:, 1] - 0.5, "expon", args=(0.0, 900.0)).pvalue > 0.01
    assert (
        draw_triggers(100.0, 2.0, 900.0, 3)
        == draw_triggers(500.0, 2.0, 900.0, 3)[: np.searchsorted(found[:, 0], 3.6e8)]
    )


def test_a_trigger_cramps_as_it_does_by_itself(one):
    first, second = one.triggers
    assert [first.outcome, second.outcome] == ["cramp", "none"]
    assert one.complete
    assert one.per_day == pytest.approx(24.0 / 0.8)
    key = np.random.SeedSequence([0, 0, 37])
    given = mp.length(-1.0) + mp.effort(0.6, duration=first.lasts)
    run = mp.contract(
        POOL, given, duration=first.ran, seed=int(key.generate_state(1)[0]), threads=1
    )
    cramp = mp.cramp_after(run, first.lasts)
    assert cramp.elicited
    assert cramp.units == first.units
    assert first.duration == pytest.approx(cramp.duration, abs=500.0)
    assert first.rate == pytest.approx(cramp.rate, rel=0.2)


def test_silence_in_closed_form_is_silence_that_is_computed():
    """All that is skipped: cells at rest, gates shut. Without kicks, whose number is not."""
    pool = POOL.replaced({"twitches.rate": 0.0, "noise.own": 0.0})
    given = mp.length(-1.0) + mp.effort(0.6, duration=1500.0)
    run = mp.contract(pool, given, duration=12_000.0, threads=1, until=silent)
    assert run.duration < 12_000.0
    pause = 15_000.0  # six times that of the cleft, the slowest state that is not solved
    computed = mp.contract(pool, duration=pause, initial=run.standing, threads=1).standing
    skipped = rested(pool, run.standing, pause)
    assert skipped.shared.potassium == pytest.approx(computed.shared.potassium, abs=2e-3)
    for name in ("pump", "afferent"):
        truth = getattr(computed.shared, name)
        assert getattr(skipped.shared, name) == pytest.approx(truth, rel=2e-3, abs=1e-6)
    for part in ("soma", "terminal"):
        for path, values in getattr(skipped, part).items():
            truth = getattr(computed, part)[path]
            if path.startswith("v"):
                np.testing.assert_allclose(values, truth, atol=0.3, err_msg=path)
            elif np.abs(truth).max() <= 1.0:  # gates and calcium
                np.testing.assert_allclose(values, truth, atol=0.02, err_msg=path)


def test_what_was_computed_is_kept_and_gone_on_from(one, tmp_path):
    store = tmp_path / "day.json"

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(mx.errors.Interrupted) as stopped:
        mp.day(POOL, **SHORT, store=store, progress=stop)
    assert len(stopped.value.partial.triggers) == 1
    assert mp.load_day(store).triggers == one.triggers[:1]
    again = mp.day(POOL, **SHORT, store=store)
    assert to_json(again) == to_json(one) == store.read_text()
    assert to_json(from_json(to_json(one))) == to_json(one)
    with pytest.raises(mx.InputError, match=r"another day \(not the same: lasts, seed\)"):
        mp.day(POOL, **(SHORT | {"lasts": 900.0, "seed": 2}), store=store)
    with pytest.raises(mx.InputError, match="not the same: pool"):
        mp.day(POOL.under(mx.conditions.mexiletine(8.0)), **SHORT, store=store)


def test_fasciculations_are_the_kicks_that_reach_threshold():
    # only terminals run; strong kicks, often, in a muscle without potassium of its own
    pool = mp.cramping_pool(8, seed=2).replaced(
        {"potassium.release": 0.0, "twitches.rate": 4.0, "twitches.current": 40.0}
    )
    seconds = 8.0
    run = mp.contract(pool, mp.block(), duration=1e3 * seconds, seed=5, threads=1)
    expected = mp.expected_fasciculations(pool).sum() * seconds / 60.0
    assert expected > 40.0
    assert run.terminals.times.size == pytest.approx(expected, abs=3.5 * np.sqrt(expected))


def test_several_days_are_those_of_each(one, tmp_path):
    drug = POOL.under(mx.conditions.mexiletine(8.0))
    short = SHORT | {"hours": 0.3}
    del short["threads"]
    days = mp.day_several({"a": POOL, "b": drug}, folder=tmp_path, **short)
    assert {name: len(each.triggers) for name, each in days.items()} == {"a": 0, "b": 0}
    assert to_json(mp.load_day(tmp_path / "a.json")) == to_json(days["a"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"hours": 0.0}, "hours is 0"),
        ({"per_hour": -1.0}, "per_hour is -1"),
        ({"train": 500.0}, "train is 500"),
        ({"longest": 10.0}, r"longest is 10\.0 ms"),
    ],
)
def test_days_that_are_refused(wrong, said):
    with pytest.raises(mx.InputError, match=said):
        mp.day(POOL, **wrong)


def test_files_that_hold_no_day_are_refused(tmp_path):
    path = tmp_path / "day.json"
    with pytest.raises(mx.StorageError, match=r"cannot read .*day.json"):
        mp.load_day(path)
    for text in ("", "{}", "[1]", '{"settings": 3}'):
        path.write_text(text)
        with pytest.raises(mx.InputError, match="this is no day"):
            mp.load_day(path)


def test_fibres_tire_over_a_day_and_recover_in_its_silence(one):
    fatigue = mp.pool_fatigue(POOL)
    tired = mp.day(POOL, **SHORT, fatigue=fatigue)
    assert tired.complete
    work = mp.length(-1.0) + mp.effort(0.6, duration=1200.0)
    worked = mp.contract_several({"a": POOL}, work, duration=1500.0, fatigue=fatigue)["a"]
    after = worked.standing.fatigued
    assert after[-1] > 0.01
    rest = rested(POOL, worked.standing, 60_000.0, None, fatigue)
    np.testing.assert_allclose(rest.fatigued, after * np.exp(-60.0 / fatigue.recovery))
    assert 0.0 < np.max(tired.standing.fatigued) < np.max(after)
    assert to_json(from_json(to_json(tired))) == to_json(tired)
    assert np.max(one.standing.fatigued) == 0.0
