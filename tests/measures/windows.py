"""Runs made by hand, given to measures in windows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from mnexcite.measures import Ending, Span, View
from mnexcite.muscle import TwitchState, slow_unit
from mnexcite.spikes import SpikeTrains


def resting(t):
    return np.full(t.size, -70.0)


@dataclass(frozen=True)
class Lane:
    """One lane: its spikes, and its voltage as a function of time."""

    spikes: Sequence[float]
    voltage: object = resting
    unit: object = field(default_factory=slow_unit)
    status: str = "ok"


def multiples(every, start, end):
    """Sample times in [start, end)."""
    t = np.arange(int(end / every) + 2) * every
    return t[(t >= start) & (t < end)]


def fold(measure, lanes, *, end, discard=0.0, edges=(), cell=None, jumps=()):
    """Return what a measure gives for lanes whose run is cut at `edges`."""
    units = tuple(lane.unit for lane in lanes)
    jumps = tuple(np.asarray(times, float) for times in jumps)
    span = Span(len(lanes), 0.0, discard, end, None, units, cell, jumps=jumps)
    trains = SpikeTrains.from_list([lane.spikes for lane in lanes])
    muscle = TwitchState.at_rest(units, every=1.0, discard=discard)
    nothing = np.empty((len(lanes), 0))
    grid, trace = np.empty(0), nothing
    if measure.every is not None:
        grid = multiples(measure.every, 0.0, end)
        trace = np.array([lane.voltage(grid) for lane in lanes])
    state, force_t = measure.start(span), 0
    for left, right in pairwise([0.0, *sorted(e for e in edges if 0 < e < end), end]):
        spikes = trains.between(left, right)
        force, times = nothing, np.empty(0)
        if measure.force:
            muscle, samples = muscle.advance(spikes, right)
            if measure.force_samples:
                force = samples
                times = np.arange(force_t, force_t + samples.shape[1], dtype=np.float64)
                force_t += samples.shape[1]
        here = (grid >= left) & (grid < right)
        v = np.ascontiguousarray(trace[:, here])
        window = View(left, right, spikes.after(discard), grid[here], v, force, times)
        state = measure.update(state, window)
    ending = Ending(
        span,
        tuple(lane.status for lane in lanes),
        np.full(len(lanes), np.inf),
        np.array([lane.voltage(np.array([end]))[0] for lane in lanes]),
        muscle.measures() if measure.force else None,
    )
    values = measure.finish(state, ending)
    assert set(values) == {output.name for output in measure.outputs}
    for output in measure.outputs:
        assert values[output.name].shape == (len(lanes),)
        assert values[output.name].dtype == (np.int8 if output.flags else np.float64)
    return values


def same(a, b):
    """Compare values to the bit."""
    assert set(a) == set(b)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name, strict=True)


# gaps in quarter milliseconds, so that equal and doublet intervals and ties with edges occur
gap = st.integers(1, 400).map(lambda n: n / 4) | st.floats(0.3, 200.0)
train = st.builds(
    lambda first, gaps: np.cumsum([first, *gaps]).tolist(),
    st.floats(0.0, 150.0),
    st.lists(gap, max_size=12) | st.integers(0, 10).map(lambda n: [20.0] * n),
) | st.just([])
edges = st.lists(st.integers(0, 2000).map(lambda n: n / 4) | st.floats(0.0, 500.0), max_size=6)
discards = st.sampled_from([0.0, 33.3, 120.0])
