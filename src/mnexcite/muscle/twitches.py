"""One twitch, described as a laboratory describes it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mnexcite.errors import checked
from mnexcite.muscle.calcium import CalciumHillUnit
from mnexcite.muscle.calcium_state import CalciumState
from mnexcite.muscle.unit import MotorUnit

_FINE = 0.1  # ms, between samples


@dataclass(frozen=True)
class Twitch:
    """Hold what describes a motor unit's single twitch.

    Attributes
    ----------
    peak
        Peak force [`force_unit`].
    time_to_peak
        Time from the spike to the peak [ms].
    half_relaxation
        Time from the peak until half of it is left [ms].
    tetanus_ratio
        Peak over the force of fused tetanus [1].
    force_unit
        Unit of `peak`.
    """

    peak: float
    time_to_peak: float
    half_relaxation: float
    tetanus_ratio: float
    force_unit: str


@checked
def twitch(unit: MotorUnit | CalciumHillUnit) -> Twitch:
    """Describe the twitch of a motor unit: P (t/T) exp(1 - t/T), or that of its calcium.

    By T, its time to peak is T and its half-relaxation time 1.678 T for every unit; by
    calcium it is solved, every 0.1 ms, above the force at rest. Human muscle relaxes faster
    than by T for its contraction time: 83 +/- 13 ms after 111 +/- 20 ms in triceps surae, a
    ratio of 0.75; by calcium it is 0.5.

    References
    ----------
    Fuglevand, Winter & Patla 1993, twitch. Davies, Mecrow & White 1982, triceps surae
    (authors unverified).

    Examples
    --------
    >>> from mnexcite.muscle import slow_unit
    >>> measured = twitch(slow_unit())
    >>> measured.time_to_peak, round(measured.half_relaxation, 2)
    (90.0, 151.05)
    """
    if isinstance(unit, CalciumHillUnit):
        return _solved(unit)
    return Twitch(
        peak=unit.twitch_force,
        time_to_peak=unit.contraction_time,
        half_relaxation=(_half_point() - 1.0) * unit.contraction_time,
        tetanus_ratio=unit.twitch_tetanus_ratio,
        force_unit=unit.force_unit,
    )


@checked
def twitch_tetanus_ratio(unit: MotorUnit | CalciumHillUnit) -> float:
    """Return twitch force over fused force: 0.1105 by construction, or that of calcium.

    A unit by its calcium is solved: a twitch, and a second at 100 Hz. The gain of Fuglevand
    1993 fixes the ratio to (1 - exp(-2 0.4^3)) / (0.4 e), whatever the unit. Measured ratios
    are therefore not reproduced by it, nor is the force of a doublet: in human thenar units
    two spikes 5 to 15 ms apart give 48 % of fused force, 3.5 times the twitch, which puts the
    ratio at about 0.14.

    References
    ----------
    Fuglevand, Winter & Patla 1993, eq. 17. Thomas 1999, thenar units.

    Examples
    --------
    >>> from mnexcite.muscle import thenar_unit
    >>> round(twitch_tetanus_ratio(thenar_unit()), 4)
    0.1105
    """
    if isinstance(unit, CalciumHillUnit):
        return _solved(unit).tetanus_ratio
    return unit.twitch_tetanus_ratio


def _solved(unit: CalciumHillUnit) -> Twitch:
    state = CalciumState.at_rest([unit], every=_FINE)
    _, single, _ = state.advance([0.0], 1000.0)
    _, fused, _ = state.advance([10.0 * n for n in range(100)], 1000.0)
    above = single[0] - single[0, 0]
    top = int(above.argmax())
    peak = float(above[top])
    half = top + int((above[top:] < 0.5 * peak).argmax())
    return Twitch(
        peak=peak,
        time_to_peak=_FINE * top,
        half_relaxation=_FINE * (half - top),
        tetanus_ratio=peak / float(fused[0].max() - fused[0, 0]),
        force_unit=unit.force_unit,
    )


def _half_point() -> float:
    """Return x > 1 with x exp(1 - x) = 1/2, by Newton's method on ln x + 1 - x + ln 2."""
    x = 2.7
    for _ in range(6):
        x -= (math.log(x) + 1.0 - x + math.log(2.0)) / (1.0 / x - 1.0)
    return x
