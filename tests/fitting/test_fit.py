"""Fits: known numbers come back, deviations are those of linear regression, failures lose."""

import numpy as np
import pytest
from scipy import optimize

import mnexcite as mx
from mnexcite import fitting
from small_cells import DRIVE, SMALL

PASSIVE = mx.Cell("passive", mx.Compartment("soma", 1.0, [mx.Channel("leak", 8.0, E=-80.0)]))
V = np.linspace(-90.0, -60.0, 7)
CURRENTS = [10.0, 40.0, 60.0]
SHORT = dict(duration=100.0, discard=20.0, settle=10.0)
QUICK = dict(generations=3, candidates=8)
RANGES = {"NaP.g": mx.between(10.0, 30.0), "K.g": mx.between(0.5, 2.0, factor=True, log=True)}


@pytest.fixture(scope="module")
def curve():
    cell = SMALL.replaced({"NaP.g": 22.0}).scaled({"K.g": 1.2})
    return mx.measures.fi_curve(cell, CURRENTS, **SHORT).steady_rate


def test_deviations_are_those_of_regression():
    """A leak's current is a straight line: its fit and its covariance by another route."""
    noise = np.linspace(5.0, 10.0, V.size)
    current = 6.0 * (V + 75.0) + np.random.default_rng(1).normal(0.0, noise)
    ranges = {"leak.g": mx.between(2.0, 12.0, log=True), "leak.E": mx.between(-90.0, -60.0)}
    found = mx.fit(PASSIVE, ranges, fitting.steady_current(V, current, noise=noise))
    best, covariance = optimize.curve_fit(
        lambda v, g, reversal: g * (v - reversal), V, current, [5.0, -70.0], noise, True
    )
    sd = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(list(found.values.values()), best, rtol=1e-4)
    np.testing.assert_allclose(list(found.sd.values()), sd, rtol=1e-3)
    expected = covariance[0, 1] / np.prod(sd)
    assert found.correlation[0, 1] == pytest.approx(expected, abs=1e-3)
    residuals = (best[0] * (V - best[1]) - current) / noise
    assert found.cost == pytest.approx(np.sum(residuals**2), rel=1e-6)
    assert found.degrees == 5 and 0.0 < found.probability < 1.0
    assert found.status == "converged" and found.units == {"leak.g": "mS/cm2", "leak.E": "mV"}


def test_rates_give_known_numbers_back_whatever_the_threads(curve):
    target = fitting.rates(CURRENTS, curve, noise=1.0, **SHORT)
    found = mx.fit(SMALL, RANGES, target, threads=1, **QUICK)
    assert found.values == pytest.approx({"NaP.g": 22.0, "K.g": 1.2}, rel=1e-3)
    assert found.cost < 1e-4 and found.cell.parameters["NaP.g"].value == found.values["NaP.g"]
    again = mx.fit(SMALL, RANGES, target, threads=2, **QUICK)
    assert again.values == found.values and np.array_equal(again.costs, found.costs)
    other = mx.fit(SMALL, RANGES, target, seed=1, generations=1, candidates=8)
    assert not np.array_equal(other.costs[:8], found.costs[:8])
    assert len(found.near(1.0)["K.g"]) < found.candidates


def test_spike_times_and_measures_together():
    true = SMALL.replaced({"NaP.g": 23.0})
    run = mx.simulate(true, DRIVE, duration=30.0)
    times = fitting.spike_times(run.spike_times[:3], DRIVE, noise=0.1, duration=12.0)
    wanted = mx.sweep(
        true, {"C": [1.0]}, DRIVE, duration=60.0, measures=("mean_rate",), initial="published"
    )
    rate = fitting.measured(
        "mean_rate", wanted["mean_rate"].item(), noise=5.0, stimulus=DRIVE, duration=60.0
    )
    found = mx.fit(
        SMALL, {"NaP.g": mx.between(15.0, 30.0)}, (times, rate), initial="published", **QUICK
    )
    assert found.values["NaP.g"] == pytest.approx(23.0, rel=1e-3)
    assert found.targets[-1].name == "mean_rate" and found.targets[-1].unit == "Hz"


def test_what_targets_do_not_tell_is_undetermined():
    steady = fitting.steady_current(V, 8.0 * (V + 80.0), noise=1.0)
    ranges = {"leak.g": mx.between(4.0, 12.0), "C": mx.between(0.5, 2.0)}
    found = mx.fit(PASSIVE, ranges, steady, **QUICK)
    assert found.known == {"leak.g": "determined", "C": "unknown"}
    # one number for two axes: they make up for each other
    one = fitting.steady_current([-60.0], [160.0], noise=1.0)
    ranges = {"leak.g": mx.between(4.0, 12.0), "leak.E": mx.between(-90.0, -70.0)}
    found = mx.fit(PASSIVE, ranges, one, **QUICK)
    assert found.known == dict.fromkeys(ranges, "undetermined")
    assert found.trade_offs[0][:2] == ("leak.E", "leak.g") and found.probability is None


