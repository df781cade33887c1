"""What a comparison gave: points of error and cost, and the frontier that they span."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mnexcite.bench.falling import stays
from mnexcite.errors import InputError, did_you_mean

#: Spike-time errors [ms] at which costs are compared.
TARGETS = (1e-2, 1e-3, 1e-4)
METHOD, PEER = "method", "peer"


@dataclass(frozen=True)
class Point:
    """Hold what one method or peer gave at one setting.

    Attributes
    ----------
    name, group
        Of the contestant; group is `method` (of this package) or `peer`.
    setting, kind, value
        Label of the setting, and what it is: a `dt` [ms] or a `tolerance`.
    cost
        Processor time per cell and run [ms], median of the warm repeats.
    per_step
        Processor time per cell and step [ns], where the steps are known.
    error, median_error
        Largest spike-time error over the judged sets [ms] and the median of their own
        largest errors; None where the number of spikes differs in any, or in half of them.
    wrong
        Judged sets in which the number of spikes differs.
    spikes, steps
        In all sets; None where unknown.
    sets
        Parameter sets that were run.
    cold, warm
        Wall time of building, compiling and the first run [s]; processor time of a later
        run [s], median.
    repeats
        Number of warm runs.
    skipped
        Why there is no result, None where there is one.
    """

    name: str
    group: str
    setting: str
    kind: str
    value: float
    cost: float | None = None
    per_step: float | None = None
    error: float | None = None
    median_error: float | None = None
    wrong: int = 0
    spikes: int | None = None
    steps: int | None = None
    sets: int = 0
    cold: float | None = None
    warm: float | None = None
    repeats: int = 0
    skipped: str | None = None


@dataclass(frozen=True)
class Task:
    """Describe the work in words and numbers; times in ms.

    `judged` sets have a reference, whose own error is `reference_error` [ms]: the judge's
    floor, by which two independent solvers differ. `left_out` further ones could not be
    judged. `spikes` are those of the judged sets. `changes` are those
    of the cell against the published one of its name.
    """

    cell: str
    sets: int
    duration: float
    parameters: Mapping[str, tuple[float, float]]
    stimulus: str
    judged: int
    spikes: int
    reference: str
    reference_error: float
    left_out: int = 0
    changes: str = ""


@dataclass(frozen=True)
class Frontier:
    """Hold the points of a comparison, its task and the machine.

    `baseline` is the method with which the others are compared. `floors` says of some
    contestants, by name, why their error stops falling at some size. `busy` says how busy
    the machine was.

    A contestant whose error stops falling as its setting tightens, above the judge's floor
    and without a stated floor of its own, is refused: something other than its setting
    decides, such as an equation that differs, so that no cost of it means anything.

    Examples
    --------
    >>> task = Task("squid", 1, 100.0, {}, "none", 1, 5, "closed form", 0.0)
    >>> points = [
    ...     Point("ours", "method", "dt 0.1", "dt", 0.1, cost=1.0, error=1e-2),
    ...     Point("ours", "method", "dt 0.05", "dt", 0.05, cost=2.0, error=2.5e-3),
    ...     Point("theirs", "peer", "dt 0.1", "dt", 0.1, cost=8.0, error=5e-3),
    ... ]
    >>> frontier = Frontier(tuple(points), task, {}, "ours")
    >>> round(frontier.cost_at("ours", 5e-3), 3), frontier.cost_at("ours", 1e-3)
    (1.414, None)
    >>> round(frontier.ratio("theirs", "ours", 5e-3), 2)
    5.66
    """

    points: tuple[Point, ...]
    task: Task
    machine: Mapping[str, str | int]
    baseline: str
    floors: Mapping[str, str] = field(default_factory=dict)
    busy: Mapping[str, float] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Contestants in the order in which they came."""
        return tuple(dict.fromkeys(point.name for point in self.points))

    def of(self, name: str) -> tuple[Point, ...]:
        """Return the points of one contestant.

        Raises
        ------
        InputError
            If there is none of that name.
        """
        if name not in self.names:
            raise InputError(f"contestant is {name!r}; {did_you_mean(name, self.names)}")
        return tuple(point for point in self.points if point.name == name)

    def stalled(self, name: str) -> tuple[Point, ...]:
        """Return a contestant's points at which its error no longer falls; mostly none.

        They are its finest settings, and all above the judge's floor.
        """
        known = sorted(
            (p for p in self.of(name) if p.error is not None), key=lambda p: -p.value
        )
        values = [p.value for p in known]
        errors = [float(p.error) for p in known if p.error is not None]
        kind = known[0].kind if known else ""
        count = stays(values, errors, kind, self.task.reference_error)
        return tuple(known[len(known) - count :])

    def refused(self, name: str) -> str | None:
        """Return why a contestant is not compared, None where it is."""
        points = self.stalled(name)
        if not points or name in self.floors:
            return None
        return (
            f"its error stays at {points[-1].error:.1e} ms from {points[0].setting} to "
            f"{points[-1].setting}, and the judge is sure to "
            f"{self.task.reference_error:.0e} ms; something other than its setting decides, "
            "so it is not compared: look for an equation or a state that differs"
        )

    def edge(self, name: str) -> tuple[Point, ...]:
        """Return those points of a contestant than which none of its own is better.

        They go from cheap to dear, so errors fall. One that is refused has none.
        """
        if self.refused(name):
            return ()
        known = [p for p in self.of(name) if p.cost is not None and p.error is not None]
        kept: list[Point] = []
        for point in sorted(known, key=lambda p: (p.cost, p.error)):
            if not kept or point.error < kept[-1].error:  # type: ignore[operator]
                kept.append(point)
        return tuple(kept)

    def cost_at(self, name: str, error: float) -> float | None:
        """Return the cost [ms per cell] of a contestant at a spike-time error [ms].

        Between two points of its edge it is interpolated in logarithms; a contestant whose
        cheapest point is better than asked costs what that point costs. None where it does
        not get so far.
        """
        edge = self.edge(name)
        if not edge or error < edge[-1].error:  # type: ignore[operator]
            return None
        least = math.ulp(0.0)  # an error of 0 has no logarithm
        errors = [max(p.error, least) for p in edge]  # type: ignore[type-var]
        costs = [p.cost for p in edge]
        wanted = -math.log(max(error, least))
        return float(np.exp(np.interp(wanted, -np.log(errors), np.log(costs))))  # type: ignore[arg-type]

    def ratio(self, dear: str, cheap: str, error: float) -> float | None:
        """Return how many times as much one contestant costs as another at an error [ms].

        None where one of them does not get so far.
        """
        above, below = self.cost_at(dear, error), self.cost_at(cheap, error)
        return None if above is None or below is None else above / below
