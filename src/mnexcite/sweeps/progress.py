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

    def __str__(self) -> str:
        """Return it in words: points, speed, time left, failures.

        >>> str(Progress(100, 60, 50, {"non_finite": 2}, 10.0))
        '60 of 100 points, 5 points/s, 8 s left, 2 non_finite'
        """
        parts = [f"{self.done} of {self.points} points"]
        parts += [f"{self.rate:.3g} points/s"] if self.rate else []
        if self.left is not None:
            parts.append(f"{in_words(self.left)} left")
        return ", ".join(parts + [f"{count} {name}" for name, count in self.failures.items()])


def in_words(seconds: float) -> str:
    """Return a time in words.

    >>> in_words(3.14159), in_words(130), in_words(7260)
    ('3.14 s', '2 min 10 s', '2 h 1 min')
    """
    if seconds < 120.0:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


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
