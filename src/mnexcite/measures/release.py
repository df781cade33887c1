"""The least inhibitions of several durations that end firing without a stimulus."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from types import MappingProxyType

import numpy as np

from mnexcite.errors import checked, number
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Array, Experiment, IntArray, RunLanes
from mnexcite.measures.flags import status_of
from mnexcite.measures.measure import Output, Values
from mnexcite.measures.search import ABOVE_HIGHEST, FAILED, FOUND, Bools, least
from mnexcite.measures.self_sustained import AMPLITUDE
from mnexcite.spikes import fires_on
from mnexcite.stimuli import Stimulus, conductance, pulse

_STATUS = status_of("release", "does_not_latch", "above_highest")
_OK, _NO_LATCH, _ABOVE, _FAILED = range(len(_STATUS.flags))

#: Names of the thresholds, before the duration, and of their flags.
PREFIX, SUFFIX, STATUS = "release_", "ms", "release_status_"
#: largest conductance tried by default, by its unit
HIGHEST = MappingProxyType({"uS": 0.5, "mS/cm2": 10.0})


@checked
def release(
    *,
    durations: Iterable[float] = (50.0, 200.0, 1000.0, 3000.0),
    E: float = -75.0,
    amplitude: float | None = None,
    kick: float = 500.0,
    wait: float = 1000.0,
    watch: float = 3000.0,
    highest: float | None = None,
    precision: float = 0.02,
) -> Experiment:
    """Find the inhibition, by conductance and duration, that ends a latch.

    A pulse sets the cell firing; where it fires on, a conductance with an inhibitory reversal
    potential follows, as stretch of the muscle brings about. The least conductance after
    which firing does not go on (`mnexcite.spikes.fires_on`) is the threshold. More of it may
    fail again: a cell that fires on rebound is started anew by what takes it far down.

    Parameters
    ----------
    durations
        Of the inhibition, one or more [ms]. The default is a choice: from a reflex to a
        stretch by hand.
    E
        Reversal potential of the inhibition [mV]. The default is a choice between the -78 of
        the cramping motoneuron's and the -70 of chloride in a cell at rest there.
    amplitude, kick
        Current [the cell's unit] and length [ms] of the pulse. Defaults as for
        `self_sustained`.
    wait
        Time of firing before the inhibition [ms]. The default is a choice.
    watch
        Time after the inhibition, at whose end firing goes on or not [ms]. As for
        `self_sustained`.
    highest
        Largest conductance tried [uS, or mS/cm2 where currents are in uA/cm2]. Default 0.5 uS
        or 10 mS/cm2, 30 to 100 times the leaks of the catalogue's motoneurons.
    precision
        As for `basin`.

    Returns
    -------
    Experiment
        For each duration `release_<duration>ms` [uS or mS/cm2] and
        `release_status_<duration>ms`: `ok`; `does_not_latch`, or not for so long;
        `above_highest`; `failed`. NaN where it is not ok.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> [output.name for output in release(durations=[300.0]).outputs]
    ['release_300ms', 'release_status_300ms']
    """
    lengths = experiment.durations("release: durations", durations)
    outputs = []
    for length in lengths:
        told = f"{length:g}{SUFFIX}"
        outputs += [
            Output(PREFIX + told, "{conductance}", f"least inhibition of {length:g} ms"),
            Output(STATUS + told, "1", f"status of release_{told}", _STATUS.flags),
        ]
    return Experiment(
        tuple(outputs),
        partial(
            _measure,
            lengths=lengths,
            E=number("release: E", E, unit="mV"),
            amplitude=experiment.current("release: amplitude", amplitude),
            kick=experiment.time("release: kick", kick),
            wait=experiment.time("release: wait", wait),
            watch=experiment.time("release: watch", watch),
            highest=None
            if highest is None
            else number("release: highest", highest, "above 0, or None", above=0.0),
            precision=experiment.precision("release: precision", precision),
        ),
    )


def _measure(
    run: RunLanes,
    *,
    lengths: tuple[float, ...],
    E: float,
    amplitude: float | None,
    kick: float,
    wait: float,
    watch: float,
    highest: float | None,
    precision: float,
) -> Values:
    unit = experiment.CONDUCTANCE[run.unit]
    top = HIGHEST[unit] if highest is None else highest
    onset = pulse(
        experiment.current_for(run, amplitude, AMPLITUDE), unit=run.unit, duration=kick
    )
    start = kick + wait
    # every lane with every duration: all are searched together
    lanes = np.tile(np.arange(run.lanes), len(lengths))
    lasts = np.repeat(np.array(lengths), run.lanes)

    def releases(of: IntArray, tried: Array) -> tuple[Bools, Bools]:
        stops, failed = np.zeros(of.size, bool), np.zeros(of.size, bool)
        for length in np.unique(lasts[of]):  # their runs are of different lengths
            some = np.flatnonzero(lasts[of] == length)
            batch = run(
                [onset + _inhibition(g, unit, E, start, length) for g in tried[some]],
                duration=start + length + watch,
                lanes=lanes[of[some]],
            )
            end = start + length + watch
            stops[some] = ~fires_on(batch.spike_times.between(start + length, end), end)
            failed[some] = experiment.failed_lanes(batch)
        return stops, failed

    value, known = least(releases, lanes.size, top, precision)
    # where firing stops without any inhibition, none can release it
    flag = np.full(lanes.size, _NO_LATCH)
    for code, meaning in ((FOUND, _OK), (ABOVE_HIGHEST, _ABOVE), (FAILED, _FAILED)):
        flag[known == code] = meaning
    value = np.where(flag == _OK, value, np.nan)
    values: Values = {}
    for i, length in enumerate(lengths):
        own = slice(i * run.lanes, (i + 1) * run.lanes)
        values[f"{PREFIX}{length:g}{SUFFIX}"] = value[own]
        values[f"{STATUS}{length:g}{SUFFIX}"] = flag[own].astype(np.int8)
    return values


def _inhibition(g: float, unit: str, E: float, start: float, duration: float) -> Stimulus:
    return conductance(g, unit=unit, E=E, start=start, duration=duration)
