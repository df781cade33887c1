"""Where voltage and gates stand still, as formulas, for a page to draw in its phase plane."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

from mnexcite.equations.layout import Layout
from mnexcite.kernels.vector_ops import GROUP
from mnexcite.page.currents import Told
from mnexcite.page.formula import Formula


def nullclines_of(layout: Layout) -> dict[str, Any] | None:
    """Return what stands still where, None for a cell whose currents a page cannot tell.

    `current`: what flows out of the first compartment; where it is what is put in, the voltage
    stands still. `steady`: where each gate there is heading, by its name.
    """
    told, structure = Told(layout), layout.structure
    channels = structure.compartments[0].channels
    if any(channel.law == "ghk" for channel in channels):
        return None
    flows = [told.current(0, channel) for channel in channels]
    for i, (a, b) in enumerate(structure.couplings):
        if 0 in (a, b):
            side, other = ("coupling_a", b) if a == 0 else ("coupling_b", a)
            flows.append(
                Formula(("r", layout.row(side, i))) * (told.state(0) - told.state(other))
            )
    return {"current": reduce(add, flows).json, "steady": _steady(layout)}


def _steady(layout: Layout) -> dict[str, Any]:
    """Return the steady state of the gates: dt inf / tau over dt / tau, which tables hold."""
    structure, found = layout.structure, {}
    for of_pools, blocks in ((False, layout.voltage), (True, layout.concentration)):
        for block in blocks:
            for slot in () if block.instantaneous or block.compartment else block.slots:
                place, source = GROUP * block.start + slot.first, structure.source(0, slot.gate)
                rate, rise = (Formula(("t", of_pools, place + i, source)) for i in range(2))
                found[structure.path(0, slot.channel.name, slot.gate.name)] = (rise / rate).json
    return found
