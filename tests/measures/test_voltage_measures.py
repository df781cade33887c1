import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from windows import Lane, discards, edges, fold, multiples

from mnexcite import measures
from mnexcite.errors import InputError
from mnexcite.spikes import detect

END = 500.0
FLAGS = measures.spike_shape().outputs[3].flags
samples = st.lists(st.floats(-100.0, 60.0), min_size=2, max_size=20)


@settings(deadline=None)
@given(samples, discards, edges, st.sampled_from([0.1, 1.0, 7.0]))
def test_extremes_and_mean_are_those_of_the_samples(levels, discard, edges, every):
    def voltage(t):
        return np.interp(t, np.linspace(0.0, END, len(levels)), levels)

    lanes = [Lane([], voltage)]
    found = fold(measures.voltage(every), lanes, end=END, discard=discard, edges=edges)
    v = voltage(multiples(every, discard, END)).tolist()
    assert found["v_min"][0] == min([*v, levels[-1]])
    assert found["v_max"][0] == max([*v, levels[-1]])
    # up to 5000 additions of 100 mV, each rounded by half an ulp of the sum: 5e3 x 3e-11 / 5e3
    assert found["v_mean"][0] == pytest.approx(math.fsum(v) / len(v), abs=1e-10)


def test_without_a_sample_the_voltage_at_the_end_counts():
    def voltage(t):
        return -70.0 + t

    found = fold(measures.voltage(10.0), [Lane([], voltage)], end=19.0, discard=12.0)
    assert [found[name][0] for name in ("v_min", "v_max", "v_mean")] == [-51.0] * 3


@pytest.mark.parametrize("every", [0.0, -1.0, np.inf, "x"])
def test_a_bad_interval_is_refused(every):
    with pytest.raises(InputError, match=r"every is .*; allowed: (more than 0|a number)"):
        measures.voltage(every)


class Spikes:
    """Spikes of closed form at given peaks: a parabola on top of a rise and a fall.

    From -70 mV: a straight rise of 80 mV/ms to +10 mV, a fall of 40 mV/ms to -70 mV, then a
    parabola down by `depth` at 20 ms after the peak and back.
    """

    def __init__(self, peaks, depth=8.0):
        self.peaks, self.depth = peaks, depth

    def __call__(self, t):
        v = np.full(t.size, -70.0)
        for peak in self.peaks:
            x = t - peak
            v = np.where((x >= -1) & (x < 0), 10.0 + 80.0 * x, v)
            v = np.where((x >= 0) & (x < 2), 10.0 - 40.0 * x, v)
            dip = self.depth * (1 - ((x - 20.0) / 18.0) ** 2)
            v = np.where((x >= 2) & (x < 38), -70.0 - dip, v)
        return v


def spiking(peaks, depth=8.0, **options):
    voltage = Spikes(peaks, depth)
    t = np.arange(0.0, END, 0.05)
    return Lane(detect(t, voltage(t)).tolist(), voltage, **options)


def shape_of(lane, **options):
    values = fold(measures.spike_shape(), [lane], end=END, **options)
    flag = FLAGS[values["spike_shape_status"][0]]
    return *(values[n][0] for n in ("spike_peak", "half_width", "ahp_depth")), flag


def test_a_spike_of_closed_form():
    peak, width, depth, status = shape_of(spiking([100.0, 200.0]))
    assert status == "ok"
    # a corner is cut by the parabola through it: at most a sample's fall of 2 mV, and as
    # much in time at both flanks
    assert peak == pytest.approx(10.0, abs=2.0)
    # threshold -70 mV at 1 ms before the peak, half height -30 mV: 0.5 + 1 ms
    assert width == pytest.approx(1.5, abs=0.1)
    # dV/dt, known at mid-intervals, passes 10 mV/ms within a sample of the corner: 4 mV
    assert depth == pytest.approx(8.0, abs=4.0)


