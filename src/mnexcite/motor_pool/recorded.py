"""A muscle whose spikes were recorded: what a laboratory's trains of motor units do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mnexcite import muscle
from mnexcite.errors import InputError, instance, number
from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.ends import Standing
from mnexcite.motor_pool.pool import Pool, cramping_pool
from mnexcite.motor_pool.protocol import Protocol
from mnexcite.motor_pool.shared import Shared
from mnexcite.spikes import SpikeTrains


def recorded(
    trains: SpikeTrains,
    pool: Pool | None = None,
    *,
    protocol: Protocol | None = None,
    duration: float | None = None,
) -> Activity:
    """Return the activity of a muscle whose units' spikes were recorded.

    Force, electromyogram, fasciculations, cramps and `plots.pool` are as of a run. No cell is
    computed: `somas` are empty, nothing is shared, and no run can go on from where it stands.

    Parameters
    ----------
    trains
        Of the muscle's units, smallest first.
    pool
        Their forces and twitches; by default those of `cramping_pool`, which **assumes** sizes
        by the order of trains. Units have the trains' names.
    protocol
        What was done, so that driven discharges can be told from spontaneous ones.
    duration
        Length of the recording [ms]; by default half a second after the last spike.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> from mnexcite.spikes import SpikeTrains
    >>> trains = SpikeTrains.from_list([[100.0, 400.0], [250.0]], ("MU1", "MU2"))
    >>> run = recorded(trains)
    >>> run.duration, run.pool.units.muscle[1].name, bool(run.force.max() > 0.05)
    (900.0, 'MU2', True)
    """
    instance("trains", trains, SpikeTrains, "SpikeTrains")
    n = len(trains)
    if not n:
        raise InputError("recorded: there are 0 trains; allowed: one or more")
    if pool is None:
        pool = cramping_pool(max(n, 2)).chosen(np.arange(n))
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    if len(pool) != n:
        raise InputError(
            f"recorded: there are {n} trains for {len(pool)} units; allowed: one for each"
        )
    if protocol is not None:
        instance("protocol", protocol, Protocol, "a protocol of mnexcite.motor_pool")
    if trains.names is not None:
        named = zip(pool.units.muscle, trains.names, strict=True)
        units = tuple(replace(unit, name=name) for unit, name in named)
        pool = replace(pool, units=replace(pool.units, muscle=units))
    if duration is None:
        duration = 500.0 + (float(trains.times.max()) if trains.times.size else 0.0)
    duration = number("recorded: duration", duration, "1 ms or more", lowest=1.0, unit="ms")
    force = muscle.contract(trains, pool.units.muscle, duration=duration, every=1.0)
    return Activity(
        pool=pool,
        protocol=protocol or Protocol(),
        seed=0,
        duration=duration,
        somas=SpikeTrains.from_list([[]] * n),
        terminals=trains.between(0.0, duration),
        t=force.t[1:],
        shared={},
        unit_force=force.force[:, 1:],
        status="ok",
        standing=Standing(Shared(pool.laws.rest), {}, {}),
    )
