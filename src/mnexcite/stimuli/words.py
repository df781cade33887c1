"""What a stimulus does, in one line."""

from __future__ import annotations

import math

from mnexcite.stimuli.events import Events
from mnexcite.stimuli.noise import Noise
from mnexcite.stimuli.stimulus import Stimulus, VoltageClamp
from mnexcite.stimuli.waveform import Waveform

#: So many pieces of a signal are told one by one.
LISTED = 12


def in_words(stimulus: Stimulus | VoltageClamp) -> str:
    """Return a stimulus in words, every number to the bit, long signals by their ends.

    Examples
    --------
    >>> from mnexcite import stimuli
    >>> in_words(stimuli.step(0.5, unit="nA", start=20, duration=100))
    'current [nA]: 0.5 from 20 ms, 0.0 from 120 ms'
    >>> in_words(Stimulus())
    'none'
    """
    if isinstance(stimulus, VoltageClamp):
        where = f" of {stimulus.compartment}" if stimulus.compartment else ""
        return f"voltage clamp{where} [mV]: {_waveform(stimulus.command)}"
    told = [
        f"current{f' into {c.compartment}' if c.compartment else ''} [{c.unit}]: "
        f"{_waveform(c.waveform)}"
        for c in stimulus.currents
    ]
    told += [
        f"conductance{f' into {c.compartment}' if c.compartment else ''} [{c.unit}] that "
        f"reverses at {c.E!r} mV: {_waveform(c.waveform)}"
        for c in stimulus.conductances
    ]
    told += [
        f"events of {e.synapse}{f' in {e.compartment}' if e.compartment else ''} [ms]: "
        f"{_events(e)}"
        for e in stimulus.events
    ]
    return "; ".join(told) or "none"


def _events(events: Events) -> str:
    times = events.times.tolist()
    told = [
        f"{time!r}" + ("" if weight == 1.0 else f" of weight {weight!r}")
        for time, weight in zip(times, events.weights.tolist(), strict=True)
    ]
    if len(told) <= LISTED:
        return ", ".join(told) or "none"
    total = float(events.weights.sum())
    return f"{len(told)} of total weight {total!r}: {told[0]}, ..., {told[-1]}"


def _noise(path: Noise) -> str:
    gain = "" if path.gain == 1.0 else f"{path.gain!r} times "
    shared = f", {path.shared:g} of it shared between lanes" if path.shared else ""
    end = "" if path.end == math.inf else f" to {path.end:g} ms"
    own = "each lane's own" if path.seed is None else f"seed {path.seed}"
    own += "" if path.lane is None else f", lane {path.lane}"
    return (
        f"{gain}an Ornstein-Uhlenbeck process of mean {path.mean!r}, standard deviation "
        f"{path.sd!r} and {path.tau:g} ms, knots every {path.every:g} ms, from "
        f"{path.start:g} ms{end}{shared} ({own})"
    )


def _waveform(wave: Waveform | Noise) -> str:
    if isinstance(wave, Noise):
        return _noise(wave)
    breaks, first, last = wave.breaks.tolist(), wave.first.tolist(), wave.last.tolist()
    pieces = []
    for k, (start, value) in enumerate(zip(breaks, first, strict=True)):
        rises = k + 1 < len(breaks) and last[k] != value
        end = f" to {last[k]!r}" if rises else ""
        pieces.append(f"{value!r}{end} from {start:g} ms")
    if len(pieces) <= LISTED:
        return ", ".join(pieces)
    values = [*first, *last]
    return (
        f"{len(pieces)} pieces between {min(values)!r} and {max(values)!r}: {pieces[0]}, ..., "
        f"{pieces[-1]}"
    )
