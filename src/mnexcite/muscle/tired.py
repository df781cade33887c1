"""Twitches that tire, as a fold: spikes in, samples out, a state of fixed size kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import InputError, array, instance
from mnexcite.muscle import _fatigue_kernel as columns
from mnexcite.muscle import _twitch_kernel
from mnexcite.muscle.fatigue import Fatigue
from mnexcite.muscle.state import interval, of_twitches, sampling, window
from mnexcite.muscle.unit import MotorUnit

Array = NDArray[np.float64]

_ENTRIES = {
    "advance_tired": {
        "times": "f8[::1]",
        "offsets": "i8[::1]",
        "stops": "i8[::1]",
        "contraction_times": "f8[::1]",
        "scales": "f8[::1]",
        "rates": "f8[::1]",
        "recovery": "f8",
        "slowing": "f8",
        "every": "f8",
        "first": "i8",
        "last": "i8",
        "state": "f8[:,::1]",
        "force": "f8[:,::1]",
        "fatigued": "f8[:,::1]",
    },
    "shares": {
        "rates": "f8[::1]",
        "recovery": "f8",
        "until": "f8",
        "state": "f8[:,::1]",
        "fatigued": "f8[::1]",
    },
}
_MS = 1000.0


@dataclass(frozen=True, eq=False)
class TiredState:
    """Hold all that earlier spikes leave behind in motor units that tire, one lane for each.

    A run of hours is a fold over its windows, as with `TwitchState`: samples are the same to
    the bit for any windows, and a lane's for any neighbours. Between two spikes a unit keeps
    the contraction time that its fatigue asked for at the first; all else is exact. A unit at
    no capacity first pays back what its last twitch took beyond (0.2 % at published rates).

    Attributes
    ----------
    units
        The motor units.
    fatigue
        How fast they tire and recover.
    every
        Interval between samples, at 0, every, 2 every, ... [ms].
    now
        Time up to which spikes were taken in [ms].
    samples
        Number of samples given so far.
    lanes
        The kernel's state, shape (lanes, 6).

    Examples
    --------
    >>> from mnexcite.muscle import fast_unit, fatigue_by_size
    >>> state = TiredState.at_rest([fast_unit()], fatigue_by_size(1.0))
    >>> state, force, capacity = state.advance([[*range(0, 10_000, 20)]], until=10_000.0)
    >>> state.fatigued.round(2), state.advance([[]], until=310_000.0)[0].fatigued.round(2)
    (array([0.22]), array([0.11]))
    """

    units: tuple[MotorUnit, ...]
    fatigue: Fatigue
    every: float
    now: float
    samples: int
    lanes: Array

    @classmethod
    def at_rest(
        cls,
        units: Sequence[MotorUnit],
        fatigue: Fatigue,
        *,
        fatigued: ArrayLike = 0.0,
        every: float = 1.0,
    ) -> TiredState:
        """Return the state of relaxed units at time 0.

        Parameters
        ----------
        units
            The motor units.
        fatigue
            Of all, or one fatigability per unit; see `fatigue_by_size`.
        fatigued
            Share that is fatigued already, 0 to 1: what another state ended with [1].
        every
            Interval between samples [ms].

        Raises
        ------
        InputError
            If an argument is not allowed, or a contraction time is not short against
            recovery: at most a tenth of it.
        """
        units = of_twitches(units)
        instance("fatigue", fatigue, Fatigue, "what mnexcite.muscle.fatigue_by_size gives")
        fatigue.of_units(len(units))
        begin = array("fatigued", fatigued, "0 to 1", ndim=(0, 1), lowest=0.0, highest=1.0)
        if begin.ndim and begin.size != len(units):
            raise InputError(
                f"fatigued holds {begin.size} shares for {len(units)} motor units; allowed: "
                "one per unit, or one for all"
            )
        longest = max(unit.contraction_time for unit in units) * (1.0 + fatigue.slowing)
        if not 10.0 * longest <= fatigue.recovery * _MS:
            raise InputError(
                f"recovery is {fatigue.recovery:g} s beside a contraction of {longest:g} ms; "
                "allowed: ten times as long or more"
            )
        lanes = np.zeros((len(units), columns.WIDTH))
        lanes[:, columns.TIRED] = begin
        times = np.array([unit.contraction_time for unit in units])
        lanes[:, columns.TIME] = times * (1.0 + fatigue.slowing * begin)
        return cls(units, fatigue, interval(every), 0.0, 0, lanes)

    @property
    def fatigued(self) -> Array:
        """Fatigued share of each unit, shape (units,) [1]; what is left is its capacity."""
        found = np.empty(len(self.units))
        _kernel().shares(self._rates(), self._recovery(), self.now, self.lanes, found)
        return found

    @property
    def greatest_force(self) -> float:
        """Sum of the forces that units can do, fused, over that when fresh [1]."""
        fused = np.array([unit.fused_force for unit in self.units])
        return float(fused @ (1.0 - self.fatigued) / fused.sum())

    def advance(self, spikes: object, until: float) -> tuple[TiredState, Array, Array]:
        """Take in a window as `TwitchState.advance` does; return state, force and capacity.

        `capacity` is the share of its force that each unit can do, 0 to 1, where `force` is
        sampled, shape (units, n) [1].
        """
        seen, last = self.lanes[:, columns.SEEN], self.lanes[:, columns.AT]
        trains, until = window(spikes, self.now, until, seen, last)
        stops, samples = sampling(trains, self.now, until, self.every, self.samples)
        lanes = self.lanes.copy()
        force, fatigued = np.empty((2, len(self.units), samples - self.samples))
        _kernel().advance_tired(
            # copies: spike trains are read-only, the compiled signature is not
            trains.times.copy(),
            trains.offsets.copy(),
            stops,
            np.array([unit.contraction_time for unit in self.units]),
            # the kernel counts in P e: t/T exp(1 - t/T) = e u exp(-u)
            np.array([unit.twitch_force * math.e for unit in self.units]),
            self._rates(),
            self._recovery(),
            self.fatigue.slowing,
            self.every,
            self.samples,
            samples,
            lanes,
            force,
            fatigued,
        )
        return replace(self, now=until, samples=samples, lanes=lanes), force, 1.0 - fatigued

    def with_units(self, units: Sequence[MotorUnit]) -> TiredState:
        """Return the state of units whose next twitches have other contraction times.

        Raises
        ------
        InputError
            If the number of units differs.
        """
        units = of_twitches(units)
        if len(units) != len(self.units):
            raise InputError(f"there are {len(units)} units; allowed: {len(self.units)}")
        return replace(self, units=units)

    def _rates(self) -> Array:
        return self.fatigue.of_units(len(self.units)) / _MS

    def _recovery(self) -> float:
        return 1.0 / (self.fatigue.recovery * _MS)


@cache
def _kernel() -> SimpleNamespace:
    from mnexcite.kernels.compiled import load

    texts = (Path(str(part.__file__)).read_text("utf-8") for part in (_twitch_kernel, columns))
    return load("tired", "\n".join(texts), _ENTRIES)
