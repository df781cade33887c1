"""A sweep's store: blocks of values, each with a marker that says it is complete.

A block's files are replaced one by one and its marker last, each whole and on the disk before
the next: a block is there or it is not. Committing one again writes the same bytes, so any
number of processes may do so at the same time.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import InputError, StorageError
from mnexcite.sweeps.store.blocks import Blocks
from mnexcite.sweeps.store.files import explained, put, sync_folder
from mnexcite.sweeps.store.layout import MARKERS, Layout, zarr_silenced

if TYPE_CHECKING:
    import xarray

Values = dict[str, NDArray[Any]]

_CHECKSUM = np.dtype("<u8")
_MARKER = re.compile(r"c\.(\d+)")


class DamagedBlock(StorageError):
    """Report a block whose files are not what was written."""


@dataclass(frozen=True)
class Store:
    """Hold where a sweep's values are and how they are laid out; cheap to send to workers."""

    path: Path
    layout: Layout

    @property
    def blocks(self) -> Blocks:
        """How the points are parted into blocks."""
        return self.layout.blocks

    @property
    def identity(self) -> Mapping[str, Any]:
        """What decides the sweep's results, as given to `create`."""
        return self.layout.identity

    def committed(self) -> tuple[int, ...]:
        """Return the numbers of the blocks that are complete, by one look into a folder."""
        found = []
        with explained("read", self.path), os.scandir(self.path / MARKERS) as entries:
            for entry in entries:
                match = _MARKER.fullmatch(entry.name)
                if match and entry.stat().st_size == _CHECKSUM.itemsize:
                    found.append(int(match[1]))
        return tuple(sorted(index for index in found if index < self.blocks.count))

    def missing(self) -> tuple[int, ...]:
        """Return the numbers of the blocks that are still to be computed."""
        done = set(self.committed())
        return tuple(index for index in range(self.blocks.count) if index not in done)

    def commit(self, index: int, values: Mapping[str, ArrayLike]) -> None:
        """Write a block: the values of every variable, in the block's shape.

        A reader sees the variable `status` of a block after all others, and the block as
        committed after that.

        Raises
        ------
        InputError
            If a variable is missing or unknown, or of another shape or type.
        StorageError
            If it cannot be written; the block stays missing and every other one as it was.
        """
        checked = self._checked(index, values)
        inside = tuple(slice(0, n) for n in self.blocks.shape_of(index))
        markers = self.path / MARKERS
        with explained("write", self.path):
            for name in sorted(checked, key=lambda name: name == "status"):
                variable = self.layout.variables[name]
                chunk = np.full(self.blocks.chunk, variable.fill, variable.stored)
                chunk[inside] = checked[name]
                put(self._chunk(name, index), chunk.tobytes(), markers)
            for name in checked:
                sync_folder(self.path / name)
            marker = np.array(_checksum(checked), _CHECKSUM).tobytes()
            put(self._marker(index), marker, markers)
            sync_folder(markers)

    def read(self, index: int, names: Iterable[str] | None = None) -> Values:
        """Return the values of a committed block, of all variables or of those named.

        Raises
        ------
        DamagedBlock
            If a file of it is missing or of the wrong size.
        StorageError
            If it cannot be read.
        """
        inside = tuple(slice(0, n) for n in self.blocks.shape_of(index))
        values: Values = {}
        for name in self.layout.variables if names is None else names:
            variable, file = self.layout.variables[name], self._chunk(name, index)
            data = self._bytes(index, file)
            try:
                chunk = np.frombuffer(data, variable.stored).reshape(self.blocks.chunk)
            except ValueError as error:
                raise self._damaged(index, f"{file} holds {len(data)} bytes") from error
            values[name] = chunk[inside].astype(variable.dtype)
        return values

    def verify(self) -> tuple[int, ...]:
        """Return the numbers of committed blocks whose values are not what was committed."""
        return tuple(index for index in self.committed() if self._is_damaged(index))

    def forget(self, indices: Iterable[int]) -> None:
        """Count blocks as missing, so that they are computed again.

        Raises
        ------
        StorageError
            If a marker cannot be removed.
        """
        with explained("write", self.path):
            for index in indices:
                self._marker(index).unlink(missing_ok=True)
            sync_folder(self.path / MARKERS)

    def load(self) -> xarray.Dataset:
        """Return everything in memory; points that are not computed yet show the fill value.

        Raises
        ------
        StorageError
            If it cannot be read.
        """
        import xarray

        with explained("read", self.path), zarr_silenced():
            with xarray.open_zarr(self.path, consolidated=True, chunks=None) as opened:
                return opened.load()

    def _chunk(self, name: str, index: int) -> Path:
        return self.path / name / ".".join(map(str, ("c", *self.blocks.position(index))))

    def _marker(self, index: int) -> Path:
        return self.path / MARKERS / f"c.{index}"

    def _bytes(self, index: int, file: Path) -> bytes:
        try:
            with explained("read", self.path):
                return file.read_bytes()
        except StorageError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise self._damaged(index, f"{file} is not there") from error
            raise

    def _damaged(self, index: int, what: str) -> DamagedBlock:
        return DamagedBlock(
            f"block {index} of {self.path} is damaged: {what}; "
            "verify the store, then run the sweep again"
        )

    def _is_damaged(self, index: int) -> bool:
        try:
            found = np.frombuffer(self._bytes(index, self._marker(index)), _CHECKSUM)
            return found.item() != _checksum(self.read(index))
        except DamagedBlock:
            return True

    def _checked(self, index: int, values: Mapping[str, ArrayLike]) -> Values:
        variables, shape = self.layout.variables, self.blocks.shape_of(index)
        if set(values) != set(variables):
            raise InputError(
                f"values are of {', '.join(values)}; allowed: all of {', '.join(variables)}"
            )
        arrays = {name: np.ascontiguousarray(values[name]) for name in variables}
        for name, array in arrays.items():
            if array.shape != shape or array.dtype != variables[name].dtype:
                raise InputError(
                    f"{name} of block {index} is {array.dtype} {array.shape}; "
                    f"allowed: {variables[name].dtype} {shape}"
                )
        return arrays


def _checksum(values: Mapping[str, NDArray[Any]]) -> int:
    """Return 64 bits that depend on every name, type and bit of a block; never 0."""
    digest = hashlib.blake2b(digest_size=_CHECKSUM.itemsize)
    for name in sorted(values):
        array = values[name]
        digest.update(f"{name} {array.dtype.name} {array.shape}\n".encode())
        digest.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return int.from_bytes(digest.digest(), "little") or 1
