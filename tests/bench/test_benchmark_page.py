"""The page of benchmarks holds what its JSON file holds."""

import json
import re
import runpy
import sys
from pathlib import Path

import pytest

from mnexcite.bench import report
from mnexcite.bench.frontier import Frontier, Point, Task
from mnexcite.errors import InputError

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TASK = Task("squid", 64, 200.0, {}, "none", 8, 5, "closed form", 1e-9)


def point(name, group, cost, error):
    return Point(name, group, f"tol {error:g}", "tolerance", error, cost=cost, error=error)


def test_a_file_keeps_what_is_not_measured_anew(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import run

    file, head = tmp_path / "mine.json", {"machine": {"cpu": "mine"}, "quick": False}
    assert run.started(None, head) == run.started(file, head) == head
    file.write_text(json.dumps(head | {"scaling": {"cells": [1]}}))
    assert run.started(file, head)["scaling"] == {"cells": [1]}
    with pytest.raises(InputError, match="measured with another machine"):
        run.started(file, head | {"machine": {"cpu": "theirs"}})


def test_page_is_made_from_results_alone(tmp_path, monkeypatch):
    found = Frontier(
        (
            point("rosenbrock", "method", 2.0, 1e-4),
            point("theirs", "peer", 1.0, 1e-3),
            point("theirs", "peer", 6.0, 1e-5),
            Point("absent", "peer", "dt 1", "dt", 1.0, skipped="not installed"),
        ),
        TASK,
        {},
        "rosenbrock",
    )
    row = {"method": "rosenbrock", "time s": 0.2, "s": 1.5, "ms per cell and 200 ms": 1.25}
    results = {
        "machine": {"cpu": "a processor", "cores": 2, "system": "Linux", "numpy": "2.0"},
        "note": "An older machine.",
        "measured": {
            "work_precision one": {"s": 100.0, "processor s": 50.0, "load": 1.5},
            "work_precision two": {"s": 50.0, "processor s": 40.0, "load": 0.5},
        },
        "start_up": [{"what": "import", "s": 0.0213, "repeats": 5}],
        "work_precision": {"a handful": report.to_dict(found)},
        "scaling": {
            "cells": [row | {"cells": n} for n in (1, 10)],
            "time": [row | {"cells": 1, "time s": t} for t in (0.2, 2.0)],
            "memory": [],
            "threads": [],
        },
        "sweeps": {
            "map": [{"points": 80000, "s": 160.0, "points/s": 500.0}],
            "phases": [{"K_o mM": 4.0, "silent": 7}],
            "loop": [{"what": "mnexcite", "ms per point": 4.0, "x of ours": 1.0}],
            "same bits": True,
            "agreement": [{"what": "NEURON", "points": 80, "median ms": None}],
            "differing": [],
            "skipped": "",
            "many": [{"points": 1000000, "last tenth": 9876.5}],
            "front": [{"grid": 40000, "times fewer": 6.25}],
            "control": 1.98,
        },
    }
    (tmp_path / "mine.json").write_text(json.dumps(results))
    program = BENCHMARKS / "page.py"
    command = [str(program), str(tmp_path / "mine.json"), "--docs", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", command)
    monkeypatch.syspath_prepend(BENCHMARKS)
    runpy.run_path(str(program), run_name="__main__")
    page = (tmp_path / "benchmarks.md").read_text()
    assert "a processor, 2 cores, Linux; numpy 2.0." in page
    assert "\nAn older machine.\n" in page
    assert "Measured in 150 s, 0.60 processors busy with it, load 1.5." in page
    assert "| import | 0.0213 | 5 |" in page
    # costs at 1e-3 and 1e-4 ms: 1 and, halfway between in logarithms, sqrt(6)
    assert "| theirs | 1 | 0.5 | 1 | 0.5 | 2.45 | 1.2 |" in page
    assert "- Cheaper than rosenbrock at 0.001 ms: theirs 2 times." in page
    assert "at 0.0001 ms" not in page
    assert "Skipped: absent: not installed" in page
    assert "| 80000 | 160 | 500 |" in page and "gained 1.98 times" in page
    assert "its values have the same bits as the map's" in page
    assert "| NEURON | 80 | - |" in page
    assert "| 1000000 | 9876 |" in page and "| 40000 | 6.25 |" in page
    pictures = re.findall(r"\]\((.*?)\)", page)
    assert len(pictures) == 2
    assert all((tmp_path / picture).read_bytes().startswith(b"\x89PNG") for picture in pictures)
