"""The state of a batch between two runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.channels.mapping import FrozenMapping

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class State:
    """Hold where a run stands, so that another can go on from there to the bit.

    `values` is what a person reads: states x lanes at `time` [ms]. `raw` is what the
    method of step `dt` itself holds (the staggered scheme has its gates half a step
    ahead), `armed` whether the next upward crossing is a spike, `status` the code of a
    lane that failed and cannot go on.
    """

    time: float
    names: tuple[str, ...]
    values: Array
    raw: Array
    armed: NDArray[np.int64]
    status: NDArray[np.int64]
    method: str
    dt: float

    @property
    def lanes(self) -> int:
        """Number of lanes."""
        return self.values.shape[1]

    def at(self, time: float) -> State:
        """Return the same state at another time, to start a new protocol from it."""
        return replace(self, time=float(time))

    def lane(self, index: int) -> State:
        """Return the state of one lane."""
        return self.lanes_at(np.array([index]))

    def lanes_at(self, lanes: NDArray[np.int64]) -> State:
        """Return the state of some lanes (indices), in that order."""
        return replace(
            self,
            values=self.values[:, lanes],
            raw=self.raw[:, lanes],
            armed=self.armed[lanes],
            status=self.status[lanes],
        )

    def mapping(self, lane: int = 0) -> Mapping[str, float]:
        """Return path -> value of one lane, as `initial=` takes it too."""
        return FrozenMapping(
            dict(zip(self.names, map(float, self.values[:, lane]), strict=True))
        )

    def __getitem__(self, path: str) -> Array:
        return self.values[self.names.index(path)]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, State)
            and (self.time, self.names, self.method, self.dt)
            == (other.time, other.names, other.method, other.dt)
            and all(
                np.array_equal(getattr(self, key), getattr(other, key), equal_nan=True)
                for key in ("values", "raw", "armed", "status")
            )
        )
