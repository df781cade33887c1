"""From spike trains to force."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeGuard, overload

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, RunWarning, checked
from mnexcite.muscle.calcium import CalciumHillUnit
from mnexcite.muscle.calcium_state import CalciumState, Length
from mnexcite.muscle.fatigue import Fatigue
from mnexcite.muscle.force import Force, Forces, measured
from mnexcite.muscle.state import TwitchState, of_twitches
from mnexcite.muscle.tired import TiredState
from mnexcite.muscle.trains import ManyRuns, OneRun, as_trains
from mnexcite.muscle.unit import MotorUnit
from mnexcite.spikes import SpikeTrains
from mnexcite.spikes.arrays import number
from mnexcite.spikes.belief import FASTEST, too_fast

#: How many contraction times after the last spike a force is followed where no duration
#: is given: a twitch is then at 0.1 % of its peak.
TAIL = 10.0
#: The same of a unit by its calcium [ms].
LONG = 1000.0


@overload
def contract(
    spikes: NDArray[Any] | Sequence[float] | OneRun,
    unit: MotorUnit | CalciumHillUnit,
    *,
    duration: float | None = None,
    every: float | None = 1.0,
    discard: float = 0.0,
    fatigue: Fatigue | None = None,
    length: Length | None = None,
) -> Force: ...
@overload
def contract(
    spikes: Sequence[NDArray[Any]] | Sequence[Sequence[float]] | SpikeTrains | ManyRuns,
    unit: MotorUnit | CalciumHillUnit | Iterable[MotorUnit] | Iterable[CalciumHillUnit],
    *,
    duration: float | None = None,
    every: float | None = 1.0,
    discard: float = 0.0,
    fatigue: Fatigue | None = None,
    length: Length | None = None,
) -> Forces: ...
@overload
def contract(
    spikes: NDArray[Any] | Sequence[float] | OneRun,
    unit: Iterable[MotorUnit],
    *,
    duration: float | None = None,
    every: float | None = 1.0,
    discard: float = 0.0,
    fatigue: Fatigue | None = None,
    length: Length | None = None,
) -> Forces: ...
@checked
def contract(
    spikes: object,
    unit: MotorUnit | CalciumHillUnit | Iterable[MotorUnit] | Iterable[CalciumHillUnit],
    *,
    duration: float | None = None,
    every: float | None = 1.0,
    discard: float = 0.0,
    fatigue: Fatigue | None = None,
    length: Length | None = None,
) -> Force | Forces:
    """Return the force of motor units driven by spike trains.

    Every spike adds the twitch g P (t/T) exp(1 - t/T), t since the spike. The gain g follows
    the interval before the spike: 1 up to T/ISI = 0.4 and for the first spike, then
    (S(x)/x) / (S(0.4)/0.4) with x = T/ISI and S(x) = 1 - exp(-2 x^3). The sum is exact at
    every sample, at a cost that does not grow with the number of earlier spikes.

    Parameters
    ----------
    spikes
        Rising spike times of one train (1-D), a list of such trains, spike trains, a
        recording or a batch [ms]. Spikes after `duration` are ignored. The unit is at rest at
        0: what was before a recording, or hidden by its `discard`, gives no force
        (`TwitchState` continues a force).
    unit
        The motor unit of all trains, or one per train; several units with one train are
        all driven by it.
    duration
        End of the force [ms]. Left out: that of the recording or batch; for bare times ten
        contraction times after the last spike.
    every
        Interval between samples, the first at 0 [ms]; None for measures without samples.
    discard
        Force and spikes before it stay out of the measures [ms].
    fatigue
        How units tire and recover (`fatigue_by_size`); None for not at all. Then `states`
        has each unit's `capacity`, and the measures are as good as the sampling.
    length
        Of the muscle, for units by their calcium: [mm], or (times [ms], lengths [mm]),
        straight between and held before and after; None for the best.

    Returns
    -------
    Force or Forces
        `Force` for one train and one unit; otherwise `Forces`, one lane per train or unit.

    Raises
    ------
    InputError
        If spike times are negative, not finite or do not rise, `every` or `duration` is not
        positive, `discard` is not less than `duration`, trains and units do not pair, or
        what is asked for is not of this kind of unit.

    Warns
    -----
    RunWarning
        If bare times or spike trains have a mean rate above 200 Hz: they may be in seconds.

    Notes
    -----
    A unit by its calcium (`calcium_hill_unit`) is solved instead, within a tolerance; then
    `states` has `calcium` [M] and `activation`, and the measures are as good as the sampling.

    The equations are those of the cited paper as its public implementations have them. They
    differ in which interval sets the gain; the one before a spike is the choice here, since
    a muscle cannot know the next. Twitches scaled so that fused force is 1 have a peak of
    0.1105, and this unit neither has the twitch of about 0.14 nor the doublet force of human
    thenar units (Thomas 1999).

    References
    ----------
    Fuglevand, Winter & Patla 1993 (J Neurophysiol 70:2470), twitch and gain (eq. 17).

    Examples
    --------
    >>> from mnexcite.muscle import slow_unit
    >>> train = np.arange(0.0, 4000.0, 100.0)
    >>> force = contract(train, slow_unit(), duration=4000, discard=2000)
    >>> round(force.mean, 3), round(force.fusion_index, 3), force.status
    (0.767, 0.859, 'ok')
    """
    trains, single = as_trains(spikes)
    if not hasattr(spikes, "spike_times"):
        _question(trains)
    if isinstance(unit, MotorUnit | CalciumHillUnit):
        units = (unit,) * len(trains)
    else:
        units = _units(unit)
        if single:
            trains = SpikeTrains.from_list([trains[0]] * len(units))
        single = False
    if len(units) != len(trains):
        raise InputError(
            f"spikes holds {len(trains)} trains for {len(units)} motor units; allowed: one "
            "unit for all, one unit per train, or one train for all"
        )
    units = _of_one_kind(units)
    end = _duration(duration, spikes, trains, units)
    if not discard < end:
        raise InputError(
            f"discard is {discard:g} ms of {end:g} ms; allowed: less than duration"
        )
    given = trains.between(0.0, np.nextafter(end, np.inf))
    forces = _marked(_forces(units, given, end, every, discard, fatigue, length), spikes)
    return forces[0] if single else replace(forces, names=trains.names)


def _question(trains: SpikeTrains) -> None:
    """Warn of trains faster than a motor unit: seconds where ms are meant, mostly."""
    found = too_fast(trains)
    if found is not None:
        warnings.warn(
            f"{trains.label(found[0])} fires at {found[1]:.0f} Hz in the mean, and motor units "
            f"below {FASTEST:g} Hz; times are in ms: multiply seconds by 1000",
            RunWarning,
            stacklevel=4,
        )


def _forces(
    units: tuple[Any, ...],
    trains: SpikeTrains,
    end: float,
    every: float | None,
    discard: float,
    fatigue: Fatigue | None,
    length: Length | None,
) -> Forces:
    if _by_calcium(units):
        if fatigue is not None:
            raise InputError("fatigue is given; allowed: for units by their twitch only")
        calcium = CalciumState.at_rest(units, length=length, every=_sampled(every))
        baselines = [unit.resting_force(float(calcium.lengths[0])) for unit in units]
        calcium, force, states = calcium.advance(trains, end)
        t = np.arange(calcium.samples, dtype=np.float64) * calcium.every
        return measured(
            t, force, trains, units, discard=discard, states=states, baselines=baselines
        )
    if length is not None:
        raise InputError(
            "length is given; allowed: for mnexcite.muscle.calcium_hill_unit() only"
        )
    if fatigue is not None:
        tired = TiredState.at_rest(units, fatigue, every=_sampled(every))
        tired, force, capacity = tired.advance(trains, end)
        t = np.arange(tired.samples, dtype=np.float64) * tired.every
        states = {"capacity": capacity}
        return measured(t, force, trains, units, discard=discard, states=states)
    state = TwitchState.at_rest(units, every=every, discard=discard)
    state, force = state.advance(trains, end)
    t = np.arange(state.samples, dtype=np.float64) * (state.every or 0.0)
    return state.with_samples(t, force)


def _sampled(every: float | None) -> float:
    if every is None:
        raise InputError("every is None; allowed for this unit: an interval of samples in ms")
    return every


def _by_calcium(units: tuple[Any, ...]) -> TypeGuard[tuple[CalciumHillUnit, ...]]:
    return len(units) > 0 and all(isinstance(unit, CalciumHillUnit) for unit in units)


def _of_one_kind(units: tuple[Any, ...]) -> tuple[MotorUnit, ...] | tuple[CalciumHillUnit, ...]:
    return units if _by_calcium(units) else of_twitches(units)


def _marked(forces: Forces, spikes: object) -> Forces:
    """Pass on that a run failed: its force lacks the spikes that it would have had."""
    ends = getattr(spikes, "status", None)
    if ends is None:
        return forces
    ends = (ends,) * len(forces) if isinstance(ends, str) else tuple(ends)
    return replace(
        forces,
        status=tuple(
            own if end == "ok" else "failed_run"
            for own, end in zip(forces.status, ends, strict=True)
        ),
    )


def _units(given: Iterable[Any]) -> tuple[Any, ...]:
    try:
        return tuple(given)
    except TypeError:
        raise InputError(
            f"unit is {given!r}; allowed: a MotorUnit, such as mnexcite.muscle.slow_unit(), "
            "several or a motor pool"
        ) from None


def _duration(
    given: float | None, spikes: Any, trains: SpikeTrains, units: Sequence[Any]
) -> float:
    end = given
    if given is None and hasattr(spikes, "duration"):
        end = getattr(spikes, "start", 0.0) + spikes.duration
    if end is None:
        if not trains.times.size:
            raise InputError("spikes is empty; give duration in ms")
        tail = (
            LONG if _by_calcium(tuple(units)) else TAIL * max(u.contraction_time for u in units)
        )
        end = trains.times.max() + tail
    return number("duration", end, "ms", above=0.0)
