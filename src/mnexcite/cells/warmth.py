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


def factors(cell: Cell, to: float, q10: float = Q10) -> dict[str, float]:
    """Return path -> factor of what a temperature [degC] changes beside itself.

    Raises
    ------
    InputError
        If nothing of the cell follows its temperature.
    """
    speed = q10 ** ((to - cell.temperature) / 10.0)
    warmer = (KELVIN + to) / (KELVIN + cell.temperature)
    found = {path: speed for path in cell.scalars if path.endswith(".rate")}
    found |= {f"ions.E_{ion.name}": warmer for ion in cell.ions if ion.name in ("Na", "K")}
    if not found and not cell.ions:
        raise InputError(
            f"temperature changes nothing in cell {cell.name}: it looked for a gate's rate and "
            "an ion; choose a cell that has one of them"
        )
    return found


def warmed(cell: Cell, to: float, q10: float = Q10) -> Cell:
    """Return the cell at another temperature [degC], its provenance unchanged."""
    changes = {
        path: cell.scalars[path][0] * factor for path, factor in factors(cell, to, q10).items()
    }
    return with_values(cell, {**changes, "temperature": to})


class Numbers(dict[str, Array]):
    """Full path -> one number per lane, in which temperatures have acted already.

    A batch keeps these, so that what it says can be run again and is not warmed twice.
    """


def warmed_columns(cell: Cell, columns: Mapping[str, Array]) -> Numbers:
    """Return the columns in which lanes' temperatures have done what `warmed` does."""
    out = Numbers(columns)
    if "temperature" not in columns or isinstance(columns, Numbers):
        return out
    distinct, which = np.unique(columns["temperature"], return_inverse=True)
    changes = [factors(cell, float(to)) for to in distinct]
    for path in changes[0]:
        own = columns.get(path, cell.scalars[path][0])
        out[path] = own * np.array([change[path] for change in changes])[which.reshape(-1)]
    return out
