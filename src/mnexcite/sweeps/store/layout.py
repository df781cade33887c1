"""What a sweep's store looks like on disk, and the building of an empty one.

map.zarr/                   a Zarr v3 group, which xarray reads; attribute `format`
  zarr.json                 metadata of the whole group, and checksums of all but the blocks
  NaP.g/, ...               coordinates
  rate/c.0.1, ...           one file for each block of each variable, not compressed
  blocks/                   attributes: layout and identity, as JSON texts
    checksum/c.7.0, ...     16 bytes for each block that is complete: its marker, which is
                            the checksum of its files, and the name of what computed it
    checksum/origin-...     what computed blocks: versions and instruction set
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnexcite.disk import damaged as members_damaged
from mnexcite.disk import explained, seal, sealed
from mnexcite.disk.sealing import MEMBERS, OWN, ROOT
from mnexcite.errors import InputError, StorageError
from mnexcite.sweeps.store.blocks import Blocks
from mnexcite.sweeps.store.identity import encode

if TYPE_CHECKING:
    import xarray

NAME = "mnexcite sweep, format"
FORMAT = f"{NAME} 2"
BLOCKS = "blocks"
MARKERS = "blocks/checksum"

_FILTERS = threading.RLock()  # filters of warnings belong to the whole process


@dataclass(frozen=True)
class Variable:
    """Describe a variable with one value per point.

    Parameters
    ----------
    dtype
        NumPy's name of the type, as in "float64" or "int8".
    attrs
        Attributes that xarray shows, as in {"units": "Hz"}.
    fill
        What points that were not computed yet show; NaN, or -1 for whole numbers.
    """

    dtype: str = "float64"
    attrs: Mapping[str, Any] = field(default_factory=dict)
    fill: float | int | None = None

    def __post_init__(self) -> None:
        dtype = np.dtype(self.dtype)
        if dtype.kind not in "fi":
            raise InputError(f"dtype is {self.dtype}; allowed: float or signed integer types")
        object.__setattr__(self, "dtype", dtype.name)
        if self.fill is None or self.fill != self.fill:  # one NaN, so that equals are equal
            object.__setattr__(self, "fill", math.nan if dtype.kind == "f" else -1)

    @property
    def labelled(self) -> dict[str, Any]:
        """The attributes of the variable in a dataset: flags in its own type, as CF asks."""
        flags = self.attrs.get("flag_values")
        own = {} if flags is None else {"flag_values": np.array(flags, self.dtype)}
        return {**self.attrs, **own}

    @property
    def stored(self) -> np.dtype[Any]:
        """The type in the file: little-endian."""
        return np.dtype(self.dtype).newbyteorder("<")


@dataclass(frozen=True)
class Layout:
    """Describe a store: its dimensions, their blocks, its variables, what it is of."""

    dims: tuple[str, ...]
    blocks: Blocks
    variables: Mapping[str, Variable]
    identity: Mapping[str, Any]

    def attributes(self) -> dict[str, str]:
        """Return the attributes of the group `blocks`."""
        layout = {
            "dims": self.dims,
            "shape": self.blocks.shape,
            "chunk": self.blocks.chunk,
            "variables": {name: asdict(v) for name, v in self.variables.items()},
        }
        return {"layout": json.dumps(layout), "identity": encode(self.identity)}

    @cached_property
    def digest(self) -> bytes:
        """Bytes that tell the sweep and its layout, which no other sweep's blocks have."""
        told = json.dumps(
            [json.loads(text) for text in self.attributes().values()], sort_keys=True
        )
        return hashlib.blake2b(told.encode(), digest_size=16).digest()

    @property
    def growing(self) -> set[str]:
        """Members of the folder that change while the sweep is computed."""
        return {*self.variables, BLOCKS}


