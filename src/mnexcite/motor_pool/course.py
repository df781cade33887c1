"""Months of a disease: units become hyperexcitable, die, and are taken over by others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell
from mnexcite.conditions import als_early
from mnexcite.errors import array, choice, instance, number, stopped_with, whole
from mnexcite.errors.progress import told, with_bar
from mnexcite.motor_pool import protocol as protocols
from mnexcite.motor_pool.counts import as_one, find_cramps
from mnexcite.motor_pool.day import silent
from mnexcite.motor_pool.degeneration import ORDERS, degenerated, dying_order
from mnexcite.motor_pool.elicited import KICKS
from mnexcite.motor_pool.kicked import expected_fasciculations
from mnexcite.motor_pool.pool import Pool
from mnexcite.motor_pool.run import contract
from mnexcite.motor_pool.several import each_of
from mnexcite.motor_pool.sickening import sickened

Array = NDArray[np.float64]

#: All assumed: how fast units die, how long before that they are hyperexcitable, how far that
#: goes, how much more often their terminals are kicked, and what is tried each time.
HALF_LIFE, SICK_FOR = 12.0, 12.0  # months
STRENGTH = 0.5
EFFORT, EFFORT_LASTS = 0.6, 2000.0  # mS/cm2, ms


@dataclass(frozen=True)
class Month:
    """Hold what is found in a month of a disease.

    Attributes
    ----------
    month
        Since the first unit's death, or near it; before it negative.
    alive, hyperexcitable
        Units that live, and those of them that are hyperexcitable.
    strength
        Sum of the units' tetanic forces [fraction of the healthy muscle's].
    fasciculations
        Expected in a silent muscle [1/min].
    cramped
        Whether the muscle cramps after the trigger.
    duration, ended
        Of the cramp [ms]; a lower bound where it had not ended.
    rate
        Mean rate of its units [Hz], 0 without a cramp.
    status
        `ok`, or how cells failed.
    """

    month: float
    alive: int
    hyperexcitable: int
    strength: float
    fasciculations: float
    cramped: bool
    duration: float
    ended: bool
    rate: float
    status: str


@dataclass(frozen=True, eq=False)
class Course:
    """Hold the course of a disease.

    Attributes
    ----------
    months
        What is found in each month that was asked for.
    sick_from, dies
        When each unit becomes hyperexcitable and dies, smallest first, shape (units,) [month].
    settings
        What was assumed.
    """

    months: tuple[Month, ...]
    sick_from: Array
    dies: Array
    settings: Mapping[str, float | str]


@with_bar("months")
def course(
    pool: Pool,
    months: ArrayLike,
    *,
    condition: Callable[[float], Callable[[Cell], Cell]] = als_early,
    strength: float = STRENGTH,
    half_life: float = HALF_LIFE,
    sick_for: float = SICK_FOR,
    order: str = "largest",
    most: float = 5.0,
    kicks: float = KICKS,
    effort: float = EFFORT,
    lasts: float = EFFORT_LASTS,
    longest: float = 120_000.0,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[float], None] | bool | None = None,
) -> Course:
    """Follow a muscle through a disease of its motoneurons.

    Units die in an order, half of those that are left in each `half_life`; before that each
    becomes hyperexcitable, more and more over `sick_for`. Survivors take over fibres, up to a
    limit (`degenerated`). In each month the muscle's strength and fasciculations are told, and
    the same trigger is given: a hard contraction of the shortened muscle. **Order, speed and
    size are assumptions**; what is a result is what they do together.

    Parameters
    ----------
    pool
        Of `cramping_pool`: the healthy muscle.
    months
        When it is looked at; negative before the first death.
    condition, strength
        What makes a unit hyperexcitable, by its strength, and how far it goes by its death.
    half_life, sick_for
        In which half of the units die, and how long each is hyperexcitable before [months].
    order, most
        As `degenerated` takes them.
    kicks
        How many times more often the terminal of a unit at full strength is kicked.
    effort, lasts
        Conductance [mS/cm2] and length [ms] of the contraction.
    longest
        How long a cramp is followed [ms].
    seed
        Of a random order, and of all that fluctuates.
    workers
        Months at a time, each in a process of its own, as of `contract_several`.
    progress
        True shows a bar. Or a function, called with the share done, 0 to 1.

    Raises
    ------
    InputError
        If an argument is not allowed.
    Interrupted
        On Ctrl-C. The course so far is in its `partial`.
    """
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    when = array("course: months", months, "months, one or more", ndim=(1,), least=1)
    strength = number("course: strength", strength, "0 to 2", lowest=0.0, highest=2.0)
    allowed = "above 0"
    half_life = number("course: half_life", half_life, allowed, above=0.0, unit="months")
    sick_for = number("course: sick_for", sick_for, allowed, above=0.0, unit="months")
    order = choice("course: order", order, ORDERS)
    most = number("course: most", most, "1 or more", lowest=1.0)
    kicks = number("course: kicks", kicks, "1 or more", lowest=1.0, highest=1e4)
    effort = number("course: effort", effort, "0 or more", lowest=0.0, unit="mS/cm2")
    lasts = number("course: lasts", lasts, "1 to 1e6", lowest=1.0, highest=1e6, unit="ms")
    longest = number(
        "course: longest", longest, "2000 ms or more", lowest=2e3, highest=1e7, unit="ms"
    )
    seed = whole("seed", seed, "a whole number, 0 or more", lowest=0, highest=2**62)
    workers = min(whole("workers", workers, "1 to 1024", lowest=1, highest=1024), when.size)
    dies = deaths(pool, half_life, order, seed)
    settings: dict[str, float | str] = {
        "strength": strength,
        "half_life": half_life,
        "sick_for": sick_for,
        "order": order,
        "most": most,
        "kicks": kicks,
        "effort": effort,
        "lasts": lasts,
        "longest": longest,
        "seed": seed,
    }
    jobs: dict[str, partial[Month]] = {}
    for month in sorted({float(each) for each in when}):
        then, strengths = at_month(
            pool,
            month,
            dies,
            condition=condition,
            strength=strength,
            sick_for=sick_for,
            order=order,
            most=most,
            seed=seed,
        )
        often = 1.0 + (kicks - 1.0) * strengths / (strength or 1.0)
        jobs[f"{month:g}"] = partial(
            _month, then, month, strengths, often, effort, lasts, longest, seed,
            None if workers == 1 else 1,
        )  # fmt: skip
    made = partial(Course, sick_from=dies - sick_for, dies=dies, settings=settings)
    try:
        found = each_of(jobs, workers, told(progress))
    except KeyboardInterrupt as error:
        there = getattr(error, "partial", None)
        if not isinstance(there, dict):
            raise
        kept = tuple(there[name] for name in jobs if name in there)
        raise stopped_with(made(kept), KeyboardInterrupt(), str(error)) from None
    return made(tuple(found.values()))


def deaths(pool: Pool, half_life: float, order: str, seed: int) -> Array:
    """Return when each unit dies: half of those that are left in each half-life [month]."""
    n = len(pool)
    dies = np.empty(n)
    rank = (np.arange(n) + 0.5) / n
    dies[dying_order(pool, order, seed)] = -half_life * np.log2(1.0 - rank)
    return dies


def at_month(
    pool: Pool,
    month: float,
    dies: Array,
    *,
    condition: Callable[[float], Callable[[Cell], Cell]] = als_early,
    strength: float = STRENGTH,
    sick_for: float = SICK_FOR,
    order: str = "largest",
    most: float = 5.0,
    seed: int = 0,
) -> tuple[Pool, Array]:
    """Return the pool of a month, and how far each unit that lives is sick.

    Parameters
    ----------
    pool
        The healthy one.
    month
        Which.
    dies
        When each unit dies, of `deaths`; the last one does not.
    condition, strength, sick_for, order, most, seed
        As `course` takes them.

    Raises
    ------
    InputError
        If an argument is not allowed.
    """
    instance("pool", pool, Pool, "a pool of mnexcite.motor_pool.cramping_pool")
    month = number("course: month", month, "a number", unit="months")
    strength = number("course: strength", strength, "0 to 2", lowest=0.0, highest=2.0)
    sick_for = number("course: sick_for", sick_for, "above 0", above=0.0, unit="months")
    n = len(pool)
    dead = min(int(np.sum(dies <= month)), n - 1)
    left = degenerated(pool, dead / n, order=order, most=most, seed=seed)
    places = np.flatnonzero(np.isin(pool.units.number, left.units.number))
    with np.errstate(over="ignore"):  # they may fall sick and die in next to no time
        strengths = strength * np.clip(1.0 - (dies[places] - month) / sick_for, 0.0, 1.0)
    return sickened(left, condition, strengths), strengths


def _month(
    pool: Pool,
    month: float,
    strengths: Array,
    often: Array,
    effort: float,
    lasts: float,
    longest: float,
    seed: int,
    threads: int | None,
    progress: Callable[[float], None] | None = None,
) -> Month:
    """Return what is found in a month; `often`: how many times more often units are kicked."""
    twitches = float((expected_fasciculations(pool) * often).sum())
    # a run knows one rate of kicks for all units
    kicked = pool.scaled({"twitches.rate": float(often.mean())})
    activity = contract(
        kicked,
        protocols.length(-1.0) + protocols.effort(effort, duration=lasts),
        duration=lasts + longest,
        seed=seed,
        threads=threads,
        until=lambda activity: silent(activity, lasts),
    )
    cramp = as_one(find_cramps(activity))
    duration, ended, _, rate = cramp or (0.0, True, 0, 0.0)
    found = Month(
        month=month,
        alive=len(pool),
        hyperexcitable=int(np.sum(strengths > 0.0)),
        strength=float(pool.shares.sum()),
        fasciculations=twitches,
        cramped=cramp is not None,
        duration=duration,
        ended=ended or silent(activity, lasts),
        rate=rate,
        status=activity.status,
    )
    if progress is not None:
        progress(1.0)
    return found
