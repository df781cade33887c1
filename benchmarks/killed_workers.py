"""Kill the workers of a Dask cluster while it sweeps, and compare with threads."""

from __future__ import annotations

import logging
import os
import random
import signal
from pathlib import Path
from typing import Any

import numpy as np

import mnexcite as mx
from mnexcite.cells import Cell
from mnexcite.stimuli import Stimulus
from mnexcite.sweeps import Progress, open_store

WORKERS = 2
AXES = {"Na.g": np.linspace(90.0, 150.0, 15), "K.g": mx.factors(0.8, 1.2, 8)}
OPTIONS: dict[str, Any] = {
    "duration": 300.0,
    "measures": ("count", "rate", "cv", "phase", "voltage"),
}
CLUSTER: dict[str, Any] = {
    "n_workers": WORKERS,
    "threads_per_worker": 1,
    "dashboard_address": ":0",
    "silence_logs": logging.CRITICAL,
}


def kill_workers(folder: Path, kills: int, chance: random.Random) -> dict[str, int]:
    """Sweep into stores until `kills` workers died, and return what happened.

    Each sweep has a cluster of its own. Its workers die one at a time or all together, at
    three random moments.
    """
    cell = mx.cells.hodgkin_huxley_1952()
    drive = mx.stimuli.step(10.0, unit="uA/cm2")
    calm = mx.sweep(cell, AXES, drive, **OPTIONS)
    counts = {"sweeps": 0, "workers_killed": 0, "blocks_missing": 0, "differences": 0}
    while counts["workers_killed"] < kills:
        path = folder / f"{counts['sweeps']}.zarr"
        killed, found = _one_sweep(cell, drive, path, chance)
        store = open_store(path)
        counts["sweeps"] += 1
        counts["workers_killed"] += killed
        counts["blocks_missing"] += len(store.missing()) + len(store.verify())
        counts["differences"] += sum(
            calm[name].values.tobytes() != found[name].values.tobytes()
            for name in calm.variables
        )
    return counts


def _one_sweep(
    cell: Cell, drive: Stimulus, path: Path, chance: random.Random
) -> tuple[int, Any]:
    """Return how many workers died in a sweep, and its values."""
    from distributed import Client, LocalCluster

    moments = {chance.randrange(1, 100) for _ in range(3)}
    killed = 0
    cluster: Any = LocalCluster(**CLUSTER)
    with cluster, Client(cluster) as client:

        def kill(now: Progress) -> None:
            nonlocal killed
            if now.done not in moments:
                return
            for nanny in list(cluster.workers.values())[: chance.randint(1, WORKERS)]:
                if nanny.process is not None and nanny.process.pid is not None:
                    os.kill(nanny.process.pid, signal.SIGKILL)
                    killed += 1

        how: dict[str, Any] = {"executor": client, "chunk": 1, "progress": kill}
        found = mx.sweep(cell, AXES, drive, store=path, **how, **OPTIONS)
    return killed, found
