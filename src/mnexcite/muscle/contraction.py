"""From spike trains to force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, checked
from mnexcite.muscle.fatigue import Fatigue
from mnexcite.muscle.force import Force, Forces, measured
from mnexcite.muscle.state import TwitchState
from mnexcite.muscle.tired import TiredState
from mnexcite.muscle.trains import ManyRuns, OneRun, as_trains
from mnexcite.muscle.unit import MotorUnit
from mnexcite.spikes import SpikeTrains
from mnexcite.spikes.arrays import number

#: How many contraction times after the last spike a force is followed where no duration
#: is given: a twitch is then at 0.1 % of its peak.
TAIL = 10.0


@overload
def contract(
    spikes: NDArray[Any] | Sequence[float] | OneRun,
    unit: MotorUnit,
    *,
    duration: float | None = None,
    every: float | None = 1.0,
    discard: float = 0.0,
    fatigue: Fatigue | None = None,
) -> Force: ...
@overload
def contract(
    spikes: Sequence[NDArray[Any]] | Sequence[Sequence[float]] | SpikeTrains | ManyRuns,
    unit: MotorUnit | Iterable[MotorUnit],
    *,
    duration: float | None = None,
    every: float | None = 1.0,
    discard: float = 0.0,
    fatigue: Fatigue | None = None,
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
) -> Forces: ...
@checked
def contract(
    spikes: object,
    unit: MotorUnit | Iterable[MotorUnit],
    *,
    duration: float | None = None,
    every: float | None = 1.0,
    discard: float = 0.0,
    fatigue: Fatigue | None = None,
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

    Returns
    -------
    Force or Forces
        `Force` for one train and one unit; otherwise `Forces`, one lane per train or unit.

    Raises
    ------
    InputError
        If spike times are negative, not finite or do not rise, `every` or `duration` is not
        positive, `discard` is not less than `duration`, trains and units do not pair, or
        units tire and there are no samples.

    Notes
    -----
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
    if isinstance(unit, MotorUnit):
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
    if fatigue is not None and every is None:
        raise InputError("every is None with fatigue; allowed: an interval of samples in ms")
    state = TwitchState.at_rest(units, every=every, discard=discard)
    end = _duration(duration, spikes, trains, units)
    if not discard < end:
        raise InputError(
            f"discard is {discard:g} ms of {end:g} ms; allowed: less than duration"
        )
    given = trains.between(0.0, np.nextafter(end, np.inf))
    forces = _marked(
        _twitches(state, given, end)
        if fatigue is None
        else _tired(
            TiredState.at_rest(units, fatigue, every=every or 1.0), given, end, discard
        ),
        spikes,
    )
    return forces[0] if single else replace(forces, names=trains.names)


def _twitches(state: TwitchState, trains: SpikeTrains, end: float) -> Forces:
    state, force = state.advance(trains, end)
    t = np.arange(state.samples, dtype=np.float64) * (state.every or 0.0)
    return state.with_samples(t, force)


def _tired(state: TiredState, trains: SpikeTrains, end: float, discard: float) -> Forces:
    state, force, capacity = state.advance(trains, end)
    t = np.arange(state.samples, dtype=np.float64) * state.every
    states = {"capacity": capacity}
    return measured(t, force, trains, state.units, discard=discard, states=states)


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


def _units(given: Iterable[MotorUnit]) -> tuple[MotorUnit, ...]:
    try:
        return tuple(given)
    except TypeError:
        raise InputError(
            f"unit is {given!r}; allowed: a MotorUnit, such as mnexcite.muscle.slow_unit(), "
            "several or a motor pool"
        ) from None


def _duration(
    given: float | None, spikes: Any, trains: SpikeTrains, units: Sequence[MotorUnit]
) -> float:
    end = given
    if given is None and hasattr(spikes, "duration"):
        end = getattr(spikes, "start", 0.0) + spikes.duration
    if end is None:
        if not trains.times.size:
            raise InputError("spikes is empty; give duration in ms")
        end = trains.times.max() + TAIL * max(unit.contraction_time for unit in units)
    return number("duration", end, "ms", above=0.0)
