"""Where each number of a structure stands: rows of parameters and columns of tables.

The emitter writes these places into the kernel and the lowering fills them; both read
this one file. In a row of a table stand a group's constant coefficients side by side, then
its linear ones and so on: a lane evaluates its whole group at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from mnexcite.channels.axes import VOLTAGE, VoltageAxis
from mnexcite.equations.structure import ChannelSlot, GateSlot, Structure
from mnexcite.kernels.vector_ops import GROUP

#: How many coefficients a tabulated function has in each row.
LINE, CUBIC, QUINTIC = 2, 4, 6
#: Lanes of a vector.
WIDTH = 4
#: Rows of a synapse: its peak conductance, reversal, and one over its time constants.
SYNAPSE = ("peak", "reversal", "fading", "rising")


@dataclass(frozen=True)
class Slot:
    """A gate's place in a block: the number of its `first` function there."""

    compartment: int
    channel: ChannelSlot
    gate: GateSlot
    first: int

    @property
    def functions(self) -> int:
        """Number of tabulated functions: an instantaneous gate has its steady state only."""
        return 1 if self.gate.instantaneous else 2


@dataclass(frozen=True)
class Block:
    """Gates that are looked up together, side by side in a table row.

    They belong to one compartment, read the same (`pool`, None for the voltage) and are
    either all instantaneous or none. `start` is the block's first group in the row.
    """

    compartment: int
    pool: str | None
    instantaneous: bool
    slots: tuple[Slot, ...]
    start: int

    @property
    def functions(self) -> int:
        """Number of tabulated functions."""
        return sum(slot.functions for slot in self.slots)

    @property
    def groups(self) -> int:
        """Number of groups of functions, the last one filled up."""
        return -(-self.functions // GROUP)


@dataclass(frozen=True)
class Layout:
    """Places of parameters and tabulated functions for one structure."""

    structure: Structure

    @cached_property
    def parameters(self) -> tuple[tuple[str, ...], ...]:
        """What each row of parameters is: kind, then compartment index and names."""
        s, rows = self.structure, []
        for k, compartment in enumerate(s.compartments):
            rows.append(("C", str(k)))
            for channel in compartment.channels:
                rows.append(("g", str(k), channel.name))
                rows += [(row, str(k), channel.name) for row in _of_law(channel)]
        for k, pool in s.pools:
            rows += [(kind, str(k), pool) for kind in ("alpha", "removal", "rest")]
        rows += [("nernst", str(k), pool.name) for k, _, pool in s.logarithms]
        for kind, k, name in s.inputs:
            if kind == "synapse":
                rows += [(part, str(k), name) for part in SYNAPSE]
        rows += [("rate", str(k), channel.name, gate.name) for k, channel, gate in s.gates]
        for k, channel, binding in s.bindings:
            rows += [(row, str(k), channel.name, binding.name) for row in ("catch", "free")]
        for index in range(len(s.couplings)):
            rows += [("coupling_a", str(index)), ("coupling_b", str(index))]
        return tuple(rows)

    def row(self, kind: str, *where: object) -> int:
        """Return the row of a parameter."""
        return self.parameters.index((kind, *map(str, where)))

    @cached_property
    def voltage(self) -> tuple[Block, ...]:
        """Blocks of the voltage table."""
        return self._blocks(of_pools=False)

    @cached_property
    def concentration(self) -> tuple[Block, ...]:
        """Blocks of the concentration table."""
        return self._blocks(of_pools=True)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Every gate's slot."""
        return tuple(
            slot for block in (*self.voltage, *self.concentration) for slot in block.slots
        )

    def _blocks(self, of_pools: bool) -> tuple[Block, ...]:
        members: dict[tuple[int, str | None, bool], list[tuple[ChannelSlot, GateSlot]]] = {}
        for k, channel, gate in (*self.structure.every_gate, *self.structure.logarithms):
            if (gate.pool is not None) == of_pools:
                key = (k, gate.pool, gate.instantaneous)
                members.setdefault(key, []).append((channel, gate))
        blocks: list[Block] = []
        start, alike = 0, dict(enumerate(self.structure.alike))
        starts: dict[tuple[int, str | None, bool], int] = {}
        for (k, pool, instantaneous), gates in members.items():
            slots, first = [], 0
            for channel, gate in gates:
                slots.append(Slot(k, channel, gate, first))
                first += slots[-1].functions
            key = alike.get(k, k), pool, instantaneous
            shared = starts.setdefault(key, start)
            blocks.append(Block(k, pool, instantaneous, tuple(slots), shared))
            if shared == start:
                start += blocks[-1].groups
        return tuple(blocks)


def _of_law(channel: ChannelSlot) -> list[str]:
    """Return the rows of what drives a channel."""
    if channel.law == "ghk":
        sides = dict(channel.follows)
        return ["per_volt", *(side for side in ("inside", "outside") if side not in sides)]
    return ["E"] if channel.law == "ohmic" else []


def degree_of(pool: str | None, by_voltage: int) -> int:
    """Return how many coefficients functions of a pool have, of the voltage for None.

    Concentrations are looked up seldom, and their rows are coarse: curves are quintics there.
    """
    return by_voltage if pool is None or by_voltage == LINE else QUINTIC


def voltage_axis(coefficients: int) -> VoltageAxis:
    """Return the axis of a voltage table: rows of quintics are twice as wide."""
    wide = coefficients == QUINTIC
    return replace(VOLTAGE, width=2.0 * VOLTAGE.width) if wide else VOLTAGE


def row_groups(blocks: tuple[Block, ...]) -> int:
    """Return the groups of functions in one table row."""
    return max((block.start + block.groups for block in blocks), default=0)


def distinct(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks that make up a table row, without those that share another's place."""
    first: dict[int, Block] = {}  # in the order of their places
    for block in blocks:
        first.setdefault(block.start, block)
    return tuple(first.values())
