"""Bifurcation pictures against published Hopf currents, closed forms and SciPy."""

import numpy as np
import pytest
from independent import Independent

import mnexcite as mx
from mnexcite.cells import Cell, Compartment
from mnexcite.channels import Channel, Gate, kinetics
from mnexcite.measures import bifurcation

HH = mx.cells.hodgkin_huxley_1952()


@pytest.fixture(scope="module")
def squid():
    return bifurcation(HH, [0.0, 5.0, 8.0, 9.0, 12.0, 60.0, 150.0, 170.0], duration=150.0)


def test_the_hopf_points_of_the_squid_axon(squid):
    """At 9.77544 and 154.52243 uA/cm2 (Hassard 1978, with today's numbers by SciPy)."""
    assert [point.kind for point in squid.points] == ["hopf", "hopf"]
    for point, value, v in zip(
        squid.points, (9.77544, 154.52243), (-59.6541, -43.0581), strict=True
    ):
        assert point.value == pytest.approx(value, abs=1e-5)
        assert point.v == pytest.approx(v, abs=1e-4)
    assert squid.at.tolist() == squid.values.tolist()  # one equilibrium at each current
    assert squid.stable.tolist() == [True] * 4 + [False] * 3 + [True]


def test_between_its_fold_of_cycles_and_its_hopf_point_the_axon_is_bistable(squid):
    """Firing lasts down to 6.3 uA/cm2 and begins at 9.8 on the way up."""
    at = dict(zip(squid.values.tolist(), range(squid.values.size), strict=True))
    for value in (8.0, 9.0):
        assert squid.up.rate[at[value]] == 0.0 and squid.down.rate[at[value]] > 50.0
        assert squid.up.highest[at[value]] == pytest.approx(squid.v[at[value]], abs=0.5)
    assert squid.down.rate[at[5.0]] == 0.0
    assert squid.up.status == ("ok",) * squid.values.size


def test_firing_is_that_of_scipy(squid):
    oracle, at = Independent("hodgkin_huxley_1952"), squid.values.tolist().index(60.0)
    run = oracle.run(oracle.rest(), 150.0, 60.0, max_step=0.02)
    late = run.t > 75.0
    assert squid.up.lowest[at] == pytest.approx(run.y[0][late].min(), abs=0.05)
    assert squid.up.highest[at] == pytest.approx(run.y[0][late].max(), abs=0.2)
    v = run.y[0] + 40.0
    times = run.t[1:][(v[:-1] < 0.0) & (v[1:] >= 0.0) & late[1:]]
    assert squid.up.rate[at] == pytest.approx(1e3 / np.diff(times).mean(), rel=2e-3)
    # at 150 it swings below the level of spikes, by the Hopf frequency of nearly 169 Hz
    assert squid.up.highest[-2] < HH.spike_threshold
    assert squid.up.rate[-2] == pytest.approx(squid.points[1].frequency, rel=0.05)


def fold_cell():
    """One instantaneous inward current: v' = I - leak - NaP, all in closed form."""
    m = Gate("m", inf=kinetics.boltzmann, half=-40.0, slope=5.0)
    channels = [Channel("NaP", 1.0, m, E=50.0), Channel("leak", 1.0, E=-70.0)]
    return Cell("fold", Compartment("soma", 1.0, channels, v=-70.0))


def test_folds_are_where_the_closed_form_turns():
    v = np.linspace(-70.0, 0.0, 700_001)
    current = (v + 70.0) + (v - 50.0) / (1.0 + np.exp(-(v + 40.0) / 5.0))
    turns = np.flatnonzero(np.diff(np.sign(np.diff(current)))) + 1
    picture = bifurcation(fold_cell(), [-25.0, -5.0, 5.0, 20.0], duration=60.0)
    found = [point for point in picture.points if point.kind == "fold"]
    expected = sorted((current[k], v[k]) for k in turns)
    inside = [(i, at) for i, at in expected if -25.0 < i < 20.0]
    assert len(found) == len(inside) > 0
    for point, (i, at) in zip(found, inside, strict=True):
        assert point.value == pytest.approx(
            i, abs=1e-3
        )  # the fold may be missed within 0.01 mV
        assert point.v == pytest.approx(at, abs=0.1)


def test_over_a_number_of_the_cell():
    picture = bifurcation(HH, [30.0, 36.0], over="Kdr.g", current=8.0, duration=60.0)
    assert picture.unit == "mS/cm2"
    # less potassium brings the Hopf point below 8 uA/cm2
    assert picture.stable.tolist() == [False, True] and len(picture.points) == 1
    (point,) = picture.points
    there = mx.equations.equilibria(HH.replaced({"Kdr.g": point.value}), 8.0)[0]
    assert abs(there.eigenvalues[0].real) < 1e-6
    assert picture.up.rate[0] > 50.0


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"values": [1.0]}, "values has 1 values"),
        ({"values": [2.0, 1.0]}, "do not increase"),
        ({"values": [1.0, 2.0], "over": "Na.gg"}, "Na.g"),
        ({"values": [1.0, 2.0], "current": 3.0}, "leave it out"),
    ],
)
def test_what_is_refused(told, said):
    with pytest.raises(mx.InputError, match=said):
        bifurcation(HH, **told)
