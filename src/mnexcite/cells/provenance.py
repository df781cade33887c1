"""Where the numbers of a changed cell come from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mnexcite.channels.mapping import FrozenMapping

if TYPE_CHECKING:
    from mnexcite.cells.cell import Cell


def noted(before: Cell, after: Cell, name: str, source: str, status: str) -> Cell:
    """Return `after` with source and status noted on every number that is not as before."""
    notes = dict(after.provenance)
    old = before.parameters
    for path, (value, _) in after.scalars.items():
        if path not in old:
            notes[path] = (f"{name}; {source}", status)
        elif value != old[path].value:
            was = old[path]
            notes[path] = (f"{name} from {was.value:g} ({was.source}); {source}", status)
    return replace(after, provenance=FrozenMapping(notes))
