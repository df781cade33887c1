"""One entry to fixed-step integration: `advance` takes a state over a window of steps.

A longer run is a fold over windows. Values are the same to the bit however a run is cut
into windows and lanes into chunks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine import tables
from mnexcite.engine.lower import Lanes
from mnexcite.engine.methods import Method
from mnexcite.stimuli import Waveform

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Program:
    """Hold all that stays the same while some lanes run."""

    kernel: Callable[..., None]
    rows: Array
    vtable: Array
    ctable: Array
    vbase: Index
    cbase: Index
    dt: float
    threshold: float


class LaneStates(NamedTuple):
    """Hold lanes after `step` steps: raw and centred states, spike detection, failures."""

    step: int
    raw: Array
    centred: Array
    armed: Index
    status: Index
    ended: Array


class Window(NamedTuple):
    """Hold what one window gave: spikes as (lanes x room, counts), samples."""

    times: Array
    counts: Index
    samples: Array


def program(lanes: Lanes, method: Method, dt: float, chunk: Index) -> Program:
    """Return the program of some lanes (indices); lanes of equal kinetics share a table."""
    kind = lanes.kind[chunk]
    used, of_lane = np.unique(kind, return_inverse=True)
    pairs = [
        tables.gate_tables(lanes.kinetics[i], lanes.layout, dt, method.filling) for i in used
    ]
    vtable, ctable = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    vbase, cbase = (
        (of_lane.reshape(-1) * pairs[0][side].size).astype(np.int64) for side in (0, 1)
    )
    assert method.prepare is not None
    rows = method.prepare(np.ascontiguousarray(lanes.rows[:, chunk]), lanes.layout, dt)
    return Program(
        kernel=method.kernel(lanes.layout.structure),
        rows=np.ascontiguousarray(rows),
        vtable=vtable,
        ctable=ctable,
        vbase=vbase,
        cbase=cbase,
        dt=dt,
        threshold=lanes.cell.spike_threshold,
    )


def begin(lanes: Lanes, method: Method, dt: float, chunk: Index, values: Array) -> Array:
    """Return the method's raw states from states that all hold at one time."""
    values = np.ascontiguousarray(values)
    if not method.staggered:
        return values.copy()
    raw = values.copy()
    kind = lanes.kind[chunk]
    for index in np.unique(kind):
        of_kind = kind == index
        raw[:, of_kind] = tables.half_step(
            lanes.kinetics[index], lanes.layout, values[:, of_kind], dt
        )
    return raw


def advance(
    run: Program,
    state: LaneStates,
    steps: int,
    drive: Array,
    drive_of: Index,
    recorded: Index,
    stride: int,
) -> tuple[LaneStates, Window]:
    """Return the state after `steps` steps, the spikes on the way and the samples.

    Parameters
    ----------
    run, state
        The program, and where the lanes stand.
    steps
        Number of steps.
    drive
        Mean current of each step, steps x compartments x waveforms.
    drive_of
        Which waveform each lane has.
    recorded
        Indices of the recorded states; their samples are taken at every step number
        that `stride` divides, up to and with the last.
    """
    lanes = state.raw.shape[1]
    taken = (state.step + steps) // stride - state.step // stride if recorded.size else 0
    window = Window(
        np.empty((lanes, steps // 2 + 1)),
        np.zeros(lanes, np.int64),
        np.empty((taken, recorded.size, lanes)),
    )
    after = LaneStates(
        state.step + steps,
        state.raw.copy(),
        state.centred.copy(),
        state.armed.copy(),
        state.status.copy(),
        state.ended.copy(),
    )
    run.kernel(
        after.raw.reshape(-1),
        after.centred.reshape(-1),
        run.rows.reshape(-1),
        run.vtable,
        run.vbase,
        run.ctable,
        run.cbase,
        drive.reshape(-1),
        drive_of,
        drive.shape[2],
        run.dt,
        state.step,
        steps,
        stride,
        recorded,
        window.samples,
        window.times,
        window.counts,
        after.armed,
        after.status,
        after.ended,
        run.threshold,
        lanes,
    )
    return after, window


def drives(waveforms: list[list[Waveform | None]], first: int, steps: int, dt: float) -> Array:
    """Return the mean current of each step, steps x compartments x waveforms.

    `waveforms` holds, for each distinct stimulus, one per compartment or None.
    """
    edges = dt * np.arange(float(first), first + steps + 1.0)
    compartments = len(waveforms[0])
    means = np.zeros((steps, compartments, len(waveforms)))
    for index, stimulus in enumerate(waveforms):
        for compartment, waveform in enumerate(stimulus):
            if waveform is not None:
                means[:, compartment, index] = waveform.means(edges)
    return means
