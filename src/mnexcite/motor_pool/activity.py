"""What a pool did: spikes, shared states, force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnexcite.disk import labelled
from mnexcite.errors import cf_attributes
from mnexcite.errors.display import counted, some, table
from mnexcite.motor_pool.protocol import Protocol
from mnexcite.motor_pool.units import POOL_FORCE
from mnexcite.spikes import SpikeTrains

if TYPE_CHECKING:
    import xarray

    from mnexcite.motor_pool.ends import Standing
    from mnexcite.motor_pool.pool import Pool

Array = NDArray[np.float64]

#: Units of the shared states.
UNITS = {
    "potassium": "mM",
    "pump": "1",
    "afferent": "1",
    "sensitisation": "1",
    "activity": "Hz",
}


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

    def __repr__(self) -> str:
        return (
            f"Activity({counted(len(self.pool), 'unit')}: {self.duration:g} ms, "
            f"{counted(self.terminals.times.size, 'spike')}, peak force "
            f"{self.force.max(initial=0.0):.3g} of maximal; {self.status})"
        )

    def _repr_html_(self) -> str:
        rows = [
            ("units", len(self.pool)),
            ("time", f"{self.duration:g} ms"),
            ("spikes of somas", self.somas.times.size),
            ("spikes of terminals", self.terminals.times.size),
            ("peak force", f"{self.force.max(initial=0.0):.3g} of maximal"),
            ("shared states", some(f"{name} [{UNITS[name]}]" for name in self.shared)),
            ("seed", self.seed),
            ("status", self.status),
        ]
        return table("Activity", rows)

    @property
    def force(self) -> Array:
        """Active force of the muscle, shape (n,) [fraction of maximal force]."""
        return self.unit_force.sum(axis=0)

    def to_xarray(self) -> xarray.Dataset:
        """Return force, shared states and spikes of terminals as a dataset, with units."""
        import xarray

        names = [unit.name for unit in self.pool.units.muscle]
        force = cf_attributes(POOL_FORCE, "force")
        data: dict[str, tuple[str | tuple[str, ...], Array, dict[str, str]]] = {
            "force": ("time", self.force, force),
            "unit_force": (("unit", "time"), self.unit_force, force),
        }
        for name, values in self.shared.items():
            data[name] = "time", values, cf_attributes(UNITS[name], name)
        for name, trains in (("terminal", self.terminals), ("soma", self.somas)):
            data[f"{name}_spike_times"] = f"{name}_spike", trains.times, {"units": "ms"}
            data[f"{name}_spike_unit"] = f"{name}_spike", trains.lanes.astype(float), {}
        said = {
            f"pool.{name}": f"{p.value:g} {p.unit} ({p.status}: {p.source})"
            for name, p in self.pool.numbers.items()
        }
        made = xarray.Dataset(
            {name: (dims, values, attrs) for name, (dims, values, attrs) in data.items()},
            {"time": ("time", self.t, {"units": "ms"}), "unit": ("unit", names)},
            {"status": self.status, "seed": self.seed, "duration": self.duration, **said},
        )
        return labelled(made, "activity of a motor pool")
