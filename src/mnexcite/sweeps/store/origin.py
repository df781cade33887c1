"""What computed a block: versions and instruction set, which may decide its last bits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version

from mnexcite.disk import checksum
from mnexcite.kernels.instructions import instruction_set

#: Whose versions may change a number.
PACKAGES = ("mnexcite", "numpy", "llvmlite")


@dataclass(frozen=True)
class Origin:
    """Hold what computed a block; `instructions` are those of its processor."""

    software: str
    instructions: str

    @property
    def text(self) -> bytes:
        """What the store's file of it holds."""
        return json.dumps(asdict(self)).encode()

    @property
    def key(self) -> str:
        """Its name in the store, which is the checksum of its text."""
        return checksum(self.text)


UNKNOWN = Origin("a version that is not known any more", "unknown")


@cache
def here() -> Origin:
    """Return what this process computes with."""
    return Origin(", ".join(f"{name} {version(name)}" for name in PACKAGES), instruction_set())


def read(text: bytes) -> Origin:
    """Return an origin from its text; `UNKNOWN` if it is damaged."""
    try:
        return Origin(**json.loads(text))
    except (ValueError, TypeError):
        return UNKNOWN


def objection(counts: Mapping[Origin, int], own: Origin, unfinished: bool) -> str | None:
    """Return why what is stored should not stand beside new blocks, None if it may.

    Parameters
    ----------
    counts
        Number of blocks by what computed them.
    own
        What would compute the others.
    unfinished
        Whether there are others to compute.
    """
    others = Counter(dict(counts))
    del others[own]
    for other, blocks in others.items():
        if other.software != own.software:
            return f"{blocks} blocks were computed by {other.software}, here is {own.software}"
        if unfinished and other.instructions != own.instructions:
            return (
                f"{blocks} blocks were computed with the instructions {other.instructions}, "
                f"here are {own.instructions}, which may round otherwise"
            )
    return None
