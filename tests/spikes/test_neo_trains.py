import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.spikes import SpikeTrains, from_neo, to_neo

neo = pytest.importorskip("neo")
import quantities as pq  # noqa: E402  (comes with neo)

PAIR = SpikeTrains.from_list([[10.0, 120.0], []], ("A", "B"))


def test_there_and_back():
    given = to_neo(PAIR, until=500.0)
    assert [type(train) for train in given] == [neo.SpikeTrain] * 2
    assert [float(train.t_stop) for train in given] == [500.0, 500.0]
    assert from_neo(given) == PAIR
    assert from_neo(to_neo(SpikeTrains.from_list([[1.5]]))) == SpikeTrains.from_list([[1.5]])


def test_units_segments_and_offsets_of_neo():
    segment = neo.Segment()
    for times in ([-0.5, 0.25], [0.125]):
        segment.spiketrains.append(
            neo.SpikeTrain(times * pq.s, t_start=-1 * pq.s, t_stop=1 * pq.s)
        )
    with pytest.raises(InputError, match="train 0 has a spike at -500 ms"):
        from_neo(segment.spiketrains)
    found = from_neo(segment.spiketrains, offset=500.0)
    assert [train.tolist() for train in found] == [[0.0, 750.0], [625.0]]
    assert found.names is None


def test_what_is_no_train_is_refused(monkeypatch):
    with pytest.raises(InputError, match=r"holds \[1.0\] at 0; allowed: neo.SpikeTrain"):
        from_neo([[1.0]])
    for lone in (to_neo(PAIR)[0], 3):
        with pytest.raises(InputError, match=r"trains is .*; allowed: a list of neo"):
            from_neo(lone)
    with pytest.raises(InputError, match="until is 5 ms, and the last spike is at 120 ms"):
        to_neo(PAIR, until=5.0)
    monkeypatch.setitem(sys.modules, "neo", None)
    with pytest.raises(InputError, match="pip install neo"):
        to_neo(PAIR)


events = st.lists(
    st.tuples(st.integers(0, 50), st.integers(-3, 3)), unique=True, min_size=1, max_size=30
)


@given(events, st.booleans())
def test_trains_of_events_are_the_events(pairs, text):
    times = [float(t) for t, _ in pairs]
    ids = [str(i) if text else i for _, i in pairs]
    found = SpikeTrains.from_ids(times, ids)
    assert found.names == tuple(map(str, sorted(set(ids))))
    back = {(t, name) for name, train in zip(found.names, found, strict=True) for t in train}
    assert back == {(t, str(i)) for t, i in zip(times, ids, strict=True)}
    order = [*sorted(set(ids), reverse=True), "none" if text else 99]
    ordered = SpikeTrains.from_ids(np.array(times), np.array(ids), order=order)
    assert ordered.names == tuple(map(str, order))
    assert ordered.counts[-1] == 0
    assert all(np.array_equal(ordered[name], found[name]) for name in found.names)


@pytest.mark.parametrize(
    ("times", "ids", "order", "message"),
    [
        ([1.0, 2.0], [1], None, "times holds 2 spikes and ids 1; give one id per spike"),
        ([1.0], [1.5], None, "ids is .*; allowed: one whole number or text per train"),
        ([1.0], [[1]], None, "allowed: one whole number or text per train"),
        ([1.0], [True], None, "allowed: one whole number"),
        ([1.0], [1], [2], "ids holds 1, which is not in order"),
        ([1.0], [1], [1, 1], "order names a train twice"),
        ([1.0, 1.0], [1, 1], None, "goes from 1 to 1 ms"),
        ([-1.0], [1], None, "has a spike at -1 ms"),
    ],
)
def test_events_that_are_no_trains_are_refused(times, ids, order, message):
    with pytest.raises(InputError, match=message):
        SpikeTrains.from_ids(times, ids, order=order)


def test_no_events_are_no_trains():
    assert len(SpikeTrains.from_ids([], [])) == 0
    assert SpikeTrains.from_ids([], [], order=[1, 2]).counts.tolist() == [0, 0]
