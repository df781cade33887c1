"""Sweeps: a cell over a design of points, its measures, and a store that survives anything."""

from mnexcite.sweeps.axes import between
from mnexcite.sweeps.designs import Design, grid, table, zipped
from mnexcite.sweeps.draws import latin_hypercube, random, saltelli, sobol
from mnexcite.sweeps.front import front
from mnexcite.sweeps.progress import Progress
from mnexcite.sweeps.sensitivity import sensitivity
from mnexcite.sweeps.store import open_store
from mnexcite.sweeps.store_summary import Summary, summary
from mnexcite.sweeps.sweep import sweep

__all__ = [
    "Design",
    "Progress",
    "Summary",
    "between",
    "front",
    "grid",
    "latin_hypercube",
    "open_store",
    "random",
    "saltelli",
    "sensitivity",
    "sobol",
    "summary",
    "sweep",
    "table",
    "zipped",
]