def test_ends_of_ranges_and_failures_are_told():
    steady = fitting.steady_current(V, 8.0 * (V + 80.0), noise=1.0)
    with pytest.warns(mx.RunWarning, match="at_bound: it ended at the end of a range"):
        found = mx.fit(PASSIVE, {"leak.g": mx.between(1.0, 5.0)}, steady, **QUICK)
    assert found.status == found.known["leak.g"] == "at_bound"
    assert found.values["leak.g"] == pytest.approx(5.0)
    never = fitting.measured("cv", 0.1, noise=0.1, duration=20.0)  # no spikes, no CV
    with pytest.warns(mx.RunWarning, match="no candidate had a value"):
        found = mx.fit(SMALL, {"NaP.g": mx.between(1.0, 2.0)}, never, **QUICK)
    assert found.status == "failed" and np.isnan(found.values["NaP.g"])
    assert found.known == {"NaP.g": "unknown"} and np.isinf(found.costs).all()


def test_a_failed_candidate_never_wins():
    """Half of the range gives no value; the best of the other half wins."""
    nan = fitting.Target(
        "half", "1", np.zeros(1), np.ones(1), ("",),
        lambda of: np.where((x := of.design.axes[0].values) < 8.0, np.nan, x)[:, None],
    )  # fmt: skip
    found = mx.fit(PASSIVE, {"leak.g": mx.between(4.0, 12.0)}, nan, generations=12)
    assert found.values["leak.g"] == pytest.approx(8.0, abs=0.02)
    assert np.isinf(found.costs[found.tried["leak.g"] < 8.0]).all()


def test_a_jump_is_called_rough():
    """The wanted number lies in a jump, at whose foot the search ends."""
    jump = fitting.Target(
        "jump", "1", np.array([8.5]), np.ones(1), ("",),
        lambda of: np.where((x := of.design.axes[0].values) > 8.0, x + 99.0, x)[:, None],
    )  # fmt: skip
    found = mx.fit(PASSIVE, {"leak.g": mx.between(4.0, 12.0)}, jump)
    assert found.known == {"leak.g": "rough"}


def test_ctrl_c_leaves_the_best_so_far():
    def stop(share):
        if share > 0.2:
            raise KeyboardInterrupt

    steady = fitting.steady_current(V, 8.0 * (V + 80.0), noise=1.0)
    with pytest.raises(mx.Interrupted, match="best so far") as stopped:
        mx.fit(PASSIVE, {"leak.g": mx.between(4.0, 12.0)}, steady, progress=stop)
    assert stopped.value.partial.status == "stopped"
    assert 4.0 < stopped.value.partial.values["leak.g"] < 12.0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (dict(targets=()), "targets are empty"),
        (dict(targets=["rate"]), "targets holds 'rate'; allowed: targets of mnexcite.fitting"),
        (dict(ranges={"leak.g": [1, 2]}), "between"),
        (dict(ranges={}), "ranges are {}"),
        (dict(ranges={"leek.g": mx.between(1, 2)}), "did you mean 'leak.g'"),
        (dict(ranges={"leak.g": mx.between(-1, 2)}), "leak.g"),
        (dict(ranges={"stimulus.start": mx.between(1, 2)}), "number of the stimulus"),
        (dict(candidates=4), "candidates is 4; allowed: 5 to"),
        (dict(method="reference"), "too slow to fit"),
        (dict(progress=1), "progress is 1"),
    ],
)
def test_bad_input_is_refused(changed, said):
    given = dict(
        cell=PASSIVE,
        ranges={"leak.g": mx.between(4.0, 12.0)},
        targets=fitting.steady_current([-60.0], [1.0], noise=1.0),
    )
    with pytest.raises(mx.InputError, match=said):
        mx.fit(**given | changed)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: fitting.rates([1.0], [1.0, 2.0], noise=1.0), "1 currents and 2 values"),
        (lambda: fitting.rates([1.0], [1.0], noise=0.0), "noise is 0"),
        (lambda: fitting.rates([1.0], [1.0], noise=[1.0, 2.0]), "2 noise for 1 values"),
        (lambda: fitting.spike_times([2.0, 1.0], noise=1.0, duration=5.0), "do not rise"),
        (lambda: fitting.spike_times([6.0], noise=1.0, duration=5.0), "the last is at 6"),
        (
            lambda: fitting.measured("rate", 1.0, noise=1.0, output="phase"),
            "output is 'phase'; allowed: rate",
        ),
        (
            lambda: fitting.measured(
                "rate", 1.0, noise=1.0,
                stimulus=mx.stimuli.ornstein_uhlenbeck(1.0, unit="nA", tau=5.0),
            ),
            "the stimulus fluctuates",
        ),
        (lambda: fitting.steady_current([1.0, 0.0], [1.0, 2.0], noise=1.0), "increasing"),
    ],
)  # fmt: skip
def test_bad_targets_are_refused(make, said):
    with pytest.raises(mx.InputError, match=said):
        make()
