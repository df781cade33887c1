"""The times at which noise moves one cell from rest to firing, or back, run by run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.errors import checked, choice, number, whole
from mnexcite.measures import experiment
from mnexcite.measures.escape import SD, begin_of, end_of
from mnexcite.measures.self_sustained import AMPLITUDE
from mnexcite.simulation import Batch
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.simulate import integrate
from mnexcite.stimuli import ornstein_uhlenbeck, pulse

Array = NDArray[np.float64]
WAYS = ("firing", "rest")


@dataclass(frozen=True, eq=False)
class EscapeTimes:
    """Hold when each of several runs under noise escaped.

    Attributes
    ----------
    times
        Time of the escape of each run that did not fail [ms], shape (runs,); infinity for one
        that had not escaped when the watch ended.
    watch
        How long each was watched [ms].
    to
        Where they escaped to: `firing` or `rest`.
    failed
        Number of runs that failed, which `times` leaves out.
    """

    times: Array
    watch: float
    to: str
    failed: int = 0

    @property
    def mean(self) -> float:
        """Watched time over escapes [ms], the likeliest without memory; infinity for none."""
        number_of = int(np.isfinite(self.times).sum())
        watched = float(np.minimum(self.times, self.watch).sum())
        return watched / number_of if number_of else np.inf

    @property
    def survival(self) -> tuple[Array, Array]:
        """Times [ms], and the share of runs that had not escaped just after; from (0, 1) on.

        All are watched as long, so that this is the Kaplan-Meier estimate.
        """
        at, number_of = np.unique(self.times[np.isfinite(self.times)], return_counts=True)
        left = 1.0 - np.cumsum(number_of) / max(self.times.size, 1)
        return np.append(0.0, at), np.append(1.0, left)


@checked
def escape_times(
    cell: Cell,
    *,
    to: str = "firing",
    sd: float | None = None,
    tau: float = 5.0,
    repeats: int = 100,
    watch: float = 10_000.0,
    amplitude: float | None = None,
    duration: float = 500.0,
    pause: float = 500.0,
    lasting: float = 1000.0,
    seed: int = 0,
    threads: int | None = None,
) -> EscapeTimes:
    """Run a cell several times under noise and return when each run escaped.

    Where escapes have no memory the times are exponentially distributed, and their mean tells
    all; `mnexcite.plots.escape_times` shows whether they are.

    Parameters
    ----------
    cell
        The cell, from its rest.
    to
        `firing`, from rest, or `rest`, from the firing that a pulse has set off.
    sd, tau, amplitude, duration, pause, lasting, seed
        As for `mnexcite.measures.escape`, which meets the same paths.
    repeats
        Number of runs, 1 to 10000.
    watch
        Time of a run, after the pulse where there is one [ms].
    threads
        As for `mnexcite.simulate`.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> from mnexcite import cells
    >>> cell = cells.hodgkin_huxley_1952()
    >>> found = escape_times(cell, sd=3.0, repeats=4, watch=50.0, pause=30.0, lasting=20.0)
    >>> found.times.shape, found.survival[1][0].item()
    ((4,), 1.0)
    """
    to = choice("escape_times: to", to, WAYS)
    said = "escape_times"
    unit = cell.units["i"]
    if sd is not None:
        sd = number(f"{said}: sd", sd, f"above 0 {unit}, or None", above=0.0)
    repeats = whole(f"{said}: repeats", repeats, lowest=1, highest=10_000)
    seed = whole(f"{said}: seed", seed, lowest=0, highest=2**63 - 1)
    tau, watch, duration, pause, lasting = (
        experiment.time(f"{said}: {name}", value)
        for name, value in (
            ("tau", tau),
            ("watch", watch),
            ("duration", duration),
            ("pause", pause),
            ("lasting", lasting),
        )
    )
    size = experiment.current(f"{said}: amplitude", amplitude)
    size = AMPLITUDE[unit] if size is None else size
    noise = ornstein_uhlenbeck(SD[unit] if sd is None else sd, unit=unit, tau=tau)
    back = to == "rest"
    stimulus = noise + pulse(size, unit=unit, duration=duration) if back else noise
    length = duration + watch + pause if back else watch + lasting
    batch = integrate(
        cell,
        [stimulus.seeded(seed, 2 * repeat + back) for repeat in range(repeats)],
        Numerics(initial="rest"),
        duration=length,
        threads=threads,
        record=(),
    )
    assert isinstance(batch, Batch)
    failed = experiment.failed_lanes(batch)
    trains = [t for t, bad in zip(batch.spike_times, failed, strict=True) if not bad]
    if back:
        found = [end_of(t[t >= duration] - duration, pause) for t in trains]
    else:
        found = [begin_of(t, pause, lasting) for t in trains]
    times = np.array(found, dtype=float)
    times[times >= watch] = np.inf
    return EscapeTimes(times, watch, to, int(failed.sum()))
