"""Spikes, shapes and statistics of our cells against eFEL and Elephant.

Each difference of definition is applied here in the open, and stands in docs/measures.md.
"""

import warnings

import numpy as np
import pytest

import mnexcite as mx
from mnexcite.spikes import describe, detect, intervals, mean_rate, shape

STEP = 0.02  # ms between samples
START, END, DURATION = 100.0, 1000.0, 1200.0
CASES = {
    "purvis_butera_2005": (1.0, "nA"),
    "hodgkin_huxley_1952": (10.0, "uA/cm2"),
    "booth_rinzel_kiehn_1997": (15.0, "uA/cm2"),
}
FEATURES = (
    "peak_time", "peak_voltage", "AP_begin_voltage", "AP_begin_time", "AP_amplitude",
    "AP_duration_half_width", "min_AHP_values", "AHP_depth_abs_slow", "all_ISI_values",
    "adaptation_index2", "mean_frequency", "ISI_CV", "inv_last_ISI", "spike_count",
)  # fmt: skip


@pytest.fixture(scope="module", params=CASES)
def run(request):
    cell = getattr(mx.cells, request.param)()
    current, unit = CASES[request.param]
    drive = mx.stimuli.step(current, unit=unit, start=START, duration=END - START)
    v = "v" if len(cell.compartments) == 1 else "soma.v"
    rec = mx.simulate(cell, drive, duration=DURATION, record=v, every=STEP)
    return cell, rec.t, rec[v], rec.spike_times


