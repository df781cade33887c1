"""Kernels of adaptive steps: what they take and their text."""

from __future__ import annotations

from dataclasses import replace

from mnexcite.engine.adaptive_loop import Loop, Scheme
from mnexcite.engine.adaptive_looped import LoopedLoop
from mnexcite.engine.printer import Printer
from mnexcite.equations.layout import WIDTH
from mnexcite.equations.structure import Structure
from mnexcite.kernels.source import Entry

FIRST_STEP = 0.01  # ms

ENTRY = Entry(
    "advance",
    "Advance the lanes of `queue` to `end`, and return the number of spikes found. Return "
    "early after `budget` steps of a vector, or with the lists of spikes full: lanes that are "
    "not `done` then wait for another call.",
    {
        "y": ("f8[::1]", "states x lanes, in and out"),
        "clock": (
            "f8[::1]",
            "3 x lanes, their times, next steps and whether a crossing will be a spike",
        ),
        "values": ("f8[::1]", "states x lanes at the end"),
        "p": ("f8[::1]", "parameters x lanes"),
        "vtable": ("f8[::1]", "functions by voltage"),
        "vbase": ("i8[::1]", "where each lane's table begins"),
        "ctable": ("f8[::1]", "functions by concentration"),
        "cbase": ("i8[::1]", "where each lane's table begins"),
        "starts": ("f8[::1]", "of each piece of a drive, its time"),
        "levels": ("f8[::1]", "by piece and input, its value there; of a synapse what fades"),
        "climbs": ("f8[::1]", "the same, its slope; of a synapse what holds its rise back"),
        "pieces": ("i8[::1]", "drive d has pieces pieces[d] to pieces[d + 1]"),
        "drive_of": ("i8[::1]", "each lane's drive"),
        "weights": ("f8[::1]", "of the states' errors"),
        "times": ("f8[::1]", "of the samples"),
        "recorded": ("i8[::1]", "states that are sampled"),
        "samples": ("f8[:,:,::1]", "times x recorded x lanes"),
        "spike_lanes": ("i8[::1]", "of each spike within begin to end, its lane"),
        "spike_times": ("f8[::1]", "and its time"),
        "armed": ("i8[::1]", "whether a crossing will be a spike"),
        "status": ("i8[::1]", "of each lane, by number"),
        "ended": ("f8[::1]", "when a lane failed"),
        "taken": ("f8[::1]", "steps of each lane"),
        "done": ("i8[::1]", "whether a lane waits for nothing more"),
        "queue": ("i8[::1]", "lanes to run"),
        "budget": ("i8", "steps of a vector before it returns"),
        "begin": ("f8", "where results begin"),
        "end": ("f8", "and end"),
        "threshold": ("f8", "of a spike"),
        "tableau": ("f8[::1]", "the method's coefficients"),
        "swing": ("f8[::1]", "how much a state may swing between two steps beyond them"),
        "floors": ("f8[::1]", "of the pools"),
        "tile": ("f8[::1]", "room to work in"),
    },
    answer="i8",
)
#: The same for one lane that tells its steps.
TRAIL_ENTRY = replace(
    ENTRY,
    arguments={
        **ENTRY.arguments,
        "trail": (
            "f8[::1]",
            "(1 + states) x steps, accepted ones: time and states at its end, from the second "
            "row on; how many they are stands first. Returns early when it is full",
        ),
    },
)


def kernel_source(
    structure: Structure,
    title: str,
    scheme: Scheme,
    coefficients: int,
    width: int = WIDTH,
    trail: bool = False,
) -> str:
    """Return the kernel's source, on vectors of `width` lanes.

    With a `trail`, whose entry is `TRAIL_ENTRY`, that is one lane. Tables of voltages have so
    many `coefficients` in a row.
    """
    printer = Printer(structure, 1, coefficients, 1 if trail else width)
    loop = (LoopedLoop if printer.loops else Loop)(printer, scheme, trail)
    loop.print(title, TRAIL_ENTRY if trail else ENTRY)
    return loop.out.text()


def room(structure: Structure, scheme: Scheme, trail: bool = False) -> int:
    """Return the numbers that a kernel's tile holds."""
    loop = _loop(structure, scheme, trail)
    if not isinstance(loop, LoopedLoop):
        return loop.size
    loop.print("", ENTRY)
    return loop.loops.end


def slopes_place(structure: Structure, scheme: Scheme, trail: bool = False) -> int:
    """Return where in a tile the slopes at the start of the step in which a run ends begin."""
    return _loop(structure, scheme, trail).place["old_slopes"]


def _loop(structure: Structure, scheme: Scheme, trail: bool) -> Loop:
    printer = Printer(structure, 1, width=1 if trail else WIDTH)
    return (LoopedLoop if printer.loops else Loop)(printer, scheme, trail)
