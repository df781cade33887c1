"""Which measures may look at the same samples of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnexcite.errors import InputError
from mnexcite.measures import Measure
from mnexcite.simulation.settings import interval


@dataclass(frozen=True)
class Sampling:
    """Hold an interval of samples [ms], and measure (index) -> how many of it make its own.

    `every` is None, and a measure's number too, where no voltage is asked for.
    """

    every: float | None
    strides: dict[int, int | None]


def samplings(
    measures: Sequence[Measure], duration: float, dt: float | None = None
) -> list[Sampling]:
    """Return in how few runs all measures see the samples that each would see alone.

    Times are k * every, rounded: 5 k * 0.02 is not always k * 0.1 to the bit. Measures share
    a run where all their times are the same numbers; that is all of them as a rule.

    Raises
    ------
    InputError
        If an interval is no multiple of dt.
    """
    intervals = [_interval(measure, dt) for measure in measures]
    found: list[tuple[float, list[float]]] = []
    for wanted in sorted({each for each in intervals if each is not None}):
        for every, shared in found:
            if _is_multiple(wanted, every, duration):
                shared.append(wanted)
                break
        else:
            found.append((wanted, [wanted]))
    if not found:
        return [Sampling(None, dict.fromkeys(range(len(measures))))]
    return [
        Sampling(
            every,
            {
                k: None if each is None else round(each / every)
                for k, each in enumerate(intervals)
                if each in shared or (each is None and every == found[0][0])
            },
        )
        for every, shared in found
    ]


def _interval(measure: Measure, dt: float | None) -> float | None:
    if measure.every is None:
        return None
    try:
        return interval(measure.every, dt)
    except InputError as error:
        raise InputError(f"measure {measure.outputs[0].name!r}: {error}") from None


def _is_multiple(wanted: float, every: float, duration: float) -> bool:
    stride = round(wanted / every)
    k = np.arange(math.ceil(duration / wanted) + 1)
    return bool(np.all((k * stride) * every == k * wanted))
