"""The bench: methods and other simulators on the same work, error against cost.

Equations, initial state, stimulus and spike-time error are the same for all; each
simulator is an optional adapter in `mnexcite.bench.peers`. A simulator of yours takes part as
a `Peer`, a method of yours as a `OneStep`.
"""

from mnexcite.bench.cell import benchmark_cell, benchmark_parameters
from mnexcite.bench.comparison import costs, differences
from mnexcite.bench.frontier import Frontier, Point, Task
from mnexcite.bench.measure import work_precision
from mnexcite.bench.peers import ABSENT, PEERS, Answer, OneStep, Peer, Setting
from mnexcite.bench.report import load, save
from mnexcite.bench.system import System, system
from mnexcite.bench.tasks import benchmark_work, cell_work
from mnexcite.bench.work import Work

__all__ = [
    "ABSENT",
    "PEERS",
    "Answer",
    "Frontier",
    "OneStep",
    "Peer",
    "Point",
    "Setting",
    "System",
    "Task",
    "Work",
    "benchmark_cell",
    "benchmark_parameters",
    "benchmark_work",
    "cell_work",
    "costs",
    "differences",
    "load",
    "save",
    "system",
    "work_precision",
]
