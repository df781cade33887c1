"""Run a cell, or a batch of its variants: one kernel, the same bits."""

from __future__ import annotations

import math
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell, Factors
from mnexcite.cells.curves import find_compartment
from mnexcite.cells.paths import Path, check_one_value, resolve, with_value
from mnexcite.engine import batch as engine
from mnexcite.engine import status
from mnexcite.engine.layout import Layout
from mnexcite.engine.lower import lane_cell, lower
from mnexcite.engine.methods import METHODS, Method, fastest_gate, find_method
from mnexcite.engine.reference import Reference
from mnexcite.engine.rest import rest
from mnexcite.engine.state import State
from mnexcite.engine.structure import Structure, structure_of
from mnexcite.errors import InputError, Interrupted, RunWarning, did_you_mean, number
from mnexcite.simulation.recording import Batch, Recording
from mnexcite.simulation.variables import Recorder, choose
from mnexcite.spikes import SpikeTrains
from mnexcite.stimuli import Stimulus, VoltageClamp, Waveform

Array = NDArray[np.float64]
Initial = str | Mapping[str, float] | State

DEFAULT_EVERY = 0.1  # ms
MAX_DT = 1.0  # ms
_CALL = "mnexcite.cells.purvis_butera_2005()"


def simulate(
    cell: Cell,
    stimulus: Stimulus | VoltageClamp | Iterable[Stimulus] | None = None,
    *,
    duration: float,
    discard: float = 0.0,
    parameters: Mapping[Path, ArrayLike | Factors] | None = None,
    record: Sequence[str] | None = None,
    every: float | None = None,
    dt: float | None = None,
    method: str = "staggered",
    initial: Initial = "published",
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Recording | Batch:
    """Integrate a cell and return its spikes, samples and final state.

    Parameters
    ----------
    cell
        The cell.
    stimulus
        Injected current, a voltage clamp, or one stimulus per lane.
    duration
        Length of the run [ms]; it ends with the first step that reaches it.
    discard
        Spikes before this time [ms] are hidden.
    parameters
        Path -> one value per lane, shape (lanes,): runs a batch. Values are absolute, in
        the parameter's unit, or `factors` of the cell's own value.
    record
        Variables to sample: `v`, gates (`NaP.m`), currents (`NaP.i`), pools (`Ca`), and
        `clamp.i` under voltage clamp. Default: v for one cell, none for a batch.
    every
        Sampling interval [ms], a multiple of dt; default near 0.1.
    dt
        Step [ms], up to 1; default the cell's own.
    method
        `staggered` (order 2), `exponential_euler` (order 1), `runge_kutta_4` (order 4),
        or `reference` (SciPy at tight tolerance, slow), which voltage clamp always uses.
    initial
        `published`, `rest` (the changed cell's stable equilibrium), a mapping path ->
        value that changes the published state, or a `final_state`: the run then goes on
        from its time.
    threads
        Number of threads, default all cores; no number changes the result.
    progress
        Called now and then with the share done, 0 to 1.

    Returns
    -------
    Recording or Batch
        A `Batch` where parameters, stimuli or the initial state have lanes.

    Raises
    ------
    InputError
        If an argument is not allowed; nothing has run then.
    Interrupted
        On Ctrl-C, with what was computed in its `partial`.

    Warns
    -----
    RunWarning
        If some lanes failed; each has its status.

    Examples
    --------
    >>> import mnexcite as mx
    >>> cell = mx.cells.purvis_butera_2005()
    >>> pulse = mx.stimuli.pulse(1.0, unit="nA", start=10.0)
    >>> mx.simulate(cell, pulse, duration=50.0).spike_times.round(1).tolist()
    [11.4]
    """
    if not isinstance(cell, Cell):
        raise InputError(
            f"cell is {type(cell).__name__}; allowed: a Cell, such as that of {_CALL}"
        )
    if isinstance(stimulus, Iterable):
        stimulus = list(stimulus)
    chosen = find_method(method)
    step = _step(cell, dt)
    values = _values(cell, parameters)
    stimuli, clamp = _stimuli(cell, stimulus)
    count, single = _lane_count(values, stimulus, initial)
    values = {path: np.broadcast_to(column, (count,)) for path, column in values.items()}
    if clamp is not None:
        chosen = METHODS["reference"]
    structure = structure_of(cell)
    lanes = lower(cell, Layout(structure), values, count)
    for variant in lanes.kinetics if math.isfinite(chosen.stability) else ():
        _check_stability(variant, chosen, step)
    state, codes = _initial(cell, structure, initial, values, count)
    first = _first_step(state, step)
    steps = _steps(duration, step)
    discard = number("discard", discard, "0 or more", lowest=0.0, unit="ms")
    if record is None:
        record = () if not single else ("v",) if clamp is None else ("v", "clamp.i")
    variables = choose(cell, record, None if clamp is None else clamp[0])
    recorder = Recorder(lanes, variables, clamp)
    goes_on = state.method == chosen.name and state.dt == step
    job = engine.Job(
        lanes=lanes,
        method=chosen,
        dt=step,
        first=first,
        steps=steps,
        values=state.values,
        raw=state.raw if goes_on else None,
        armed=state.armed,
        status=codes,
        waveforms=[s.into(cell) for s in stimuli],
        drive_of=np.arange(count) if len(stimuli) > 1 else np.zeros(count, np.int64),
        recorded=recorder.states,
        stride=_stride(every, step),
    )
    worker = engine.fixed_step if chosen.step is not None else Reference(values, clamp)
    outcome, interrupted = engine.run(job, worker, _threads(threads), progress)
    batch = _gather(cell, values, job, outcome, recorder, duration, discard)
    result = batch.lane(0) if single else batch
    if interrupted:
        raise Interrupted("stopped by Ctrl-C; what was computed is in .partial", result)
    _warn(batch)
    return result


_INTERRUPTED = status.BY_NAME["interrupted"].code


def _gather(
    cell: Cell,
    values: Mapping[str, Array],
    job: engine.Job,
    outcome: engine.Outcome,
    recorder: Recorder,
    duration: float,
    discard: float,
) -> Batch:
    start = job.first * job.dt
    first_sample = -(-job.first // job.stride)
    t = (first_sample + np.arange(float(len(outcome.samples)))) * job.stride * job.dt
    trains = [train[train >= discard] for train in outcome.spikes]
    final = State(
        time=float(outcome.reached[0]) if np.ptp(outcome.reached) == 0 else math.nan,
        names=job.lanes.layout.structure.states,
        values=outcome.values,
        raw=outcome.raw,
        armed=outcome.armed,
        status=np.where(outcome.status == _INTERRUPTED, 0, outcome.status),
        method=job.method.name,
        dt=job.dt,
    )
    return Batch(
        cell=cell,
        parameters=dict(values),
        spike_times=SpikeTrains.from_list(trains),
        t=t,
        data=recorder.compute(t, outcome.samples) if recorder.variables else {},
        units={variable.name: variable.unit for variable in recorder.variables},
        status=tuple(status.NAMES[code] for code in outcome.status),
        ended=outcome.ended,
        final_state=final,
        start=start,
        duration=float(duration),
        discard=float(discard),
        method=job.method.name,
        dt=job.dt,
    )


def _step(cell: Cell, dt: float | None) -> float:
    dt = cell.dt if dt is None else dt
    if not (isinstance(dt, int | float | np.number) and 0 < dt <= MAX_DT):
        raise InputError(f"dt is {dt!r} ms; allowed: above 0 and up to {MAX_DT:g}")
    return float(dt)


def _check_stability(cell: Cell, method: Method, dt: float) -> None:
    """Refuse a step at which the fastest gate alone makes an explicit method blow up."""
    name, rate = fastest_gate(cell)
    if dt * rate > method.stability:
        raise InputError(
            f"dt is {dt:g} ms; allowed with {method.name}: up to {method.stability / rate:.3g} "
            f"ms, beyond which gate {name} of cell {cell.name} is unstable; take a smaller dt, "
            "or method='staggered'"
        )


def _steps(duration: float, dt: float) -> int:
    if not (isinstance(duration, int | float | np.number) and duration > 0):
        raise InputError(f"duration is {duration!r} ms; allowed: above 0")
    if math.isinf(duration):
        raise InputError("duration is infinite; allowed: a finite time in ms")
    return max(1, math.ceil(duration / dt - 1e-6))


def _first_step(state: State, dt: float) -> int:
    if not math.isfinite(state.time):
        raise InputError(
            "the lanes of the initial state stand at different times; run them anew"
        )
    first = round(state.time / dt)
    if state.time < 0 or abs(first * dt - state.time) > 1e-6 * dt:
        raise InputError(
            f"the initial state stands at {state.time:g} ms, which is no multiple of dt = "
            f"{dt:g} ms; choose another dt, or start anew with initial=state.at(0)"
        )
    return first


def _stride(every: float | None, dt: float) -> int:
    if every is None:
        return max(1, round(DEFAULT_EVERY / dt))
    if not (isinstance(every, int | float | np.number) and every > 0 and math.isfinite(every)):
        raise InputError(f"every is {every!r} ms; allowed: above 0")
    stride = round(every / dt)
    if stride < 1 or abs(stride * dt - every) > 1e-6 * dt:
        nearest = max(1, stride) * dt
        raise InputError(
            f"every is {every:g} ms, which is no multiple of dt = {dt:g} ms; take "
            f"{nearest:g} ms"
        )
    return stride


def _threads(threads: int | None) -> int:
    if threads is None:
        if hasattr(os, "sched_getaffinity"):
            return max(1, len(os.sched_getaffinity(0)))
        return os.cpu_count() or 1
    if not isinstance(threads, int | np.integer) or threads < 1:
        raise InputError(f"threads is {threads!r}; allowed: a whole number from 1 on")
    return int(threads)


def _values(
    cell: Cell, parameters: Mapping[Path, ArrayLike | Factors] | None
) -> dict[str, Array]:
    """Return full path -> checked column of values."""
    values: dict[str, Array] = {}
    for key, given in (parameters or {}).items():
        if isinstance(given, Factors):
            known = cell.parameters
            for path in resolve(cell, key):
                values[path] = given.times(known[path].value)
                _check_column(cell, path, values[path])
            continue
        check_one_value(cell, key)
        try:
            column = np.atleast_1d(np.asarray(given, dtype=float))
        except (TypeError, ValueError):
            raise InputError(f"parameters[{key!r}] is {given!r}; allowed: numbers") from None
        if column.ndim != 1 or not column.size:
            raise InputError(
                f"parameters[{key!r}] has shape {column.shape}; allowed: one value per lane"
            )
        for path in resolve(cell, key):
            if path == "area":
                raise InputError(
                    "parameters['area']: one area converts the stimulus of all lanes; change "
                    "it with cell.replaced, or scale the stimuli"
                )
            _check_column(cell, path, column)
            values[path] = column
    return values


def _check_column(cell: Cell, path: str, column: Array) -> None:
    bad = np.flatnonzero(~np.isfinite(column))
    if bad.size:
        raise InputError(
            f"{path} is {column[bad[0]]} in lane {bad[0]}; allowed: a finite number"
        )
    for lane in {int(np.argmin(column)), int(np.argmax(column))}:
        try:
            with_value(cell, path, float(column[lane]))
        except InputError as error:
            raise InputError(f"{error} (lane {lane})") from None


def _stimuli(
    cell: Cell, stimulus: Stimulus | VoltageClamp | Iterable[Stimulus] | None
) -> tuple[list[Stimulus], tuple[int, Waveform] | None]:
    if stimulus is None:
        return [Stimulus()], None
    if isinstance(stimulus, VoltageClamp):
        where = cell.compartments.index(find_compartment(cell, stimulus.compartment))
        return [Stimulus()], (where, stimulus.command)
    given = list(stimulus) if isinstance(stimulus, Iterable) else [stimulus]
    if not given or not all(isinstance(s, Stimulus) for s in given):
        raise InputError(
            f"stimulus is {type(stimulus).__name__}; allowed: a stimulus of mnexcite.stimuli, "
            "or a list of them, one per lane"
        )
    return given, None


def _lane_count(
    values: Mapping[str, Array],
    stimulus: Stimulus | VoltageClamp | Iterable[Stimulus] | None,
    initial: Initial,
) -> tuple[int, bool]:
    """Return the number of lanes, and whether one plain cell was asked for."""
    sizes = {f"parameters[{path!r}]": column.size for path, column in values.items()}
    several = isinstance(stimulus, list)
    if several:
        sizes["stimulus"] = len(stimulus)
    if isinstance(initial, State):
        sizes["initial"] = initial.lanes
    count = max(sizes.values(), default=1)
    for name, size in sizes.items():
        if size not in (1, count):
            raise InputError(
                f"{name} has {size} lanes where others have {count}; give one value or {count}"
            )
    return count, not values and not several and count == 1


def _initial(
    cell: Cell,
    structure: Structure,
    initial: Initial,
    values: Mapping[str, Array],
    count: int,
) -> tuple[State, NDArray[np.int64]]:
    codes = np.zeros(count, np.int64)
    if isinstance(initial, State):
        if initial.names != structure.states:
            raise InputError(
                "the initial state is of a cell with other states; allowed: a state of "
                f"{cell.name}"
            )
        state = initial if initial.lanes == count else initial.lanes_at(np.zeros(count, int))
        return state, state.status
    published = cell.initial
    start = np.array([published[name] for name in structure.states])
    columns = np.repeat(start[:, None], count, axis=1)
    if isinstance(initial, Mapping):
        for name, value in initial.items():
            if name not in published:
                raise InputError(f"initial names {name!r}; {did_you_mean(name, published)}")
            columns[structure.states.index(name)] = number(f"initial {name}", value)
        gates = columns[structure.first_gate :]
        if gates.size and not (gates.min() >= 0 and gates.max() <= 1):
            raise InputError("an initial gate is out of range; allowed: 0 to 1")
    elif initial == "rest":
        for lane in range(count) if values else (0,):
            found = rest(lane_cell(cell, values, lane))
            where = lane if values else slice(None)
            if found is None:
                codes[where] = status.BY_NAME["no_rest"].code
            else:
                columns[:, where] = found if values else found[:, None]
    elif initial != "published":
        raise InputError(
            f"initial is {initial!r}; allowed: 'published', 'rest', a mapping path -> value, "
            "or a final_state"
        )
    armed = (columns[0] < cell.spike_threshold).astype(np.int64)
    return State(0.0, structure.states, columns, columns, armed, codes, "", 0.0), codes


def _warn(batch: Batch) -> None:
    failures = Counter(name for name in batch.status if name != "ok")
    if not failures:
        return
    said = "; ".join(
        f"{number} {name}: {status.BY_NAME[name].sentence}, {status.BY_NAME[name].remedy}"
        for name, number in failures.items()
    )
    warnings.warn(
        f"{failures.total()} of {len(batch)} lanes did not end well: {said}",
        RunWarning,
        stacklevel=3,
    )
