"""Spikes on axons: how long they take, what an echo is, and what happens where two meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from mnexcite.kernels.compiled import load
from mnexcite.motor_pool import _axon_kernel

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: How long a spike that arrives acts, at most [ms].
PULSE = 1.0
#: What the kernel says of a spike that was let arrive, but has met another.
WRONG = 3


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
    none, kept = [np.zeros(0, np.int64)] * 2, np.zeros(2, np.int64)
    both = [Volley(volley.unit.copy(), volley.origin.copy()) for volley in (down, up)]
    gone = _settled(both, delay, 0.0, (0.0, 0.0), none, 0.0, kept)[1]
    return gone[0] != 0, gone[1] != 0


def exchange(axons: Axons, start: float, end: float, soma: Side, terminal: Side) -> Axons:
    """Return the axons after a window [start, end), in which both ends ran.

    A spike that was let arrive, but meets another that set off within this window, is taken
    back: the window is run again in that unit. So where two meet does not depend on how time
    is cut, as long as no window is longer than a delay.
    """
    # the way down is that from the first end to the second, and the other way round
    ways, ends = (0, 1), (soma, terminal)
    coming = (axons.down, axons.up)
    if not any(x.unit.size for x in (*coming, soma.spikes, terminal.spikes)):
        return axons
    back = [np.zeros(volley.unit.size, np.int64) for volley in coming]
    # a spike whose arrival can cause nothing any more is done with
    over, kept = end - max(axons.echo, PULSE), np.zeros(2, np.int64)
    while True:
        under_way = [coming[way].joined(ends[way].spikes) for way in ways]
        window = start, end
        wrong, gone = _settled(under_way, axons.delay, axons.echo, window, back, over, kept)
        if not wrong:
            break
        for way in ways:
            each = gone[way][: back[way].size] == WRONG
            if np.count_nonzero(each):
                back[way][each] = 1
                units = np.unique(coming[way].unit[each])
                ends[1 - way].take_again(units, coming[way].of(back[way] == 0))
    down, up = (
        Volley(volley.unit[:count], volley.origin[:count])
        for volley, count in zip(under_way, kept.tolist(), strict=True)
    )
    return Axons(axons.delay, axons.echo, down, up)


def _settled(
    both: list[Volley],
    delay: Array,
    echo: float,
    window: tuple[float, float],
    back: list[Index],
    over: float,
    kept: Index,
) -> tuple[int, list[Index]]:
    """Return how many spikes were let arrive wrongly, and what became of each, by direction.

    With none, the first `kept` spikes of each direction are those whose arrival is not over.
    """
    gone = [np.zeros(volley.unit.size, np.int64) for volley in both]
    room = []
    for marks in gone:
        room += [np.zeros(delay.size + 2, np.int64), np.empty(marks.size, np.int64)]
    under_way = [side for volley in both for side in (volley.unit, volley.origin)]
    wrong = _kernel().settle(*under_way, delay, echo, *window, *back, *room, *gone, over, kept)
    return wrong, gone


class Side:
    """Hold one end of the axons in a window: its spikes, and how to run it again."""

    def __init__(self, spikes: Volley, run_again: Callable[[Index, Volley], Volley]) -> None:
        self.spikes, self.run_again = spikes, run_again

    def take_again(self, units: Index, arriving: Volley) -> None:
        """Run some units again, with these spikes arriving and no other."""
        others = self.spikes.of(~np.isin(self.spikes.unit, units))
        self.spikes = others.joined(self.run_again(units, arriving))


_ENTRIES = {
    "settle": {
        "down_unit": "i8[::1]",
        "down_origin": "f8[::1]",
        "up_unit": "i8[::1]",
        "up_origin": "f8[::1]",
        "delay": "f8[::1]",
        **dict.fromkeys(("echo", "start", "end"), "f8"),
        **dict.fromkeys(("down_back", "up_back"), "i8[::1]"),
        **dict.fromkeys(("down_heads", "down_order", "up_heads", "up_order"), "i8[::1]"),
        **dict.fromkeys(("down_gone", "up_gone"), "i8[::1]"),
        "after": "f8",
        "kept": "i8[::1]",
        "return": "i8",
    },
}


@cache
def _kernel() -> SimpleNamespace:
    source = Path(_axon_kernel.__file__).read_text(encoding="utf-8")
    return load("axons", source, _ENTRIES)
