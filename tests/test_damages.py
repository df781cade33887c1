"""Whatever saved thing is damaged, it is noticed or changes nothing: in short form.

`python benchmarks/damages.py` does the same a thousand times.
"""

from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.parametrize(
    ("kind", "count"), [("stores", 10), ("runs", 30), ("cells", 100), ("kernels", 15)]
)
def test_no_damage_is_silent_and_no_error_is_raw(kind, count, tmp_path, monkeypatch):
    import random

    monkeypatch.syspath_prepend(BENCHMARKS)
    import damages

    found = damages.EACH[kind](count, random.Random(2005), tmp_path)
    assert sum(found.values()) == count
    assert set(found) <= {"mended", "refused", "harmless"}
