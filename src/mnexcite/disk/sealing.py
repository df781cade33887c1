"""Checksums inside a Zarr folder: of each of its members, and of its own metadata.

They are attributes of the root, so that the folder stays an ordinary Zarr group, may be
moved and copied, and any change of a byte that could change a value is seen before a
library parses it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from mnexcite.disk.files import put

ROOT = "zarr.json"
#: Attributes of the root: its own checksum, and one of each member as a JSON text.
OWN, MEMBERS = "checksum", "checksums"


def seal(folder: Path, growing: Collection[str] = ()) -> None:
    """Write the checksums of a Zarr folder into it.

    Members in `growing` change later: only their metadata are covered.
    """
    root = json.loads((folder / ROOT).read_text(encoding="utf-8"))
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    sums = {name: _of_member(folder / name, name in growing) for name in names}
    root.setdefault("attributes", {})[MEMBERS] = json.dumps(sums)
    root["attributes"][OWN] = _of_root(root)
    put(folder / ROOT, json.dumps(root, indent=1).encode(), folder)


def sealed(folder: Path) -> dict[str, Any] | None:
    """Return a folder's root metadata, None where they are not those that were written."""
    try:
        root = json.loads((folder / ROOT).read_bytes())
        return root if root["attributes"][OWN] == _of_root(root) else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def damaged(folder: Path, growing: Collection[str] = ()) -> tuple[str, ...]:
    """Return what is not as it was sealed: names of members, or of the root's file.

    Raises
    ------
    OSError
        If something that is there cannot be read.
    """
    root = sealed(folder)
    if root is None:
        return (ROOT,)
    sums = json.loads(root["attributes"][MEMBERS])
    found = {name: _of_member(folder / name, name in growing) for name in sums}
    return tuple(name for name, known in sums.items() if found[name] != known)


def checksum(text: str | bytes) -> str:
    """Return the checksum of a text, 16 hexadecimal digits."""
    raw = text.encode() if isinstance(text, str) else text
    return hashlib.blake2b(raw, digest_size=8).hexdigest()


def _of_root(root: dict[str, Any]) -> str:
    attributes = {key: value for key, value in root["attributes"].items() if key != OWN}
    return checksum(json.dumps({**root, "attributes": attributes}, sort_keys=True))


def _of_member(member: Path, metadata_only: bool) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for file in _files(member, metadata_only):
        data = file.read_bytes()
        digest.update(f"{file.relative_to(member).as_posix()} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def _files(member: Path, metadata_only: bool) -> Iterator[Path]:
    yield from sorted(
        file for file in member.rglob(ROOT if metadata_only else "*") if file.is_file()
    )
