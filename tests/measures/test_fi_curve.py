"""The f-I curve against SciPy on the published equations, written anew."""

from types import SimpleNamespace

import numpy as np
import pytest
from independent import Independent
from matplotlib.figure import Figure

import mnexcite as mx
from mnexcite.measures import fi_curve
from mnexcite.measures.fi_curve import step_rates
from mnexcite.spikes import SpikeTrains
from solved import solved

HH = mx.cells.hodgkin_huxley_1952()
CURRENTS = [2.0, 5.0, 30.0, 10.0, 300.0]


@pytest.fixture(scope="module")
def curve():
    return fi_curve(HH, CURRENTS, duration=120.0, discard=60.0, settle=5.0)


def test_rates_are_those_of_scipy(curve):
    oracle = Independent("hodgkin_huxley_1952")
    rest = oracle.rest()
    for k, current in enumerate(CURRENTS):
        times, _ = solved(
            lambda t, y, current=current: oracle(t, y, current),
            rest,
            [0.0, 120.0],
            0.0,
            1e-8,
            rtol=1e-7,
        )
        assert curve.count[k] == times.size
        if times.size > 1:
            first = 1e3 / (times[1] - times[0])
            assert curve.first_rate[k] == pytest.approx(first, rel=1e-3)
        if curve.status[k] == "ok":
            late = times[times >= 60.0]
            steady = 1e3 * (late.size - 1) / (late[-1] - late[0])
            assert curve.steady_rate[k] == pytest.approx(steady, rel=1e-3)
    # 5 fires once (HH fire for ever from 6.3 on), 300 is beyond the upper Hopf current
    assert curve.status[:4] == ("silent", "one_spike", "ok", "ok")
    assert curve.status[4] in ("one_spike", "stopped")
    assert curve.steady_rate[4] == 0.0
    assert curve.unit == "uA/cm2"


def test_the_curve_is_drawn_in_order_of_current_with_what_did_not_last(curve):
    ax = mx.plots.fi_curve(curve, ax=Figure().subplots())
    first, steady = ax.lines[:2]
    assert steady.get_xdata().tolist() == sorted(CURRENTS)
    assert steady.get_ydata().max() == pytest.approx(curve.steady_rate.max())
    assert first.get_label() == "first interval" and ax.get_xlabel().endswith("[uA/cm2]")
    assert "one spike" in [line.get_label() for line in ax.lines]
    with pytest.raises(mx.InputError, match="leave rates out"):
        mx.plots.fi_curve(curve, [1.0])


def test_a_run_that_fails_has_no_rate():
    # a reversal at -149 mV drags the cell off the axis of voltages
    cell = HH.replaced({"leak.g": 1000.0, "leak.E": -149.0})
    curve = fi_curve(cell, [-2000.0, 0.0], duration=5.0, discard=1.0, settle=0.0)
    assert curve.status[0] == "failed" and np.isnan(curve.steady_rate[0])
    assert np.isnan(curve.first_rate[0])


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"currents": []}, "currents has 0 values"),
        ({"currents": [1.0], "discard": 20.0, "duration": 10.0}, "allowed: less than it"),
        ({"currents": [1.0], "compartment": "dendrite"}, "dendrite"),
    ],
)
def test_what_is_refused(told, said):
    with pytest.raises(mx.InputError, match=said):
        fi_curve(HH, **told)


def test_slow_firing_has_not_stopped():
    """By counting: 600 ms between spikes, one after `discard`; the last lane stopped."""
    trains = SpikeTrains.from_list([[100.0, 700.0], [100.0, 110.0, 120.0]])
    batch = SimpleNamespace(spike_times=trains, status=("ok", "ok"))
    _, steady, _, said = step_rates(batch, 0.0, 500.0, 1000.0)
    assert steady.tolist() == [pytest.approx(1e3 / 600.0), 0.0]
    assert said == ("ok", "stopped")
