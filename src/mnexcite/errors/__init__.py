"""What the library raises and warns, and the one door by which values enter."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from mnexcite.errors.cost import check_memory, check_steps
from mnexcite.errors.kinds import (
    InputError,
    Interrupted,
    RunWarning,
    StorageError,
    did_you_mean,
    stopped_with,
)

if TYPE_CHECKING:
    from mnexcite.errors.arguments import checked
    from mnexcite.errors.door import (
        array,
        choice,
        flag,
        instance,
        mapping,
        number,
        parts,
        place,
        shown,
        text,
        whole,
    )
    from mnexcite.errors.units import (
        carried,
        cf,
        cf_attributes,
        conversion,
        converted,
        from_cf,
        is_unit,
        spellings,
    )

__all__ = [
    "InputError",
    "Interrupted",
    "RunWarning",
    "StorageError",
    "array",
    "carried",
    "cf",
    "cf_attributes",
    "check_memory",
    "check_steps",
    "checked",
    "choice",
    "conversion",
    "converted",
    "did_you_mean",
    "flag",
    "from_cf",
    "instance",
    "is_unit",
    "mapping",
    "number",
    "parts",
    "place",
    "shown",
    "spellings",
    "stopped_with",
    "text",
    "whole",
]

#: What needs NumPy, and where it lives: `mnexcite --help` imports none of it.
_HOME = {
    "checked": "arguments",
    **dict.fromkeys(("carried", "cf", "conversion", "converted"), "units"),
    **dict.fromkeys(("cf_attributes", "from_cf", "is_unit", "spellings"), "units"),
    **dict.fromkeys(
        ("array", "choice", "flag", "instance", "mapping", "number", "parts", "place"), "door"
    ),
    **dict.fromkeys(("shown", "text", "whole"), "door"),
}

# tracebacks and documentation name the public place
for _kind in (InputError, Interrupted, RunWarning, StorageError):
    _kind.__module__ = __name__
del _kind


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOME[name]}")
    globals()[name] = found = getattr(module, name)
    return found
