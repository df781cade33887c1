"""Fitting: numbers of a cell found from what was measured, with how well they are known."""

from mnexcite.fitting.fit import fit
from mnexcite.fitting.result import STATUSES, Fit, Reached
from mnexcite.fitting.targets import Target, measured, rates, spike_times, steady_current

__all__ = [
    "STATUSES",
    "Fit",
    "Reached",
    "Target",
    "fit",
    "measured",
    "rates",
    "spike_times",
    "steady_current",
]
