"""What can be recorded, and how each is computed from sampled states.

Names: `v`, a gate (`NaP.m`), a pool (`Ca`), a channel's current (`NaP.i`), its open conductance
(`NaP.g_open`) and driving force (`NaP.drive`), what the stimulus injects (`stimulus.i`), and
under voltage clamp `clamp.i`; with the compartment's name in front where a cell has several.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.cells.paths import join
from mnexcite.channels import Carrier, Channel, Gate
from mnexcite.engine import drives
from mnexcite.engine.batch import Job
from mnexcite.equations.evaluated import Evaluated
from mnexcite.equations.layout import SYNAPSE
from mnexcite.equations.lower import Lanes
from mnexcite.equations.structure import ChannelSlot, Structure
from mnexcite.errors import InputError, did_you_mean, parts
from mnexcite.stimuli.drive import Commands, Signal

Array = NDArray[np.float64]
Reader = Callable[[int], Array]


@dataclass(frozen=True)
class Variable:
    """Hold a recorded quantity: its name, unit, compartment; of a current what carries it.

    `part`: what is asked of a channel or synapse, its `i`, `g_open` or `drive`, and of a
    compartment what is injected, `stimulus` or `clamp`.
    """

    name: str
    unit: str
    long_name: str
    compartment: int
    channel: str | None = None
    synapse: str | None = None
    part: str | None = None


def known(cell: Cell, clamped: int | None = None) -> dict[str, Variable]:
    """Return every variable of a cell by name."""
    found: dict[str, Variable] = {}
    unit = cell.units["i"]
    for k, compartment in enumerate(cell.compartments):

        def add(long_name: str, unit: str, *parts: str, **carrier: str) -> None:
            name = join(cell, compartment, *parts)  # noqa: B023
            found[name] = Variable(name, unit, long_name, k, **carrier)  # noqa: B023

        def carried(name: str, ohmic: bool, **carrier: str) -> None:
            add(f"{name} current", unit, name, "i", part="i", **carrier)
            if ohmic:
                said, own = f"{name} open conductance", cell.units["g"]
                add(said, own, name, "g_open", part="g_open", **carrier)
                said = f"{name} driving force"
                add(said, "mV", name, "drive", part="drive", **carrier)

        add("membrane voltage", "mV", "v")
        for channel in compartment.channels:
            carried(channel.name, isinstance(channel, Channel), channel=channel.name)
            for gate in channel.gates:
                add(f"{channel.name} gate {gate.name}", "1", channel.name, gate.name)
            for binding in channel.bindings:
                said = f"share of {channel.name} that {binding.name} leaves free"
                add(said, "1", channel.name, binding.name)
        for synapse in compartment.synapses:
            carried(synapse.name, True, synapse=synapse.name)
        for pool in compartment.pools:
            add(f"{pool.name} concentration", pool.unit, pool.name)
        add("injected current", unit, "stimulus", "i", part="stimulus")
    if len(cell.compartments) > 1:
        found["v"] = Variable("v", "mV", "membrane voltage", 0)
        found["stimulus.i"] = Variable(
            "stimulus.i", unit, "injected current", 0, part="stimulus"
        )
    if clamped is not None:
        found["clamp.i"] = Variable("clamp.i", unit, "clamp current", clamped, part="clamp")
    return found


def choose(cell: Cell, names: Sequence[str], clamped: int | None) -> tuple[Variable, ...]:
    """Return the named variables, or refuse the first unknown one."""
    variables = known(cell, clamped)
    names = parts("record", names, str, "a list of names, such as ('v', 'NaP.i')")
    for name in names:
        if not isinstance(name, str) or name not in variables:
            raise InputError(
                f"record names {name!r}, which cell {cell.name} does not have; "
                f"{did_you_mean(str(name), variables)}"
            )
    return tuple(variables[name] for name in dict.fromkeys(names))


class Recorder:
    """Turn sampled states (time x recorded state x lane) into variables (lane x time)."""

    def __init__(
        self,
        lanes: Lanes,
        variables: tuple[Variable, ...],
        clamp: Commands | None = None,
    ) -> None:
        self.lanes, self.variables, self.clamp = lanes, variables, clamp
        self.structure: Structure = lanes.layout.structure
        needed: set[int] = set()
        for variable in variables:
            needed |= self._needs(variable)
        self.states = np.array(sorted(needed), np.int64)

    def compute(self, t: Array, samples: Array, job: Job) -> dict[str, Array]:
        """Return each variable, lanes x time; the job says what entered."""
        place = {int(state): index for index, state in enumerate(self.states)}

        def state(index: int) -> Array:
            return samples[:, place[index], :].T

        def value(variable: Variable) -> Array:
            if variable.synapse is not None:
                return self._synaptic(variable, t, state, job)
            if variable.part == "stimulus":
                return self._injected(variable.compartment, t, state, job)
            return self._value(variable, t, state)

        return {variable.name: value(variable) for variable in self.variables}

    def _index(self, compartment: int, *parts: str) -> int:
        return self.structure.states.index(self.structure.path(compartment, *parts))

    def _needs(self, variable: Variable) -> set[int]:
        s, k = self.structure, variable.compartment
        if variable.part == "clamp":
            channels = s.compartments[k].channels
            needed = {self._index(k, "v")} | {other for _, other in s.neighbours(k)}
            return needed.union(*(self._of_channel(k, c.name) for c in channels))
        if variable.channel is not None:
            return self._of_channel(k, variable.channel)
        if variable.synapse is not None or variable.part == "stimulus":
            return {k}
        if (gate := self._instantaneous(variable)) is not None:
            return {self._source(k, gate)}
        if variable.name == "v":
            return {0}
        return {s.states.index(variable.name)}

    def _of_channel(self, k: int, name: str) -> set[int]:
        slot, s = self._slot(k, name), self.structure
        needed = {k, *(s.place(k, pool) for _, pool in slot.follows)}
        for gate in slot.gates:
            still = gate.instantaneous
            needed.add(s.source(k, gate) if still else self._index(k, name, gate.name))
        return needed | {self._index(k, name, binding.name) for binding in slot.bindings}

    def _slot(self, k: int, name: str) -> ChannelSlot:
        return next(c for c in self.structure.compartments[k].channels if c.name == name)

    def _value(self, variable: Variable, t: Array, state: Reader) -> Array:
        k = variable.compartment
        if variable.part == "clamp":
            return self._clamp_current(k, t, state)
        if variable.channel is not None:
            return self._current(k, variable.channel, state, str(variable.part))
        if (gate := self._instantaneous(variable)) is not None:
            channel = variable.name.split(".")[-2]
            return self._steady(k, channel, gate.name, state)
        return np.array(state(min(self._needs(variable))))

    def _instantaneous(self, variable: Variable) -> Gate | None:
        s, k = self.structure, variable.compartment
        for channel in self.lanes.cell.compartments[k].channels:
            for gate in channel.gates:
                if gate.instantaneous and s.path(k, channel.name, gate.name) == variable.name:
                    return gate
        return None

    def _source(self, k: int, gate: Gate) -> int:
        return self._index(k, "v" if gate.pool is None else gate.pool)

    def _channel(self, cell: Cell, k: int, name: str) -> Carrier:
        return next(c for c in cell.compartments[k].channels if c.name == name)

    def _steady(self, k: int, channel: str, gate_name: str, state: Reader) -> Array:
        value = np.empty(0)
        for kind, cell in enumerate(self.lanes.kinetics):
            gate = next(g for g in self._channel(cell, k, channel).gates if g.name == gate_name)
            x = state(self._source(k, gate))
            if not value.size:
                value = np.full(x.shape, np.nan)
            of_kind = self.lanes.kind == kind
            good = of_kind[:, None] & np.isfinite(x)
            value[good] = gate.steady_state(x[good])
        return value

    def _current(self, k: int, name: str, state: Reader, part: str = "i") -> Array:
        slot, s = self._slot(k, name), self.structure
        parts = {
            (k, name, gate.name): self._steady(k, name, gate.name, state)
            if gate.instantaneous
            else state(self._index(k, name, gate.name))
            for gate in slot.gates
        }
        for binding in slot.bindings:
            parts[k, name, binding.name] = state(self._index(k, name, binding.name))
        places = {k, *(s.place(k, pool) for _, pool in slot.follows)}
        states = {place: state(place) for place in places}
        terms = Evaluated(s, self._row, states, parts)
        asked = {"i": terms.current, "g_open": terms.conductance, "drive": terms.drive}[part]
        # a pump or a conductance without gates is the same at all times
        return np.broadcast_to(asked(k, slot), states[k].shape)

    def _row(self, kind: str, *where: object) -> Array:
        return self.lanes.rows[self.lanes.layout.row(kind, *where)][:, None]

    def _synaptic(self, variable: Variable, t: Array, state: Reader, job: Job) -> Array:
        k, name = variable.compartment, str(variable.synapse)
        peak, E = (self._row(row, k, name) for row in SYNAPSE[:2])
        drive = state(k) - E
        if variable.part == "drive":
            return drive
        g = peak * drives.opened(job.drives, self.structure, k, name, t)[job.drive_of]
        return g if variable.part == "g_open" else g * drive

    def _injected(self, k: int, t: Array, state: Reader, job: Job) -> Array:
        """Return what the stimulus injects, inward positive, conductances g (E - v) too."""

        def told(signals: list[Signal | None]) -> Array:
            lines = [s if s is None else s.between(job.start, job.end) for s in signals]
            each = [np.zeros(t.shape) if line is None else line.at(t) for line in lines]
            return np.stack(each)[job.drive_of]

        current = told([drive.currents[k] for drive in job.drives])
        return current - told([drive.conductances[k] for drive in job.drives]) * state(k)

    def _clamp_current(self, k: int, t: Array, state: Reader) -> Array:
        assert self.clamp is not None
        s = self.structure
        v = state(self._index(k, "v"))
        slopes = np.stack([command.slope(t) for command in self.clamp.commands])
        total = self._row("C", k) * slopes
        for channel in s.compartments[k].channels:
            total = total + self._current(k, channel.name, state)
        for index, other in s.neighbours(k):
            side = "coupling_a" if s.couplings[index][0] == k else "coupling_b"
            total = total + self._row(side, index) * (v - state(self._index(other, "v")))
        return total
