"""Regularity of neighbouring intervals, which slow changes of the rate leave alone."""

from __future__ import annotations

from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from mnexcite.errors import InputError, checked
from mnexcite.spikes.arrays import FloatArray
from mnexcite.spikes.trains import SpikeTrains, as_trains


@overload
def cv2(times: SpikeTrains) -> FloatArray: ...
@overload
def cv2(times: ArrayLike) -> float: ...
@checked
def cv2(times: ArrayLike | SpikeTrains) -> float | FloatArray:
    """Return CV2, the mean of `2 |I_k+1 - I_k|/(I_k+1 + I_k)` over neighbouring intervals.

    It is 0 for a regular train and 1 for a Poisson process, and needs three spikes;
    `describe` returns a status instead of an error where there are fewer.

    Raises
    ------
    InputError
        If a train has fewer than three spikes, or its times are not finite, negative or
        not ascending.

    References
    ----------
    Holt et al. 1996, J Neurophysiol 75:1806.

    Examples
    --------
    >>> from mnexcite.spikes import cv2
    >>> cv2([0.0, 50.0, 200.0])
    1.0
    """
    trains, single = as_trains(times)
    _need_three(trains, "CV2")
    values = cv2s(trains)
    return float(values[0]) if single else values


@overload
def lv(times: SpikeTrains) -> FloatArray: ...
@overload
def lv(times: ArrayLike) -> float: ...
@checked
def lv(times: ArrayLike | SpikeTrains) -> float | FloatArray:
    """Return LV, three times the mean of ((I_k+1 - I_k)/(I_k+1 + I_k))^2 over intervals I.

    It is 0 for a regular train and 1 for a Poisson process, and needs three spikes;
    `describe` returns a status instead of an error where there are fewer.

    Raises
    ------
    InputError
        If a train has fewer than three spikes, or its times are not finite, negative or
        not ascending.

    References
    ----------
    Shinomoto et al. 2003, Neural Comput 15:2823.

    Examples
    --------
    >>> from mnexcite.spikes import lv
    >>> lv([0.0, 50.0, 200.0])
    0.75
    """
    trains, single = as_trains(times)
    _need_three(trains, "LV")
    values = lvs(trains)
    return float(values[0]) if single else values


def cv2s(trains: SpikeTrains) -> FloatArray:
    """Return CV2 of each train, NaN below three spikes."""
    return np.array([2.0 * _mean(np.abs(_contrasts(train))) for train in trains])


def lvs(trains: SpikeTrains) -> FloatArray:
    """Return LV of each train, NaN below three spikes."""
    return np.array([3.0 * _mean(_contrasts(train) ** 2) for train in trains])


def _contrasts(train: FloatArray) -> FloatArray:
    gaps = np.diff(train)
    return (gaps[1:] - gaps[:-1]) / (gaps[1:] + gaps[:-1])


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else np.nan


def _need_three(trains: SpikeTrains, what: str) -> None:
    few = np.flatnonzero(trains.counts < 3)
    if few.size:
        i = int(few[0])
        raise InputError(
            f"{trains.label(i)} has {trains.counts[i]} spikes; {what} needs 3 or more; "
            "use describe(), which returns a status"
        )
