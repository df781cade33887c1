"""What a kernel is compiled for: the shape of a cell without any of its values."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property

from mnexcite.cells import Cell
from mnexcite.cells.compartment import Compartment, tracking
from mnexcite.channels import GHK, Carrier, Channel, Pump


@dataclass(frozen=True)
class GateSlot:
    """A gate's exponent, what it reads (pool None: the voltage), and whether it has a tau."""

    name: str
    power: int
    pool: str | None
    instantaneous: bool


@dataclass(frozen=True)
class BindingSlot:
    """A binding: (gate, power) of what it goes through, and whether it binds outside that."""

    name: str
    through: tuple[tuple[str, int], ...]
    outside: bool


@dataclass(frozen=True)
class ChannelSlot:
    """A channel's or pump's gates and bindings, and the pools that it has to do with.

    `feeds`: (pool, charges) that its current fills. `follows`: (side, pool) of those that
    drive it. `law`: `ohmic`, `pump` or `ghk`.
    """

    name: str
    gates: tuple[GateSlot, ...]
    feeds: tuple[tuple[str, float], ...]
    bindings: tuple[BindingSlot, ...] = ()
    follows: tuple[tuple[str, str], ...] = ()
    law: str = "ohmic"

    def gate(self, name: str) -> GateSlot:
        """Return the gate of that name."""
        return next(gate for gate in self.gates if gate.name == name)


_LAWS = {Channel: "ohmic", Pump: "pump", GHK: "ghk"}

#: In whose name the logarithms of pools that move reversals stand among what is looked up:
#: no channel can be called so.
LOG = ChannelSlot("log_", (), ())


@dataclass(frozen=True)
class CompartmentSlot:
    """A compartment's channels, pools and synapses, and whether a conductance enters it."""

    name: str
    channels: tuple[ChannelSlot, ...]
    pools: tuple[str, ...]
    synapses: tuple[str, ...] = ()
    conducted: bool = False


