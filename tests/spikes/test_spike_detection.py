import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnexcite.errors import InputError, RunWarning
from mnexcite.spikes import detect

volts = st.lists(st.integers(-40, 40), min_size=2, max_size=60).map(
    lambda values: np.array(values, dtype=float)
)


def one_sample_at_a_time(t, v, threshold, rearm):
    """The definition of a spike as a state machine."""
    armed = v[0] < threshold
    spikes = []
    for i in range(1, len(v)):
        if armed and v[i] >= threshold:
            part = (threshold - v[i - 1]) / (v[i] - v[i - 1])
            spikes.append(t[i - 1] + part * (t[i] - t[i - 1]))
            armed = False
        armed = armed or v[i] < threshold - rearm
    return spikes


@pytest.mark.filterwarnings("ignore:.*are not counted")
@given(volts, st.integers(-30, 30), st.sampled_from([0.0, 3.0, 10.0, 25.0]), st.randoms())
def test_agrees_with_the_state_machine(v, threshold, rearm, random):
    t = np.cumsum([random.uniform(0.01, 2.0) for _ in v])
    found = detect(t, v, threshold=threshold, rearm=rearm)
    expected = one_sample_at_a_time(t, v, threshold, rearm)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    assert (np.diff(found) > 0).all()


@pytest.mark.parametrize(("frequency", "phase"), [(0.05, 0.3), (0.2, -1.0), (0.438, 2.0)])
def test_sine_crossings(frequency, phase):
    # v crosses 0 upwards where 2 pi f t + phase is a multiple of 2 pi
    step, w = 0.025, 2 * np.pi * frequency
    t = np.arange(0.0, 200.0, step)
    found = detect(t, 40 * np.sin(w * t + phase))
    turns = np.arange(-1, 200 * frequency + 2)
    exact = (2 * np.pi * turns - phase) / w
    exact = exact[(exact > t[0]) & (exact <= t[-1])]
    # linear interpolation errs by at most h^2 max|v''| / (8 min v'), both over that step
    bound = step**2 * w**2 * np.sin(w * step) / (8 * w * np.cos(w * step))
    assert found.size == exact.size
    np.testing.assert_allclose(found, exact, rtol=0, atol=bound + 1e-12)


@pytest.mark.parametrize("threshold", [0.0, -10.0, 7.3])
def test_straight_flanks_are_exact(threshold):
    # -70 to 30 mV within 2 ms, from 10 ms on: 50 mV/ms
    t = np.array([0.0, 10.0, 12.0, 15.0, 30.0])
    v = np.array([-70.0, -70.0, 30.0, -70.0, -70.0])
    expected = 10 + (threshold + 70) / 50
    assert detect(t, v, threshold=threshold) == pytest.approx([expected], rel=1e-15)


@pytest.mark.filterwarnings("ignore:.*are not counted")
@given(volts, st.integers(1, 4))
def test_samples_between_samples_change_nothing(v, parts):
    t = np.arange(v.size, dtype=float)
    fine = np.linspace(0, v.size - 1, (v.size - 1) * parts + 1)
    found = detect(fine, np.interp(fine, t, v))
    # rearming is seen at samples only, and a straight line has its minimum at one
    np.testing.assert_allclose(found, detect(t, v), atol=1e-12)


def pulses(t, *starts, rest=-70.0, top=20.0):
    v = np.full(t.size, rest)
    for start in starts:
        v[(t >= start - 1e-9) & (t < start + 5 - 1e-9)] = top
    return v


T = np.arange(0, 100, 0.1)


def test_trace_that_ends_above_threshold_keeps_its_spikes():
    v = pulses(T, 20, 40, 60)
    assert detect(T, v, threshold=-20.0).size == 3
    v[T >= 80 - 1e-9] = -19.0
    found = detect(T, v, threshold=-20.0)
    assert found.size == 4
    assert 79.9 < found[-1] <= 80.0
    # a plateau below the threshold is none
    v[T >= 80 - 1e-9] = -21.0
    assert detect(T, v, threshold=-20.0).size == 3


def test_trace_that_starts_above_threshold_keeps_its_spikes():
    v = pulses(T, 20, 40, 60)
    v[:10] = 2.0
    assert detect(T, v).size == 3
    # the start is no crossing: it may be the end of a spike before the recording
    assert detect(T[:100], np.full(100, 2.0)).size == 0


def test_first_spike_of_a_trace_that_starts_just_below_threshold():
    assert detect([0.0, 1.0], [-5.0, 5.0]).tolist() == [0.5]


