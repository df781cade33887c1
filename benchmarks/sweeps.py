"""Sweeps: a large map, the same map by NEURON's loop, a million points, and fronts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import against_neuron
import large_map
import many_points
import numpy as np
from tables import Table

import mnexcite as mx
from mnexcite.bench.control import control
from mnexcite.bench.peers import Peer
from mnexcite.sweeps import front
from mnexcite.sweeps.fronts.refinement import steps

TITLE = "Sweeps"
NOTE = (
    "Cell `purvis_butera_2005`, NaP x1 to 4 against the K group x0.5 to 1, at K_o 4 and 5 mM; "
    "default method and tolerance; whole calls, kernels compiled before. The million points "
    "are the squid axon's, leak x0.95 to 1.05 against sodium x0.5 to 1.2, with rate and phase."
)
Rows = list[dict[str, Any]]


def measure(quick: bool, peers: Sequence[Peer] = ()) -> dict[str, Any]:
    """Return rows for the map, its phases, NEURON, many points and the front."""
    threads = min(2, os.cpu_count() or 1)
    size, duration, discard = (4, 400.0, 100.0) if quick else (200, 4000.0, 2000.0)
    with tempfile.TemporaryDirectory() as folder:
        made = large_map.LargeMap(size, duration, discard)
        row, ds = made.run(Path(folder), threads)
        found = {
            "map": [row],
            "phases": large_map.phases(ds),
            **against_neuron.measure(made, ds, row, peers, quick=quick),
        }
    counts = (200, 400) if quick else (10_000, 100_000, 1_000_000)
    return {
        **found,
        "many": [many_points.measure(points, threads) for points in counts],
        "front": [_front(12, 300.0, threads) if quick else _front(200, 2000.0, threads)],
        "control": control(2, blocks=10 if quick else 50, repeats=1 if quick else 5),
    }


def tables(result: dict[str, Any]) -> list[Table]:
    """Return the tables."""
    control_note = (
        f"A busy loop in two threads gained {result['control']:.3g} times on this machine."
    )
    return [
        Table(
            "The map, by `mnexcite sweep`",
            result["map"],
            "s: the whole command with its store and its picture. MiB: peak of the process, "
            f"interpreter and libraries included. {control_note}",
        ),
        Table("What the map shows, in points", result["phases"]),
        *against_neuron.tables(result),
        Table(
            "Many points of 20 ms, into a store, two threads",
            result["many"],
            "Columns of tenths are points/s of that part of the run; MiB: peak of the process "
            "at the last block, and after the whole dataset was read into memory; status s: "
            "`mnexcite sweep status`.",
        ),
        Table(
            "The front between phases instead of the whole grid",
            result["front"],
            "At K_o 4 mM, 2 s each. differ: points computed whose phase is not the grid's; "
            "steps of the front between neighbouring points, and those not found.",
        ),
    ]


def _front(size: int, duration: float, threads: int) -> dict[str, Any]:
    cell = mx.cells.purvis_butera_2005()
    plane = {"NaP.g": mx.factors(1.0, 4.0, size), "K.g": mx.factors(0.5, 1.0, size)}
    options: dict[str, Any] = {
        "duration": duration,
        "discard": 0.5 * duration,
        "threads": threads,
    }
    mx.sweep(cell, {"NaP.g": mx.factors(1.0, 4.0, 16)}, duration=10.0)  # compiles
    seconds, found = large_map.timed(lambda: front(cell, plane, **options))
    whole_seconds, whole = large_map.timed(lambda: mx.sweep(cell, plane, **options))
    classes, known = whole["phase"].values, found["phase"].values
    computed = known >= 0
    x, y = (whole[dim].values for dim in whole["phase"].dims)
    there, _, _ = steps(classes, x, y)
    return {
        "grid": classes.size,
        "computed": int(computed.sum()),
        "times fewer": classes.size / int(computed.sum()),
        "s": seconds,
        "s of the grid": whole_seconds,
        "times faster": whole_seconds / seconds,
        "differ": int(np.count_nonzero(known[computed] != classes[computed])),
        "steps": len(there),
        "not found": len(there) - found.sizes["segment"],
    }
