"""A cell as a page is told of it: sliders, presets, numbers, words, and what computes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from mnexcite import muscle
from mnexcite.cells import Cell
from mnexcite.engine import status
from mnexcite.equations.layout import Layout
from mnexcite.equations.structure import structure_of
from mnexcite.measures import phases, verdict
from mnexcite.page import heading
from mnexcite.page import model as models
from mnexcite.page.buffers import Buffers
from mnexcite.page.currents import currents_of
from mnexcite.page.presets import presets_of, protocols_of
from mnexcite.page.sliders import (
    BEGINS,
    Slider,
    drugs_of,
    moved,
    numbers_json,
    sliders_of,
    with_drugs,
)
from mnexcite.page.stored import map_of
from mnexcite.spikes import patterns

#: What a page says instead of what only a command line, or who has the documentation, knows.
INSTEAD = {
    " (docs/cramping-cell.md)": "",
    " (docs/motor-pool.md)": "",
    "--train and --facilitation give both": "the starts by a train show both",
}
#: Of a run at the start [ms], and of the runs of a map.
DURATION, OF_A_MAP = 2000.0, 2000.0


def describe(
    cell: Cell,
    sliders: Sequence[str] = (),
    python: str = "",
    map: str | os.PathLike[str] | None = None,
) -> dict[str, Any]:
    """Return all that a page is told, as JSON has it.

    Parameters
    ----------
    cell
        The cell.
    sliders
        More paths that can be moved.
    python
        The line that makes the cell, where it is none of the catalogue.
    map
        The store of a sweep of the cell, which is shown in place of a map that is computed.
    """
    from mnexcite import __version__

    stored = None if map is None else map_of(cell, map, sliders)
    own = sliders_of(cell, sliders) if stored is None else stored.sliders
    layout = Layout(structure_of(cell))
    buffers = Buffers()
    variants = {"plain": cell}
    if drugs_of(cell):
        variants["drugs"] = with_drugs(cell)
    made = python or f"cell = mx.cells.{cell.name}()"
    return {
        "version": __version__,
        "cell": {
            "name": cell.name,
            "title": heading.title(cell),
            "about": heading.ABOUT.get(cell.name, ""),
            "source": cell.source,
        },
        "current_unit": cell.units["i"],
        "duration": DURATION,
        "begins": BEGINS,
        "tolerance": models.TOLERANCE,
        "doubt": models.DOUBT,
        "block": {"swing": phases.SWING, "few": phases.SWINGS},
        "sliders": [one.json for one in own],
        "presets": [one.json for one in presets_of(cell, own)],
        "protocols": {name: one.json(cell) for name, one in protocols_of(cell).items()},
        "units": [
            {"id": name, "label": unit.name, "contraction_time": unit.contraction_time}
            for name, unit in (
                ("slow", muscle.slow_unit()),
                ("fast", muscle.fast_unit()),
                ("thenar", muscle.thenar_unit()),
            )
        ],
        "parameters": numbers_json(cell.parameters),
        "models": {
            name: models.model(variant, moved(variant, own), buffers)
            for name, variant in variants.items()
        },
        "twitches": models.twitches(buffers),
        "fused": muscle.slow_unit().twitch_force,
        "buffers": buffers.json,
        "states": list(layout.structure.states),
        "currents": list(currents_of(layout)),
        "statuses": list(status.NAMES),
        "words": _words(cell),
        "python": {"plain": ["import mnexcite as mx", "", made]},
        "cell_argument": cell.name,
        "map": _map(own) if stored is None else stored.json,
    }


def _map(sliders: Sequence[Slider]) -> dict[str, Any] | None:
    """Return over what a page computes a map."""
    factors = [one for one in sliders if one.kind == "factor"]
    if len(factors) < 2:
        return None
    return {
        "x": {"slider": factors[1].id, "low": 0.2, "high": 1.2},
        "y": {"slider": factors[0].id, "low": 0.0, "high": factors[0].high},
        "n": 31,
        "duration": OF_A_MAP,
    }


def _words(cell: Cell) -> dict[str, Any]:
    """Return the words of `measures.verdict`, which the page chooses among as it does."""
    names = (
        *("AT_REST", "SUSTAINED", "FAILED", "LATE", "SIX", "WITH_THEM", "OUTLASTS", "BISTABLE"),
        *("BLOCKED", "MEANINGLESS", "NOTHING_FIRES", "NOTHING_OUTLASTS"),
        *("NOT_YET", "NOT_HELD", "BY_ITSELF", "DRIVEN", "DRIVEN_FIRES", "NO_FORCE"),
    )
    return {name.lower(): getattr(verdict, name) for name in names} | {
        "fusion": [list(line) for line in verdict.FUSION],
        "goes_on": of_page(
            verdict.ONE_UNIT if cell.name == verdict.CRAMPS else verdict.GOES_ON
        ),
        "latch": of_page(verdict.LATCH.get(cell.name, verdict.UNTESTED)),
        "silence": patterns.SILENCE,
    }


def of_page(text: str) -> str:
    """Return the words of a verdict as a page says them."""
    for known, other in INSTEAD.items():
        text = text.replace(known, other)
    return text
