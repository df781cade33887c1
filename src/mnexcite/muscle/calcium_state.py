"""Units by their calcium as a fold: spikes in, samples out, a state of fixed size kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, array, check_steps, instance, number
from mnexcite.muscle import _calcium_kernel as columns
from mnexcite.muscle.calcium import CalciumHillUnit
from mnexcite.muscle.state import interval, sampling, window

Array = NDArray[np.float64]
#: A length [mm]; or times [ms] and lengths there, straight between, held before and after.
Length = float | tuple[ArrayLike, ArrayLike]

_ENTRIES = {
    "advance_calcium": {
        "times": "f8[::1]",
        "offsets": "i8[::1]",
        "stops": "i8[::1]",
        "p": "f8[:,::1]",
        "tolerance": "f8",
        "at": "f8[::1]",
        "lengths": "f8[::1]",
        "every": "f8",
        "first": "i8",
        "last": "i8",
        "m": "f8[:,::1]",
        "state": "f8[:,::1]",
        "force": "f8[:,::1]",
        "calcium": "f8[:,::1]",
        "activation": "f8[:,::1]",
    },
}
#: Relative error of a step. Forces are then within 1e-4 N of 23 N.
TOLERANCE = 1e-6
_FIRST = 0.1  # ms, of steps
#: Of a muscle's length [mm], and its change [mm/ms]: beyond, no force is left to speak of.
SHORT, LONG, FASTEST = -40.0, 30.0, 10.0


@dataclass(frozen=True, eq=False)
class CalciumState:
    """Hold all that earlier spikes leave behind in units by their calcium, one lane each.

    A run of hours is a fold over its windows, as with `TwitchState`: samples are the same to
    the bit for any windows, and a lane's for any neighbours. Steps end at samples, so another
    `every` changes them within the tolerance.

    Attributes
    ----------
    units
        The motor units.
    times, lengths
        Trace of the muscle's length, shape (n,) [ms, mm].
    every
        Interval between samples, at 0, every, 2 every, ... [ms].
    tolerance
        Relative error of a step.
    now
        Time up to which spikes were taken in [ms].
    samples
        Number of samples given so far.
    lanes
        The kernel's state, shape (lanes, 14), at the last sample or spike.
    """

    units: tuple[CalciumHillUnit, ...]
    times: Array
    lengths: Array
    every: float
    tolerance: float
    now: float
    samples: int
    lanes: Array

    @classmethod
    def at_rest(
        cls,
        units: Sequence[CalciumHillUnit],
        *,
        length: Length | None = None,
        every: float = 1.0,
        tolerance: float = TOLERANCE,
    ) -> CalciumState:
        """Return relaxed units at time 0: all calcium is in the store, in equilibrium there.

        Parameters
        ----------
        units
            The motor units.
        length
            Of the muscle, -40 to 30 [mm], or (times [ms], lengths [mm]), straight between and
            held before and after, at most 10 mm/ms; None for the best of the first unit.
        every
            Interval between samples [ms].
        tolerance
            Relative error of a step, 1e-10 to 1e-3.

        Raises
        ------
        InputError
            If an argument is not allowed.
        """
        units = tuple(units)
        if not units:
            raise InputError("there is no train or motor unit; allowed: one or more")
        for unit in units:
            instance("unit", unit, CalciumHillUnit, "mnexcite.muscle.calcium_hill_unit()")
        times, lengths = _trace(units[0]["best_length"] if length is None else length)
        tolerance = number("tolerance", tolerance, "1e-10 to 1e-3", lowest=1e-10, highest=1e-3)
        lanes = np.zeros((len(units), columns.COLUMNS))
        lanes[:, columns.STEP] = _FIRST
        for lane, unit in zip(lanes, units, strict=True):
            _rest(unit, lengths[0], lane)
        return cls(units, times, lengths, interval(every), tolerance, 0.0, 0, lanes)

    @property
    def calcium(self) -> Array:
        """All calcium of each unit, wherever it is, shape (units,) [M]: it never changes."""
        return self.lanes[:, : columns.BRIDGES].sum(axis=1)

    def advance(
        self, spikes: object, until: float
    ) -> tuple[CalciumState, Array, Mapping[str, Array]]:
        """Take in a window as `TwitchState.advance` does; return state, force and states.

        `states`: `calcium`, free in the fibres [M], and `activation` [1], where `force` [N]
        is sampled, shape (units, n).

        Raises
        ------
        InputError
            Also if a unit's numbers are such that it cannot be solved.
        """
        seen, last = self.lanes[:, columns.SEEN], self.lanes[:, columns.AT]
        trains, until = window(spikes, self.now, until, seen, last)
        stops, samples = sampling(trains, self.now, until, self.every, self.samples)
        length = until - self.now
        what = f"{len(self.units)} motor units by their calcium for {length:g} ms"
        check_steps(what, len(self.units) * length, "take a shorter duration")
        lanes = self.lanes.copy()
        force, calcium, activation = np.empty((3, len(self.units), samples - self.samples))
        _kernel().advance_calcium(
            # copies: spike trains are read-only, the compiled signature is not
            trains.times.copy(),
            trains.offsets.copy(),
            stops,
            np.array([[p.value for p in unit.parameters.values()] for unit in self.units]),
            self.tolerance,
            self.times,
            self.lengths,
            self.every,
            self.samples,
            samples,
            np.zeros((columns.N, columns.N)),
            lanes,
            force,
            calcium,
            activation,
        )
        failed = lanes[:, columns.FAILED] > 0.0
        if failed.any():
            which = int(failed.argmax())
            raise InputError(
                f"motor unit {self.units[which].name} cannot be solved at "
                f"{lanes[which, columns.NOW]:g} ms; allowed: numbers nearer to the published"
            )
        state = replace(self, now=until, samples=samples, lanes=lanes)
        return state, force, FrozenMapping({"calcium": calcium, "activation": activation})


def _trace(given: Length) -> tuple[Array, Array]:
    """Return the times and lengths of a trace, checked."""
    span = f"{SHORT:g} to {LONG:g} mm"
    allowed = f"{span}, or (times in ms, lengths in mm)"
    if isinstance(given, tuple | list):
        if len(given) != 2:
            raise InputError(f"length has {len(given)} parts; allowed: {allowed}")
        times = array("length: times", given[0], "rising times in ms", least=1, unit="ms")
        lengths = array(
            "length", given[1], span, least=1, lowest=SHORT, highest=LONG, unit="mm"
        )
        if times.size != lengths.size or not (np.diff(times) > 0.0).all():
            raise InputError(
                f"length has {times.size} times and {lengths.size} lengths; allowed: as many, "
                "at rising times"
            )
        fastest = np.max(np.abs(np.diff(lengths) / np.diff(times)), initial=0.0)
        if not fastest <= FASTEST:
            raise InputError(
                f"length changes by {fastest:g} mm/ms; allowed: at most {FASTEST:g} mm/ms"
            )
        return times, lengths
    held = number("length", given, allowed, lowest=SHORT, highest=LONG, unit="mm")
    return np.zeros(1), np.array([held])


def _rest(unit: CalciumHillUnit, length: float, lane: Array) -> None:
    """Write the equilibrium without a spike, in which no calcium is outside the store."""
    half = unit["k2"] / unit["k1"]
    # stored + calsequestrin stored / (stored + half) = store, a quadratic in `stored`
    b = half + unit["calsequestrin"] - unit["store"]
    stored = 2.0 * half * unit["store"] / (b + np.sqrt(b * b + 4.0 * half * unit["store"]))
    lane[columns.STORED] = stored
    lane[columns.ON_CS] = unit["store"] - stored
    lane[columns.BRIDGES] = unit.resting_activation
    stretch = unit.resting_force(length) / (unit["greatest_force"] * unit["stiffness"])
    lane[columns.ELEMENT] = length - stretch


@cache
def _kernel() -> SimpleNamespace:
    from mnexcite.kernels.compiled import load

    return load("calcium", Path(columns.__file__).read_text(encoding="utf-8"), _ENTRIES)
