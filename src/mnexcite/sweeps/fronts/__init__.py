"""Fronts between phases, found with a fraction of a grid's points."""

from mnexcite.sweeps.fronts.front import front

__all__ = ["front"]
