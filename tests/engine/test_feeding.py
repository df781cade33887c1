"""Pieces of a window are what entered: lines between knots and pulses on top."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import mnexcite as mx
from mnexcite.engine.feeding import Pulses, entering
from mnexcite.equations.structure import structure_of

STRUCTURE = structure_of(mx.cells.hodgkin_huxley_1952(), {0})
CURRENT, OPENED = (STRUCTURE.inputs.index((kind, 0, "")) for kind in ("current", "conductance"))
LANES = 3
T = np.arange(20.0, 26.0)
pulses = st.lists(
    st.tuples(
        st.integers(0, LANES - 1), st.integers(150, 280), st.integers(1, 40), st.integers(1, 9)
    ),
    max_size=8,
).map(lambda found: np.array(found, float).reshape(-1, 4).T)


def read(pieces, lane, where, t):
    """Return an input of a lane at times."""
    part = slice(*pieces.bounds[lane : lane + 2])
    starts = pieces.starts[part]
    assert (np.diff(starts) > 0.0).all()
    at = starts.searchsorted(t, side="right") - 1
    inputs = len(STRUCTURE.inputs)
    levels, climbs = (
        values[: inputs * pieces.bounds[-1]].reshape(-1, inputs)[part, where][at]
        for values in (pieces.levels, pieces.climbs)
    )
    return levels + climbs * (t - starts[at])


@given(pulses, st.booleans(), st.integers(0, 99))
def test_pieces_are_lines_and_pulses(drawn, shared, seed):
    rng = np.random.default_rng(seed)
    lane, start, lasts, height = drawn
    given = Pulses(lane.astype(np.int64), start / 10.0, (start + lasts) / 10.0, height)
    current = rng.normal(size=(LANES, T.size))
    opened = rng.normal(size=T.size) if shared else rng.normal(size=(LANES, T.size))
    pieces = entering(STRUCTURE, LANES, T, current, opened, given)
    t = np.sort(rng.uniform(T[0], T[-1], 50))
    for i in range(LANES):
        on = (given.start[:, None] <= t) & (t < given.end[:, None]) & (lane[:, None] == i)
        expected = np.interp(t, T, current[i]) + (height[:, None] * on).sum(axis=0)
        np.testing.assert_allclose(read(pieces, i, CURRENT, t), expected, atol=1e-9)
        line = opened if shared else opened[i]
        np.testing.assert_allclose(
            read(pieces, i, OPENED, t), np.interp(t, T, line), atol=1e-12
        )
        assert pieces.starts[pieces.bounds[i + 1] - 1] == T[-1]


@given(pulses, st.permutations(range(8)))
def test_the_order_of_pulses_changes_no_bit(drawn, order):
    lane, start, lasts, height = drawn
    given = Pulses(lane.astype(np.int64), start / 10.0, (start + lasts) / 10.0, height / 7.0)
    mixed = np.array([i for i in order if i < lane.size], np.int64)
    other = Pulses(given.lane[mixed], given.start[mixed], given.end[mixed], given.height[mixed])
    one, two = (entering(STRUCTURE, LANES, T, 0.1, None, each) for each in (given, other))
    used = one.bounds[-1] * len(STRUCTURE.inputs)
    assert one.levels[:used].tolist() == two.levels[:used].tolist()
