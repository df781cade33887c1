"""Run points once and let measures watch, window by window."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite import simulation
from mnexcite.engine.state import State
from mnexcite.engine.status import CODES
from mnexcite.measures import Ending, Measure, Span, View
from mnexcite.muscle import TwitchState
from mnexcite.simulation import Batch, Session
from mnexcite.simulation.setup import set_up
from mnexcite.simulation.simulate import integrate
from mnexcite.stimuli import Stimulus, VoltageClamp, Waveform
from mnexcite.sweeps.designs.points import Inputs
from mnexcite.sweeps.plan import Plan, stimulus_end
from mnexcite.sweeps.sampling import samplings

Array = NDArray[np.float64]

#: A window holds about so many samples of all its lanes (8 bytes each), and is no longer
#: than this: spikes and samples then take some ten megabytes at most.
SAMPLES = 1_000_000
LONGEST = 10_000.0  # ms
#: Interval between the samples of force [ms].
FORCE_EVERY = 1.0


@dataclass(frozen=True)
class Watched:
    """Hold what measures gave, the status of each lane and the error of its spike times."""

    values: dict[str, NDArray[Any]]
    status: tuple[str, ...]
    spike_error: Array | None


def watch(plan: Plan, inputs: Inputs, start: State, halted: Callable[[], None]) -> Watched:
    """Return what the plan's measures make of one run of the points.

    The points begin at `start`, one lane each. `halted` is called now and then, and raises
    KeyboardInterrupt to stop the run.
    """
    measures = plan.watched
    values: dict[str, NDArray[Any]] = {}
    seen = None
    for sampling in samplings(measures, plan.duration, plan.numerics.dt):
        chosen = [(measures[k], stride) for k, stride in sampling.strides.items()]
        seen = _watch(plan, inputs, start, chosen, sampling.every, halted)
        values |= seen.values
    assert seen is not None
    return replace(seen, values=values)


def _watch(
    plan: Plan,
    inputs: Inputs,
    state: State,
    strided: Sequence[tuple[Measure, int | None]],
    every: float | None,
    halted: Callable[[], None],
) -> Watched:
    """Return what measures, each with its number of sampling intervals, make of one run."""
    measures, count = tuple(measure for measure, _ in strided), inputs.lanes
    muscle = any(m.force or m.force_samples for m in measures)
    units = (plan.unit,) * count if muscle else ()
    span = Span(
        count,
        0.0,
        plan.discard,
        plan.duration,
        stimulus_end(plan.stimulus),
        units,
        # a voltage that is held says nothing of where the cell would stay
        cell=None if isinstance(plan.stimulus, VoltageClamp) else plan.cell,
        parameters=inputs.parameters,
        jumps=_jumps(inputs.stimuli, count),
    )
    states = [m.start(span) for m in measures]
    twitches = _relaxed(plan, measures, count) if muscle else None
    ended = np.full(count, np.inf)
    run = None
    for run in _runs(plan, inputs, state, every, halted):
        seen = run.window
        ended = np.minimum(ended, seen.ended)
        trains = seen.spikes
        if plan.numerics.dt is not None:  # the last step may reach beyond the sweep's end
            trains = trains.between(0.0, plan.duration)
        force = np.empty((count, 0))
        force_from = 0
        if twitches is not None:
            force_from = twitches.samples
            twitches, force = twitches.advance(trains, run.end)
        force_t = FORCE_EVERY * np.arange(
            force_from, force_from + force.shape[1], dtype=np.float64
        )
        spikes = trains.after(plan.discard)
        for k, (measure, stride) in enumerate(strided):
            t, v = _samples(seen, every, stride, count)
            window = View(run.start, run.end, spikes, t, v, force, force_t)
            states[k] = measure.update(states[k], window)
    assert run is not None
    forces = None if twitches is None else twitches.measures()
    ending = Ending(span, run.window.status, ended, run.v, forces)
    values: dict[str, NDArray[Any]] = {}
    for measure, state in zip(measures, states, strict=True):
        values |= measure.finish(state, ending)
    return Watched(values, run.window.status, run.spike_error)


def _jumps(
    stimuli: Stimulus | VoltageClamp | Sequence[Stimulus] | None, count: int
) -> tuple[Array, ...]:
    """Return when each lane's stimulus jumps [ms]."""
    if stimuli is None:
        return ()
    given = stimuli if isinstance(stimuli, Sequence) else [stimuli] * count
    known: dict[int, Array] = {}
    for each in given:
        if id(each) not in known:
            if isinstance(each, VoltageClamp):
                waveforms = [each.command]
            else:
                parts = (*each.currents, *each.conductances)
                waveforms = [p.waveform for p in parts if isinstance(p.waveform, Waveform)]
            times = [waveform.jumps for waveform in waveforms]
            known[id(each)] = np.unique(np.concatenate([np.empty(0), *times]))
    return tuple(known[id(each)] for each in given)


