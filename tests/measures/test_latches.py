"""What latches and releases a cell: against SciPy, and by stand-ins whose answer is known."""

import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_lanes import Lanes, flag_names
from scipy import stats
from scipy.integrate import solve_ivp

import mnexcite as mx
from mnexcite import InputError, cells
from mnexcite.measures import EscapeTimes, basin, escape, escape_times, release
from mnexcite.measures.search import ABOVE_HIGHEST, AT_ZERO, FAILED, FOUND, least
from mnexcite.spikes import SpikeTrains

sys.path.insert(0, str(Path(__file__).parents[1] / "data"))
from make_references import CELLS

#: rests at -86 mV, and fires on once it was kicked
MOLKOV = {"ions.K_o": 6.0, "NaP.g": 0.5}
#: the same, but no pulse of -0.25 nA ends its firing
LATCH = cells.purvis_butera_2005().scaled({"A.g": 0.3})
REST = {"initial": "rest"}
PRECISION = 0.02


@given(
    st.lists(st.just(0.0) | st.floats(1e-6, 200.0), min_size=1, max_size=6),
    st.floats(0.1, 100.0),
    st.floats(1e-4, 0.5),
)
def test_the_least_strength_is_bracketed(thresholds, highest, precision):
    true = np.array(thresholds)

    def works(lanes, tried):
        return tried >= true[lanes], np.zeros(lanes.size, bool)

    value, known = least(works, true.size, highest, precision)
    assert np.array_equal(known == AT_ZERO, true == 0.0)
    assert np.array_equal(known == ABOVE_HIGHEST, true > highest)
    found = known == FOUND
    width = precision * np.maximum(value[found], highest / 1024)
    assert np.all(true[found] <= value[found])
    assert np.all(value[found] - width <= true[found])
    assert np.array_equal(np.isnan(value), true > highest)


def test_a_failed_run_ends_its_lane_alone():
    def works(lanes, tried):
        return tried > 0.7, (lanes == 1) & (tried > 0.1)

    value, known = least(works, 3, 1.0, 0.01)
    assert known.tolist() == [FOUND, FAILED, FOUND]
    assert np.isnan(value[1]) and value[0] == value[2]


TIMES = {"settle": 100.0, "duration": 150.0, "wait": 150.0, "watch": 600.0}


class Scipy:
    """The same protocol on independent equations."""

    def __init__(self):
        self.cell = CELLS["MK"]
        self.numbers = {**self.cell.parameters, **MOLKOV}
        self.rest = self.run(list(self.cell.initial.values()), 10_000.0)
        assert self.rest[0] < -70.0

    def run(self, y, until, current=0.0, events=None):
        """Return the state at the end, or at the first event that ends it."""
        f = self.cell.derivative(self.numbers, lambda t: current)
        told = {"method": "LSODA", "rtol": 1e-8, "atol": self.cell.atol(1e-8)}
        return solve_ivp(f, (0.0, until), y, events=events, **told).y[:, -1]

    def fires_on(self, y):
        """Return whether it fires in the second half of the watch."""

        def spike(t, y):
            return y[0] - self.cell.threshold

        spike.terminal, spike.direction = True, 1.0
        half = 0.5 * TIMES["watch"]
        late = self.run(self.run(y, half), half, events=spike)
        return bool(late[0] > self.cell.threshold - 1e-6)

    def kicked(self, current):
        return self.run(self.rest, TIMES["duration"], current)


def test_pulses_of_both_signs_against_scipy_on_independent_equations():
    experiment = basin(precision=PRECISION, **TIMES)
    cell = cells.molkov_2025().replaced(MOLKOV)
    values = experiment.run(Lanes(cell, options=REST))
    up, down = values["latching_at_0"][0], values["releasing_at_0"][0]
    assert flag_names(experiment, values, "basin_at_0") == ["ok"]
    truth = Scipy()
    assert truth.fires_on(truth.kicked(1.01 * up))
    assert not truth.fires_on(truth.kicked((1.0 - 2.0 * PRECISION) * up))
    latched = truth.run(truth.kicked(up), TIMES["wait"])
    for share, held in ((1.01, False), (1.0 - 2.0 * PRECISION, True)):
        braked = truth.run(latched, TIMES["duration"], -share * down)
        assert truth.fires_on(braked) == held


