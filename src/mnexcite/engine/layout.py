"""Where each number of a structure stands: rows of parameters and columns of tables.

The emitter writes these places into the kernel and the lowering fills them; both read
this one file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mnexcite.engine.structure import ChannelSlot, GateSlot, Structure

#: A tabulated function is a quadratic: three coefficients.
COEFFICIENTS = 3


@dataclass(frozen=True)
class Slot:
    """A gate's place in a table row: `column` of its first coefficient."""

    compartment: int
    channel: ChannelSlot
    gate: GateSlot
    column: int


@dataclass(frozen=True)
class Layout:
    """Places of parameters and tabulated functions for one structure.

    A gate with a time constant has two functions side by side, an instantaneous gate
    one: its steady state.
    """

    structure: Structure

    @cached_property
    def parameters(self) -> tuple[tuple[str, ...], ...]:
        """What each row of parameters is: kind, then compartment index and names."""
        s, rows = self.structure, []
        for k, compartment in enumerate(s.compartments):
            rows.append(("C", str(k)))
            for channel in compartment.channels:
                rows += [("g", str(k), channel.name), ("E", str(k), channel.name)]
        for k, pool in s.pools:
            rows += [(kind, str(k), pool) for kind in ("alpha", "removal", "rest")]
        for index in range(len(s.couplings)):
            rows += [("coupling_a", str(index)), ("coupling_b", str(index))]
        return tuple(rows)

    def row(self, kind: str, *where: object) -> int:
        """Return the row of a parameter."""
        return self.parameters.index((kind, *map(str, where)))

    @cached_property
    def voltage(self) -> tuple[Slot, ...]:
        """Gates in the voltage table, compartment by compartment."""
        return self._slots(pool=False)

    @cached_property
    def concentration(self) -> tuple[Slot, ...]:
        """Gates in the concentration table."""
        return self._slots(pool=True)

    def width(self, slots: tuple[Slot, ...]) -> int:
        """Return the coefficients in one table row of these slots."""
        return sum(_functions(slot.gate) for slot in slots) * COEFFICIENTS

    def _slots(self, pool: bool) -> tuple[Slot, ...]:
        slots, column = [], 0
        for k, channel, gate in self.structure.every_gate:
            if (gate.pool is not None) == pool:
                slots.append(Slot(k, channel, gate, column))
                column += _functions(gate) * COEFFICIENTS
        return tuple(slots)


def _functions(gate: GateSlot) -> int:
    return 1 if gate.instantaneous else 2
