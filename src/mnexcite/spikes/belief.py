"""Question trains that fire faster than motor units do: their unit is wrong more often."""

from __future__ import annotations

import numpy as np

from mnexcite.errors import InputError
from mnexcite.spikes.arrays import number
from mnexcite.spikes.labels import MILLISECONDS
from mnexcite.spikes.trains import SpikeTrains

#: Mean rate [Hz] above which a train is questioned. Assumed: the first intervals of human motor
#: units in the fastest contractions are of the order of 100 Hz, and means are lower.
FASTEST = 200.0
#: Mean rates that a motor unit has [Hz], for what a unit of time may have been meant.
_USUAL = (1.0, 60.0)


def believed(
    where: str,
    trains: SpikeTrains,
    fastest: float,
    unit: str | None = None,
    given: bool = True,
) -> SpikeTrains:
    """Return trains if none fires faster than `fastest` [Hz]; else ask for the unit.

    `unit` is that of the times, `given` by the caller or stated by a header.

    Raises
    ------
    InputError
        If one of three spikes or more does.
    """
    fastest = number("fastest", fastest, "Hz", above=0.0, finite=False)
    found = too_fast(trains, fastest)
    if found is None:
        return trains
    i, rate = found
    others = {
        other: rate * MILLISECONDS[unit] / size
        for other, size in MILLISECONDS.items()
        if unit in MILLISECONDS and other != unit
    }
    said = [
        f"{f'unit={other!r}' if given else other} ({would_be:.3g} Hz)"
        for other, would_be in others.items()
        if _USUAL[0] <= would_be <= _USUAL[1]
    ]
    meant = "give " if given else "state it in the header: "
    mend = f"if another unit is meant, {meant}{' or '.join(said)}" if said else "check the unit"
    raise InputError(
        f"{where}: {trains.label(i)} fires at {rate:.0f} Hz in the mean; allowed: up to "
        f"{fastest:g} Hz; {mend}; or give fastest={np.ceil(rate):.0f} [Hz] to read it as it is"
    )


def too_fast(trains: SpikeTrains, fastest: float = FASTEST) -> tuple[int, float] | None:
    """Return the fastest train of three spikes or more and its rate [Hz], if above a limit."""
    some = np.flatnonzero(trains.counts >= 3)
    if not some.size:
        return None
    ends = trains.times[trains.offsets[1:][some] - 1]
    spans = ends - trains.times[trains.offsets[:-1][some]]
    with np.errstate(over="ignore"):
        rates = 1000.0 * (trains.counts[some] - 1) / spans
    i = int(np.argmax(rates))
    return (int(some[i]), float(rates[i])) if rates[i] > fastest else None
