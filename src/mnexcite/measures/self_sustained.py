"""Whether a cell fires on after a pulse, for how long, and what ends it."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

import numpy as np

from mnexcite.errors import checked, number
from mnexcite.measures import experiment, flags
from mnexcite.measures.experiment import Array, Experiment, IntArray, RunLanes
from mnexcite.measures.measure import Output, Values
from mnexcite.simulation import Batch
from mnexcite.spikes import fires_on, rate
from mnexcite.stimuli import pulse, step

_FLAGS = (
    "none",
    "stopped_at_rest",
    "depolarisation_block",
    "ended_by_pulse",
    "fires_on",
    "fires_by_itself",
    flags.FAILED,
)
_NONE, _AT_REST, _BLOCK, _BY_PULSE, _FIRES_ON, _BY_ITSELF, _FAILED = range(7)

#: amplitude of the pulse by default, by the cell's unit
AMPLITUDE = MappingProxyType({"nA": 1.0, "uA/cm2": 20.0})

_OUTPUTS = (
    Output("sustained_duration", "ms", "duration of firing after the pulse"),
    Output("sustained_rate", "Hz", "rate of firing after the pulse"),
    Output("sustained_end", "1", "end of firing after the pulse", _FLAGS),
)


@checked
def self_sustained(
    *,
    amplitude: float | None = None,
    duration: float = 500.0,
    holding: float = 0.0,
    settle: float = 1000.0,
    watch: float = 3000.0,
    brake: float | None = None,
    brake_duration: float = 1000.0,
) -> Experiment:
    """Give a pulse, and watch whether the cell fires on and what ends the firing.

    A cell fires on at a time if it has fired twice or more since the last pulse, and has been
    silent for no longer than three times its longest interval
    (`mnexcite.spikes.fires_on`).

    Parameters
    ----------
    amplitude
        Current of the pulse [the cell's unit]. Default 20 uA/cm2, twice what Molkov's cell
        needs to fire, or 1 nA, four times what Purvis & Butera's needs.
    duration
        Length of the pulse [ms]. The default is a choice, as is that of `settle`.
    holding
        Current throughout [the cell's unit].
    settle
        Time before the pulse [ms]. A spike in its second half says that the cell fires by
        itself at the holding current.
    watch
        Time after the pulse, and again after the brake [ms]. The default outlasts the 1 to
        2 s for which partially bistable motoneurons fire on (Lee & Heckman 1998).
    brake
        Current below 0 of a second pulse after the watch, given to lanes that fire on then,
        to see whether it ends the firing [the cell's unit]; None for no second pulse. -5
        uA/cm2 ends Molkov's.
    brake_duration
        Length of the second pulse [ms]. The default is a choice.

    Returns
    -------
    Experiment
        `sustained_duration`, from the pulse's end to the last spike [ms], 0 below two spikes:
        a single one still belongs to the pulse;
        `sustained_rate`, of the spikes in the watch after the pulse [Hz], 0 below two;
        `sustained_end`: `none`, one spike after the pulse at most; `stopped_at_rest`;
        `depolarisation_block`, silent above a voltage at which it is unstable, as in `phase`;
        `ended_by_pulse`, the second, after whose end no spike came; `fires_on` to the end of
        the run, so the true duration is longer; and, with NaN beside it, `fires_by_itself`
        and `failed`.

    Raises
    ------
    InputError
        If an argument is not allowed.

    References
    ----------
    Lee & Heckman 1998, J Neurophysiol 80:583.

    Examples
    --------
    >>> [output.name for output in self_sustained(brake=-5.0).outputs]
    ['sustained_duration', 'sustained_rate', 'sustained_end']
    """
    if brake is not None:
        brake = experiment.below_0("self_sustained: brake", brake)
    return Experiment(
        _OUTPUTS,
        partial(
            _measure,
            amplitude=experiment.current("self_sustained: amplitude", amplitude),
            duration=experiment.time("self_sustained: duration", duration),
            holding=number("self_sustained: holding", holding),
            settle=experiment.time("self_sustained: settle", settle, zero=True),
            watch=experiment.time("self_sustained: watch", watch),
            brake=brake,
            brake_duration=experiment.time("self_sustained: brake_duration", brake_duration),
        ),
    )


def _measure(
    run: RunLanes,
    *,
    amplitude: float | None,
    duration: float,
    holding: float,
    settle: float,
    watch: float,
    brake: float | None,
    brake_duration: float,
) -> Values:
    unit, top = run.unit, experiment.current_for(run, amplitude, AMPLITUDE)
    start = settle + duration
    end = start + watch
    shape = step(holding, unit=unit) + pulse(top, unit=unit, start=settle, duration=duration)
    batch = run(shape, duration=end)
    trains = batch.spike_times
    flag = np.where(experiment.failed_lanes(batch), _FAILED, _ends(batch, settle, start, end))
    rates, lasted = rate(trains.between(start, end)), _lasted(batch, start)
    latched = np.flatnonzero(flag == _FIRES_ON)
    if brake is not None and latched.size:
        released = end + brake_duration
        shape += pulse(brake, unit=unit, start=end, duration=brake_duration)
        batch = run(shape, duration=released + watch, lanes=latched)
        flag[latched] = _braked(batch, released)
        lasted[latched] = _lasted(batch, start)
    undefined = (flag == _BY_ITSELF) | (flag == _FAILED)
    return {
        "sustained_duration": np.where(undefined, np.nan, lasted),
        "sustained_rate": np.where(undefined, np.nan, rates),
        "sustained_end": flag.astype(np.int8),
    }


def _lasted(batch: Batch, start: float) -> Array:
    """Return the time from `start` to each lane's last of several spikes, or 0 [ms]."""
    trains = batch.spike_times.after(start)
    return np.array([spikes[-1] - start if spikes.size > 1 else 0.0 for spikes in trains])


def _ends(batch: Batch, settle: float, start: float, end: float) -> IntArray:
    """Return what became of the firing after a pulse that ended at `start`, by lane."""
    after = batch.spike_times.between(start, end)
    by_itself = [experiment.settled(spikes, settle).size > 0 for spikes in batch.spike_times]
    on = fires_on(after, end)
    return np.select(
        [by_itself, on, experiment.beyond_instability(batch, ~on), after.counts > 1],
        [_BY_ITSELF, _FIRES_ON, _BLOCK, _AT_REST],
        _NONE,
    )


def _braked(batch: Batch, released: float) -> IntArray:
    """Return what became of firing that a second pulse, until `released`, should end."""
    end = batch.start + batch.duration
    after = batch.spike_times.between(released, end)
    on = fires_on(after, end)
    flag = np.select(
        [on, experiment.beyond_instability(batch, ~on), after.counts > 0],
        [_FIRES_ON, _BLOCK, _AT_REST],
        _BY_PULSE,
    )
    return np.where(experiment.failed_lanes(batch), _FAILED, flag)
