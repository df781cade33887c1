"""The phase of a run: how the cell fires, by rules of which the first match wins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import paths
from mnexcite.errors import InputError, checked
from mnexcite.measures.block import beyond_instability
from mnexcite.measures.extremes import Extremes
from mnexcite.measures.flags import FAILED
from mnexcite.measures.kept import Kept, keep_spikes
from mnexcite.measures.measure import Ending, Measure, Output, Span, Values, View
from mnexcite.simulation import Batch, Recording
from mnexcite.spikes import SpikeTrains, bursts, describe, fires_on
from mnexcite.spikes.patterns import PAUSE, SILENCE

#: CV of the intervals below which firing is tonic.
REGULAR = 0.1
#: How far the voltage rises in a swing [mV]: more than in an afterdepolarisation, which is no
#: spike; how many swings are no chance, and which share of all.
SWING, SWINGS, SHARE = 20.0, 3, 0.1
#: Interval between the samples of voltage [ms].
EVERY = 0.5
#: The same in recordings, at most [ms].
SELDOM = 1.0


@dataclass(frozen=True)
class Phase:
    """Hold a phase's name and the rule by which a run is in it."""

    name: str
    rule: str


_QUIET = "firing does not go on"
_STRETCH = "in the second half of the silence"

#: The phases in the order of their flags, 0 onwards; the first rule that holds decides.
PHASES = (
    Phase(
        "block",
        f"{_QUIET}, and {_STRETCH} the voltage stays above a voltage at which the membrane is "
        f"unstable, with fewer than {SWINGS} swings (depolarisation block)",
    ),
    Phase(
        "small_spikes",
        f"{SWINGS} swings or more into voltages above one at which the membrane is unstable "
        f"are no spikes, {_STRETCH} where {_QUIET}, or else {SHARE:.0%} of all: the cell fires "
        "below its detection level, `spike_threshold`",
    ),
    Phase("silent", "no spike after discard"),
    Phase("single", "one spike after discard"),
    Phase(
        "stopped",
        "firing does not go on at the end: silence for more than "
        f"{SILENCE:g} times the longest interval",
    ),
    Phase(
        "burst",
        f"intervals of two kinds: pauses, more than {PAUSE:g} times as long as the longest of "
        "the short ones, with next to none between (`mnexcite.spikes.bursts`)",
    ),
    Phase(
        "tonic",
        f"coefficient of variation of the intervals below {REGULAR:g}; it needs three spikes",
    ),
    Phase("irregular", "two spikes or more, and none of the rules before"),
    Phase(FAILED, "the run did not reach its end; its status says why"),
)
NAMES = tuple(phase.name for phase in PHASES)
BLOCK, SMALL, SILENT, SINGLE, STOPPED, BURST, TONIC, IRREGULAR = range(8)


def phase() -> Measure:
    """Tell how a cell fires after discard, as a flag: silent, tonic, depolarisation block ...

    `mnexcite.measures.PHASES` holds the rules; the first that holds decides. They look at
    the train's form and at the voltage of its last silence, not at how many spikes there
    were, so that a longer run of steady firing has the same phase. Whether firing goes on is
    the rule of `mnexcite.spikes.fires_on`; the silence runs from the last spike, or from
    discard, to the end. A swing is a rise of the voltage by 20 mV or more. Where the membrane
    is unstable follows from the cell itself, for each point: the voltages at which its steady
    state has a growing eigenvalue. A cell that stays above such a voltage without firing is
    blocked, one below only rests, at whatever voltage, and so does a cell that is unstable
    nowhere.

    The bursts' rule needs every spike, so this measure's memory grows with their number. The
    voltage is sampled every 0.5 ms; peaks are those of parabolas through the samples.

    Examples
    --------
    >>> from mnexcite import measures
    >>> measures.phase().outputs[0].flags[:4]
    ('block', 'small_spikes', 'silent', 'single')
    """
    output = Output("phase", "1", "how the cell fires", NAMES)
    return Measure((output,), _start, _update, _finish, every=EVERY, spikes_kept=True)


