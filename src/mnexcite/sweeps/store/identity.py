"""What decides a sweep's results, as plain values, and how two of them differ."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterator, Mapping
from typing import Any

SHOWN = 8
#: The key under which a section has the digest of all it stands for.
DIGEST = "sha256"
_ABSENT = object()


def plain(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return an identity as it comes back from a file: dicts, lists, texts and numbers."""
    return json.loads(encode(identity))


def encode(identity: Mapping[str, Any]) -> str:
    """Return an identity as a JSON text that gives every number back to the bit."""
    return json.dumps(identity, default=_of_numpy)


def compare(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Return one line for each difference of two identities, at most 8 and "and n more".

    Examples
    --------
    >>> compare({"cell": {"NaP.g": 0.05}, "seed": 0}, {"cell": {"NaP.g": 0.06}, "seed": 0})
    ['cell: NaP.g is 0.05 there, 0.06 here']
    """
    lines = list(_differences((), plain(there), plain(here)))
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], f"and {more} more"] if more > 0 else lines


def _of_numpy(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be part of a sweep's identity")


def _differences(at: tuple[str, ...], there: Any, here: Any) -> Iterator[str]:
    if isinstance(there, dict) and isinstance(here, dict):
        known = [*there, *(key for key in here if key not in there)]
        lines = [
            line
            for key in known
            if key != DIGEST
            for line in _differences(
                (*at, key), there.get(key, _ABSENT), here.get(key, _ABSENT)
            )
        ]
        # a digest tells nothing where something readable does
        if not lines and there.get(DIGEST) != here.get(DIGEST):
            lines = [f"{_path(at)} differs in values that are not listed"]
        yield from lines
    elif _same(there, here):
        return
    elif isinstance(there, list) and isinstance(here, list):
        yield from _of_lists(at, there, here)
    else:
        yield f"{_path(at)} is {_shown(there)} there, {_shown(here)} here"


def _of_lists(at: tuple[str, ...], there: list[Any], here: list[Any]) -> Iterator[str]:
    if len(there) != len(here):
        yield f"{_path(at)} has {len(there)} entries there, {len(here)} here"
        return
    pairs = list(zip(there, here, strict=True))
    unequal = [i for i, (a, b) in enumerate(pairs) if not _same(a, b)]
    if any(isinstance(value, dict | list) for value in there + here):
        for i in unequal:
            yield from _differences((*at, f"[{i}]"), *pairs[i])
        return
    first = unequal[0]
    others = f" ({len(unequal)} of {len(there)} differ)" if len(unequal) > 1 else ""
    a, b = pairs[first]
    yield f"{_path((*at, f'[{first}]'))} is {_shown(a)} there, {_shown(b)} here{others}"


def _same(there: Any, here: Any) -> bool:
    """Say whether two plain values are the same: 1 and 1.0 are, NaN and NaN, not 1 and True."""
    if isinstance(there, list) and isinstance(here, list):
        return len(there) == len(here) and all(map(_same, there, here))
    if isinstance(there, dict) and isinstance(here, dict):
        return there.keys() == here.keys() and all(_same(there[k], here[k]) for k in there)
    if isinstance(there, bool) or isinstance(here, bool):
        return there is here
    return there == here or (there != there and here != here)


def _path(at: tuple[str, ...]) -> str:
    room, *rest = at
    if not rest:
        return room
    inner = ".".join(rest).replace(".[", "[")
    return room + inner if inner.startswith("[") else f"{room}: {inner}"


def _shown(value: Any) -> str:
    return "absent" if value is _ABSENT else reprlib.repr(value)
