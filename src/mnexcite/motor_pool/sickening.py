"""A condition that has gone further in some units of a pool than in others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell
from mnexcite.errors import InputError, array, instance
from mnexcite.motor_pool.pool import PARTS, Pool

Array = NDArray[np.float64]


def sickened(
    pool: Pool, condition: Callable[[float], Callable[[Cell], Cell]], strengths: ArrayLike
) -> Pool:
    """Return the pool whose units are under a condition, each as far as its own strength.

    Parameters
    ----------
    pool
        Of `cramping_pool`.
    condition
        Strength -> condition, such as `conditions.als_early`; one that moves numbers of the
        cells and adds no gates or bindings, as drugs do.
    strengths
        One for each unit, shape (units,).

    Raises
    ------
    InputError
        If an argument is not allowed, or the condition adds something to a cell.

    Examples
    --------
    >>> import mnexcite as mx
    >>> pool = mx.motor_pool.cramping_pool(2)
    >>> sick = sickened(pool, mx.conditions.als_early, [0.0, 1.0])
    >>> (sick.units.soma["NaP.g"] / pool.units.soma["NaP.g"]).round(6).tolist()
    [1.0, 2.0]
    """
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    if not callable(condition):
        raise InputError(
            f"sickened: condition is {condition!r}; allowed: what takes a strength, such as "
            "conditions.als_early"
        )
    given = array("sickened: strengths", strengths, "one number per unit", ndim=(1,))
    if given.size != len(pool):
        raise InputError(
            f"sickened: there are {given.size} strengths for {len(pool)} units; allowed: one "
            "for each"
        )
    units = pool.units
    for part in PARTS:
        values = dict(getattr(units, part))
        for i, strength in enumerate(given.tolist()):
            moved = pool.under(condition(strength))
            known, new = (getattr(each, part).parameters for each in (pool, moved))
            if set(known) != set(new):
                raise InputError(
                    "sickened: the condition adds to the cells; allowed: one that moves their "
                    "numbers alone"
                )
            for path, parameter in new.items():
                old, now = known[path].value, parameter.value
                if now == old:
                    continue
                shifts = path.endswith(".E")
                own = values.get(path, np.zeros(len(pool)) if shifts else np.ones(len(pool)))
                own = own.copy()
                own[i] = own[i] + now - old if shifts else own[i] * now / old
                values[path] = own
        units = replace(units, **{part: values})
    return replace(pool, units=units)
