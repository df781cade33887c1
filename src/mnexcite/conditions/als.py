"""Amyotrophic lateral sclerosis.

The evidence conflicts (early hyperexcitability; no change or less in adults; loss of all
channels late), so each phase is its own condition and none is called just ALS.
"""

from __future__ import annotations

from dataclasses import replace

from mnexcite.conditions.condition import Condition
from mnexcite.conditions.effects import Scale, ScaleAll
from mnexcite.errors import number

_SOURCE = (
    "direction: Kuo et al. 2004, 2005 (persistent sodium up), Wainger et al. 2014 "
    "(delayed rectifier down); size: chosen by us"
)


def als_early(strength: float = 1.0, *, recovery: float = 1.0) -> Condition:
    """Return early hyperexcitability: NaP x2 and the K group x0.7 at strength 1.

    Factors grow linearly with `strength` (0 to 2) and strength 0 changes nothing. Only
    the directions are published (Kuo et al. 2004, 2005; Wainger et al. 2014).

    Parameters
    ----------
    strength
        0 to 2.
    recovery
        Factor at strength 1 on the rate of sodium's fast inactivation, 0.1 to 10: in cells
        of G93A mice recovery from it was faster, and nothing else of their sodium current
        changed (Zona et al. 2006). The rate of a gate is one for both ways, so that
        inactivation is faster too. The default leaves it.

    Raises
    ------
    InputError
        If a number is out of range, or the cell has neither NaP nor a K group.

    Examples
    --------
    >>> from mnexcite import cells
    >>> sick = cells.purvis_butera_2005().under(als_early())
    >>> sick.parameters["NaP.g"].value, round(sick.parameters["Kdr.g"].value, 3)
    (0.1, 0.91)
    """
    recovery = number("als_early: recovery", recovery, "0.1 to 10", lowest=0.1, highest=10.0)
    if recovery == 1.0:
        return ALS_EARLY.at(strength)
    faster = (*ALS_EARLY.effects, Scale("Na.h.rate", recovery))
    source = f"{_SOURCE}; recovery from inactivation faster: Zona et al. 2006"
    return replace(ALS_EARLY, effects=faster, source=source).at(strength)


#: The condition at strength 1.
ALS_EARLY = Condition(
    "als_early",
    (Scale("NaP.g", 2.0), Scale("K.g", 0.7)),
    _SOURCE,
    "unverified",
    strengths=(0.0, 2.0),
)


def als_adult(strength: float = 1.0) -> Condition:
    """Return the adult motoneuron: a larger input conductance, less excitable if anything.

    The leak is x1.25 at strength 1. In adult SOD1 mice in vivo recruitment current and gain
    were unchanged, the input conductance larger and many cells hypoexcitable (Delestree et al.
    2014); the size is ours.
    """
    return ALS_ADULT.at(strength)


def als_late(strength: float = 1.0) -> Condition:
    """Return late disease: one factor on the conductances of all channels, x0.7 at strength 1.

    That one factor explains the difference of single motor axons is published (Howells et al.
    2018); the size is ours.
    """
    return ALS_LATE.at(strength)


ALS_ADULT = Condition(
    "als_adult",
    Scale("leak.g", 1.25),
    "direction: Delestree et al. 2014 (input conductance up); size: chosen by us",
    "unverified",
)
ALS_LATE = Condition(
    "als_late",
    ScaleAll(0.7),
    "one factor on all channels: Howells et al. 2018; size: chosen by us",
    "unverified",
)