def build(folder: Path, template: xarray.Dataset, layout: Layout) -> None:
    """Write an empty store: coordinates and metadata."""
    import zarr

    with zarr_silenced():
        template.assign_attrs(format=FORMAT).to_zarr(
            folder,
            mode="w-",
            consolidated=False,
            zarr_format=3,
            encoding={
                name: {"compressors": None, "_FillValue": None} for name in template.variables
            },
        )
        root = zarr.open_group(folder, mode="r+")
        blocks = layout.blocks
        for name, variable in layout.variables.items():
            _array(
                root,
                name,
                shape=blocks.shape,
                chunks=blocks.chunk,
                dtype=variable.dtype,
                fill_value=variable.fill,
                dimension_names=layout.dims,
                attributes=dict(variable.attrs),
            )
        group = root.create_group("blocks", attributes=layout.attributes())
        _array(
            group,
            "checksum",
            shape=(blocks.count, 2),
            chunks=(1, 2),
            dtype="uint64",
            fill_value=0,
            dimension_names=("block", "checksum_and_origin"),
            attributes={"long_name": "of a complete block, 0 while it is missing"},
        )
        zarr.consolidate_metadata(root.store)
    seal(folder, layout.growing)


@contextmanager
def zarr_silenced() -> Iterator[None]:
    """Ignore warnings of what Zarr's version 3 leaves open, as consolidated metadata."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True)
class Found:
    """Hold the layout of a store, and which of its members are damaged."""

    layout: Layout
    damaged: tuple[str, ...]


def find(path: Path) -> Found:
    """Return the layout of a store, and what is damaged besides its blocks.

    Raises
    ------
    StorageError
        If it cannot be read.
    InputError
        If it is no store of a sweep, or one of another format.
    """
    if not path.exists():
        raise StorageError(f"cannot read {path}: there is no such folder")
    with explained("read", path):
        root = sealed(path)
        if root is None:
            _check_format(path, _attributes(path))
            return Found(_layout(path, _attributes(path / BLOCKS)), (ROOT,))
        _check_format(path, root["attributes"])
        copy = root["consolidated_metadata"]["metadata"][BLOCKS]["attributes"]
        layout = _layout(path, copy)
        return Found(layout, members_damaged(path, layout.growing))


def without_checksums(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes of the root without what only the store needs."""
    return {key: value for key, value in attrs.items() if key not in (OWN, MEMBERS)}


def _layout(path: Path, attributes: Mapping[str, Any]) -> Layout:
    try:
        layout = json.loads(attributes["layout"])
        return Layout(
            dims=tuple(layout["dims"]),
            blocks=Blocks(tuple(layout["shape"]), tuple(layout["chunk"])),
            variables={name: Variable(**v) for name, v in layout["variables"].items()},
            identity=json.loads(attributes["identity"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise InputError(
            f"{path} is a damaged store ({type(error).__name__}: {error}): neither {ROOT} nor "
            f"{BLOCKS}/{ROOT} can be read; put one of them back, or choose another"
        ) from error


def _array(group: Any, name: str, **settings: Any) -> None:
    group.create_array(
        name,
        compressors=None,
        filters=None,
        chunk_key_encoding={"name": "default", "separator": "."},
        **settings,
    )


def _attributes(folder: Path) -> dict[str, Any]:
    """Return a group's attributes, none if they cannot be made out."""
    try:
        found = json.loads((folder / ROOT).read_bytes())["attributes"]
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _check_format(path: Path, attributes: Mapping[str, Any]) -> None:
    """Refuse what is no store of this version; a damaged one is told by its blocks."""
    found = attributes.get("format")
    if found == FORMAT:
        return
    damaged = OWN in attributes and (path / MARKERS).is_dir()
    if isinstance(found, str) and found.startswith(NAME) and not damaged:
        raise InputError(
            f"{path} is of {found!r}, this version reads {FORMAT!r}; "
            "use the version of mnexcite that wrote it, or a new store"
        )
    if not (path / MARKERS).is_dir():
        raise InputError(
            f"{path} is not a sweep's store; allowed: one that a sweep wrote, or a new name"
        )