@checked
def phase_of(run: Recording | Batch) -> str | tuple[str, ...]:
    """Return the phase of a recording by name, or of each lane of a batch.

    It is that of `phase`, over the time from the run's `discard` to its end; it needs the
    first compartment's voltage, sampled every ms or more often. Of a voltage that was
    clamped it says nothing.

    Raises
    ------
    InputError
        If that voltage was not recorded, or more seldom than every ms.

    Examples
    --------
    >>> import mnexcite as mx
    >>> axon = mx.cells.hodgkin_huxley_1952()
    >>> step = mx.stimuli.step(200.0, unit="uA/cm2")
    >>> phase_of(mx.simulate(axon, step, duration=500.0))
    'block'
    """
    batch = run if isinstance(run, Batch) else run.as_batch()
    full = paths.join(batch.cell, batch.cell.compartments[0], "v")
    # of several compartments, `v` is the first one's too
    name = full if full in batch.data else "v"
    if name not in batch.data:
        raise InputError(f"{full!r} was not recorded; give record={full!r} to simulate")
    if batch.t.size < 2 or batch.t[1] - batch.t[0] > SELDOM:
        raise InputError(
            f"the voltage was sampled {batch.t.size} times in {batch.duration:g} ms; allowed: "
            f"every {SELDOM:g} ms or more often; give every=0.5 to simulate"
        )
    start, end = max(batch.start, batch.discard), batch.start + batch.duration
    parameters = {path: np.broadcast_to(x, len(batch)) for path, x in batch.parameters.items()}
    span = Span(len(batch), start, start, end, cell=batch.cell, parameters=parameters)
    empty = np.empty((len(batch), 0))
    spikes = batch.spike_times.between(start, end)
    window = View(start, end, spikes, batch.t, batch.data[name], empty, np.empty(0))
    extremes = Extremes.none(span, SWING).take(window).end(batch.final_state.values[0])
    flags = classify(spikes, extremes)
    names = tuple(
        NAMES[flag] if status == "ok" else FAILED
        for flag, status in zip(flags, batch.status, strict=True)
    )
    return names if isinstance(run, Batch) else names[0]


def classify(trains: SpikeTrains, extremes: Extremes) -> NDArray[np.int8]:
    """Return the flag of each train's phase, shape (trains,).

    Parameters
    ----------
    trains
        Spikes of the time that counts.
    extremes
        The voltage's extremes over that time.
    """
    span, counts = extremes.span, trains.counts
    on = fires_on(trains, span.end)
    block, small = _without_spikes(trains, extremes, on)
    rules = {
        BLOCK: block,
        SMALL: small,
        SILENT: counts == 0,
        SINGLE: counts == 1,
        STOPPED: ~on,
        BURST: bursts(trains),
        TONIC: describe(trains).cv < REGULAR,  # NaN below three spikes
    }
    return np.select(list(rules.values()), list(rules), IRREGULAR).astype(np.int8)


def _without_spikes(
    trains: SpikeTrains, extremes: Extremes, on: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which trains are blocked, and which leave out swings of the voltage."""
    span = extremes.span
    begin = np.full(len(trains), span.discard)
    some = trains.counts > 0
    begin[some] = trains.times[trains.offsets[1:][some] - 1]
    late = extremes.since(np.where(on, span.discard, 0.5 * (begin + span.end)))
    swings = late.swings.sum(axis=1)
    left_out = np.where(on, swings - trains.counts, swings)
    small = (left_out >= SWINGS) & (~on | (left_out > SHARE * swings))
    # a block is judged by its lowest voltage, swings by their highest; beside spikes, which
    # are the highest swings, by the middle one of the others
    middle = late.top(trains.counts + left_out // 2)
    highest = np.where(on, middle, late.high.max(axis=1))
    asked = np.where(small, highest, late.low.min(axis=1))
    asked[on & ~small] = np.nan
    beyond = np.zeros(len(trains), bool)
    lanes = np.flatnonzero(np.isfinite(asked))
    if lanes.size and span.cell is not None:
        values = {path: column[lanes] for path, column in span.parameters.items()}
        beyond[lanes] = beyond_instability(span.cell, values, asked[lanes])
    return beyond & ~small, beyond & small


@dataclass(frozen=True)
class _State:
    kept: Kept
    extremes: Extremes


def _start(span: Span) -> _State:
    return _State(Kept(span), Extremes.none(span, SWING))


def _update(state: _State, window: View) -> _State:
    return _State(keep_spikes(state.kept, window), state.extremes.take(window))


def _finish(state: _State, ending: Ending) -> Values:
    return {"phase": classify(state.kept.trains(), state.extremes.end(ending.v))}
