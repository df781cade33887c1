"""The phase of a run: how the cell fires, by rules of which the first match wins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.measures.flags import FAILED
from mnexcite.measures.kept import Kept, keep_spikes
from mnexcite.measures.measure import Array, Ending, Measure, Output, Span, Values, Window
from mnexcite.spikes import SpikeTrains, describe

#: Voltage above which a cell that does not fire is blocked, not at rest [mV].
BLOCKED = -40.0
#: How many times the median an interval is that separates bursts, and how many are needed.
PAUSE, PAUSES = 3.0, 2
#: CV of the intervals below which firing is tonic.
REGULAR = 0.1
#: Interval between the samples of voltage [ms].
EVERY = 1.0


@dataclass(frozen=True)
class Phase:
    """Hold a phase's name and the rule by which a run is in it."""

    name: str
    rule: str


#: The phases in the order of their flags, 0 onwards; the first rule that holds decides.
PHASES = (
    Phase("silent", "no spike after discard"),
    Phase("single", "one spike after discard"),
    Phase(
        "block",
        "no spike in the last third of the time from discard to the end, and the voltage, "
        f"sampled every {EVERY:g} ms and at the end, above {BLOCKED:g} mV throughout that "
        "third (depolarisation block)",
    ),
    Phase(
        "burst",
        f"at least two inter-spike intervals above {PAUSE:g} times the median interval",
    ),
    Phase(
        "tonic",
        f"coefficient of variation of the intervals below {REGULAR:g}; it needs three spikes",
    ),
    Phase("irregular", "two spikes or more, and none of the rules before"),
    Phase(FAILED, "the run did not reach its end; its status says why"),
)
NAMES = tuple(phase.name for phase in PHASES)
SILENT, SINGLE, BLOCK, BURST, TONIC, IRREGULAR = range(6)


def phase() -> Measure:
    """Tell silent, single, block, burst, tonic and irregular firing apart, as a flag.

    `mnexcite.measures.PHASES` holds the rules; the first that holds decides. So a cell that
    fell into depolarisation block before discard is silent, and one whose only spike came
    after it is single. The intervals' median needs every spike, so its memory grows with
    their number.

    Examples
    --------
    >>> from mnexcite import measures
    >>> measures.phase().outputs[0].flags[:3]
    ('silent', 'single', 'block')
    """
    output = Output("phase", "1", "how the cell fires", NAMES)
    return Measure((output,), _start, _update, _finish, every=EVERY, spikes_kept=True)


def classify(trains: SpikeTrains, discard: float, end: float, low: Array) -> NDArray[np.int8]:
    """Return the flag of each train's phase, shape (trains,).

    Parameters
    ----------
    trains
        Spikes from `discard` to `end`.
    discard, end
        The time that counts [ms].
    low
        Lowest voltage of the last third of that time, shape (trains,) [mV].
    """
    counts = trains.counts
    late = trains.after(last_third(discard, end)).counts
    rules = {
        SILENT: counts == 0,
        SINGLE: counts == 1,
        BLOCK: (late == 0) & (low > BLOCKED),
        BURST: _pauses(trains) >= PAUSES,
        TONIC: describe(trains).cv < REGULAR,  # NaN below three spikes
    }
    return np.select(list(rules.values()), list(rules), IRREGULAR).astype(np.int8)


def last_third(discard: float, end: float) -> float:
    """Return where the last third from `discard` to `end` begins [ms]."""
    return end - (end - discard) / 3.0


def _pauses(trains: SpikeTrains) -> NDArray[np.int64]:
    """Count each train's intervals above three times their median."""
    owners = trains.lanes
    within = owners[1:] == owners[:-1]
    gaps, lanes = np.diff(trains.times)[within], owners[1:][within]
    sizes = np.maximum(trains.counts - 1, 0)
    some = np.flatnonzero(sizes)
    ordered = gaps[np.lexsort((gaps, lanes))]
    starts = np.cumsum(sizes)[some] - sizes[some]
    median = np.zeros(len(trains))
    median[some] = 0.5 * (
        ordered[starts + (sizes[some] - 1) // 2] + ordered[starts + sizes[some] // 2]
    )
    return np.bincount(lanes[gaps > PAUSE * median[lanes]], minlength=len(trains))


@dataclass(frozen=True)
class _State:
    kept: Kept
    low: Array


def _start(span: Span) -> _State:
    return _State(Kept(span), np.full(span.lanes, np.inf))


def _update(state: _State, window: Window) -> _State:
    span = state.kept.span
    late = window.t >= last_third(span.discard, span.end)
    low = np.minimum(state.low, window.v[:, late].min(axis=1, initial=np.inf))
    return _State(keep_spikes(state.kept, window), low)


def _finish(state: _State, ending: Ending) -> Values:
    span = state.kept.span
    low = np.minimum(state.low, ending.v)
    return {"phase": classify(state.kept.trains(), span.discard, span.end, low)}
