"""The state of a batch between two runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnexcite.channels.mapping import FrozenMapping
from mnexcite.engine.methods import Method
from mnexcite.stimuli import Stimulus

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_PER_LANE = ("values", "raw", "armed", "status", "dt", "tolerance", "protocol")


_WHOLE = ("time", "names", "method", "told")


@dataclass(frozen=True, eq=False)
class State:
    """Hold where a run stands, so that another can go on from there to the bit.

    `values` is what a person reads: states x lanes at `time` [ms]. `raw` is what the method,
    with each lane's `dt` or `tolerance`, itself holds (the staggered scheme has its gates
    half a step ahead, an adaptive one stands at the start of its last step), `armed` whether
    the next upward crossing is a spike, `status` the code of a lane that failed and cannot
    go on.
    `protocol` tells by a number per lane what it ran under; an adaptive method goes on from
    `raw` under the same only, and from `values` under another. `told`: for each lane what
    events a session was told of, beside its stimulus; empty where it was told of none.
    """

    time: float
    names: tuple[str, ...]
    values: Array
    raw: Array
    armed: NDArray[np.int64]
    status: NDArray[np.int64]
    method: str
    dt: Array | None
    tolerance: Array | None
    protocol: NDArray[np.int64]
    told: tuple[Stimulus, ...] = ()

    @property
    def lanes(self) -> int:
        """Number of lanes."""
        return self.values.shape[1]

    def at(self, time: float) -> State:
        """Return the same state at another time, to start a new protocol from it."""
        none = np.zeros_like(self.protocol)
        return replace(self, time=float(time), protocol=none, told=())

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
            protocol=self.protocol[lanes],
            told=tuple(self.told[lane] for lane in lanes.tolist()) if self.told else (),
            dt=None if self.dt is None else self.dt[lanes],
            tolerance=None if self.tolerance is None else self.tolerance[lanes],
        )

    def goes_on(
        self, method: Method, dt: float | None, tolerance: float | None, protocol: Index
    ) -> NDArray[np.bool_]:
        """Return which lanes go on from `raw`: those of the same method and setting."""
        if self.method != method.name:
            return np.zeros(self.lanes, dtype=bool)
        if self.tolerance is not None:
            return (self.tolerance == tolerance) & (self.protocol == protocol)
        return self.dt == dt if self.dt is not None else np.ones(self.lanes, dtype=bool)

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
            and all(getattr(self, key) == getattr(other, key) for key in _WHOLE)
            and all(_same(getattr(self, key), getattr(other, key)) for key in _PER_LANE)
        )


def _same(one: Array | None, other: Array | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other, equal_nan=True)
