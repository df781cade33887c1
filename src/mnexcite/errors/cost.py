"""What a job would cost, told before any work where nobody could pay it."""

from __future__ import annotations

import math
import os

from mnexcite.errors.kinds import InputError

#: Most steps of one call, over all its lanes: half an hour to some hours on one core.
MOST_STEPS = 1e11
#: Shortest fixed step and shortest run [ms]; below, times are lost in rounding.
SHORTEST_STEP, SHORTEST_RUN = 1e-6, 1e-16
#: Share of the machine's memory that one job may fill.
SHARE = 0.8


def memory() -> float:
    """Return the machine's memory [bytes]; where it is not told, 16 GiB."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return float(16 << 30)


def check_memory(what: str, values: float, remedy: str) -> None:
    """Refuse a job that keeps more numbers than the machine's memory holds.

    >>> check_memory("1e+15 samples", 1e15, "take a longer every")
    Traceback (most recent call last):
    ...
    mnexcite.errors.InputError: 1e+15 samples would take 7.45e+06 GiB; allowed: up to ...
    """
    needed, room = 8.0 * values, SHARE * memory()
    if not needed <= room:
        raise InputError(
            f"{what} would take {needed / 2**30:.3g} GiB; allowed: up to {room / 2**30:.3g} "
            f"GiB, {SHARE:.0%} of this machine's memory; {remedy}"
        )


def check_steps(what: str, steps: float, remedy: str) -> None:
    """Refuse a job of more steps than anybody waits for.

    >>> check_steps("1e+15 ms", 1e15, "take a shorter duration")
    Traceback (most recent call last):
    ...
    mnexcite.errors.InputError: 1e+15 ms would take 1e+15 steps or more; allowed: up to ...
    """
    if not (math.isfinite(steps) and steps <= MOST_STEPS):
        raise InputError(
            f"{what} would take {steps:.3g} steps or more; allowed: up to {MOST_STEPS:g} in "
            f"one call; {remedy}"
        )
