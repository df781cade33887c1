"""How often a silent muscle fasciculates: its terminals' thresholds for chance kicks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine.feeding import Pulses
from mnexcite.errors import instance
from mnexcite.motor_pool.ends import resting, terminal_feed
from mnexcite.motor_pool.pool import Pool

Array = NDArray[np.float64]

HIGHEST = 256.0  # uA/cm2; no kick is higher, by exp(-25) at the mean of 10
HALVINGS = 12
LASTS, SEEN = 1.0, 50.0  # ms


def expected_fasciculations(pool: Pool) -> Array:
    """Return how often each unit of a silent muscle fasciculates, shape (units,) [1/min].

    Chance kicks of a terminal are a Poisson process, their heights exponential, so the rate is
    that of kicks times exp(-threshold/mean); the threshold of each terminal at rest, for a
    kick of 1 ms, is found by halving. A terminal that fires by itself answers every kick.

    Raises
    ------
    InputError
        If `pool` is none.

    Examples
    --------
    >>> import mnexcite as mx
    >>> pool = mx.motor_pool.cramping_pool(4)
    >>> often = expected_fasciculations(pool.scaled({"twitches.rate": 10.0}))
    >>> bool(np.allclose(often, 10.0 * expected_fasciculations(pool)))
    True
    """
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    threshold = kick_thresholds(pool)
    answered = np.exp(-threshold / pool["twitches.current"])
    return np.where(threshold < HIGHEST, 60.0 * pool["twitches.rate"] * answered, 0.0)


def kick_thresholds(pool: Pool) -> Array:
    """Return the least kick that each terminal at rest answers with a spike [uA/cm2]."""
    units, feed = np.arange(len(pool)), terminal_feed(pool, "published")
    rest = resting(pool).terminal

    def fires(heights: Array) -> NDArray[np.bool_]:
        feed.stand(rest)
        start = np.full(units.size, feed.time)
        kicks = Pulses(units, start, start + LASTS, heights)
        fired, _ = feed.advance(feed.time + np.array([0.0, SEEN]), pulses=kicks)
        return np.isin(units, fired)

    low, high = np.zeros(units.size), np.full(units.size, HIGHEST)
    alone = fires(low)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        fired = fires(middle)
        low, high = np.where(fired, low, middle), np.where(fired, middle, high)
    return np.where(alone, 0.0, high)
