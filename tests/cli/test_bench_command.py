import importlib.util
import json

import pytest

from mnexcite import cells, plots
from mnexcite.bench import report
from mnexcite.bench.cell import benchmark_cell
from mnexcite.bench.frontier import Frontier, Point, Task

#: One spike at 9.5 ms in each of two sets.
SHORT = ("--set", "NaP.g=1", "--set", "K.g=25:26", "--sets", 2, "--duration", 0.015)
QUICK = (*SHORT, "--quick", "--methods", "staggered")


@pytest.fixture
def undrawn(monkeypatch):
    """Let a figure be a line of text: it takes longer than a short benchmark."""

    def save(figure, path):
        path.write_text("drawn")

    monkeypatch.setattr(plots, "work_precision", lambda frontier, ax: None)
    monkeypatch.setattr(plots, "save", save)


def test_bench_prints_tables_and_writes_json_and_figure(command, tmp_path, monkeypatch):
    """A peer that is not installed is named with the reason."""
    installed = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "heyoka" else installed(name)
    )
    done = command("bench", *QUICK, "--peers", "heyoka")
    assert done.exit_code == 0, done.stderr
    assert "Skipped: heyoka, batch of 4: heyoka is not installed" in done.stdout
    assert "benchmark, 15 ms, 2 sets (K.g 25 to 26)" in " ".join(done.stdout.split())
    assert "dt 0.0125" in done.stdout
    assert "Written to bench: work_precision.png, work_precision.json" in done.stdout
    found = report.load(tmp_path / "bench" / "work_precision.json")
    assert found.names == ("staggered", "heyoka, batch of 4", "heyoka, batch of 8")
    assert found.task.sets == 2
    assert (tmp_path / "bench" / "work_precision.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("undrawn")
def test_every_method_takes_part_but_the_slow_references(command, tmp_path, monkeypatch):
    from mnexcite.cli import bench
    from mnexcite.engine.methods import METHODS

    monkeypatch.setattr(bench, "QUICK_SETTINGS", 1)
    assert command("bench", *SHORT, "--quick").exit_code == 0
    found = report.load(tmp_path / "bench" / "work_precision.json")
    assert set(found.names) == set(METHODS) - {"reference", "reference_radau"}


@pytest.mark.usefixtures("undrawn")
def test_a_saved_cell_and_a_stimulus_in_one_line(command, tmp_path):
    cells.hodgkin_huxley_1952().save(tmp_path / "own.json")
    drive = 'shape = "step", amplitude = 12, unit = "uA/cm2", start = 2'
    done = command(
        *("bench", "own.json", "--stimulus", drive, "--sets", 2, "--duration", 0.01),
        *("--quick", "--methods", "staggered", "--out", "here"),
    )
    assert done.exit_code == 0, done.stderr
    task = json.loads((tmp_path / "here" / "work_precision.json").read_text())["task"]
    assert task["stimulus"] == "up to 12 uA/cm2 from 2 ms on"
    assert task["spikes"] == 2


def test_a_stimulus_from_the_file_of_a_run(tmp_path):
    from mnexcite.cli.workload import workload

    path = tmp_path / "run.toml"
    path.write_text('[[stimulus]]\nshape = "step"\namplitude = 12\nunit = "uA/cm2"\n')
    work = workload("hodgkin_huxley_1952", (), str(path), 0.01, 1)
    assert work.stimulus is not None and work.duration == 10.0
    (current,) = work.stimulus.currents
    assert (current.unit, current.waveform.at([0.0, 9.0]).tolist()) == ("uA/cm2", [12.0, 12.0])


def test_peers_are_chosen_by_how_their_names_begin():
    from mnexcite.bench.peers import PEERS
    from mnexcite.cli.workload import choose_peers

    assert choose_peers("none") == []
    assert choose_peers("all") == list(PEERS)
    chosen = choose_peers("scipy l,heyoka")
    assert [peer.name for peer in chosen] == [
        "SciPy LSODA",
        "heyoka, batch of 4",
        "heyoka, batch of 8",
    ]


@pytest.mark.usefixtures("undrawn")
def test_a_peer_that_fails_ends_with_3_and_the_rest_is_kept(command, tmp_path, monkeypatch):
    from mnexcite.bench.peers.scipy import SciPy

    def fail(self, work, setting):
        raise RuntimeError("no luck")

    monkeypatch.setattr(SciPy, "prepare", fail)
    done = command("bench", *QUICK, "--peers", "scipy lsoda")
    assert done.exit_code == 3
    assert "Skipped: SciPy LSODA: failed: RuntimeError: no luck" in done.stdout
    found = report.load(tmp_path / "bench" / "work_precision.json")
    assert found.edge("staggered")


def test_ctrl_c_saves_what_was_measured(command, tmp_path, monkeypatch):
    from mnexcite.bench.peers.scipy import SciPy

    def stop(self, work, setting):
        raise KeyboardInterrupt

    monkeypatch.setattr(SciPy, "prepare", stop)
    done = command("bench", *QUICK, "--peers", "scipy lsoda")
    assert done.exit_code == 130
    assert done.stderr == "mnexcite: interrupted; what was measured is in bench\n"
    assert report.load(tmp_path / "bench" / "work_precision.json").edge("staggered")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("benchmrk",), "no cell 'benchmrk'"),
        (("--set", "NaP.g"), "is no path with a value"),
        (("--set", "NaP.g=a:b"), "PATH=LOW:HIGH"),
        (("--set", "NaQ.g=1"), "did you mean"),
        (
            (
                "--set",
                "NaP.g=-1:1",
            ),
            "NaP.g",
        ),
        (("--sets", "0"), "--sets is 0"),
        (("--duration", "0"), "--duration is 0.0 s; allowed: above 0"),
        (("--methods", "rosenbrok"), "did you mean 'rosenbrock'"),
        (("--peers", "heyoca"), "did you mean 'heyoka'"),
        (("--stimulus", 'shape="step"'), "amplitude is missing"),
        (("--stimulus", "{"), "--stimulus"),
        ((*SHORT, "--set", "NaP.g=0"), "no set fires"),
    ],
)
def test_bad_input_is_refused_in_one_line_before_any_work(command, options, said):
    done = command("bench", *options)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("mnexcite: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def test_two_files_are_compared_and_nothing_runs(command, tmp_path):
    task = Task("squid", 1, 100.0, {}, "none", 1, 5, "closed form", 0.0)
    for name, cost in (("a", 1.0), ("b", 3.0)):
        point = Point("ours", "method", "dt 0.1", "dt", 0.1, cost=cost, error=1e-2)
        report.save(Frontier((point,), task, {"cpu": name}, "ours"), tmp_path / f"{name}.json")
    done = command("bench", "--compare", "a.json", "b.json")
    assert done.exit_code == 0
    assert "cpu: a and b" in done.stdout
    assert [word for word in done.stdout.split() if word == "3"]
    assert not (tmp_path / "bench").exists()
    done = command("bench", "--compare", "a.json", "c.json")
    assert (done.exit_code, "cannot read c.json" in done.stderr) == (4, True)


def test_who_is_absent_is_named(command):
    done = command("bench", *QUICK, "--peers", "julia")
    assert (done.exit_code, "juliacall" in done.stderr) == (2, True)


def test_the_benchmark_cell_is_the_default(command):
    assert benchmark_cell().name == "benchmark"
    assert "[default: benchmark]" in " ".join(command("bench", "--help").stdout.split())