def test_the_last_spike_followed_by_another_is_measured():
    # a later, deeper cycle does not count before its spike is complete
    def voltage(t):
        return np.where(t < 250.0, Spikes([100.0, 200.0])(t), Spikes([300.0, 420.0], 20.0)(t))

    t = np.arange(0.0, END, 0.05)
    spikes = detect(t, voltage(t)).tolist()
    early = shape_of(spiking([100.0, 200.0]))
    lane = Lane(spikes, voltage)
    assert shape_of(lane)[2] == pytest.approx(early[2] + 12.0, abs=1e-9)
    assert shape_of(Lane(spikes[:2], voltage))[2] == early[2]


def test_one_spike_is_complete_after_100_ms():
    assert shape_of(spiking([300.0]))[3] == "ok"
    assert shape_of(spiking([401.5]))[3] == "no_spike"
    assert shape_of(spiking([200.0, 401.5])) == shape_of(spiking([200.0]))


@pytest.mark.parametrize("edge", np.arange(94.0, 206.0, 1.75))
def test_a_spike_is_measured_whole_wherever_the_run_is_cut(edge):
    lane = spiking([100.0])
    assert shape_of(lane, edges=[edge, edge + 0.01]) == shape_of(lane)


def test_the_after_hyperpolarisation_is_that_of_the_next_100_ms():
    def voltage(t):
        return Spikes([100.0, 420.0])(t) - 30.0 * np.exp(-(((t - 250.0) / 10.0) ** 2))

    lane = Lane(spiking([100.0, 420.0]).spikes, voltage)
    # of the later dip, e^-25 x 30 mV is left 100 ms after the spike
    assert shape_of(lane)[2] == pytest.approx(shape_of(spiking([100.0]))[2], abs=1e-6)


@pytest.mark.parametrize("edges", [[], [205.0], [150.0, 206.0, 240.0]])
def test_the_end_of_a_stimulus_is_no_after_hyperpolarisation(edges):
    def voltage(t):  # the step ends 5 ms after the last spike, and the voltage falls
        return Spikes([100.0, 150.0, 200.0])(t) - 30.0 * (t > 206.0)

    lane = Lane(spiking([100.0, 150.0, 200.0]).spikes, voltage)
    *numbers, status = shape_of(lane, jumps=[[0.0, 205.0]], edges=edges)
    *whole, ok = shape_of(spiking([100.0, 150.0]))
    assert numbers == pytest.approx(whole, abs=1e-9) and status == ok == "ok"
    assert shape_of(lane, edges=edges)[2] > 25.0  # if nothing is known of the stimulus


def test_a_lone_spike_that_is_cut_has_no_after_hyperpolarisation():
    peak, width, depth, status = shape_of(spiking([100.0]), jumps=[[98.0, 106.0]])
    assert status == "no_ahp" and np.isnan(depth)
    assert (peak, width) == shape_of(spiking([100.0]))[:2]
    late = shape_of(spiking([100.0]), jumps=[[98.0, 130.0]])  # after the minimum at 120 ms
    assert late == shape_of(spiking([100.0]))


def test_no_spike_before_discard_is_measured():
    assert shape_of(spiking([100.0, 150.0]), discard=160.0) == pytest.approx(
        (np.nan, np.nan, np.nan, "no_spike"), nan_ok=True
    )


def test_a_spike_smaller_than_the_samples_says_so():
    # the crossing is where the samples fall
    lane = Lane([101.0], Spikes([100.0]))
    assert shape_of(lane)[3] == "no_rise"
    assert shape_of(Lane([0.0], Spikes([200.0])))[3] == "no_rise"


def test_a_slow_rise_has_no_threshold():
    def voltage(t):
        return 30.0 * np.sin(2 * np.pi * (t - 50.0) / 100.0) - 20.0

    t = np.arange(0.0, END, 0.05)
    peak, width, depth, status = shape_of(Lane(detect(t, voltage(t)).tolist(), voltage))
    # a sine's parabola is good to 1e-9 of its height here
    assert peak == pytest.approx(10.0, abs=1e-6)
    assert np.isnan(width) and np.isnan(depth) and status == "no_threshold"
