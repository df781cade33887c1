"""The summed force of units beside a torque that was recorded with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import InputError, array, checked, instance, number
from mnexcite.motor_pool.activity import Activity

Array = NDArray[np.float64]

#: Ways a comparison ends.
STATUSES = ("ok", "no_force", "no_torque", "at_longest_delay")


@dataclass(frozen=True, eq=False)
class TorqueMatch:
    """Hold a recorded torque beside the force of units, scaled to it.

    Attributes
    ----------
    t
        Where both are known, shape (n,) [ms].
    torque, model
        As recorded, and offset + gain * force(t - delay), shape (n,) [`unit`].
    gain, offset
        Of the least squares [`unit` per maximal force; `unit`].
    delay
        By which torque follows force [ms].
    r2
        Share of the torque's variance that the model has.
    unit
        Of the torque.
    status
        One of `STATUSES`; anything but `ok` and `at_longest_delay` leaves numbers NaN.
    """

    t: Array
    torque: Array
    model: Array
    gain: float
    offset: float
    delay: float
    r2: float
    unit: str
    status: str


@checked
def torque_match(
    activity: Activity,
    t: ArrayLike,
    torque: ArrayLike,
    *,
    unit: str = "N m",
    longest_delay: float = 300.0,
) -> TorqueMatch:
    """Compare the summed force of recorded units with the torque that was recorded.

    Force is scaled to the torque by least squares for each delay of a ms, and the delay with
    the least error is taken. Gain and offset stand for the lever, the units that were not
    decomposed and what else pulls, so that only the course is tested, not the size; a slow
    contraction fits well whatever the twitches are.

    Parameters
    ----------
    activity
        Of `recorded` or `contract`.
    t, torque
        Increasing times [ms] on the clock of the spikes, and the torque there, shape (n,).
    unit
        Of the torque, for labels.
    longest_delay
        Of torque after force [ms].

    Raises
    ------
    InputError
        If shapes differ, times do not increase, or fewer than 10 ms are known of both.

    Examples
    --------
    >>> from mnexcite.spikes import SpikeTrains
    >>> trains = SpikeTrains.from_list([[100.0, 400.0], [250.0]])
    >>> from mnexcite.motor_pool import recorded
    >>> run = recorded(trains)
    >>> found = torque_match(run, run.t + 50.0, 2.0 + 30.0 * run.force)
    >>> found.delay, round(found.gain, 6), round(found.r2, 6), found.status
    (50.0, 30.0, 1.0, 'ok')
    """
    instance("activity", activity, Activity, "of mnexcite.motor_pool.recorded or contract")
    at, values = array("t", t, unit="ms"), array("torque", torque, unit=unit)
    longest = number(
        "longest_delay", longest_delay, "0 to 5000 ms", lowest=0.0, highest=5000.0, unit="ms"
    )
    if at.shape != values.shape or at.size < 2:
        raise InputError(
            f"t and torque have shapes {at.shape} and {values.shape}; allowed: the same (n,)"
        )
    if np.any(np.diff(at) <= 0.0):
        raise InputError("t does not increase; allowed: increasing times in ms")
    force, delays = activity.force, np.arange(0.0, longest + 0.5)
    # one window for all delays, or the shortest would win by its ease
    first = max(float(at[0]), float(activity.t[0]) + float(delays[-1]))
    last = min(float(at[-1]), float(activity.t[-1]))
    shown = np.arange(np.ceil(first), last)
    if shown.size < 10:
        raise InputError(
            f"force and torque share {max(last - first, 0.0):.0f} ms after a delay of up to "
            f"{longest:g} ms; allowed: 10 ms or more on one clock"
        )
    wanted = np.interp(shown, at, values)
    centred = wanted - wanted.mean()
    power, along = np.empty(delays.size), np.empty(delays.size)
    for k, delay in enumerate(delays):
        spread = np.interp(shown - delay, activity.t, force)
        spread -= spread.mean()
        power[k], along[k] = spread @ spread, spread @ centred
    total = float(centred @ centred)
    failed = "no_torque" if total == 0.0 else "no_force" if not power.any() else None
    if failed is not None:
        nan = float("nan")
        return TorqueMatch(
            shown, wanted, np.full(shown.size, nan), nan, nan, nan, nan, unit, failed
        )
    slope = along / np.where(power > 0.0, power, np.inf)
    share = slope**2 * power / total
    # torque that falls where force rises is no match
    best = int(np.argmax(np.where(slope > 0.0, share, -1.0)))
    gain, pulled = float(slope[best]), np.interp(shown - delays[best], activity.t, force)
    offset = float(wanted.mean() - gain * pulled.mean())
    edge = best == delays.size - 1 and longest > 0.0
    return TorqueMatch(
        shown,
        wanted,
        offset + gain * pulled,
        gain,
        offset,
        float(delays[best]),
        float(share[best]),
        unit,
        "at_longest_delay" if edge else "ok",
    )
