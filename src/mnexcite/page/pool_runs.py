"""What a page of a motor pool plays: runs of `motor_pool.contract`, computed beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from mnexcite.conditions import als_early, mexiletine
from mnexcite.motor_pool import Activity, Pool, contract, cramp_after
from mnexcite.motor_pool.elicited import Elicited, sick
from mnexcite.motor_pool.several import each_of

STRENGTH, DOSE = 0.5, 8.0  # of early ALS; of mexiletine [uM]


@dataclass(frozen=True)
class Grid:
    """Hold which runs a page has.

    Attributes
    ----------
    trains
        Rates [Hz].
    stretches
        When a stretch begins, after the train, ascending [ms].
    after
        How long a run goes on after its train, with the latest stretch [ms]: past that
        stretch, and some seconds more that tell what came of it.
    rest, lasts
        When the train begins, and how long a stretch lasts [ms].
    """

    trains: tuple[float, ...] = (10.0, 18.0)
    stretches: tuple[float, ...] = (5000.0, 10_000.0, 20_000.0)
    after: float = 30_000.0
    rest: float = 4000.0
    lasts: float = 5000.0

    def done(self, train: float, stretch: float = 0.0) -> Elicited:
        """Return what is done in one of the runs."""
        return Elicited(train, stretch, self.rest, self.lasts)

    def duration(self, given: Elicited) -> float:
        """Return how long a run is: as much longer than its stretch for each of them [ms]."""
        if not given.pulled:
            return given.end + self.after
        return given.pulled[0] + self.after - self.stretches[-1]


@dataclass(frozen=True, eq=False)
class Case:
    """Hold a muscle that the page offers, and the line that makes it from `pool`."""

    id: str
    label: str
    about: str
    source: str
    status: str
    pool: Pool
    python: str


@dataclass(frozen=True, eq=False)
class Ran:
    """Hold a run: of which case, what was done, and what came of it."""

    case: str
    given: Elicited
    activity: Activity


def cases_of(pool: Pool) -> tuple[Case, ...]:
    """Return a pool as it is, in early ALS, and that under mexiletine."""
    als, drug = als_early(STRENGTH), mexiletine(DOSE)
    kicked = 'scaled({"twitches.rate": 10.0})'
    ill = f"pool = pool.under(mx.conditions.als_early({STRENGTH:g})).{kicked}"
    return (
        Case(
            "healthy",
            "Healthy",
            "The muscle as it is: a fast train can make it cramp, too.",
            "calibrated by us to cramps of people (documentation: the pool that cramps)",
            "tuned",
            pool,
            "",
        ),
        Case(
            "als",
            "Early ALS",
            f"More persistent sodium and less potassium current, at {STRENGTH:g} of the "
            "condition's strength; nerve endings fire by chance ten times as often.",
            als.source,
            als.status,
            sick(pool, als),
            ill,
        ),
        Case(
            "mexiletine",
            "Early ALS, mexiletine",
            f"The same muscle with {DOSE:g} uM of free mexiletine, which blocks persistent "
            "sodium current most.",
            f"{drug.source}; the rest as in early ALS",
            als.status,
            sick(pool, als, drug),
            f"{ill}\npool = pool.under(mx.conditions.mexiletine({DOSE:g}))",
        ),
    )


def runs_of(
    cases: Sequence[Case],
    grid: Grid,
    seed: int,
    workers: int,
    tell: Callable[[float], None] | None = None,
) -> list[Ran]:
    """Return the runs of all cases: each train, and where it leads to a cramp each stretch.

    `tell` is told the share done.
    """
    pools = {case.id: case.pool for case in cases}
    plain = [(case, grid.done(train)) for case in pools for train in grid.trains]
    first = 1.0 / (1 + len(grid.stretches))  # of all that could be
    found = _run(pools, plain, grid, seed, workers, tell and (lambda x: tell(first * x)))
    stretched = [
        (ran.case, grid.done(ran.given.train, stretch))
        for ran in found
        if ran.activity.status == "ok" and cramp_after(ran.activity, ran.given.end).elicited
        for stretch in grid.stretches
    ]
    if stretched:
        rest = tell and (lambda x: tell(first + (1.0 - first) * x))
        found += _run(pools, stretched, grid, seed, workers, rest)
    return found


def _run(
    pools: Mapping[str, Pool],
    wanted: Sequence[tuple[str, Elicited]],
    grid: Grid,
    seed: int,
    workers: int,
    tell: Callable[[float], None] | None,
) -> list[Ran]:
    jobs = {
        str(index): partial(
            contract,
            pools[case],
            given.protocol,
            duration=grid.duration(given),
            seed=seed,
            threads=None if workers == 1 else 1,
        )
        for index, (case, given) in enumerate(wanted)
    }
    done = each_of(jobs, min(workers, len(jobs)), tell)
    return [Ran(*wanted[int(index)], activity) for index, activity in done.items()]
