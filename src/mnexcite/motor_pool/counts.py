"""Count what an electromyographer counts: fasciculations, and all cramps of a run."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, instance, number
from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.cramps import (
    DOUBLET,
    GAP,
    LONGEST_INTERVAL,
    SOON,
    SPIKES,
    UNITS,
    UNITS_UNDER_BLOCK,
    Cramp,
    unit_statistics,
)
from mnexcite.motor_pool.protocol import Protocol
from mnexcite.spikes import SpikeTrains

Array = NDArray[np.float64]

#: Discharges so soon after a stimulus or an effort are its own [ms].
DRIVEN_ON = 100.0
SHORTEST = SOON[1] - SOON[0]  # ms that many units fire on, or it is no cramp


@dataclass(frozen=True, eq=False)
class Fasciculations:
    """Hold the fasciculations of a run.

    Attributes
    ----------
    per_minute
        Of the whole muscle, NaN where `status` is not `ok`.
    count, unit_counts
        Of the whole muscle, and of each unit.
    minutes
        How long could be watched: what is driven, and cramps, are left out.
    status
        `ok`, or `nothing_to_watch`.
    """

    per_minute: float
    count: int
    unit_counts: NDArray[np.int64]
    minutes: float
    status: str


@dataclass(frozen=True, eq=False)
class Episode:
    """Hold one cramp of a run.

    Attributes
    ----------
    onset
        When it began [ms]; after a trigger, when that ended.
    peak, peak_rate
        Middle of the second with the most discharges [ms], and their rate then, over all units
        of the pool [Hz].
    triggered
        Whether it follows stimuli or an effort.
    how
        What ended it: `itself`, `stretch` or `inhibition` that began before the end, `trigger`
        where the next one came first, `not_ended` where the run was over first.
    cramp
        Its units, duration, rates, variation and doublets.
    """

    onset: float
    peak: float
    peak_rate: float
    triggered: bool
    how: str
    cramp: Cramp

    @property
    def end(self) -> float:
        """When it ended [ms]."""
        return self.onset + self.cramp.duration


def fasciculations(
    given: Activity | SpikeTrains, *, start: float = 0.0, stop: float | None = None
) -> Fasciculations:
    """Count the fasciculations of a pool, or of a laboratory's units.

    A fasciculation is the spontaneous, isolated discharge of a motor unit; a doublet of it
    counts once. Here: one or two discharges in a row, the unit silent for half a second before
    and after (slower than units fire in any contraction), no stimulus or effort within 100 ms,
    and no cramp of the muscle. Two discharges farther apart than 20 ms count as two.

    Parameters
    ----------
    given
        What `contract` gives, or spike trains of units that nothing drives.
    start, stop
        Span that is watched [ms]; all of it by default.

    Raises
    ------
    InputError
        If an argument is not allowed.

    References
    ----------
    The word is that of the nomenclature of electromyography (AAEM glossary of 2001, recalled);
    de Carvalho & Swash 2013 and Bashford et al. 2020 count such discharges. The numbers are
    ours.

    Examples
    --------
    >>> from mnexcite.spikes import SpikeTrains
    >>> trains = SpikeTrains.from_list([[5e3, 5.01e3, 30e3], [20e3, 20.1e3, 20.2e3]])
    >>> found = fasciculations(trains, stop=60_000.0)
    >>> found.count, found.per_minute
    (2, 2.0)
    """
    trains, protocol, duration = _told(given)
    start = number("fasciculations: start", start, "0 or more", lowest=0.0, unit="ms")
    stop = duration if stop is None else number("fasciculations: stop", stop, unit="ms")
    if stop <= start:
        raise InputError(
            f"fasciculations: start is {start:g}, stop {stop:g} ms; allowed: start below stop"
        )
    busy = _driven(protocol, duration)
    cramped = [(each.onset, each.end) for each in _episodes(trains, protocol, duration)]
    busy = _joined([*busy, *cramped])
    counts = np.zeros(len(trains), np.int64)
    for unit, train in enumerate(trains):
        for group in _groups(train, LONGEST_INTERVAL):
            seen = group[(group >= start) & (group < stop) & ~_inside(group, busy)]
            if group.size == 2 and seen.size == 2 and group[1] - group[0] <= DOUBLET:
                counts[unit] += 1
            elif group.size <= 2:
                counts[unit] += seen.size
    taken = sum(max(0.0, min(b, stop) - max(a, start)) for a, b in busy)
    minutes = (stop - start - taken) / 60_000.0
    total = int(counts.sum())
    if minutes <= 0.0:
        return Fasciculations(math.nan, total, counts, 0.0, "nothing_to_watch")
    return Fasciculations(total / minutes, total, counts, minutes, "ok")


def find_cramps(given: Activity | SpikeTrains) -> tuple[Episode, ...]:
    """Return all cramps of a run, in order: after triggers and by themselves.

    A muscle cramps while a tenth of its units or more (8 % under a block of the nerve) fire on
    with nothing that drives them: each five times or more with less than half a second
    between, all for a second or more. Pauses of up to a second belong to a cramp. It ends when
    fewer fire on; `cramp_after` waits for the last discharge of all.

    Parameters
    ----------
    given
        What `contract` gives, or spike trains of units that nothing drives.

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> import numpy as np
    >>> from mnexcite.spikes import SpikeTrains
    >>> firing = np.concatenate([np.arange(2e3, 9e3, 80.0), np.arange(40e3, 45e3, 50.0)])
    >>> found = find_cramps(SpikeTrains.from_list([firing, firing + 7.0, []]))
    >>> [(each.onset, round(each.cramp.rate, 1), each.how) for each in found]
    [(2000.0, 12.5, 'itself'), (40000.0, 20.0, 'not_ended')]
    """
    return _episodes(*_told(given))


def as_one(episodes: tuple[Episode, ...]) -> tuple[float, bool, int, float] | None:
    """Return duration [ms], whether it ended, units and rate [Hz] of what is felt as one cramp.

    Parts with pauses of seconds between them are one; None where there is none.
    """
    if not episodes:
        return None
    last = episodes[-1]
    return (
        last.end - episodes[0].onset,
        last.cramp.ended,
        max(each.cramp.units for each in episodes),
        float(np.mean([each.cramp.rate for each in episodes])),
    )


def _told(given: Activity | SpikeTrains) -> tuple[SpikeTrains, Protocol, float]:
    allowed = "what mnexcite.motor_pool.contract gives, or SpikeTrains"
    instance("given", given, (Activity, SpikeTrains), allowed)
    if isinstance(given, Activity):
        return given.terminals, given.protocol, given.duration
    last = float(given.times.max()) if given.times.size else 0.0
    return given, Protocol(), last


def _episodes(trains: SpikeTrains, protocol: Protocol, duration: float) -> tuple[Episode, ...]:
    driven = _driven(protocol, duration)
    free = [train[~_inside(train, driven)] for train in trains]
    runs = [
        (unit, float(run[0]), float(run[-1]))
        for unit, train in enumerate(free)
        for piece in _cut(train, driven)
        for run in _groups(piece, LONGEST_INTERVAL)
        if run.size >= SPIKES
    ]
    share = UNITS_UNDER_BLOCK if protocol.block else UNITS
    many = max(1, math.ceil(share * len(trains) - 1e-9))
    return tuple(
        _episode(free, runs, span, driven, protocol, duration)
        for span in _spans(runs, many, driven)
    )


def _spans(
    runs: list[tuple[int, float, float]], many: int, driven: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Return when so many units or more fire on, pauses bridged but for what is driven."""
    edges = sorted([(a, 1) for _, a, _ in runs] + [(b, -1) for _, _, b in runs])
    spans, firing, since = [], 0, 0.0
    for time, change in edges:
        before, firing = firing, firing + change
        if before < many <= firing:
            since = time
        elif firing < many <= before:
            spans.append((since, time))
    bridged: list[tuple[float, float]] = []
    for a, b in spans:
        last = bridged[-1][1] if bridged else -math.inf
        apart = any(last <= start and stop <= a for start, stop in driven)
        if a - last <= GAP and not apart:
            bridged[-1] = bridged[-1][0], b
        else:
            bridged.append((a, b))
    return [(a, b) for a, b in bridged if b - a >= SHORTEST]


