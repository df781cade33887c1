"""Where cells rest: the stable equilibrium of each lane, if it has one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnexcite.equations.balance import balanced
from mnexcite.equations.excitability import beyond_instability
from mnexcite.equations.lower import Lanes
from mnexcite.equations.stability import states_at
from mnexcite.equations.variants import variants_of

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
