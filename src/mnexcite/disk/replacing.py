"""Folders that are replaced without a moment at which both the old and the new can be lost.

A folder cannot be renamed onto another one. So the new one is made beside it, the old one
is renamed aside, the new one into place, and only then is the old one removed. Who dies in
between leaves a whole folder under a name that `recover` knows.
"""

from __future__ import annotations

import glob
import shutil
import uuid
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mnexcite.disk.files import remove_stale, sync_folder, sync_tree

NEW, OLD = "new", "old"


@contextmanager
def replacing(path: Path, whole: Callable[[Path], bool]) -> Iterator[Path]:
    """Yield a name beside `path`; the folder made there takes its place if all goes well.

    Parameters
    ----------
    path
        Where the folder goes; a folder that is there is replaced.
    whole
        Whether a folder is complete, asked of what dead processes left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    recover(path, whole)
    remove_stale(path.parent, _pattern(path, NEW))
    fresh, aside = beside(path, NEW), beside(path, OLD)
    try:
        yield fresh
        sync_tree(fresh)
        _set_aside(path, aside)
        fresh.rename(path)
        sync_folder(path.parent)
    finally:
        if not path.exists():  # stopped between the two renames
            with suppress(OSError):
                aside.rename(path)
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(aside, ignore_errors=True)


def recover(path: Path, whole: Callable[[Path], bool]) -> None:
    """Put into place what a process that died while replacing a folder left beside it."""
    olds = _left(path, OLD)
    if path.exists():  # it died before it could clear up
        for old in olds:
            shutil.rmtree(old, ignore_errors=True)
        return
    for left in [*filter(whole, _left(path, NEW)), *olds]:
        with suppress(OSError):  # another process may do the same
            left.rename(path)
            return


def _set_aside(path: Path, aside: Path) -> None:
    with suppress(FileNotFoundError):
        path.rename(aside)


def _left(path: Path, kind: str) -> list[Path]:
    """Return what is left of a kind, the latest first."""
    if not path.parent.is_dir():
        return []
    found = []
    for left in path.parent.glob(_pattern(path, kind)):
        with suppress(OSError):
            found.append((left.stat().st_mtime_ns, left))
    return [left for _, left in sorted(found, reverse=True)]


def _stem(path: Path) -> str:
    # a long name is cut, and told from others by its number
    return f".{path.name[:40]}-{zlib.crc32(path.name.encode()):08x}"


def beside(path: Path, kind: str) -> Path:
    """Return a new name beside a folder, of the kind `NEW` or `OLD`."""
    return path.with_name(f"{_stem(path)}-{uuid.uuid4().hex[:16]}.{kind}")


def _pattern(path: Path, kind: str) -> str:
    return f"{glob.escape(_stem(path))}-*.{kind}"
