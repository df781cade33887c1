"""Sweeps described in TOML: a run's sections, its axes, and where results go."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnexcite import measures
from mnexcite.config.beginning import build_initial
from mnexcite.config.build import build_cell, find_unit, naming
from mnexcite.config.driving import build_drive
from mnexcite.config.reading import File, parse, read_sections, read_text
from mnexcite.config.schema import Config, MuscleConfig, OutputConfig, SweepConfig
from mnexcite.config.visiting import build_design, read_axes
from mnexcite.engine.state import State
from mnexcite.errors import InputError, RunWarning, checked, did_you_mean, whole
from mnexcite.measures import Experiment, Measure
from mnexcite.simulation.numerics import Numerics
from mnexcite.sweeps.designs.checks import check
from mnexcite.sweeps.designs.questions import meant_as_factors
from mnexcite.sweeps.designs.units import in_own_units
from mnexcite.sweeps.plan import Plan, make_plan


@dataclass(frozen=True)
class SweepFile:
    """Describe a sweep: the run of each point, the axes as written, and the rest."""

    run: Config
    axes: Mapping[str, Any]
    sweep: SweepConfig

    @property
    def folder(self) -> Path:
        """Folder that relative file names start from."""
        return self.run.folder


@checked
def load_sweep(path: str | Path) -> SweepFile:
    """Read a sweep from a TOML file.

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If it is not TOML, names something unknown or holds a value of the wrong type.
    """
    path = Path(path)
    return loads_sweep(read_text(path), path)


@checked
def loads_sweep(text: str, path: Path | None = None) -> SweepFile:
    r"""Read a sweep from TOML text; `path` is where it came from.

    Raises
    ------
    InputError
        As `load_sweep`.

    Examples
    --------
    >>> found = loads_sweep('[axes]\n"NaP.g:factor" = {from = 1, to = 4, n = 7}')
    >>> build_plan(found).design.shape
    (7,)
    """
    file = File("the configuration" if path is None else str(path))
    table = parse(file, text)
    run = read_sections(file, table, path, sweep=True)
    sweep = file.read(SweepConfig, "sweep", file.table(table, "sweep"))
    axes = read_axes(file, file.table(table, "axes"))
    if not axes and sweep.design != "table" and sweep.table is None:
        one = "" if "sweep" in table else "; for one run, write: mnexcite simulate"
        raise file.refuse(
            "axes", f'there is no axis; write one, such as "NaP.g:factor" = [1, 2, 4]{one}'
        )
    return SweepFile(run, axes, sweep)


@checked
def build_plan(described: SweepFile) -> Plan:
    """Return the described sweep, checked.

    Raises
    ------
    InputError
        If something is not allowed; nothing has run then.
    StorageError
        If a file that it names cannot be read.
    """
    config, run, own = described.run, described.run.run, described.sweep
    _refuse_unused(config)
    cell = build_cell(config)
    design = build_design(config, own, described.axes)
    swept = [axis.target for axis in design.axes if axis.kind == "stimulus"]
    drive = build_drive(config, swept)
    initial = build_initial(config, "rest")
    with naming(config, "axes"):
        design = in_own_units(cell, design, drive)
        check(cell, design, None, drive)
    for question in meant_as_factors(cell, design, toml=True):
        warnings.warn(question, RunWarning, stacklevel=3)
    with naming(config, "muscle"):
        unit = find_unit((config.muscle or MuscleConfig()).unit)
    with naming(config, "sweep"):
        chosen = [_measure(given) for given in own.measures]
        if own.chunk is not None:
            whole("chunk", own.chunk, "a whole number of points, 1 or more")
    began = initial.at(0.0) if isinstance(initial, State) else initial
    with naming(config):
        return make_plan(
            cell,
            design,
            drive,
            Numerics(run.method, run.tolerance, run.dt, run.spike_error, began, own.seed),
            duration=run.duration,
            discard=run.discard,
            measures=chosen,
            unit=unit,
        )


def _refuse_unused(config: Config) -> None:
    for section, keys in (("run", ("record", "every")), ("muscle", ("every",))):
        given = getattr(config, section)
        for key in keys:
            if given is not None and getattr(given, key) != getattr(type(given)(), key):
                with naming(config, section):
                    raise InputError(
                        f"{key} is given, but a sweep keeps measures only; remove it"
                    )
    if config.run is not None and config.run.seed is not None:
        with naming(config, "run"):
            raise InputError("seed is given, but a sweep has its own; write it in [sweep]")
    if config.output != OutputConfig():
        with naming(config, "output"):
            raise InputError("this is for one run; a sweep has store and figure in [sweep]")


def _measure(given: str | Mapping[str, Any]) -> Measure | Experiment:
    if isinstance(given, str):
        return measures.find(given)
    options = dict(given)
    if "name" not in options:
        raise InputError(f'a measure is {options}; write its name, as in {{name = "rate"}}')
    name = options.pop("name")
    if name not in measures.BUILT_IN:
        hint = did_you_mean(str(name), measures.BUILT_IN, limit=len(measures.BUILT_IN))
        raise InputError(f"a measure's name is {name!r}; {hint}")
    make = measures.BUILT_IN[name]
    known = inspect.signature(make).parameters
    for key in options:
        if key not in known:
            raise InputError(f"measure {name!r} has no {key!r}; {did_you_mean(key, known)}")
    return make(**options)
