"""Spikes that a rounding decides, and spikes that may be or not be: the run says so.

What is right comes from heyoka's Taylor series and from SciPy's DOP853 at 1e-12, on the
equations of `tests/data/make_references.py` (`benchmarks/independent_runs.py` runs both).
"""

from dataclasses import replace

import numpy as np
import pytest

from exactness import TRUTH
from mnexcite import cells, simulate, stimuli
from mnexcite.engine.methods import METHODS
from mnexcite.errors import RunWarning

HH, PB = cells.hodgkin_huxley_1952(), cells.purvis_butera_2005()
ADAPTIVE = [name for name, method in METHODS.items() if method.adaptive]

#: Creeps for 350 ms along a plateau that loses its stability.
CREEPING = PB.scaled({"NaP.g": 4.0, "K.g": 0.6})
#: Second spike [ms] of 100 runs by heyoka whose starts differ by 1e-12 mV or so.
SPREAD = (383.69, 393.93)

#: Step from 10 ms [uA/cm2] -> the spikes of 400 ms [ms]; both solvers agree on these.
NEAR_MISSES = {
    2.24: [],
    2.2404: [],
    2.24041: [],
    2.24042: [22.155000],
    2.24043: [21.783725],
    2.240435: [21.673512],
    2.24045: [21.447936],
}


@pytest.mark.parametrize(
    "options",
    [*({"method": name} for name in ADAPTIVE), {"tolerance": 1e-8}, {"dt": 0.0125}],
)
def test_spikes_that_a_rounding_decides_have_a_status(options):
    options = {"method": "staggered"} | options if "dt" in options else options
    with pytest.warns(RunWarning, match=r"1 sensitive: .*roundings"):
        run = simulate(CREEPING, duration=500.0, spike_error=0.1, record=(), **options)
    assert run.status == "sensitive" and run.spike_error > 1.0
    # it is whole, and can go on
    on = simulate(CREEPING, duration=1.0, initial=run.final_state, record=())
    assert on.status == "ok"


@pytest.mark.parametrize("method", ADAPTIVE)
def test_such_spikes_lie_among_those_of_independent_solvers(method):
    """No table moves them out of what a rounding does to anybody's."""
    with pytest.warns(RunWarning, match="sensitive"):
        run = simulate(CREEPING, duration=500.0, method=method, spike_error=1e-4, record=())
    first, second, *_ = run.spike_times
    assert abs(first - 4.008128) < 1e-4
    low, high = SPREAD
    # its own draw of the same lottery
    assert low - 3.0 < second < high + 3.0


def test_calm_lanes_beside_a_sensitive_one_keep_their_status():
    given = {"duration": 500.0, "spike_error": 0.1, "record": (), "method": "kaps_rentrop"}
    calm, wild = PB.parameters["NaP.g"].value, CREEPING.parameters["NaP.g"].value
    with pytest.warns(RunWarning, match="1 of 2 lanes"):
        batch = simulate(CREEPING, parameters={"NaP.g": [calm, wild]}, **given)
    assert batch.status == ("ok", "sensitive")
    assert batch.spike_error[0] <= 0.1 < batch.spike_error[1]


@pytest.mark.parametrize("wanted", [1.0, 0.01])
@pytest.mark.parametrize("method", [None, *ADAPTIVE])
def test_a_near_miss_is_told_from_silence(method, wanted):
    drives = [stimuli.step(i, unit="uA/cm2", start=10.0) for i in NEAR_MISSES]
    # what comes near a spike does so within 20 ms of the step
    options = {"duration": 100.0, "spike_error": wanted, "method": method, "record": ()}
    batch = simulate(HH, drives, **options)
    assert batch.status == ("ok",) * len(drives)
    for lane, (amplitude, spikes) in enumerate(NEAR_MISSES.items()):
        assert len(batch.spike_times[lane]) == len(spikes), amplitude
        error = np.abs(batch.spike_times[lane] - spikes).max(initial=0.0)
        assert error <= batch.spike_error[lane] + 1e-6 and batch.spike_error[lane] <= wanted


PULSE = stimuli.pulse(30.0, unit="uA/cm2", start=5.0)


@pytest.fixture(scope="module")
def peak():
    """Return the height of the spike after a pulse; a sample is within 1e-6 mV of it."""
    before = simulate(HH, PULSE, duration=6.0, **TRUTH, record=()).final_state
    over = simulate(HH, PULSE, duration=3.0, initial=before, **TRUTH, every=2e-4)["v"]
    assert over[0] < over.max() > over[-1]
    return float(over.max())


@pytest.mark.filterwarnings("ignore::mnexcite.errors.RunWarning")
@pytest.mark.parametrize("gap", [1e-5, 1e-3])
def test_a_peak_that_grazes_the_threshold_counts_or_not(gap, peak):
    """Where nobody can tell, the run says so; it never says `ok` and miscounts."""
    for sign, count in ((-1.0, 1), (1.0, 0)):
        cell = replace(HH, spike_threshold=peak + sign * gap)
        for method in ADAPTIVE:
            run = simulate(cell, PULSE, duration=12.0, method=method, spike_error=0.1)
            if run.status == "ok":
                assert len(run.spike_times) == count
            assert gap < 1e-3 or run.status == "ok"


def test_where_nothing_comes_near_a_spike_no_error_is_deserved():
    run = simulate(HH, duration=100.0, spike_error=0.01)
    assert run.status == "ok" and run.spike_error == 0.0


def test_the_last_spike_before_the_end_is_judged_by_how_far_it_is_from_there():
    """Whether it is in the run is what the error of its time decides."""
    drive = stimuli.step(9.0, unit="uA/cm2", start=10.0)
    last = simulate(HH, drive, duration=100.0, spike_error=1e-4, record=()).spike_times[-1]
    for end, most in ((last + 1e-6, 1), (last - 1e-6, 1), (last + 0.5, 0)):
        run = simulate(HH, drive, duration=float(end), spike_error=0.01, record=())
        whole = simulate(HH, drive, duration=100.0, spike_error=0.01, record=())
        count = np.count_nonzero(whole.spike_times < end)
        assert run.status == "ok" and abs(len(run.spike_times) - count) <= most
