import statistics
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from windows import Lane, discards, fold, multiples, train

from mnexcite import measures

END = 500.0
FLAGS = ("silent", "single", "block", "burst", "tonic", "irregular", "failed")


def phase_of(spikes, *, voltage=None, end=END, discard=0.0):
    lane = Lane(spikes) if voltage is None else Lane(spikes, voltage)
    return FLAGS[fold(measures.phase(), [lane], end=end, discard=discard)["phase"][0]]


def level(v):
    return lambda t: np.full(t.size, v)


def by_the_rules(spikes, voltage, discard):
    """The rules of the design, one train at a time, with the standard library."""
    spikes = [s for s in spikes if discard <= s < END]
    third = discard + 2 * (END - discard) / 3
    gaps = [b - a for a, b in pairwise(spikes)]
    t = np.append(multiples(1.0, 0.0, END), END)
    if not spikes:
        return "silent"
    if len(spikes) == 1:
        return "single"
    if spikes[-1] < third and (voltage(t[t >= third]) > -40).all():
        return "block"
    if sum(g > 3 * statistics.median(gaps) for g in gaps) >= 2:
        return "burst"
    if len(gaps) >= 2 and statistics.pstdev(gaps) / statistics.fmean(gaps) < 0.1:
        return "tonic"
    return "irregular"


levels = st.builds(
    lambda before, after, edge: lambda t: np.where(t < edge, before, after),
    st.sampled_from([-70.0, -40.0, -39.9, -20.0]),
    st.sampled_from([-70.0, -40.0, -39.9, -20.0]),
    st.floats(0.0, END),
)
bursts = st.builds(
    lambda n, short, pause: np.cumsum(([short] * n + [pause]) * 4).tolist(),
    st.integers(1, 5),
    st.sampled_from([5.0, 10.0, 11.0]),
    st.sampled_from([15.0, 30.0, 30.5, 60.0]),
)


@given(st.lists(st.tuples(train | bursts, levels), min_size=1, max_size=5), discards)
def test_every_train_by_the_rules(cases, discard):
    # thirds and CVs at their border to the last bit are not what this test is about
    values = fold(measures.phase(), [Lane(*case) for case in cases], end=END, discard=discard)
    for flag, (spikes, voltage) in zip(values["phase"], cases, strict=True):
        assert FLAGS[flag] == by_the_rules(spikes, voltage, discard)


REGULAR = np.arange(5.0, END, 25.0).tolist()


@pytest.mark.parametrize(
    ("spikes", "phase"),
    [
        ([], "silent"),
        ([20.0], "single"),
        (REGULAR, "tonic"),
        ([20.0, 400.0], "irregular"),  # one interval has no CV
        ([20.0, 40.0, 400.0], "irregular"),
        # bursts of three, two pauses of 90 ms after intervals of 10
        ([10, 20, 30, 120, 130, 140, 230, 240, 250], "burst"),
        ([10, 20, 30, 120, 130, 140], "irregular"),  # one pause is no burst
        # exactly three times the median is not above it
        ([10, 20, 30, 60, 70, 80, 110, 120, 130], "irregular"),
    ],
)
def test_one_train_of_each_kind(spikes, phase):
    assert phase_of(spikes) == phase


def test_median_of_an_even_number_of_intervals_is_the_mean_of_two():
    # intervals 10, 10, 20, 20, 46, 46: median 20
    assert phase_of(np.cumsum([5, 10, 46, 10, 20, 46, 20]).tolist()) == "irregular"
    # intervals 10, 10, 20, 46: median 15, and only 46 is above 45
    assert phase_of(np.cumsum([5, 10, 46, 10, 20]).tolist()) == "irregular"
    # intervals 10, 10, 10, 20, 46, 46: median 15
    assert phase_of(np.cumsum([5, 10, 46, 10, 20, 46, 10]).tolist()) == "burst"


def test_block_needs_a_high_voltage_for_all_of_the_last_third():
    early = [10.0, 30.0, 50.0]
    # the last third of 0 to 300 ms begins at 200
    assert phase_of(early, voltage=level(-30.0), end=300.0) == "block"
    assert phase_of(early, voltage=level(-40.0), end=300.0) == "tonic"
    dip = lambda t: np.where((t >= 210.0) & (t < 211.0), -41.0, -30.0)  # noqa: E731
    assert phase_of(early, voltage=dip, end=300.0) == "tonic"
    before = lambda t: np.where(t < 199.5, -70.0, -30.0)  # noqa: E731
    assert phase_of(early, voltage=before, end=300.0) == "block"
    fallen = lambda t: np.where(t < 300.0, -30.0, -70.0)  # noqa: E731
    assert phase_of(early, voltage=fallen, end=300.0) == "tonic"
    assert phase_of([*early, 200.0], voltage=level(-30.0), end=300.0) == "irregular"
    assert phase_of([*early, 199.0], voltage=level(-30.0), end=300.0) == "block"


def test_the_last_third_is_that_of_the_time_after_discard():
    # of 150 to 300 ms it begins at 250
    spikes = [160.0, 180.0, 200.0, 240.0]
    assert phase_of(spikes, voltage=level(-30.0), end=300.0, discard=150.0) == "block"
    assert phase_of(spikes, voltage=level(-30.0), end=300.0) == "irregular"


def test_first_match_wins():
    high = level(-30.0)
    assert phase_of([], voltage=high) == "silent"
    assert phase_of([20.0], voltage=high) == "single"
    assert phase_of([10, 20, 30, 120, 130, 140, 230, 240, 250], voltage=high) == "block"
    assert phase_of([10.0, 20.0, 30.0], voltage=high) == "block"


def test_spikes_before_discard_do_not_count():
    assert phase_of([10.0, 30.0], discard=50.0) == "silent"
    assert phase_of([10.0, 30.0, 60.0], discard=50.0) == "single"


def test_a_run_shorter_than_a_sample_uses_the_voltage_at_the_end():
    # samples at 0 ms only, the last third of 0 to 0.9 ms begins at 0.6
    assert phase_of([0.1, 0.3], voltage=level(-70.0), end=0.9) == "irregular"
    assert phase_of([0.1, 0.3], voltage=level(-30.0), end=0.9) == "block"


def test_the_table_has_every_flag_with_its_rule():
    assert tuple(phase.name for phase in measures.PHASES) == FLAGS
    assert measures.phase().outputs[0].flags == FLAGS
    assert all(len(phase.rule) > 10 for phase in measures.PHASES)
