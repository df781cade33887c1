"""The figure of a pool at work shows units, electromyogram, force and what was done."""

import pytest

import mnexcite as mx
from mnexcite import motor_pool as mp
from mnexcite import plots

POOL = mp.cramping_pool(5)
DONE = mp.train(25.0, count=5, start=100.0) + mp.length(1.0, start=600.0, duration=300.0)
DONE += mp.effort(0.1, start=950.0, duration=40.0)


@pytest.fixture(scope="module")
def activity():
    return mp.contract(POOL, DONE, duration=1000.0)


def test_pools_stand_side_by_side(activity, pixels):
    emg = mp.surface_emg(activity)
    figure = plots.new_figure(10.0, 6.0)
    drawn = plots.pool({"One\nsaid of it": (activity, emg), "Two": (activity, None)}, figure)
    assert drawn is figure
    assert pixels(figure).min() < 250
    assert len(figure.axes) == 6
    labels = {ax.get_ylabel() for ax in figure.axes}
    assert {"Motor unit, by size", "Surface EMG", "Force [% of maximal]"} <= labels
    words = {text.get_text() for text in figure.axes[0].texts}
    assert {"train, 25 Hz", "stretch", "effort", "said of it"} <= words
    assert figure.axes[0].get_xlim() == (0.0, 1.0)


def test_a_small_pool_beside_a_large_one_hides_no_unit(activity):
    """Two of the five units on the right: the axis is the larger pool's, in whole units."""
    few = mp.recorded(
        mx.spikes.SpikeTrains.from_ids([100.0, 150.0, 300.0], [0, 1, 1]), duration=1000.0
    )
    figure = plots.pool({"All": (activity, None), "Two": (few, None)}, plots.new_figure(9.0, 5))
    for ax in figure.axes[:2]:
        low, high = ax.get_ylim()
        assert low < 0.6
        assert high > 5.4
        assert set(ax.get_yticks()) <= set(range(1, 6))


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ({}, "there are 0 cases; allowed: 1 to 4"),
        ({"a": 3}, "case 'a' is 3; allowed: (activity, electromyogram or None)"),
        ({"a": ("x", None)}, "case 'a'"),
    ],
)
def test_pools_that_are_refused(cases, said):
    with pytest.raises(mx.InputError) as refused:
        plots.pool(cases)
    assert said in str(refused.value)
