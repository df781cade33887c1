"""Rest, firing or both: against SciPy on independent equations, and the rules by stand-ins."""

import numpy as np
import pytest
from independent import THRESHOLD, Independent
from run_lanes import Lanes, flag_names
from scipy.optimize import root

import mnexcite as mx
from mnexcite import InputError, cells
from mnexcite.measures import bistability, rheobase, self_sustained
from mnexcite.spikes import SpikeTrains

PB, HH = cells.purvis_butera_2005(), cells.hodgkin_huxley_1952()
NAME = PB.name
WATCH = 1000.0
POINTS = {(1.0, 0.3): "bistable", (1.4, 1.0): "rest_only", (2.0, 0.4): "fires_only"}


def ends(where):
    """Return an event that ends a run where a function of the voltage changes its sign."""

    def event(t, y, current):
        return where(y[0])

    event.terminal = True
    return event


def fires_late(cell, y, last=500.0):
    """Return whether a spike comes in the last 0.5 s of the watch after state `y`."""
    told = {"rtol": 1e-8, "atol": 1e-10}
    middle = cell.run(y, WATCH - last, **told).y[:, -1]
    crossing = ends(lambda v: v - THRESHOLD[NAME])
    return cell.run(middle, last, events=crossing, **told).status == 1


@pytest.mark.parametrize(("nap", "a"), POINTS)
def test_three_kinds_of_cells_against_scipy(nap, a):
    independent = Independent(NAME, NaP=nap, A=a)
    start, rests = independent.published, False
    solved = root(lambda y: independent(0.0, y), start, tol=1e-12)
    if solved.success:  # it rests there if it comes back from 0.1 mV beside it
        beside = solved.x + 0.1 * np.eye(start.size)[0]
        left = independent.run(
            beside, 5000.0, events=ends(lambda v: abs(v - solved.x[0]) - 5.0)
        )
        rests = abs(left.y[0, -1] - solved.x[0]) < 0.01
        start = solved.x if rests else start
    pulsed = independent.run(start, 500.0, 1.0, max_step=0.5).y[:, -1]
    fires = fires_late(independent, pulsed) or fires_late(independent, independent.published)
    expected = {(1, 0): "rest_only", (1, 1): "bistable", (0, 1): "fires_only"}[rests, fires]
    assert expected == POINTS[nap, a]
    experiment = bistability(watch=WATCH)
    values = experiment.run(Lanes(PB.scaled({"NaP.g": nap, "A.g": a})))
    assert flag_names(experiment, values, "bistability") == [expected]
    assert (values["bistability_rate"][0] > 0.0) == fires


def test_a_latch_is_mapped_in_one_call_and_begins_at_rest():
    """In one sweep: the classes, a rheobase where there is a rest, and the latched points."""
    axes = {"NaP.g": mx.factors([1.0, 2.0]), "A.g": mx.factors([0.3, 0.35, 1.0])}
    asked = (bistability(watch=WATCH), rheobase(duration=500.0), self_sustained())
    found = mx.sweep(PB, axes, duration=1.0, measures=asked)
    words = found["bistability"].attrs["flag_meanings"].split()
    classes = [[words[code] for code in row] for row in found["bistability"].values]
    assert classes[0] == ["bistable", "bistable", "rest_only"]
    assert classes[1] == ["fires_only", "fires_only", "rest_only"]
    has_rest = np.array(classes) != "fires_only"
    assert np.array_equal(found["rheobase"].values > 0.0, has_rest)
    words = found["sustained_end"].attrs["flag_meanings"].split()
    on = found["sustained_end"].values == words.index("fires_on")
    assert np.array_equal(on, np.array(classes) == "bistable")
    ax = mx.plots.phase_map(found, variable="bistability")
    assert "bistable" in [text.get_text() for text in ax.get_legend().get_texts()]


class Answers:
    """Answer the run from rest, then that from the published state, as told."""

    lanes, unit = 1, "nA"

    def __init__(self, began, kicked, released, status="ok"):
        self.told = [(began, kicked, "ok"), ("published", released, status)]

    def __call__(self, stimulus, *, duration, initial):
        began, spikes, status = self.told.pop(0)
        assert initial == ("rest" if self.told else "published")
        batch = type("Batch", (), {})()
        batch.began, batch.status = (began,), (status,)
        batch.spike_times = SpikeTrains.from_list([spikes])
        batch.start, batch.duration = 0.0, duration
        return batch


LASTS = np.arange(510.0, 1500.0, 50.0)
ENDS = np.arange(510.0, 800.0, 50.0)


@pytest.mark.parametrize(
    ("began", "kicked", "released", "expected", "rate"),
    [
        ("rest", [], [], "rest_only", 0.0),
        ("rest", ENDS, [], "rest_only", 0.0),
        ("rest", LASTS, [], "bistable", 20.0),
        ("rest", ENDS, LASTS, "bistable", 20.0),
        ("no_rest", LASTS, LASTS, "fires_only", 20.0),
        ("no_rest", [], LASTS, "fires_only", 20.0),
        ("no_rest", ENDS, [], "neither", 0.0),
    ],
)
def test_the_rules(began, kicked, released, expected, rate):
    experiment = bistability(watch=1000.0)
    values = experiment.run(Answers(began, kicked, released))
    assert flag_names(experiment, values, "bistability") == [expected]
    assert values["bistability_rate"][0] == pytest.approx(rate)


def test_a_failed_run_has_no_class():
    experiment = bistability(watch=1000.0)
    values = experiment.run(Answers("rest", LASTS, [], "out_of_range"))
    assert flag_names(experiment, values, "bistability") == ["failed"]
    assert np.isnan(values["bistability_rate"][0])


@pytest.mark.parametrize("told", [{"amplitude": -1.0}, {"duration": 0.0}, {"watch": np.nan}])
def test_bad_arguments_are_refused(told):
    with pytest.raises(InputError, match="bistability"):
        bistability(**told)
