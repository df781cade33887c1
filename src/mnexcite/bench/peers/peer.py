"""What the bench asks of another simulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench.work import Work

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Setting:
    """Hold how finely a peer works: `kind` is `dt` [ms] or `tolerance`."""

    label: str
    value: float
    kind: str


@dataclass(frozen=True)
class Answer:
    """Hold what a peer found, and what it cost.

    Parameters
    ----------
    spikes
        Upward crossings of the cell's spike threshold per set [ms], interpolated within a
        step.
    seconds
        Processor time of the integration itself (wall time where a program tells no
        other), measured in the peer: without building, compiling, reading files or starting
        a process.
    steps
        Steps taken over all sets, where known.
    """

    spikes: tuple[Array, ...]
    seconds: float
    steps: int | None = None


class Peer(Protocol):
    """Adapt one simulator, in one of its configurations, to the bench.

    One whose error cannot fall below some size, whatever its setting, may say why in a
    property `floor`; without one it is refused where its error stops falling.

    Examples
    --------
    One of one's own, for a cell that only it knows how to run; its times are 0.5 ms late:

    >>> import numpy as np
    >>> from mnexcite.bench import benchmark_work, work_precision
    >>> class Late:
    ...     name = "late"
    ...
    ...     def missing(self):
    ...         return None
    ...
    ...     def settings(self):
    ...         return (Setting("as it is", 0.1, "dt"),)
    ...
    ...     def prepare(self, work, setting):
    ...         def run():
    ...             times = {0.0: [], 1.0: [9.51341], 2.0: [4.03820, 6.69043]}
    ...             trains = [np.array(times[g]) + 0.5 for g in work.parameters["NaP.g"]]
    ...             return Answer(tuple(trains), seconds=0.001, steps=None)
    ...
    ...         return run
    >>> found = work_precision(benchmark_work(3, 20.0), [], [Late()], repeats=1)
    >>> round(found.points[0].error, 3)
    0.5
    """

    @property
    def name(self) -> str:
        """Name in tables."""
        ...

    def missing(self) -> str | None:
        """Return why the peer cannot run here, None where it can."""
        ...

    def settings(self) -> tuple[Setting, ...]:
        """Return the settings to be tried, coarse to fine."""
        ...

    def prepare(self, work: Work, setting: Setting) -> Callable[[], Answer]:
        """Build and compile the work; what is returned runs it once, warm.

        Raises
        ------
        Untraceable
            If the peer cannot express the work, with the reason.
        """
        ...
