"""The points that a sweep's file describes: its axes and their design."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from mnexcite import sweeps
from mnexcite.cells import Factors
from mnexcite.conditions import PRESETS
from mnexcite.config.build import naming
from mnexcite.config.reading import File
from mnexcite.config.schema import Config, SweepConfig
from mnexcite.errors import InputError, did_you_mean, whole
from mnexcite.sweeps.designs.axes import Range, read_label
from mnexcite.sweeps.designs.design import Design

#: Most values of one axis, and most points of a sweep.
MOST = 10_000_000
MOST_POINTS = 1_000_000_000

_SPACED = ("from", "to", "n", "log")
_EVENLY = "{from = 1, to = 4, n = 40}"
_DRAWN: Mapping[str, Callable[..., Design]] = MappingProxyType(
    {
        make.__name__: make
        for make in (sweeps.random, sweeps.latin_hypercube, sweeps.sobol, sweeps.saltelli)
    }
)
DESIGNS = ("grid", "zipped", "table", *_DRAWN)


def read_axes(file: File, table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Read axes; `NaP.g = [1, 2]` without quotes is a table in TOML and allowed.

    Raises
    ------
    InputError
        If an axis is no list of numbers and no range.
    """
    found: dict[str, Any] = {}
    for key, given in table.items():
        name = before + key
        if before and key in ("values", "factors"):
            axis = before.removesuffix(".")
            label = f"{axis}:factor" if key == "factors" else axis
            raise file.refuse("axes", f'{axis} is {table}; write: "{label}" = [1, 2]')
        if isinstance(given, dict) and given and not set(given) & set(_SPACED):
            found |= read_axes(file, given, f"{name}.")
        elif isinstance(given, dict) or (isinstance(given, list) and _are_numbers(given)):
            found[name] = given
        else:
            raise file.refuse(
                "axes", f"{name} is {given!r}; allowed: a list of numbers, or {_EVENLY}"
            )
    return found


def build_design(config: Config, sweep: SweepConfig, axes: Mapping[str, Any]) -> Design:
    """Return the described design.

    Raises
    ------
    InputError
        If it is not allowed, or what only another design takes is given.
    StorageError
        If the table cannot be read.
    """
    with naming(config, "sweep"):
        kind = sweep.design
        if kind not in DESIGNS:
            raise InputError(f"design is {kind!r}; {did_you_mean(kind, DESIGNS)}")
        if sweep.points is not None and kind not in _DRAWN:
            raise InputError(f"points is given, but design {kind!r} draws none; remove it")
        if sweep.table is not None and kind != "table":
            raise InputError(f'table is given, but design is {kind!r}; write design = "table"')
    if kind == "table":
        with naming(config, "sweep"):
            design = _read_table(config.folder, sweep.table, axes)
    elif kind in _DRAWN:
        with naming(config, "axes"):
            ranges = {key: _range(key, given) for key, given in axes.items()}
        with naming(config, "sweep"):
            if sweep.points is None:
                raise InputError(f"points is missing; design {kind!r} draws so many")
            whole("points", sweep.points, f"1 to {MOST}", highest=MOST)
            design = _DRAWN[kind](ranges, sweep.points, seed=sweep.seed)
    else:
        make = sweeps.grid if kind == "grid" else sweeps.zipped
        with naming(config, "axes"):
            design = make({key: _values(key, given) for key, given in axes.items()})
    with naming(config, "axes"):
        _check(config, design)
    return design


def _check(config: Config, design: Design) -> None:
    if design.size > MOST_POINTS:
        raise InputError(f"there are {design.size:.3g} points; allowed: {MOST_POINTS:.3g}")
    for axis in design.axes:
        if axis.kind != "condition":
            continue
        known = [*PRESETS, "temperature"]
        if axis.target not in known:
            raise InputError(
                f"axis {axis.name!r}: no condition {axis.target!r}; "
                f"{did_you_mean(axis.target, known)}"
            )
        if axis.target in config.conditions.presets:
            raise InputError(
                f"axis {axis.name!r}: {axis.target} is in [conditions] too, which would act "
                "first; keep one of them"
            )


def _read_table(folder: Path, name: str | None, axes: Mapping[str, Any]) -> Design:
    if name is None or axes:
        raise InputError(
            "a table is a CSV file with one column per axis; name it as in "
            'table = "points.csv", without [axes]'
        )
    return sweeps.table(folder / name)


def _values(key: str, given: Any) -> Any:
    """Return the values of an axis; factors where its key ends so."""
    if isinstance(given, dict):
        lo, hi, log = _ends(key, given, ("from", "to", "n"))
        n = whole(f"axis {key!r}: n", given.get("n"), f"1 to {MOST}", highest=MOST)
        given = (np.geomspace if log else np.linspace)(lo, hi, n).tolist()
    return Factors(tuple(given)) if read_label(key).is_factor and given else given


def _range(key: str, given: Any) -> Range:
    if not isinstance(given, dict):
        raise InputError(f"axis {key!r} is a list; allowed here: {{from = 1, to = 4}}")
    if "n" in given:
        raise InputError(f"axis {key!r} has n; remove it and give points in [sweep]")
    lo, hi, log = _ends(key, given, ("from", "to"))
    if not lo < hi:
        raise InputError(f"axis {key!r} goes from {lo:g} to {hi:g}; allowed: from below to")
    return sweeps.between(lo, hi, log=log, factor=read_label(key).is_factor)


def _ends(
    key: str, given: Mapping[str, Any], needed: tuple[str, ...]
) -> tuple[float, float, bool]:
    """Return the ends of a range, and whether it is logarithmic."""
    for name in given:
        if name not in (*needed, "log"):
            raise InputError(f"axis {key!r}: unknown {name!r}; {did_you_mean(name, _SPACED)}")
    for name in needed:
        if name not in given:
            raise InputError(f"axis {key!r}: {name} is missing; write it as {_EVENLY}")
    for name in ("from", "to"):
        if not _are_numbers([given[name]]):
            raise InputError(f"axis {key!r}: {name} is {given[name]!r}; allowed: a number")
    log = given.get("log", False)
    if not isinstance(log, bool):
        raise InputError(f"axis {key!r}: log is {log!r}; allowed: true or false")
    if log and min(given["from"], given["to"]) <= 0:
        raise InputError(f"axis {key!r}: log needs from and to above 0")
    return float(given["from"]), float(given["to"]), log


def _are_numbers(given: list[Any]) -> bool:
    return bool(given) and all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        for value in given
    )
