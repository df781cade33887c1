"""What options may be, said in their own words before any work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from mnexcite import errors

Check = Callable[[typer.CallbackParam, Any], Any]


def number(allowed: str, **limits: Any) -> Check:
    """Return what refuses a number outside its limits, those of `mnexcite.errors.number`."""

    def check(param: typer.CallbackParam, value: float | None) -> float | None:
        return None if value is None else errors.number(param.opts[0], value, allowed, **limits)

    return check


def whole(lowest: int, highest: int) -> Check:
    """Return what refuses a whole number out of range."""

    def check(param: typer.CallbackParam, value: int | None) -> int | None:
        if value is None:
            return None
        return errors.whole(param.opts[0], value, lowest=lowest, highest=highest)

    return check


def one_of(names: Callable[[], Iterable[str]]) -> Check:
    """Return what refuses any word but the names, asked for when the option is given."""

    def check(param: typer.CallbackParam, value: str | None) -> str | None:
        return None if value is None else errors.choice(param.opts[0], value, names())

    return check


def in_flags(message: str, flags: Mapping[str, str]) -> str:
    """Return a message about arguments of Python in the words of the command line.

    >>> in_flags("unit is 3; give unit='s', sort=True or header=False",
    ...     {"unit": "--column-unit", "sort": "--sort", "header": "--header"})
    '--column-unit is 3; give --column-unit s, --sort or --no-header'
    """
    if not flags:
        return message

    def flag(found: re.Match[str]) -> str:
        name = flags[found[1]]
        value = found[2].strip("'")
        if value in ("True", "False"):
            return name if value == "True" else f"--no-{name.removeprefix('--')}"
        return f"{name} {value}".rstrip()

    names = "|".join(flags)
    message = re.sub(rf"^({names})(?= is )", lambda found: flags[found[1]], message)
    return re.sub(rf"\b({names})=('[^']*'|[^\s,;'()]*)", flag, message)


def motor_units() -> Iterable[str]:
    """Return the names of motor units."""
    from mnexcite.config import MOTOR_UNITS

    return MOTOR_UNITS


def presets() -> Iterable[str]:
    """Return the names of conditions that take a strength."""
    from mnexcite.conditions import PRESETS

    return PRESETS


def muscles() -> Iterable[str]:
    """Return the names of muscles."""
    from mnexcite.motor_pool import MUSCLES

    return MUSCLES


#: Numbers that several commands ask for.
SECONDS = number("above 0", above=0.0, highest=1e9, unit="s")
FACTOR = number("0 or more", lowest=0.0)
FINITE = number("a finite number")
WORKERS = whole(1, 1024)


#: Options that several commands share.
Threads = Annotated[
    int | None,
    typer.Option(
        help="Processors to take; no number changes a result (default all).",
        callback=whole(1, 4096),
    ),
]
Units = Annotated[int, typer.Option(help="Motor units of the muscle.", callback=whole(2, 2000))]
MuscleName = Annotated[
    str, typer.Option(help="Which, such as lateral_gastrocnemius.", callback=one_of(muscles))
]
Strength = Annotated[
    float,
    typer.Option(
        help="Strength of the condition, 1 for all of it.",
        callback=number("0 to 2", lowest=0.0, highest=2.0),
    ),
]
Seed = Annotated[int, typer.Option(help="Of all that is drawn.", callback=whole(0, 2**31))]
Out = Annotated[Path, typer.Option(help="Folder for figure and data.")]
