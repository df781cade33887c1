"""Lead cells through a loop that is closed outside them: axons, reflexes, surroundings."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell, Factors
from mnexcite.cells.paths import Path
from mnexcite.engine import batch as engine
from mnexcite.engine import fixed, status
from mnexcite.engine.drives import Pieces
from mnexcite.engine.feeding import FedLanes, Pulses, entering
from mnexcite.equations.lower import Rows
from mnexcite.errors import InputError, number
from mnexcite.simulation.beginning import Initial
from mnexcite.simulation.inputs import told
from mnexcite.simulation.numerics import Numerics
from mnexcite.simulation.setup import set_up
from mnexcite.stimuli import conductance

Array = NDArray[np.float64]
Index = NDArray[np.int64]

Spikes = tuple[Index, Array]


@dataclass
class _Dial:
    """Hold a number that may change: its full paths, its range, its rows, its bytes now.

    Of a `plain` one the rows are the number itself.
    """

    paths: tuple[str, ...]
    low: float
    high: float
    places: list[int]
    plain: bool
    stands: bytes = b""


class Feed:
    """Hold lanes that are led through short windows; like a session, with arrays for all.

    What enters is given for each lane and window as arrays, and numbers with a dial may change
    from window to window. Lanes begin each window anew from where they stand, exactly at its
    edges; so the windows are part of what is computed. Its `parts` may be run by as many
    threads. `make_feed` makes one.
    """

    def __init__(
        self, cell: Cell, setup_job: engine.Job, values: Mapping[str, Array], parts: int
    ) -> None:
        self.cell, self.time, self.lanes = cell, setup_job.start, setup_job.lanes.count
        self._structure = setup_job.lanes.layout.structure
        self._rows = Rows(setup_job.lanes, values)
        self._rows.rows = self._rows.rows.copy()
        self._dials: dict[str, _Dial] = {}
        width = fixed.lanes_of(self._structure)
        share = -(-self.lanes // (parts * width)) * width
        edges = [*range(0, self.lanes, share), self.lanes]
        self._parts = [slice(a, b) for a, b in itertools.pairwise(edges)]
        self._fed = [
            FedLanes(engine.of_lanes(setup_job, np.arange(part.start, part.stop)))
            for part in self._parts
        ]
        self._room: list[Pieces | None] = [None] * len(self._fed)

    @property
    def status(self) -> tuple[str, ...]:
        """Of each lane; one that failed stays where it is."""
        codes = np.concatenate([fed.codes for fed in self._fed])
        return tuple(status.NAMES[code] for code in codes.tolist())

    @property
    def failed(self) -> bool:
        """Whether a lane failed."""
        return any(np.count_nonzero(fed.codes) for fed in self._fed)

    @property
    def state(self) -> dict[str, Array]:
        """Path -> value of each lane where it stands."""
        values = np.concatenate([fed.values for fed in self._fed], axis=1)
        return dict(zip(self._structure.states, values, strict=True))

    def stand(self, state: Mapping[str, Array], at: float | None = None) -> None:
        """Let lanes stand elsewhere: path -> value of each lane, as `state` gives it.

        `at`: the time that it is then [ms]; None for the time as it is.
        """
        values = np.array([state[path] for path in self._structure.states])
        self.time = self.time if at is None else at
        for part, fed in zip(self._parts, self._fed, strict=True):
            fed.stand(values[:, part], self.cell.spike_threshold)
            fed.time = self.time

    def turn(self, numbers: Mapping[str, Array | float]) -> None:
        """Change numbers that have dials: one value for all lanes or one for each."""
        for path, given in numbers.items():
            dial, values = self._dials[path], np.asarray(given, float)
            told = values.tobytes()
            if told == dial.stands:
                continue
            least, most = (values.min(), values.max()) if values.ndim else (values, values)
            if not (dial.low <= least and most <= dial.high):
                raise InputError(
                    f"{path} goes from {least:g} to {most:g}; allowed: {dial.low:g} to "
                    f"{dial.high:g}"
                )
            dial.stands = told
            if dial.plain:
                rows = self._rows.rows
                rows[dial.places] = values
                self._rows.numbers.update(dict.fromkeys(dial.paths, given))
            else:
                rows = self._rows.changed(dict.fromkeys(dial.paths, given))
            for part, fed in zip(self._parts, self._fed, strict=True):
                fed.turn(rows[:, part], dial.places)

    def advance(
        self,
        t: Array,
        current: Array | float = 0.0,
        conductance: Array | float | None = None,
        pulses: Pulses | None = None,
    ) -> Spikes:
        """Go to the last of the knots, and return lane and time of each spike on the way.

        Parameters
        ----------
        t
            Knots, ascending, from where the lanes stand, shape (n,) [ms].
        current, conductance
            At the knots, straight between them: shape (lanes, n) or one number. The
            conductance is all there is; what it lets through at 0 mV is in the current.
        pulses
            Of current, on top.
        """
        work = self.work(t, current, conductance, pulses)
        return self.joined([part() for part in work])

    def work(
        self,
        t: Array,
        current: Array | float = 0.0,
        conductance: Array | float | None = None,
        pulses: Pulses | None = None,
    ) -> list[Callable[[], Spikes]]:
        """Return what `advance` does, part by part, for threads; `joined` takes the spikes."""
        self.time = float(t[-1])

        def run(index: int) -> Spikes:
            pieces = self._entering(index, t, current, conductance, pulses)
            return self._fed[index].advance(float(t[-1]), pieces)

        return [partial(run, index) for index in range(len(self._fed))]

    def joined(self, found: list[Spikes]) -> Spikes:
        """Return the spikes of all parts."""
        if len(found) == 1:
            return found[0]
        lanes = [lane + part.start for (lane, _), part in zip(found, self._parts, strict=True)]
        return np.concatenate(lanes), np.concatenate([times for _, times in found])

    def again(
        self,
        lanes: Index,
        t: Array,
        current: Array | float = 0.0,
        conductance: Array | float | None = None,
        pulses: Pulses | None = None,
    ) -> Spikes:
        """Go through the last window again in some lanes: their spikes with other pulses."""
        found = []
        for index, part in enumerate(self._parts):
            own = lanes[(lanes >= part.start) & (lanes < part.stop)] - part.start
            pieces = self._entering(index, t, current, conductance, pulses)
            found.append(self._fed[index].again(own, pieces))
        return self.joined(found)

    def _entering(
        self,
        index: int,
        t: Array,
        current: Array | float,
        conductance: Array | float | None,
        pulses: Pulses | None,
    ) -> Pieces:
        part = self._parts[index]
        if len(self._parts) > 1:
            current = current[part] if isinstance(current, np.ndarray) else current
            if isinstance(conductance, np.ndarray):
                conductance = conductance[part]
            if pulses is not None:
                pulses = pulses.of((pulses.lane >= part.start) & (pulses.lane < part.stop))
                pulses = pulses._replace(lane=pulses.lane - part.start)
        count = part.stop - part.start
        pieces = entering(
            self._structure, count, t, current, conductance, pulses, self._room[index]
        )
        self._room[index] = pieces
        return pieces


def make_feed(
    cell: Cell,
    *,
    parameters: Mapping[Path, ArrayLike | Factors],
    dials: Mapping[str, tuple[float, float]],
    initial: Initial = "rest",
    tolerance: float | None = None,
    parts: int = 1,
) -> Feed:
    """Check, lower, tabulate and compile once, and return lanes to lead through windows.

    Parameters
    ----------
    cell, parameters, initial, tolerance
        As `prepare` takes them; the method is the default one.
    dials
        Path -> lowest and highest value of a number that may change from window to window.
    parts
        How many threads may run it.

    Raises
    ------
    InputError
        If an argument is not allowed.
    """
    unit = {"uA/cm2": "mS/cm2", "nA": "uS"}[cell.units["i"]]
    setup = set_up(
        cell,
        conductance(0.0, unit=unit, E=0.0),
        Numerics(tolerance=tolerance, initial=initial),
        parameters=told(cell, parameters),
    )
    feed = Feed(cell, setup.job, setup.values, parts)
    for path, (low, high) in dials.items():
        low, high = number(f"{path}: lowest", low), number(f"{path}: highest", high)
        for end in (low, high):
            given = setup.allowed_rows({path: end})
        of = feed._rows.of
        places = sorted({row for full in given for row in of.get(full, ())})
        kinds = {feed._rows.layout.parameters[row][0] for row in places}
        feed._dials[path] = _Dial(tuple(given), low, high, places, kinds == {"rest"})
    return feed
