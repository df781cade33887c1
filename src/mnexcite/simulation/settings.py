"""What a run is told about time: its steps or tolerance, its span, its samples."""

from __future__ import annotations

import math
import os

from mnexcite.cells import Cell
from mnexcite.engine.methods import (
    DEFAULT_METHOD,
    DEFAULT_TOLERANCE,
    METHODS,
    REFERENCE_TOLERANCE,
    REFERENCE_TOLERANCES,
    TOLERANCES,
    Method,
    fastest_gate,
)
from mnexcite.engine.state import State
from mnexcite.errors import InputError, check_memory, check_steps, number, whole
from mnexcite.errors.cost import SHORTEST_RUN, SHORTEST_STEP

DEFAULT_EVERY = 0.1  # ms
MAX_DT = 1.0  # ms
#: Fewest steps per ms [1/ms] that a method with steps of its own takes, for what a job costs
#: at least; SciPy's are a thousand times dearer.
STEPS_PER_MS = {name: 1000.0 if method.reference else 1.0 for name, method in METHODS.items()}


def step(cell: Cell, method: Method, dt: float | None, clamped: bool) -> float | None:
    """Return the step [ms] of a method with fixed steps, None for one without."""
    if method.adaptive or method.reference:
        if dt is not None:
            other = "" if clamped else ", or take the method staggered with it"
            raise InputError(
                f"dt is {dt!r} ms, but {_who(method, clamped)} chooses its own steps; leave dt "
                f"out{other}"
            )
        return None
    dt = cell.dt if dt is None else dt
    allowed = f"{SHORTEST_STEP:g} to {MAX_DT:g}"
    return number("dt", dt, allowed, lowest=SHORTEST_STEP, highest=MAX_DT, unit="ms")


def allowed_tolerance(method: Method, tolerance: float | None) -> float | None:
    """Return the tolerance of a method that chooses its steps, None for any other."""
    if not (method.adaptive or method.reference):
        if tolerance is not None:
            raise InputError(
                f"tolerance is {tolerance!r}, but {method.name} takes none; leave it out, or "
                f"take the method {DEFAULT_METHOD} with it"
            )
        return None
    if tolerance is None:
        return REFERENCE_TOLERANCE if method.reference else DEFAULT_TOLERANCE
    low, high = REFERENCE_TOLERANCES if method.reference else TOLERANCES
    return number("tolerance", tolerance, f"{low:g} to {high:g}", lowest=low, highest=high)


def _who(method: Method, clamped: bool) -> str:
    return f"{method.name}, which runs voltage clamp," if clamped else method.name


def allowed_error(method: Method, spike_error: float | None) -> float | None:
    """Return the error that spike times may have [ms], checked."""
    if spike_error is None:
        return None
    if method.reference:
        raise InputError(
            f"spike_error is {spike_error!r}, but the {method.name} method's error is fixed; "
            "leave it out"
        )
    return number("spike_error", spike_error, "above 0", above=0.0, unit="ms")


def check_stability(cell: Cell, method: Method, dt: float) -> None:
    """Refuse a step at which the fastest gate alone makes an explicit method blow up."""
    name, rate = fastest_gate(cell)
    if dt * rate > method.stability:
        raise InputError(
            f"dt is {dt:g} ms; allowed with {method.name}: up to {method.stability / rate:.3g} "
            f"ms, beyond which gate {name} of cell {cell.name} is unstable; take a smaller dt, "
            "or the method staggered"
        )


def span(state: State, duration: float, dt: float | None) -> tuple[float, float]:
    """Return start and end of the run [ms]; with fixed steps multiples of dt."""
    duration = run_length(duration)
    if not math.isfinite(state.time):
        raise InputError(
            "the lanes of the initial state stand at different times; run them anew"
        )
    if state.time < 0:
        raise InputError(
            f"the initial state stands at {state.time:g} ms; allowed: 0 or more; start anew "
            "with initial=state.at(0)"
        )
    if dt is None:
        if state.time + duration == state.time:
            raise InputError(
                f"duration is {duration:g} ms, which is lost in rounding after {state.time:g} "
                "ms; take a longer one, or start anew with initial=state.at(0)"
            )
        return state.time, state.time + float(duration)
    first = round(state.time / dt)
    if abs(first * dt - state.time) > 1e-6 * dt:
        raise InputError(
            f"the initial state stands at {state.time:g} ms, which is no multiple of dt = "
            f"{dt:g} ms; choose another dt, or start anew with initial=state.at(0)"
        )
    steps = max(1, math.ceil(duration / dt - 1e-6))
    return first * dt, (first + steps) * dt


def run_length(duration: object) -> float:
    """Return the length of a run [ms]: long enough to be more than rounding."""
    allowed = f"a finite time, {SHORTEST_RUN:g} or more"
    return number("duration", duration, allowed, lowest=SHORTEST_RUN, unit="ms")


def check_cost(
    method: Method,
    lanes: int,
    duration: float,
    dt: float | None,
    every: float,
    recorded: int,
    states: int,
) -> None:
    """Refuse a run of more steps than anybody waits for, or of more samples than fit."""
    steps = lanes * duration * (STEPS_PER_MS[method.name] if dt is None else 1.0 / dt)
    said = f"{lanes} lanes of" if lanes > 1 else "a run of"
    check_steps(
        f"{said} {duration:g} ms with {method.name}",
        steps,
        "take a shorter duration, fewer lanes or longer steps",
    )
    samples = 1.0 + duration / every if recorded else 0.0
    check_memory(
        f"{said} {duration:g} ms with {recorded} variables every {every:g} ms",
        lanes * (samples * recorded + 16.0 * states) + samples,
        "take a longer every, a shorter duration, fewer variables or fewer lanes",
    )


def interval(every: float | None, dt: float | None) -> float:
    """Return the sampling interval [ms], with fixed steps a multiple of dt."""
    if every is None:
        return DEFAULT_EVERY if dt is None else max(1, round(DEFAULT_EVERY / dt)) * dt
    every = number("every", every, "above 0", above=0.0, unit="ms")
    if dt is None:
        return every
    stride = round(every / dt)
    if stride < 1 or abs(stride * dt - every) > 1e-6 * dt:
        nearest = max(1, stride) * dt
        raise InputError(
            f"every is {every:g} ms, which is no multiple of dt = {dt:g} ms; take "
            f"{nearest:g} ms"
        )
    return stride * dt


def thread_count(threads: int | None) -> int:
    """Return the number of threads, all cores where nothing is said."""
    if threads is None:
        if hasattr(os, "sched_getaffinity"):
            return max(1, len(os.sched_getaffinity(0)))
        return os.cpu_count() or 1
    return whole("threads", threads, "a whole number from 1 on, to 4096", highest=4096)
