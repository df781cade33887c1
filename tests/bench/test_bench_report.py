import json
from dataclasses import replace

import pytest

from mnexcite.bench import comparison, report
from mnexcite.bench.frontier import Frontier, Point, Task
from mnexcite.errors import InputError, StorageError

TASK = Task("squid", 64, 100.0, {"Na.g": (108.0, 132.0)}, "none", 8, 5, "closed form", 1e-9, 1)
FOUND = Frontier(
    (
        Point(
            "ours", "method", "dt 0.1", "dt", 0.1, cost=1.0, error=1e-3, cold=5.25, repeats=3
        ),
        Point("theirs", "peer", "dt 0.1", "dt", 0.1, cost=8.0, error=1e-3, per_step=123.4),
        Point("theirs", "peer", "dt 0.5", "dt", 0.5, cost=2.0, wrong=3),
        Point("theirs", "peer", "dt 0.9", "dt", 0.9, skipped="too coarse"),
        Point("absent", "peer", "dt 0.1", "dt", 0.1, skipped="not installed"),
    ),
    TASK,
    {"cpu": "a processor", "cores": 2},
    "ours",
)


def test_json_gives_the_comparison_back(tmp_path):
    report.save(FOUND, tmp_path / "found.json")
    assert report.load(tmp_path / "found.json") == FOUND
    # plain JSON: no NaN, no infinity
    json.loads((tmp_path / "found.json").read_text(), parse_constant=pytest.fail)


def test_rows_hold_what_was_measured():
    rows = report.points(FOUND)
    assert [row["error [ms]"] for row in rows] == ["1.0e-03", "1.0e-03", "3 misfire"]
    assert rows[0]["cold [s]"] == "5.2"
    assert rows[1]["ns/step"] == "123"


def test_ratios_are_over_the_baseline():
    ours, theirs = report.ratios(FOUND)
    assert (ours["x 1e-2"], theirs["x 1e-2"]) == ("1", "8")
    assert (theirs["1e-2 ms"], theirs["1e-4 ms"], theirs["x 1e-4"]) == ("8", "-", "-")


def test_reasons_are_told_once():
    assert report.skipped(FOUND) == ["theirs, dt 0.9: too coarse", "absent: not installed"]


def test_a_busy_machine_is_named_so():
    busy = {"share": 0.99, "wall": 10.0, "cpu": 9.9, "load": 1.5}
    said = report.summary(replace(FOUND, busy=busy))
    assert "10 s of wall time and 9.9 s (99 %) of processor time; load 1.5." in said
    assert "busy" not in said
    for more in ({"load": 7.0}, {"share": 0.4}):
        assert "busy with other programs" in report.summary(replace(FOUND, busy=busy | more))


def test_two_comparisons_side_by_side():
    points = tuple(replace(p, cost=p.cost and 2.0 * p.cost) for p in FOUND.points[1:2])
    ours = replace(FOUND.points[0], cost=0.5)
    later = replace(FOUND, points=(ours, *points), machine=FOUND.machine | {"cores": 8})
    assert comparison.differences(FOUND, later) == ["cores: 2 and 8"]
    assert comparison.differences(FOUND, FOUND) == []
    ours, theirs = (
        row for row in comparison.costs(FOUND, later) if row["error [ms]"] == "1e-2"
    )
    assert (ours["b / a"], ours["over ours"]) == ("0.5", "1")
    assert (theirs["a [ms/cell]"], theirs["b [ms/cell]"]) == ("8", "16")
    assert (theirs["b / a"], theirs["over ours"]) == ("2", "4")


def test_summary_names_the_work_and_the_reference():
    said = report.summary(FOUND)
    assert "64 sets (Na.g 108 to 132)" in said
    assert "closed form (apart by 1e-09 ms, the judge's floor)" in said
    assert "(1 more cannot be judged" in said
    assert "judged:" not in report.summary(replace(FOUND, task=replace(TASK, left_out=0)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[1]", "no comparison"),
        ("{}", "no comparison"),
        ('{"format": "another"}', "format is 'another'"),
        (json.dumps(report.to_dict(FOUND) | {"points": [{"nam": 1}]}), "no comparison"),
    ],
)
def test_something_else_is_refused_in_one_line(tmp_path, text, said):
    (tmp_path / "found.json").write_text(text)
    with pytest.raises(InputError, match=said) as refused:
        report.load(tmp_path / "found.json")
    assert "\n" not in str(refused.value)


def test_files_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(StorageError, match="cannot read"):
        report.load(tmp_path / "nowhere.json")
    with pytest.raises(StorageError, match="cannot write"):
        report.save(FOUND, tmp_path / "nowhere" / "found.json")
