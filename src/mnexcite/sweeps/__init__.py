"""Sweeps: a cell over a design of points, its measures, and a store that survives anything."""

from mnexcite.sweeps.designs.axes import between
from mnexcite.sweeps.designs.design import Design, grid, table, zipped
from mnexcite.sweeps.designs.draws import latin_hypercube, random, saltelli, sobol
from mnexcite.sweeps.fronts.front import front
from mnexcite.sweeps.labelled import labelled
from mnexcite.sweeps.progress import Progress
from mnexcite.sweeps.sensitivity import sensitivity
from mnexcite.sweeps.store import load, open_store, verify
from mnexcite.sweeps.store.overview import Summary, summary
from mnexcite.sweeps.sweep import sweep

__all__ = [
    "Design",
    "Progress",
    "Summary",
    "between",
    "front",
    "grid",
    "labelled",
    "latin_hypercube",
    "load",
    "open_store",
    "random",
    "saltelli",
    "sensitivity",
    "sobol",
    "summary",
    "sweep",
    "table",
    "verify",
    "zipped",
]
