"""Arguments of public functions, checked by what their annotations say before any work."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from mnexcite.errors.door import flag, instance, number, place, shown, text, whole
from mnexcite.errors.kinds import InputError, in_module_of

Function = TypeVar("Function", bound=Callable[..., Any])

#: Said of an argument of these kinds where it is something else.
_SAID = {
    "Axes": "an Axes of Matplotlib",
    "ManyAxes": "Axes of Matplotlib, one or several",
    "Figure": "a Figure of Matplotlib",
    "Dataset": "a Dataset of xarray, such as mnexcite.sweep returns",
    "Cell": "a Cell, such as mnexcite.cells.purvis_butera_2005()",
    "MotorUnit": "a MotorUnit, such as mnexcite.muscle.slow_unit()",
    "CalciumHillUnit": "a CalciumHillUnit, such as mnexcite.muscle.calcium_hill_unit()",
    "MotorPool": "a MotorPool, such as mnexcite.muscle.fuglevand_pool()",
    "Recording": "a Recording, such as mnexcite.simulate returns",
    "Work": "a Work, such as mnexcite.bench.cell_work(cell)",
    "Frontier": "a Frontier, such as mnexcite.bench.work_precision returns",
}


#: Arguments whose unit is the same wherever they stand, for values that carry one.
_TIMES = frozenset(
    "duration discard start stop every settle watch offset longest spike_time width tau "
    "brake_duration holding_duration longest_contraction".split()
)
_VOLTAGES = frozenset(("threshold", "rearm"))


def checked(function: Function) -> Function:
    """Refuse arguments that are not of the kind that the function's annotations name.

    Numbers, texts, flags, whole numbers and paths go through the door; objects of this
    package, of Matplotlib and of xarray are told by the names of their classes, so that
    nothing is imported for it. What is not understood (arrays, functions) is left to the
    function itself.

    >>> @checked
    ... def double(x: "float", twice: "bool" = False) -> "float":
    ...     return 4.0 * x if twice else 2.0 * x
    >>> double(1.5, twice=1)
    Traceback (most recent call last):
    ...
    mnexcite.errors.InputError: double: twice is 1; allowed: True or False
    """
    signature = inspect.signature(function)
    kinds = {
        name: tuple(
            part.strip().strip("\"'").removeprefix("xarray.")
            for part in str(p.annotation).split(" | ")
        )
        for name, p in signature.parameters.items()
        if p.annotation is not p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    }
    check, said = _check, function.__name__

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        for name, value in bound.arguments.items():
            if name in kinds:
                bound.arguments[name] = check(f"{said}: {name}", name, value, kinds[name])
        return function(*bound.args, **bound.kwargs)

    return in_module_of(function, wrapper)


def _check(said: str, name: str, value: Any, kinds: tuple[str, ...]) -> Any:
    """Return the value, plain, if it is of one of the kinds."""
    if value is None and "None" in kinds:
        return value
    own = tuple(kind for kind in kinds if kind != "None")
    if own and all(kind in _PLAIN for kind in own) and len(set(own)) == 1:
        if name == "text":  # of many lines
            return instance(said, value, str, "a text")
        if own[0] == "float":
            unit = "ms" if name in _TIMES else "mV" if name in _VOLTAGES else ""
            return number(said, value, "a number", unit=unit, finite=False)
        return _PLAIN[own[0]](said, value)
    if own and set(own) <= {"str", "Path", "os.PathLike[str]"} and len(own) > 1:
        place(said, value)
        return value
    if all(_known(kind) for kind in own) and not any(_is(value, kind) for kind in own):
        allowed = " or ".join(dict.fromkeys(_SAID.get(kind, _spelled(kind)) for kind in own))
        none = ", or None" if "None" in kinds else ""
        raise InputError(f"{said} is {shown(value)}; allowed: {allowed}{none}")
    return value


_PLAIN: Mapping[str, Callable[[str, Any], Any]] = {
    "float": lambda said, value: number(said, value, "a number", finite=False),
    "int": lambda said, value: whole(said, value, "a whole number", lowest=-(2**62)),
    "bool": flag,
    "str": text,
}


def _known(kind: str) -> bool:
    head = kind.partition("[")[0]
    return head in _PLAIN or head in _ABSTRACT or (head.isidentifier() and head in _CLASSES)


_ABSTRACT: Mapping[str, Callable[[Any], bool]] = {
    "Mapping": lambda value: isinstance(value, Mapping),
    "Callable": callable,
    "Sequence": lambda value: (
        isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes)
    ),
    "Path": lambda value: isinstance(value, os.PathLike),
}
_CLASSES = frozenset(
    (
        *_SAID, "Batch", "Force", "Forces", "SpikeTrains", "ForceFrequency", "CurrentVoltage",
        "Config", "SweepFile", "Design", "Stimulus", "VoltageClamp", "Factors",
        "Range", "Measure", "Experiment", "Condition", "Compartment", "Channel",
        "Reference", "ClampFamily", "FICurve", "Bifurcation",
    )
)  # fmt: skip


def _is(value: Any, kind: str) -> bool:
    head = kind.partition("[")[0]
    if head == "ManyAxes":
        try:
            several = np.ravel(np.asarray(value, dtype=object))
        except Exception:
            return False
        return len(several) > 0 and all(_is(one, "Axes") for one in several)
    if head in _ABSTRACT:
        return _ABSTRACT[head](value)
    if head in ("float", "int", "bool", "str"):
        try:
            _PLAIN[head]("", value)
        except InputError:
            return False
        return True
    return any(base.__name__ == head for base in type(value).__mro__)


def _spelled(kind: str) -> str:
    head = kind.partition("[")[0]
    return {"Mapping": "a mapping", "Sequence": "a list", "Callable": "a function"}.get(
        head, f"{'an' if head[0] in 'AEIO' else 'a'} {head}"
    )
