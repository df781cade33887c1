"""Extremes and mean of the voltage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnexcite.errors import checked, number
from mnexcite.measures.measure import Array, Ending, Measure, Output, Span, Values, View


@checked
def voltage(every: float = 0.1) -> Measure:
    """Take minimum, maximum and mean of the first compartment's voltage after discard [mV].

    They are those of samples, without interpolation; the voltage at the end counts for the
    extremes too.

    Parameters
    ----------
    every
        Interval between samples [ms].

    Raises
    ------
    InputError
        If `every` is not above 0.

    Examples
    --------
    >>> from mnexcite import measures
    >>> [output.name for output in measures.voltage().outputs]
    ['v_min', 'v_max', 'v_mean']
    """
    every = number("every", every, "more than 0", above=0.0, unit="ms")
    sampled = f"after discard, sampled every {every:g} ms"
    outputs = (
        Output("v_min", "mV", f"lowest voltage {sampled}"),
        Output("v_max", "mV", f"highest voltage {sampled}"),
        Output("v_mean", "mV", f"mean voltage {sampled}"),
    )
    return Measure(outputs, _start, _update, _finish, every=every)


@dataclass(frozen=True)
class _State:
    discard: float
    low: Array
    high: Array
    total: Array
    samples: int


def _start(span: Span) -> _State:
    top = np.full(span.lanes, np.inf)
    return _State(span.discard, top, -top, np.zeros(span.lanes), 0)


def _update(state: _State, window: View) -> _State:
    v = window.v[:, window.t >= state.discard]
    low = np.minimum(state.low, v.min(axis=1, initial=np.inf))
    high = np.maximum(state.high, v.max(axis=1, initial=-np.inf))
    # accumulate adds sample by sample, so that windows do not change the sum as reduce would
    with np.errstate(invalid="ignore", over="ignore"):
        sums = np.add.accumulate(np.column_stack([state.total, v]), axis=1)
    return _State(state.discard, low, high, sums[:, -1], state.samples + v.shape[1])


def _finish(state: _State, ending: Ending) -> Values:
    mean = state.total / state.samples if state.samples else ending.v.copy()
    return {
        "v_min": np.minimum(state.low, ending.v),
        "v_max": np.maximum(state.high, ending.v),
        "v_mean": mean,
    }