@dataclass(frozen=True)
class _Run:
    """Hold a part of a run from `start` to `end` [ms], and the first voltages at its end."""

    start: float
    end: float
    window: simulation.Window
    v: Array
    spike_error: Array | None = None


def _runs(
    plan: Plan,
    inputs: Inputs,
    start: State,
    every: float | None,
    halted: Callable[[], None],
) -> Iterator[_Run]:
    """Run the points window by window."""
    told = {
        "parameters": {**inputs.parameters},
        "record": () if every is None else ("v",),
        "every": every,
    }
    numerics = plan.numerics_from(start)
    if numerics.spike_error is None:
        with Session(set_up(plan.cell, inputs.stimuli, numerics, **told), 1) as session:
            before = 0.0
            for end in _ends(plan, inputs.lanes, every):
                window = session.advance(end, progress=lambda _: halted())
                yield _Run(before, end, window, session.state.values[0].copy())
                before = end
        return
    # a run whose error is estimated looks at all its spikes
    batch = integrate(
        plan.cell,
        inputs.stimuli,
        numerics,
        duration=plan.duration,
        threads=1,
        progress=lambda _: halted(),
        **told,
    )
    assert isinstance(batch, Batch)
    window = simulation.Window(
        0.0,
        plan.duration,
        batch.spike_times,
        batch.t,
        batch.data,
        batch.status,
        batch.ended,
    )
    v = batch.final_state.values[0].copy()
    yield _Run(0.0, plan.duration, window, v, batch.spike_error)


def _samples(
    seen: simulation.Window, every: float | None, stride: int | None, count: int
) -> tuple[Array, Array]:
    """Return the times and voltages that a measure asked for: every so many of all."""
    if every is None or stride is None:
        return np.empty(0), np.empty((count, 0))
    chosen = np.round(seen.t / every).astype(np.int64) % stride == 0
    # one layout whatever the number of lanes, so that sums add up in one order
    return seen.t[chosen], np.ascontiguousarray(seen["v"][:, chosen])


def _ends(plan: Plan, count: int, every: float | None) -> list[float]:
    """Return the ends of the windows [ms].

    They are whole ms, or multiples of dt, so that no rounding moves the run's own end.
    """
    window = LONGEST if every is None else min(LONGEST, SAMPLES / count * every)
    unit = 1.0 if plan.numerics.dt is None else plan.numerics.dt
    units = max(1, math.floor(window / unit), math.ceil((every or 0.0) / unit))
    inside = range(units, math.ceil(plan.duration / unit - 1e-9), units)
    return [k * unit for k in inside] + [plan.duration]


def _relaxed(plan: Plan, measures: tuple[Measure, ...], count: int) -> TwitchState:
    sampled = any(m.force_samples for m in measures)
    return TwitchState.at_rest(
        [plan.unit] * count, every=FORCE_EVERY if sampled else None, discard=plan.discard
    )


def codes_of(status: tuple[str, ...]) -> NDArray[np.int8]:
    """Return the flag of each status."""
    return np.array([CODES[name] for name in status], dtype=np.int8)
