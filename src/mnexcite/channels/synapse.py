"""A synapse: a conductance that events open and that fades by itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mnexcite.channels.names import check_name
from mnexcite.errors import InputError, number


@dataclass(frozen=True)
class Synapse:
    """Describe the current g x w s(t) x (v - E) that an event of weight w sets off.

    s(t) = n (exp(-t / decay) - exp(-t / rise)) with n such that its peak is 1; without a
    rise s(t) = exp(-t / decay). Events add up.

    Parameters
    ----------
    name
        Name in paths, such as `AMPA`.
    g
        Peak conductance of an event of weight 1, in the cell's unit [mS/cm2 or uS].
    E
        Reversal potential [mV].
    decay
        Time constant of the decay [ms].
    rise
        Time constant of the rise [ms], 0 or at most 0.999 of the decay.

    Raises
    ------
    InputError
        If a number is not allowed.

    References
    ----------
    Destexhe, Mainen and Sejnowski 1994 (J Comput Neurosci 1:195-230), section 3.

    Examples
    --------
    >>> inhibition = Synapse("GABA", g=0.1, E=-75.0, decay=10.0, rise=1.0)
    >>> round(inhibition.peak_time, 3)
    2.558
    """

    name: str
    g: float
    E: float
    decay: float
    rise: float = 0.0

    def __post_init__(self) -> None:
        check_name("synapse", self.name)
        said = f"synapse {self.name}"
        checked = {
            "g": number(f"{said}: g", self.g, "0 or more", lowest=0.0),
            "E": number(f"{said}: E", self.E, "a finite number in mV"),
            "decay": number(f"{said}: decay", self.decay, "above 0", above=0.0, unit="ms"),
            "rise": number(f"{said}: rise", self.rise, "0 or more", lowest=0.0, unit="ms"),
        }
        if checked["rise"] > 0.999 * checked["decay"]:
            raise InputError(
                f"{said}: rise is {checked['rise']:g} ms; allowed: 0 to 0.999 of the decay, "
                f"which is {checked['decay']:g} ms"
            )
        for key, value in checked.items():
            object.__setattr__(self, key, value)

    @property
    def peak_time(self) -> float:
        """When the conductance of an event is largest [ms after it]."""
        return peak_time(self.rise, self.decay)

    @property
    def norm(self) -> float:
        """Factor n that makes the peak of s(t) one."""
        return norm(self.rise, self.decay)

    @property
    def scalars(self) -> dict[str, tuple[float, str]]:
        """Value and unit of the time constants by their name in a path."""
        return {"rise": (self.rise, "ms"), "decay": (self.decay, "ms")}


def peak_time(rise: float, decay: float) -> float:
    """Return when exp(-t / decay) - exp(-t / rise) is largest [ms]."""
    if rise == 0.0:
        return 0.0
    return rise * decay / (decay - rise) * math.log(decay / rise)


def norm(rise: float, decay: float) -> float:
    """Return one over the largest value of exp(-t / decay) - exp(-t / rise)."""
    if rise == 0.0:
        return 1.0
    t = peak_time(rise, decay)
    return 1.0 / (math.exp(-t / decay) - math.exp(-t / rise))
