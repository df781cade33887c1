"""Take spike trains from Neo, and give them to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np

from mnexcite.errors import InputError, checked, shown
from mnexcite.spikes.arrays import number
from mnexcite.spikes.trains import SpikeTrains


@checked
def from_neo(trains: Iterable[Any], *, offset: float = 0.0) -> SpikeTrains:
    """Build spike trains from those of Neo, such as `segment.spiketrains`.

    Parameters
    ----------
    trains
        Objects `neo.SpikeTrain` in any unit of time.
    offset
        Added to all times [ms].

    Returns
    -------
    SpikeTrains
        Times in ms; names if each of Neo's trains has one of its own.

    Raises
    ------
    InputError
        If one is no `neo.SpikeTrain`, or its times are negative or not ascending.

    References
    ----------
    Garcia et al. 2014, Front Neuroinform 8:10.
    """
    offset = number("offset", offset, "ms")
    times: list[Any] = []
    try:
        # one train: its parts are times
        if isinstance(trains, str | bytes | Mapping | Set) or hasattr(trains, "rescale"):
            raise TypeError
        listed = list(trains)
    except Exception:  # also what an object raises when it is asked
        raise InputError(
            f"trains is {shown(trains)}; allowed: a list of neo.SpikeTrain"
        ) from None
    for i, train in enumerate(listed):
        if not (hasattr(train, "t_stop") and hasattr(train, "rescale")):
            raise InputError(f"trains holds {shown(train)} at {i}; allowed: neo.SpikeTrain")
        times.append(np.asarray(train.rescale("ms").magnitude, np.float64) + offset)
    names = [train.name for train in listed]
    own = all(names) and len(set(names)) == len(names)
    return SpikeTrains.from_list(times, tuple(map(str, names)) if own and names else None)


@checked
def to_neo(trains: SpikeTrains, *, until: float | None = None) -> list[Any]:
    """Return objects `neo.SpikeTrain` in ms, with the names of the trains.

    Parameters
    ----------
    trains
        What to give.
    until
        End of the recording [ms]; None: the last spike of all.

    Raises
    ------
    InputError
        If Neo is not installed, or `until` is before the last spike.
    """
    last = float(trains.times.max(initial=0.0))
    end = last if until is None else number("until", until, "ms")
    if end < last:
        raise InputError(f"until is {end:g} ms, and the last spike is at {last:g} ms")
    try:
        from neo import SpikeTrain
    except ImportError:
        raise InputError("Neo is not installed; run: pip install neo") from None
    names = trains.names or [None] * len(trains)
    return [
        SpikeTrain(train, units="ms", t_stop=end, name=name)
        for train, name in zip(trains, names, strict=True)
    ]
