"""A sweep's store: blocks of values, each with a marker that says it is complete.

A block's files are replaced one by one and its marker last, each whole and on the disk before
the next: a block is there or it is not. The marker holds the checksum of the files, so that
what is read is what was computed. Committing one again writes the same bytes, so any
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

from mnexcite.disk import damaged, explained, labelled, put, sync_folder
from mnexcite.errors import InputError, StorageError
from mnexcite.sweeps.store.blocks import Blocks
from mnexcite.sweeps.store.layout import MARKERS, Layout, without_checksums, zarr_silenced
from mnexcite.sweeps.store.origin import UNKNOWN, Origin, here
from mnexcite.sweeps.store.origin import read as read_origin

if TYPE_CHECKING:
    import xarray

Values = dict[str, NDArray[Any]]

_NUMBER = np.dtype("<u8")
_MARKER_SIZE = 2 * _NUMBER.itemsize
_MARKER = re.compile(r"c\.(\d+)\.0")
RESUMES = "then the same command resumes: what was computed is kept, nothing is lost"
MENDS = "run the same sweep into it again, which mends it"


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
        """Return the numbers of the blocks that were completed, by one look into a folder."""
        found = []
        with explained("read", self.path), os.scandir(self.path / MARKERS) as entries:
            for entry in entries:
                match = _MARKER.fullmatch(entry.name)
                if match and entry.stat().st_size == _MARKER_SIZE:
                    found.append(int(match[1]))
        return tuple(sorted(index for index in found if index < self.blocks.count))

    def missing(self) -> tuple[int, ...]:
        """Return the numbers of the blocks that are still to be computed."""
        done = set(self.committed())
        return tuple(index for index in range(self.blocks.count) if index not in done)

    def origins(self, indices: Iterable[int] | None = None) -> dict[Origin, list[int]]:
        """Return which committed blocks were computed by what; of all, or of those named."""
        keys: dict[str, list[int]] = {}
        for index in self.committed() if indices is None else indices:
            try:
                keys.setdefault(f"{self._marked(index)[1]:016x}", []).append(index)
            except DamagedBlock:
                continue
        found: dict[Origin, list[int]] = {}
        for key, blocks in keys.items():
            found.setdefault(self._origin(key), []).extend(blocks)
        return found

    def commit(
        self, index: int, values: Mapping[str, ArrayLike], origin: Origin | None = None
    ) -> None:
        """Write a block: the values of every variable, in the block's shape.

        A reader sees the variable `status` of a block after all others, and the block as
        committed after that. `origin` is what computed it, default this process.

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
        origin = here() if origin is None else origin
        with explained("write", self.path, RESUMES):
            self._keep(origin)
            files = {}
            for name in sorted(checked, key=lambda name: name == "status"):
                variable = self.layout.variables[name]
                chunk = np.full(self.blocks.chunk, variable.fill, variable.stored)
                chunk[inside] = checked[name]
                files[name] = chunk.tobytes()
                put(self._chunk(name, index), files[name], markers)
            for name in checked:
                sync_folder(self.path / name)
            key = int(origin.key, 16)
            marker = np.array([self._checksum(index, key, files), key], _NUMBER).tobytes()
            put(self._marker(index), marker, markers)
            sync_folder(markers)

    def read(self, index: int, names: Iterable[str] | None = None) -> Values:
        """Return the values of a committed block, of all variables or of those named.

        Raises
        ------
        DamagedBlock
            If its files are not those that were written.
        StorageError
            If they cannot be read.
        """
        known, origin = self._marked(index)
        files = {name: self._bytes(index, self._chunk(name, index)) for name in self._names}
        if self._checksum(index, origin, files) != known:
            raise self._damaged(index, "its values are not those that were computed")
        inside = tuple(slice(0, n) for n in self.blocks.shape_of(index))
        values: Values = {}
        for name in self._names if names is None else names:
            variable = self.layout.variables[name]
            chunk = np.frombuffer(files[name], variable.stored).reshape(self.blocks.chunk)
            values[name] = chunk[inside].astype(variable.dtype)
        return values

    def verify(self, indices: Iterable[int] | None = None) -> tuple[int, ...]:
        """Return which committed blocks are damaged; of all, or of those named.

        Every value is read and compared with the checksum that was kept when it was computed.
        """
        chosen = self.committed()
        if indices is not None:
            chosen = tuple(sorted(set(chosen).intersection(indices)))
        return tuple(index for index in chosen if self._is_damaged(index))

    def forget(self, indices: Iterable[int]) -> None:
        """Count blocks as missing, so that they are computed again.

        Raises
        ------
        StorageError
            If a marker cannot be removed.
        """
        with explained("write", self.path, RESUMES):
            for index in indices:
                self._marker(index).unlink(missing_ok=True)
            sync_folder(self.path / MARKERS)

    def load(self) -> tuple[xarray.Dataset, tuple[int, ...]]:
        """Return everything in memory, and which blocks are damaged.

        Points that are not computed yet, and those of damaged blocks, show the fill value.

        Raises
        ------
        StorageError
            If it cannot be read, or its metadata or coordinates are damaged.
        """
        import xarray

        dims, described = self.layout.dims, self.layout.variables
        arrays = {
            name: np.full(self.blocks.shape, variable.fill, variable.dtype)
            for name, variable in described.items()
        }
        self.check_members()
        with explained("read", self.path), zarr_silenced():
            with xarray.open_zarr(
                self.path, consolidated=True, chunks=None, drop_variables=[*described]
            ) as opened:
                found = opened.load()
        lost, done = [], self.committed()
        for index in done:
            try:
                values = self.read(index)
            except DamagedBlock:
                lost.append(index)
                continue
            for name, value in values.items():
                arrays[name][self.blocks.slices(index)] = value
        found.attrs = without_checksums(found.attrs) | self._computed_by(done)
        filled = found.assign(
            {name: (dims, arrays[name], described[name].labelled) for name in described}
        )
        return labelled(filled, "sweep"), tuple(lost)

    def check_members(self) -> None:
        """Refuse damaged metadata and coordinates.

        Raises
        ------
        StorageError
            If they are not those that were written, or cannot be read.
        """
        with explained("read", self.path):
            found = damaged(self.path, self.layout.growing)
        if found:
            raise StorageError(f"{self.path} is damaged in {', '.join(found)}; {MENDS}")

    def _computed_by(self, done: Iterable[int]) -> dict[str, str]:
        """Return the attributes that say what computed the blocks."""
        found = self.origins(done)
        if not found:
            return {}
        if len(found) == 1:
            (only,) = found
            return {"software": only.software, "instruction_set": only.instructions}
        told = {
            name: "; ".join(
                f"blocks {ranges(blocks)}: {getattr(origin, key)}"
                for origin, blocks in found.items()
            )
            for name, key in (("software", "software"), ("instruction_set", "instructions"))
        }
        return told

    @property
    def _names(self) -> list[str]:
        return sorted(self.layout.variables)

    def _chunk(self, name: str, index: int) -> Path:
        return self.path / name / ".".join(map(str, ("c", *self.blocks.position(index))))

    def _marker(self, index: int) -> Path:
        return self.path / MARKERS / f"c.{index}.0"

    def _keep(self, origin: Origin) -> None:
        file = self.path / MARKERS / f"origin-{origin.key}"
        if not file.exists() or file.stat().st_size != len(origin.text):
            put(file, origin.text, self.path / MARKERS)

    def _origin(self, key: str) -> Origin:
        if key == here().key:
            return here()
        try:
            with explained("read", self.path):
                found = read_origin((self.path / MARKERS / f"origin-{key}").read_bytes())
        except StorageError:
            return UNKNOWN
        return found if found.key == key else UNKNOWN

    def _marked(self, index: int) -> tuple[int, int]:
        """Return the checksum of a block's files and the key of what computed them."""
        data = self._bytes(index, self._marker(index))
        if len(data) != _MARKER_SIZE:
            raise self._damaged(index, f"its marker holds {len(data)} bytes")
        known, origin = np.frombuffer(data, _NUMBER).tolist()
        return known, origin

    def _bytes(self, index: int, file: Path) -> bytes:
        try:
            return file.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise self._damaged(index, f"{file} is not there") from None
        except OSError:
            with explained("read", self.path):
                raise
            raise

    def _damaged(self, index: int, what: str) -> DamagedBlock:
        return DamagedBlock(f"block {index} of {self.path} is damaged: {what}; {MENDS}")

    def _is_damaged(self, index: int) -> bool:
        try:
            self.read(index, ())
        except DamagedBlock:
            return True
        return False

    def _checksum(self, index: int, origin: int, files: Mapping[str, bytes]) -> int:
        """Return 64 bits that depend on the sweep, the block and every bit of it; never 0."""
        digest = hashlib.blake2b(self.layout.digest, digest_size=_NUMBER.itemsize)
        digest.update(f"{index} {origin}\n".encode())
        for name in self._names:
            digest.update(f"{name} {len(files[name])}\n".encode())
            digest.update(files[name])
        return int.from_bytes(digest.digest(), "little") or 1

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


def runs_of(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return first and last of each run of consecutive numbers, which ascend.

    >>> runs_of([1, 2, 3, 7])
    ((1, 3), (7, 7))
    """
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return tuple((first, last) for first, last in found)


def ranges(numbers: Iterable[int], most: int = 8) -> str:
    """Return ascending numbers in words.

    >>> ranges([1, 2, 3, 7])
    '1-3, 7'
    """
    runs = runs_of(numbers)
    listed = [str(a) if a == b else f"{a}-{b}" for a, b in runs[:most]]
    return ", ".join(listed) + (f" and {len(runs) - most} more" if len(runs) > most else "")
