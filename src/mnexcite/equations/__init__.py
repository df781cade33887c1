"""The membrane of a cell, written once: structure, rows and terms; equilibria and curves."""

from mnexcite.equations.curves import CurrentVoltage, gate_curves, iv_curve
from mnexcite.equations.equilibria import Equilibrium, equilibria
from mnexcite.equations.integrable import RightHandSide, right_hand_side

__all__ = [
    "CurrentVoltage",
    "Equilibrium",
    "RightHandSide",
    "equilibria",
    "gate_curves",
    "iv_curve",
    "right_hand_side",
]
