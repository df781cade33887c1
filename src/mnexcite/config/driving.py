"""The stimulus of a sweep's points: fixed, or a function of what axes give."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

from mnexcite.config.build import (
    SHAPES,
    arguments_of,
    build_stimulus,
    missing_argument,
    naming,
    read_arguments,
)
from mnexcite.config.schema import Config, StimulusConfig
from mnexcite.errors import InputError, did_you_mean
from mnexcite.stimuli import Stimulus
from mnexcite.sweeps.designs.units import unit_of_argument


def build_drive(
    config: Config, swept: Iterable[str]
) -> Stimulus | Callable[..., Stimulus] | None:
    """Return the stimulus of all points, or a function where axes vary it.

    An axis acts on the only `[[stimulus]]` that has its argument, or on the only one that
    leaves it out. What fluctuates is each point's own, by the seed of the sweep.

    Raises
    ------
    InputError
        If an argument is missing or not allowed, or an axis could mean two stimuli.
    StorageError
        If a file of samples cannot be read.
    """
    with naming(config, "axes"):
        owners = {name: _owner(config.stimulus, name) for name in swept}
    parts = []
    for i, given in enumerate(config.stimulus):
        own = [name for name, owner in owners.items() if owner == i]
        with naming(config, f"stimulus {i + 1}"):
            missing = missing_argument(given.shape, {*given.arguments, *own})
            if missing is not None:
                raise InputError(
                    f"{missing} is missing; a {given.shape} needs it, here or as an axis "
                    f"'stimulus.{missing}'"
                )
            fixed = read_arguments(config, given)
        fixed = {name: value for name, value in fixed.items() if name not in own}
        parts.append(Part(partial(SHAPES[given.shape], **fixed), tuple(own)))
    if not any(part.varied for part in parts):
        return build_stimulus(config)
    return Drive(tuple(parts)) if len(parts) > 1 else parts[0].make


@dataclass(frozen=True)
class Part:
    """Hold one stimulus as a function of the arguments that vary."""

    make: Callable[..., Stimulus]
    varied: tuple[str, ...]


class Drive:
    """Add stimuli, each made with the arguments that vary from point to point."""

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self.parts = parts
        names = dict.fromkeys(name for part in parts for name in part.varied)
        self.__signature__ = inspect.Signature(
            [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
        )

    def unit_of(self, name: str) -> str | None:
        """Return the unit of an argument, None where it has none."""
        part = next(part for part in self.parts if name in part.varied)
        return unit_of_argument(name, part.make)

    def __call__(self, **arguments: Any) -> Stimulus:
        """Return the stimulus of one point."""
        made = [
            part.make(**{name: arguments[name] for name in part.varied}) for part in self.parts
        ]
        return reduce(Stimulus.__add__, made)


def _owner(listed: tuple[StimulusConfig, ...], name: str) -> int:
    """Return which stimulus an axis means."""
    axis = f"axis 'stimulus.{name}'"
    if not listed:
        raise InputError(f"{axis} needs a [[stimulus]], and there is none; add it")
    known = [_numbers(given.shape) for given in listed]
    having = [i for i, names in enumerate(known) if name in names]
    if not having:
        names = dict.fromkeys(one for names in known for one in names)
        shapes = " or ".join(dict.fromkeys(given.shape for given in listed))
        raise InputError(f"{axis}: a {shapes} has no {name!r}; {did_you_mean(name, names)}")
    free = [i for i in having if name not in listed[i].arguments]
    if len(having) > 1 and len(free) != 1:
        said = " and ".join(f"[[stimulus]] {i + 1}" for i in (free or having))
        raise InputError(f"{axis} could mean {said}; give {name} in all of them but one")
    return having[0] if len(having) == 1 else free[0]


def _numbers(shape: str) -> Mapping[str, inspect.Parameter]:
    """Return the arguments of a shape that are one number."""
    known = arguments_of(shape)
    return {
        name: one
        for name, one in known.items()
        if str(one.annotation).startswith(("float", "int"))
    }
