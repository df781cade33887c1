"""Numbers in tables: a duration whose end was not seen says so, an undefined one says why."""

import math

import pytest

from mnexcite.cli import console


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((40_120.0, True), "40.1"),
        ((40_120.0, False), "> 40.1"),
        ((70_000.0, False, 0), "> 70"),
        ((math.nan, False, 1, "no_cramp"), "- (no cramp)"),
    ],
)
def test_durations_say_whether_their_end_was_seen(given, said):
    assert console.lasts(*given) == said
