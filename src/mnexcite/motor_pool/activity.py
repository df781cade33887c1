"""What a pool did: spikes, shared states, force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnexcite.motor_pool.protocol import Protocol
from mnexcite.spikes import SpikeTrains

if TYPE_CHECKING:
    from mnexcite.motor_pool.pool import Pool
    from mnexcite.motor_pool.run import Standing

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Activity:
    """Hold what a motor pool and its muscle did.

    Attributes
    ----------
    pool, protocol, seed
        Of the run.
    duration
        [ms].
    somas, terminals
        Spikes of each unit, smallest first. Those of terminals are what fibres, electrodes
        and potassium see.
    t
        Ends of the ms that all below belong to, shape (n,) [ms].
    shared
        `potassium` [mM], `pump`, `afferent` (the facilitation), `sensitisation`, `activity`
        [Hz], each of shape (n,).
    unit_force
        Of each unit, shape (units, n) [fraction of maximal force].
    status
        `ok`, or which end of the axons failed, and how.
    standing
        Where it ended; `contract(initial=...)` goes on from there.
    """

    pool: Pool
    protocol: Protocol
    seed: int
    duration: float
    somas: SpikeTrains
    terminals: SpikeTrains
    t: Array
    shared: Mapping[str, Array]
    unit_force: Array
    status: str
    standing: Standing

    @property
    def force(self) -> Array:
        """Active force of the muscle, shape (n,) [fraction of maximal force]."""
        return self.unit_force.sum(axis=0)
