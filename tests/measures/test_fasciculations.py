"""Discharges that stand alone, counted by hand and by another rule of counting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from windows import Lane, fold

from mnexcite import InputError
from mnexcite.measures import fasciculations
from mnexcite.spikes import SpikeTrains, stretches

END = 60_000.0


def counted(times, **told):
    lane = Lane(list(times), lambda t: np.full(np.shape(t), -70.0))
    values = fold(fasciculations(**told), [lane], end=END, discard=0.0)
    return {name: value[0] for name, value in values.items()}


def test_singles_doublets_and_a_burst():
    burst = 40_000.0 + 50.0 * np.arange(9)
    values = counted([100.0, 5000.0, 5006.0, 9000.0, *burst])
    assert values["fasciculation_rate"] == 3.0
    assert values["fasciculation_singles"] == pytest.approx(2 / 3)
    assert values["longer_discharges"] == 1.0
    values = counted([100.0, 5000.0, 5006.0, 9000.0, *burst], most=9, pause=50.0)
    assert values["fasciculation_rate"] == 4.0 and values["longer_discharges"] == 0.0


def test_silence_has_a_rate_and_no_share():
    values = counted([])
    assert values["fasciculation_rate"] == 0.0
    assert np.isnan(values["fasciculation_singles"])
    assert values["fasciculation_singles_status"] == 1


@given(
    st.lists(st.floats(0.0, END - 1.0), max_size=30, unique=True),
    st.floats(1.0, 5000.0),
    st.integers(1, 5),
)
def test_every_spike_belongs_to_one_discharge(times, pause, most):
    train = np.sort(times)
    values = counted(train, pause=pause, most=most)
    spans = stretches(train, pause=pause)
    sizes = [int(((train >= a) & (train <= b)).sum()) for a, b in spans]
    assert sum(sizes) == train.size
    short = [size for size in sizes if size <= most]
    assert values["fasciculation_rate"] == len(short)
    assert values["longer_discharges"] == len(sizes) - len(short)
    if short:
        assert values["fasciculation_singles"] == pytest.approx(short.count(1) / len(short))
    assert np.all(spans[1:, 0] - spans[:-1, 1] > pause)
    several = stretches(SpikeTrains.from_list([train, train[:1]]), pause=pause)
    np.testing.assert_array_equal(several[0], spans)


@pytest.mark.parametrize("told", [{"pause": 0.0}, {"most": 0}, {"most": 1.5}])
def test_bad_arguments_are_refused(told):
    with pytest.raises(InputError, match="fasciculations"):
        fasciculations(**told)