def _episode(
    free: list[Array],
    runs: list[tuple[int, float, float]],
    span: tuple[float, float],
    driven: list[tuple[float, float]],
    protocol: Protocol,
    duration: float,
) -> Episode:
    onset, end = span
    before = [b for _, b in driven if 0.0 <= onset - b <= LONGEST_INTERVAL]
    if before:
        onset = before[-1] - DRIVEN_ON
    ended = end < duration - GAP
    following = any(0.0 <= a - end <= LONGEST_INTERVAL for a, _ in driven)
    pulled = _begins(protocol.length.breaks, protocol.length.first, onset, end)
    pressed = any(
        _begins(wave.breaks, wave.first, onset, end)
        for wave in (protocol.inhibition, protocol.tendon)
    )
    if following:
        how = "trigger"
    elif not ended:
        how = "not_ended"
    else:
        how = "stretch" if pulled else "inhibition" if pressed else "itself"
    inside = [train[(train >= onset) & (train <= end)] for train in free]
    taking = {unit for unit, a, b in runs if a <= end and b >= span[0]}
    columns = np.array(
        [unit_statistics(t if unit in taking else t[:0]) for unit, t in enumerate(inside)]
    )
    times = np.sort(np.concatenate(inside))
    within = times.searchsorted(times + GAP) - np.arange(times.size)
    first = int(np.argmax(within))
    cramp = Cramp(True, len(taking), end - onset, ended or following, *columns.T)
    return Episode(
        onset,
        min(float(times[first]) + 0.5 * GAP, end),
        float(within[first]) / len(free) * 1000.0 / GAP,
        bool(before),
        how,
        cramp,
    )


