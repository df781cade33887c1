"""What the library raises and warns, in one small tree."""

from __future__ import annotations

import difflib
import functools
import types
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any


class InputError(ValueError):
    """Refuse an input before any work is done; the message says what to do."""


class StorageError(OSError):
    """Report a file or folder that cannot be read or written."""


class RunWarning(UserWarning):
    """Tell that a run went on, but not as asked."""


class Interrupted(KeyboardInterrupt):
    """Carry what was computed before Ctrl-C, as `partial`."""

    def __init__(self, message: str, partial: Any = None) -> None:
        super().__init__(message)
        self.partial = partial


def stopped_with(partial: Any, error: BaseException, message: str) -> BaseException:
    """Return what to raise after an error stopped the work: it, with what was computed.

    Ctrl-C becomes `Interrupted`; any other error stays itself and gets a `partial`.
    """
    if type(error) is KeyboardInterrupt:
        return Interrupted(message, partial)
    with suppress(AttributeError):  # errors with slots
        error.partial = partial  # type: ignore[attr-defined]
    return error


def did_you_mean(given: str, allowed: Iterable[str], *, limit: int = 8) -> str:
    """Return the tail of an error line: the nearest names, or the allowed ones.

    >>> did_you_mean("NaQ.g", ["NaP.g", "Kdr.g"])
    "did you mean 'NaP.g'?"
    >>> did_you_mean("zzz", ["NaP.g", "Kdr.g"])
    'allowed: NaP.g, Kdr.g'
    """
    names = list(allowed)
    folded: dict[str, list[str]] = {}
    for name in names:
        folded.setdefault(name.casefold(), []).append(name)
    typed = given.casefold()
    near = difflib.get_close_matches(typed, folded, n=2, cutoff=0.6)
    if not near and len(typed) > 2:
        near = [name for name in folded if name.startswith(typed)]
    if near:
        meant = [name for key in near for name in folded[key]][:2]
        return "did you mean " + " or ".join(map(repr, meant)) + "?"
    shown = ", ".join(names[:limit])
    more = f", ... ({len(names)} in all)" if len(names) > limit else ""
    return f"allowed: {shown}{more}"


def in_module_of(function: Callable[..., Any], wrapper: Any) -> Any:
    """Return a wrapper with the globals of the function's module, where its examples are."""
    made = types.FunctionType(
        wrapper.__code__,
        function.__globals__,  # type: ignore[attr-defined]
        function.__name__,
        None,
        wrapper.__closure__,
    )
    made.__kwdefaults__ = getattr(function, "__kwdefaults__", None)
    return functools.wraps(function)(made)
