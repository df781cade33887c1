"""The product's own kernel for a page: one lane, told step by step, as WebAssembly."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mnexcite.engine import adaptive, rosenbrock, tables
from mnexcite.equations.structure import Structure
from mnexcite.kernels import wasm
from mnexcite.kernels.source import Entry
from mnexcite.muscle import _twitch_kernel
from mnexcite.muscle.state import ENTRIES as TWITCH_ENTRIES


@cache
def cell_kernel(structure: Structure) -> bytes:
    """Return the module that integrates a cell of this structure by the default method."""
    text = adaptive.kernel_source(
        structure, "one lane", rosenbrock, tables.RATES.coefficients, trail=True
    )
    return wasm.module(text, {adaptive.TRAIL_ENTRY.name: adaptive.TRAIL_ENTRY.types})


def tile(structure: Structure) -> tuple[int, int]:
    """Return how many numbers the tile of such a module holds, and where its slopes begin.

    These are the slopes of all states at the start of a step in which the run ends.
    """
    step = (structure, rosenbrock, True)
    return adaptive.room(*step), adaptive.slopes_place(*step)


@cache
def twitch_kernel() -> bytes:
    """Return the module that sums twitches."""
    text = Path(_twitch_kernel.__file__).read_text(encoding="utf-8")
    return wasm.module(text, TWITCH_ENTRIES)


def arguments(entry: Entry) -> list[list[str]]:
    """Return name and the type of each argument of a kernel, in order."""
    return [[name, kind] for name, (kind, _) in entry.arguments.items()]
