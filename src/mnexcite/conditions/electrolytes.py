"""Blood electrolytes: concentrations outside the cell."""

from __future__ import annotations

from mnexcite.cells.compartment import concentration
from mnexcite.cells.paths import Path
from mnexcite.conditions.condition import Condition
from mnexcite.conditions.effects import Replace
from mnexcite.errors import InputError


def electrolytes(
    K_o: float | None = None, Na_o: float | None = None, Ca_o: float | None = None
) -> Condition:
    """Return outside concentrations of potassium, sodium and calcium [mM].

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
        for name, value in (("K_o", K_o), ("Na_o", Na_o), ("Ca_o", Ca_o))
        if value is not None
    }
    if not given:
        raise InputError("electrolytes: nothing given; give K_o, Na_o or Ca_o in mM")

    listed = ", ".join(
        f"{str(path).removeprefix('ions.')}={value:g}" for path, value in given.items()
    )
    effects = [Replace(path, value) for path, value in given.items()]
    name = f"electrolytes({listed})"
    return Condition(name, effects, "Nernst equation", "derived", every=True)


def hyperkalaemia(strength: float = 1.0) -> Condition:
    """Return potassium outside of 6.5 mM at strength 1; above 5.5 it is called so."""
    return _blood("hyperkalaemia", strength, K_o=6.5)


def hypokalaemia(strength: float = 1.0) -> Condition:
    """Return potassium outside of 2.8 mM at strength 1; below 3.5 it is called so."""
    return _blood("hypokalaemia", strength, K_o=2.8)


def dilution(strength: float = 1.0) -> Condition:
    """Return sodium outside of 125 mM at strength 1, as after much water; below 135 is low."""
    return _blood("dilution", strength, Na_o=125.0)


def dehydration(strength: float = 1.0) -> Condition:
    """Return sodium outside of 152 mM at strength 1, as after a loss of water; 145 is much."""
    return _blood("dehydration", strength, Na_o=152.0)


def _blood(name: str, strength: float, **values: float) -> Condition:
    """Return the share `strength` of the way to concentrations outside [mM]."""
    effects = [Replace(f"ions.{ion}", value) for ion, value in values.items()]
    source = "Nernst equation; the concentration is a clinical convention"
    return Condition(name, effects, source, "unverified", every=True).at(strength)
