"""Monoamines: serotonin and noradrenaline, which the brain stem sends down."""

from __future__ import annotations

from mnexcite.conditions.condition import Condition
from mnexcite.conditions.effects import Scale

_SOURCE = (
    "KCa x0.6: the default of ports of Booth et al. 1997; CAN and CaL x1.5: direction of the "
    "literature, size a guess"
)


def monoamines(strength: float = 1.0) -> Condition:
    """Return monoamine drive: less calcium-activated potassium, more persistent inward current.

    At strength 1 KCa and SK are x0.6, CAN and CaL x1.5.

    Examples
    --------
    >>> from mnexcite import cells
    >>> driven = cells.booth_rinzel_kiehn_1997().under(monoamines())
    >>> driven.parameters["soma.KCa.g"].value
    3.0
    """
    effects = (
        *(Scale(f"{name}.g", 0.6) for name in ("KCa", "SK")),
        *(Scale(f"{name}.g", 1.5) for name in ("CAN", "CaL")),
    )
    return Condition("monoamines", effects, _SOURCE, "unverified").at(strength)
