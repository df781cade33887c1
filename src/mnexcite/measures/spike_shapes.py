"""The shape of a run's last complete spike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mnexcite.errors import InputError
from mnexcite.measures.flags import status_of
from mnexcite.measures.measure import Array, Ending, Measure, Output, Span, Values, View
from mnexcite.spikes import SHAPE_STATUSES, SpikeShape, shape

#: Interval between the samples of voltage [ms].
EVERY = 0.05
#: Time before a spike in which its threshold is looked for [ms].
BEFORE = 5.0
#: Longest time after a spike in which its after-hyperpolarisation is looked for [ms].
AFTER = 100.0

_STATUS = status_of("spike_shape", *list(SHAPE_STATUSES)[1:], "no_spike", "no_rise")


def spike_shape() -> Measure:
    """Take peak, half-width and after-hyperpolarisation depth of the last complete spike.

    A spike is complete when another follows, or 100 ms of the run, and the stimulus does not
    jump before: the end of a step pulls the voltage lower than any after-hyperpolarisation.
    Where every spike is cut so, the last is measured up to the jump. It is measured by
    `mnexcite.spikes.shape` on samples 0.05 ms apart: threshold where dV/dt passes 10 mV/ms
    in the 5 ms before the crossing, peak by a parabola, width at half of the height above
    threshold, and depth from threshold down to the lowest voltage before the next spike,
    100 ms at most. Such samples find the peak of the Purvis-Butera cell to 0.1 mV; a current
    that alone moves the voltage by 10 mV/ms moves the threshold to its onset.

    eFEL's `AP_duration_half_width` is this width, and the lower of its `min_AHP_values` and
    `AHP_depth_abs_slow` this lowest voltage; its `AHP_depth` counts from the voltage before
    the stimulus instead of the threshold.

    What is not defined is NaN, and `spike_shape_status` says why: a key of
    `mnexcite.spikes.SHAPE_STATUSES`; `no_spike`, no complete spike after discard; or
    `no_rise`, a spike too small for the samples. State holds 105 ms of samples per point.

    References
    ----------
    Druckmann et al. 2013, Cereb Cortex 23:2994, supplement, threshold and width.

    Examples
    --------
    >>> from mnexcite import measures
    >>> [output.name for output in measures.spike_shape().outputs]
    ['spike_peak', 'half_width', 'ahp_depth', 'spike_shape_status']
    """
    outputs = (
        Output("spike_peak", "mV", "peak voltage of the last complete spike"),
        Output("half_width", "ms", "half-width of the last complete spike"),
        Output("ahp_depth", "mV", "after-hyperpolarisation below the spike's threshold"),
        _STATUS,
    )
    return Measure(outputs, _start, _update, _finish, every=EVERY)


@dataclass(frozen=True)
class _Snippet:
    """Hold a spike's time and the samples around it, up to where it ends or is cut."""

    spike: float
    t: Array
    v: Array
    cut: bool


@dataclass(frozen=True)
class _State:
    """Hold the latest samples of all lanes, their latest spikes and complete spikes."""

    span: Span
    t: Array
    v: Array
    last: Array
    complete: list[_Snippet | None]


def _start(span: Span) -> _State:
    nothing = np.full(span.lanes, np.nan)
    none = np.empty((span.lanes, 0))
    return _State(span, np.empty(0), none, nothing, [None] * span.lanes)


def _update(state: _State, window: View) -> _State:
    t = np.concatenate([state.t, window.t])
    v = np.concatenate([state.v, window.v], axis=1)
    last, complete = state.last.copy(), list(state.complete)
    for lane, times in enumerate(window.spikes):
        spikes = times if np.isnan(last[lane]) else np.append(last[lane], times)
        if not spikes.size:
            continue
        last[lane] = spikes[-1]
        jumps = state.span.jumps[lane] if state.span.jumps else np.empty(0)
        complete[lane] = _latest(complete[lane], spikes, jumps, t, v[lane])
    kept = t >= window.end - BEFORE - AFTER - EVERY
    return _State(state.span, t[kept], v[:, kept], last, complete)


def _latest(
    known: _Snippet | None, spikes: Array, jumps: Array, t: Array, v: Array
) -> _Snippet | None:
    """Return the latest spike complete by the last sample, one that is not cut if any."""
    stops = np.minimum(np.append(spikes[1:], np.inf), spikes + AFTER)
    if not t.size or stops[-1] > t[-1]:
        spikes, stops = spikes[:-1], stops[:-1]
    first = np.searchsorted(jumps, spikes, side="right")
    cut = first < np.searchsorted(jumps, stops, side="left")
    # a spike known before may have left the samples that are kept
    new = np.ones(spikes.size, bool) if known is None else spikes > known.spike
    for chosen in (new & ~cut, new & (known is None or known.cut)):
        if chosen.any():
            k = int(np.flatnonzero(chosen)[-1])
            stop = jumps[first[k]] if cut[k] else stops[k]
            near = slice(*np.searchsorted(t, [spikes[k] - BEFORE, np.nextafter(stop, np.inf)]))
            return _Snippet(float(spikes[k]), t[near].copy(), v[near].copy(), bool(cut[k]))
    return known


def _finish(state: _State, ending: Ending) -> Values:
    found = [_measure(snippet) for snippet in state.complete]
    return {
        "spike_peak": np.array([each.peak for each in found]),
        "half_width": np.array([each.half_width for each in found]),
        "ahp_depth": np.array([each.threshold - each.ahp for each in found]),
        "spike_shape_status": np.array(
            [_STATUS.flags.index(each.status) for each in found], np.int8
        ),
    }


def _measure(snippet: _Snippet | None) -> SpikeShape:
    if snippet is None:
        return SpikeShape(status="no_spike")
    try:
        return shape(snippet.t, snippet.v, snippet.spike)
    except InputError:  # what it says of a trace that does not rise there
        return SpikeShape(status="no_rise")
