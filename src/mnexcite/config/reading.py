"""Read TOML, strictly: whatever nobody asked for is an error with a suggestion."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from mnexcite import conditions
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.config.build import SHAPES, arguments_of, missing_argument
from mnexcite.config.schema import (
    CellConfig,
    ConditionsConfig,
    Config,
    MuscleConfig,
    OutputConfig,
    RunConfig,
    StimulusConfig,
)
from mnexcite.errors import InputError, StorageError, checked, did_you_mean

Section = TypeVar("Section")

SECTIONS = ("cell", "conditions", "stimulus", "run", "muscle", "output")
#: What a sweep's file has beside them.
SWEEP_SECTIONS = ("axes", "sweep")
ELECTROLYTES = ("K_o", "Na_o", "Ca_o")
_EXAMPLES = {
    "number": "a number, such as 1.0",
    "whole number": "a whole number, such as 2",
    "text": 'text, such as "v"',
    "list of texts": 'a list of texts, such as ["v"]',
    "list of numbers": "a list of numbers, such as [0.0, 1.0]",
    "number or list": "a number or a list of numbers, such as [0.0, 1.0]",
    "list of measures": 'a list of names, such as ["rate", "phase"], or tables with a name',
    "table of numbers": 'numbers by name, such as "NaP.g" = 2.0',
    "text or table of numbers": "text, or numbers by name, such as {v = -70.0}",
}


@checked
def load(path: str | Path) -> Config:
    """Read a run from a TOML file.

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If it is not TOML, names something unknown or holds a value of the wrong type.
    """
    path = Path(path)
    return loads(read_text(path), path)


def read_text(path: Path) -> str:
    """Return the text of a file."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot read {path} ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text; save it as TOML in UTF-8") from error


@checked
def loads(text: str, path: Path | None = None) -> Config:
    """Read a run from TOML text; `path` is where it came from.

    Raises
    ------
    InputError
        As `load`.

    Examples
    --------
    >>> loads('cell.scaled = {"NaP.g" = 2}').cell.scaled["NaP.g"]
    2.0
    """
    file = File("the configuration" if path is None else str(path))
    table = parse(file, text)
    if any(name in table for name in SWEEP_SECTIONS):
        raise file.refuse(
            "", f"this describes a sweep; write: mnexcite sweep {path or 'MAP.toml'}"
        )
    return read_sections(file, table, path)


def parse(file: File, text: str) -> dict[str, Any]:
    """Return the tables of TOML text."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        end = f"at line {text.count(chr(10)) + 1}, the end"
        said = str(error).replace("at end of document", end)
        raise InputError(f"{file.name} is not TOML: {said}; mend that line") from error


def read_sections(
    file: File, table: Mapping[str, Any], path: Path | None, *, sweep: bool = False
) -> Config:
    """Return the run that the tables describe; a sweep's axes may complete its stimuli."""
    file.check_names("", table, (*SECTIONS, *(SWEEP_SECTIONS if sweep else ())), "section")
    muscle = file.table(table, "muscle") if "muscle" in table else None
    return Config(
        cell=file.read(CellConfig, "cell", file.table(table, "cell")),
        conditions=_conditions(file, file.table(table, "conditions")),
        stimulus=_stimuli(file, table.get("stimulus", []), complete=not sweep),
        run=file.read(RunConfig, "run", file.table(table, "run")),
        muscle=None if muscle is None else file.read(MuscleConfig, "muscle", muscle),
        output=file.read(OutputConfig, "output", file.table(table, "output")),
        path=path,
    )


class File:
    """Check the tables of one file; its messages name file, section and key."""

    def __init__(self, name: str) -> None:
        self.name = name

    def refuse(self, section: str, message: str) -> InputError:
        """Return the error that says where in the file something is wrong."""
        return InputError(f"{self.name}: {f'[{section}] ' if section else ''}{message}")

    def check_names(
        self, section: str, table: Mapping[str, Any], allowed: Iterable[str], what: str = "key"
    ) -> None:
        """Refuse names that nobody asked for."""
        allowed = list(allowed)
        for name in table:
            if name not in allowed:
                raise self.refuse(
                    section, f"unknown {what} {name!r}; {did_you_mean(name, allowed)}"
                )

    def table(self, table: Mapping[str, Any], section: str) -> Mapping[str, Any]:
        """Return a section, empty where it is left out."""
        found = table.get(section, {})
        if not isinstance(found, dict):
            raise self.refuse("", f"{section} is {found!r}; allowed: a section [{section}]")
        return found

    def read(self, kind: type[Section], section: str, table: Mapping[str, Any]) -> Section:
        """Return the section as its dataclass, checked by the kinds of its fields."""
        kinds = {f.name: f.metadata["kind"] for f in fields(kind)}  # type: ignore[arg-type]
        self.check_names(section, table, kinds)
        return kind(
            **{key: self.value(section, key, value, kinds[key]) for key, value in table.items()}
        )

    def value(self, section: str, key: str, value: Any, kind: str) -> Any:
        """Return the value as its kind has it, or refuse it."""
        try:
            return _KINDS[kind](value)
        except TypeError:
            raise self.refuse(
                section, f"{key} is {value!r}; allowed: {_EXAMPLES[kind]}"
            ) from None


