"""Injected currents, and commands of a voltage clamp."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell
from mnexcite.cells.compartment import find_compartment
from mnexcite.errors import InputError, array, number, text
from mnexcite.stimuli.waveform import Waveform

UNITS = ("nA", "uA/cm2")


@dataclass(frozen=True)
class Current:
    """Hold one waveform with its unit and the compartment it enters (None: the first)."""

    waveform: Waveform
    unit: str
    compartment: str | None = None

    def __post_init__(self) -> None:
        if self.compartment is not None:
            text("compartment", self.compartment, "the name of a compartment")


@dataclass(frozen=True)
class Stimulus:
    """Hold a sum of injected currents, depolarising when positive.

    Add stimuli with `+` and scale them with `*`.
    """

    currents: tuple[Current, ...] = ()

    def __add__(self, other: Stimulus) -> Stimulus:
        if not isinstance(other, Stimulus):
            return NotImplemented
        return Stimulus(self.currents + other.currents)

    def __mul__(self, factor: float) -> Stimulus:
        factor = number("stimulus: factor", factor)
        return Stimulus(tuple(replace(c, waveform=c.waveform * factor) for c in self.currents))

    __rmul__ = __mul__

    def __neg__(self) -> Stimulus:
        return self * -1.0

    def at(self, t: ArrayLike) -> NDArray[np.float64]:
        """Return the summed current at times `t` [ms], where all share one unit.

        Raises
        ------
        InputError
            If the currents differ in unit or compartment.
        """
        if len({(c.unit, c.compartment) for c in self.currents}) > 1:
            raise InputError(
                "the currents differ in unit or compartment; use into(cell), which converts"
            )
        t = array("t", t, "times in ms", ndim=None, unit="ms")
        return sum((c.waveform.at(t) for c in self.currents), np.zeros(t.shape))

    def into(self, cell: Cell) -> list[Waveform | None]:
        """Return what enters each compartment of `cell`, in the cell's own unit.

        Raises
        ------
        InputError
            If a compartment is unknown, or a unit needs an area that the cell lacks.
        """
        names = [compartment.name for compartment in cell.compartments]
        sums: list[Waveform | None] = [None] * len(names)
        for current in self.currents:
            where = names.index(find_compartment(cell, current.compartment).name)
            waveform = current.waveform * conversion(current.unit, cell)
            before = sums[where]
            sums[where] = waveform if before is None else before + waveform
        return sums


@dataclass(frozen=True)
class VoltageClamp:
    """Hold a compartment's voltage at a command [mV] from the start of the run."""

    command: Waveform
    compartment: str | None = None

    def __post_init__(self) -> None:
        if self.compartment is not None:
            text("compartment", self.compartment, "the name of a compartment")


def conversion(unit: str, cell: Cell) -> float:
    """Return the factor from `unit` to the cell's own current unit."""
    if unit not in UNITS:
        raise InputError(f"unit is {unit!r}; allowed: {', '.join(UNITS)}")
    own = cell.units["i"]
    if unit == own:
        return 1.0
    if cell.area is None:
        raise InputError(
            f"a current in {unit} needs the area of cell {cell.name}, which has none; give it "
            f"in {own}, or give the cell area=... in cm2"
        )
    return 1e-3 / cell.area if own == "uA/cm2" else 1e3 * cell.area