class Switch:
    """A cell that answers by rule: latched from a pulse on, released by another."""

    lanes = 2

    def __init__(self, unit="nA", charge=1.0, stop=0.2, inhibition=30.0):
        self.unit, self.charge, self.stop, self.inhibition = unit, charge, stop, inhibition

    def __call__(self, stimulus, *, duration, lanes=None, **_):
        stimuli = stimulus if isinstance(stimulus, list) else [stimulus] * len(lanes)
        trains = [
            self.train(one, int(lane), duration)
            for one, lane in zip(stimuli, lanes, strict=True)
        ]
        return SimpleNamespace(
            spike_times=SpikeTrains.from_list(trains), status=("ok",) * len(stimuli)
        )

    def train(self, stimulus, lane, duration):
        t = np.arange(0.0, duration, 10.0)
        current, opened = np.zeros(t.size), np.zeros(t.size)
        for part in stimulus.currents:
            current += part.waveform.at(t)
        for part in stimulus.conductances:
            opened += part.waveform.at(t)
        base = current[0]
        # lane 1 is twice as hard to move; holding current helps up and hinders down
        up = np.flatnonzero(current - base >= (1.0 + lane) * self.charge - base)
        if not up.size:
            return []
        on = t[up[0]]
        down = (current - base <= -(1.0 + lane) * self.stop - base) & (t > on)
        inhibited = np.cumsum(opened * 10.0) >= (1.0 + lane) * self.inhibition
        ends = np.flatnonzero(down | inhibited)
        end = t[ends[0]] if ends.size else duration
        return np.arange(on, end, 40.0)


def test_the_holding_current_moves_both_edges():
    experiment = basin(holding=(0.3, -0.1, 0.0), lowest=-2.0, precision=1e-3)
    values = experiment.run(Switch())
    for held in (-0.1, 0.0, 0.3):
        up, down = values[f"latching_at_{held:g}"], values[f"releasing_at_{held:g}"]
        assert up == pytest.approx([1.0 - held, 2.0 - held], rel=2e-3)
        assert down == pytest.approx([0.2 + held, 0.4 + held], rel=2e-2)
        assert flag_names(experiment, values, f"basin_at_{held:g}") == ["ok"] * 2


def test_what_nothing_latches_or_releases_is_said():
    experiment = basin(highest=1.5, lowest=-0.1)
    values = experiment.run(Switch())
    assert flag_names(experiment, values, "basin_at_0") == [
        "nothing_releases",
        "nothing_latches",
    ]
    assert values["latching_at_0"][0] == pytest.approx(1.0, rel=0.05)
    assert np.isnan(values["latching_at_0"][1])
    assert np.all(np.isnan(values["releasing_at_0"]))


def test_what_fires_by_itself_has_no_basin():
    experiment = basin(holding=2.0)
    values = experiment.run(Switch(charge=0.5))
    assert flag_names(experiment, values, "basin_at_2") == ["fires_by_itself"] * 2
    assert np.isnan(values["latching_at_2"]).all()


def test_an_inhibition_needs_a_conductance_times_a_duration():
    experiment = release(durations=(3000, 300.0), amplitude=4.0, precision=1e-3, highest=0.15)
    values = experiment.run(Switch(inhibition=30.0))
    # lane 1 needs twice as much, more than is tried in 300 ms
    assert values["release_300ms"][0] == pytest.approx(0.1, rel=0.05)
    assert values["release_3000ms"] == pytest.approx([0.01, 0.02], rel=0.05)
    assert flag_names(experiment, values, "release_status_300ms") == ["ok", "above_highest"]
    assert {o.unit for o in experiment.outputs if not o.flags} == {"{conductance}"}
    values = experiment.run(Switch(charge=99.0))
    assert flag_names(experiment, values, "release_status_300ms") == ["does_not_latch"] * 2


def test_inhibition_in_the_units_of_the_cell():
    molkov = cells.molkov_2025().replaced(MOLKOV)
    for cell, unit in ((LATCH, "uS"), (molkov, "mS/cm2")):
        times = {"durations": [500.0], "kick": 300.0, "wait": 300.0, "watch": 1000.0}
        measure = release(**times, precision=0.1)
        ds = mx.sweep(
            cell, {"C": [cell.parameters["C"].value]}, duration=1.0, measures=[measure]
        )
        assert ds["release_500ms"].attrs["units"] == unit
        told = ds["release_status_500ms"]
        assert told.attrs["flag_meanings"].split()[int(told[0])] != "does_not_latch"
        assert (ds["release_500ms"].values[0] > 0.0) == (told[0] == 0)


class Memoryless(Lanes):
    """Escapes by the clock of an exponential distribution; mean 2000 ms up, 500 down."""

    def __init__(self, lanes):
        self.count, self.rng = lanes, np.random.default_rng(5)

    lanes = property(lambda self: self.count)
    unit = "nA"

    def __call__(self, stimulus, *, duration, lanes):
        kicked = len(stimulus[0].currents) == 2
        if kicked:
            spans = [(10.0, 500.0 + t) for t in self.rng.exponential(500.0, lanes.size)]
        else:
            spans = [(t, duration) for t in self.rng.exponential(2000.0, lanes.size)]
        trains = [np.arange(start, min(stop, duration), 50.0) for start, stop in spans]
        status = ("ok",) * len(trains)
        return SimpleNamespace(spike_times=SpikeTrains.from_list(trains), status=status)


