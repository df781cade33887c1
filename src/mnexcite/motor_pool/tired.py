"""The muscle of a pool when it tires: from what its units did, what they could still do."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, instance
from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.units import LONGEST_TWITCH, TWITCH_RANGE
from mnexcite.muscle import Fatigue, TiredState, fatigue_by_size

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tired:
    """Hold what a pool's muscle gave although it tired.

    Attributes
    ----------
    t
        As of the activity, shape (n,) [ms].
    unit_force
        Of each unit, shape (units, n) [fraction of the fresh muscle's maximal force].
    capacity
        Share of its force that each unit can do, shape (units, n) [1].
    state
        Where it ended. `state.fatigued` and `state.greatest_force` are those of the units and
        of the muscle; advanced without spikes it recovers.
    """

    t: Array
    unit_force: Array
    capacity: Array
    state: TiredState

    @property
    def force(self) -> Array:
        """Active force of the muscle, shape (n,) [fraction of its maximal force when fresh]."""
        return self.unit_force.sum(axis=0)


def pool_fatigue(pool: Pool) -> Fatigue:
    """Return how the units of a pool tire: by their place in the order of size.

    That place is read off the contraction time, which neither death of other units nor a
    choice among them changes.

    Raises
    ------
    InputError
        If `pool` is none.
    """
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    times = np.array([unit.contraction_time for unit in pool.units.muscle])
    size = np.log(LONGEST_TWITCH / times) / math.log(TWITCH_RANGE)
    return fatigue_by_size(np.clip(size, 0.0, 1.0))


def tired(
    activity: Activity, fatigue: Fatigue | None = None, *, initial: TiredState | None = None
) -> Tired:
    """Return the force of a run's muscle as it tires, from the spikes of its terminals.

    The run itself stays as it was: tendon organs felt the force of the fresh muscle, unless
    `contract(..., fatigue=...)` let them feel the tired one.

    Parameters
    ----------
    activity
        Of `contract`.
    fatigue
        Of the units; None for that of `pool_fatigue`.
    initial
        Where the muscle ended before, `tired(...).state`, also after a rest; it is relaxed
        again, as in `Activity.standing`. None for a fresh muscle.

    Raises
    ------
    InputError
        If an argument is not allowed, `initial` is of other units, or the muscle was heated.

    References
    ----------
    Potvin & Fuglevand 2017; recovery is ours (`mnexcite.muscle.Fatigue`).

    Examples
    --------
    >>> import mnexcite as mx
    >>> pool = mx.motor_pool.cramping_pool(4)
    >>> work = mx.motor_pool.train(30.0, count=60) + mx.motor_pool.block()
    >>> muscle = tired(mx.motor_pool.contract(pool, work, duration=2500.0))
    >>> muscle.state.fatigued.round(3)
    array([0.   , 0.001, 0.008, 0.042])
    """
    instance("activity", activity, Activity, "what mnexcite.motor_pool.contract gives")
    if activity.protocol.warmer.first.any():
        raise InputError(
            "tired does not know of heat; allowed: contract(..., fatigue=...), whose force is "
            "that of the tired muscle"
        )
    units = activity.pool.units.muscle
    law = pool_fatigue(activity.pool) if fatigue is None else fatigue
    begin: Array | float = 0.0
    if initial is not None:
        instance("initial", initial, TiredState, "tired(...).state, of an earlier run")
        if initial.units != units:
            raise InputError("initial is of other motor units; allowed: a state of this pool")
        begin = initial.fatigued
    state = TiredState.at_rest(units, law, fatigued=begin, every=1.0)
    state, force, capacity = state.advance(activity.terminals, activity.duration)
    # an activity begins with the end of its first ms
    return Tired(activity.t, force[:, 1:], capacity[:, 1:], state)
