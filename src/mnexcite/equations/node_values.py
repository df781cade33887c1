"""Gates evaluated at the nodes of their axes, from which tables and fingerprints are made."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from types import FunctionType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell
from mnexcite.channels import Gate
from mnexcite.channels.axes import CONCENTRATION, axis_of
from mnexcite.channels.gate import Kinetics
from mnexcite.equations.layout import Block, Layout, Slot
from mnexcite.equations.structure import LOG

Array = NDArray[np.float64]

#: A gate's steady state and time constant on its axis, b"" for none.
Values = tuple[bytes, bytes]


class NodeValues:
    """Evaluate gates, each once in a run.

    What is made of them is shared by the values and never by the functions: a function of
    the user may read something that changes between two runs. This package's own functions
    read nothing else, so their values outlive the run.
    """

    def __init__(self) -> None:
        self._of_run = lru_cache(maxsize=64)(_evaluated)

    def of(self, cell: Cell, slot: Slot, unit: bool = False) -> Values:
        """Return the values of the gate in a slot, with `unit` at a rate of 1."""
        gate = gate_of(cell, slot)
        if unit and gate.rate != 1.0:
            gate = gate.with_scalars({"rate": 1.0})
        functions = (gate.inf, gate.tau, gate.alpha, gate.beta)
        own = all(f is None or _is_own(f) for f in functions)
        return _own(gate) if own else self._of_run(gate)

    def of_blocks(
        self, cell: Cell, blocks: tuple[Block, ...], unit: bool = False
    ) -> tuple[tuple[Values, ...], ...]:
        """Return the values of all gates, block by block."""
        return tuple(
            tuple(self.of(cell, slot, unit) for slot in block.slots) for block in blocks
        )

    def fingerprint(self, cell: Cell, layout: Layout) -> int:
        """Return a number that tells a cell's kinetics from others."""
        return _digest(self.of_blocks(cell, (*layout.voltage, *layout.concentration), True))


def gate_of(cell: Cell, slot: Slot) -> Gate:
    """Return the gate that stands in a slot, or the logarithm of a pool."""
    if slot.channel == LOG:
        return Gate(slot.gate.name, inf=logarithm, pool=slot.gate.pool)
    channels = cell.compartments[slot.compartment].channels
    channel = next(c for c in channels if c.name == slot.channel.name)
    return next(g for g in channel.gates if g.name == slot.gate.name)


def logarithm(c: ArrayLike) -> Array:
    """Return where log2(c) lies on the axis of concentrations, 0 to 1.

    So it can stand in a table as gates do.
    """
    held = np.clip(np.asarray(c, dtype=float), CONCENTRATION.lowest, CONCENTRATION.highest)
    return (np.log2(held) - CONCENTRATION.first) / (CONCENTRATION.last - CONCENTRATION.first)


def _is_own(function: Kinetics) -> bool:
    return isinstance(function, FunctionType) and function.__module__.startswith("mnexcite.")


@lru_cache(maxsize=256)
def _own(gate: Gate) -> Values:
    return _evaluated(gate)


def _evaluated(gate: Gate) -> Values:
    nodes = axis_of(gate.pool).nodes
    tau = b"" if gate.instantaneous else gate.time_constant(nodes).tobytes()
    return gate.steady_state(nodes).tobytes(), tau


@lru_cache(maxsize=64)
def _digest(kinetics: tuple[tuple[Values, ...], ...]) -> int:
    digest = hashlib.blake2b(digest_size=8)
    for block in kinetics:
        for values in block:
            for part in values:
                digest.update(part)
    return int.from_bytes(digest.digest(), "little", signed=True)