def _conditions(file: File, table: Mapping[str, Any]) -> ConditionsConfig:
    presets = conditions.PRESETS
    file.check_names("conditions", table, [*presets, "electrolytes", "drugs", "temperature"])
    given = {key: value for key, value in table.items() if key not in presets}
    found = file.read(ConditionsConfig, "conditions", given)
    file.check_names("conditions.electrolytes", found.electrolytes, ELECTROLYTES)
    file.check_names("conditions.drugs", found.drugs, conditions.DRUGS)
    strengths = {
        key: file.value("conditions", key, value, "number")
        for key, value in table.items()
        if key in presets
    }
    return replace(found, presets=FrozenMapping(strengths))


def _stimuli(file: File, given: Any, complete: bool) -> tuple[StimulusConfig, ...]:
    if not isinstance(given, list) or not all(isinstance(table, dict) for table in given):
        raise file.refuse("", "stimulus is no list of sections; write [[stimulus]]")
    return tuple(
        _stimulus(file, f"stimulus {i}", table, complete)
        for i, table in enumerate(given, start=1)
    )


def _stimulus(
    file: File, section: str, table: Mapping[str, Any], complete: bool
) -> StimulusConfig:
    if "shape" not in table:
        raise file.refuse(section, f"shape is missing; allowed: {', '.join(SHAPES)}")
    shape = file.value(section, "shape", table["shape"], "text")
    if shape not in SHAPES:
        raise file.refuse(section, f"unknown shape {shape!r}; {did_you_mean(shape, SHAPES)}")
    parameters = arguments_of(shape)
    file.check_names(section, table, ["shape", *parameters])
    missing = missing_argument(shape, table) if complete else None
    if missing is not None:
        raise file.refuse(section, f"{missing} is missing; a {shape} needs it")
    return StimulusConfig(
        shape,
        FrozenMapping(
            {
                key: file.value(
                    section, key, value, _ANNOTATED[str(parameters[key].annotation)]
                )
                for key, value in table.items()
                if key != "shape"
            }
        ),
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise TypeError
    return float(value)


def _whole_number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(_text, value))


def _list_of_numbers(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(_number, value))


def _number_or_list(value: Any) -> float | tuple[float, ...]:
    return _list_of_numbers(value) if isinstance(value, list) else _number(value)


def _numbers(value: Any, before: str = "") -> FrozenMapping[float]:
    """Read numbers by path; `NaP.g = 2` without quotes is a table in TOML and allowed."""
    if not isinstance(value, dict):
        raise TypeError
    found: dict[str, float] = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            found |= _numbers(inner, f"{before}{key}.")
        else:
            found[before + key] = _number(inner)
    return FrozenMapping(found)


def _text_or_numbers(value: Any) -> str | FrozenMapping[float]:
    return value if isinstance(value, str) else _numbers(value)


def _measures(value: Any) -> tuple[str | FrozenMapping[Any], ...]:
    if not isinstance(value, list) or not all(isinstance(one, str | dict) for one in value):
        raise TypeError
    return tuple(FrozenMapping(one) if isinstance(one, dict) else one for one in value)


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "number": _number,
    "whole number": _whole_number,
    "text": _text,
    "list of texts": _texts,
    "list of numbers": _list_of_numbers,
    "number or list": _number_or_list,
    "list of measures": _measures,
    "table of numbers": _numbers,
    "text or table of numbers": _text_or_numbers,
}
#: Kind of a stimulus' argument by its annotation.
_ANNOTATED = {
    "float": "number",
    "float | None": "number",
    "int": "whole number",
    "int | None": "whole number",
    "str": "text",
    "str | None": "text",
    "ArrayLike": "list of numbers",
    "float | ArrayLike": "number or list",
    "ArrayLike | None": "list of numbers",
}
