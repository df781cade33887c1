"""What changes a cell: each condition is data, and a pure function Cell -> Cell."""

from mnexcite.conditions.als import als_early
from mnexcite.conditions.condition import Condition
from mnexcite.conditions.effects import AddBinding, AddGate, Rates, Replace, Scale, Shift
from mnexcite.conditions.electrolytes import electrolytes
from mnexcite.conditions.temperature import temperature

#: Conditions with a strength, by the name a command line takes.
PRESETS = {"als_early": als_early}

__all__ = [
    "PRESETS",
    "AddBinding",
    "AddGate",
    "Condition",
    "Rates",
    "Replace",
    "Scale",
    "Shift",
    "als_early",
    "electrolytes",
    "temperature",
]
