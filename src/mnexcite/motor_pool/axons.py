"""Spikes on axons: how long they take, what an echo is, and what happens where two meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from mnexcite.kernels.compiled import load
from mnexcite.motor_pool import _axon_kernel

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


def meet(down: Volley, up: Volley, delay: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which spikes meet another on its way in the other direction: both vanish."""
    gone = np.zeros(down.unit.size, np.int64), np.zeros(up.unit.size, np.int64)
    _meet(down, up, delay, *gone)
    return gone[0] != 0, gone[1] != 0


def _meet(down: Volley, up: Volley, delay: Array, down_gone: Index, up_gone: Index) -> None:
    """Mark those that meet with 1, where they are not gone before."""
    if not (down.unit.size and up.unit.size):
        return
    room: list[Index] = []
    for volley in (down, up):
        room += [np.zeros(delay.size + 2, np.int64), np.empty(volley.unit.size, np.int64)]
    _kernel().meet(down.unit, down.origin, up.unit, up.origin, delay, *room, down_gone, up_gone)


def exchange(axons: Axons, start: float, end: float, soma: Side, terminal: Side) -> Axons:
    """Return the axons after a window [start, end), in which both ends ran.

    A spike that was let arrive, but meets another that set off within this window, is taken
    back: the window is run again in that unit. So where two meet does not depend on how time
    is cut, as long as no window is longer than a delay.
    """
    if not any(each.unit.size for each in (axons.down, axons.up, soma.spikes, terminal.spikes)):
        return axons
    # the way down is that from the first end to the second, and the other way round
    ways, ends = (0, 1), (soma, terminal)
    coming = (axons.down, axons.up)
    count = [volley.unit.size for volley in coming]
    arrival = [volley.arrivals(axons.delay) for volley in coming]
    acted = [(t >= start) & (t < end) for t in arrival]
    back = [np.zeros(n, np.int64) for n in count]
    while True:
        under_way = [coming[way].joined(ends[way].spikes) for way in ways]
        gone = [np.zeros(volley.unit.size, np.int64) for volley in under_way]
        for way in ways:
            other, volley = 1 - way, under_way[way]
            if count[other] and volley.unit.size > count[way]:
                _kernel().echoes(
                    volley.unit,
                    volley.origin,
                    count[way],
                    coming[other].unit,
                    arrival[other],
                    back[other],
                    axons.echo,
                    gone[way],
                )
        _meet(under_way[0], under_way[1], axons.delay, gone[0], gone[1])
        wrong = [(gone[way][: count[way]] > back[way]) & acted[way] for way in ways]
        if not any(map(np.count_nonzero, wrong)):
            break
        for way, each in enumerate(wrong):
            if np.count_nonzero(each):
                back[way][each] = 1
                units = np.unique(coming[way].unit[each])
                ends[1 - way].take_again(units, coming[way].of(back[way] == 0))
    # a spike whose arrival can cause nothing any more is done with
    acts = max(axons.echo, PULSE)
    down, up = (
        volley.of((lost == 0) & (volley.arrivals(axons.delay) + acts >= end))
        for volley, lost in zip(under_way, gone, strict=True)
    )
    return Axons(axons.delay, axons.echo, down, up)


class Side:
    """Hold one end of the axons in a window: its spikes, and how to run it again."""

    def __init__(self, spikes: Volley, run_again: Callable[[Index, Volley], Volley]) -> None:
        self.spikes, self.run_again = spikes, run_again

    def take_again(self, units: Index, arriving: Volley) -> None:
        """Run some units again, with these spikes arriving and no other."""
        others = self.spikes.of(~np.isin(self.spikes.unit, units))
        self.spikes = others.joined(self.run_again(units, arriving))


def _ways(*names: str) -> dict[str, str]:
    """Return the types of a direction's arguments."""
    return {name: "f8[::1]" if name.endswith("origin") else "i8[::1]" for name in names}


_ENTRIES = {
    "meet": {
        **_ways("down_unit", "down_origin", "up_unit", "up_origin"),
        "delay": "f8[::1]",
        **_ways("down_heads", "down_order", "up_heads", "up_order", "down_gone", "up_gone"),
    },
    "echoes": {
        "unit": "i8[::1]",
        "origin": "f8[::1]",
        "first": "i8",
        "arrived_unit": "i8[::1]",
        "arrived_at": "f8[::1]",
        "back": "i8[::1]",
        "echo": "f8",
        "gone": "i8[::1]",
    },
}


@cache
def _kernel() -> ModuleType:
    source = Path(_axon_kernel.__file__).read_text(encoding="utf-8")
    return load("axons", source, _ENTRIES)
