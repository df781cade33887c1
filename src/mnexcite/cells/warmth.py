"""What the temperature of a cell changes: rates of gates, Nernst potentials, RT/F.

One meaning wherever a temperature is set: as a path, as lanes, as an axis, as a condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.values import with_values
from mnexcite.errors import InputError, number

if TYPE_CHECKING:
    from mnexcite.cells.cell import Cell

Array = NDArray[np.float64]
Value = float | Array

KELVIN = 273.15
#: Of gating, where no other is given; Hodgkin and Huxley's for their axon.
Q10 = 3.0
LOWEST, HIGHEST = 0.0, 50.0  # degC; no membrane of the catalogue lives beyond
SOURCE = (
    "Q10 of gating 3 (Hodgkin & Huxley 1952; assumed where a cell's source states none) "
    "unless another was given"
)


def celsius(name: str, value: object) -> float:
    """Return a temperature [degC] that a cell can be brought to, or refuse it."""
    allowed = f"{LOWEST:g} to {HIGHEST:g}"
    return number(name, value, allowed, lowest=LOWEST, highest=HIGHEST, unit="degC")


def allowed_q10(name: str, value: object) -> float:
    """Return a Q10 of gating, or refuse it."""
    return number(name, value, "1 to 6", lowest=1.0, highest=6.0)


def followers(cell: Cell) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the paths of the gates' rates and of the Nernst potentials that it warms.

    Raises
    ------
    InputError
        If nothing of the cell follows its temperature.
    """
    gates = tuple(path for path in cell.scalars if path.endswith(".rate"))
    ions = tuple(f"ions.E_{ion.name}" for ion in cell.ions if ion.name in ("Na", "K"))
    if not gates and not cell.ions:
        raise InputError(
            f"temperature changes nothing in cell {cell.name}: it looked for a gate's rate and "
            "an ion; choose a cell that has one of them"
        )
    return gates, ions


def speeds(own: Value, to: Value, q10: float = Q10) -> tuple[Value, Value]:
    """Return the factors of gates' rates and of Nernst potentials from one degC to another."""
    tens = (to - own) / 10.0
    if isinstance(tens, np.ndarray):  # the bits of numbers one by one
        speed: Value = np.array([q10**ten for ten in tens.tolist()])
    else:
        speed = q10**tens
    return speed, (KELVIN + to) / (KELVIN + own)


def warmed(cell: Cell, to: float, q10: float = Q10) -> Cell:
    """Return the cell at another temperature [degC], its provenance unchanged."""
    numbers = {path: value for path, (value, _) in cell.scalars.items()}
    return with_values(cell, changes(cell, numbers, to, q10))  # type: ignore[arg-type]


def changes(
    cell: Cell, numbers: Mapping[str, Value], to: Value, q10: float = Q10
) -> dict[str, Value]:
    """Return path -> new value of all that a temperature changes, itself too."""
    gates, ions = followers(cell)
    speed, warmer = speeds(numbers["temperature"], to, q10)
    changed = {path: numbers[path] * speed for path in gates}
    changed |= {path: numbers[path] * warmer for path in ions}
    return changed | {"temperature": to}


class Numbers(dict[str, Array]):
    """Full path -> one number per lane, in which temperatures have acted already.

    A batch keeps these, so that what it says can be run again and is not warmed twice.
    """


def warmed_columns(cell: Cell, columns: Mapping[str, Array]) -> Numbers:
    """Return the columns in which lanes' temperatures have done what `warmed` does."""
    out = Numbers(columns)
    if "temperature" not in columns or isinstance(columns, Numbers):
        return out
    own = {path: value for path, (value, _) in cell.scalars.items()}
    numbers = {**own, **columns, "temperature": cell.temperature}
    for path, column in changes(cell, numbers, columns["temperature"]).items():
        out[path] = np.asarray(column)
    return out
