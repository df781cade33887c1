"""Currents, conductances and events that enter a cell, and commands of a voltage clamp."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell
from mnexcite.cells.compartment import find_compartment
from mnexcite.errors import InputError, array, number, text, whole
from mnexcite.stimuli.drive import Drive, Signal
from mnexcite.stimuli.events import Events, Train, train
from mnexcite.stimuli.noise import Noise
from mnexcite.stimuli.waveform import Waveform

UNITS = ("nA", "uA/cm2")
#: Of conductances, each with the current that it gives at 1 mV.
CONDUCTANCES = {"uS": "nA", "mS/cm2": "uA/cm2"}


@dataclass(frozen=True)
class Current:
    """Hold one waveform with its unit and the compartment it enters (None: the first)."""

    waveform: Waveform | Noise
    unit: str
    compartment: str | None = None

    def __post_init__(self) -> None:
        _check_name(self.compartment)


@dataclass(frozen=True)
class Conductance:
    """Hold a conductance over time, in `unit`, that reverses at `E` [mV]."""

    waveform: Waveform | Noise
    unit: str
    E: float
    compartment: str | None = None

    def __post_init__(self) -> None:
        _check_name(self.compartment)


@dataclass(frozen=True)
class Stimulus:
    """Hold a sum of all that enters a cell: currents, conductances and events.

    Currents depolarise when positive. Add stimuli with `+` and scale them with `*`.
    """

    currents: tuple[Current, ...] = ()
    conductances: tuple[Conductance, ...] = ()
    events: tuple[Events, ...] = ()

    def __add__(self, other: Stimulus) -> Stimulus:
        if not isinstance(other, Stimulus):
            return NotImplemented
        return Stimulus(
            self.currents + other.currents,
            self.conductances + other.conductances,
            self.events + other.events,
        )

    def __mul__(self, factor: float) -> Stimulus:
        factor = number("stimulus: factor", factor)
        if factor < 0.0 and (self.conductances or self.events):
            raise InputError(
                f"stimulus: factor is {factor:g}; allowed with conductances or events: 0 on"
            )
        return Stimulus(
            tuple(replace(c, waveform=c.waveform * factor) for c in self.currents),
            tuple(replace(c, waveform=c.waveform * factor) for c in self.conductances),
            tuple(e * factor for e in self.events),
        )

    __rmul__ = __mul__

    @property
    def noisy(self) -> bool:
        """Whether something in it fluctuates, and differs from lane to lane."""
        return any(
            isinstance(part.waveform, Noise) for part in (*self.currents, *self.conductances)
        )

    def seeded(self, seed: int, lane: int) -> Stimulus:
        """Return the stimulus of one lane in a run of that seed; each noise has its stream."""
        seed = whole("seed", seed, "a whole number, 0 or more", lowest=0, highest=2**63)
        lane = whole("lane", lane, "a whole number, 0 or more", lowest=0, highest=2**62)
        places = itertools.count()

        def own(part: Any) -> Any:
            if not isinstance(part.waveform, Noise):
                return part
            return replace(part, waveform=part.waveform.seeded(seed, lane, next(places)))

        return replace(
            self,
            currents=tuple(map(own, self.currents)),
            conductances=tuple(map(own, self.conductances)),
        )

    def __neg__(self) -> Stimulus:
        return self * -1.0

    def at(self, t: ArrayLike) -> NDArray[np.float64]:
        """Return the summed current at times `t` [ms], where all share one unit.

        What fluctuates needs a seed, of its own or by `seeded`.

        Raises
        ------
        InputError
            If the currents differ in unit or compartment, or fluctuate and have no seed yet.
        """
        own = self.seeded(0, 0).currents
        noises = [c.waveform for c in self.currents if isinstance(c.waveform, Noise)]
        if any(noise.seed is None for noise in noises):
            raise InputError(
                "the current fluctuates, and each run and lane has its own; name one with "
                "stimulus.seeded(seed, lane).at(t)"
            )
        if len({(c.unit, c.compartment) for c in self.currents}) > 1:
            raise InputError(
                "the currents differ in unit or compartment; use into(cell), which converts"
            )
        t = array("t", t, "times in ms", ndim=None, unit="ms")
        ends = (float(t.min()), float(t.max())) if t.size else (0.0, 0.0)
        return sum((c.waveform.between(*ends).at(t) for c in own), np.zeros(t.shape))

    def into(self, cell: Cell) -> list[Waveform | None]:
        """Return the current into each compartment of `cell`, in the cell's own unit.

        Raises
        ------
        InputError
            If a compartment is unknown, a unit needs an area that the cell lacks, or something
            else than currents that are known beforehand enters.
        """
        if self.noisy or self.conductances or self.events:
            raise InputError(
                "the stimulus has noise, conductances or events; allowed here: currents alone"
            )
        return [None if c is None else c.line for c in self.drive(cell).currents]

    def drive(self, cell: Cell) -> Drive:
        """Return what enters `cell`, sorted by what it enters, in the cell's own units.

        Raises
        ------
        InputError
            If a compartment or synapse is unknown, or a unit needs an area that the cell lacks.
        """
        names = [compartment.name for compartment in cell.compartments]
        currents: list[Signal | None] = [None] * len(names)
        conductances: list[Signal | None] = [None] * len(names)

        def add(to: list[Signal | None], part: Current | Conductance, factor: float) -> None:
            where = names.index(find_compartment(cell, part.compartment).name)
            waveform = part.waveform * factor
            line = isinstance(waveform, Waveform)
            signal = Signal(waveform) if line else Signal(None, (waveform,))
            before = to[where]
            to[where] = signal if before is None else before + signal

        for current in self.currents:
            add(currents, current, conversion(current.unit, cell))
        for part in self.conductances:
            factor = conversion(CONDUCTANCES[part.unit], cell)
            add(conductances, part, factor)
            add(currents, part, factor * part.E)
        return Drive(tuple(currents), tuple(conductances), trains(self.events, cell))


@dataclass(frozen=True)
class VoltageClamp:
    """Hold a compartment's voltage at a command [mV] from the start of the run."""

    command: Waveform
    compartment: str | None = None

    def __post_init__(self) -> None:
        _check_name(self.compartment)


