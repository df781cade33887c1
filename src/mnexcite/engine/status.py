"""How a lane ended: a number in arrays, a name for people, a sentence and a remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """Hold a way to end."""

    code: int
    name: str
    sentence: str
    remedy: str


STATUSES = (
    Status(0, "ok", "the run reached its end", "nothing to do"),
    Status(
        1,
        "non_finite",
        "a state became infinite or not a number",
        "take a smaller dt, or look for a parameter far out of range",
    ),
    Status(
        2,
        "out_of_range",
        "a voltage left -150 to 100 mV, or a concentration 1024, where kinetics are tabulated",
        "take a smaller stimulus or dt, or look for a parameter far out of range",
    ),
    Status(
        3,
        "step_limit",
        "the solver took more steps than allowed, or would have to take shorter ones",
        "take a shorter run or a larger tolerance, or look for a parameter far out of range",
    ),
    Status(4, "interrupted", "the run was stopped before its end", "run it again"),
    Status(
        5,
        "inaccurate",
        "the estimated error of the spike times is above the spike_error asked for",
        "look at the estimate; ask for a larger one, or give no method, tolerance and dt",
    ),
    Status(
        6,
        "sensitive",
        "the cell magnifies roundings until spikes move by more than the spike_error asked for",
        "compare counts, rates and classes, not times; no solver finds these spikes closer",
    ),
    Status(
        7,
        "negative_concentration",
        "a concentration fell below 0, where its model has no meaning",
        "hold the voltage below the ion's reversal potential, or take a smaller stimulus or dt",
    ),
)
assert [status.code for status in STATUSES] == list(range(len(STATUSES)))  # names by code
BY_NAME = {status.name: status for status in STATUSES}
NAMES = tuple(status.name for status in STATUSES)
CODES = {status.name: status.code for status in STATUSES}


def in_words(failures: Mapping[str, int]) -> str:
    """Return how many ended how, what that means and what to do, as one line.

    >>> in_words({"step_limit": 2}).split(": ")[0]
    '2 step_limit'
    """
    return "; ".join(
        f"{count} {name}: {BY_NAME[name].sentence}, {BY_NAME[name].remedy}"
        for name, count in failures.items()
    )
