"""Run cells window by window: what was prepared stays, and no edge changes a bit."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell, Factors
from mnexcite.cells.paths import Path
from mnexcite.engine import batch as engine
from mnexcite.engine import signals
from mnexcite.engine.state import State
from mnexcite.errors import (
    InputError,
    array,
    did_you_mean,
    number,
    parts,
    shown,
    stopped_with,
)
from mnexcite.simulation.accuracy import plain
from mnexcite.simulation.beginning import Initial
from mnexcite.simulation.inputs import told
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.settings import thread_count
from mnexcite.simulation.setup import Driven, Setup, set_up
from mnexcite.spikes import SpikeTrains
from mnexcite.stimuli import Stimulus

Array = NDArray[np.float64]

#: Lanes times ms of a window that is too short for other threads, or for Ctrl-C.
SHORT = 4000.0
#: No window is shorter [ms].
SHORTEST = 1e-12


@dataclass(frozen=True)
class Window:
    """Hold what one window gave, for all lanes.

    Attributes
    ----------
    start, end
        Absolute [ms].
    spikes
        Spikes in [start, end); of fixed steps up to the end of the last one.
    t
        Times of the samples, multiples of `every` in [start, end), shape (samples,) [ms].
    data
        Name -> samples, shape (lanes, samples); `window["v"]` reads it.
    status
        Of each lane; a lane that failed stays where it is.
    ended
        When a lane failed, inf where it did not, shape (lanes,) [ms].
    """

    start: float
    end: float
    spikes: SpikeTrains
    t: Array
    data: Mapping[str, Array]
    status: tuple[str, ...]
    ended: Array

    def __getitem__(self, name: str) -> Array:
        return self.data[name]


class Session:
    """Hold lanes where they stand, with their kernel and tables; `prepare` makes one.

    Attributes
    ----------
    cell
        The cell.
    time
        Where all lanes stand [ms].
    lanes
        How many there are.
    """

    def __init__(self, setup: Setup, threads: int) -> None:
        self._setup = setup
        self._runs = engine.Runs(setup.job, setup.start, threads)
        self._threads = threads
        self._last: engine.Outcome | None = None
        self._told = setup.beginning.state.told
        self.cell, self.lanes = setup.cell, setup.job.lanes.count
        self.time = setup.job.start

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Session({self.cell.name}, {self.lanes} lanes at {self.time:g} ms)"

    def close(self) -> None:
        """Let the threads end; the state stays."""
        self._runs.close()

    def advance(
        self,
        until: float,
        *,
        events: Stimulus | Sequence[Stimulus] | None = None,
        rows: Mapping[Path, ArrayLike] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Window:
        """Integrate all lanes to `until` and return what happened on the way.

        Parameters
        ----------
        until
            Absolute time [ms]; with fixed steps the first step's end that reaches it.
        events
            Events of synapses from `time` on, also after `until`, beside those of the stimulus:
            those of `stimuli.events`, for all lanes or one for each. Many windows give the bits
            of one run that knew all events if each is told 1 ms (the longest step) before it
            acts; told later, spikes within that ms can differ by what a step is wrong by.
        rows
            Path -> value, one for all lanes or one for each, of numbers that change here:
            conductances, reversals, concentrations, C, numbers of pools and bindings. Lanes
            then begin anew from where they stand, and keep the values. So cells can share what
            is around them.
        progress
            Called now and then with the share of the window done, 0 to 1. What it raises
            stops the window at once.

        Raises
        ------
        InputError
            If `until` is not after `time`, or events or rows are not allowed; nothing has run
            then.
        Interrupted
            On Ctrl-C. What was computed is in its `partial`, a window; a session that was
            stopped within it cannot go on.
        """
        until = number("until", until, f"after {self.time:g}", above=self.time, unit="ms")
        if until - self.time < SHORTEST:
            raise InputError(
                f"until is {until - self.time:g} ms after where the session stands; allowed: "
                f"{SHORTEST:g} ms or more"
            )
        if self._last is not None and np.ptp(self._last.reached) > 0:
            raise InputError("the session was stopped within a window; prepare another one")
        if rows is not None:
            self._change(rows)
        if events is not None:
            self._tell(events)
        job = self._setup.stretch(self.time, until - self.time, until)
        if progress is None and self.lanes * (job.end - job.start) <= SHORT:
            with signals.held() as came:
                window = self._took(job, self._runs.advance_here(job))
            try:
                signals.hear(came)
            except BaseException as error:
                raise stopped_with(window, error, "stopped by Ctrl-C after a window") from None
            return window
        causes: list[BaseException] = []
        outcome, stopped = self._runs.advance(job, progress, causes.append)
        window = self._took(job, outcome)
        if stopped:
            raise stopped_with(window, causes[0], "stopped by Ctrl-C within a window")
        return window

    def mix(self, pool: Path, *, volumes: ArrayLike | None = None, share: float = 1.0) -> None:
        """Let lanes share the space of a pool: what is in it mixes, where they stand.

        Each lane's concentration moves by `share` of the way to the mean of all lanes that
        run, weighted by their volumes: with 1 they have one space between them, with
        1 - exp(-t / tau) they exchange with time constant tau over a window of t. The amount in
        all of them stays the same to rounding. Lanes then begin anew.

        Parameters
        ----------
        pool
            Path of the pool, such as `K_o`.
        volumes
            Of each lane's space, in any unit, shape (lanes,); all the same by default.
        share
            0 to 1.

        Raises
        ------
        InputError
            If there is no such pool, or a number is not allowed.

        Examples
        --------
        >>> import mnexcite as mx
        >>> space = mx.IonPool(
        ...     "K_o", alpha=1e-3, decay=0.0, rest=4.0, initial=4.0, ion="K", side="outside"
        ... )
        >>> cell = mx.cells.purvis_butera_2005().with_pool(space)
        >>> drives = [mx.stimuli.step(i, unit="nA") for i in (0.0, 2.0)]
        >>> with mx.prepare(cell, drives) as session:
        ...     for until in range(20, 100, 20):
        ...         window = session.advance(until)
        ...         apart = float(np.ptp(session.state["K_o"]))
        ...         session.mix("K_o")
        ...     apart > 0.01, float(np.ptp(session.state["K_o"]))
        (True, 0.0)
        """
        pools = [self._setup.job.lanes.layout.structure.path(*where) for where in self._pools]
        if pool not in pools:
            raise InputError(f"no pool {shown(pool)}; {did_you_mean(str(pool), pools)}")
        share = number("share", share, "0 to 1", lowest=0.0, highest=1.0)
        allowed = f"one volume above 0 for each of {self.lanes} lanes"
        given = np.ones(self.lanes) if volumes is None else array("volumes", volumes, allowed)
        if given.shape != (self.lanes,) or not np.all(given > 0.0):
            raise InputError(f"volumes has shape {given.shape}; allowed: {allowed}")
        state = self.state
        place, runs, values = (
            state.names.index(str(pool)),
            state.status == 0,
            state.values.copy(),
        )
        if runs.any():
            c = values[place, runs]
            mean = float(np.average(c, weights=given[runs]))
            values[place, runs] = mean if share == 1.0 else c + share * (mean - c)
        self._begin(self._setup, replace(state, values=values))

    @property
    def _pools(self) -> tuple[tuple[int, str], ...]:
        return self._setup.job.lanes.layout.structure.pools

    def _change(self, rows: Mapping[Path, ArrayLike]) -> None:
        """Let lanes begin anew with other numbers."""
        self._begin(self._setup.changed(rows), self.state)

    def _begin(self, setup: Setup, state: State) -> None:
        """Let lanes begin anew from the values of a state, where they stand."""
        self._setup = setup.begun(state)
        self._runs.close()
        self._runs = engine.Runs(self._setup.job, self._setup.start, self._threads)
        self._last = None

    def _tell(self, events: Stimulus | Sequence[Stimulus]) -> None:
        """Let events enter from here on."""
        allowed = "what mnexcite.stimuli.events gives"
        one = isinstance(events, Stimulus)
        listed = (events,) * self.lanes if one else parts("events", events, Stimulus, allowed)
        if len(listed) != self.lanes:
            raise InputError(f"events: {len(listed)} for {self.lanes} lanes; give one for each")
        for each in {id(each): each for each in listed}.values():
            if each.currents or each.conductances:
                raise InputError(f"events: a stimulus has currents in it; allowed: {allowed}")
            first = min((float(e.times.min(initial=math.inf)) for e in each.events), default=0)
            if each.events and first < self.time:
                raise InputError(
                    f"events: the first is at {first:g} ms; allowed: from where the session "
                    f"stands on, which is {self.time:g} ms"
                )
        self._setup = self._setup.told(listed, self.time)
        before = self._told or (Stimulus(),) * self.lanes
        self._told = tuple(old + new for old, new in zip(before, listed, strict=True))

    def _took(self, job: engine.Job, outcome: engine.Outcome) -> Window:
        """Stand where a stretch ended, and return what it gave."""
        self._last, self.time = outcome, job.end
        # one that was stopped ends with its furthest lane
        t = job.times[: np.searchsorted(job.times, outcome.reached.max())]
        data = self._setup.recorder.compute(t, outcome.samples[: t.size], job)
        return Window(job.start, job.end, outcome.spikes, t, data, outcome.names, outcome.ended)

    @property
    def state(self) -> State:
        """Where all lanes stand: `initial=` takes it and goes on to the bit."""
        if self._last is None:
            state = replace(self._setup.beginning.state, protocol=self._setup.protocol)
        else:
            state = self._setup.state_after(self._last, plain(self._setup.job))
        return replace(state, told=self._told)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state to a folder; `mnexcite.load` reads it, for `initial=`.

        Raises
        ------
        InputError
            If `path` holds something else than a saved state or run.
        StorageError
            If it cannot be written.
        """
        from mnexcite.simulation.storage import save_state

        save_state(self.state, path)


