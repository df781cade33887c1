"""`mnexcite sweep` as a researcher meets it: from an empty folder to a map, and every stop."""

import resource
import shutil
import subprocess
import sys

import pytest
import xarray
from typer.testing import CliRunner

from mnexcite.cli.app import app
from mnexcite.sweeps import store, summary
from mnexcite.sweeps.store.layout import MARKERS
from waiting import ended, interrupt, until

RUN = """[cell]
name = "hodgkin_huxley_1952"
[[stimulus]]
shape = "step"
amplitude = 10
unit = "uA/cm2"
[run]
duration = 60
"""
MAP = f"""{RUN}[axes]
"Na.g:factor" = [0.6, 0.8, 1.0, 1.4]
"K.g:factor" = {{from = 0.5, to = 1.0, n = 3}}
[sweep]
chunk = 3
"""
PLAIN = f'{MAP}figure = ""\n'
#: Long enough to be stopped in the middle: 40 blocks.
LONG = f"""{RUN.replace("60", "900")}[axes]
"Na.g:factor" = {{from = 0.8, to = 1.4, n = 40}}
"K.g:factor" = [0.9, 1.0]
[sweep]
chunk = 2
figure = ""
"""


@pytest.fixture
def described(tmp_path):
    """Write a sweep's file; return its name."""

    def write(text=PLAIN, name="map.toml"):
        (tmp_path / name).write_text(text)
        return name

    return write


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The map as it is computed and drawn for the first time: what was said, and its folder."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "map.toml").write_text(MAP)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("COLUMNS", "80")
        return CliRunner().invoke(app, ["sweep", "map.toml"]), folder


@pytest.fixture
def whole(first, tmp_path):
    """Return where a copy of the map's store is."""
    return shutil.copytree(first[1] / "map.zarr", tmp_path / "map.zarr")


def bits(path):
    return {
        file.relative_to(path): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file() and not file.name.startswith("partial-")
    }


def values(path):
    with xarray.open_zarr(path, chunks=None) as ds:
        return ds.load()


def in_a_process(folder, *arguments, python=(sys.executable,), **options):
    return subprocess.Popen(
        [*python, "-m", "mnexcite", "sweep", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_a_map_is_computed_once_kept_and_drawn(command, first, monkeypatch):
    done, folder = first
    monkeypatch.chdir(folder)
    assert done.exit_code == 0, done.stderr
    assert "12 points in " in done.stdout and " points/s" in done.stdout
    assert "map.zarr: 12 of 12 points (100.0 %), 4 of 4 blocks" in done.stdout
    assert "Drawn: map.png" in done.stdout
    assert (folder / "map.png").stat().st_size > 1000
    ds = values(folder / "map.zarr")
    assert ds["rate"].dims == ("Na.g", "K.g") and ds["rate"].shape == (4, 3)
    assert ds["Na.g"].values.tolist() == [72.0, 96.0, 120.0, 168.0]
    # without spikes at a third less sodium, with them at a third more
    assert ds["rate"].sel({"Na.g": 72.0, "K.g": 36.0}) == 0.0
    assert ds["rate"].sel({"Na.g": 168.0, "K.g": 36.0}) > 50.0
    before = bits(folder / "map.zarr")
    again = command("sweep", "map.toml")
    assert again.exit_code == 0
    assert "points/s" not in again.stdout
    assert bits(folder / "map.zarr") == before


def test_shares_of_job_arrays_make_the_map_together(command, described, first, tmp_path):
    name = described(MAP)
    begun = command("sweep", name, "--shard", "1/3", "--threads", 1)
    assert begun.exit_code == 0 and "Drawn" not in begun.stdout
    status = command("sweep", "status", "map.zarr")
    assert status.exit_code == 0
    assert "map.zarr: 6 of 12 points (50.0 %), 2 of 4 blocks" in status.stdout
    assert "Missing blocks: 1-2" in status.stdout
    assert command("sweep", name, "--shard", "3/3").exit_code == 0
    last = command("sweep", name, "--shard", "2/3", "--threads", 2)
    assert "12 of 12 points" in last.stdout and "Drawn" in last.stdout
    assert bits(tmp_path / "map.zarr") == bits(first[1] / "map.zarr")


def test_dask_on_this_machine_gives_the_same_bits(described, first, tmp_path, forked):
    pytest.importorskip("distributed")
    name = described()
    with in_a_process(
        tmp_path, name, "--dask", "local", "--workers", "1", python=forked
    ) as process:
        out, err = ended(process)
    assert process.returncode == 0, err
    assert "12 of 12 points" in out
    assert bits(tmp_path / "map.zarr") == bits(first[1] / "map.zarr")


def test_failed_points_end_with_3_and_a_table_by_kind(command, described, tmp_path):
    text = MAP.replace("[0.6, 0.8, 1.0, 1.4]", "[1.0]").replace("amplitude = 10\n", "")
    text = text.replace("[sweep]", '"stimulus.amplitude" = [10, 100000]\n[sweep]')
    done = command("sweep", described(text))
    assert done.exit_code == 3
    assert "out_of_range" in done.stdout and "a smaller" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert summary(tmp_path / "map.zarr").status == {"ok": 3, "out_of_range": 3}
    ds = values(tmp_path / "map.zarr").isel({"Na.g": 0})
    assert ds["rate"].notnull().sum("K.g").values.tolist() == [3, 0]
    assert command("sweep", "status", "map.zarr").exit_code == 3
    assert command("sweep", "map.toml").exit_code == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("1.4]", "1.5]"), "axes.Na.g.highest is 1.4 there, 1.5 here"),
        (("n = 3", "n = 4"), "shape[1] is 3 there, 4 here"),
        (("1.0, 1.4", "1.1, 1.4"), "points: axes.Na.g"),
        (("duration = 60", "duration = 70"), "run: duration is 60.0 there, 70.0 here"),
        (("amplitude = 10", "amplitude = 11"), "points: stimulus"),
        (("[axes]", "[conditions]\ntemperature = 7\n[axes]"), "temperature is 6.3 there, 7.0"),
        (("chunk = 3", 'measures = ["cv"]'), "measures: rate"),
    ],
)
def test_a_store_of_another_sweep_is_refused_with_what_differs(
    command, described, whole, change, said
):
    before = bits(whole)
    done = command("sweep", described(MAP.replace(*change)))
    assert done.exit_code == 2
    assert "is of another sweep: " in done.stderr and said in done.stderr
    assert done.stderr.count("\n") == 1
    assert bits(whole) == before


