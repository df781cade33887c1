"""Read and verify a store without computing anything."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from mnexcite.errors import RunWarning, checked
from mnexcite.sweeps.store import layout as on_disk
from mnexcite.sweeps.store.creating import located, open_store
from mnexcite.sweeps.store.store import MENDS, Store, ranges

if TYPE_CHECKING:
    import xarray


@checked
def load(path: str | Path) -> xarray.Dataset:
    """Read the sweep in a store; every value is compared with its checksum.

    Parameters
    ----------
    path
        The store.

    Returns
    -------
    xarray.Dataset
        As `mnexcite.sweep` returns it. Points that are not computed, and points of damaged
        blocks, are NaN, -1 in flags, and `pending` in `status`.

    Raises
    ------
    StorageError
        If it cannot be read, or its metadata or coordinates are damaged.
    InputError
        If it is no store of a sweep, or one of another format.

    Warns
    -----
    RunWarning
        If blocks are damaged.
    """
    store = open_store(path)
    found, damaged = store.load()
    if damaged:
        warnings.warn(
            f"blocks {ranges(damaged)} of {store.path} are damaged and shown as pending; "
            f"{MENDS}",
            RunWarning,
            stacklevel=2,
        )
    return found


@checked
def verify(path: str | Path) -> tuple[str, ...]:
    """Return what is damaged in a store: names of members such as `NaP.g`, and blocks.

    Parameters
    ----------
    path
        The store.

    Returns
    -------
    tuple of str
        Empty if all that was computed is as it was written. To mend the rest, run the same
        sweep into the store again.

    Raises
    ------
    StorageError
        If it cannot be read.
    InputError
        If it is no store of a sweep, or one of another format.
    """
    path = located(path)
    found = on_disk.find(path)
    if not (path / on_disk.MARKERS).is_dir():
        return found.damaged
    damaged = Store(path, found.layout).verify()
    return (*found.damaged, *(f"block {index}" for index in damaged))
