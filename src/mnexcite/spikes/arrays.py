"""Checks that turn what a caller gives into plain arrays and numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite import errors
from mnexcite.errors import InputError, array

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ONE_ARRAY = "one 1-D array of numbers (SpikeTrains.from_list holds several trains)"


def vector(name: str, values: ArrayLike, unit: str = "") -> FloatArray:
    """Return a 1-D float64 copy of `values` in `unit`; refuse what is not finite numbers."""
    return array(name, values, ONE_ARRAY, unit=unit)


def trace(
    t: ArrayLike, v: ArrayLike, name: str = "v", unit: str = "mV", called: str = "voltage"
) -> tuple[FloatArray, FloatArray]:
    """Return times [ms] and voltages [mV] of one trace, or another signal, checked."""
    times, volts = vector("t", t, "ms"), vector(name, v, unit)
    if times.size != volts.size:
        raise InputError(
            f"t has {times.size} samples and {name} has {volts.size}; give one time per "
            f"{called}"
        )
    if times.size < 2:
        raise InputError(f"the trace has {times.size} samples; give at least 2")
    back = np.flatnonzero(np.diff(times) <= 0)
    if back.size:
        i = int(back[0]) + 1
        raise InputError(
            f"t goes from {times[i - 1]:g} to {times[i]:g} ms at position {i}; "
            "allowed: strictly increasing times"
        )
    return times, volts


def number(
    name: str,
    value: Any,
    unit: str,
    *,
    low: float = -math.inf,
    above: float | None = None,
    finite: bool = True,
) -> float:
    """Return a float that is at least `low` and greater than `above`."""
    kind = "a finite number" if finite else "a number"
    given = errors.number(name, value, f"{kind} [{unit}]", unit=unit, finite=finite)
    if given < low:
        raise InputError(f"{name} is {given:g} {unit}; allowed: {low:g} {unit} or more")
    if above is not None and given <= above:
        raise InputError(f"{name} is {given:g} {unit}; allowed: above {above:g} {unit}")
    return given
