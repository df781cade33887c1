"""Files that are whole or absent, whatever happens, and errors that say what to do."""

from __future__ import annotations

import errno
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mnexcite.errors import InputError, StorageError

STALE = 86400.0  # [s]; a partial file lives for milliseconds, so its process is long dead

_CAUSES = {
    errno.ENOSPC: ("the disk is full", "free some space"),
    errno.EDQUOT: ("your disk quota is used up", "free some space or ask for more"),
    errno.EFBIG: ("files may not grow that large", "raise the limit (ulimit -f)"),
    errno.EACCES: ("permission denied", "allow this user"),
    errno.EPERM: ("permission denied", "allow this user"),
    errno.EROFS: ("the file system is read-only", "make it writable"),
    errno.EEXIST: ("a file is where a folder should be", "choose another store"),
    errno.ENOTDIR: ("a file is where a folder should be", "choose another store"),
    errno.ENOENT: ("a file or folder is not there", "put it back or use a new store"),
}


def put(target: Path, data: bytes, partials: Path) -> None:
    """Replace a file at once, after its bytes have reached the disk.

    The new entry itself is safe from a power cut after `sync_folder(target.parent)`.
    `partials` is a folder of the same file system.
    """
    partial = partials / f"partial-{uuid.uuid4().hex}"
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def sync_folder(folder: Path) -> None:
    """Wait until a folder's entries are on the disk, where the system knows how."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems
            raise
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Wait until everything in a folder is on the disk."""
    for parent, _, files in os.walk(folder):
        for name in files:
            with (Path(parent) / name).open("rb+") as file:
                os.fsync(file.fileno())
        sync_folder(Path(parent))


def remove_stale(folder: Path, pattern: str) -> None:
    """Remove what dead processes left behind: entries of this name older than a day."""
    for left in folder.glob(pattern):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE:
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()


@contextmanager
def explained(doing: str, path: Path) -> Iterator[None]:
    """Turn what the system reports into one line: what happened and what to do.

    Raises
    ------
    StorageError
        In place of an `OSError`, also one that another library wrapped.
    """
    try:
        yield
    except (StorageError, InputError):
        raise
    except Exception as error:
        found = _of_system(error)
        if found is None:
            raise
        cause, remedy = _CAUSES.get(
            found.errno or 0, (found.strerror or str(found), "see to that")
        )
        resumes = ", then the same command resumes: what was computed is kept, nothing is lost"
        raise StorageError(
            f"cannot {doing} {path}: {cause} ({_first_line(found)}); "
            f"{remedy}{resumes if doing == 'write' else ''}"
        ) from error


def _first_line(error: OSError) -> str:
    return (error.strerror or str(error)).split("\n")[0]


def _of_system(error: BaseException | None) -> OSError | None:
    """Return the system's error behind an exception, None if there is none."""
    while error is not None:
        if isinstance(error, OSError):
            return error
        if isinstance(error, BaseExceptionGroup):
            return next(filter(None, map(_of_system, error.exceptions)), None)
        error = error.__cause__ or error.__context__
    return None
