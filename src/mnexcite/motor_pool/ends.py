"""The two ends of a pool's axons, somas and terminals, ready to run; and where they rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Parameter
from mnexcite.cells.paths import Path
from mnexcite.cells.warmth import warmed
from mnexcite.errors import InputError, instance
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.shared import Shared
from mnexcite.simulation.feed import Feed, make_feed

Array = NDArray[np.float64]

#: The range of potassium that terminals can stand in [mM].
POTASSIUM = (0.5, 40.0)


@dataclass(frozen=True, eq=False)
class Standing:
    """Hold where a pool stands, so that a run goes on from there.

    `soma`, `terminal`: path -> value of each unit; `fatigued`: share of each unit's force that
    is lost, 0 where fibres do not tire. Fibres are relaxed and axons empty.
    """

    shared: Shared
    soma: Mapping[str, Array]
    terminal: Mapping[str, Array]
    fatigued: Array | float = 0.0


#: Pools that are in use -> where they rest, which takes a second to find.
_RESTS: WeakKeyDictionary[Pool, Standing] = WeakKeyDictionary()


def resting(pool: Pool) -> Standing:
    """Return a pool at rest: each cell at its own stable equilibrium where it has one."""
    found = _RESTS.get(pool)
    if found is None:
        soma, terminal = (feed.state for feed in feeds(pool, "rest"))
        found = _RESTS[pool] = Standing(Shared(pool.laws.rest), soma, terminal)
    return found


def check_standing(name: str, standing: Standing, pool: Pool) -> None:
    """Refuse where another pool stands."""
    instance(name, standing, Standing, "where a run ended, activity.standing")
    for part, values in (("soma", standing.soma), ("terminal", standing.terminal)):
        cell = getattr(pool, part)
        if set(values) != set(cell.initial):
            raise InputError(
                f"{name} is of other cells; allowed: where a run of this pool ended"
            )
        if any(np.shape(x) != (len(pool),) for x in values.values()):
            raise InputError(
                f"{name} is not of {len(pool)} units; allowed: where a run of this pool ended"
            )


def feeds(
    pool: Pool, initial: str, tolerance: float | None = None, parts: int = 1
) -> tuple[Feed, Feed]:
    """Return the somas and the terminals of a pool, ready to run in some parts."""
    return (
        soma_feed(pool, initial, tolerance, parts),
        terminal_feed(pool, initial, tolerance, parts),
    )


def soma_feed(pool: Pool, initial: str, tolerance: float | None = None, parts: int = 1) -> Feed:
    """Return the somas of a pool, ready to run."""
    units, laws = pool.units, pool.laws
    fullest = laws.most * laws.afferent_tau / laws.rise * float(units.afferent.max())
    return make_feed(
        pool.soma,
        parameters=_values(pool.soma.parameters, units.soma),
        dials={"facilitation.rest": (0.0, fullest)},
        initial=initial,
        tolerance=tolerance,
        parts=parts,
    )


def terminal_feed(
    pool: Pool,
    initial: str,
    tolerance: float | None = None,
    parts: int = 1,
    warmer: float = 0.0,
) -> Feed:
    """Return the terminals of a pool, warmer by some degC than they are."""
    cell = pool.terminal
    if warmer:
        cell = warmed(cell, cell.temperature + warmer)
    return make_feed(
        cell,
        parameters=_values(cell.parameters, pool.units.terminal),
        dials={"ions.K_o": POTASSIUM},
        initial=initial,
        tolerance=tolerance,
        parts=parts,
    )


def _values(known: Mapping[str, Parameter], units: Mapping[str, Array]) -> dict[Path, Array]:
    """Return path -> value of each unit: factors on the pool's number, shifts of a voltage."""
    found: dict[Path, Array] = {}
    for path, given in units.items():
        value = known[path].value
        found[path] = value + given if path.endswith(".E") else value * given
    return found
