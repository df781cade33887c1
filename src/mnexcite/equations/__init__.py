"""The membrane of a cell, written once: structure, rows and terms; equilibria and curves."""

from mnexcite.equations.curves import CurrentVoltage, gate_curves, iv_curve
from mnexcite.equations.equilibria import Equilibrium, equilibria

__all__ = ["CurrentVoltage", "Equilibrium", "equilibria", "gate_curves", "iv_curve"]