@dataclass(frozen=True)
class Structure:
    """Compartments and which of them are joined (indices), in the cell's own order.

    States are ordered voltages, pools, gates with a time constant, bindings; `states` are
    their paths within the cell. `alike`: of each compartment one (index) whose gates it looks
    up, itself if left out.
    """

    compartments: tuple[CompartmentSlot, ...]
    couplings: tuple[tuple[int, int], ...]
    alike: tuple[int, ...] = ()

    @cached_property
    def pools(self) -> tuple[tuple[int, str], ...]:
        """(compartment index, pool name) of every pool."""
        return tuple((k, p) for k, c in enumerate(self.compartments) for p in c.pools)

    @cached_property
    def gates(self) -> tuple[tuple[int, ChannelSlot, GateSlot], ...]:
        """(compartment index, channel, gate) of every gate that has a time constant."""
        return tuple(row for row in self.every_gate if not row[2].instantaneous)

    @cached_property
    def every_gate(self) -> tuple[tuple[int, ChannelSlot, GateSlot], ...]:
        """(compartment index, channel, gate) of every gate."""
        return tuple(
            (k, channel, gate)
            for k, compartment in enumerate(self.compartments)
            for channel in compartment.channels
            for gate in channel.gates
        )

    @cached_property
    def logarithms(self) -> tuple[tuple[int, ChannelSlot, GateSlot], ...]:
        """(compartment index, LOG, gate) of each pool that moves a reversal."""
        moving = {
            (k, pool)
            for k, compartment in enumerate(self.compartments)
            for channel in compartment.channels
            if channel.law == "ohmic"
            for _, pool in channel.follows
        }
        return tuple(
            (k, LOG, GateSlot(p, 1, p, True)) for k, p in self.pools if (k, p) in moving
        )

    @cached_property
    def bindings(self) -> tuple[tuple[int, ChannelSlot, BindingSlot], ...]:
        """(compartment index, channel, binding) of every binding."""
        return tuple(
            (k, channel, binding)
            for k, compartment in enumerate(self.compartments)
            for channel in compartment.channels
            for binding in channel.bindings
        )

    @cached_property
    def inputs(self) -> tuple[tuple[str, int, str], ...]:
        """(kind, compartment index, synapse) of all that enters: what time alone decides.

        Kinds: `current` into every compartment, `conductance` where one enters, `synapse`.
        """
        compartments = list(enumerate(self.compartments))
        return (
            *(("current", k, "") for k, _ in compartments),
            *(("conductance", k, "") for k, c in compartments if c.conducted),
            *(("synapse", k, name) for k, c in compartments for name in c.synapses),
        )

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Paths of the states in their order."""
        return (
            *(self.path(k, "v") for k in range(len(self.compartments))),
            *(self.path(k, pool) for k, pool in self.pools),
            *(self.path(k, channel.name, gate.name) for k, channel, gate in self.gates),
            *(self.path(k, channel.name, each.name) for k, channel, each in self.bindings),
        )

    @cached_property
    def owners(self) -> tuple[int, ...]:
        """The compartment (index) of each state."""
        return (
            *range(len(self.compartments)),
            *(k for k, _ in self.pools),
            *(k for k, *_ in (*self.gates, *self.bindings)),
        )

    @property
    def first_gate(self) -> int:
        """Index of the first gate among the states."""
        return len(self.compartments) + len(self.pools)

    def path(self, compartment: int, *parts: str) -> str:
        """Return the path of `parts`; a single compartment's name is left out."""
        if len(self.compartments) == 1:
            return ".".join(parts)
        return ".".join((self.compartments[compartment].name, *parts))

    def place(self, compartment: int, pool: str) -> int:
        """Return the index of a pool among the states."""
        return len(self.compartments) + self.pools.index((compartment, pool))

    def source(self, compartment: int, gate: GateSlot) -> int:
        """Return the index of what a gate reads among the states."""
        return compartment if gate.pool is None else self.place(compartment, gate.pool)

    def feeders(self, compartment: int, pool: str) -> list[tuple[ChannelSlot, float]]:
        """Return the channels whose currents fill a pool, and what share of each."""
        return [
            (channel, charges)
            for channel in self.compartments[compartment].channels
            for name, charges in channel.feeds
            if name == pool
        ]

    def neighbours(self, compartment: int) -> list[tuple[int, int]]:
        """Return (coupling index, other compartment) of a compartment's couplings."""
        joined = []
        for index, (a, b) in enumerate(self.couplings):
            if compartment in (a, b):
                joined.append((index, b if compartment == a else a))
        return joined


def structure_of(cell: Cell, conducted: Container[int] = (), paced: bool = False) -> Structure:
    """Return the structure of a cell.

    A conductance enters some compartments (indices); `paced`: some lane's gates have rates
    of their own.
    """
    names = [compartment.name for compartment in cell.compartments]
    compartments = tuple(
        CompartmentSlot(
            compartment.name,
            tuple(
                _channel_slot(cell, compartment, channel) for channel in compartment.channels
            ),
            tuple(pool.name for pool in compartment.pools),
            tuple(synapse.name for synapse in compartment.synapses),
            k in conducted,
        )
        for k, compartment in enumerate(cell.compartments)
    )
    couplings = tuple((names.index(c.a), names.index(c.b)) for c in cell.couplings)
    return Structure(compartments, couplings)


def _channel_slot(cell: Cell, compartment: Compartment, channel: Carrier) -> ChannelSlot:
    ion = next((ion for ion in cell.ions if ion.name == channel.ion), None)
    carries = channel.carries
    return ChannelSlot(
        channel.name,
        tuple(GateSlot(g.name, g.power, g.pool, g.instantaneous) for g in channel.gates),
        tuple((p.name, carries[p.ion]) for p in compartment.pools if p.ion in carries),
        tuple(
            BindingSlot(b.name, tuple(sorted(b.through.items())), b.outside)
            for b in channel.bindings
        ),
        tuple((pool.side, pool.name) for pool in tracking(compartment, ion)),
        _LAWS[type(channel)],
    )
