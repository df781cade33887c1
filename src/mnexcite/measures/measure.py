"""What a measure is: variables of a dataset, folded out of a run window by window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell
from mnexcite.muscle import Forces, MotorUnit
from mnexcite.spikes import SpikeTrains

Array = NDArray[np.float64]
Values = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Output:
    """Describe one variable of the resulting dataset, one value per point.

    The flags of every built-in measure end with "failed", which stands for a failed run; it
    is set by whoever ran it.

    Parameters
    ----------
    name
        Name of the variable, such as "rate".
    unit
        Its unit; "1" for none.
    long_name
        What it is, for labels and files.
    flags
        Not empty: an integer flag (CF `flag_values` 0 to n - 1), and these its
        `flag_meanings`.
    signed
        Whether 0 parts two kinds of values, so that colours should part there too.
    """

    name: str
    unit: str
    long_name: str
    flags: tuple[str, ...] = ()
    signed: bool = False


@dataclass(frozen=True)
class Span:
    """Hold what is known of a run before it starts; times are absolute.

    Attributes
    ----------
    lanes
        Points that run together.
    start, discard, end
        Times of the run's start, of the first spike that counts and of its end [ms].
    stimulus_end
        Latest end of the stimulus [ms]; None where it has none.
    units
        Motor unit of each lane; empty if no measure needs force.
    cell
        The cell; None for spikes and voltages whose cell is not known.
    parameters
        Full path -> one number per lane, where lanes differ from the cell.
    jumps
        When the stimulus of each lane jumps [ms]; empty where no lane has one.
    """

    lanes: int
    start: float
    discard: float
    end: float
    stimulus_end: float | None = None
    units: tuple[MotorUnit, ...] = ()
    cell: Cell | None = None
    parameters: Mapping[str, Array] = field(default_factory=dict)
    jumps: tuple[Array, ...] = ()


@dataclass(frozen=True)
class View:
    """Hold what measures see of one window of a run, for all lanes of a chunk.

    Attributes
    ----------
    start, end
        Start and end of the window, absolute [ms].
    spikes
        Spikes of every lane in [start, end), from `discard` on.
    t
        Times of the samples of `v`, those before `discard` too, shape (n,) [ms].
    v
        Voltage of the first compartment, shape (lanes, n) [mV]; empty if not asked for.
    force
        Force, shape (lanes, m) [unit of the motor unit]; empty if not asked for.
    force_t
        Times of the samples of `force`, 1 ms apart, shape (m,) [ms].
    """

    start: float
    end: float
    spikes: SpikeTrains
    t: Array
    v: Array
    force: Array
    force_t: Array


@dataclass(frozen=True)
class Ending:
    """Hold how the runs of a chunk ended.

    Attributes
    ----------
    span
        The span of the runs.
    status
        Status of each lane's run ("ok", "non_finite", ...).
    ended
        Time at which each lane's run failed, shape (lanes,) [ms]; inf where it did not.
    v
        Voltage at the end, shape (lanes,) [mV].
    forces
        Force over [discard, end], without samples; None if no measure needs it.
    """

    span: Span
    status: tuple[str, ...]
    ended: Array
    v: Array
    forces: Forces | None


@dataclass(frozen=True)
class Measure:
    """Reduce a run to one number or flag per lane, window by window.

    Neither the cut into windows nor the lanes that run beside a lane may change a bit of
    its values: reduce along the last axis of (lanes, n) arrays only, and in time order.

    Parameters
    ----------
    outputs
        The variables it gives.
    start
        Span -> state.
    update
        State and window -> state, the same object changed or a new one.
    finish
        State and ending -> values of shape (lanes,) by output name. A value that is not
        defined for a good run is NaN, and a flag output `<name>_status` says why.
    every
        Needs the voltage sampled at whole multiples of so many ms; `View.v` then holds
        these samples and no others.
    force
        Needs the motor unit's force over the whole run (`Ending.forces`).
    force_samples
        Needs samples of that force too (`View.force`).
    spikes_kept
        Keeps every spike: its memory grows with their number, that of others does not.
    """

    outputs: tuple[Output, ...]
    start: Callable[[Span], Any]
    update: Callable[[Any, View], Any]
    finish: Callable[[Any, Ending], Values]
    every: float | None = None
    force: bool = False
    force_samples: bool = False
    spikes_kept: bool = False
