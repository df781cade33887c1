"""What a sweep was made of, in attributes that people can read."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mnexcite.cells.changes import in_words
from mnexcite.measures import Experiment, Measure
from mnexcite.muscle import MotorUnit
from mnexcite.stimuli import Stimulus
from mnexcite.stimuli.words import in_words as stimulus_in_words
from mnexcite.sweeps.plan import Plan


def described(plan: Plan) -> dict[str, str]:
    """Return cell, changes, stimulus, conditions, measures and motor unit of a sweep."""
    found = {
        "cell": plan.cell.name,
        "cell_changes": in_words(plan.cell),
        "cell_source": plan.cell.source,
        "stimulus": drive(plan.stimulus),
        "measures": "; ".join(measure(each) for each in plan.measures),
        "motor_unit": unit(plan.unit),
    }
    if plan.conditions:
        found["conditions"] = "; ".join(
            f"{name}: {_call(maker)}" for name, maker in plan.conditions.items()
        )
    return found


def drive(stimulus: Any) -> str:
    """Return the stimulus of a sweep: itself, or the function that makes each point's."""
    if stimulus is None:
        return "none"
    if isinstance(stimulus, Stimulus):
        return stimulus_in_words(stimulus)
    return f"of each point: {_call(stimulus)}"


def measure(each: Measure | Experiment) -> str:
    """Return the variables that a measure gives, and its settings."""
    names = ", ".join(output.name for output in each.outputs)
    calls = (
        (each.run,) if isinstance(each, Experiment) else (each.start, each.update, each.finish)
    )
    settings: dict[str, Any] = {}
    for call in calls:
        settings |= _settings(call)
    return f"{names} ({_listed(settings)})" if settings else names


def unit(motor_unit: MotorUnit) -> str:
    """Return a motor unit and its numbers."""
    numbers = motor_unit.parameters.items()
    told = ", ".join(f"{name} {number.value:.9g} {number.unit}" for name, number in numbers)
    return f"{motor_unit.name} ({told})"


def _call(function: Callable[..., Any]) -> str:
    inner = function.func if isinstance(function, partial) else function
    name = getattr(inner, "__qualname__", type(inner).__qualname__)
    settings = _settings(function)
    return f"{name}({_listed(settings)})" if settings else name


def _settings(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the arguments that a partial function has been given, by name."""
    if not isinstance(function, partial):
        return {}
    try:
        bound = inspect.signature(function.func).bind_partial(
            *function.args, **function.keywords
        )
    except (TypeError, ValueError):
        return dict(function.keywords)
    return dict(bound.arguments)


def _listed(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in settings.items())


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, default=lambda other: other.tolist())
    except (AttributeError, TypeError):
        return getattr(value, "__qualname__", type(value).__qualname__)
