"""Neither the cut into windows nor the lanes beside a lane change a bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from windows import Lane, discards, edges, fold, same, train

from mnexcite import measures
from mnexcite.measures import Measure
from mnexcite.muscle import fast_unit, slow_unit, thenar_unit
from mnexcite.spikes import detect

END = 500.0
BUILT_IN = [name for name in measures.BUILT_IN if isinstance(measures.find(name), Measure)]


def spike_count_and_force(point):
    return point.spike_times.sum() + (point.force.force**2).sum() + point.force.mean


OWN = {
    "own": lambda: measures.per_point("own", spike_count_and_force, unit="1", force=True),
    "streamed": lambda: measures.streaming(
        "streamed",
        start=lambda span: np.zeros(span.lanes),
        update=lambda n, window: n + window.spikes.counts + (window.v > -50).sum(axis=1),
        finish=lambda n, ending: np.where(n > 0, n, np.nan),
        unit="1",
        every=0.5,
    ),
}
ALL = {**{name: measures.BUILT_IN[name] for name in BUILT_IN}, **OWN}


class Spiking:
    """Voltage with a spike and its after-hyperpolarisation around every time."""

    def __init__(self, peaks, block):
        self.peaks, self.block, self.kept = peaks, block, {}

    def __call__(self, t):
        """Return the voltage; times are told apart by their ends and number."""
        key = t.size, t[0], t[-1]
        if key not in self.kept:
            self.kept[key] = self.at(t)
        return self.kept[key]

    def at(self, t):
        v = np.where(t > self.block, -30.0, -70.0)
        for peak in self.peaks:
            v = v + 100 * np.exp(-(((t - peak) / 0.5) ** 2))
            v = v - 8 * np.exp(-(((t - peak - 8) / 4) ** 2))
        return v


def lane(peaks, block, unit):
    voltage = Spiking(peaks, block)
    t = np.arange(0.0, END, 0.05)
    spikes = detect(t, voltage(t), rearm=0.0).tolist()
    return Lane(spikes, voltage, unit)


lanes = st.lists(
    st.builds(
        lane,
        train,
        st.just(np.inf) | st.floats(0.0, END),
        st.sampled_from([slow_unit(), fast_unit(), thenar_unit()]),
    ),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
@settings(deadline=None, max_examples=10)
@given(lanes, edges, discards)
def test_windows_and_neighbours_change_no_bit(make, lanes, edges, discard):
    measure = make()
    whole = fold(measure, lanes, end=END, discard=discard)
    same(fold(measure, lanes, end=END, discard=discard, edges=edges), whole)
    for i in range(len(lanes)):
        alone = fold(measure, lanes[i : i + 1], end=END, discard=discard, edges=edges)
        same(alone, {name: values[i : i + 1] for name, values in whole.items()})


@pytest.fixture(scope="module")
def many():
    """Twenty-two lanes: what NumPy adds up by eights, and what is left of those."""
    random = np.random.default_rng(1)
    units = [slow_unit(), fast_unit(), thenar_unit()]
    return [
        lane(
            np.cumsum(random.exponential(20.0 + 5 * i, size=i % 7)), 300 + 40 * i, units[i % 3]
        )
        for i in range(22)
    ]


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_many_lanes_change_no_bit(make, many):
    whole = fold(make(), many, end=END, discard=50.0, edges=[100.0, 333.3])
    for size in (1, 7):
        pieces = [
            fold(make(), many[k : k + size], end=END, discard=50.0)
            for k in range(0, len(many), size)
        ]
        same({name: np.concatenate([p[name] for p in pieces]) for name in whole}, whole)


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_nan_exactly_where_a_status_says_why(make):
    measure = make()
    cases = [lane(peaks, np.inf, slow_unit()) for peaks in ([], [100.0], [100.0, 300.0])]
    values = fold(measure, cases, end=END)
    flags = {o.name: o for o in measure.outputs if o.flags and o.name != "phase"}
    undefined = np.zeros(len(cases), dtype=bool)
    for output in measure.outputs:
        if not output.flags:
            undefined |= np.isnan(values[output.name])
    said = np.zeros(len(cases), dtype=bool)
    for name in flags:
        said |= values[name] > 0
    np.testing.assert_array_equal(undefined, said)


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_a_failed_lane_leaves_its_neighbours_alone(make):
    good = lane([100.0, 150.0, 210.0], np.inf, slow_unit())

    def broken(t):
        return np.where(t < 120.0, good.voltage(t), np.nan)

    bad = Lane([s for s in good.spikes if s < 120.0], broken, slow_unit(), "non_finite")
    together = fold(make(), [good, bad, good], end=END, edges=[130.0, 250.0])
    alone = fold(make(), [good], end=END)
    for i in (0, 2):
        same({name: values[i : i + 1] for name, values in together.items()}, alone)
