"""Where the numbers of a changed cell come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mnexcite.channels.mapping import FrozenMapping

if TYPE_CHECKING:
    from mnexcite.cells.cell import Cell


#: The source of a gate's shift and rate, which change nothing as they are.
NEUTRAL = "neutral: leaves the kinetics as their source has them"
#: The source of a number of which nothing was said.
UNTOLD = "given by the user"


def with_sources(cell: Cell, sources: Mapping[str, tuple[str, str]]) -> Cell:
    """Return the cell with source and status of whole parts; the longest path wins.

    `sources`: the path of a number, a gate or a channel -> (source, status).
    """
    known = {}
    for path in cell.scalars:
        parts = path.split(".")
        whole = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
        found = next((sources[part] for part in whole if part in sources), None)
        if found is not None:
            neutral = path.endswith((".shift", ".rate"))
            known[path] = (NEUTRAL, found[1]) if neutral else found
    return replace(cell, provenance=FrozenMapping({**cell.provenance, **known}))


def noted(before: Cell, after: Cell, name: str, source: str, status: str) -> Cell:
    """Return `after` with source and status noted on every number that is not as before."""
    notes = dict(after.provenance)
    old = before.parameters
    for path, (value, _) in after.scalars.items():
        if path not in old:
            told = after.provenance.get(path, (UNTOLD, status))
            own = told[0] != UNTOLD
            notes[path] = (f"{name}; {told[0] if own else source}", told[1] if own else status)
        elif value != old[path].value:
            was = old[path]
            notes[path] = (f"{name} from {was.value:g} ({was.source}); {source}", status)
    return replace(after, provenance=FrozenMapping(notes))
