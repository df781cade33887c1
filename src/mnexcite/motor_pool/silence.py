"""Where a silent muscle stands after a while: no spike has to be computed for that."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import instance, number
from mnexcite.motor_pool.ends import Standing, check_standing, resting, soma_feed
from mnexcite.motor_pool.pool import Pool
from mnexcite.muscle import Fatigue

Array = NDArray[np.float64]

#: The state of a soma that silence takes minutes to clear, and how its time is found: sodium
#: is raised by so much [mM], membranes settle, and it is seen to fall for a while [ms].
SODIUM = "Na_i"
RAISED, SETTLE, SEEN = 1.0, 3000.0, 10_000.0
#: Pools that are in use -> with what time each unit's sodium falls, which has to be computed.
_FALLING: WeakKeyDictionary[Pool, Array] = WeakKeyDictionary()


def rested(
    pool: Pool,
    standing: Standing,
    pause: float,
    rest: Standing | None = None,
    fatigue: Fatigue | None = None,
) -> Standing:
    """Return where a pool stands after a silent pause [ms]: the next run's `initial`.

    Shared states follow their exact solution, cells are at rest, but for facilitation and the
    sodium in motoneurons, which fall towards it exponentially. With a `fatigue` fibres recover
    by it.

    Parameters
    ----------
    pool
        Of `cramping_pool`.
    standing
        Where it stands as the pause begins, `activity.standing`.
    pause
        0 or more [ms].
    rest
        The pool at rest where that is known.
    fatigue
        Of the fibres, such as `pool_fatigue(pool)`; None for fibres that do not tire.

    Raises
    ------
    InputError
        If an argument is not allowed, or `standing` is of other units.
    """
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    check_standing("standing", standing, pool)
    pause = number("rested: pause", pause, "0 or more", lowest=0.0, unit="ms")
    rest = resting(pool) if rest is None else rest
    shared = pool.laws.rested(standing.shared, pause)
    soma = dict(rest.soma)
    soma["facilitation"] = shared.afferent * pool.units.afferent
    if SODIUM in soma:
        over = standing.soma[SODIUM] - rest.soma[SODIUM]
        soma[SODIUM] = rest.soma[SODIUM] + over * np.exp(-pause / sodium_times(pool))
    tired = 0.0 if fatigue is None else fatigue.after(standing.fatigued, 0.0, 1e-3 * pause)
    return replace(rest, shared=shared, soma=soma, fatigued=tired)


def sodium_times(pool: Pool) -> Array:
    """Return with what time the sodium of each silent unit falls to its rest [ms].

    Seen in silent cells a little above it; the pump's rate at 15 mM is 2 % less than
    proportional.
    """
    found = _FALLING.get(pool)
    if found is None:
        rest = resting(pool).soma
        feed = soma_feed(pool, "published")
        feed.stand({**rest, SODIUM: rest[SODIUM] + RAISED}, 0.0)
        over = []
        for until in (SETTLE, SETTLE + SEEN):
            feed.advance(np.array([feed.time, until]))
            over.append(feed.state[SODIUM] - rest[SODIUM])
        found = _FALLING[pool] = SEEN / np.log(over[0] / over[1])
    return found
