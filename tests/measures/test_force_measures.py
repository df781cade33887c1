import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from windows import Lane, discards, edges, fold, train

from mnexcite import measures
from mnexcite.errors import InputError
from mnexcite.measures import Ending, Span
from mnexcite.muscle import contract, fast_unit, slow_unit

END = 500.0
UNITS = [slow_unit(), fast_unit()]
# fused force as a product and the twitch as its quotient: a few ulp
ROUNDING = 1e-14


@settings(deadline=None, max_examples=30)
@given(st.lists(train, min_size=1, max_size=3), discards, edges, st.sampled_from(UNITS))
def test_the_numbers_are_those_of_contract(trains, discard, edges, unit):
    lanes = [Lane(t, unit=unit) for t in trains]
    found = fold(measures.force(), lanes, end=END, discard=discard, edges=edges)
    flags = measures.force().outputs[3].flags
    for i, spikes in enumerate(trains):
        # a spike at the end itself is contract's, not that of a window [start, end)
        whole = contract([s for s in spikes if s < END], unit, duration=END, discard=discard)
        assert found["force_mean"][i] == whole.mean
        assert found["force_peak"][i] == whole.peak
        np.testing.assert_array_equal(found["fusion_index"][i], whole.fusion_index)
        assert flags[found["fusion_index_status"][i]] == whole.status


def test_newtons_come_back_as_fractions():
    spikes = np.arange(0.0, END, 60.0).tolist()
    lanes = [Lane(spikes, unit=slow_unit().with_fused_force(0.2, "N"))]
    found = {**fold(measures.force(), lanes, end=END)}
    found |= fold(measures.contraction(0.3), lanes, end=END)
    plain = {**fold(measures.force(), [Lane(spikes)], end=END)}
    plain |= fold(measures.contraction(0.3), [Lane(spikes)], end=END)
    for name, value in plain.items():
        assert found[name][0] == pytest.approx(value[0], rel=ROUNDING), name
    assert 0.0 < plain["contraction_duration"][0] < END


@settings(deadline=None)
@given(train, discards, edges, st.sampled_from([0.0, 0.1, 0.5]), st.sampled_from(UNITS))
def test_contraction_counts_the_milliseconds_above_the_level(
    spikes, discard, edges, level, unit
):
    lanes = [Lane(spikes, unit=unit)]
    measure = measures.contraction(level)
    found = fold(measure, lanes, end=END, discard=discard, edges=edges)
    whole = contract([s for s in spikes if s < END], unit, duration=END)
    expected = sum(
        force > level
        for t, force in zip(whole.t.tolist(), whole.force.tolist(), strict=True)
        if discard <= t < END
    )
    assert found["contraction_duration"][0] == expected


def test_a_twitch_is_above_half_its_peak_for_its_half_width():
    # x exp(1 - x) = 1/2 at x = 0.23196 and 2.67835, so 2.44639 T; two edges, 1 ms each
    unit = slow_unit()
    lanes = [Lane([20.0], unit=unit)]
    found = fold(measures.contraction(unit.twitch_force / 2), lanes, end=1000.0)
    assert found["contraction_duration"][0] == pytest.approx(
        2.44639 * unit.contraction_time, abs=1.0
    )


def test_a_fused_contraction_lasts_the_whole_time_after_discard():
    lanes = [Lane(np.arange(0.0, 2000.0, 10.0).tolist())]
    found = fold(measures.contraction(), lanes, end=2000.0, discard=1000.0)
    assert found["contraction_duration"][0] == 1000.0


@pytest.mark.parametrize("level", [-0.1, 1.0, np.nan, "x", None])
def test_a_bad_level_is_refused(level):
    with pytest.raises(
        InputError, match=r"level is .*; allowed: (0 to below 1|a number)"
    ) as error:
        measures.contraction(level)
    assert "\n" not in str(error.value)


def test_a_run_without_a_motor_unit_is_refused():
    span = Span(1, 0.0, 0.0, END)
    with pytest.raises(InputError, match="0 motor units for 1 points"):
        measures.contraction().start(span)
    ending = Ending(span, ("ok",), np.array([np.inf]), np.array([-70.0]), None)
    with pytest.raises(InputError, match="no force; give it a motor unit"):
        measures.force().finish(None, ending)
