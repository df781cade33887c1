"""Units become hyperexcitable, die and are taken over: who, when, and what it does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mnexcite as mx
from mnexcite import motor_pool as mp
from mnexcite.motor_pool.course import deaths

POOL = mp.cramping_pool(8, seed=2)
MANY, PAIR = mp.cramping_pool(64), mp.cramping_pool(2)
#: Cramps of a second or so.
BRIEF = POOL.replaced({"soma.facilitation.tau": 1500.0})


@given(st.floats(0.5, 100.0), st.sampled_from(["largest", "smallest", "random"]))
def test_half_of_those_that_are_left_die_in_each_half_life(half_life, order):
    dies = deaths(MANY, half_life, order, 3)
    for halves in (1, 2, 3):
        assert np.sum(dies > halves * half_life) == 64 // 2**halves
    assert dies.min() > 0.0


def test_the_largest_die_first_and_are_sick_before():
    dies = deaths(POOL, 12.0, "largest", 0)
    assert (np.diff(dies) < 0.0).all()
    pool, strengths = mp.at_month(POOL, 12.0, dies, sick_for=6.0, strength=0.8)
    assert pool.units.number.tolist() == [0, 1, 2, 3]
    assert pool.shares.sum() == pytest.approx(1.0)  # survivors took all over
    # the next to die is sickest; one that dies more than 6 months later is well
    truth = 0.8 * np.clip(1.0 - (dies[:4] - 12.0) / 6.0, 0.0, 1.0)
    np.testing.assert_allclose(strengths, truth)
    assert strengths[-1] == strengths.max() > 0.0
    assert strengths[0] == 0.0
    factor = pool.units.soma["NaP.g"] / POOL.units.soma["NaP.g"][:4]
    np.testing.assert_allclose(factor, 1.0 + strengths)  # als_early: x2 at strength 1
    factor = pool.units.terminal["Kdr.g"]
    np.testing.assert_allclose(factor, 1.0 - 0.3 * strengths)
    healthy, none = mp.at_month(POOL, -20.0, dies)
    assert len(healthy) == 8
    assert not none.any()


@settings(max_examples=10)
@given(st.lists(st.floats(0.0, 2.0), min_size=2, max_size=2))
def test_each_unit_is_as_sick_as_its_own_condition(strengths):
    pool = POOL.chosen([1, 6])
    found = mp.sickened(pool, mx.conditions.als_early, strengths)
    for i, strength in enumerate(strengths):
        alone = pool.under(mx.conditions.als_early(strength))
        for part in ("soma", "terminal"):
            known = getattr(pool, part).parameters
            for path, parameter in getattr(alone, part).parameters.items():
                own = getattr(found.units, part).get(path)
                if own is None:
                    assert parameter.value == known[path].value
                elif not path.endswith(".E"):
                    was = getattr(pool.units, part).get(path, np.ones(2))[i]
                    value = known[path].value * own[i]
                    assert value == pytest.approx(parameter.value * was)


@pytest.fixture(scope="module")
def found():
    return mp.course(
        BRIEF, [9.0, -30.0, 30.0], sick_for=12.0, half_life=6.0, longest=2600.0, lasts=1100.0
    )


def test_a_muscle_twitches_more_and_then_weakens(found):
    early, _, late = found.months
    assert [each.month for each in found.months] == [-30.0, 9.0, 30.0]
    assert [each.alive for each in found.months] == [8, 3, 1]
    assert [each.hyperexcitable for each in found.months] == [0, 2, 1]
    assert early.strength == pytest.approx(1.0)
    # five times its own force at most
    assert late.strength == pytest.approx(5.0 * BRIEF.shares[0])
    per_unit = [each.fasciculations / each.alive for each in found.months]
    assert per_unit[1] > 3.0 * per_unit[0]
    assert early.fasciculations == pytest.approx(mp.expected_fasciculations(BRIEF).sum())
    assert [each.status for each in found.months] == ["ok"] * 3
    assert early.cramped
    assert early.duration > 1000.0
    np.testing.assert_allclose(found.sick_from, found.dies - 12.0)


def test_ctrl_c_keeps_the_months_that_are_done():
    calls = []

    def second(share):
        calls.append(share)
        if len(calls) == 2:
            raise KeyboardInterrupt

    with pytest.raises(mx.errors.Interrupted) as stopped:
        mp.course(
            mp.cramping_pool(2), [50.0, 60.0], lasts=100.0, longest=2000.0, progress=second
        )
    assert [each.month for each in stopped.value.partial.months] == [50.0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"months": []}, "months"),
        ({"months": [1.0], "half_life": 0.0}, "half_life is 0"),
        ({"months": [1.0], "order": "smalest"}, "did you mean 'smallest'"),
        ({"months": [1.0], "kicks": 0.5}, "kicks is 0.5"),
    ],
)
def test_courses_that_are_refused(wrong, said):
    with pytest.raises(mx.InputError, match=said):
        mp.course(POOL, **wrong)


def test_conditions_that_add_to_cells_are_refused():
    with pytest.raises(mx.InputError, match="moves their numbers alone"):
        mp.sickened(POOL, mx.conditions.mexiletine, np.ones(8))
    with pytest.raises(mx.InputError, match="3 strengths for 8 units"):
        mp.sickened(POOL, mx.conditions.als_early, np.ones(3))
    with pytest.raises(mx.InputError, match="condition is 3"):
        mp.sickened(POOL, 3, np.ones(8))
