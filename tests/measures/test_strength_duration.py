"""Thresholds of brief and long pulses: against SciPy, closed forms and what must hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from independent import Independent
from run_lanes import Lanes, flag_names

from mnexcite import InputError, cells
from mnexcite.equations import equilibria
from mnexcite.measures import rheobase, strength_duration
from mnexcite.measures.strength_duration import weiss_law

CELLS = {c.name: c for c in (cells.hodgkin_huxley_1952(), cells.purvis_butera_2005())}
#: looked for once, not in each of many runs; a capacitance moves no rest
REST = {
    name: {"initial": next(each.state for each in equilibria(cell) if each.rest)}
    for name, cell in CELLS.items()
}
PRECISION = 1e-3
#: of both integrations together
ERROR = 5e-4


@pytest.mark.parametrize(
    ("name", "duration", "low", "high"),
    [
        ("hodgkin_huxley_1952", 0.1, 40.0, 90.0),
        ("hodgkin_huxley_1952", 5.0, 1.5, 4.0),
        ("purvis_butera_2005", 1.0, 0.5, 1.2),
        ("purvis_butera_2005", 5.0, 0.2, 0.5),
    ],
)
def test_brief_pulses_against_scipy_on_independent_equations(name, duration, low, high):
    found = rheobase(duration=duration, settle=5.0, precision=PRECISION).run(
        Lanes(CELLS[name], options=REST[name])
    )["rheobase"][0]
    assert low < found < high
    least, most = (1.0 - PRECISION - ERROR) * found, (1.0 + ERROR) * found
    assert Independent(name).bracketed(duration, least, most)


@pytest.mark.parametrize("name", CELLS)
def test_current_falls_and_charge_grows_from_a_constant(name):
    durations = (0.02, 0.05, 0.3, 1.0, 3.0, 10.0, 100.0)
    cell = CELLS[name]
    lanes = Lanes(cell, {"C": cell.parameters["C"].value * np.array([0.7, 1.5])})
    lanes.options = REST[name]
    experiment = strength_duration(durations=durations, settle=5.0, watch=100.0)
    values = experiment.run(lanes)
    current = np.stack([values[f"threshold_{d:g}ms"] for d in durations])
    charge = current * np.array(durations)[:, None]
    # each threshold is known to 1e-3, the width of its last bracket
    assert np.all(current[1:] <= current[:-1] * (1.0 + PRECISION))
    assert np.all(charge[1:] >= charge[:-1] * (1.0 - PRECISION))
    # while the pulse is brief nothing but its charge counts, and that moves C dV
    np.testing.assert_allclose(charge[1], charge[0], rtol=0.01)
    assert np.all(np.diff(charge[0]) > 0.0)
    assert flag_names(experiment, values, "strength_duration_status") == ["ok"] * 2
    np.testing.assert_array_equal(values["sd_rheobase"], current[-1])
    # of the second lane: nothing but its own numbers enters
    twice = rheobase(duration=values["chronaxie"][1], settle=5.0, precision=1e-2)
    alone = Lanes(cell, {"C": lanes.parameters["C"][1:]}, REST[name])
    # a straight line of charge between two durations a factor of 3 apart
    assert twice.run(alone)["rheobase"][0] == pytest.approx(2.0 * current[-1, 1], rel=0.1)


@settings(deadline=None)
@given(
    st.lists(st.floats(0.05, 100.0), min_size=2, max_size=9, unique_by=lambda d: round(d, 2)),
    st.floats(0.01, 100.0),
    st.floats(0.05, 10.0),
)
def test_weiss_law_is_found_again(durations, rheobase, tau):
    d = np.array(sorted(durations))
    currents = rheobase * (1.0 + tau / d)
    a, b, misfit = weiss_law(d, currents[:, None])
    spread = d[-1] / d[0] - 1.0
    assert misfit[0] < 1e-9
    np.testing.assert_allclose([a[0], b[0]], [rheobase, tau], rtol=1e-9 / min(1.0, spread) ** 2)


def test_lapicques_membrane_has_its_own_chronaxie():
    """A threshold voltage on a leaky membrane: I = I_rh / (1 - exp(-d / tau)), tau ln 2."""

    class Lapicque(Lanes):
        def __call__(self, stimulus, *, duration, lanes=None, **options):
            tau, least = 3.0, 0.4
            rows = []
            for one in stimulus:
                ((_, length), height) = _pulse(one)
                reached = height * (1.0 - np.exp(-length / tau))
                rows.append([10.0] if reached >= least else [])
            return _Answer(rows)

    durations = tuple(np.geomspace(0.1, 200.0, 40))
    experiment = strength_duration(durations=durations, settle=5.0, precision=1e-5)
    values = experiment.run(Lapicque(CELLS["purvis_butera_2005"]))
    assert values["sd_rheobase"][0] == pytest.approx(0.4, rel=2e-5)
    # the line of charge between neighbours 1.2 apart misses by less than 1 %
    assert values["chronaxie"][0] == pytest.approx(3.0 * np.log(2.0), rel=0.01)


def _pulse(stimulus):
    edges = stimulus.currents[0].waveform.breaks
    middle = 0.5 * (edges[0] + edges[-1])
    return (edges[0], edges[-1] - edges[0]), float(stimulus.at(middle))


class _Answer:
    def __init__(self, rows):
        from mnexcite.spikes import SpikeTrains

        self.spike_times = SpikeTrains.from_list(rows)
        self.status = ("ok",) * len(rows)


def test_what_has_no_threshold_says_why():
    cell = CELLS["purvis_butera_2005"]
    lanes = Lanes(cell, {"Kdr.g": [1.3, 0.5], "A.g": [1.0, 0.3], "NaP.g": [0.05, 0.15]})
    experiment = strength_duration(durations=(0.5, 1.0, 100.0), highest=0.5, watch=400.0)
    values = experiment.run(lanes)
    flags = flag_names(experiment, values, "strength_duration_status")
    assert flags == ["above_highest", "fires_by_itself"]
    assert np.isfinite(values["threshold_100ms"][0]) and np.isnan(values["threshold_1ms"][0])
    for name in ("chronaxie", "weiss_rheobase", "weiss_time_constant", "weiss_misfit"):
        assert np.isnan(values[name]).all()
    narrow = strength_duration(durations=(100.0, 200.0), settle=5.0)
    values = narrow.run(Lanes(cell))
    assert flag_names(narrow, values, "strength_duration_status") == ["chronaxie_not_within"]
    assert np.isnan(values["chronaxie"][0]) and np.isfinite(values["sd_rheobase"][0])


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"durations": (1.0,)}, "two or more"),
        ({"durations": (1.0, 1.0)}, "all different"),
        ({"durations": "abc"}, "two or more numbers"),
        ({"durations": (0.0, 1.0)}, "above 0"),
        ({"weiss": 0.15}, "second shortest"),
        ({"watch": -1.0}, "watch"),
    ],
)
def test_bad_arguments_are_refused(told, message):
    with pytest.raises(InputError, match=message) as caught:
        strength_duration(**told)
    assert "\n" not in str(caught.value)
