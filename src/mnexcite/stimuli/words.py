"""What a stimulus does, in one line."""

from __future__ import annotations

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
    return "; ".join(told) or "none"


def _waveform(wave: Waveform) -> str:
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
