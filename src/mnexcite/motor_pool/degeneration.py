"""Motoneurons die, and survivors take over fibres, to a limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import choice, instance, number, whole
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.units import POOL_FORCE

Array = NDArray[np.float64]

ORDERS = ("largest", "smallest", "random")


def degenerated(
    pool: Pool, lost: float, *, order: str = "largest", most: float = 5.0, seed: int = 0
) -> Pool:
    """Return the pool in which a share of the units has died.

    Survivors sprout: they take over the fibres of the dead, in proportion to their own, until
    each is `most` times as strong as it was; what is left of the fibres is lost. Forces stay
    fractions of what the whole pool could do, so that weakness can be read off.

    Parameters
    ----------
    pool
        Of `cramping_pool`, also under conditions.
    lost
        Share of its units that die, 0 to 1; one at least is left.
    order
        Which die first: `largest`, as fast-fatigable units do in models of ALS (recalled from
        Pun et al. 2006, Nat Neurosci 9:408), `smallest`, or `random`, by `seed`.
    most
        How many times its own force a survivor can reach, 1 or more. The default is recalled
        from partly denervated muscles, and not settled for people.
    seed
        Of a random order.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    With a third of its units gone a muscle can be as strong as before:

    >>> import mnexcite as mx
    >>> pool = mx.motor_pool.cramping_pool(20)
    >>> weaker = [degenerated(pool, lost) for lost in (0.3, 0.8)]
    >>> [(len(each), round(float(each.shares.sum()), 2)) for each in weaker]
    [(14, 1.0), (4, 0.3)]
    """
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    lost = number("degenerated: lost", lost, "0 to 1", lowest=0.0, highest=1.0)
    order = choice("degenerated: order", order, ORDERS)
    most = number("degenerated: most", most, "1 or more", lowest=1.0)
    seed = whole("seed", seed, "a whole number, 0 or more", lowest=0, highest=2**63)
    n, force = len(pool), pool.shares
    dead = min(round(lost * n), n - 1)
    kept = np.sort(dying_order(pool, order, seed)[dead:])
    own = force[kept]
    # all grow by the same, until nothing is left to take over
    grown = own * min(float(force.sum() / own.sum()), most)
    units = pool.units.chosen(kept)
    muscle = tuple(
        unit.with_fused_force(float(f), POOL_FORCE)
        for unit, f in zip(units.muscle, grown, strict=True)
    )
    return replace(pool, units=replace(units, muscle=muscle))


def dying_order(pool: Pool, order: str, seed: int) -> NDArray[np.int64]:
    """Return the units (numbers from 0) in the order in which they die."""
    if order == "random":
        rng = np.random.default_rng(np.random.SeedSequence([seed, 13]))
        return rng.permutation(len(pool))
    force = pool.shares
    return np.argsort(force if order == "smallest" else -force, kind="stable")
