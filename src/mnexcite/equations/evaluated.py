"""The terms of the membrane where everything is known: numbers, formulas, arrays of lanes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mnexcite.channels.axes import CONCENTRATION
from mnexcite.channels.kinetics import linoid
from mnexcite.equations.node_values import logarithm
from mnexcite.equations.structure import LOG, BindingSlot, ChannelSlot, GateSlot, Structure
from mnexcite.equations.terms import Terms

#: Compartment (index), channel, and its gate or binding.
Part = tuple[int, str, str]


class Evaluated(Terms[Any]):
    """Walk the terms with values that are given.

    `row` gives a parameter as the layout names it. `states`: the index of a voltage or pool
    among the states -> its value; `parts`: gate -> how far it is open, binding -> the share
    that it leaves free; `steep`: instantaneous gate -> its slope.
    """

    def __init__(
        self,
        structure: Structure,
        row: Callable[..., Any],
        states: Mapping[int, Any],
        parts: Mapping[Part, Any],
        steep: Mapping[Part, Any] | None = None,
    ) -> None:
        self.structure, self._row, self.states = structure, row, states
        self.parts, self.steep = parts, steep or {}
        self._logarithms: dict[int, Any] = {}

    def row(self, kind: str, *where: object) -> Any:
        """Return a parameter."""
        return self._row(kind, *where)

    def state(self, place: int) -> Any:
        """Return a voltage or the concentration of a pool."""
        return self.states[place]

    def opening(self, k: int, channel: ChannelSlot, gate: GateSlot) -> Any:
        """Return how far a gate is open."""
        return self.parts[k, channel.name, gate.name]

    def free(self, k: int, channel: ChannelSlot, binding: BindingSlot) -> Any:
        """Return the share that a binding leaves free."""
        return self.parts[k, channel.name, binding.name]

    def logarithm(self, k: int, pool: str) -> Any:
        """Return where the logarithm of a pool lies on its axis."""
        place = self.structure.place(k, pool)
        if place not in self._logarithms:
            self._logarithms[place] = logarithm(self.states[place])
        return self._logarithms[place]

    def goldman(self, k: int, channel: ChannelSlot) -> tuple[Any, Any, Any]:
        """Return u, A and dA/du of a permeability."""
        u = self.row("per_volt", k, channel.name) * self.states[k]
        A = linoid(u, 1.0)
        near = np.abs(u) < 1e-4  # there by the first terms of its series
        slope = np.where(near, 0.5 + u / 6.0, (1.0 - (A - u)) * A / np.where(near, 1.0, u))
        return u, A, slope

    def steepness(self, k: int, channel: ChannelSlot, gate: GateSlot) -> Any:
        """Return the slope of an instantaneous gate, or a logarithm's."""
        if channel == LOG:
            octaves = CONCENTRATION.last - CONCENTRATION.first
            return 1.0 / (self.states[self.structure.source(k, gate)] * math.log(2.0) * octaves)
        return self.steep[k, channel.name, gate.name]
