"""Designs: which points a sweep visits, and what a run is given at each."""

from mnexcite.sweeps.designs.axes import Axis, Range, between
from mnexcite.sweeps.designs.checks import check
from mnexcite.sweeps.designs.coordinates import coordinates, describe
from mnexcite.sweeps.designs.design import Design, grid, table, zipped
from mnexcite.sweeps.designs.draws import latin_hypercube, random, saltelli, sobol
from mnexcite.sweeps.designs.points import Drive, Inputs, Maker, inputs_of, takes_seed

__all__ = [
    "Axis",
    "Design",
    "Drive",
    "Inputs",
    "Maker",
    "Range",
    "between",
    "check",
    "coordinates",
    "describe",
    "grid",
    "inputs_of",
    "latin_hypercube",
    "random",
    "saltelli",
    "sobol",
    "table",
    "takes_seed",
    "zipped",
]
