"""What names may look like: they become parts of paths and of variables in kernels."""

from __future__ import annotations

import re

from mnexcite.errors import InputError

#: Words with which paths, axes, recorded variables and those of a dataset begin already.
TAKEN = frozenset(
    "C v i ions area temperature conditions stimulus clamp time lane spike spike_time "
    "spike_count spike_error spike_threshold status began dt tolerance steps".split()
)
_ALLOWED = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")


def check_name(what: str, name: object) -> None:
    """Refuse a name that could not stand in a path.

    >>> check_name("channel", "Kv1.2")
    Traceback (most recent call last):
    ...
    mnexcite.errors.InputError: channel name is 'Kv1.2'; allowed: letters, digits and single
    underscores, beginning with a letter
    """
    if not isinstance(name, str) or not _ALLOWED.fullmatch(name):
        raise InputError(
            f"{what} name is {name!r}; allowed: letters, digits and single underscores, "
            "beginning with a letter"
        )
