"""The one door by which numbers, arrays, names and places enter: plain values, or one line.

Refused wherever a number is meant: truth values, text, bytes, complex numbers, dates and
durations, masked values, sets, mappings, and integers beyond floats. Accepted: Python's and
NumPy's numbers, lists, tuples, ranges, arrays, pandas and xarray objects. A unit that an
object carries is converted to the one that is wanted, or refused.
"""

from __future__ import annotations

import itertools
import math
import numbers
import operator
import os
import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors.kinds import InputError, did_you_mean
from mnexcite.errors.units import carried, converted

T = TypeVar("T")

_PLAIN = (np.integer, np.floating, numbers.Real, Decimal)
_TEXT = (str, bytes, bytearray, memoryview)
_NEVER = (bool, np.bool_, *_TEXT, Mapping, Set, Iterator, type(None), type)
#: Longest name of one file or folder, and of a whole place, that file systems take [bytes].
LONGEST_NAME, LONGEST_PLACE = 255, 4095
#: Most parts of one list (channels, lanes' stimuli, names).
MOST_PARTS = 10_000_000


def number(
    name: str,
    value: object,
    allowed: str = "a finite number",
    *,
    lowest: float = -math.inf,
    highest: float = math.inf,
    above: float | None = None,
    below: float | None = None,
    unit: str = "",
    finite: bool = True,
) -> float:
    """Return `value` as a float in range, in `unit`; else refuse it: `name` is ...; `allowed`.

    >>> number("g", -1, "0 or more", lowest=0.0, unit="uS")
    Traceback (most recent call last):
    ...
    mnexcite.errors.InputError: g is -1 uS; allowed: 0 or more
    """
    given = value if type(value) is float else _scalar(name, value, allowed, unit)
    if (
        not lowest <= given <= highest  # NaN is nowhere
        or (finite and math.isinf(given))
        or (above is not None and given <= above)
        or (below is not None and given >= below)
    ):
        _refuse(name, value, allowed, unit)
    return given


def whole(
    name: str,
    value: object,
    allowed: str = "a whole number",
    *,
    lowest: float = 1,
    highest: float = math.inf,
) -> int:
    """Return `value` as a whole number in range; else refuse it: `name` is ...; `allowed`.

    >>> whole("threads", True, "1 or more")
    Traceback (most recent call last):
    ...
    mnexcite.errors.InputError: threads is True; allowed: 1 or more
    """
    bare, unit = carried(value)
    if (
        isinstance(bare, np.ndarray)
        and bare.ndim == 0
        and not isinstance(bare, np.ma.MaskedArray)
    ):
        bare = bare[()] if bare.dtype.kind in "iu" else None
    wrong = isinstance(bare, bool | np.bool_ | np.timedelta64) or unit is not None
    try:
        given = None if wrong else operator.index(bare)  # type: ignore[arg-type]
    except Exception:
        given = None
    if given is None or not lowest <= given <= highest:
        _refuse(name, value, allowed)
    return given


def flag(name: str, value: object) -> bool:
    """Return `value` as a truth value; refuse anything but True and False."""
    if not isinstance(value, bool | np.bool_):
        _refuse(name, value, "True or False")
    return bool(value)


def text(name: str, value: object, allowed: str = "a text") -> str:
    """Return `value` if it is text without control characters; else refuse it."""
    if not isinstance(value, str) or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in value):
        _refuse(name, value, allowed)
    try:
        value.encode()
    except UnicodeEncodeError:  # half a character pair: no file or store can hold it
        _refuse(name, value, allowed)
    return str(value)


def parts(
    name: str, value: object, kind: type[T] | tuple[type[T], ...], allowed: str
) -> tuple[T, ...]:
    """Return one part or a list of parts as a tuple; refuse anything else in it."""
    if isinstance(value, kind):
        return (value,)
    if isinstance(value, (*_TEXT, Mapping, Set)) or not isinstance(value, Iterable):
        _refuse(name, value, allowed)
    try:
        listed = tuple(itertools.islice(value, MOST_PARTS))  # an iterator may have no end
    except Exception:
        _refuse(name, value, allowed)
    for part in listed:
        if not isinstance(part, kind):
            raise InputError(f"{name} holds {shown(part)}; allowed: {allowed}")
    return listed


