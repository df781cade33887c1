"""What a fit found, and how well it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.errors import display

Array = NDArray[np.float64]

#: How a fit ended.
STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "converged": "the local search ended by itself, inside all ranges",
        "at_bound": "it ended at the end of a range: widen it, or the cell cannot do this",
        "not_converged": "the local search ran out of steps; give more generations",
        "failed": "no candidate had a value for every target; its values are NaN",
        "stopped": "stopped before its end; the best so far",
    }
)
#: How a number is known.
KNOWN: Mapping[str, str] = MappingProxyType(
    {
        "determined": "its own interval lies inside its range",
        "trades_off": "alone it would be known three times better: others make up for it",
        "undetermined": "two standard deviations to both sides are more than its range",
        "rough": "the targets jump or bend there, so that its deviation is no guide",
        "at_bound": "it ended at an end of its range",
        "unknown": "the targets have no slope there, or the fit failed",
    }
)
#: From here on two numbers are said to trade off.
STRONG = 0.9


@dataclass(frozen=True, eq=False)
class Reached:
    """Hold one target: what was wanted, what the best cell gives, and the noise stated."""

    name: str
    label: str
    unit: str
    wanted: float
    reached: float
    noise: float


@dataclass(frozen=True, eq=False)
class Fit:
    """Hold what a fit found.

    Standard deviations and correlations are those of a linear model at the optimum with the
    stated noise (inverse of J'J, J the slope of all targets in units of their noise). They
    say how far the numbers move when the targets move by their noise. They do not say that
    the cell is right, that no other optimum exists, nor, where slopes change within one
    deviation, how far exactly; `near` shows the candidates themselves.

    Attributes
    ----------
    values
        Axis -> best value, a factor where its range is of factors.
    units
        Axis -> unit of its value, "1" for a factor.
    sd
        Axis -> standard deviation of the value; NaN where `known` is "unknown".
    sd_alone
        The same if all others were known exactly.
    correlation
        Correlations of the errors, in the order of `values`, shape (axes, axes).
    known
        Axis -> one of `KNOWN`'s words: determined, trades_off, undetermined, rough,
        at_bound, unknown.
    cell
        The cell with the best values.
    targets
        Each target with what the cell gives.
    cost
        Sum of squares of (reached - wanted) / noise.
    degrees
        Targets less axes, what `cost` is about if the cell is right.
    probability
        That of this cost or more if the cell is right and the noise as stated and normal;
        None where no degree of freedom is left.
    status
        One of `STATUSES`.
    candidates
        Candidates that were run.
    tried, costs
        Axis -> the value of every candidate, and its cost (inf where it failed), shape
        (candidates,).
    seed
        Of the search.
    """

    values: Mapping[str, float]
    units: Mapping[str, str]
    sd: Mapping[str, float]
    sd_alone: Mapping[str, float]
    correlation: Array
    known: Mapping[str, str]
    cell: Cell
    targets: tuple[Reached, ...]
    cost: float
    degrees: int
    probability: float | None
    status: str
    candidates: int
    tried: Mapping[str, Array]
    costs: Array
    seed: int

    @property
    def trade_offs(self) -> tuple[tuple[str, str, float], ...]:
        """Pairs of axes whose errors go together (correlation beyond 0.9), strongest first."""
        names = list(self.values)
        pairs = [
            (names[i], names[j], float(self.correlation[i, j]))
            for i in range(len(names))
            for j in range(i)
            if abs(self.correlation[i, j]) > STRONG
        ]
        return tuple(sorted(pairs, key=lambda pair: -abs(pair[2])))

    def near(self, rise: float = 4.0) -> dict[str, Array]:
        """Return the candidates whose cost is at most `rise` above the best.

        4 is two standard deviations of one number. They are where the search went, not a
        sample of any distribution.
        """
        close = self.costs <= self.cost + rise
        return {name: values[close] for name, values in self.tried.items()}

    def __repr__(self) -> str:
        told = display.some(f"{name} {self._told(name)}" for name in self.values)
        return f"Fit({told}; cost {self.cost:.3g} of {self.degrees} degrees; {self.status})"

    def _repr_html_(self) -> str:
        rows = [(name, f"{self._told(name)}, {self.known[name]}") for name in self.values]
        rows += [
            (f"{a} and {b}", f"errors go together, {r:.2f}") for a, b, r in self.trade_offs
        ]
        rows += [
            (
                f"{each.name} {each.label}",
                f"{each.reached:.4g} of {each.wanted:.4g} +- {each.noise:.2g} {each.unit}",
            )
            for each in self.targets
        ]
        rows += [
            ("cost", f"{self.cost:.3g} of {self.degrees} degrees"),
            ("status", self.status),
        ]
        return display.table("Fit", rows)

    def _told(self, name: str) -> str:
        unit = "" if self.units[name] == "1" else f" {self.units[name]}"
        return f"{self.values[name]:.4g} +- {self.sd[name]:.2g}{unit}"
