"""Files that are replaced at once, after their bytes have reached the disk."""

from __future__ import annotations

import errno
import os
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path

from mnexcite.disk.explaining import explained

STALE = 86400.0  # [s]; a partial file lives for milliseconds, so its process is long dead


def write(path: str | os.PathLike[str], data: str | bytes) -> None:
    """Write a file: a reader sees the old one or the new one, whole.

    Raises
    ------
    StorageError
        If it cannot be written; what was there stays.
    """
    from mnexcite.errors import place  # it brings NumPy in, for which --help need not wait

    with explained("write", path):
        target = place("path", path).resolve()  # a link stays one
        raw = data.encode() if isinstance(data, str) else data
        if target.exists() and not target.is_file():  # a device or pipe takes bytes, no rename
            target.write_bytes(raw)
            return
        put(target, raw, target.parent, ".")
        sync_folder(target.parent)


def put(target: Path, data: bytes, partials: Path, hidden: str = "") -> None:
    """Replace a file at once, after its bytes have reached the disk.

    The new entry itself is safe from a power cut after `sync_folder(target.parent)`.
    `partials` is a folder of the same file system.
    """
    partial = partials / f"{hidden}partial-{uuid.uuid4().hex}"
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