def mapping(name: str, value: object, allowed: str) -> Mapping[str, Any]:
    """Return `value` if it is a mapping with texts as keys; else refuse it."""
    if not isinstance(value, Mapping):
        _refuse(name, value, allowed)
    for key in value:
        if not isinstance(key, str):
            raise InputError(f"{name} names {shown(key)}; allowed: {allowed}")
    return value


def choice(name: str, value: object, allowed: Iterable[str]) -> str:
    """Return `value` if it is one of the allowed words; else name the nearest."""
    words = list(allowed)
    if isinstance(value, str) and value in words:
        return value
    if isinstance(value, str):
        raise InputError(f"{name} is {shown(value)}; {did_you_mean(value, words)}")
    _refuse(name, value, ", ".join(words))


def instance(name: str, value: object, kind: type[T] | tuple[type[T], ...], allowed: str) -> T:
    """Return `value` if it is of the kind; else refuse it: `name` is ...; `allowed`."""
    if not isinstance(value, kind):
        _refuse(name, value, allowed)
    return value


def place(name: str, value: object) -> Path:
    """Return a file's or folder's path; refuse what no file system could hold.

    Raises
    ------
    InputError
        If it is neither text nor a path, empty, holds NUL, or is too long.
    """
    if not isinstance(value, str | os.PathLike):
        _refuse(name, value, "a path, such as 'runs/map.zarr'")
    given = os.fspath(value)
    if not isinstance(given, str) or not given or "\0" in given:
        _refuse(name, value, "a path, such as 'runs/map.zarr'")
    try:
        sizes = [len(os.fsencode(part)) for part in Path(given).parts]
    except UnicodeEncodeError:
        _refuse(name, value, "a path that the file system can write")
    # stores and files write beside themselves under a longer name, hence some room
    if (
        max(sizes, default=0) > LONGEST_NAME - 32
        or sum(sizes) + len(sizes) > LONGEST_PLACE - 64
    ):
        _refuse(name, value, f"at most {LONGEST_NAME - 32} bytes for each name in a path")
    return Path(given)


def array(
    name: str,
    value: object,
    allowed: str = "one 1-D array of numbers",
    *,
    ndim: int | tuple[int, ...] | None = 1,
    least: int = 0,
    lowest: float = -math.inf,
    highest: float = math.inf,
    above: float | None = None,
    unit: str = "",
    finite: bool = True,
) -> NDArray[np.float64]:
    """Return a float64 copy of `value`, in `unit`; refuse what is not numbers in range.

    Parameters
    ----------
    ndim
        Dimensions allowed; None allows any.
    least
        Fewest entries.
    finite
        False lets infinities and NaN pass.

    Examples
    --------
    >>> array("t", [0.0, "1_2_0"])
    Traceback (most recent call last):
    ...
    mnexcite.errors.InputError: t holds '1_2_0'; allowed: one 1-D array of numbers
    """
    out = np.array(_entries(name, value, allowed, unit), dtype=np.float64)
    dims = (ndim,) if isinstance(ndim, int) else ndim
    if dims is not None and out.ndim not in dims:
        what = f"has {out.ndim} dimensions" if out.ndim else f"is {shown(value)}"
        raise InputError(f"{name} {what}; allowed: {allowed}")
    if out.size < least:
        raise InputError(f"{name} has {out.size} values; allowed: {least} or more; {allowed}")
    if not out.size:
        return out
    wrong = (out < lowest) | (out > highest)
    if above is not None:
        wrong |= out <= above
    if finite:
        wrong |= ~np.isfinite(out)
    if wrong.any():
        at = int(np.argmax(wrong.ravel()))
        given = float(out.ravel()[at])
        seen = f"{given!r}{unit and ' ' + unit}" if math.isfinite(given) else f"{given}"
        known = math.isfinite(given) or "finite" in allowed
        asked = allowed if known else "finite numbers; remove or replace it"
        raise InputError(f"{name} is {seen} at position {at}; allowed: {asked}")
    return out


