"""Runs and sweeps described in TOML: read, checked, written and carried out."""

from mnexcite.config.build import (
    MOTOR_UNITS,
    SHAPES,
    build_cell,
    build_stimulus,
    build_unit,
    find_drug,
    find_unit,
)
from mnexcite.config.reading import load, loads
from mnexcite.config.running import Run, run
from mnexcite.config.schema import (
    CellConfig,
    ConditionsConfig,
    Config,
    MuscleConfig,
    OutputConfig,
    RunConfig,
    StimulusConfig,
    SweepConfig,
)
from mnexcite.config.sweeping import SweepFile, build_plan, load_sweep, loads_sweep
from mnexcite.config.writing import dump

__all__ = [
    "MOTOR_UNITS",
    "SHAPES",
    "CellConfig",
    "ConditionsConfig",
    "Config",
    "MuscleConfig",
    "OutputConfig",
    "Run",
    "RunConfig",
    "StimulusConfig",
    "SweepConfig",
    "SweepFile",
    "build_cell",
    "build_plan",
    "build_stimulus",
    "build_unit",
    "dump",
    "find_drug",
    "find_unit",
    "load",
    "load_sweep",
    "loads",
    "loads_sweep",
    "run",
]
