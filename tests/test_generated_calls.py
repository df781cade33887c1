"""Some hundred generated calls: refused in one line each, nothing taken, no hang."""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import generated_calls
        import public_calls

        yield generated_calls.one, public_calls.table(tmp_path_factory.mktemp("calls"))
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_nonsense_is_refused_in_one_line(calls, first, monkeypatch, tmp_path):
    one, listed = calls
    monkeypatch.chdir(tmp_path)
    ended = [one(index, 1, listed) for index in range(first, first + 100)]
    assert [told for told in ended if told[0] not in ("refused", "ran")] == []
    assert sum(told[0] == "refused" for told in ended) > 70
