"""What a run gives back: one cell's recording, or a batch of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.engine.state import State
from mnexcite.errors import InputError, did_you_mean, shown, whole
from mnexcite.errors.display import counted, some, statuses, table
from mnexcite.spikes import SpikeTrains

if TYPE_CHECKING:
    import xarray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Batch:
    """Hold the runs of many lanes; `batch[i]` is one `Recording`.

    Attributes
    ----------
    cell
        The cell whose `parameters` changed from lane to lane.
    parameters
        Full path -> value per lane, shape (lanes,).
    spike_times
        Spike times [ms] of every lane, ragged.
    t, data
        Sample times [ms], shape (n,), and variable -> (lanes, n); read as `batch["v"]`.
    units
        Unit of each variable.
    status
        How each lane ended, by name; see `mnexcite.engine.status`.
    ended
        When a lane failed [ms], infinity where it did not.
    final_state
        Where the lanes stand, for `initial=`.
    dt, tolerance
        Step [ms] or tolerance of each lane, None where the method has none.
    spike_error
        Estimated error of each lane's spike times [ms], None where none was asked for.
    steps
        Steps that each lane took.
    began
        Where each lane began: `published`, `rest`, `no_rest` (a rest was asked for, but the
        lane has none and began at the published state), or `given`.
    stimulus, initial
        What drove the lanes, one text for all or for each, and where they started.
    """

    cell: Cell
    parameters: Mapping[str, Array]
    spike_times: SpikeTrains
    t: Array
    data: Mapping[str, Array]
    units: Mapping[str, str]
    status: tuple[str, ...]
    ended: Array
    final_state: State
    start: float
    duration: float
    discard: float
    method: str
    dt: Array | None
    tolerance: Array | None
    spike_error: Array | None
    steps: NDArray[np.int64]
    began: tuple[str, ...]
    stimulus: tuple[str, ...] = ()
    initial: str = ""

    def __repr__(self) -> str:
        over = f" over {some(self.parameters)}" if self.parameters else ""
        return (
            f"Batch({self.cell.name}: {counted(len(self), 'lane')} of {self.duration:g} ms"
            f"{over}, {counted(self.spike_times.times.size, 'spike')}, "
            f"recorded {some(self.data)}; {statuses(self.status)})"
        )

    def _repr_html_(self) -> str:
        ranges = (
            f"{path} {values.min():g} to {values.max():g}"
            for path, values in self.parameters.items()
        )
        rows = [
            ("lanes", str(len(self))),
            ("parameters", "; ".join(ranges)),
            ("stimulus", some(dict.fromkeys(self.stimulus), 1)),
            *_told(self, self.spike_times.times.size),
            ("status", statuses(self.status)),
        ]
        return table("Batch", rows)

    def __len__(self) -> int:
        return len(self.status)

    def __getitem__(self, key: int | str) -> Recording | Array:
        if isinstance(key, str):
            return _read(self.data, key)
        return self.lane(key)

    def __iter__(self) -> Iterator[Recording]:
        return (self.lane(index) for index in range(len(self)))

    def lane(self, index: int) -> Recording:
        """Return one lane's recording; lanes count from 0, or from -1 backwards.

        Raises
        ------
        IndexError
            If there is no such lane.
        InputError
            If `index` is no whole number.
        """
        from mnexcite.equations.lower import lane_cell

        index = whole("lane", index, "a whole number", lowest=-math.inf)
        if not -len(self) <= index < len(self):
            raise IndexError(f"lane {shown(index)} of {len(self)}")
        index %= len(self)
        return Recording(
            cell=lane_cell(self.cell, self.parameters, index),
            spike_times=np.array(self.spike_times[index]),
            t=self.t,
            data={name: values[index] for name, values in self.data.items()},
            units=self.units,
            status=self.status[index],
            ended=float(self.ended[index]),
            final_state=self.final_state.lane(index),
            start=self.start,
            duration=self.duration,
            discard=self.discard,
            method=self.method,
            dt=_number(self.dt, index),
            tolerance=_number(self.tolerance, index),
            spike_error=_number(self.spike_error, index),
            steps=int(self.steps[index]),
            began=self.began[index],
            stimulus=self.stimulus[index % len(self.stimulus)] if self.stimulus else "",
            initial=self.initial,
        )

    def to_xarray(self) -> xarray.Dataset:
        """Return an xarray.Dataset with dimensions `lane`, `time` and `spike`."""
        from mnexcite.simulation import labelled

        return labelled.from_batch(self)

    def save(self, path: str | Path) -> None:
        """Write everything to a Zarr folder that `mnexcite.load` reads."""
        from mnexcite.simulation import storage

        storage.save(self, path)


@dataclass(frozen=True, eq=False)
class Recording:
    """Hold the run of one cell.

    Attributes
    ----------
    cell
        The cell that ran.
    spike_times
        Spike times [ms] from `discard` on.
    t, data
        Sample times [ms] and variable -> samples; read as `rec["v"]`.
    units
        Unit of each variable.
    status
        How the run ended, by name: `ok`, or what went wrong.
    ended
        When it failed [ms], infinity where it did not.
    final_state
        Where the run stands, for `initial=`: continues to the bit.
    dt, tolerance
        Step [ms] or tolerance, None where the method has none.
    spike_error
        Estimated error of the spike times [ms], None where none was asked for.
    steps
        Steps that the run took.
    began
        Where it began: `published`, `rest`, `no_rest` (a rest was asked for, but the cell
        has none and began at the published state), or `given`.
    stimulus, initial
        What drove the run, and where it started, in words.
    """

    cell: Cell
    spike_times: Array
    t: Array
    data: Mapping[str, Array]
    units: Mapping[str, str]
    status: str
    ended: float
    final_state: State
    start: float
    duration: float
    discard: float
    method: str
    dt: float | None
    tolerance: float | None
    spike_error: float | None
    steps: int
    began: str
    stimulus: str = ""
    initial: str = ""

    def __repr__(self) -> str:
        return (
            f"Recording({self.cell.name}: {self.duration:g} ms, "
            f"{counted(self.spike_times.size, 'spike')}, recorded {some(self.data)}; "
            f"{self.status})"
        )

    def _repr_html_(self) -> str:
        ended = "" if math.isinf(self.ended) else f" at {self.ended:g} ms"
        rows = [
            ("stimulus", self.stimulus),
            *_told(self, self.spike_times.size),
            ("status", self.status + ended),
        ]
        return table("Recording", rows)

    def __getitem__(self, name: str) -> Array:
        return _read(self.data, name)

    def as_batch(self) -> Batch:
        """Return a batch of this one lane."""
        return Batch(
            cell=self.cell,
            parameters={},
            spike_times=SpikeTrains.from_list([self.spike_times]),
            t=self.t,
            data={name: values[None] for name, values in self.data.items()},
            units=self.units,
            status=(self.status,),
            ended=np.array([self.ended]),
            final_state=self.final_state,
            start=self.start,
            duration=self.duration,
            discard=self.discard,
            method=self.method,
            dt=_array(self.dt),
            tolerance=_array(self.tolerance),
            spike_error=_array(self.spike_error),
            steps=np.array([self.steps]),
            began=(self.began,),
            stimulus=(self.stimulus,),
            initial=self.initial,
        )

    def to_xarray(self) -> xarray.Dataset:
        """Return an xarray.Dataset with dimensions `time` and `spike`."""
        from mnexcite.simulation import labelled

        return labelled.from_recording(self)

    def save(self, path: str | Path) -> None:
        """Write everything to a Zarr folder that `mnexcite.load` reads."""
        from mnexcite.simulation import storage

        storage.save(self, path)


def _told(run: Batch | Recording, spikes: int) -> list[tuple[str, str]]:
    """Return what both kinds of runs say of themselves."""
    discarded = f", the first {run.discard:g} ms discarded" if run.discard else ""
    return [
        ("cell", repr(run.cell)),
        ("time", f"{run.start:g} to {run.start + run.duration:g} ms{discarded}"),
        ("spikes", str(spikes)),
        ("recorded", some((f"{name} [{run.units[name]}]" for name in run.data), 12)),
        ("method", run.method),
    ]


def _read(data: Mapping[str, Array], name: str) -> Array:
    if not isinstance(name, str) or name not in data:
        raise InputError(f"{shown(name)} was not recorded; {did_you_mean(str(name), data)}")
    return data[name]


def _number(values: Array | None, index: int) -> float | None:
    return None if values is None else float(values[index])


def _array(value: float | None) -> Array | None:
    return None if value is None else np.array([value])
