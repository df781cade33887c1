"""The motor units of a whole muscle, ordered by size."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.parameter import Parameter
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, checked, whole
from mnexcite.errors.display import columns, table
from mnexcite.muscle.unit import FUSED_TWITCHES, MotorUnit

Array = NDArray[np.float64]

#: Fused force of a pool's first unit is 1 in this unit.
POOL_FORCE = "fused force of unit 1"
_SOURCE = "Potvin & Fuglevand 2017, after Fuglevand, Winter & Patla 1993"


@dataclass(frozen=True, eq=False)
class MotorPool:
    """Hold motor units with the rate each fires at for a common excitation.

    Parameters
    ----------
    units
        The n motor units, smallest first.
    recruitment_threshold
        Excitation at which each begins to fire, shape (n,) [units of excitation].
    minimum_rate
        Rate of every unit at its threshold [Hz].
    peak_rate
        Rate that each does not exceed, shape (n,) [Hz].
    gain
        Rise of the rate with excitation [Hz per unit of excitation].
    parameters
        The numbers the pool was made from, with unit, source and status.
    """

    units: tuple[MotorUnit, ...]
    recruitment_threshold: Array
    minimum_rate: float
    peak_rate: Array
    gain: float
    parameters: FrozenMapping[Parameter]

    def __repr__(self) -> str:
        return f"MotorPool({len(self)} units)"

    def _repr_html_(self) -> str:
        listed = [
            (name, f"{p.value:.6g}", p.unit, p.status, p.source)
            for name, p in self.parameters.items()
        ]
        heads = ("name", "value", "unit", "status", "source")
        units = table("MotorPool", [("units", len(self))])
        return units + columns(f"{len(listed)} numbers", heads, listed)

    def __len__(self) -> int:
        return len(self.units)

    def __iter__(self) -> Iterator[MotorUnit]:
        return iter(self.units)

    def __getitem__(self, index: int) -> MotorUnit:
        return self.units[index]

    @property
    def contraction_time(self) -> Array:
        """Contraction time of each unit, shape (n,) [ms]."""
        return np.array([unit.contraction_time for unit in self.units])

    @property
    def fused_force(self) -> Array:
        """Fused force of each unit, shape (n,) [`force_unit` of the units]."""
        return np.array([unit.fused_force for unit in self.units])

    @property
    def maximum_excitation(self) -> float:
        """Excitation at which the last unit reaches its peak rate."""
        rise = (self.peak_rate - self.minimum_rate) / self.gain
        return float(np.max(self.recruitment_threshold + rise))


@checked
def fuglevand_pool(
    n: int = 120,
    *,
    recruitment_range: float = 50.0,
    force_range: float = 100.0,
    longest_contraction: float = 90.0,
    contraction_range: float = 3.0,
    minimum_rate: float = 8.0,
    first_peak_rate: float = 35.0,
    last_peak_rate: float = 25.0,
    gain: float = 1.0,
) -> MotorPool:
    """Return the motor pool of Fuglevand 1993 with the numbers of Potvin & Fuglevand 2017.

    For unit i of n: threshold R^((i-1)/(n-1)); force P = F^((i-1)/(n-1)); contraction time
    T_1 (1/P)^(ln C / ln F); peak rate falling linearly with the threshold. The papers call
    P a twitch force and multiply the fraction of fused force by it; here it is the fused
    force, so that the rate form and the spike-driven form agree.

    Parameters
    ----------
    n
        Number of motor units, at least 2.
    recruitment_range
        Threshold of the last unit over that of the first, R. Fuglevand 1993 is recalled
        to use 30.
    force_range
        Force of the last unit over that of the first, F.
    longest_contraction
        Contraction time of the first unit, T_1 [ms].
    contraction_range
        Contraction time of the first unit over that of the last, C.
    minimum_rate
        Rate at the threshold [Hz].
    first_peak_rate, last_peak_rate
        Peak rate of the first and of the last unit [Hz].
    gain
        Rise of the rate with excitation [Hz per unit of excitation].

    Raises
    ------
    InputError
        If n is below 2, a range is not more than 1 or a rate not positive.

    Examples
    --------
    >>> pool = fuglevand_pool()
    >>> len(pool), pool.maximum_excitation, round(pool[119].contraction_time, 6)
    (120, 67.0, 30.0)
    """
    given = {
        "recruitment_range": (recruitment_range, "1", 1.0),
        "force_range": (force_range, "1", 1.0),
        "longest_contraction": (longest_contraction, "ms", 0.0),
        "contraction_range": (contraction_range, "1", 1.0),
        "minimum_rate": (minimum_rate, "Hz", 0.0),
        "first_peak_rate": (first_peak_rate, "Hz", 0.0),
        "last_peak_rate": (last_peak_rate, "Hz", 0.0),
        "gain": (gain, "Hz per unit of excitation", 0.0),
    }
    allowed = "a whole number of motor units, 2 to 100000"
    n = whole("n", n, allowed, lowest=2, highest=100_000)
    for key, (value, _, low) in given.items():
        if not (math.isfinite(value) and value > low):
            raise InputError(f"{key} is {value!r}; allowed: a finite number above {low:g}")
    for key in ("first_peak_rate", "last_peak_rate"):
        if given[key][0] < minimum_rate:
            raise InputError(
                f"{key} is {given[key][0]:g} Hz; allowed: {minimum_rate:g} Hz "
                "(minimum_rate) or more"
            )

    rank = np.linspace(0.0, 1.0, int(n))
    threshold = recruitment_range**rank
    forces = force_range**rank
    times = longest_contraction * contraction_range**-rank
    fall = (threshold - 1.0) / (recruitment_range - 1.0)
    units = tuple(
        _unit(i + 1, float(T), float(P))
        for i, (T, P) in enumerate(zip(times, forces, strict=True))
    )
    return MotorPool(
        units=units,
        recruitment_threshold=threshold,
        minimum_rate=float(minimum_rate),
        peak_rate=first_peak_rate - (first_peak_rate - last_peak_rate) * fall,
        gain=float(gain),
        parameters=FrozenMapping(
            {key: _parameter(key, value, unit) for key, (value, unit, _) in given.items()}
        ),
    )


def _unit(i: int, contraction_time: float, fused_force: float) -> MotorUnit:
    twitch_force = fused_force / FUSED_TWITCHES
    return MotorUnit(
        f"unit {i}",
        contraction_time,
        twitch_force,
        POOL_FORCE,
        origins={
            "contraction_time": Parameter(contraction_time, "ms", _SOURCE, "derived"),
            "twitch_force": Parameter(twitch_force, POOL_FORCE, _SOURCE, "derived"),
        },
    )


def _parameter(key: str, value: float, unit: str) -> Parameter:
    default = (fuglevand_pool.__kwdefaults__ or {})[key]
    if value == default:
        return Parameter(float(value), unit, _SOURCE, "published")
    return Parameter(float(value), unit, "given by the user", "unverified")
