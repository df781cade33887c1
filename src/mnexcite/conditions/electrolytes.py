"""Blood electrolytes: concentrations outside the cell."""

from __future__ import annotations

from mnexcite.cells.compartment import concentration
from mnexcite.cells.paths import Path
from mnexcite.conditions.condition import Condition
from mnexcite.conditions.effects import Replace
from mnexcite.errors import InputError


def electrolytes(K_o: float | None = None, Na_o: float | None = None) -> Condition:
    """Return outside concentrations of potassium and sodium [mM].

    Reversal potentials follow by Nernst from the cell's own reference concentrations.

    Raises
    ------
    InputError
        If none is given or one is not between 0.1 and 1000 mM, or the cell has no
        reversal that follows it.

    Examples
    --------
    >>> from mnexcite import cells
    >>> raised = cells.purvis_butera_2005().under(electrolytes(K_o=4.8))
    >>> round(raised.reversal("Kdr"), 1)
    -75.1
    """
    given: dict[Path, float] = {
        f"ions.{name}": concentration(f"electrolytes: {name}", value, "outside")
        for name, value in (("K_o", K_o), ("Na_o", Na_o))
        if value is not None
    }
    if not given:
        raise InputError("electrolytes: nothing given; give K_o or Na_o in mM")

    listed = ", ".join(
        f"{str(path).removeprefix('ions.')}={value:g}" for path, value in given.items()
    )
    effects = [Replace(path, value) for path, value in given.items()]
    name = f"electrolytes({listed})"
    return Condition(name, effects, "Nernst equation", "derived", every=True)
