"""What follows one spike from rest: depth and half-decay of the after-hyperpolarisation."""

from __future__ import annotations

from functools import partial

import numpy as np

from mnexcite.errors import checked, number
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Array, Experiment, RunLanes
from mnexcite.measures.flags import FAILED, status_of
from mnexcite.measures.measure import Output, Values
from mnexcite.measures.rheobase import search
from mnexcite.measures.search import FOUND
from mnexcite.stimuli import step

#: Sampling interval [ms].
EVERY = 0.1

_STATUS = status_of(
    "ahp", "fires_by_itself", "no_spike", "several_spikes", "no_ahp", "not_back"
)
_OUTPUTS = (
    Output("ahp_amplitude", "mV", "after-hyperpolarisation of one spike, below rest"),
    Output("ahp_half_decay", "ms", "time from its lowest voltage until half of it is left"),
    _STATUS,
)


@checked
def ahp(
    *, width: float = 1.0, multiple: float = 1.5, settle: float = 200.0, watch: float = 500.0
) -> Experiment:
    """Measure the after-hyperpolarisation of a single spike from rest.

    A brief pulse evokes the spike: its threshold is found first, the pulse is `multiple`
    times as strong. Amplitude: voltage before the pulse less the lowest after the spike.
    Half-decay: time from that lowest voltage until half of the amplitude is left, as it is
    measured in motoneurons (Zengel et al. 1985, J Neurophysiol 53:1323). eFEL counts its
    `AHP_depth` from the same voltage before the stimulus; it has no half-decay.

    Parameters
    ----------
    width
        Length of the pulse [ms].
    multiple
        Strength of the pulse over its threshold, 1 to 10: a choice.
    settle
        Time before the pulse [ms].
    watch
        Time after it [ms].

    Returns
    -------
    Experiment
        `ahp_amplitude` [mV], `ahp_half_decay` [ms] and `ahp_status`: `ok`; `not_back`, more
        than half is left at the end, the half-decay is NaN; `no_ahp`, the voltage does not
        fall below rest, `several_spikes`, `no_spike`, `fires_by_itself` and `failed`: NaN.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> [output.name for output in ahp().outputs]
    ['ahp_amplitude', 'ahp_half_decay', 'ahp_status']
    """
    told = {
        "width": experiment.time("ahp: width", width),
        "multiple": number("ahp: multiple", multiple, "1 to 10", lowest=1.0, highest=10.0),
        "settle": experiment.time("ahp: settle", settle),
        "watch": experiment.time("ahp: watch", watch),
    }
    return Experiment(_OUTPUTS, partial(_measure, **told))


def _measure(
    run: RunLanes, *, width: float, multiple: float, settle: float, watch: float
) -> Values:
    lanes = np.arange(run.lanes)
    threshold, known = search(
        run, lanes, duration=width, highest=None, settle=settle, watch=20.0, precision=0.05
    )
    words = ("ok", "fires_by_itself", "no_spike", FAILED)
    said = [words[each] for each in known]
    found = np.full((2, run.lanes), np.nan)
    good = lanes[known == FOUND]
    if good.size:
        pulses = [
            step(float(multiple * threshold[lane]), unit=run.unit, start=settle, duration=width)
            for lane in good
        ]
        end = settle + width + watch
        name = experiment.voltage_of(run(pulses, duration=EVERY, lanes=good).cell)
        batch = run(pulses, duration=end, lanes=good, record=(name,), every=EVERY)
        failed = experiment.failed_lanes(batch)
        for k, lane in enumerate(good):
            spikes = batch.spike_times.between(settle, end)[k]
            v = np.asarray(batch[name]).reshape(good.size, -1)[k]
            said[lane], found[:, lane] = (
                (FAILED, (np.nan, np.nan)) if failed[k] else _one(batch.t, v, spikes, settle)
            )
    flags = np.array([_STATUS.flags.index(each) for each in said], np.int8)
    return dict(zip((output.name for output in _OUTPUTS), [*found, flags], strict=True))


def _one(t: Array, v: Array, spikes: Array, start: float) -> tuple[str, tuple[float, float]]:
    """Return status, amplitude and half-decay of one lane."""
    nothing = (np.nan, np.nan)
    if spikes.size != 1:
        return ("several_spikes" if spikes.size else "no_spike"), nothing
    base = float(v[np.searchsorted(t, start) - 1])
    after = t > spikes[0]
    t, v = t[after], v[after]
    if not v.size:  # the run ends with the spike
        return "no_ahp", nothing
    top = int(np.argmax(v))
    low = top + int(np.argmin(v[top:]))
    amplitude = base - float(v[low])
    if amplitude <= 0.0 or low + 1 == v.size:
        return "no_ahp", nothing
    half = base - 0.5 * amplitude
    up = np.flatnonzero(v[low:] >= half)
    if not up.size:
        return "not_back", (amplitude, np.nan)
    b = low + int(up[0])
    time = t[b - 1] + (half - v[b - 1]) / (v[b] - v[b - 1]) * (t[b] - t[b - 1])
    return "ok", (amplitude, float(time - t[low]))
