"""What the tables alone do to spike times, against independent runs without tables.

The frozen runs integrate the untabulated functions at 1e-11, and say how sure they are. At
a tolerance of 1e-9 the method's own error is far below that of its default tolerance, so what
is left is the tables' and the frozen run's.
"""

import numpy as np
import pytest
from engine_cells import CASES, case_cell, case_stimulus

from mnexcite import simulate
from mnexcite.engine.methods import DEFAULT_TOLERANCE

LIMIT = 1e-4  # ms, in 1 s


def fires_at_10_hz(case):
    early = [t for t in case.get("spikes", ()) if t <= 1000.0]
    return len(early) >= 10 and case["spike_error"] < 0.5 * LIMIT


FIRING = [name for name, case in CASES.items() if fires_at_10_hz(case)]


def first_second(case, **options):
    cell, drive = case_cell(case), case_stimulus(case)
    run = simulate(cell, drive, duration=min(1000.0, case["duration"]), record=(), **options)
    return run.spike_times


@pytest.mark.parametrize("name", FIRING)
def test_tables_move_no_spike_by_a_ten_thousandth_of_a_millisecond(name):
    case = CASES[name]
    wanted = np.array([t for t in case["spikes"] if t < min(1000.0, case["duration"])])
    found = first_second(case, tolerance=1e-9)
    assert found.size == wanted.size
    of_tables = np.abs(found - wanted).max()
    assert of_tables < LIMIT
    # well below what the default tolerance does
    default = np.abs(first_second(case) - found).max()
    assert of_tables < 0.1 * default or of_tables < 2e-6 + case["spike_error"]


def test_every_kind_of_cell_is_among_them():
    assert {CASES[name]["cell"] for name in FIRING} >= {"HH", "PB", "MK", "BRK"}
    assert len(FIRING) > 20 and DEFAULT_TOLERANCE == 1e-6


@pytest.mark.parametrize("name", FIRING)
def test_straight_lines_move_no_spike_by_a_tenth_of_a_millisecond(name):
    """What is said of `staggered_lines`, in firing; slow ramps are another matter."""
    cubics, lines = (
        first_second(CASES[name], method=method) for method in ("staggered", "staggered_lines")
    )
    assert lines.size == cubics.size
    assert 0.0 < np.abs(lines - cubics).max() < 0.1
