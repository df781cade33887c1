"""The terms of the membrane as texts, in the names that a printer gives to variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mnexcite.equations.structure import LOG, BindingSlot, ChannelSlot, GateSlot
from mnexcite.equations.terms import Terms
from mnexcite.kernels.formula import Text

if TYPE_CHECKING:
    from mnexcite.engine.printer import Printer


class Printed(Terms[Text]):
    """The terms of the membrane as texts, in a printer's names.

    `at(place)`: variable of a voltage or pool, the present one if left out.
    """

    def __init__(self, printer: Printer, at: Callable[[int], str] | None = None) -> None:
        self.printer, self.structure = printer, printer.structure
        self.at = at or printer.states.__getitem__

    def row(self, kind: str, *where: object) -> Text:
        """Return the variable of a parameter."""
        return Text(self.printer.parameter(kind, *where))

    def state(self, place: int) -> Text:
        """Return the variable of a voltage or pool."""
        return Text(self.at(place))

    def opening(self, k: int, channel: ChannelSlot, gate: GateSlot) -> Text:
        """Return the variable of a gate, or of what was looked up."""
        kind = "f0" if gate.instantaneous else "x"
        return Text(self.printer.name(kind, k, channel.name, gate.name))

    def free(self, k: int, channel: ChannelSlot, binding: BindingSlot) -> Text:
        """Return the variable of what a binding leaves free."""
        return Text(self.printer.name("x", k, channel.name, binding.name))

    def logarithm(self, k: int, pool: str) -> Text:
        """Return the variable of what was looked up."""
        return Text(self.printer.name("f0", k, LOG.name, pool))

    def steepness(self, k: int, channel: ChannelSlot, gate: GateSlot) -> Text:
        """Return the variable of a slope that was looked up."""
        return Text(self.printer.name("d0", k, channel.name, gate.name))

    def conductance(self, k: int, channel: ChannelSlot) -> Text:
        """Return the variable that `Printer.total_conductances` prints."""
        kind = "now" if any(gate.instantaneous for gate in channel.gates) else "open"
        return Text(self.printer.name(kind, k, channel.name))

    def reversal(self, k: int, channel: ChannelSlot) -> Text:
        """Return the variable of E, where pools move it what is printed for that."""
        if channel.follows:
            return Text(self.printer.name("reversal", k, channel.name))
        return super().reversal(k, channel)

    def goldman(self, k: int, channel: ChannelSlot) -> tuple[Text, Text, Text]:
        """Return the variables of u, A and dA/du that `Printer._print_drive` prints."""
        u, A, slope = (self.printer.name(n, k, channel.name) for n in ("u", "A", "dA"))
        return Text(u), Text(A), Text(slope)

    def drive(self, k: int, channel: ChannelSlot) -> Text | None:
        """Return the drive, of a permeability the variable that is printed for it."""
        if channel.law == "ghk":
            return Text(self.printer.name("driving", k, channel.name))
        return super().drive(k, channel)


class Between(Printed):
    """The terms with gates halfway from `was_` to what they are."""

    def opening(self, k: int, channel: ChannelSlot, gate: GateSlot) -> Text:
        """Return the mean of a gate before and after."""
        x = super().opening(k, channel, gate)
        return x if gate.instantaneous else Text(f"(0.5 * (was_{x} + {x}))")
