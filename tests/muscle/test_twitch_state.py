"""Windows are a way to work, not part of the result."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnexcite.errors import InputError
from mnexcite.muscle import TwitchState, contract, fast_unit, slow_unit

UNITS = [slow_unit(), fast_unit()]
MEASURES = ("spike_count", "peak", "mean", "fusion_index", "status")

# quarter milliseconds: spikes fall on samples and on windows' edges often
quarters = st.integers(0, 2000).map(lambda n: n / 4)
times = quarters | st.floats(0.0, 500.0)
trains = st.lists(times, max_size=25, unique=True).map(sorted)


def fold(state, lists, edges):
    pieces = []
    for start, stop in zip([-1.0, *edges[:-1]], edges, strict=True):
        window = [[s for s in spikes if start < s <= stop] for spikes in lists]
        state, samples = state.advance(window, stop)
        pieces.append(samples)
    return state, np.concatenate(pieces, axis=1)


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(trains, trains),
    st.lists(times, max_size=6).map(sorted),
    st.sampled_from([1.0, 0.25, 0.1, 0.3, 7.0]),
    st.sampled_from([0.0, 100.0, 33.3]),
)
def test_any_windows_give_the_same_bits(lists, edges, every, discard):
    whole = contract(list(lists), UNITS, duration=500.0, every=every, discard=discard)
    state = TwitchState.at_rest(UNITS, every=every, discard=discard)
    state, force = fold(state, lists, [*edges, 500.0])
    np.testing.assert_array_equal(force, whole.force)
    folded = state.measures()
    for name in MEASURES:
        np.testing.assert_array_equal(getattr(folded, name), getattr(whole, name))


def test_windows_closed_on_the_left_give_the_same_bits():
    spikes = [0.0, 50.0, 100.0, 101.0, 200.0]
    whole = contract(spikes, slow_unit(), duration=300.0)
    state, pieces = TwitchState.at_rest([slow_unit()]), []
    for start in range(0, 300, 50):
        window = [s for s in spikes if start <= s < start + 50]
        state, samples = state.advance(window, start + 50)
        pieces.append(samples[0])
    np.testing.assert_array_equal(np.concatenate(pieces), whole.force)


def test_the_state_does_not_change_or_grow():
    start = TwitchState.at_rest([slow_unit()])
    before = start.lanes.copy()
    state, first = start.advance([10.0, 20.0], 100.0)
    again, second = start.advance([10.0, 20.0], 100.0)
    np.testing.assert_array_equal(start.lanes, before)
    np.testing.assert_array_equal(first, second)
    for window in range(1, 200):
        state, _ = state.advance(
            [100.0 * window + 5.0, 100.0 * window + 55.0], state.now + 100.0
        )
    assert state.lanes.nbytes == again.lanes.nbytes
    assert state.measures().spike_count[0] == 2 + 2 * 199


def test_a_long_silence_leaves_zero_and_no_warning():
    state, _ = TwitchState.at_rest([fast_unit()], every=1000.0).advance([1.0, 20.0], 1e3)
    state, samples = state.advance([[]], 1e7)
    assert samples[0, -1] == 0.0
    state, samples = state.advance([1e7 + 1], 1e7 + 1000.0)
    assert state.measures().status == ("ok",)
    # all is forgotten, but the interval was long: gain 1 and one twitch
    expected = fast_unit().twitch_force * (999 / 30) * math.exp(1 - 999 / 30)
    assert samples[0, 0] == pytest.approx(expected, rel=1e-6)


def test_other_contraction_times_change_the_speed_and_not_the_force():
    slow, fast = slow_unit(), slow_unit().warmed(45.0)
    state, _ = TwitchState.at_rest([slow]).advance([10.0], 60.0)
    after, force = state.with_units([fast]).advance([[]], 300.0)
    u = 50.0 / slow.contraction_time + np.arange(1.0, 241.0) / fast.contraction_time
    np.testing.assert_allclose(
        force[0], slow.twitch_force * u * np.exp(1.0 - u), rtol=1e-12, atol=1e-12
    )
    # long after a twitch nothing of it comes back, also where a slower unit goes on
    late, _ = after.advance([[]], 1e6)
    assert late.with_units([slow_unit().warmed(10.0)]).advance([[]], 1e6 + 9)[1].max() < 1e-80
    with pytest.raises(InputError, match="there are 2 units; allowed: 1"):
        state.with_units([slow, fast])


def advanced():
    return TwitchState.at_rest([slow_unit()]).advance([50.0], 100.0)[0]


BAD = {
    "before now": lambda: advanced().advance([], 99.0),
    "spike before the window": lambda: advanced().advance([99.0], 200.0),
    "spike after the window": lambda: advanced().advance([201.0], 200.0),
    "spike given before": lambda: (
        TwitchState.at_rest([slow_unit()]).advance([100.0], 100.0)[0].advance([100.0], 200.0)
    ),
    "trains": lambda: advanced().advance([[150.0], [160.0]], 200.0),
    "not a number": lambda: advanced().advance([], math.nan),
    "no unit": lambda: TwitchState.at_rest([]),
    "not a unit": lambda: TwitchState.at_rest([90.0]),  # pyright: ignore[reportArgumentType]
    "measures too early": lambda: TwitchState.at_rest([slow_unit()], discard=5).measures(),
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD)
def test_bad_window_is_refused_in_one_line(call):
    with pytest.raises(InputError) as error:
        call()
    assert "\n" not in str(error.value) and "allowed" in str(error.value)
