"""The spike-driven form as a fold: spikes in, samples out, a state of fixed size kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, check_memory
from mnexcite.muscle import _twitch_kernel as columns
from mnexcite.muscle.force import Forces, spike_status
from mnexcite.muscle.fusion import fusion_index
from mnexcite.muscle.trains import as_trains
from mnexcite.muscle.unit import MotorUnit
from mnexcite.spikes import SpikeTrains
from mnexcite.spikes.arrays import number

Array = NDArray[np.float64]

ENTRIES = {
    "advance": {
        "times": "f8[::1]",
        "offsets": "i8[::1]",
        "stops": "i8[::1]",
        "contraction_times": "f8[::1]",
        "scales": "f8[::1]",
        "every": "f8",
        "first": "i8",
        "last": "i8",
        "discard": "f8",
        "state": "f8[:,::1]",
        "force": "f8[:,::1]",
    },
    "close": {
        "contraction_times": "f8[::1]",
        "discard": "f8",
        "until": "f8",
        "state": "f8[:,::1]",
        "areas": "f8[::1]",
        "peaks": "f8[::1]",
    },
}
# k * every and time / every are each rounded: this much, and a sample is at that time
_ROUNDING = 1.0 + 4.0 * np.finfo(np.float64).eps


#: After so many contraction times nothing is left of a twitch: exp(-200).
_LOST = 200.0

#: Shortest interval of samples [ms]: a thousandth of what a twitch needs.
SHORTEST = 1e-3


@dataclass(frozen=True, eq=False)
class TwitchState:
    """Hold all that earlier spikes leave behind in motor units, one lane for each.

    Its size does not grow with the number of spikes, so a run of hours is a fold over its
    windows: `state, samples = state.advance(spikes, until)`. The samples and the measures
    are the same to the bit for any windows, and a lane's for any neighbours.

    Attributes
    ----------
    units
        The motor units.
    every
        Interval between samples, at 0, every, 2 every, ... [ms]; None for none.
    discard
        Force and spikes before it stay out of the measures [ms].
    now
        Time up to which spikes were taken in [ms].
    samples
        Number of samples given so far.
    lanes
        The kernel's state, shape (lanes, 47).

    Examples
    --------
    >>> from mnexcite.muscle import slow_unit
    >>> state = TwitchState.at_rest([slow_unit()])
    >>> state, first = state.advance([[10.0, 90.0]], until=100.0)
    >>> state, second = state.advance([[180.0]], until=200.0)
    >>> first.shape, second.shape, state.measures().status
    ((1, 101), (1, 100), ('ok',))
    """

    units: tuple[MotorUnit, ...]
    every: float | None
    discard: float
    now: float
    samples: int
    lanes: Array

    @classmethod
    def at_rest(
        cls, units: Sequence[MotorUnit], *, every: float | None = 1.0, discard: float = 0.0
    ) -> TwitchState:
        """Return the state of relaxed units at time 0.

        Raises
        ------
        InputError
            If there is no unit, the units' forces differ in unit, `every` is not positive
            or `discard` is negative.
        """
        units = of_twitches(units)
        step = None if every is None else interval(every)
        discard = number("discard", discard, "ms", low=0.0)
        lanes = np.zeros((len(units), columns.COLUMNS))
        return cls(units, step, discard, 0.0, 0, lanes)

    def advance(self, spikes: object, until: float) -> tuple[TwitchState, Array]:
        """Take in the spikes of a window and return the state at its end and the samples.

        Parameters
        ----------
        spikes
            One train per unit, as `contract` takes them, from `now` to `until` [ms].
        until
            End of the window [ms].

        Returns
        -------
        state
            The state at `until`; this one stays as it is.
        samples
            Force after `now` up to and including `until`, and at time 0 in the first
            window, shape (lanes, n) [`force_unit` of the units].

        Raises
        ------
        InputError
            If `until` is before `now`, a spike outside the window or the number of trains
            not that of the units.
        """
        seen, last = self.lanes[:, columns.COUNT], self.lanes[:, columns.LAST]
        trains, until = window(spikes, self.now, until, seen, last)
        return self._advance(trains, until)

    def with_units(self, units: Sequence[MotorUnit]) -> TwitchState:
        """Return the state of units that from now on have other contraction times.

        Their forces go on from where they are, and so does what each has still to give: only
        the speed changes. Measures over a change are not those of one unit.

        Raises
        ------
        InputError
            If the number of units differs.
        """
        units = of_twitches(units)
        if len(units) != len(self.units):
            raise InputError(f"there are {len(units)} units; allowed: {len(self.units)}")
        after = replace(self, units=units, lanes=self.lanes.copy())
        passed = self.now - self.lanes[:, columns.LAST]
        old, new = passed / self._times(), passed / after._times()
        # (b + a u) exp(-u) as it is now, told by the old spike; long after it nothing is left
        grown = np.where(old < _LOST, np.exp(np.minimum(new, 2.0 * _LOST) - old), 0.0)
        rise = self.lanes[:, columns.A]
        after.lanes[:, columns.A] = rise * grown
        level = (self.lanes[:, columns.B] + rise * old) * grown
        after.lanes[:, columns.B] = level - rise * grown * new
        return after

    def measures(self) -> Forces:
        """Return peak, mean, fusion index and status from `discard` to `now`, no samples.

        Raises
        ------
        InputError
            If `now` is not after `discard`.
        """
        return self.with_samples(np.empty(0), np.empty((len(self.units), 0)))

    def with_samples(self, t: Array, force: Array) -> Forces:
        """Return the measures together with samples that `advance` gave."""
        if not self.now > self.discard:
            raise InputError(
                f"discard is {self.discard:g} ms of {self.now:g} ms; allowed: less than the "
                "duration"
            )
        n = len(self.units)
        areas, peaks = np.empty(n), np.empty(n)
        _kernel().close(self._times(), self.discard, self.now, self.lanes, areas, peaks)
        counted = self.lanes[:, columns.COUNTED].astype(np.int64)
        # rest is zero, so 1 - (peak - trough)/(peak - baseline) is their ratio
        index = fusion_index(
            self.lanes[:, columns.FUSION : columns.LENGTH],
            self.lanes[:, columns.LENGTH : columns.COLUMNS],
        )
        status = tuple(
            "no_force" if count > 1 and np.isnan(found) else spike_status(count)
            for count, found in zip(counted, index, strict=True)
        )
        return Forces(
            t=t,
            force=force,
            force_unit=self.units[0].force_unit,
            units=self.units,
            duration=self.now,
            discard=self.discard,
            spike_count=counted,
            peak=peaks * self._scales(),
            mean=areas * self._scales() / (self.now - self.discard),
            baseline=np.zeros(n),
            fusion_index=index,
            status=status,
        )

    def _advance(self, trains: SpikeTrains, until: float) -> tuple[TwitchState, Array]:
        stops, last = sampling(trains, self.now, until, self.every, self.samples)
        lanes = self.lanes.copy()
        force = np.empty((len(self.units), last - self.samples))
        _kernel().advance(
            # copies: spike trains are read-only, the compiled signature is not
            trains.times.copy(),
            trains.offsets.copy(),
            stops,
            self._times(),
            self._scales(),
            self.every or 0.0,
            self.samples,
            last,
            self.discard,
            lanes,
            force,
        )
        return replace(self, now=until, samples=last, lanes=lanes), force

    def _times(self) -> Array:
        return np.array([unit.contraction_time for unit in self.units])

    def _scales(self) -> Array:
        # the kernel counts in P e: t/T exp(1 - t/T) = e u exp(-u)
        return np.array([unit.twitch_force * math.e for unit in self.units])


def of_twitches(units: Sequence[MotorUnit]) -> tuple[MotorUnit, ...]:
    """Return units as a tuple; refuse none, others than by twitches, and mixed units."""
    units = tuple(units)
    if not units:
        raise InputError("there is no train or motor unit; allowed: one or more")
    for unit in units:
        if not isinstance(unit, MotorUnit):
            raise InputError(
                f"unit is {unit!r}; allowed: a MotorUnit, such as mnexcite.muscle.slow_unit()"
            )
    names = sorted({unit.force_unit for unit in units})
    if len(names) > 1:
        raise InputError(
            f"the units' forces are in {' and '.join(names)}; allowed: one unit for all"
        )
    return units


def interval(every: float) -> float:
    """Return the interval of samples [ms], checked."""
    return number("every", every, "ms", low=SHORTEST)


def window(
    spikes: object, now: float, until: float, seen: Array, last: Array
) -> tuple[SpikeTrains, float]:
    """Return trains of a window and its end, checked.

    `seen`, `last`: how many spikes each lane had, and when the last was [ms], shape (lanes,).
    """
    until = number("until", until, "ms", low=now)
    trains, _ = as_trains(spikes)
    if len(trains) != seen.size:
        raise InputError(
            f"spikes holds {len(trains)} trains for {seen.size} motor units; "
            "allowed: one train per unit"
        )
    outside = (trains.times < now) | (trains.times > until)
    if outside.any():
        raise InputError(
            f"a spike is at {trains.times[outside][0]:g} ms; allowed: {now:g} to "
            f"{until:g} ms, the window"
        )
    heads = trains.offsets[:-1]
    begun = (trains.offsets[1:] > heads) & (seen > 0)
    again = trains.times[heads[begun]] <= last[begun]
    if again.any():
        raise InputError(
            f"the spike at {trains.times[heads[begun]][again][0]:g} ms was given before; "
            "allowed: each spike once"
        )
    return trains, until


def sampling(
    trains: SpikeTrains, now: float, until: float, every: float | None, samples: int
) -> tuple[NDArray[np.int64], int]:
    """Return the last sample before each spike, and how many there are up to `until`."""
    if every is None:
        return np.zeros(trains.times.size, dtype=np.int64), samples
    check_memory(
        f"force of {len(trains)} motor units to {until:g} ms, every {every:g} ms",
        4.0 * len(trains) * (until - now) / every,
        "take a longer every",
    )
    last = int(_sample_index(np.float64(until), every)) + 1
    return _sample_index(trains.times, every), last


def _sample_index(times: Any, every: float) -> NDArray[np.int64]:
    return np.floor(times / every * _ROUNDING).astype(np.int64)


@cache
def _kernel() -> SimpleNamespace:
    from mnexcite.kernels.compiled import load

    source = Path(columns.__file__).read_text(encoding="utf-8")
    return load("twitch", source, ENTRIES)
