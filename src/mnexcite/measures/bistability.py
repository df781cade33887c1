"""Whether a cell can rest, can fire, or both."""

from __future__ import annotations

from functools import partial

import numpy as np

from mnexcite.errors import checked
from mnexcite.measures import experiment, flags
from mnexcite.measures.experiment import Experiment, RunLanes
from mnexcite.measures.measure import Array, Output, Values
from mnexcite.measures.self_sustained import AMPLITUDE
from mnexcite.simulation import Batch
from mnexcite.spikes import fires_on
from mnexcite.stimuli import Stimulus, pulse

_FLAGS = ("rest_only", "bistable", "fires_only", "neither", flags.FAILED)
_REST_ONLY, _BISTABLE, _FIRES_ONLY, _NEITHER, _FAILED = range(len(_FLAGS))

_OUTPUTS = (
    Output("bistability", "1", "whether the cell can rest and can fire", _FLAGS),
    Output("bistability_rate", "Hz", "rate of the firing that goes on"),
)


@checked
def bistability(
    *, amplitude: float | None = None, duration: float = 500.0, watch: float = 10_000.0
) -> Experiment:
    """Tell cells that only rest, that only fire, and that do either, as they are started.

    A cell can rest if it has a stable equilibrium, by its eigenvalues
    (`mnexcite.equations.equilibria`). It can fire if firing goes on at the end of one of two
    runs without a stimulus: after a pulse from its rest, and from the published state. Where
    a sweep begins its own runs is not part of it.

    Parameters
    ----------
    amplitude
        Current of the pulse [the cell's unit]. Default 20 uA/cm2 or 1 nA, as for
        `self_sustained`.
    duration
        Length of the pulse [ms]. A choice, as for `self_sustained`.
    watch
        Time after the pulse, at whose end firing must go on [ms]; firing that would end
        later counts as lasting. The default is a choice, well beyond the 1 to 2 s for which
        partially bistable motoneurons fire on (Lee & Heckman 1998).

    Returns
    -------
    Experiment
        `bistability`: `rest_only`; `bistable`, can rest and can fire; `fires_only`, has no
        stable rest and fires; `neither`, has no stable rest, but firing does not go on:
        depolarisation block, or oscillations without spikes; `failed`. `bistability_rate`,
        of the firing that goes on, in the second half of the watch [Hz]; 0 where none does,
        NaN where it failed.

    Raises
    ------
    InputError
        If an argument is not allowed.

    References
    ----------
    Lee & Heckman 1998, J Neurophysiol 80:583.

    Examples
    --------
    >>> bistability(watch=3000.0).outputs[0].flags
    ('rest_only', 'bistable', 'fires_only', 'neither', 'failed')
    """
    return Experiment(
        _OUTPUTS,
        partial(
            _measure,
            amplitude=experiment.current("bistability: amplitude", amplitude),
            duration=experiment.time("bistability: duration", duration),
            watch=experiment.time("bistability: watch", watch),
        ),
    )


def _measure(
    run: RunLanes, *, amplitude: float | None, duration: float, watch: float
) -> Values:
    top = experiment.current_for(run, amplitude, AMPLITUDE)
    kick = pulse(top, unit=run.unit, duration=duration)
    kicked = run(kick, duration=duration + watch, initial="rest")
    released = run(Stimulus(), duration=duration + watch, initial="published")
    rests = np.array(kicked.began) == "rest"
    after_kick, of_release = _rates(kicked, duration), _rates(released, duration)
    rates = np.where(after_kick > 0.0, after_kick, of_release)
    failed = experiment.failed_lanes(kicked) | experiment.failed_lanes(released)
    flag = np.select(
        [failed, rests & (rates > 0.0), rests, rates > 0.0],
        [_FAILED, _BISTABLE, _REST_ONLY, _FIRES_ONLY],
        _NEITHER,
    )
    return {
        "bistability": flag.astype(np.int8),
        "bistability_rate": np.where(failed, np.nan, rates),
    }


def _rates(batch: Batch, start: float) -> Array:
    """Return the rate late in the watch that began at `start`, 0 where firing stopped."""
    end = batch.start + batch.duration
    trains = batch.spike_times.between(start, end)
    late = experiment.late_rates(trains, 0.5 * (start + end))
    return np.where(fires_on(trains, end), late, 0.0)
