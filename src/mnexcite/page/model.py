"""What a page needs to integrate a cell: its kernel, rows, tables and scales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mnexcite.cells import Cell
from mnexcite.cells.paths import join
from mnexcite.engine import adaptive
from mnexcite.engine.adaptive_run import SWING
from mnexcite.engine.tables import sharing
from mnexcite.equations.lower import any_row
from mnexcite.muscle import _twitch_kernel
from mnexcite.muscle.state import ENTRIES as TWITCH_ENTRIES
from mnexcite.page import packed
from mnexcite.page.buffers import Buffers
from mnexcite.page.currents import currents_of, reversals_of
from mnexcite.page.formula import Formula
from mnexcite.page.kernel import arguments, cell_kernel, tile, twitch_kernel
from mnexcite.page.nullclines import nullclines_of
from mnexcite.simulation import disturbed
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.setup import set_up
from mnexcite.stimuli import conductance

#: Of a page's runs: enough to draw, as was measured; a page can say where it is not.
TOLERANCE = 1e-4
#: Spikes are told as uncertain where reversals moved by `rounding` [mV] move them by more than
#: `same`, or a tenth of the tolerance by more than `apart` [ms].
DOUBT = {"rounding": disturbed.ROUNDING, "same": 0.1, "apart": 1.0}


def model(cell: Cell, moved: Mapping[str, Formula], buffers: Buffers) -> dict[str, Any]:
    """Return a cell as the page's engine reads it.

    `moved`: full path -> formula of the numbers that sliders move.
    """
    setup = set_up(
        cell,
        conductance(0.0, unit=cell.units["g"], E=0.0),
        Numerics(tolerance=TOLERANCE),
    )
    job = setup.job
    layout, method = job.lanes.layout, job.method
    assert method.tableau is not None and method.prepare is not None and job.tables is not None
    numbers: dict[str, Any] = {path: value for path, (value, _) in cell.scalars.items()}
    numbers |= moved
    rows = np.empty((len(layout.parameters), 1), object)
    for index in range(len(rows)):
        rows[index, 0] = any_row(cell, layout, numbers, index, ())
    ready = method.prepare(rows, layout, 1.0)[:, 0]
    vtable, ctable = job.tables
    own = sharing(job.lanes, method.filling)  # whose tables these are
    structure = own.structure
    size, slopes = tile(structure)
    return {
        "kernel": buffers.add(cell_kernel(structure)),
        "arguments": arguments(adaptive.TRAIL_ENTRY),
        "states": list(structure.states),
        "initial": [_json(x) for x in _initial(cell, structure.states, moved)],
        "currents": currents_of(own),
        "nullclines": nullclines_of(own),
        "threshold": cell.spike_threshold,
        "rows": [_json(row) for row in ready],
        "reversals": [i for i, (kind, *_) in enumerate(layout.parameters) if kind == "E"],
        "capacitance": layout.row("C", 0),
        "couplings": [
            [layout.row("coupling_a", i), *pair] for i, pair in enumerate(structure.couplings)
        ],
        "vtable": packed.pack(vtable, buffers, of_pools=False),
        "ctable": packed.pack(ctable, buffers, of_pools=True),
        "scale": job.scale.tolist(),
        "swing": (SWING * job.scale).tolist(),
        "floors": job.floors.tolist(),
        "tableau": method.tableau.numbers().tolist(),
        "tile": size,
        "slopes": slopes,
        "reversals_of": reversals_of(own),
        "inputs": len(structure.inputs),
        "current": structure.inputs.index(("current", 0, "")),
        "conductance": structure.inputs.index(("conductance", 0, "")),
        "first_step": adaptive.FIRST_STEP,
    }


def _initial(cell: Cell, states: Sequence[str], moved: Mapping[str, Formula]) -> list[Any]:
    """Return the published state; where a drug binds, it has settled there."""
    start: dict[str, Any] = dict(cell.initial)
    for compartment in cell.compartments:
        for channel in compartment.channels:
            for binding in channel.bindings:
                path = join(cell, compartment, channel.name, binding.name)
                c = moved.get(f"{path}.c")
                if c is not None:
                    # free = off / (off + on c f), of which f is told by what it is at c
                    caught = binding.off / start[path] - binding.off
                    start[path] = binding.off / (binding.off + caught / binding.c * c)
    return [start[name] for name in states]


def _json(x: Any) -> Any:
    return x.json if isinstance(x, Formula) else float(x)


def twitches(buffers: Buffers) -> dict[str, Any]:
    """Return the kernel that sums twitches, as the page's engine reads it."""
    k = _twitch_kernel
    return {
        "kernel": buffers.add(twitch_kernel()),
        "entries": {
            name: [[key, kind] for key, kind in entry.items()]
            for name, entry in TWITCH_ENTRIES.items()
        },
        "columns": k.COLUMNS,
        "cycles": k.CYCLES,
        "places": {"fusion": k.FUSION, "length": k.LENGTH, "counted": k.COUNTED},
    }
