"""Motor units by name, each number with its source."""

from __future__ import annotations

from mnexcite.cells.parameter import Parameter
from mnexcite.muscle.unit import FRACTION, FUSED_TWITCHES, MotorUnit

TWITCH_FORCE = Parameter(
    1.0 / FUSED_TWITCHES,
    FRACTION,
    "twitch and gain of Fuglevand, Winter & Patla 1993 (eq. 17), scaled to fused force 1",
    "derived",
)


def slow_unit() -> MotorUnit:
    """Return a slow unit, T = 90 ms: the first of the Fuglevand pool.

    >>> slow_unit().contraction_time
    90.0
    """
    return _preset(
        "slow unit",
        Parameter(90.0, "ms", "first unit of the pool, Potvin & Fuglevand 2017", "published"),
    )


def fast_unit() -> MotorUnit:
    """Return a fast unit, T = 30 ms: the last of the Fuglevand pool.

    >>> fast_unit().contraction_time
    30.0
    """
    return _preset(
        "fast unit",
        Parameter(30.0, "ms", "last unit of the pool, Potvin & Fuglevand 2017", "published"),
    )


def thenar_unit() -> MotorUnit:
    """Return a human thenar unit, T = 58.5 ms, that gives half its fused force at 12 Hz.

    The rate is measured (Thomas 1991, 12 +/- 4 Hz in 30 units); T is what the rate form
    needs for it, 0.7024 / 12 s. The rest of its behaviour is that of the model: its fusion
    begins near 3 Hz, not at the measured 5 to 8 Hz (Thomas 1991), and its twitch is 0.1105
    of fused force, not about 0.14 (Thomas 1999; see `twitch_tetanus_ratio`).

    >>> thenar_unit().parameters["contraction_time"].status
    'tuned'
    """
    return _preset(
        "thenar unit",
        Parameter(
            58.5, "ms", "half of fused force at 12 Hz, Thomas 1991: 0.7024 / 12 s", "tuned"
        ),
    )


def _preset(name: str, contraction_time: Parameter) -> MotorUnit:
    return MotorUnit(
        name,
        contraction_time.value,
        origins={"contraction_time": contraction_time, "twitch_force": TWITCH_FORCE},
    )
