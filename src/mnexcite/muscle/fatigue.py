"""Fatigue of motor units and their recovery: the numbers, and the law at a steady force."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells.parameter import Parameter
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, array, number

Array = NDArray[np.float64]

_PUBLISHED = "Potvin & Fuglevand 2017"
_RECOVERED = (
    "calibrated by mnexcite: force 12.5 % lower 1 min and 7 % lower 5 min after a cramp (Miller"
    " & Knight 2012); that one exponential, the same in all units, does it is assumed"
)
NUMBERS = FrozenMapping(
    {
        "greatest": Parameter(0.0225, "1/s at fused force", _PUBLISHED, "published"),
        "ratio": Parameter(180.0, "1", _PUBLISHED, "published"),
        "slowing": Parameter(0.379, "1", f"{_PUBLISHED}, after Shields et al.", "published"),
        "recovery": Parameter(408.0, "s", _RECOVERED, "tuned"),
    }
)


@dataclass(frozen=True, eq=False)
class Fatigue:
    """Hold how fast motor units tire and recover.

    With n the unit's force as a fraction of what it can do now, its fatigued share f follows
    f' = fatigability n - f / recovery, up to 1; its capacity is 1 - f, and its contraction
    time 1 + slowing f times that at rest.

    Parameters
    ----------
    fatigability
        Share of its force that a unit loses at fused force, one for all or shape (n,) [1/s].
    recovery
        Time constant of the recovery, 1 or more; infinity for none, as published [s].
    slowing
        How much longer a contraction lasts at no capacity [1].

    Raises
    ------
    InputError
        If a number is not allowed.

    References
    ----------
    Potvin & Fuglevand 2017 (PLoS Comput Biol), without recovery. Recovery is ours.
    """

    fatigability: Array
    recovery: float = NUMBERS["recovery"].value
    slowing: float = NUMBERS["slowing"].value

    def __post_init__(self) -> None:
        allowed = "0 to 10 1/s, one for all or one per unit"
        given = array(
            "fatigability", self.fatigability, allowed, ndim=(0, 1), lowest=0.0, highest=10.0
        )
        given.flags.writeable = False
        object.__setattr__(self, "fatigability", given)
        recovery = number(
            "recovery", self.recovery, "1 or more", lowest=1.0, unit="s", finite=False
        )
        slowing = number("slowing", self.slowing, "0 to 10", lowest=0.0, highest=10.0)
        object.__setattr__(self, "recovery", recovery)
        object.__setattr__(self, "slowing", slowing)

    def of_units(self, n: int) -> Array:
        """Return the fatigability of each of `n` units, shape (n,) [1/s]."""
        if self.fatigability.ndim and self.fatigability.size != n:
            raise InputError(
                f"fatigue is of {self.fatigability.size} motor units, there are {n}; allowed: "
                "as many, or one fatigability for all"
            )
        return np.broadcast_to(self.fatigability, n)

    def after(self, fatigued: ArrayLike, level: ArrayLike, seconds: float) -> Array:
        """Return the fatigued share after a steady force, in closed form.

        Parameters
        ----------
        fatigued
            Share at the begin, 0 to 1, one for all or one per unit [1].
        level
            Force as a fraction of what the unit can do, 0 for rest [1].
        seconds
            How long [s].

        Raises
        ------
        InputError
            If a number is not allowed.

        Examples
        --------
        Five minutes of rest leave 0.48 of what was fatigued, whatever the unit:

        >>> float(fatigue_by_size(1.0).after(0.2, 0.0, 300.0).round(4))
        0.0959
        """
        begin = array("fatigued", fatigued, "0 to 1", ndim=(0, 1), lowest=0.0, highest=1.0)
        force = array("level", level, "0 to 2", ndim=(0, 1), lowest=0.0, highest=2.0)
        lasts = number("seconds", seconds, "0 or more", lowest=0.0, unit="s")
        rate = 1.0 / self.recovery
        left = math.exp(-lasts * rate)
        # the time over which what is lost adds up; recovery that never comes loses none of it
        time = lasts if rate == 0.0 else -math.expm1(-lasts * rate) / rate
        return np.minimum(1.0, begin * left + self.fatigability * force * time)


def fatigue_by_size(
    size: ArrayLike,
    *,
    greatest: float = NUMBERS["greatest"].value,
    ratio: float = NUMBERS["ratio"].value,
    recovery: float = NUMBERS["recovery"].value,
    slowing: float = NUMBERS["slowing"].value,
) -> Fatigue:
    """Return the fatigue of motor units by their place in the order of size.

    Parameters
    ----------
    size
        Place, 0 for the smallest unit of a muscle to 1 for the largest: `(i-1)/(n-1)`; one
        number or shape (n,) [1].
    greatest
        Share of its force that the largest unit loses at fused force [1/s].
    ratio
        Fatigability of the largest over that of the smallest.
    recovery
        Time constant, calibrated; `math.inf` for none, as published [s].
    slowing
        How much longer a contraction lasts at no capacity [1].

    Raises
    ------
    InputError
        If a number is not allowed.

    References
    ----------
    Potvin & Fuglevand 2017: fatigability 180^((i-1)/(n-1)) 0.0225/180 per s, and slowing.

    Examples
    --------
    >>> fatigue_by_size([0.0, 0.5, 1.0]).fatigability.round(6)
    array([0.000125, 0.001677, 0.0225  ])
    """
    place = array("size", size, "0 to 1", ndim=(0, 1), lowest=0.0, highest=1.0)
    top = number("greatest", greatest, "0 to 10", lowest=0.0, highest=10.0, unit="1/s")
    ratio = number("ratio", ratio, "1 to 1e6", lowest=1.0, highest=1e6)
    return Fatigue(top / ratio * ratio**place, recovery, slowing)
