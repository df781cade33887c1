"""What a run is, as frozen values: one class per section of the file.

Each field states its kind, which decides what TOML may hold there; a field that is None
is left out of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mnexcite.channels.mapping import FrozenMapping


def _of(kind: str, default: Any = None) -> Any:
    return field(default=default, metadata={"kind": kind})


def _numbers() -> Any:
    return field(
        default_factory=lambda: FrozenMapping[float](), metadata={"kind": "table of numbers"}
    )


@dataclass(frozen=True)
class CellConfig:
    """Say which cell runs: `[cell]`, `[cell.scaled]`, `[cell.replaced]`.

    `name` is a cell of the catalogue, a saved cell's file or module:function. Numbers are
    scaled, then replaced; no path may be in both.
    """

    name: str = _of("text", "purvis_butera_2005")
    scaled: Mapping[str, float] = _numbers()
    replaced: Mapping[str, float] = _numbers()


@dataclass(frozen=True)
class ConditionsConfig:
    """Say what the cell is under: `[conditions]`, applied in this order.

    `presets` are the conditions with a strength, by name, as in `als_early = 1.0`;
    `electrolytes` holds K_o, Na_o and Ca_o [mM], `drugs` free concentrations by name [uM];
    `temperature` is in degC.
    """

    presets: Mapping[str, float] = _numbers()
    electrolytes: Mapping[str, float] = _numbers()
    drugs: Mapping[str, float] = _numbers()
    temperature: float | None = _of("number")


@dataclass(frozen=True)
class StimulusConfig:
    """Say what drives the cell: each `[[stimulus]]` is one; their currents add.

    `arguments` are those of the function `shape` of `mnexcite.stimuli`; a sampled one may
    name a CSV `file` in place of `values`.
    """

    shape: str
    arguments: Mapping[str, Any] = field(default_factory=lambda: FrozenMapping[Any]())


@dataclass(frozen=True)
class RunConfig:
    """Say how to run: `[run]`, the arguments of `mnexcite.simulate`; times in ms.

    `initial` may also name the folder of a saved run, whose final state it then is; left out
    it is published, in a sweep rest. A `tolerance` is for methods that choose their steps,
    `dt` for those with fixed ones. `seed` is for noise; a sweep has its own in `[sweep]`.
    """

    duration: float = _of("number", 1000.0)
    discard: float = _of("number", 0.0)
    record: tuple[str, ...] | None = _of("list of texts")
    every: float | None = _of("number")
    method: str | None = _of("text")
    tolerance: float | None = _of("number")
    dt: float | None = _of("number")
    spike_error: float | None = _of("number")
    initial: str | Mapping[str, float] | None = _of("text or table of numbers")
    seed: int | None = _of("whole number")
    threads: int | None = _of("whole number")


@dataclass(frozen=True)
class MuscleConfig:
    """Say which motor unit the spikes drive: `[muscle]`; without it there is none."""

    unit: str = _of("text", "slow")
    every: float = _of("number", 1.0)


@dataclass(frozen=True)
class OutputConfig:
    """Say where results go: `[output]`.

    `folder` is chosen by the command where it is left out; `figure` is a file name ending
    in .png, .pdf or .svg, or empty for no figure.
    """

    folder: str | None = _of("text")
    figure: str = _of("text", "run.png")


@dataclass(frozen=True)
class SweepConfig:
    """Say which points a sweep visits and what it keeps: `[sweep]`.

    `design` is grid, zipped, random, latin_hypercube, sobol, saltelli or table; `points` is
    for those that are drawn, `table` a CSV file. Each of `measures` is a name, or a table with
    `name` and its options. `store` and `figure` are named after the file where left out;
    the figure goes beside the store, and an empty `figure` means none.
    """

    design: str = _of("text", "grid")
    points: int | None = _of("whole number")
    table: str | None = _of("text")
    measures: tuple[str | Mapping[str, Any], ...] = _of("list of measures", ("rate", "phase"))
    store: str | None = _of("text")
    figure: str | None = _of("text")
    chunk: int | None = _of("whole number")
    seed: int = _of("whole number", 0)


@dataclass(frozen=True)
class Config:
    """Describe one run completely.

    `path` is the file it was read from, for messages and relative file names.
    """

    cell: CellConfig = CellConfig()
    conditions: ConditionsConfig = ConditionsConfig()
    stimulus: tuple[StimulusConfig, ...] = ()
    run: RunConfig = RunConfig()
    muscle: MuscleConfig | None = None
    output: OutputConfig = OutputConfig()
    path: Path | None = field(default=None, compare=False)

    @property
    def folder(self) -> Path:
        """Folder that relative file names start from."""
        return Path() if self.path is None else self.path.parent
