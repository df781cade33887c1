"""Some hundred generated calls: refused in one line each, nothing taken, no hang."""

import importlib
import inspect
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


ROOMS = (
    *("mnexcite", "mnexcite.bench", "mnexcite.cells", "mnexcite.channels"),
    *("mnexcite.conditions", "mnexcite.config", "mnexcite.equations", "mnexcite.fitting"),
    *("mnexcite.measures", "mnexcite.motor_pool", "mnexcite.muscle", "mnexcite.plots"),
    *("mnexcite.simulation", "mnexcite.spikes", "mnexcite.stimuli", "mnexcite.sweeps"),
)


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


def test_every_public_function_is_among_them(calls):
    _, listed = calls
    made = {getattr(call.make, "func", call.make) for call in listed}
    named = {call.name.split()[0].rpartition(".")[2] for call in listed}
    functions = {
        function
        for module in map(importlib.import_module, ROOMS)
        for function in (getattr(module, name) for name in module.__all__)
        if inspect.isfunction(function) and inspect.signature(function).parameters
    }
    assert [f for f in functions if f not in made and f.__name__ not in named] == []
