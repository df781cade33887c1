"""A number with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from mnexcite.errors import InputError

STATUSES = {
    "published": "the number stands in the named source",
    "derived": "it follows from published numbers by a stated rule",
    "tuned": "it was fitted by us to a stated target",
    "unverified": "no source settles it",
}


@dataclass(frozen=True)
class Parameter:
    """Hold a value, its unit, its source and its status (a key of `STATUSES`)."""

    value: float
    unit: str
    source: str
    status: str

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise InputError(f"status is {self.status!r}; allowed: {', '.join(STATUSES)}")
