"""Let one process compile a kernel while others wait for it, with a word and a limit."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mnexcite.errors import RunWarning

#: A word is said after so long if the process that compiles is stopped [s] ...
PATIENCE = 2.0
#: ... and after so long otherwise: compiling takes less on an idle machine [s].
BUSY = 30.0
#: Nobody waits longer [s].
LIMIT = 120.0
LOOK = 0.05


class LockedTooLong(OSError):
    """Report that another process kept a kernel to itself."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which is made where there is none.

    Raises
    ------
    LockedTooLong
        If another process holds it for longer than `LIMIT`.
    OSError
        If locks do not work there.

    Warns
    -----
    RunWarning
        If it waits for long, once.
    """
    try:
        import fcntl
    except ImportError:  # no advisory locks here: processes may compile twice, harmlessly
        yield
        return
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, 0o600)
    try:

        def take() -> bool:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        _wait(take, handle, path)
        os.truncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)
    finally:
        os.close(handle)


def _wait(take: Callable[[], bool], handle: int, path: Path) -> None:
    began, said = time.monotonic(), False
    while not take():
        waited = time.monotonic() - began
        holder = os.pread(handle, 20, 0).decode("ascii", "replace") or "unknown"
        stopped = is_stopped(holder)
        state = ", which is stopped," if stopped else ""
        if waited > LIMIT:
            raise LockedTooLong(f"process {holder}{state} has held {path} for {waited:.0f} s")
        if not said and waited > (PATIENCE if stopped else BUSY):
            said = True
            warnings.warn(
                f"waiting for process {holder}{state} to compile {path.stem}; continue or end "
                f"that process, or this one goes on without it after {LIMIT:.0f} s",
                RunWarning,
                stacklevel=8,
            )
        time.sleep(LOOK)


def is_stopped(process: str) -> bool:
    """Tell whether a process of this number is stopped, where the system says so (Linux)."""
    try:
        stat = Path(f"/proc/{int(process)}/stat").read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return False
    return stat.rpartition(")")[2].split()[:1] in (["T"], ["t"])