def test_what_decides_nothing_may_change(command, described):
    assert command("sweep", described(), "--shard", "1/4").exit_code == 0
    text = MAP.replace("chunk = 3", 'chunk = 5\nfigure = "maps/front.pdf"')
    done = command("sweep", described(text), "--threads", 1)
    assert done.exit_code == 0, done.stderr
    assert "4 of 4 blocks" in done.stdout and "Drawn: maps/front.pdf" in done.stdout


def test_damage_is_found_and_mended(command, described, whole):
    described()
    path, before = whole, bits(whole)
    for name in ("rate/c.0.0", "status/c.2.0"):
        (path / name).write_bytes(b"x" * len(before[(path / name).relative_to(path)]))
    found = command("sweep", "status", "map.zarr")
    assert found.exit_code == 4
    assert "2 of 4 blocks" in found.stdout and "Missing blocks: 0, 2" in found.stdout
    assert "damaged blocks: 0, 2; to mend them: mnexcite sweep MAP.toml" in found.stderr
    mended = command("sweep", "map.toml")
    assert mended.exit_code == 0 and "6 points in " in mended.stdout
    assert mended.stderr.count("\n") == 1
    assert "was damaged in blocks 0, 2, computed again now" in mended.stderr
    assert bits(path) == before


def test_a_hole_is_noticed_by_the_plain_command(command, described, whole):
    described()
    path, before = whole, bits(whole)
    (path / "rate" / "c.1.0").unlink()
    (path / "Na.g" / "c" / "0").write_bytes(bytes(3))
    mended = command("sweep", "map.toml")
    assert mended.exit_code == 0 and "3 points in " in mended.stdout
    assert mended.stderr.count("\n") == 2  # one of the coordinate, one of the block
    assert bits(path) == before


