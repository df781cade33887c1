"""One whose error stops falling is refused, in words, tables, JSON and pictures."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
from bench_works import sets
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from mnexcite import plots
from mnexcite.bench import report
from mnexcite.bench.falling import stays
from mnexcite.bench.frontier import Frontier, Point, Task
from mnexcite.bench.measure import work_precision
from mnexcite.bench.peers import Answer, SciPy
from mnexcite.bench.work import Work

TASK = Task("squid", 1, 100.0, {}, "none", 1, 5, "two solvers", 1e-9)
TOLERANCES = [1e-2, 1e-3, 1e-4, 1e-6, 1e-7, 1e-8]


@dataclass(frozen=True)
class Wrong:
    """SciPy's DOP853 on equations in which one conductance is a millionth too large."""

    by: float = 1e-6
    name: str = "wrong"
    floor: str | None = None

    def missing(self):
        return None

    def settings(self):
        return SciPy("DOP853").settings()

    def prepare(self, work, setting):
        columns = {path: column * (1.0 + self.by) for path, column in work.parameters.items()}
        moved = Work(work.cell, columns, work.stimulus, work.duration)
        return SciPy("DOP853").prepare(moved, setting)


@pytest.fixture(scope="module")
def judged():
    """Return what a right peer, the wrong one, and the same one who says why, come to."""
    peers = [SciPy("DOP853"), Wrong(), Wrong(name="rounded", floor="it rounds conductances")]
    return work_precision(sets(512, duration=20.0), [], peers, repeats=1, settings=6)


def test_a_peer_of_other_equations_is_refused_and_a_right_one_is_not(judged):
    assert judged.refused("SciPy DOP853") is None and judged.stalled("SciPy DOP853") == ()
    said = judged.refused("wrong")
    stalled = judged.stalled("wrong")
    assert len(stalled) >= 3 and f"stays at {stalled[-1].error:.1e} ms" in said
    # ten thousand times what the judge is sure to
    assert stalled[-1].error > 1e3 * judged.task.reference_error
    assert "\n" not in said and f"{judged.task.reference_error:.0e} ms" in said
    assert judged.edge("wrong") == () and judged.cost_at("wrong", 1.0) is None
    assert judged.ratio("wrong", "SciPy DOP853", 1.0) is None


def test_a_floor_that_is_stated_is_told_and_compared(judged):
    assert judged.refused("rounded") is None and judged.stalled("rounded")
    assert judged.cost_at("rounded", 1e-2) is not None
    (line,) = [line for line in report.remarks(judged) if line.startswith("Floor")]
    assert "rounded" in line and line.endswith("it rounds conductances")


def test_tables_and_json_say_it(judged, tmp_path):
    rows = {row[""]: row for row in report.ratios(judged)}
    assert set(rows["wrong (refused)"].values()) == {"wrong (refused)", "-"}
    assert "wrong" not in rows
    marked = [row for row in report.points(judged) if row["error [ms]"].endswith(" stays")]
    assert {row[""] for row in marked} == {"wrong", "rounded"}
    assert f"Refused: wrong: {judged.refused('wrong')}" in report.remarks(judged)
    report.save(judged, tmp_path / "found.json")
    read = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert read["refused"] == {"wrong": judged.refused("wrong")}
    assert report.load(tmp_path / "found.json").refused("wrong")


def test_the_picture_says_it(judged):
    ax = plots.work_precision(judged, Figure((10, 7)).subplots())
    named = {text.get_text().replace("\n", " ") for text in ax.texts}
    assert "wrong, refused" in named and "SciPy DOP853" in named
    assert [line.get_marker() for line in ax.lines].count("x") == 1


def test_two_settings_show_no_trend(judged):
    ends = [p for p in judged.of("wrong") if p.value in (1e-3, 1e-10)]
    assert replace(judged, points=tuple(ends)).refused("wrong") is None


@given(
    st.floats(0.26, 5.0),
    st.sampled_from(["dt", "tolerance"]),
    st.floats(1e-6, 1.0),
    st.integers(3, 7),
)
def test_a_power_law_is_never_refused(order, kind, scale, count):
    # from the square root of a tolerance's half power (slow) to a fifth-order step
    step = 0.5 if kind == "dt" else 0.1
    values = [step**n for n in range(count)]
    errors = [scale * v ** max(order, 0.6 if kind == "dt" else 0.0) for v in values]
    assert stays(values, errors, kind, 0.0) == 0


@given(st.floats(1e-6, 1e-2), st.integers(2, 5), st.floats(1.0, 4.0))
def test_an_error_that_ends_on_a_shelf_is_refused_wherever_the_shelf_is(shelf, fine, order):
    values = [0.1**n for n in range(2, 4 + fine)]
    errors = [shelf + 1e3 * shelf * (v / values[-3]) ** order for v in values[:-3]]
    errors += [shelf * factor for factor in (1.1, 0.95, 1.0)]
    assert stays(values, errors, "tolerance", 1e-9) == 3
    # the judge itself is no surer than that
    assert stays(values, errors, "tolerance", shelf) == 0


def test_a_setting_that_is_right_by_chance_hides_nothing_and_accuses_nobody():
    lucky = [0.1, 1e-2, 1e-9, 1e-4, 1e-5, 1e-6]
    assert stays(TOLERANCES, lucky, "tolerance", 1e-9) == 0
    shelf = [0.1, 1e-4, 1e-4, 2e-8, 1e-4, 1e-4]
    assert stays(TOLERANCES, shelf, "tolerance", 1e-9) == 5


def test_a_work_without_an_error_is_not_refused():
    points = tuple(
        Point("a", "peer", f"tol {t:g}", "tolerance", t, cost=1.0, wrong=2) for t in TOLERANCES
    )
    found = Frontier(points, TASK, {}, "a")
    assert found.stalled("a") == () and found.refused("a") is None


def test_how_busy_the_machine_was_is_told(judged):
    assert 0.0 < judged.busy["share"] and "of wall time" in report.summary(judged)


def test_a_run_costs_processor_time_not_wall_time():
    import time

    from mnexcite.bench import clock

    class Waiting:
        name, settings = "waiting", SciPy("DOP853").settings

        def missing(self):
            return None

        def prepare(self, work, setting):
            run = SciPy("DOP853").prepare(work, setting)

            def wait():
                start = clock.now()
                time.sleep(0.05)
                found = run()
                return Answer(found.spikes, clock.now() - start)

            return wait

    found = work_precision(
        sets(512, duration=1.0 + 10.0), [], [Waiting()], repeats=2, settings=2
    )
    assert all(point.warm < 0.05 for point in found.points)
    assert np.all([point.cold > 0.05 for point in found.points])
