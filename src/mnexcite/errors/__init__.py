"""What the library raises and warns, and the one door by which values enter."""

from mnexcite.errors.checked import checked
from mnexcite.errors.cost import check_memory, check_steps
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
from mnexcite.errors.kinds import (
    InputError,
    Interrupted,
    RunWarning,
    StorageError,
    did_you_mean,
    stopped_with,
)
from mnexcite.errors.units import carried, conversion, converted, is_unit, spellings

__all__ = [
    "InputError",
    "Interrupted",
    "RunWarning",
    "StorageError",
    "array",
    "carried",
    "check_memory",
    "check_steps",
    "checked",
    "choice",
    "conversion",
    "converted",
    "did_you_mean",
    "flag",
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

# tracebacks and documentation name the public place
for _kind in (InputError, Interrupted, RunWarning, StorageError):
    _kind.__module__ = __name__
del _kind