def prepare(
    cell: Cell,
    stimulus: Driven = None,
    *,
    parameters: Mapping[Path, ArrayLike | Factors] | None = None,
    record: Sequence[str] | None = (),
    every: float | None = None,
    method: str | None = None,
    tolerance: float | None = None,
    dt: float | None = None,
    initial: Initial = "published",
    seed: int | None = None,
    threads: int | None = None,
) -> Session:
    """Check, lower, tabulate and compile once, and return a session that runs in windows.

    Many windows give the bits of one run, except by the references, which start their
    solver anew. A window costs little more than its steps, so that muscles, reflexes or
    other cells can be computed between windows.

    Parameters
    ----------
    cell, stimulus, parameters, every, method, tolerance, dt, initial, seed, threads
        As `simulate` takes them.
    record
        Variables to sample; default none, and with None what `simulate` takes.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> import mnexcite as mx
    >>> cell = mx.cells.purvis_butera_2005()
    >>> drive = mx.stimuli.step(1.0, unit="nA")
    >>> with mx.prepare(cell, drive, parameters={"NaP.g": [0.05, 0.1]}) as session:
    ...     [session.advance(until).spikes.counts.tolist() for until in (20.0, 40.0, 60.0)]
    [[1, 1], [0, 0], [1, 0]]
    """
    setup = set_up(
        cell,
        stimulus,
        Numerics(method, tolerance, dt, initial=initial, seed=seed),
        parameters=told(cell, parameters),
        record=record,
        every=every,
    )
    return Session(setup, thread_count(threads))
