"""What the CF conventions ask of every labelled dataset."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray

_version = cache(version)  # read from a file each time


def labelled(dataset: xarray.Dataset, title: str) -> xarray.Dataset:
    """Return the dataset with title, history and conventions where it has none.

    A coordinate is never missing, so that none is written as if it could be.
    """
    made = f"mnexcite {_version('mnexcite')}"
    own = {"Conventions": "CF-1.11", "title": title, "history": made}
    dataset.attrs = own | dataset.attrs
    for coordinate in dataset.coords.values():
        coordinate.encoding["_FillValue"] = None
    return dataset
