"""Make, open and resume the store of a sweep: a Zarr folder that survives anything."""

from __future__ import annotations

import errno
import glob
import shutil
import uuid
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnexcite.disk import explained, remove_stale, sync_folder, sync_tree
from mnexcite.errors import InputError, RunWarning, checked, place
from mnexcite.sweeps.store import layout as on_disk
from mnexcite.sweeps.store.blocks import Blocks
from mnexcite.sweeps.store.identity import compare, plain
from mnexcite.sweeps.store.layout import MARKERS, Layout, Variable
from mnexcite.sweeps.store.mending import mend
from mnexcite.sweeps.store.store import RESUMES, Store

if TYPE_CHECKING:
    import xarray


_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


def create(
    path: str | Path,
    template: xarray.Dataset,
    variables: Mapping[str, Variable],
    blocks: Blocks,
    identity: Mapping[str, Any],
    *,
    dims: Sequence[str] | None = None,
) -> Store:
    """Make an empty store; a crash in between leaves none, never half of one.

    Parameters
    ----------
    path
        Folder to be made.
    template
        Coordinates and attributes, no variables.
    variables
        What every point has, by name.
    blocks
        The grid of points and its blocks.
    identity
        Everything that decides the results: nested mappings, lists, texts and numbers.
    dims
        Names of the grid's dimensions; default: those of `template`, in its order.

    Raises
    ------
    InputError
        If there is something at `path`, or the dimensions do not fit.
    StorageError
        If it cannot be written.
    """
    path = located(path)
    dims = tuple(map(str, template.sizes if dims is None else dims))
    sizes = tuple(
        template.sizes.get(dim, n) for dim, n in zip(dims, blocks.shape, strict=False)
    )
    if len(dims) != len(blocks.shape) or sizes != blocks.shape or template.data_vars:
        raise InputError(
            f"template has {dict(template.sizes)} and variables {list(template.data_vars)}; "
            f"allowed: dimensions {dims} of {blocks.shape} and no variables"
        )
    layout = Layout(dims, blocks, dict(variables), plain(identity))
    partial = path.with_name(f".{path.name}-{uuid.uuid4().hex}.partial")
    try:
        with explained("write", path, RESUMES):
            path.parent.mkdir(parents=True, exist_ok=True)
            remove_stale(path.parent, f".{glob.escape(path.name)}-*.partial")
            on_disk.build(partial, template, layout)
            sync_tree(partial)
            _move(partial, path)
            sync_folder(path.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Store(path, layout)


@checked
def open_store(path: str | Path) -> Store:
    """Open the store of a sweep.

    Raises
    ------
    StorageError
        If it cannot be read, or its metadata or coordinates are damaged.
    InputError
        If it is no store of a sweep, or one of another format.
    """
    path = located(path)
    store = Store(path, on_disk.find(path).layout)
    store.check_members()
    return store


def create_or_resume(
    path: str | Path,
    template: xarray.Dataset,
    variables: Mapping[str, Variable],
    blocks: Blocks,
    identity: Mapping[str, Any],
    *,
    dims: Sequence[str] | None = None,
) -> Store:
    """Open the store of this very sweep, or make it; arguments as for `create`.

    An existing store keeps its own blocks, whatever `blocks.chunk` is. Several processes may
    do this at the same time: one makes the store, all get it. Damaged metadata and
    coordinates are written anew, and a `RunWarning` says so.

    Raises
    ------
    InputError
        If the store is of another sweep; the message says what differs.
    StorageError
        If it cannot be read or written.
    """
    path = located(path)
    if not path.exists() or _is_empty(path):
        try:
            return create(path, template, variables, blocks, identity, dims=dims)
        except _Taken:  # another process was faster
            pass
    found = on_disk.find(path)
    store = Store(path, found.layout)
    _check_same(store, variables, blocks, identity)
    if found.damaged:
        mend(path, template, found.layout)
        warnings.warn(
            f"{path} was damaged in {', '.join(found.damaged)}, which is mended",
            RunWarning,
            stacklevel=6,
        )
    with explained("write", path, RESUMES):
        remove_stale(path / MARKERS, "partial-*")
    return store


def located(path: str | Path) -> Path:
    """Return where a store is, whatever the working folder becomes."""
    with explained("read", path):
        return place("store", path).expanduser().resolve()


def _is_empty(path: Path) -> bool:
    with explained("read", path):
        return path.is_dir() and not any(path.iterdir())


def _move(partial: Path, path: Path) -> None:
    try:
        partial.rename(path)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
        raise _Taken(f"{path} exists; resume it or choose another name") from error


class _Taken(InputError):
    """Report that a new store's name is taken."""


def _check_same(
    store: Store, variables: Mapping[str, Variable], blocks: Blocks, identity: Mapping[str, Any]
) -> None:
    lines = compare(store.identity, identity) or compare(
        {"shape": store.blocks.shape, "variables": _types(store.layout.variables)},
        {"shape": blocks.shape, "variables": _types(variables)},
    )
    if lines:
        raise InputError(
            f"{store.path} is of another sweep: {'; '.join(lines)}; "
            "undo that or choose another store"
        )


def _types(variables: Mapping[str, Variable]) -> dict[str, str]:
    return {name: variable.dtype for name, variable in variables.items()}