def test_start_above_threshold_is_armed_only_by_repolarising():
    assert detect([0.0, 1.0, 2.0], [5.0, -5.0, 5.0]).size == 0
    assert detect([0.0, 1.0, 2.0], [5.0, -15.0, 5.0]).size == 1


@pytest.mark.parametrize("rate", [302.0, 327.0, 438.0])
def test_small_spikes_of_a_fast_cell_all_count(rate):
    # peaks of +2 mV, troughs of -14 mV: small, but each repolarises by more than 10 mV
    t = np.arange(0, 500, 0.02)
    v = -6 - 8 * np.cos(2 * np.pi * rate * t / 1000)
    assert detect(t, v).size == int(rate / 2 + 0.5)


@pytest.mark.filterwarnings("ignore:.*are not counted")
def test_shallow_troughs_count_where_rearm_allows():
    t = np.arange(0, 500, 0.02)
    v = -3 - 6 * np.cos(2 * np.pi * 0.4 * t)  # +3 to -9 mV, 200 cycles
    assert detect(t, v).size == 1
    assert detect(t, v, rearm=5.0).size == 200


@pytest.mark.parametrize("seed", range(5))
def test_noise_around_the_threshold_counts_once(seed):
    t = np.arange(0, 60, 0.05)
    ramp = np.interp(t, [0, 20, 25, 40, 60], [-60, 0, 0, 0, -60])
    noise = np.random.default_rng(seed).uniform(-4.9, 4.9, t.size)
    assert detect(t, ramp + noise).size == 1


def test_depolarisation_block_adds_no_spikes():
    # four spikes, then an oscillation that dies out on a plateau at -5 mV
    t = np.arange(0, 300, 0.05)
    firing = -30 - 50 * np.cos(2 * np.pi * t / 20)
    ringing = -5 + 25 * np.exp(-(t - 80) / 15) * np.sin(2 * np.pi * (t - 70) / 20)
    v = np.where(t < 80, firing, ringing)
    found = detect(t, v)
    assert found[found < 80].size == 4
    # while troughs still pass -10 mV the ringing counts; afterwards nothing does
    last_low = t[np.flatnonzero(v < -10)[-1]]
    assert (found < last_low + 20).all()
    plateau = np.where(t < 80, firing, 5.0)
    assert detect(t, plateau).size == 5


@pytest.mark.parametrize(
    ("t", "v", "message"),
    [
        ([0.0, 1.0, 2.0], [-70.0, np.nan, 0.0], "v is nan at position 1"),
        ([0.0, 1.0], [-70.0, np.inf], "v is inf"),
        ([0.0, np.nan], [-70.0, 0.0], "t is nan"),
        ([0.0, 1.0, 1.0], [0.0, 1.0, 2.0], "t goes from 1 to 1 ms at position 2"),
        ([0.0, 1.0], [0.0, 1.0, 2.0], "t has 2 samples and v has 3"),
        ([0.0], [0.0], "the trace has 1 samples"),
        ([[0.0, 1.0]], [[0.0, 1.0]], "t has 2 dimensions"),
        ([0.0, 1.0], ["a", "b"], "v holds 'a'"),
    ],
)
def test_bad_traces_are_refused_in_one_line(t, v, message):
    with pytest.raises(InputError, match=message) as caught:
        detect(t, v)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("option", [{"threshold": np.nan}, {"rearm": -1.0}, {"rearm": None}])
def test_bad_options_are_refused(option):
    with pytest.raises(InputError, match="allowed"):
        detect([0.0, 1.0], [0.0, 1.0], **option)


def small_spikes(trough, count=30):
    """`count` spikes from `trough` to 20 mV, 10 ms apart, after a start at -60 mV."""
    t = np.arange(0.0, 10.0 * count, 0.05)
    v = 0.5 * (20 + trough) - 0.5 * (20 - trough) * np.cos(2 * np.pi * t / 10.0)
    return t, np.where(t < 1.0, -60.0, v)


def test_spikes_that_are_left_out_are_told():
    t, v = small_spikes(-6.0)
    said = "29 of 30 crossings of 0 mV follow a fall by 10 mV .* give rearm below 6 mV"
    with pytest.warns(RunWarning, match=said):
        assert detect(t, v).size == 1
    assert detect(t, v, rearm=5.0).size == 30
    assert detect(*small_spikes(-12.0)).size == 30


def test_noise_at_the_threshold_is_left_out_without_a_word():
    t = np.arange(0.0, 100.0, 0.05)
    noise = 2.0 * np.sin(2 * np.pi * t / 0.7)
    v = np.where((t >= 20) & (t < 80), 30.0, -60.0)
    near = (t > 19) & (t < 20)
    v[near] = noise[near]
    assert detect(t, v).size == 1
