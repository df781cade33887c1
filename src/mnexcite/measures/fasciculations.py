"""Discharges that stand alone, as a twitch of a resting muscle does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import checked, whole
from mnexcite.measures import experiment
from mnexcite.measures.flags import status_of, where
from mnexcite.measures.measure import Array, Ending, Measure, Output, Span, Values, View

IntArray = NDArray[np.int64]

_OUTPUTS = (
    Output("fasciculation_rate", "1/min", "fasciculations per minute after discard"),
    Output("fasciculation_singles", "1", "share of fasciculations of one spike"),
    status_of("fasciculation_singles", "no_fasciculation"),
    Output("longer_discharges", "1/min", "discharges longer than fasciculations, per minute"),
)


@checked
def fasciculations(*, pause: float = 100.0, most: int = 4) -> Measure:
    """Count the discharges that stand alone, and the share of them that are single spikes.

    A discharge is one spike or several without a longer interval than `pause`; it is a
    fasciculation if it has `most` spikes or fewer, else it is firing that goes on for a
    while, counted apart. The published rates are those of all units under the electrodes
    (a median of 40 a minute in ALS): one cell contributes its own.

    Parameters
    ----------
    pause
        Longest interval within a discharge [ms]. The default is a choice; what fires
        steadily below 10 Hz is then many discharges, and `phase` says that it is steady.
    most
        Spikes of a fasciculation, at most, 1 to 1000. The default is a choice: above the
        doublets and triplets that are seen.

    Returns
    -------
    Measure
        `fasciculation_rate` and `longer_discharges`, per minute from discard to the end;
        `fasciculation_singles`, and `fasciculation_singles_status`: `ok`,
        `no_fasciculation` with NaN, `failed`.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> [output.unit for output in fasciculations().outputs[:2]]
    ['1/min', '1']
    """
    pause = experiment.time("fasciculations: pause", pause)
    most = whole("fasciculations: most", most, lowest=1, highest=1000)
    return Measure(
        _OUTPUTS,
        _nothing,
        partial(_update, pause=pause, most=most),
        partial(_finish, most=most),
    )


@dataclass(frozen=True)
class _State:
    """Hold, by lane, the last spike [ms], spikes of the discharge it is in, and counts."""

    last: Array
    size: IntArray
    singles: IntArray
    several: IntArray
    longer: IntArray


def _nothing(span: Span) -> _State:
    none = np.zeros(span.lanes, np.int64)
    return _State(np.full(span.lanes, np.nan), none, none, none, none)


def _update(state: _State, window: View, *, pause: float, most: int) -> _State:
    trains = window.spikes
    for k in range(int(trains.counts.max(initial=0))):
        lanes = np.flatnonzero(trains.counts > k)
        times = trains.times[trains.offsets[lanes] + k]
        over = lanes[times - state.last[lanes] > pause]
        state = _closed(state, over, most)
        last, size = state.last.copy(), state.size.copy()
        last[lanes] = times
        size[lanes] += 1
        state = replace(state, last=last, size=size)
    return state


def _closed(state: _State, lanes: IntArray, most: int) -> _State:
    """Count the discharges that the lanes are in as over."""
    size = state.size.copy()
    ended = size[lanes]
    kinds = (ended == 1, (ended > 1) & (ended <= most), ended > most)
    counts = [count.copy() for count in (state.singles, state.several, state.longer)]
    for count, kind in zip(counts, kinds, strict=True):
        count[lanes[kind]] += 1
    size[lanes] = 0
    return _State(state.last, size, *counts)


def _finish(state: _State, ending: Ending, *, most: int) -> Values:
    state = _closed(state, np.flatnonzero(state.size), most)
    minutes = (ending.span.end - ending.span.discard) / 60_000.0
    counted = state.singles + state.several
    some = counted > 0
    share = np.where(some, state.singles / np.maximum(counted, 1), np.nan)
    return {
        "fasciculation_rate": counted / minutes,
        "fasciculation_singles": share,
        "fasciculation_singles_status": where(~some),
        "longer_discharges": state.longer / minutes,
    }