def _check_name(compartment: str | None) -> None:
    if compartment is not None:
        text("compartment", compartment, "the name of a compartment")


def trains(events: Iterable[Events], cell: Cell) -> tuple[Train | None, ...]:
    """Return what events open of each synapse of a cell, in its order.

    Raises
    ------
    InputError
        If the cell has no such synapse.
    """
    owners = [(c.name, s) for c in cell.compartments for s in c.synapses]
    found: list[list[Events]] = [[] for _ in owners]
    for each in events:
        places = [
            place
            for place, (compartment, synapse) in enumerate(owners)
            if synapse.name == each.synapse and each.compartment in (None, compartment)
        ]
        if len(places) != 1:
            many = "more than one" if places else "no"
            where = f" in {each.compartment}" if each.compartment else ""
            known = [f"{s.name} in {c}" for c, s in owners] or [
                "none; add one with cell.with_synapse"
            ]
            raise InputError(
                f"events: cell {cell.name} has {many} synapse {each.synapse!r}{where}; it has "
                f"{', '.join(known)}"
            )
        found[places[0]].append(each)
    return tuple(
        train(
            synapse,
            np.concatenate([e.times for e in listed]),
            np.concatenate([e.weights for e in listed]),
        )
        if listed
        else None
        for (_, synapse), listed in zip(owners, found, strict=True)
    )


def conversion(unit: str, cell: Cell) -> float:
    """Return the factor from `unit` to the cell's own current unit."""
    if unit not in UNITS:
        raise InputError(f"unit is {unit!r}; allowed: {', '.join(UNITS)}")
    own = cell.units["i"]
    if unit == own:
        return 1.0
    if cell.area is None:
        raise InputError(
            f"a current in {unit} needs the area of cell {cell.name}, which has none; give it "
            f"in {own}, or give the cell area=... in cm2"
        )
    return 1e-3 / cell.area if own == "uA/cm2" else 1e3 * cell.area
