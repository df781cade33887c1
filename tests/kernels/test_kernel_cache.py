"""The kernels on disk: found again by a new process, and never in anybody's way."""

import itertools
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

import mnexcite
from mnexcite.errors import RunWarning
from mnexcite.kernels import compiled, locking
from small_cells import SOURCE
from waiting import ended

TEXT = "def triple(a):\n    for i in range(a.size):\n        a[i] = 3.0 * a[i]\n"
SIGNATURES = {"triple": {"a": "f8[::1]"}}

SIMULATE = f"""{SOURCE}
import json, warnings
import mnexcite as mx
from mnexcite.kernels import compiled
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    run = mx.simulate(SMALL, DRIVE, duration=20.0)
print(json.dumps({{
    "spikes": run.spike_times.tolist(),
    "compilations": list(compiled.compilations().values()),
    "warnings": [[w.category.__name__, str(w.message)] for w in caught],
    "folder": str(compiled.cache_folder()),
}}))
"""


def started(cwd, before="", python=(sys.executable,), **environment):
    """Return a process that simulates after `before`; None takes a variable away."""
    merged = {**os.environ, **environment}
    return subprocess.Popen(
        [*python, "-c", before + SIMULATE],
        env={key: value for key, value in merged.items() if value is not None},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process):
    out, err = ended(process)
    assert process.returncode == 0, err
    return json.loads(out)


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """Start as a new process would, with a cache folder of its own."""
    monkeypatch.setattr(compiled, "_loaded", {})
    monkeypatch.setattr(compiled, "_temporary", None)
    monkeypatch.setenv(compiled.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "kernels"


@pytest.fixture
def stamped_anew():
    """Let versions and sources be read again, and once more when they are what they were."""
    compiled._stamp.cache_clear()
    yield compiled._stamp.cache_clear
    compiled._stamp.cache_clear()


def load_again(monkeypatch):
    """Load the kernel as another process would; return it and its (compiled, read) counts."""
    monkeypatch.setattr(compiled, "_loaded", {})
    module = compiled.load("triple", TEXT, SIGNATURES)
    values = np.arange(4.0)
    module.triple(values)
    np.testing.assert_array_equal(values, [0.0, 3.0, 6.0, 9.0])
    (counts,) = compiled.compilations().values()
    return counts


def test_kernels_are_kept_and_found(fresh, monkeypatch):
    assert load_again(monkeypatch) == (1, 0)
    assert load_again(monkeypatch) == (0, 1)
    (folder,) = (entry for entry in fresh.iterdir() if entry.is_dir())
    # the source stays beside the machine code, for people to read, and for nobody to write
    assert TEXT in (folder / "kernel.py").read_text(encoding="utf-8")
    assert stat.S_IMODE(fresh.stat().st_mode) == stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_another_text_is_another_kernel(fresh):
    first = compiled.load("triple", TEXT, SIGNATURES)
    changed = compiled.load("triple", TEXT.replace("3.0", "5.0"), SIGNATURES)
    values = np.ones(1)
    changed.triple(values)
    first.triple(values)
    assert values[0] == 15.0
    assert len([entry for entry in fresh.iterdir() if entry.is_dir()]) == 2


@pytest.mark.parametrize(
    "name", ["entries", "native", "translator", "vector_code", "vector_ops"]
)
def test_a_changed_library_file_is_another_kernel(monkeypatch, tmp_path, stamped_anew, name):
    here = compiled._digest(TEXT)
    shutil.copytree(Path(compiled.__file__).parent, tmp_path / "kernels")
    with (tmp_path / "kernels" / f"{name}.py").open("a", encoding="utf-8") as file:
        file.write("\n# a change\n")
    monkeypatch.setattr(compiled, "__file__", str(tmp_path / "kernels" / "compiled.py"))
    stamped_anew()
    assert compiled._digest(TEXT) != here


@pytest.mark.parametrize("package", ["llvmlite", "mnexcite"])
def test_another_version_is_another_kernel(monkeypatch, package, stamped_anew):
    here = compiled._digest(TEXT)
    known = compiled.importlib.metadata.version
    monkeypatch.setattr(
        compiled.importlib.metadata,
        "version",
        lambda name: known(name) + (".1" if name == package else ""),
    )
    stamped_anew()
    assert compiled._digest(TEXT) != here


def test_another_processor_is_another_kernel(monkeypatch, stamped_anew):
    here = compiled._digest(TEXT)
    monkeypatch.setenv("MNEXCITE_CPU_FEATURES", "")
    stamped_anew()
    assert compiled._digest(TEXT) != here


def garble(path):
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(255 - byte for byte in data[middle : middle + 64])
    path.write_bytes(bytes(data))


def truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [garble, truncate, empty])
@pytest.mark.parametrize("file", ["kernel.o", "kernel.py"])
def test_damaged_files_cost_one_warning(fresh, monkeypatch, damage, file):
    load_again(monkeypatch)
    (path,) = fresh.rglob(file)
    damage(path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert load_again(monkeypatch) == (1, 0)
    assert [w.category for w in caught] == [RunWarning]
    assert "damaged" in str(caught[0].message)
    assert "\n" not in str(caught[0].message)
    # and it is whole again
    assert load_again(monkeypatch) == (0, 1)


def test_a_binary_of_another_kernel_is_not_believed(fresh, monkeypatch):
    """A file that is whole, but not the one that was written, is damage too."""
    load_again(monkeypatch)
    (own,) = fresh.rglob("kernel.o")
    compiled.load("triple", TEXT.replace("3.0", "5.0"), SIGNATURES)
    (other,) = (path for path in fresh.rglob("kernel.o") if path != own)
    own.write_bytes(other.read_bytes())
    with pytest.warns(RunWarning, match="damaged"):
        assert load_again(monkeypatch) == (1, 0)


@pytest.mark.parametrize("file", ["kernel.o", "kernel.py"])
def test_missing_files_are_made_again(fresh, monkeypatch, file):
    load_again(monkeypatch)
    (path,) = fresh.rglob(file)
    path.unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RunWarning)
        load_again(monkeypatch)
    assert load_again(monkeypatch) == (0, 1)


