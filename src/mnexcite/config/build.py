"""From a description to the cell, stimulus and motor unit it means."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from mnexcite import cells, conditions, stimuli
from mnexcite.cells import Cell
from mnexcite.cells.paths import resolve
from mnexcite.config.schema import Config, StimulusConfig
from mnexcite.errors import InputError, StorageError, checked, did_you_mean
from mnexcite.muscle import MotorUnit, fast_unit, slow_unit, thenar_unit
from mnexcite.stimuli import Stimulus

#: Motor units by the name that a file or a command line takes.
MOTOR_UNITS: Mapping[str, Callable[[], MotorUnit]] = MappingProxyType(
    {"slow": slow_unit, "fast": fast_unit, "thenar": thenar_unit}
)
#: Stimuli by shape.
SHAPES: Mapping[str, Callable[..., Stimulus]] = MappingProxyType(
    {
        shape.__name__: shape
        for shape in (
            stimuli.step,
            stimuli.pulse,
            stimuli.ramp,
            stimuli.triangle,
            stimuli.train,
            stimuli.sampled,
            stimuli.conductance,
            stimuli.events,
            stimuli.ornstein_uhlenbeck,
        )
    }
)


def arguments_of(shape: str) -> dict[str, inspect.Parameter]:
    """Return the arguments that a stimulus of this shape takes in a file."""
    listed = dict(inspect.signature(SHAPES[shape]).parameters)
    if shape == "sampled":
        optional = listed["values"].replace(default=None)
        listed |= {"values": optional, "file": optional.replace(name="file", annotation="str")}
    return listed


def missing_argument(shape: str, given: Iterable[str]) -> str | None:
    """Return the first argument that a stimulus of this shape still needs, None if none."""
    known, given = arguments_of(shape), set(given)
    needed = (name for name, one in known.items() if one.default is one.empty)
    return next((name for name in needed if name not in given), None)


@checked
def build_cell(config: Config) -> Cell:
    """Return the described cell.

    Raises
    ------
    InputError
        If it cannot be found or changed as described.
    """
    given, under = config.cell, config.conditions
    with naming(config, "cell"):
        cell = cells.find(_relative(config, given.name))
        twice = _paths(cell, given.scaled) & _paths(cell, given.replaced)
        if twice:
            raise InputError(
                f"{sorted(twice)[0]} is scaled and replaced; allowed: one of the two"
            )
        cell = cell.scaled({**given.scaled}).replaced({**given.replaced})
    with naming(config, "conditions"):
        for name, strength in under.presets.items():
            cell = cell.under(find_preset(name)(strength))
        if under.electrolytes:
            cell = cell.under(conditions.electrolytes(**under.electrolytes))
        for name, c in under.drugs.items():
            cell = cell.under(find_drug(name)(c))
        if under.temperature is not None:
            cell = cell.under(conditions.temperature(under.temperature))
    return cell


@checked
def build_stimulus(config: Config) -> Stimulus | None:
    """Return the sum of the described stimuli, None where there is none.

    Raises
    ------
    InputError
        If an argument is not allowed.
    StorageError
        If a file of samples cannot be read.
    """
    built = []
    for i, given in enumerate(config.stimulus, start=1):
        with naming(config, f"stimulus {i}"):
            built.append(SHAPES[given.shape](**read_arguments(config, given)))
    return reduce(Stimulus.__add__, built) if built else None


@checked
def build_unit(config: Config) -> MotorUnit | None:
    """Return the described motor unit, None where there is none.

    Raises
    ------
    InputError
        If there is no such unit.
    """
    if config.muscle is None:
        return None
    with naming(config, "muscle"):
        return find_unit(config.muscle.unit)


@checked
def find_unit(name: str) -> MotorUnit:
    """Return the motor unit of that short name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in MOTOR_UNITS:
        raise InputError(f"unit is {name!r}; {did_you_mean(name, MOTOR_UNITS)}")
    return MOTOR_UNITS[name]()


@checked
def find_drug(name: str, said: str = "drug") -> Callable[[float], conditions.Condition]:
    """Return the drug of that name, which takes a concentration in uM; `said` where.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in conditions.DRUGS:
        raise InputError(f"{said} is {name!r}; {did_you_mean(name, conditions.DRUGS)}")
    return conditions.DRUGS[name]


def find_preset(name: str) -> Callable[[float], conditions.Condition]:
    """Return the condition of that name, which takes a strength.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in conditions.PRESETS:
        raise InputError(f"preset is {name!r}; {did_you_mean(name, conditions.PRESETS)}")
    return conditions.PRESETS[name]


def read_arguments(config: Config, given: StimulusConfig) -> dict[str, Any]:
    """Return the arguments of a stimulus, those that a file holds read from it.

    Raises
    ------
    InputError
        If values and file are both given, or none, or the file holds something else.
    StorageError
        If the file cannot be read.
    """
    arguments = dict(given.arguments)
    if given.shape == "sampled":
        file = arguments.pop("file", None)
        if (file is None) == ("values" not in arguments):
            raise InputError("sampled: give values or file, one of the two")
        if file is not None:
            arguments |= _samples(config.folder / file)
    return arguments


def _samples(path: Path) -> dict[str, Any]:
    """Read one column of values, or two of times [ms] and values."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise StorageError(f"cannot read {path} ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text; save it as CSV") from error
    rows = [row for row in text.splitlines() if row.strip() and not row.startswith("#")]
    header = bool(rows) and not _is_number(rows[0].split(",")[0])
    try:
        table = np.array(
            [[float(cell) for cell in row.split(",")] for row in rows[header:]], dtype=float
        )
    except ValueError as error:
        raise InputError(
            f"{path} holds something else than numbers ({error}); allowed: one column of "
            "values, or two of times [ms] and values, separated by commas"
        ) from error
    if table.ndim != 2 or table.shape[1] not in (1, 2):
        raise InputError(
            f"{path} is no table of 1 or 2 columns; allowed: one column of values, or two of "
            "times [ms] and values, separated by commas"
        )
    if table.shape[1] == 1:
        return {"values": table[:, 0]}
    return {"times": table[:, 0], "values": table[:, 1]}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _paths(cell: Cell, given: Mapping[str, float]) -> set[str]:
    return {path for key in given for path in resolve(cell, key)}


def _relative(config: Config, name: str) -> str:
    return str(config.folder / name) if name.endswith(".json") else name


@contextmanager
def naming(config: Config, section: str = "") -> Iterator[None]:
    """Say in every message which file, and which section of it, it is about."""
    try:
        yield
    except InputError as error:
        if config.path is None:
            raise
        where = f"[{section}] " if section else ""
        raise InputError(f"{config.path}: {where}{error}") from error
