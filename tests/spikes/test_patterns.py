"""Whether firing goes on and whether it is in bursts, on trains whose kind is known."""

import math

import numpy as np
import pytest

from mnexcite.errors import InputError
from mnexcite.spikes import SpikeTrains, bursts, fires_on

LENGTHS = (2_000.0, 10_000.0, 100_000.0, 1_000_000.0)


def renewal(draw, end):
    """Spike times up to `end` [ms] of independent intervals."""
    times = np.cumsum(draw(int(end / 50.0) + 100))
    return times[times < end]


def poisson(rng):
    return lambda n: rng.exponential(100.0, n)


def gamma(rng, cv):
    shape = cv**-2
    return lambda n: rng.gamma(shape, 100.0 / shape, n)


def lognormal(rng):
    return lambda n: rng.lognormal(4.4, 0.6, n)


@pytest.mark.parametrize("end", LENGTHS)
@pytest.mark.parametrize("kind", ["poisson", "gamma .45", "gamma .7", "lognormal"])
def test_an_irregular_train_is_not_of_bursts_however_long(kind, end):
    rng = np.random.default_rng(7)
    draw = {
        "poisson": poisson(rng),
        "gamma .45": gamma(rng, 0.45),
        "gamma .7": gamma(rng, 0.7),
        "lognormal": lognormal(rng),
    }[kind]
    trains = 200 if end < 50_000 else 20
    wrong = sum(bursts(renewal(draw, end)) for _ in range(trains))
    # at 20 intervals chance makes a void in a Poisson train now and then
    assert wrong <= (0.03 * trains if end < 5_000 else 0)


@pytest.mark.parametrize("end", [3_000.0, *LENGTHS[1:]])
@pytest.mark.parametrize("spikes", [3, 5, 40])
@pytest.mark.parametrize("jitter", [0.0, 0.2])
def test_regular_and_jittered_bursts_are_bursts_however_long(spikes, jitter, end):
    rng = np.random.default_rng(3)
    gaps = np.tile([10.0] * (spikes - 1) + [300.0], int(end / 300.0) + 2)
    times = np.cumsum(gaps * rng.normal(1.0, jitter, gaps.size))
    for first in (0.0, 7.0, 15.0):  # wherever the train is cut
        assert bursts(times[(times >= first) & (times < end)])


@pytest.mark.parametrize("end", LENGTHS)
def test_doublets_of_a_regular_rhythm_are_no_bursts(end):
    times = np.add.outer(np.arange(0.0, end, 100.0), [0.0, 5.0]).ravel()
    for cut in range(4):
        assert not bursts(times[cut:]) and not bursts(times[: -1 - cut])


@pytest.mark.parametrize("end", LENGTHS)
def test_adaptation_and_alternation_are_no_bursts(end):
    growing = 10.0 * 1.3 ** np.minimum(np.arange(int(end / 100.0)), 9)
    adapting = np.cumsum(growing)
    alternating = np.cumsum(np.tile([50.0, 90.0], int(end / 140.0)))
    assert not bursts(adapting) and not bursts(alternating)


def test_too_few_intervals_are_no_bursts():
    assert not any(bursts(times) for times in ([], [1.0], [1.0, 2.0, 50.0, 51.0]))
    # bursts of three, two pauses: the least that is called bursts
    assert bursts([10, 20, 30, 120, 130, 140, 230, 240, 250])
    assert not bursts([10, 20, 30, 120, 130, 140])


def test_exactly_four_times_as_long_is_no_pause():
    triplets = lambda pause: np.cumsum([10.0, 10.0, pause] * 6)  # noqa: E731
    assert not bursts(triplets(40.0)) and bursts(triplets(40.5))


def test_a_silence_of_three_of_the_longest_intervals_ends_firing():
    spikes = [10.0, 60.0, 80.0]
    assert fires_on(spikes, 230.0) and not fires_on(spikes, 230.1)
    assert fires_on(spikes, 60.0) and not fires_on(spikes, 59.9)  # later spikes do not count
    assert not fires_on([], 10.0) and not fires_on([5.0], 6.0)


def test_a_pause_between_bursts_does_not_end_them():
    assert fires_on([10, 20, 30, 120, 130, 140, 230, 240, 250], 400.0)


@pytest.mark.parametrize("n", [1, 3, 10, 100])
def test_a_poisson_train_stops_as_seldom_as_the_closed_form_says(n):
    rng = np.random.default_rng(n)
    trials = 4000
    gaps = rng.exponential(100.0, (trials, n))
    times = 1.0 + np.cumsum(np.column_stack([np.zeros(trials), gaps]), axis=1)
    ends = times[:, -1] + rng.exponential(100.0, trials)
    # all watches end at one time, so that one call looks at them all
    end = ends.max()
    trains = SpikeTrains.from_list(list(times + (end - ends)[:, None]))
    stopped = 1.0 - fires_on(trains, end).mean()
    # E[exp(-3 max of n)] is the Beta function n B(n, 4)
    expected = n * math.exp(math.lgamma(n) + math.lgamma(4.0) - math.lgamma(n + 4.0))
    assert stopped == pytest.approx(expected, abs=4.0 * math.sqrt(0.25 / trials))


def test_several_trains_are_told_one_by_one():
    several = [[], [5.0], [10.0, 60.0, 80.0], list(np.cumsum([10.0, 10.0, 90.0] * 6))]
    trains = SpikeTrains.from_list(several)
    assert fires_on(trains, 200.0).tolist() == [fires_on(t, 200.0) for t in several]
    assert bursts(trains).tolist() == [bursts(t) for t in several] == [False] * 3 + [True]


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="at is nan"):
        fires_on([1.0, 2.0], math.nan)
    with pytest.raises(InputError):
        bursts([2.0, 1.0])
