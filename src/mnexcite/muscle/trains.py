"""Whatever holds spike times, as spike trains."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, shown
from mnexcite.spikes import SpikeTrains


class OneRun(Protocol):
    """What a recording offers: the spike times of one cell."""

    @property
    def spike_times(self) -> NDArray[Any]: ...  # noqa: D102


class ManyRuns(Protocol):
    """What a batch offers: the spike times of several cells."""

    @property
    def spike_times(self) -> SpikeTrains: ...  # noqa: D102


def as_trains(spikes: Any) -> tuple[SpikeTrains, bool]:
    """Return spike trains, and whether one bare train was given.

    Raises
    ------
    InputError
        If a time is negative or not finite, a train does not rise, or the kind is unknown.
    """
    if inspect.getattr_static(spikes, "spike_times", None) is not None:
        return as_trains(spikes.spike_times)
    if isinstance(spikes, SpikeTrains):
        return spikes, False
    if not isinstance(spikes, Sequence | np.ndarray) or isinstance(spikes, str):
        raise InputError(
            f"spikes is {shown(spikes)}; allowed: spike times in ms (1-D), a list of "
            "such arrays, spike trains, a recording or a batch"
        )
    if _holds_trains(spikes):
        return SpikeTrains.from_list(spikes), False
    return SpikeTrains.from_list([spikes]), True


def _holds_trains(spikes: Sequence[Any] | NDArray[Any]) -> bool:
    if isinstance(spikes, np.ndarray) and spikes.dtype != object:
        return False
    return len(spikes) > 0 and all(
        isinstance(train, Sequence) or getattr(train, "ndim", 0) > 0 for train in spikes
    )
