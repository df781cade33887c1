"""Kills, full disks and forbidden folders lose nothing that was committed."""

import errno
import functools
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import stored_sweeps
from stored_sweeps import BLOCKS, fill, make, resume, values

from mnexcite.disk import files
from mnexcite.errors import StorageError
from mnexcite.sweeps import store
from mnexcite.sweeps.store import creating
from mnexcite.sweeps.store.layout import MARKERS


@pytest.fixture
def path(tmp_path):
    return tmp_path / "map.zarr"


def bits(path):
    """Return every file of a store with its bytes, except what a kill left behind."""
    return {
        file.relative_to(path): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file() and not file.name.startswith("partial-")
    }


@pytest.fixture
def server(path, forked):
    code = "import sys, stored_sweeps; stored_sweeps.serve(sys.argv[1])"
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    folder = Path(stored_sweeps.__file__).parent
    with subprocess.Popen([*forked, "-c", code, str(path)], cwd=folder, **options) as process:
        yield process


def killed(server, seed, moment):
    """Go on with a sweep, kill it after `moment` seconds, and return how it ended."""
    server.stdin.write(f"{seed}\n")
    child = int(server.stdout.readline())
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    server.stdin.write("\n")
    code = int(server.stdout.readline())
    assert code in (0, -signal.SIGKILL)
    return code


def test_kills_at_random_moments_change_no_bit(path, tmp_path, server):
    chance = random.Random(20050901)
    undisturbed = bits(fill(make(tmp_path / "calm.zarr")).path)
    kills = rounds = 0
    while kills < 6:
        shutil.rmtree(path, ignore_errors=True)
        rounds, kept, idle, code = rounds + 1, {}, 0, None
        while code != 0:
            # a slow machine gets more time with every kill that came before a new block
            code = killed(server, rounds, chance.uniform(0.0, 0.15 * (1 + idle)))
            kills += code != 0
            before, kept = kept, committed(path, kept)
            assert before.items() <= kept.items()
            idle = idle + 1 if before == kept else 0
        assert bits(path) == undisturbed


def committed(path, known):
    """Return the committed blocks and their markers; those not known have the right values."""
    if not path.exists():
        return {}
    found = store.open_store(path)
    assert found.verify() == ()
    for index in set(found.committed()) - set(known):
        assert found.read(index)["rate"].tobytes() == values(index)["rate"].tobytes()
    return {i: (path / MARKERS / f"c.{i}.0").stat().st_mtime_ns for i in found.committed()}


@pytest.fixture
def limited(forked):
    """Return how something is done in a process whose files may hold so many bytes."""
    return functools.partial(_limited, forked)


def _limited(python, action, path, limit):
    code = f"""if 1:
        import sys
        sys.dont_write_bytecode = True
        import stored_sweeps
        from mnexcite.errors import StorageError
        try: stored_sweeps.{action}
        except StorageError as error: sys.exit(str(error))"""
    return subprocess.run(
        [*python, "-c", code, str(path)],
        cwd=Path(stored_sweeps.__file__).parent,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
    )


def test_a_file_size_limit_is_explained_and_resumed(path, limited):
    fill(make(path), [0, 1])
    before = bits(path)
    run = limited("fill(stored_sweeps.resume(sys.argv[1]))", path, 16)
    assert run.returncode == 1
    assert "may not grow that large (File too large)" in run.stderr
    assert "same command resumes" in run.stderr and "nothing is lost" in run.stderr
    assert "Traceback" not in run.stderr
    assert before.items() <= bits(path).items()
    assert store.open_store(path).committed() == (0, 1)
    assert fill(resume(path)).verify() == ()


def test_a_store_that_cannot_be_made_leaves_nothing(path, limited):
    run = limited("resume(sys.argv[1])", path, 600)
    assert run.returncode == 1 and "(File too large)" in run.stderr
    assert "Traceback" not in run.stderr
    assert list(path.parent.iterdir()) == []


def test_a_full_file_system_is_explained_and_resumed(tmp_path):
    mount = tmp_path / "small"
    mount.mkdir()
    small = ["mount", "-t", "tmpfs", "-o", "size=200k", "none", str(mount)]
    if shutil.which("mount") is None or subprocess.run(small, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        path = mount / "map.zarr"
        found = make(path)
        with pytest.raises(StorageError, match=r"disk is full .*No space left on device"):
            fill(found)
        kept = found.committed()
        assert 0 < len(kept) < BLOCKS.count and found.verify() == ()
        assert not list((path / MARKERS).glob("partial-*"))
        larger = ["mount", "-o", "remount,size=1m", str(mount)]
        subprocess.run(larger, check=True, capture_output=True)
        assert set(kept) < set(fill(resume(path)).committed())
        assert bits(path) == bits(fill(make(tmp_path / "calm.zarr")).path)
    finally:
        subprocess.run(["umount", str(mount)], check=True, capture_output=True)


# which error it is decides what is said, at which write it comes what is left
@pytest.mark.parametrize(
    ("code", "said", "call"),
    [
        (errno.ENOSPC, "the disk is full", 1),
        (errno.EDQUOT, "quota", 2),
        (errno.EFBIG, "may not grow", 5),
        (errno.EACCES, "permission denied", 1),
        (errno.EROFS, "read-only", 2),
        (errno.EIO, "Input/output error", 5),
    ],
)
def test_an_error_at_any_write_leaves_the_block_missing(path, monkeypatch, code, said, call):
    found = fill(make(path), [0])
    before = bits(path)
    calls = 0

    def fsync(handle):
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", fsync)
        with pytest.raises(StorageError, match=f"cannot write .*{said}.*command resumes"):
            found.commit(3, values(3))
    assert 3 in found.missing() and before.items() <= bits(path).items()
    assert not list((path / MARKERS).glob("partial-*"))
    assert fill(resume(path)).verify() == ()


def test_an_error_that_zarr_wraps_is_explained(path, monkeypatch):
    def write(*_, **__):
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise ExceptionGroup("tasks", [RuntimeError("codec"), error]) from None

    monkeypatch.setattr(creating.on_disk, "build", write)
    with pytest.raises(StorageError, match="the disk is full"):
        make(path)
    monkeypatch.setattr(creating.on_disk, "build", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make(path)


def test_a_kill_while_the_store_is_made_leaves_none(path, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(creating, "sync_tree", kill)
        patched.setattr(creating.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            make(path)
    left = list(path.parent.iterdir())
    assert len(left) == 1 and left[0].suffix == ".partial" and not path.exists()
    assert resume(path).missing() == tuple(range(BLOCKS.count))
    shutil.rmtree(path)
    long_ago = time.time() - 2 * files.STALE
    os.utime(left[0], (long_ago, long_ago))
    resume(path)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_old_partial_files_are_removed_and_young_ones_are_left(path):
    found = make(path)
    old, young = (found.path / MARKERS / f"partial-{name}" for name in ("old", "young"))
    for file in (old, young):
        file.write_bytes(b"half")
    long_ago = time.time() - 2 * files.STALE
    os.utime(old, (long_ago, long_ago))
    assert resume(path).missing() == found.missing()
    assert young.exists() and not old.exists()


def test_a_store_removed_in_between_is_explained(path):
    found = make(path)
    shutil.rmtree(path)
    with pytest.raises(StorageError, match=r"cannot write .*not there"):
        found.commit(0, values(0))
    with pytest.raises(StorageError, match=r"cannot read .*not there"):
        found.missing()