def _begins(breaks: Array, values: Array, start: float, end: float) -> bool:
    """Tell whether a signal goes up between two times."""
    up = np.diff(values, prepend=0.0) > 0.0
    return bool(np.any(up & (breaks > start) & (breaks <= end)))


def _driven(protocol: Protocol, duration: float) -> list[tuple[float, float]]:
    """Return when discharges are due to stimuli or effort, spans in order [ms]."""
    spans = []
    if protocol.shocks:
        shocks = np.array(protocol.shocks)
        spans = [
            (float(g[0]), float(g[-1]) + DRIVEN_ON) for g in _groups(shocks, LONGEST_INTERVAL)
        ]
    effort = protocol.effort
    edges = [*effort.breaks.tolist(), max(duration, float(effort.breaks[-1]))]
    for piece, (a, b) in enumerate(itertools.pairwise(edges)):
        if effort.first[piece] > 0.0 or effort.last[piece] > 0.0:
            spans.append((a, b + DRIVEN_ON))
    return _joined(spans)


def _joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for a, b in sorted(spans):
        if found and a <= found[-1][1]:
            found[-1] = found[-1][0], max(b, found[-1][1])
        else:
            found.append((a, b))
    return found


def _inside(times: Array, spans: list[tuple[float, float]]) -> NDArray[np.bool_]:
    inside = np.zeros(times.size, bool)
    for a, b in spans:
        inside |= (times >= a) & (times <= b)
    return inside


def _cut(times: Array, spans: list[tuple[float, float]]) -> list[Array]:
    """Return a train's parts between spans."""
    return np.split(times, times.searchsorted([a for a, _ in spans]))


def _groups(times: Array, gap: float) -> list[Array]:
    """Return the parts of a train with pauses of `gap` [ms] or more between them."""
    if not times.size:
        return []
    return np.split(times, np.flatnonzero(np.diff(times) >= gap) + 1)
