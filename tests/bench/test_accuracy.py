import numpy as np
import pytest

from mnexcite.bench.accuracy import accuracy, spike_error


def trains(*lists):
    return [np.array(times, dtype=float) for times in lists]


def test_error_is_the_largest_over_spikes_and_sets():
    found = accuracy(trains([1.0, 5.5], [2.0], []), trains([1.25, 5.0], [2.0], []), 100.0)
    assert (found.error, found.wrong) == (0.5, 0)
    # of the sets that fire: 0.5 and 0
    assert found.median_error == 0.25


def test_another_number_of_spikes_is_no_error_but_a_misfire():
    found = accuracy(trains([1.0], [2.0], [3.0]), trains([1.0], [2.0], [3.0, 7.0]), 100.0)
    assert (found.error, found.wrong, found.median_error) == (None, 1, 0.0)


def test_half_of_the_sets_misfiring_leaves_no_median():
    found = accuracy(trains([1.0], [], []), trains([1.0], [2.0], [3.0]), 100.0)
    assert (found.median_error, found.wrong) == (None, 2)


@pytest.mark.parametrize(("found", "wanted"), [([1.0, 99.5], [1.0]), ([1.0], [1.0, 99.5])])
def test_a_spike_at_the_very_end_may_fall_out_of_the_run(found, wanted):
    found, wanted = trains(found, wanted)
    assert spike_error(found, wanted, 100.0) == 0.0
    assert spike_error(found, wanted, 200.0) is None


def test_a_failed_set_fits_nothing_not_even_silence():
    failed = np.array([np.nan])
    for wanted in ([], [1.0], [1.0, 2.0]):
        assert spike_error(failed, np.array(wanted), 100.0) is None