def test_escape_times_without_memory_are_found_though_half_are_not_seen():
    repeats, watch = 800, 1500.0
    experiment = escape(repeats=repeats, watch=watch)
    values = experiment.run(Memoryless(1))
    seen = 1.0 - np.exp(-watch / 2000.0)
    assert values["escape_to_firing_share"] == pytest.approx([seen], abs=0.03)
    # relative error of the likeliest mean is 1 / sqrt(escapes)
    error = 4.0 / np.sqrt(repeats * seen)
    assert values["escape_to_firing"] == pytest.approx([2000.0], rel=error)
    share = values["escape_to_rest_share"].min()
    error = 4.0 / np.sqrt(repeats * share)
    assert values["escape_to_rest"] == pytest.approx([500.0], rel=error)
    assert flag_names(experiment, values, "escape_to_rest_status") == ["ok"]


NOISY = {"repeats": 5, "watch": 3000.0}


@pytest.fixture(scope="module")
def escaped():
    """Two latches under noise, both at once and the latter alone."""
    base, measure = cells.purvis_butera_2005(), escape(sd=0.2, **NOISY)
    axes = {"A.g": mx.factors([0.25, 0.3])}
    both = mx.sweep(base, axes, duration=1.0, measures=[measure])
    return both, mx.sweep(LATCH, {"C": [0.04]}, duration=1.0, measures=[measure])


def test_escapes_of_a_latch_under_noise(escaped):
    """More noise, sooner; the same bits in any company; none without noise to speak of."""
    both, alone = escaped
    for name in ("escape_to_firing", "escape_to_rest_share"):
        assert alone[name].values[0] == both[name].values[1]
    shares = {0.2: alone["escape_to_firing_share"].values[0]}
    for sd in (1e-4, 0.1):
        told = mx.sweep(LATCH, {"C": [0.04]}, duration=1.0, measures=[escape(sd=sd, **NOISY)])
        shares[sd] = told["escape_to_firing_share"].values[0]
        words = told["escape_to_firing_status"].attrs["flag_meanings"].split()
        status = words[int(told["escape_to_firing_status"][0])]
        assert status == ("ok" if shares[sd] else "none_escaped")
    assert 0.0 == shares[1e-4] <= shares[0.1] <= shares[0.2] > 0.0


@pytest.mark.parametrize("to", ["firing", "rest"])
def test_escape_times_are_those_that_escape_averages(escaped, to):
    found, (_, ds) = escape_times(LATCH, to=to, sd=0.2, **NOISY), escaped
    share = np.isfinite(found.times).mean()
    assert found.failed == 0 and share == ds[f"escape_to_{to}_share"].values[0]
    if share:
        assert found.mean == ds[f"escape_to_{to}"].values[0]


def test_survival_is_that_of_kaplan_and_meier():
    times = np.random.default_rng(1).exponential(2000.0, 60).round(-2)
    times[times >= 3000.0] = np.inf
    found = EscapeTimes(times, 3000.0, "rest")
    data = stats.CensoredData.right_censored(np.minimum(times, 3000.0), np.isinf(times))
    theirs = stats.ecdf(data).sf
    at, left = found.survival
    np.testing.assert_allclose(left[1:], theirs.evaluate(at[1:]), rtol=0, atol=1e-12)
    assert (at[0], left[0]) == (0.0, 1.0) and left[-1] == pytest.approx(np.isinf(times).mean())
    assert EscapeTimes(np.full(3, np.inf), 10.0, "rest").mean == np.inf


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (basin, {"holding": ()}),
        (basin, {"holding": (1.0, 1.0)}),
        (basin, {"holding": np.nan}),
        (basin, {"lowest": 1.0}),
        (basin, {"precision": 0.0}),
        (release, {"durations": "50"}),
        (release, {"durations": []}),
        (release, {"E": np.inf}),
        (release, {"highest": -1.0}),
        (escape, {"sd": 0.0}),
        (escape, {"repeats": 0}),
        (escape, {"seed": -1}),
        (escape, {"pause": 0.0}),
        (partial(escape_times, LATCH), {"to": "sleep"}),
        (partial(escape_times, LATCH), {"watch": 0.0}),
    ],
)
def test_bad_arguments_are_refused(make, told):
    (name,) = told
    said = getattr(make, "func", make).__name__
    with pytest.raises(InputError, match=f"{said}: {name}"):
        make(**told)
