"""Where cells rest: the stable equilibrium of each lane, if it has one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.balance import balanced
from mnexcite.cells.excitability import beyond_instability
from mnexcite.cells.stability import states_at
from mnexcite.cells.variants import LaneGate, Variants, gates_of
from mnexcite.engine.lower import Lanes

Array = NDArray[np.float64]


def rests(lanes: Lanes) -> Array:
    """Return each lane's rest without any drive: its stable equilibrium of lowest voltage.

    One above a voltage at which the membrane is unstable is a depolarisation block, and no
    rest. Shape (states, lanes), in the structure's order; NaN in lanes without a rest.
    """
    keys = np.vstack([lanes.rows, lanes.kind])
    _, one, same = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    found = np.full((len(lanes.layout.structure.states), one.size), np.nan)
    variants = variants_of(lanes).at(one)
    still = np.zeros(len(lanes.cell.compartments))
    owner, voltages = balanced(lanes.cell, variants, still)
    states = states_at(lanes.cell, variants.at(owner), voltages, still)
    stable = np.flatnonzero(states.stable)
    # in order of lane and voltage: the first of each lane is its lowest
    resting, first = np.unique(owner[stable], return_index=True)
    chosen = stable[first]
    at = voltages[:, chosen]
    blocked = beyond_instability(lanes.cell, variants.at(resting), at[0], at[1:])
    found[:, resting[~blocked]] = states.values[:, chosen[~blocked]]
    return found[:, same.reshape(-1)]


def variants_of(lanes: Lanes) -> Variants:
    """Return the lanes' parameters by kind; each kind stands in the cell's order."""
    kinds = [kind for kind, *_ in lanes.layout.parameters]

    def of(kind: str) -> Array:
        return lanes.rows[[i for i, found in enumerate(kinds) if found == kind]]

    return Variants(
        C=of("C"),
        g=of("g"),
        E=of("E"),
        alpha=of("alpha"),
        removal=of("removal"),
        rest=of("rest"),
        coupling_a=of("coupling_a"),
        coupling_b=of("coupling_b"),
        catch=of("catch"),
        free=of("free"),
        gates=_gates(lanes),
    )


def _gates(lanes: Lanes) -> tuple[LaneGate, ...]:
    """Return every gate of the lanes, each at its lane's rate."""
    found = list(gates_of(lanes.kinetics, lanes.kind))
    for place, (k, channel, slot) in enumerate(lanes.layout.structure.every_gate):
        if slot.instantaneous:
            continue
        gate = found[place]
        rate = lanes.rows[lanes.layout.row("rate", k, channel.name, slot.name)]
        own = np.array([kind.rate for kind in gate.kinds])[gate.which]
        if not np.array_equal(rate, own):
            found[place] = replace(gate, pace=rate / own)
    return tuple(found)