def test_a_file_in_the_place_of_a_kernel(fresh, monkeypatch):
    load_again(monkeypatch)
    (folder,) = (entry for entry in fresh.iterdir() if entry.is_dir())
    compiled.shutil.rmtree(folder)
    folder.write_text("not a folder", encoding="utf-8")
    with pytest.warns(RunWarning):
        load_again(monkeypatch)


def test_a_process_that_was_stopped_while_compiling(fresh, monkeypatch):
    """Machine code without its text, which is written last, is made again without a word."""
    load_again(monkeypatch)
    (text,) = fresh.rglob("kernel.py")
    (binary,) = fresh.rglob("kernel.o")
    text.unlink()
    truncate(binary)
    assert load_again(monkeypatch) == (1, 0)


def test_an_unwritable_folder_costs_one_warning(fresh, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv(compiled.CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load_again(monkeypatch)
        load_again(monkeypatch)
        compiled.load("other", TEXT + "\n#\n", SIGNATURES)
    assert [w.category for w in caught] == [RunWarning]
    message = str(caught[0].message)
    assert compiled.CACHE_VARIABLE in message and "\n" not in message


def test_a_full_disk_costs_one_warning(tmp_path, forked):
    """A folder can be there, be private, take an empty file, and still have no room."""
    pytest.importorskip("resource")
    limit = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))\n"
    )
    where = str(tmp_path / "cache")
    found = finished(started(tmp_path, limit, forked, MNEXCITE_CACHE_DIR=where))
    assert [category for category, _ in found["warnings"]] == ["RunWarning"]
    assert found["spikes"]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no permissions of this kind")
