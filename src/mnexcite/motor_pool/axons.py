"""Spikes on axons: how long they take, what an echo is, and what happens where two meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: How long a spike that arrives acts, at most [ms].
PULSE = 1.0


@dataclass(frozen=True, eq=False)
class Volley:
    """Hold spikes under way in one direction: unit, and when each set off [ms]."""

    unit: Index
    origin: Array

    @classmethod
    def none(cls) -> Volley:
        """Return no spikes."""
        return cls(np.empty(0, np.int64), np.empty(0))

    def of(self, which: NDArray[np.bool_]) -> Volley:
        """Return some of the spikes (a mask)."""
        return Volley(self.unit[which], self.origin[which])

    def joined(self, other: Volley) -> Volley:
        """Return the spikes of both."""
        return Volley(
            np.concatenate([self.unit, other.unit]), np.concatenate([self.origin, other.origin])
        )

    def arrivals(self, delay: Array) -> Array:
        """Return when each arrives [ms]."""
        return self.origin + delay[self.unit]


@dataclass(frozen=True, eq=False)
class Axons:
    """Hold the axons of a pool between two windows: `delay` [ms], spikes down and up."""

    delay: Array
    echo: float
    down: Volley
    up: Volley

    def own(self, spikes: Volley, arrived: Volley) -> Volley:
        """Return the spikes that are no echo of one that arrived within `echo` before."""
        if not (spikes.unit.size and arrived.unit.size):
            return spikes
        since = spikes.origin[:, None] - arrived.arrivals(self.delay)[None, :]
        caused = (since >= 0.0) & (since <= self.echo)
        caused &= spikes.unit[:, None] == arrived.unit[None, :]
        return spikes.of(~caused.any(axis=1))

    def before(self, time: float) -> Axons:
        """Return the axons without spikes whose arrival can cause nothing after `time`."""
        acts = max(self.echo, PULSE)
        late = [
            volley.of(volley.arrivals(self.delay) + acts >= time)
            for volley in (self.down, self.up)
        ]
        return replace(self, down=late[0], up=late[1])


def meet(down: Volley, up: Volley, delay: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which spikes meet another on its way in the other direction: both vanish."""
    lost_down = np.zeros(down.unit.size, bool)
    lost_up = np.zeros(up.unit.size, bool)
    if not (down.unit.size and up.unit.size):
        return lost_down, lost_up
    apart = np.abs(down.origin[:, None] - up.origin[None, :])
    close = (apart < delay[down.unit][:, None]) & (down.unit[:, None] == up.unit[None, :])
    if not close.any():
        return lost_down, lost_up
    i, j = np.nonzero(close)
    # those that meet first vanish first
    for which in np.lexsort((up.origin[j], down.origin[i], down.origin[i] + up.origin[j])):
        a, b = i[which], j[which]
        if not (lost_down[a] or lost_up[b]):
            lost_down[a] = lost_up[b] = True
    return lost_down, lost_up


def exchange(axons: Axons, start: float, end: float, soma: Side, terminal: Side) -> Axons:
    """Return the axons after a window [start, end), in which both ends ran.

    A spike that was let arrive, but meets another that set off within this window, is taken
    back: the window is run again in that unit. So where two meet does not depend on how time
    is cut, as long as no window is longer than a delay.
    """
    ends: dict[str, Side] = {"down": terminal, "up": soma}  # where each arrives
    coming: dict[str, Volley] = {"down": axons.down, "up": axons.up}
    arrival = {way: volley.arrivals(axons.delay) for way, volley in coming.items()}
    acted = {way: (t >= start) & (t < end) for way, t in arrival.items()}
    back = {way: np.zeros(t.size, bool) for way, t in arrival.items()}
    while True:
        arrived = {way: volley.of(~back[way]) for way, volley in coming.items()}
        new: dict[str, Volley] = {
            "down": axons.own(soma.spikes, arrived["up"]),
            "up": axons.own(terminal.spikes, arrived["down"]),
        }
        under_way = {way: coming[way].joined(new[way]) for way in coming}
        lost: dict[str, NDArray[np.bool_]] = dict(
            zip(
                ("down", "up"),
                meet(under_way["down"], under_way["up"], axons.delay),
                strict=True,
            )
        )
        wrong = {
            way: lost[way][: t.size] & acted[way] & ~back[way] for way, t in arrival.items()
        }
        if not any(each.any() for each in wrong.values()):
            break
        for way, each in wrong.items():
            if each.any():
                back[way] |= each
                units = np.unique(coming[way].unit[each])
                ends[way].take_again(units, coming[way].of(~back[way]))
    left = {way: volley.of(~lost[way]) for way, volley in under_way.items()}
    return replace(axons, **left).before(end)


class Side:
    """Hold one end of the axons in a window: its spikes, and how to run it again."""

    def __init__(self, spikes: Volley, run_again: Callable[[Index, Volley], Volley]) -> None:
        self.spikes, self.run_again = spikes, run_again

    def take_again(self, units: Index, arriving: Volley) -> None:
        """Run some units again, with these spikes arriving and no other."""
        others = self.spikes.of(~np.isin(self.spikes.unit, units))
        self.spikes = others.joined(self.run_again(units, arriving))
