"""What a run is told about time: its steps or tolerance, its span, its samples."""

from __future__ import annotations

import math
import os

import numpy as np

from mnexcite.cells import Cell
from mnexcite.engine.methods import (
    DEFAULT_METHOD,
    DEFAULT_TOLERANCE,
    REFERENCE_TOLERANCE,
    REFERENCE_TOLERANCES,
    TOLERANCES,
    Method,
    fastest_gate,
)
from mnexcite.engine.state import State
from mnexcite.errors import InputError, number, whole

DEFAULT_EVERY = 0.1  # ms
MAX_DT = 1.0  # ms


def step(cell: Cell, method: Method, dt: float | None, clamped: bool) -> float | None:
    """Return the step [ms] of a method with fixed steps, None for one without."""
    if method.adaptive or method.reference:
        if dt is not None:
            other = "" if clamped else ", or take method='staggered' with it"
            raise InputError(
                f"dt is {dt!r} ms, but {_who(method, clamped)} chooses its own steps; leave dt "
                f"out{other}"
            )
        return None
    dt = cell.dt if dt is None else dt
    if not (isinstance(dt, int | float | np.number) and 0 < dt <= MAX_DT):
        raise InputError(f"dt is {dt!r} ms; allowed: above 0 and up to {MAX_DT:g}")
    return float(dt)


def allowed_tolerance(method: Method, tolerance: float | None) -> float | None:
    """Return the tolerance of a method that chooses its steps, None for any other."""
    if not (method.adaptive or method.reference):
        if tolerance is not None:
            raise InputError(
                f"tolerance is {tolerance!r}, but {method.name} takes none; leave it out, or "
                f"take method={DEFAULT_METHOD!r} with it"
            )
        return None
    if tolerance is None:
        return REFERENCE_TOLERANCE if method.reference else DEFAULT_TOLERANCE
    low, high = REFERENCE_TOLERANCES if method.reference else TOLERANCES
    if not (isinstance(tolerance, int | float | np.number) and low <= tolerance <= high):
        raise InputError(f"tolerance is {tolerance!r}; allowed: {low:g} to {high:g}")
    return float(tolerance)


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
    if isinstance(spike_error, bool):
        raise InputError(f"spike_error is {spike_error}; allowed: a time above 0 in ms")
    return number("spike_error", spike_error, "above 0", above=0.0, unit="ms")


def check_stability(cell: Cell, method: Method, dt: float) -> None:
    """Refuse a step at which the fastest gate alone makes an explicit method blow up."""
    name, rate = fastest_gate(cell)
    if dt * rate > method.stability:
        raise InputError(
            f"dt is {dt:g} ms; allowed with {method.name}: up to {method.stability / rate:.3g} "
            f"ms, beyond which gate {name} of cell {cell.name} is unstable; take a smaller dt, "
            "or method='staggered'"
        )


def span(state: State, duration: float, dt: float | None) -> tuple[float, float]:
    """Return start and end of the run [ms]; with fixed steps multiples of dt."""
    if not (isinstance(duration, int | float | np.number) and duration > 0):
        raise InputError(f"duration is {duration!r} ms; allowed: above 0")
    if math.isinf(duration):
        raise InputError("duration is infinite; allowed: a finite time in ms")
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


def interval(every: float | None, dt: float | None) -> float:
    """Return the sampling interval [ms], with fixed steps a multiple of dt."""
    if every is None:
        return DEFAULT_EVERY if dt is None else max(1, round(DEFAULT_EVERY / dt)) * dt
    if not (isinstance(every, int | float | np.number) and every > 0 and math.isfinite(every)):
        raise InputError(f"every is {every!r} ms; allowed: above 0")
    if dt is None:
        return float(every)
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
    return whole("threads", threads, "a whole number from 1 on")
