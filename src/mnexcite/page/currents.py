"""The currents of a cell as formulas of its states, for a page to draw."""

from __future__ import annotations

import math
from typing import Any

from mnexcite.channels.axes import CONCENTRATION
from mnexcite.equations.layout import Layout
from mnexcite.equations.structure import BindingSlot, ChannelSlot, GateSlot
from mnexcite.equations.terms import Terms
from mnexcite.kernels.vector_ops import GROUP
from mnexcite.page.formula import Formula

SIDES = ("outside", "inside")


class Told(Terms[Any]):
    """Walk the terms of the membrane with rows, states and tables by their places.

    `("r", row)`, `("s", state)`, and `("t", of pools, function, state)` for what an
    instantaneous gate has in a table.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout, self.structure = layout, layout.structure

    def row(self, kind: str, *where: object) -> Formula:
        """Return a parameter."""
        return Formula(("r", self.layout.row(kind, *where)))

    def state(self, place: int) -> Formula:
        """Return a voltage or the concentration of a pool."""
        return Formula(("s", place))

    def opening(self, k: int, channel: ChannelSlot, gate: GateSlot) -> Formula:
        """Return how far a gate is open."""
        if not gate.instantaneous:
            return self._named(k, channel.name, gate.name)
        of_pools = gate.pool is not None
        blocks = self.layout.concentration if of_pools else self.layout.voltage
        for block in blocks:
            for slot in block.slots:
                if (slot.compartment, slot.channel, slot.gate) == (k, channel, gate):
                    place = GROUP * block.start + slot.first
                    return Formula(("t", of_pools, place, self.structure.source(k, gate)))
        raise KeyError(gate.name)

    def free(self, k: int, channel: ChannelSlot, binding: BindingSlot) -> Formula:
        """Return the share that a binding leaves free."""
        return self._named(k, channel.name, binding.name)

    def logarithm(self, k: int, pool: str) -> Formula:
        """Return where the logarithm of a pool lies on its axis, 0 to 1."""
        octaves = CONCENTRATION.last - CONCENTRATION.first
        of_pool = self.state(self.structure.place(k, pool)).log()
        return of_pool * (1.0 / (math.log(2.0) * octaves)) - CONCENTRATION.first / octaves

    def goldman(self, k: int, channel: ChannelSlot) -> tuple[Any, Any, Any]:
        """Return nothing: a page draws no such current."""
        raise NotImplementedError

    def _named(self, k: int, *parts: str) -> Formula:
        return self.state(self.structure.states.index(self.structure.path(k, *parts)))


def reversals_of(layout: Layout) -> list[dict[str, Any]]:
    """Return of each channel with a reversal its row of the conductance, and a formula."""
    told, found = Told(layout), []
    for k, compartment in enumerate(layout.structure.compartments):
        for channel in compartment.channels:
            if channel.law == "pump":
                continue
            if channel.law == "ohmic":
                E = told.reversal(k, channel)
            else:
                outside, inside = (told.concentration(k, channel, s) for s in SIDES)
                E = (outside / inside).log() / told.row("per_volt", k, channel.name)
            found.append({"g": layout.row("g", k, channel.name), "E": E.json})
    return found


def currents_of(layout: Layout) -> dict[str, list[Any]]:
    """Return the formula of each current by its name, but those of permeabilities."""
    told, found = Told(layout), {}
    for k, compartment in enumerate(layout.structure.compartments):
        for channel in compartment.channels:
            if channel.law != "ghk":
                name = layout.structure.path(k, channel.name, "i")
                found[name] = told.current(k, channel).json
    return found
