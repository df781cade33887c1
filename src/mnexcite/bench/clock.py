"""What a run costs: processor time, and how busy the machine was meanwhile."""

from __future__ import annotations

import os
import time
from types import TracebackType

#: Coarser than this [s], as on Windows, processor time says nothing of a short run.
_FINE = 1e-6


def _fine() -> bool:
    return time.get_clock_info("process_time").resolution <= _FINE


def now() -> float:
    """Return the processor time of this process [s], or wall time where that is coarse.

    A run on one thread takes as much of both on an idle machine; on a busy one the wall time
    also counts what other programs do.
    """
    return time.process_time() if _fine() else time.perf_counter()


class Watch:
    """Measure wall time and processor time [s] of a block, started programs included.

    Examples
    --------
    >>> with Watch() as watch:
    ...     total = sum(range(100_000))
    >>> watch.wall > 0.0, watch.cpu >= 0.0
    (True, True)
    """

    wall = cpu = 0.0

    def __enter__(self) -> Watch:
        self._start, self._spent = time.perf_counter(), _spent()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wall = time.perf_counter() - self._start
        self.cpu = _spent() - self._spent


def _spent() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def load() -> float | None:
    """Return how many programs wanted a processor in the last minute; None where unknown."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
