"""Where a run begins: at the published state, at rest, or where it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.engine.state import State
from mnexcite.equations.lower import Lanes
from mnexcite.equations.rest import rests
from mnexcite.errors import InputError, did_you_mean, mapping, number, shown

Initial = str | Mapping[str, float] | State

#: How a lane can have begun: at the published state; at its own stable rest; at the
#: published state, since it has no rest; at a state that was given.
BEGAN = ("published", "rest", "no_rest", "given")


@dataclass(frozen=True)
class Beginning:
    """Hold the state that lanes start from, and for each lane which of `BEGAN` it is."""

    state: State
    began: tuple[str, ...]


def begin(lanes: Lanes, initial: Initial) -> Beginning:
    """Return where lanes begin.

    `initial` is "published"; "rest", each changed cell's stable equilibrium of lowest voltage
    without any stimulus, or the published state where none is stable; a mapping path ->
    value that changes the published state; or a state.

    Raises
    ------
    InputError
        If it is something else, or of another cell.
    """
    cell, count, names = lanes.cell, lanes.count, lanes.layout.structure.states
    if isinstance(initial, State):
        if initial.names != names:
            apart = [f"lacks {path}" for path in names if path not in initial.names]
            apart += [f"has {path} besides" for path in initial.names if path not in names]
            raise InputError(
                "the initial state is of a cell with other states "
                f"({', '.join(apart[:3]) or 'in another order'}); allowed: a state of "
                f"{cell.name} with these"
            )
        if initial.lanes not in (1, count):
            raise InputError(
                f"the initial state has {initial.lanes} lanes where the run has {count}; give "
                f"a state of one lane or of {count}"
            )
        one = initial.lanes == 1
        state = initial.lanes_at(np.zeros(count, int)) if one else initial
        return Beginning(state, ("given",) * count)
    published = cell.initial
    values = np.array([[published[name]] * count for name in names])
    began = ("published",) * count
    if isinstance(initial, Mapping):
        began = ("given",) * count
        for name, value in mapping("initial", initial, "a mapping path -> value").items():
            if name not in published:
                raise InputError(f"initial names {name!r}; {did_you_mean(name, published)}")
            values[names.index(name)] = number(f"initial {name}", value)
        gates = values[lanes.layout.structure.first_gate :]
        if gates.size and not (gates.min() >= 0 and gates.max() <= 1):
            raise InputError("an initial gate is out of range; allowed: 0 to 1")
    elif isinstance(initial, str) and initial == "rest":
        resting = rests(lanes)
        has_one = np.isfinite(resting[0])
        values = np.where(has_one, resting, values)
        began = tuple("rest" if found else "no_rest" for found in has_one)
    elif not isinstance(initial, str) or initial != "published":
        raise InputError(
            f"initial is {shown(initial)}; allowed: 'published', 'rest', a mapping path -> "
            "value, or a final_state"
        )
    return Beginning(_standing(names, values, cell.spike_threshold), began)


def _standing(names: tuple[str, ...], values: NDArray[np.float64], threshold: float) -> State:
    """Return a state at time 0 that no method has run from yet."""
    none = np.zeros(values.shape[1], np.int64)
    armed = (values[0] < threshold).astype(np.int64)
    return State(0.0, names, values, values, armed, none, "", None, None, none)
