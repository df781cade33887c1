"""What stands at the head of a page: the name of a cell, and what it is in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mnexcite.cells import Cell
from mnexcite.cells.catalogue import CATALOGUE

#: Of each cell of the catalogue, for who does not know its paper.
ABOUT: Mapping[str, str] = MappingProxyType(
    {
        "hodgkin_huxley_1952": "The giant axon of the squid, the first nerve in equations. No "
        "muscle hangs on it: the motor unit shows what its spikes would do to one.",
        "purvis_butera_2005": "A motoneuron of the rat that moves the tongue.",
        "molkov_2025": "A motoneuron of the mouse's spinal cord that can latch into firing.",
        "booth_rinzel_kiehn_1997": "A spinal motoneuron in two parts, cell body and dendrite; "
        "the dendrite can hold a plateau of calcium.",
        "cramping_motoneuron": "A motoneuron made to cramp: its spike currents are published, "
        "what holds the cramp is assumed.",
        "motor_terminal": "The end of a motor axon in its muscle. It fires by itself where "
        "potassium around it is high, from about 7 mM on.",
    }
)


def title(cell: Cell) -> str:
    """Return a cell's name for a heading: authors and year, if it is a paper's."""
    *names, last = cell.name.split("_")
    if cell.name not in CATALOGUE or not last.isdigit():
        plain = cell.name.replace("_", " ")
        return plain[:1].upper() + plain[1:]
    *others, final = (name.capitalize() for name in names)
    if others:
        return f"{', '.join(others)} & {final} {last}"
    return f"{final} {'et al. ' if 'et al.' in cell.source else ''}{last}"
