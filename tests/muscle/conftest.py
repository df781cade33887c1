"""Trains of any interval, which properties are tested with, are faster than a motor unit's."""

from pathlib import Path

import pytest

FAST = "ignore:.* fires at .* Hz in the mean:mnexcite.errors.RunWarning"


def pytest_collection_modifyitems(items):
    """Let them pass where Hypothesis draws them; elsewhere the warning is an error."""
    here = Path(__file__).parent
    for item in items:
        drawn = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if drawn and here in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(FAST))