@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_folder_that_others_can_write_is_refused(fresh, monkeypatch, mode):
    fresh.mkdir(parents=True)
    fresh.chmod(mode)
    with pytest.warns(RunWarning, match="can be written by others"):
        load_again(monkeypatch)
    assert list(fresh.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners of this kind")
def test_a_folder_of_another_user_is_refused(fresh, monkeypatch):
    users = itertools.chain([54321], itertools.repeat(os.getuid()))
    monkeypatch.setattr(compiled.os, "getuid", lambda: next(users))
    with pytest.warns(RunWarning, match="belongs to another user"):
        load_again(monkeypatch)


def test_a_user_without_a_home(fresh, monkeypatch, tmp_path):
    """Where no home is known, "~" stays as it is: that is no place for a cache."""
    monkeypatch.delenv(compiled.CACHE_VARIABLE)
    monkeypatch.setattr(
        compiled.platformdirs, "user_cache_dir", lambda *_, **__: "~/.cache/mnexcite"
    )
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with pytest.warns(RunWarning, match="cannot be kept"):
        load_again(monkeypatch)
    assert list(here.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no permissions of this kind")
@pytest.mark.parametrize("what", ["link", "writable folder", "writable file"])
def test_a_kernel_that_others_could_have_written_is_compiled_again(
    fresh, monkeypatch, tmp_path, what
):
    load_again(monkeypatch)
    (folder,) = (entry for entry in fresh.iterdir() if entry.is_dir())
    if what == "link":
        folder.rename(tmp_path / "moved")
        folder.symlink_to(tmp_path / "moved")
    elif what == "writable folder":
        folder.chmod(0o777)
    else:
        next(fresh.rglob("kernel.o")).chmod(0o666)
    with pytest.warns(RunWarning, match="is a link|can be written by others"):
        assert load_again(monkeypatch) == (1, 0)
    assert load_again(monkeypatch) == (0, 1)


HOLD = """
import sys
from pathlib import Path
from mnexcite.kernels.locking import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def held(fresh, monkeypatch):
    """Let another process hold the kernel's lock."""
    pytest.importorskip("fcntl")
    load_again(monkeypatch)
    (lock,) = fresh.glob("*.lock")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, lock],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.send_signal(signal.SIGCONT)
        process.stdin.close()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="nothing says who is stopped")
def test_a_stopped_process_that_holds_a_kernel_is_waited_for_with_a_word(held, monkeypatch):
    held.send_signal(signal.SIGSTOP)
    while not locking.is_stopped(str(held.pid)):
        time.sleep(0.01)
    monkeypatch.setattr(locking, "PATIENCE", 0.1)
    freed = threading.Timer(0.5, held.send_signal, [signal.SIGCONT])
    ended = threading.Timer(0.5, held.stdin.close)
    with pytest.warns(RunWarning, match=f"waiting for process {held.pid}, which is stopped"):
        freed.start(), ended.start()
        assert load_again(monkeypatch) == (0, 1)


def test_nobody_waits_for_ever(held, monkeypatch):
    monkeypatch.setattr(locking, "LIMIT", 0.2)
    with pytest.warns(RunWarning, match=f"process {held.pid} has held .* this process only"):
        load_again(monkeypatch)


def test_clearing_the_cache(fresh, monkeypatch):
    assert compiled.clear_cache() == 0
    load_again(monkeypatch)
    assert compiled.clear_cache() == 1
    assert list(fresh.iterdir()) == []
    assert load_again(monkeypatch) == (1, 0)


def test_a_new_process_reads_what_another_compiled(tmp_path, forked):
    where = str(tmp_path / "cache")
    first = finished(started(tmp_path, python=forked, MNEXCITE_CACHE_DIR=where))
    second = finished(started(tmp_path, MNEXCITE_CACHE_DIR=where))
    assert first["compilations"] == [[1, 0]] and second["compilations"] == [[0, 1]]
    assert first["spikes"] == second["spikes"] and first["spikes"]
    assert first["warnings"] == second["warnings"] == []


def test_read_only_install_without_a_home(tmp_path):
    """No home, no cache: it runs, says so once, and writes nothing into the package."""
    package = Path(mnexcite.__file__).parent
    before = {path for path in package.rglob("*") if path.suffix != ".pyc"}
    found = finished(
        started(
            tmp_path,
            HOME="/dev/null/nobody",
            XDG_CACHE_HOME=None,
            MNEXCITE_CACHE_DIR=None,
            PYTHONDONTWRITEBYTECODE="1",
        )
    )
    assert [category for category, _ in found["warnings"]] == ["RunWarning"]
    assert found["spikes"]
    assert not Path(found["folder"]).exists()  # a temporary folder does not outlive it
    assert {path for path in package.rglob("*") if path.suffix != ".pyc"} == before
    assert list(tmp_path.iterdir()) == []


def test_processes_start_together_on_a_cold_cache(tmp_path, forked):
    where = str(tmp_path / "cache")
    processes = [started(tmp_path, python=forked, MNEXCITE_CACHE_DIR=where) for _ in range(8)]
    found = [finished(process) for process in processes]
    assert all(one["warnings"] == [] for one in found)
    assert len({tuple(one["spikes"]) for one in found}) == 1
    # one of them compiled; the others waited and read
    assert sorted(one["compilations"] for one in found) == [[[0, 1]]] * 7 + [[[1, 0]]]
