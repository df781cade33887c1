"""How far a sweep is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from mnexcite.engine.status import NAMES
from mnexcite.sweeps.block import Values
from mnexcite.sweeps.plan import STATUS


@dataclass(frozen=True)
class Progress:
    """Hold how far a sweep is.

    Attributes
    ----------
    points, done
        All points of this run, and those that are computed; what a store held before
        counts as done.
    computed
        Points computed in this run.
    failures
        Status -> points that failed in this run.
    seconds
        Time since the start of this run [s].
    """

    points: int
    done: int
    computed: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Points per second of this run; 0 before the first."""
        return self.computed / self.seconds if self.seconds > 0 else 0.0

    @property
    def left(self) -> float | None:
        """Time left [s]; None before the first point."""
        return (self.points - self.done) / self.rate if self.rate else None


class Counted:
    """Count what is done."""

    def __init__(self, points: int, done: int) -> None:
        self._points, self._before = points, done
        self._computed, self._failures = 0, Counter()
        self._start = time.monotonic()

    def add(self, failures: Mapping[str, int], points: int) -> None:
        """Count a block."""
        self._computed += points
        self._failures.update(failures)

    def now(self) -> Progress:
        """Return how far the sweep is."""
        return Progress(
            self._points,
            self._before + self._computed,
            self._computed,
            dict(self._failures),
            time.monotonic() - self._start,
        )


def failures_in(values: Values) -> Counter[str]:
    """Return status -> points of a block that failed."""
    return Counter(NAMES[code] for code in values[STATUS].ravel().tolist() if code > 0)
