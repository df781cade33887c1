"""Temperature: kinetics by Q10, and RT/F in every Nernst potential."""

from __future__ import annotations

from dataclasses import replace

from mnexcite.cells import Cell
from mnexcite.cells.cell import KELVIN
from mnexcite.cells.paths import Path
from mnexcite.conditions.condition import Condition, finite, present

_SOURCE = "Q10 of gating 3 (Hodgkin & Huxley 1952) unless another was given"


def temperature(celsius: float, q10: float = 3.0) -> Condition:
    """Return a temperature [degC]: every gate's rate changes by `q10` per 10 degC.

    The sodium and potassium reversals are Nernst potentials and grow with the absolute
    temperature. Conductances and pumps stay as they are. The default Q10 is that of
    Hodgkin and Huxley 1952; motor axons have 2.2 to 3 (McIntyre et al. 2002).

    Raises
    ------
    InputError
        If the temperature is not in 0 to 50 degC or q10 not in 1 to 6, or the cell has
        no gate that could be warmed.
    """
    celsius = finite("temperature", celsius, 0.0, 50.0)
    q10 = finite("temperature: q10", q10, 1.0, 6.0)

    def change(cell: Cell) -> Cell:
        rates: tuple[Path, ...] = tuple(
            path for path in cell.parameters if path.endswith(".rate")
        )
        found = present(cell, rates or ("a gate's rate",), "temperature")
        speed = q10 ** ((celsius - cell.temperature) / 10.0)
        warmer = (KELVIN + celsius) / (KELVIN + cell.temperature)
        factors: dict[Path, float] = {path: speed for path in found}
        for ion in cell.ions:
            if ion.name in ("Na", "K"):
                factors[f"ions.E_{ion.name}"] = warmer
        return replace(cell.scaled(factors), temperature=celsius)

    return Condition(f"temperature({celsius:g})", change, _SOURCE, "unverified")
