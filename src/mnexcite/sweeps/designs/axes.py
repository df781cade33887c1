"""Axes of a sweep: what changes from point to point, and the values it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Factors
from mnexcite.cells.paths import Path
from mnexcite.errors import InputError, array, carried, checked, number, shown

Array = NDArray[np.float64]
Kind = Literal["parameter", "condition", "stimulus"]

_KEY = re.compile(r"\s*([^\s:\[\]]+?)\s*(:\s*factor)?\s*(?:\[([^\[\]]+)\])?\s*")
_SPECIAL = ("temperature.", "conditions.", "stimulus.")
_FORM = "a path such as 'NaP.g', 'conditions.<name>', 'stimulus.<argument>' or 'temperature'"


class Label(NamedTuple):
    """Hold what the key of an axis says."""

    name: str
    is_factor: bool
    unit: str | None


@dataclass(frozen=True, eq=False)
class Axis:
    """Hold one axis.

    Attributes
    ----------
    name
        Path of a parameter or a group, paths joined by `+`, `temperature`,
        `conditions.<name>` or `stimulus.<argument>`.
    values
        As given, shape (n,): absolute, or factors of the cell's own value.
    is_factor
        Whether `values` are factors.
    unit
        Unit of absolute values where it was stated; None: that of the parameter.

    Raises
    ------
    InputError
        If there are no values, one is not finite, or factors are given for what has no
        value of its own.
    """

    name: str
    values: Array
    is_factor: bool = False
    unit: str | None = None

    def __post_init__(self) -> None:
        label = _label(self.name)
        if label.name != self.name:
            raise InputError(f"axis name is {self.name!r}; allowed: {_FORM}")
        own = _numbers(self.name, self.values)
        own.flags.writeable = False
        object.__setattr__(self, "values", own)
        if self.is_factor and self.kind != "parameter":
            raise InputError(
                f"axis {self.name!r} is given as factors, but has no value of its own to "
                "multiply; give its values"
            )
        if self.is_factor and self.unit not in (None, "1"):
            raise InputError(
                f"axis {self.name!r}: factors are in {self.unit!r}; allowed: no unit"
            )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Axis)
            and (self.name, self.is_factor, self.unit)
            == (other.name, other.is_factor, other.unit)
            and np.array_equal(self.values, other.values)
        )

    @property
    def kind(self) -> Kind:
        """What the axis changes: a parameter, a condition's strength or the stimulus."""
        if self.name == "temperature" or self.name.startswith("conditions."):
            return "condition"
        return "stimulus" if self.name.startswith("stimulus.") else "parameter"

    @property
    def target(self) -> str:
        """The condition's name or the stimulus' argument; a parameter's own name."""
        return self.name.removeprefix("conditions.").removeprefix("stimulus.")

    @property
    def path(self) -> Path:
        """Path of a parameter, or several as a tuple."""
        parts = tuple(self.name.split("+"))
        return parts[0] if len(parts) == 1 else parts


@dataclass(frozen=True)
class Range:
    """Hold an interval from which a design draws values."""

    lo: float
    hi: float
    log: bool = False
    factor: bool = False

    def __post_init__(self) -> None:
        lo, hi = number("between: lo", self.lo), number("between: hi", self.hi)
        object.__setattr__(self, "lo", lo)
        object.__setattr__(self, "hi", hi)
        if not lo < hi:
            raise InputError(f"between: lo {lo:g}, hi {hi:g}; allowed: lo below hi")
        if self.log and lo <= 0:
            raise InputError(f"between: lo {lo:g} with log=True; allowed: above 0")

    def at(self, share: Array) -> Array:
        """Return the values at `share` (0 to 1) of the way from lo to hi."""
        if self.log:
            values = self.lo * np.exp(share * np.log(self.hi / self.lo))
        else:
            values = self.lo + share * (self.hi - self.lo)
        return np.clip(values, self.lo, self.hi)


@checked
def between(lo: float, hi: float, *, log: bool = False, factor: bool = False) -> Range:
    """Return the interval from `lo` to `hi`, for designs that draw their points.

    Parameters
    ----------
    lo, hi
        Its ends, in the parameter's unit.
    log
        Draw evenly in the logarithm.
    factor
        The ends are factors of the cell's own value.

    Raises
    ------
    InputError
        If lo is not below hi, or not above 0 with `log`.

    Examples
    --------
    >>> between(1, 4, log=True, factor=True)
    Range(lo=1.0, hi=4.0, log=True, factor=True)
    """
    return Range(lo, hi, log, factor)


def read_label(key: object) -> Label:
    """Return what a key says: `name`, `name:factor`, `name [unit]`, or a tuple of paths.

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> read_label("NaP.g [uS]")
    Label(name='NaP.g', is_factor=False, unit='uS')
    >>> read_label(("NaP.g", "K.g")).name, read_label("K.g:factor").is_factor
    ('NaP.g+K.g', True)
    """
    if isinstance(key, tuple) and key and all(isinstance(part, str) for part in key):
        key = "+".join(key)
    if not isinstance(key, str):
        raise InputError(f"axis is {shown(key)}; allowed: {_FORM}, or a tuple of paths")
    return _label(key)


def axis_of(key: object, given: Any) -> Axis:
    """Return the axis of one item of a mapping: its key, and values or factors.

    Raises
    ------
    InputError
        If the key or the values are not allowed.
    """
    label = read_label(key)
    if isinstance(given, Range):
        raise InputError(
            f"axis {label.name!r} is {given!r}; allowed: a list of values or factors; between "
            "is for random, latin_hypercube, sobol and saltelli designs"
        )
    if isinstance(given, Factors):
        return Axis(label.name, np.array(given.values), True, label.unit)
    held, own = carried(given)
    if label.unit is None and own is not None:  # what the values carry is their unit
        return Axis(label.name, _numbers(label.name, held), label.is_factor, own)
    values = _numbers(label.name, given, label.unit or "")
    return Axis(label.name, values, label.is_factor, label.unit)


def _label(key: str) -> Label:
    # blanks around the plus of "NaP.g + K.g" are the reader's
    found = _KEY.fullmatch(re.sub(r"\s*\+\s*", "+", key))
    if found is None:
        raise InputError(f"axis is {key!r}; allowed: {_FORM}, then ':factor' or ' [unit]'")
    name, factor, unit = found.groups()
    parts = name.split("+")
    special = [p for p in parts if (p + ".").startswith(_SPECIAL)]
    if not all(parts) or len(set(parts)) < len(parts) or (special and len(parts) > 1):
        raise InputError(
            f"axis {name!r} joins {', '.join(map(repr, parts))}; allowed: different paths of "
            "the cell's parameters"
        )
    if name in _SPECIAL:
        raise InputError(f"axis is {name!r}; allowed: {_FORM}")
    return Label(name, factor is not None, unit.strip() if unit else None)


def _numbers(name: str, given: Any, unit: str = "") -> Array:
    allowed = "a list of finite numbers, or mnexcite.factors"
    return array(f"axis {name!r}", given, allowed, least=1, unit=unit)
