"""The methods of this package as contestants, through the same door as everybody's."""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnexcite.bench import clock
from mnexcite.bench.peers import Answer, Setting
from mnexcite.bench.work import Work
from mnexcite.engine.methods import METHODS, Method, find_method
from mnexcite.errors import RunWarning, parts
from mnexcite.simulation import Batch, prepare, simulate

#: Steps [ms] and tolerances that methods are run at, coarse to fine.
STEPS = (0.1, 0.05, 0.025, 0.0125, 0.00625, 0.003125, 0.0015625)
TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
#: Where the timed window begins [ms].
_BEGUN = 1e-3
#: A window of less than `_SHORT` s is repeated, up to so many times, and the median taken.
_SHORT, _TIMES = 0.2, 15


@dataclass(frozen=True)
class Own:
    """Run a work by a session of `mnexcite.prepare` on one thread.

    What is timed is its window from `_BEGUN` on: checks, tables and compiling are done by then,
    as building is for the others. A window has the bits of the same run by `simulate`.
    """

    method: Method

    @property
    def name(self) -> str:
        """Name of the method."""
        return self.method.name

    @property
    def alone(self) -> bool:
        """Whether sets run one by one, so that a part of them is enough."""
        return self.method.reference

    @property
    def floor(self) -> str | None:
        """Why an error stops falling: kinetics are tabulated, but for the references."""
        if self.method.reference:
            return None
        return "its kinetics come from tables; spike_error counts what they add"

    def missing(self) -> str | None:
        """Return None: it is always there."""
        return None

    def settings(self) -> tuple[Setting, ...]:
        """Return steps for a method of fixed step, else tolerances."""
        if self.method.reference:
            return (Setting("as it is", 1e-9, "tolerance"),)
        if self.method.adaptive:
            return tuple(Setting(f"tol {t:g}", t, "tolerance") for t in TOLERANCES)
        return tuple(Setting(f"dt {dt:.3g}", dt, "dt") for dt in STEPS)

    def prepare(self, work: Work, setting: Setting) -> Callable[[], Answer]:
        """Compile the kernel, and return what runs the work once."""
        options: dict[str, Any] = {
            "parameters": work.parameters or None,
            "record": (),
            "method": self.method.name,
            "threads": 1,
        }
        if not self.method.reference:
            options[setting.kind] = setting.value
        begun = min(_BEGUN, 0.5 * work.duration)

        def timed() -> float:
            with prepare(work.cell, work.stimulus, **options) as session:
                session.advance(begun)
                start = clock.now()
                session.advance(work.duration)
                return clock.now() - start

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RunWarning)  # judged by its spikes
            done = simulate(work.cell, work.stimulus, duration=work.duration, **options)
        batch = done if isinstance(done, Batch) else done.as_batch()

        def run() -> Answer:
            own = [timed()]
            own += [timed() for _ in range(int(np.clip(_SHORT / own[0], 1, _TIMES)) - 1)]
            return Answer(_spikes(batch), statistics.median(own), int(batch.steps.sum()))

        return run


def methods(names: Iterable[str] | None = None) -> list[Own]:
    """Return methods as contestants; by default all but the references, slow on purpose.

    Raises
    ------
    InputError
        If there is no such method.

    Examples
    --------
    >>> [own.name for own in methods(["staggered"])]
    ['staggered']
    """
    if names is None:
        return [Own(method) for method in METHODS.values() if not method.reference]
    named = parts("methods", names, str, "names of methods")
    return [Own(find_method(name)) for name in named]


def _spikes(done: Batch) -> tuple[np.ndarray, ...]:
    """Return the spike times of each set; a NaN where the set failed, so that none fits."""
    trains = [done.spike_times[lane] for lane in range(len(done))]
    return tuple(
        train if status == "ok" else np.array([np.nan])
        for train, status in zip(trains, done.status, strict=True)
    )