def test_what_another_version_began_goes_on_only_by_consent(command, described, tmp_path):
    command("sweep", described(), "--shard", "1/2")
    found = store.open_store(tmp_path / "map.zarr")
    older = store.Origin("mnexcite 0.0.9, numpy 2.0.0, numba 0.60.0", "x86_64 sse2")
    found.commit(0, found.read(0), older)
    refused = command("sweep", "map.toml")
    assert refused.exit_code == 2 and refused.stderr.count("\n") == 1
    assert "1 blocks were computed by mnexcite 0.0.9" in refused.stderr
    assert "--mixed" in refused.stderr
    assert len(found.missing()) == 2
    assert command("sweep", "map.toml", "--mixed").exit_code == 0
    assert "blocks 0: mnexcite 0.0.9" in store.load(found.path).attrs["software"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "MAP.toml"),
        (("nowhere.toml",), 4, "cannot read nowhere.toml"),
        (("run.toml",), 2, "for one run, write: mnexcite simulate"),
        (("status",), 2, "write: mnexcite sweep status MAP.zarr"),
        (("status", "nowhere.zarr"), 4, "there is no such folder"),
        (("status", "empty"), 2, "is not a sweep's store"),
        (("status", "run.toml"), 2, "is not a sweep's store"),
        (("status", "empty", "--threads", 1), 2, "status takes one store and no options"),
        (("statsu", "empty"), 2, "write: mnexcite sweep MAP.toml, or: mnexcite sweep status"),
        (("empty",), 2, "or: mnexcite sweep status empty"),
        (("map.toml", "--shard", "3"), 2, "shard is '3'; allowed: i/n"),
        (("map.toml", "--shard", "4/3"), 2, "shard is '4/3'"),
        (("map.toml", "--threads", "0"), 2, "threads is 0"),
        (("map.toml", "--store", "run.toml"), 2, "is not a sweep's store"),
        (("map.toml", "--store", "run.toml/x"), 4, "a file is where a folder should be"),
    ],
)
def test_mistakes_end_before_any_work(command, described, tmp_path, words, code, said):
    described()
    described(RUN, "run.toml")
    (tmp_path / "empty").mkdir()
    done = command("sweep", *words)
    assert done.exit_code == code
    assert done.stdout == ""
    assert done.stderr.startswith("mnexcite: ") and done.stderr.count("\n") == 1
    assert said in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"map.toml", "run.toml", "empty"}


def test_simulate_says_where_a_sweep_belongs(command, described):
    done = command("simulate", described())
    assert done.exit_code == 2
    assert "this describes a sweep; write: mnexcite sweep map.toml" in done.stderr


def test_lines_of_progress_where_there_is_no_terminal(command, described, monkeypatch):
    monkeypatch.setattr("mnexcite.errors.progress.LINES", 0.0)
    text = PLAIN.replace("[0.6, 0.8, 1.0, 1.4]", "[1.0]").replace("amplitude = 10\n", "")
    text = text.replace("[sweep]", '"stimulus.amplitude" = [10, 100000]\n[sweep]')
    lines = command("sweep", described(text), "--threads", 1).stderr.splitlines()
    assert lines[0].startswith("mnexcite: 0 of 6 points")
    assert lines[-1].startswith("mnexcite: 6 of 6 points, ")
    assert lines[-1].endswith(" points/s, 0 s left, 3 out_of_range")


def test_ctrl_c_leaves_a_store_that_goes_on(command, described, tmp_path, forked):
    name, path = described(LONG), tmp_path / "map.zarr"
    with in_a_process(tmp_path, name, "--threads", "1", python=forked) as process:
        until(lambda: any((path / MARKERS).glob("c.*")), process)
        out, err = interrupt(process)
    assert process.returncode == 130, err
    assert out == ""
    assert err.startswith("mnexcite: stopped by Ctrl-C with ") and err.count("\n") == 1
    assert err.endswith(" of 80 points done; run it again to go on\n")
    assert 0 < summary(path).blocks_done < 40
    done = command("sweep", name)
    assert done.exit_code == 0
    assert "80 of 80 points (100.0 %), 40 of 40 blocks" in done.stdout
    assert command("sweep", name, "--store", "calm.zarr").exit_code == 0
    assert bits(path) == bits(tmp_path / "calm.zarr")


def test_a_limit_on_files_is_one_line_with_4(described, tmp_path, forked):
    with in_a_process(
        tmp_path,
        described(),
        python=forked,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)),
    ) as process:
        out, err = ended(process)
    assert process.returncode == 4
    assert out == ""
    assert "raise the limit (ulimit -f), then the same command resumes" in err
    assert err.startswith("mnexcite: ") and err.count("\n") == 1
    assert not (tmp_path / "map.zarr").exists()
