"""Cells as data, and the catalogue of published and calibrated ones."""

from mnexcite.cells.booth_rinzel_kiehn_1997 import booth_rinzel_kiehn_1997
from mnexcite.cells.catalogue import CATALOGUE, find
from mnexcite.cells.cell import Cell
from mnexcite.cells.changes import changes
from mnexcite.cells.compartment import Compartment, Coupling, Ion
from mnexcite.cells.cramping_motoneuron import cramping_motoneuron
from mnexcite.cells.factors import Factors, factors, log_factors
from mnexcite.cells.files import load
from mnexcite.cells.hodgkin_huxley_1952 import hodgkin_huxley_1952
from mnexcite.cells.molkov_2025 import molkov_2025
from mnexcite.cells.motor_terminal import motor_terminal
from mnexcite.cells.parameter import STATUSES, Parameter
from mnexcite.cells.purvis_butera_2005 import purvis_butera_2005

__all__ = [
    "CATALOGUE",
    "STATUSES",
    "Cell",
    "Compartment",
    "Coupling",
    "Factors",
    "Ion",
    "Parameter",
    "booth_rinzel_kiehn_1997",
    "changes",
    "cramping_motoneuron",
    "factors",
    "find",
    "hodgkin_huxley_1952",
    "load",
    "log_factors",
    "molkov_2025",
    "motor_terminal",
    "purvis_butera_2005",
]
