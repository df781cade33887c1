"""Checks that turn what a caller gives into plain arrays and numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def vector(name: str, values: ArrayLike) -> FloatArray:
    """Return a 1-D float64 copy of `values`; refuse what is not finite numbers."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"{name} is ragged; allowed: one 1-D array of numbers") from None
    if array.ndim != 1:
        raise InputError(
            f"{name} has {array.ndim} dimensions; allowed: one 1-D array of numbers "
            "(SpikeTrains.from_list holds several trains)"
        )
    if array.dtype.kind not in "iuf":
        raise InputError(f"{name} holds {array.dtype}; allowed: one 1-D array of numbers")
    array = array.astype(np.float64)
    wrong = np.flatnonzero(~np.isfinite(array))
    if wrong.size:
        raise InputError(
            f"{name} is {array[wrong[0]]} at position {wrong[0]}; allowed: finite numbers; "
            "remove or replace it"
        )
    return array


def trace(t: ArrayLike, v: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return times [ms] and voltages [mV] of one trace, checked."""
    times, volts = vector("t", t), vector("v", v)
    if times.size != volts.size:
        raise InputError(
            f"t has {times.size} samples and v has {volts.size}; give one time per voltage"
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
    try:
        given = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {value!r}; allowed: a number [{unit}]") from None
    if math.isnan(given) or (finite and math.isinf(given)):
        raise InputError(f"{name} is {given}; allowed: a finite number [{unit}]")
    if given < low:
        raise InputError(f"{name} is {given:g} {unit}; allowed: {low:g} {unit} or more")
    if above is not None and given <= above:
        raise InputError(f"{name} is {given:g} {unit}; allowed: above {above:g} {unit}")
    return given
