"""The refractory period against SciPy on the published equations, written anew."""

import numpy as np
import pytest
from independent import Independent
from run_lanes import Lanes, Told, flag_names, lane

import mnexcite as mx
from mnexcite.measures import refractory
from solved import solved

HH = mx.cells.hodgkin_huxley_1952()


def spikes_of(oracle, rest, amplitude, interval, watch=20.0):
    """Return how many spikes two pulses of 1 ms make, by SciPy."""

    def f(t, y):
        on = (0.0 <= t < 1.0) + (interval <= t < interval + 1.0)
        return oracle(t, y, amplitude * on)

    edges = [0.0, 1.0, interval, interval + 1.0, interval + watch]
    return len(solved(f, rest, edges, 0.0, 1e-9, rtol=1e-8)[0])


@pytest.mark.parametrize("amplitude", [14.0, 60.0])
def test_two_pulses_fire_at_the_interval_and_not_before(amplitude):
    measure = refractory(amplitude=amplitude, settle=5.0, longest=32.0, watch=20.0)
    lanes = Lanes(HH, options={"initial": "rest"})
    values = measure.run(lanes)
    assert flag_names(measure, values, "refractory_status") == ["ok"]
    (found,) = values["refractory"]
    oracle = Independent("hodgkin_huxley_1952")
    rest = oracle.rest()
    assert spikes_of(oracle, rest, amplitude, found) == 2
    assert spikes_of(oracle, rest, amplitude, 0.985 * found) == 1


def test_stronger_pulses_fire_sooner_and_each_point_has_its_own_threshold():
    lanes = Lanes(HH, {"Na.g": [110.0, 130.0]}, {"initial": "rest"})
    told = {"settle": 5.0, "watch": 20.0, "precision": 0.05}
    weak, strong = (refractory(multiple=m, **told).run(lanes) for m in (1.5, 4.0))
    assert (strong["refractory"] < weak["refractory"]).all()
    sizes = weak["refractory_amplitude"]
    assert sizes[0] > sizes[1]  # less sodium asks for more current


@pytest.mark.parametrize(
    ("answers", "flag"),
    [
        ([[lane([])]], "no_first_spike"),
        ([[lane([201.0, 220.0])]], "fires_more_than_once"),
        ([[lane([201.0], status="non_finite")]], "failed"),
        ([[lane([201.0])]] * 20, "above_longest"),
    ],
)
def test_a_point_without_a_period_says_why(answers, flag):
    measure = refractory(amplitude=1.0)
    values = measure.run(Told(answers))
    assert flag_names(measure, values, "refractory_status") == [flag]
    assert np.isnan(values["refractory"]).all()
