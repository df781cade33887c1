"""Write the damaged metadata and coordinates of a store anew; its blocks stay."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from mnexcite.disk import explained, put, sync_folder
from mnexcite.disk.sealing import ROOT
from mnexcite.sweeps.store import layout as on_disk
from mnexcite.sweeps.store.layout import MARKERS, Layout

if TYPE_CHECKING:
    import xarray


def mend(path: Path, template: xarray.Dataset, layout: Layout) -> None:
    """Put everything but the blocks of a store into the state in which it was made.

    Several processes may do so at the same time: they write the same.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    partial = path.with_name(f".{path.name}-{uuid.uuid4().hex}.partial")
    try:
        with explained("write", path, "then run the same again"):
            on_disk.build(partial, template, layout)
            for member in sorted(entry for entry in partial.iterdir() if entry.is_dir()):
                _put_tree(member, path / member.name, member.name not in layout.growing)
            put(path / ROOT, (partial / ROOT).read_bytes(), path / MARKERS)
            sync_folder(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _put_tree(fresh: Path, member: Path, whole: bool) -> None:
    """Write the files of a member; if it is `whole`, others there are removed."""
    if member.exists() and not member.is_dir():
        member.unlink()
    files = {file.relative_to(fresh) for file in fresh.rglob("*") if file.is_file()}
    for name in files:
        target = member / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            shutil.rmtree(target)
        put(target, (fresh / name).read_bytes(), target.parent)
    if whole:
        for file in [file for file in member.rglob("*") if file.is_file()]:
            if file.relative_to(member) not in files:
                file.unlink(missing_ok=True)
    for folder in {(member / name).parent for name in files}:
        sync_folder(folder)
