"""How long noise takes to set a cell firing, and to end its firing."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

import numpy as np

from mnexcite.errors import checked, number, whole
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Array, Experiment, RunLanes
from mnexcite.measures.flags import FAILED
from mnexcite.measures.measure import Output, Values
from mnexcite.measures.search import Bools
from mnexcite.measures.self_sustained import AMPLITUDE
from mnexcite.spikes import stretches
from mnexcite.stimuli import Stimulus, ornstein_uhlenbeck, pulse

_FLAGS = ("ok", "none_escaped", FAILED)
_OK, _NONE, _FAILED = range(len(_FLAGS))

#: standard deviation of the noise by default, by the cell's unit
SD = MappingProxyType({"nA": 0.05, "uA/cm2": 1.0})

_OUTPUTS = tuple(
    output
    for way, words in (("firing", "from rest to firing"), ("rest", "from firing to rest"))
    for output in (
        Output(f"escape_to_{way}", "ms", f"mean time of the escape {words}"),
        Output(f"escape_to_{way}_share", "1", f"share of runs that escaped {words}"),
        Output(f"escape_to_{way}_status", "1", f"status of the escape {words}", _FLAGS),
    )
)


@checked
def escape(
    *,
    sd: float | None = None,
    tau: float = 5.0,
    repeats: int = 20,
    watch: float = 10_000.0,
    amplitude: float | None = None,
    duration: float = 500.0,
    pause: float = 500.0,
    lasting: float = 1000.0,
    seed: int = 0,
) -> Experiment:
    """Find how long noise takes to move a cell from rest to firing, and from firing to rest.

    Every point runs `repeats` times from rest with a fluctuating current, and as often after
    a pulse. Firing has begun at the first spike of a stretch of `lasting` or more without a
    longer interval than `pause`; it has ended at the last spike before such an interval. The
    mean time is that of the watched time over the number that escaped, the likeliest where
    escapes have no memory. All points meet the same `repeats` paths, so that they differ by
    their numbers alone.

    Parameters
    ----------
    sd, tau
        Standard deviation [the cell's unit] and correlation time [ms] of the current, an
        Ornstein-Uhlenbeck process. The default is a choice: a twentieth of the pulse.
    repeats
        Runs of each point, 1 to 10000.
    watch
        Time of a run, after the pulse where there is one [ms].
    amplitude, duration
        Current [the cell's unit] and length [ms] of the pulse. Defaults as for
        `self_sustained`.
    pause, lasting
        What ends a stretch of firing, and what makes one [ms]. The default of `pause` is the
        one used for intervals of cramps (Minetto et al. 2009), that of `lasting` is a choice.
    seed
        Of the paths.

    Returns
    -------
    Experiment
        `escape_to_firing` and `escape_to_rest` [ms], the shares of runs that escaped, and a
        status each: `ok`; `none_escaped`, NaN; `failed`.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> [output.name for output in escape().outputs[:2]]
    ['escape_to_firing', 'escape_to_firing_share']
    """
    if sd is not None:
        sd = number("escape: sd", sd, "above 0 in the cell's unit, or None", above=0.0)
    return Experiment(
        _OUTPUTS,
        partial(
            _measure,
            sd=sd,
            tau=experiment.time("escape: tau", tau),
            repeats=whole("escape: repeats", repeats, lowest=1, highest=10_000),
            watch=experiment.time("escape: watch", watch),
            amplitude=experiment.current("escape: amplitude", amplitude),
            duration=experiment.time("escape: duration", duration),
            pause=experiment.time("escape: pause", pause),
            lasting=experiment.time("escape: lasting", lasting),
            seed=whole("escape: seed", seed, lowest=0, highest=2**63 - 1),
        ),
    )


def _measure(
    run: RunLanes,
    *,
    sd: float | None,
    tau: float,
    repeats: int,
    watch: float,
    amplitude: float | None,
    duration: float,
    pause: float,
    lasting: float,
    seed: int,
) -> Values:
    noise = ornstein_uhlenbeck(experiment.current_for(run, sd, SD), unit=run.unit, tau=tau)
    kick = pulse(
        experiment.current_for(run, amplitude, AMPLITUDE), unit=run.unit, duration=duration
    )
    lanes = np.repeat(np.arange(run.lanes), repeats)

    def spikes(stimulus: Stimulus, parity: int, length: float) -> tuple[list[Array], Bools]:
        # seeded here, a path belongs to the repeat and not to the place of its lane in the run
        paths = [stimulus.seeded(seed, 2 * repeat + parity) for repeat in range(repeats)]
        batch = run(paths * run.lanes, duration=length, lanes=lanes)
        failed = experiment.failed_lanes(batch).reshape(run.lanes, repeats)
        return list(batch.spike_times), np.asarray(failed.any(axis=1))

    values: Values = {}
    trains, failed = spikes(noise, 0, watch + lasting)
    begun = np.array([begin_of(train, pause, lasting) for train in trains])
    values |= _told("firing", begun, watch, failed)
    trains, failed = spikes(noise + kick, 1, duration + watch + pause)
    ended = np.array([end_of(train[train >= duration] - duration, pause) for train in trains])
    values |= _told("rest", ended, watch, failed)
    return values


def begin_of(spikes: Array, pause: float, lasting: float) -> float:
    """Return when the first stretch of firing begins that lasts, infinity without one."""
    found = stretches(spikes, pause=pause)
    long = found[found[:, 1] - found[:, 0] >= lasting]
    return float(long[0, 0]) if long.size else np.inf


def end_of(spikes: Array, pause: float) -> float:
    """Return the last spike before the first pause, 0 where the pause begins at once."""
    if not spikes.size or spikes[0] > pause:
        return 0.0
    return float(stretches(spikes, pause=pause)[0, 1])


def _told(way: str, times: Array, watch: float, failed: Bools) -> Values:
    """Return mean time, share and status of the lanes, whose runs stand one after another."""
    times = times.reshape(failed.size, -1)
    escaped = times < watch
    number_of, watched = escaped.sum(axis=1), np.minimum(times, watch).sum(axis=1)
    known = ~failed & (number_of > 0)
    return {
        f"escape_to_{way}": np.where(known, watched / np.maximum(number_of, 1), np.nan),
        f"escape_to_{way}_share": np.where(failed, np.nan, escaped.mean(axis=1)),
        f"escape_to_{way}_status": np.select([failed, known], [_FAILED, _OK], _NONE).astype(
            np.int8
        ),
    }
