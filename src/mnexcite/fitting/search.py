"""Search the unit cube for the least sum of squares, many candidates at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.sweeps.designs.draws import drawn_by, hypercube

Array = NDArray[np.float64]
#: Shares of the way through each range, shape (n, axes) -> residuals, shape (n, k).
Residuals = Callable[[Array], Array]

#: Step of slopes, as a share of each range: far above the noise of spike times.
STEP = 1e-3
#: Steps of the local search.
LOCAL = 40
#: Local searches, from candidates that differ by more than this share of some range.
STARTS, _APART = 3, 0.1
_FAR = 1e150


@dataclass
class Tried:
    """Run candidates and keep all that were run; failed ones cost inf."""

    residuals: Residuals
    shares: list[Array] = field(default_factory=list)
    costs: list[Array] = field(default_factory=list)

    def __call__(self, shares: Array) -> Array:
        """Return the residuals of candidates, and remember them."""
        found = self.residuals(shares)
        with np.errstate(over="ignore", invalid="ignore"):
            costs = np.sum(np.square(found), axis=1)
        self.shares.append(shares)
        self.costs.append(np.where(np.isfinite(costs), costs, np.inf))
        return found

    @property
    def best(self) -> Array | None:
        """The best candidate so far, None where all failed."""
        return next(iter(self.bests(1)), None)

    def bests(self, most: int) -> list[Array]:
        """Return the best candidates that are no neighbours, the best first."""
        found: list[Array] = []
        if not self.costs:
            return found
        costs, shares = np.concatenate(self.costs), np.concatenate(self.shares)
        for place in np.argsort(costs, kind="stable"):
            if len(found) == most or not np.isfinite(costs[place]):
                break
            if all(np.abs(shares[place] - one).max() > _APART for one in found):
                found.append(shares[place])
        return found


def differential_evolution(
    tried: Tried,
    axes: int,
    count: int,
    generations: int,
    seed: int,
    tell: Callable[[int], None],
) -> None:
    """Search everywhere: `scipy.optimize.differential_evolution`, a generation at a time."""
    from scipy import optimize

    done = 0

    def cost(shares: Array) -> Array:
        nonlocal done
        tried(np.ascontiguousarray(shares.T))
        tell(done := done + 1)
        # a number, so that SciPy's own arithmetic stays free of infinities
        return np.minimum(tried.costs[-1], _FAR)

    rng = np.random.default_rng(seed)
    search: Any = optimize.differential_evolution
    search(
        cost,
        [(0.0, 1.0)] * axes,
        init=hypercube(axes, count, rng),
        maxiter=generations - 1,
        vectorized=True,
        updating="deferred",
        polish=False,
        **drawn_by(rng),
    )


def least_squares(tried: Tried) -> bool:
    """Go down from the best candidates; return whether the search that won converged.

    By `scipy.optimize.least_squares`, within the ranges.
    """
    ends = [_descend(tried, start) for start in tried.bests(STARTS)]
    return min(ends)[1] > 0


def _descend(tried: Tried, start: Array) -> tuple[float, int]:
    """Return the cost where it ends, and SciPy's status."""
    from scipy.optimize import least_squares

    found = least_squares(
        lambda at: tried(at[None])[0],
        start,
        jac=lambda at: slopes(tried, at)[0],  # type: ignore[arg-type]
        bounds=(0.0, 1.0),
        ftol=1e-6,
        xtol=1e-6,
        gtol=1e-6,
        max_nfev=LOCAL,
    )
    return float(found.cost), int(found.status)


def slopes(tried: Tried, at: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return the slope of each residual over each share, and where it is rough.

    Shapes (k, axes) and (axes,). By central differences, by one side where the other is
    outside or failed, 0 where both failed. An axis is rough where one side is three times as
    steep as the other: the targets jump or bend within a step.
    """
    axes = at.size
    up, down = np.minimum(at + STEP, 1.0), np.maximum(at - STEP, 0.0)
    moved = [np.where(np.eye(axes, dtype=bool), side, at) for side in (up, down)]
    found = tried(np.concatenate([*moved, at[None]]))
    here, out, rough = found[-1], np.zeros((found.shape[1], axes)), np.zeros(axes, dtype=bool)
    for k in range(axes):
        sides = [
            (values - here) / (place - at[k])
            for values, place in ((found[k], up[k]), (found[axes + k], down[k]))
            if place != at[k] and np.isfinite(values).all()
        ]
        if sides:
            out[:, k] = np.mean(sides, axis=0)
        if len(sides) == 2:
            apart, both = sides[0] - sides[1], sides[0] + sides[1]
            rough[k] = bool(np.linalg.norm(apart) > 0.5 * np.linalg.norm(both))
    return out, rough
