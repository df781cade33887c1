"""Say how far a sweep has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnexcite.errors import checked
from mnexcite.sweeps.store.creating import open_store
from mnexcite.sweeps.store.store import DamagedBlock, Store, runs_of

STATUS = "status"
PENDING = "pending"


@dataclass(frozen=True)
class Summary:
    """Count what a store holds.

    Parameters
    ----------
    blocks, blocks_done
        Number of blocks, and of those that are complete and undamaged.
    points, points_done
        The same of points.
    missing
        First and last of each run of blocks that are still to be computed.
    damaged
        Blocks whose files are not what was written; also missing.
    status
        Points by status, if the sweep has one; "pending" are those not done.
    """

    blocks: int
    blocks_done: int
    points: int
    points_done: int
    missing: tuple[tuple[int, int], ...]
    damaged: tuple[int, ...]
    status: Mapping[str, int]


@checked
def summary(path: str | Path) -> Summary:
    """Return how far the sweep in a store has come; every value is compared with its checksum.

    Parameters
    ----------
    path
        The store.

    Raises
    ------
    StorageError
        If it cannot be read, or is damaged in more than its blocks.
    InputError
        If it is no store of a sweep.
    """
    store = open_store(path)
    damaged = set()
    codes: Counter[int] = Counter()
    done = []
    for index in store.committed():
        try:
            codes += _codes(store, index)
            done.append(index)
        except DamagedBlock:
            damaged.add(index)
    points_done = sum(int(np.prod(store.blocks.shape_of(index))) for index in done)
    return Summary(
        blocks=store.blocks.count,
        blocks_done=len(done),
        points=store.blocks.size,
        points_done=points_done,
        missing=runs_of(sorted(set(range(store.blocks.count)).difference(done))),
        damaged=tuple(sorted(damaged)),
        status=_named(store, codes, store.blocks.size - points_done),
    )


def _codes(store: Store, index: int) -> Counter[int]:
    found = store.read(index)
    if STATUS not in found:
        return Counter()
    values, counts = np.unique(found[STATUS], return_counts=True)
    return Counter(dict(zip(values.tolist(), counts.tolist(), strict=True)))


def _named(store: Store, codes: Counter[int], pending: int) -> dict[str, int]:
    if STATUS not in store.layout.variables:
        return {}
    attrs = store.layout.variables[STATUS].attrs
    meanings = attrs.get("flag_meanings", "").split()
    names = dict(zip(attrs.get("flag_values", ()), meanings, strict=True))
    counts = {names.get(code, str(code)): count for code, count in sorted(codes.items())}
    if pending:
        counts[PENDING] = counts.get(PENDING, 0) + pending
    return counts
