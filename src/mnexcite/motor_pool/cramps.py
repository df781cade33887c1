"""Tell a cramp: whether firing outlasts its trigger, for how long, and how units fire in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, instance, number
from mnexcite.motor_pool.activity import Activity
from mnexcite.spikes import SpikeTrains

Array = NDArray[np.float64]

#: A cramp: so many units fire so long after the trigger [share; ms], at 5 Hz or more: the least
#: rate of units in human cramps is 6.0 +- 0.8 Hz (Minetto et al. 2009).
UNITS, UNITS_UNDER_BLOCK = 0.10, 0.08
SOON = (400.0, 1400.0)
SPIKES = 5
GAP = 1000.0  # ms without a spike of the whole pool end it
DOUBLET = 20.0  # ms
LONGEST_INTERVAL = 500.0  # ms that counts for a rate
RUN = 6  # intervals of which the least and the greatest rate are means


@dataclass(frozen=True)
class Cramp:
    """Hold what happened after a trigger.

    Attributes
    ----------
    elicited
        Whether a cramp began: a tenth of the units or more (under nerve block 8 %) have five
        spikes or more 0.4 to 1.4 s after the trigger.
    units
        How many fire then.
    duration
        From the trigger's end to the first second without any spike [ms], 0 without a cramp.
    ended
        Whether it ended within the run; else `duration` is a lower bound.
    unit_duration, unit_rate, unit_cv, doublets
        Of each unit in the cramp: time from its first to its last spike after the trigger [ms],
        rate [Hz], coefficient of variation and share of intervals below 20 ms; NaN for a unit
        with fewer than three intervals below 0.5 s, of which all but the first are made.
    unit_least, unit_greatest
        Least and greatest mean rate of six intervals [Hz].
    """

    elicited: bool
    units: int
    duration: float
    ended: bool
    unit_duration: Array
    unit_rate: Array
    unit_cv: Array
    doublets: Array
    unit_least: Array
    unit_greatest: Array

    @property
    def rate(self) -> float:
        """Mean rate over units [Hz]."""
        return _mean(self.unit_rate)

    @property
    def cv(self) -> float:
        """Mean coefficient of variation over units."""
        return _mean(self.unit_cv)


def cramp_after(activity: Activity, time: float) -> Cramp:
    """Return what a pool did after a trigger that ended at `time` [ms].

    Raises
    ------
    InputError
        If the run ends before it could be told, 1.4 s later.

    References
    ----------
    Minetto et al. 2009 (J Neurophysiol 102:1890) and 2011 (J Physiol 589:5759) report these
    statistics; the criterion is ours.
    """
    instance("activity", activity, Activity, "what mnexcite.motor_pool.contract gives")
    time = number("cramp_after: time", time, "0 or more", lowest=0.0, unit="ms")
    if activity.duration < time + SOON[1]:
        raise InputError(
            f"cramp_after: the run ends at {activity.duration:g} ms; allowed: "
            f"{time + SOON[1]:g} ms or later, {SOON[1]:g} ms after the trigger"
        )
    trains = activity.terminals.after(time)
    soon = [np.sum((t >= time + SOON[0]) & (t < time + SOON[1])) for t in trains]
    units, share = (
        int(np.sum(np.array(soon) >= SPIKES)),
        UNITS_UNDER_BLOCK if activity.protocol.block else UNITS,
    )
    elicited = units >= share * len(trains)
    end = ending(trains, time, activity.duration)
    ended = end < activity.duration
    told = [unit_statistics(t[t <= end]) if elicited else (np.nan,) * 6 for t in trains]
    columns = np.array(told).reshape(-1, 6).T
    return Cramp(elicited, units, end - time if elicited else 0.0, ended, *columns)


def ending(trains: SpikeTrains, time: float, duration: float) -> float:
    """Return the last spike before the first second without any [ms], or the run's end."""
    times = np.sort(np.concatenate([[time], trains.times, [duration]]))
    gaps = np.diff(times) > GAP
    return float(times[int(np.argmax(gaps))]) if gaps.any() else duration


def unit_statistics(times: Array) -> tuple[float, ...]:
    """Return duration, rate, variation, doublets, least and greatest rate of a unit."""
    lasts = float(times[-1] - times[0]) if times.size else np.nan
    isi = np.diff(times)
    isi = isi[isi < LONGEST_INTERVAL]
    if isi.size < 3:
        return (lasts, *(np.nan,) * 5)
    mean = isi.mean()
    runs = np.convolve(isi, np.full(RUN, 1.0 / RUN), "valid") if isi.size >= RUN else isi
    return (
        lasts,
        1000.0 / mean,
        isi.std() / mean,
        float(np.mean(isi < DOUBLET)),
        1000.0 / runs.max(),
        1000.0 / runs.min(),
    )


def _mean(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
