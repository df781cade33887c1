"""What the tables alone do to spike times, against independent runs without tables.

The frozen runs integrate the untabulated functions at 1e-11, and say how sure they are. At
a tolerance of 1e-9 the method's own error is far below that of its default tolerance, so what
is left is the tables' and the frozen run's.
"""

import numpy as np
import pytest
from engine_cells import CASES, by_key, case_spikes

from mnexcite.engine.methods import DEFAULT_TOLERANCE

LIMIT = 1e-4  # ms, in 1 s


def fires_at_10_hz(case):
    early = [t for t in case.get("spikes", ()) if t <= 1000.0]
    return len(early) >= 10 and case["spike_error"] < 0.5 * LIMIT


FIRING = [name for name, case in CASES.items() if fires_at_10_hz(case)]


#: Those of one cell run side by side.
OF_A_CELL = by_key(FIRING, lambda case: case["cell"])


@pytest.mark.parametrize("names", OF_A_CELL, ids=lambda names: CASES[names[0]]["cell"])
def test_tables_move_no_spike_by_a_ten_thousandth_of_a_millisecond(names):
    found, default = (
        case_spikes(names, 1000.0, tolerance=tolerance) for tolerance in (1e-9, None)
    )
    for name, (spikes, wanted) in found.items():
        assert spikes.size == wanted.size, name
        of_tables = np.abs(spikes - wanted).max()
        assert of_tables < LIMIT, name
        # well below what the default tolerance does
        of_steps = np.abs(default[name][0] - spikes).max()
        assert of_tables < 0.1 * of_steps or of_tables < 2e-6 + CASES[name]["spike_error"], name


def test_every_kind_of_cell_is_among_them():
    assert {CASES[name]["cell"] for name in FIRING} >= {"HH", "PB", "MK", "BRK"}
    assert len(FIRING) > 20 and DEFAULT_TOLERANCE == 1e-6


@pytest.mark.parametrize("names", OF_A_CELL, ids=lambda names: CASES[names[0]]["cell"])
def test_straight_lines_move_no_spike_by_a_tenth_of_a_millisecond(names):
    """What is said of `staggered_lines`, in firing; slow ramps are another matter."""
    cubics, lines = (
        case_spikes(names, 1000.0, method=method) for method in ("staggered", "staggered_lines")
    )
    for name in names:
        assert lines[name][0].size == cubics[name][0].size, name
        assert 0.0 < np.abs(lines[name][0] - cubics[name][0]).max() < 0.1, name