@pytest.fixture(scope="module")
def efel_of(run):
    efel = pytest.importorskip("efel", reason="eFEL is not installed (extra oracles)")
    cell, t, v, _ = run
    trace = {"T": t, "V": v, "stim_start": [START], "stim_end": [END]}
    efel.reset()
    settings = {
        "Threshold": cell.spike_threshold,
        "interp_step": STEP,
        "DerivativeThreshold": 10.0,
        "ignore_first_ISI": False,
    }
    for name, value in settings.items():
        efel.set_setting(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names of features that it would rather have
        (found,) = efel.get_feature_values([trace], list(FEATURES))
    return found


def shapes(run):
    _, t, v, spikes = run
    return [shape(t, v, spike, stop=END) for spike in spikes[spikes < END]]


def of(found, name, first=1, last=-1):
    return np.array([getattr(each, name) for each in found[first:last]])


def test_shapes_are_those_of_efel(run, efel_of):
    ours, theirs = shapes(run), efel_of
    assert len(ours) == theirs["spike_count"][0] > 5
    # the first spike's threshold is the onset of the step here, and so it is there
    inner = slice(1, -1)
    # a sample beside the vertex of the parabola through it
    assert of(ours, "peak_time") == pytest.approx(theirs["peak_time"][inner], abs=STEP)
    assert (of(ours, "peak") >= theirs["peak_voltage"][inner] - 1e-9).all()
    # the vertex lies above the highest sample by an eighth of the second difference at most
    tops = np.searchsorted(run[1], theirs["peak_time"][inner] - 0.5 * STEP)
    bend = np.abs(np.diff(run[2], 2))[tops[:, None] + np.arange(-2, 1)].max(axis=1)
    assert (of(ours, "peak") <= theirs["peak_voltage"][inner] + bend / 8).all()
    # the first sample of the rise, where ours lies between samples: two of them of a rise
    # that passes 10 mV/ms, and is at twice that a sample later at most
    assert of(ours, "threshold_time") == pytest.approx(
        theirs["AP_begin_time"][inner], abs=2 * STEP
    )
    assert of(ours, "threshold") == pytest.approx(
        theirs["AP_begin_voltage"][inner], abs=2 * STEP * 20.0
    )
    # both flanks to a sample, and the height by half of the threshold's difference
    assert of(ours, "half_width") == pytest.approx(
        theirs["AP_duration_half_width"][inner], abs=3 * STEP
    )


def test_after_hyperpolarisations_are_the_lower_of_efels_two(run, efel_of):
    # eFEL tells a first trough from the lowest voltage later than 5 ms; ours is the lowest
    ours = of(shapes(run), "ahp")
    fast = np.asarray(efel_of["min_AHP_values"])[1:-1]
    slow = np.asarray(efel_of["AHP_depth_abs_slow"])
    assert ours == pytest.approx(np.minimum(fast, slow), abs=1e-3)


def test_statistics_are_those_of_efel_after_their_definitions(run, efel_of):
    *_, spikes = run
    spikes = spikes[spikes < END]
    gaps = intervals(spikes)
    assert gaps == pytest.approx(efel_of["all_ISI_values"], abs=2 * STEP)
    told = describe(spikes)
    assert told.last_rate == pytest.approx(efel_of["inv_last_ISI"][0], rel=2 * STEP / gaps[-1])
    # the count over the time from the stimulus' start to the last peak, not intervals
    last_peak = efel_of["peak_time"][-1]
    expected = 1e3 * spikes.size / (last_peak - START)
    assert efel_of["mean_frequency"][0] == pytest.approx(expected, rel=1e-9)
    # eFEL's adaptation_index2 leaves out the first interval; peaks lie on samples
    jitter = 4 * STEP / gaps.min()
    assert describe(spikes[1:]).adaptation == pytest.approx(
        efel_of["adaptation_index2"][0], abs=jitter / gaps.size
    )
    # the sample standard deviation, ours is that of the population
    n = gaps.size
    assert told.cv * np.sqrt(n / (n - 1)) == pytest.approx(efel_of["ISI_CV"][0], abs=jitter)


@pytest.fixture(scope="module")
def elephant():
    reason = "Elephant is not installed (extra oracles)"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("elephant", reason=reason)
        import elephant.spike_train_generation
        import elephant.statistics
        import neo
        import quantities

    return elephant.statistics, elephant.spike_train_generation, neo, quantities


@pytest.mark.filterwarnings("ignore")
def test_statistics_are_those_of_elephant(run, elephant):
    statistics, _, neo, pq = elephant
    *_, spikes = run
    train = neo.SpikeTrain(spikes, units="ms", t_start=0.0 * pq.ms, t_stop=DURATION * pq.ms)
    theirs = float(statistics.mean_firing_rate(train).rescale("Hz"))
    assert mean_rate(spikes, until=DURATION) == pytest.approx(theirs, rel=1e-12)
    # over the whole time, where our rate is that of the intervals
    assert describe(spikes).rate != pytest.approx(theirs, rel=0.01)
    gaps = statistics.isi(train).rescale("ms").magnitude
    assert intervals(spikes) == pytest.approx(gaps, rel=1e-12)
    assert describe(spikes).cv == pytest.approx(statistics.cv(gaps), rel=1e-9)


@pytest.mark.filterwarnings("ignore")
def test_detection_is_that_of_elephant_but_for_rearming(run, elephant):
    _, generation, neo, pq = elephant
    cell, t, v, spikes = run

    def crossings(trace):
        signal = neo.AnalogSignal(trace[:, None], units="mV", sampling_period=STEP * pq.ms)
        level = cell.spike_threshold * pq.mV
        found = generation.threshold_detection(signal, threshold=level)
        return found.rescale("ms").magnitude.ravel()

    # the sample after the crossing
    ours = detect(t, v, threshold=cell.spike_threshold)
    late = crossings(v) - ours
    assert ours.size == spikes.size and (late >= -1e-9).all() and (late <= STEP + 1e-9).all()
    # troughs 5 mV below the level: every crossing there, and here with rearm=0
    shallow = np.maximum(v, cell.spike_threshold - 5.0)
    with pytest.warns(mx.RunWarning, match="are not counted"):
        assert detect(t, shallow, threshold=cell.spike_threshold).size == 1
    every = detect(t, shallow, threshold=cell.spike_threshold, rearm=0.0)
    assert every.size == crossings(shallow).size == spikes.size
