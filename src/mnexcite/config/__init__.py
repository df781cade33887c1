"""Runs described in TOML: read, checked, written and carried out."""

from mnexcite.config.build import (
    MOTOR_UNITS,
    SHAPES,
    build_cell,
    build_stimulus,
    build_unit,
    find_preset,
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
)
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
    "build_cell",
    "build_stimulus",
    "build_unit",
    "dump",
    "find_preset",
    "find_unit",
    "load",
    "loads",
    "run",
]