def shown(value: object) -> str:
    """Return a value on one short line, for messages; never raises."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 128:
        return f"an integer of {int(value.bit_length() * math.log10(2)) + 1} digits"
    try:
        if isinstance(value, np.generic) and not isinstance(
            value, np.datetime64 | np.timedelta64
        ):
            value = value.item()
        return " ".join(reprlib.repr(value).split())
    except Exception:
        return f"a {type(value).__name__}"


def _refuse(name: str, value: object, allowed: str, unit: str = "") -> NoReturn:
    beside = f" {unit}" if unit and isinstance(value, int | float) else ""
    raise InputError(f"{name} is {shown(value)}{beside}; allowed: {allowed}")


def _scalar(name: str, value: object, allowed: str, unit: str) -> float:
    """Return one number as a float, NaN and infinities included."""
    if isinstance(value, _PLAIN) and not isinstance(value, bool | np.timedelta64):
        if carried(value)[1] is None:
            return _float(name, value, allowed)
    if isinstance(value, (*_NEVER, Sequence)):
        _refuse(name, value, allowed)
    out = _entries(name, value, allowed, unit)
    if out.ndim:
        _refuse(name, value, allowed)
    return float(out)


def _float(name: str, value: Any, allowed: str) -> float:
    try:
        with np.errstate(all="ignore"):
            given = float(value)
            if not math.isinf(given) or abs(value) == math.inf:  # Decimal("1e999") is not
                return given
    except (OverflowError, ValueError, TypeError, ArithmeticError):
        pass
    _refuse(name, value, f"{allowed} (it is beyond what a float holds)")


def _entries(name: str, value: Any, allowed: str, unit: str) -> NDArray[np.float64]:
    """Return numbers of any shape as float64, in the wanted unit."""
    if isinstance(value, _NEVER):
        _refuse(name, value, allowed)
    held, own = carried(value)
    if isinstance(held, Sequence) and not hasattr(held, "__array__"):
        out = _listed(name, held, allowed, unit)
    else:
        out = _arrayed(name, held, allowed)
    return out if own is None else converted(name, out, own, unit)


def _listed(name: str, value: Sequence[Any], allowed: str, unit: str) -> NDArray[np.float64]:
    kinds = set(map(type, value))
    try:
        if kinds <= {float, int}:
            return np.array(value, dtype=np.float64)
    except OverflowError:
        _refuse(name, max(value, key=abs), f"{allowed} (it is beyond what a float holds)")
    for item in value:  # say which entry is wrong, not that the list is
        if isinstance(item, (*_NEVER, complex)):
            raise InputError(f"{name} holds {shown(item)}; allowed: {allowed}")
    rows = [
        np.float64(_scalar(name, item, allowed, unit))
        if isinstance(item, _PLAIN)
        else _entries(name, item, allowed, unit)
        for item in value
    ]
    if len({np.shape(row) for row in rows}) > 1:
        raise InputError(f"{name} is ragged; allowed: {allowed}")
    return np.array(rows, dtype=np.float64)


def _arrayed(name: str, value: Any, allowed: str) -> NDArray[np.float64]:
    if isinstance(value, np.ma.MaskedArray):
        if np.ma.getmaskarray(value).any():
            raise InputError(
                f"{name} has masked values; allowed: {allowed}; fill or remove them"
            )
        value = value.data
    try:
        out = np.asarray(value)
    except Exception:
        _refuse(name, value, allowed)
    if out.dtype.kind not in "iuf":
        held = out.dtype if out.ndim or out.dtype.kind != "O" else type(value).__name__
        raise InputError(f"{name} holds {held}; allowed: {allowed}")
    with np.errstate(all="ignore"):
        return out.astype(np.float64)
