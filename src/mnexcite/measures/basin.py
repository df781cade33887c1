"""The least pulses that set off and that end lasting firing, over holding current."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from types import MappingProxyType

import numpy as np

from mnexcite.errors import InputError, array, checked
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Array, Experiment, IntArray, RunLanes
from mnexcite.measures.flags import status_of
from mnexcite.measures.measure import Output, Values
from mnexcite.measures.search import ABOVE_HIGHEST, AT_ZERO, FAILED, FOUND, Bools, least
from mnexcite.spikes import fires_on
from mnexcite.stimuli import Stimulus, pulse, step

_STATUS = status_of("basin", "nothing_latches", "fires_by_itself", "nothing_releases")
_OK, _NO_LATCH, _BY_ITSELF, _NO_RELEASE, _FAILED = range(len(_STATUS.flags))

#: Names of the variables, before the holding current.
UP, DOWN, STATUS = "latching_at_", "releasing_at_", "basin_at_"
#: largest pulse tried by default, by the cell's unit
HIGHEST = MappingProxyType({"nA": 4.0, "uA/cm2": 80.0})
#: most negative pulse tried by default, likewise
LOWEST = MappingProxyType({"nA": -0.25, "uA/cm2": -5.0})


@checked
def basin(
    *,
    holding: float | Iterable[float] = 0.0,
    duration: float = 500.0,
    settle: float = 1000.0,
    wait: float = 1000.0,
    watch: float = 3000.0,
    highest: float | None = None,
    lowest: float | None = None,
    precision: float = 0.02,
) -> Experiment:
    """Find the pulses that latch a bistable cell in firing and that release it.

    From rest at the holding current the least depolarising pulse after which the cell fires
    on; then, after that pulse, the least hyperpolarising one that ends the firing. How they
    depend on the holding current is the width of the two basins. Firing on is
    `mnexcite.spikes.fires_on`, at the end of the watch. A pulse may also be too strong: what
    is found is the edge that doublings of the pulse from `highest` / 1024 on come upon first.

    Parameters
    ----------
    holding
        Current throughout, one or several [the cell's unit].
    duration
        Length of both pulses [ms]. The default is a choice, as for `self_sustained`.
    settle
        Time before the first pulse [ms].
    wait
        Time of firing before the second pulse [ms]. The default is a choice.
    watch
        Time after the last pulse, at whose end firing goes on or not [ms]. As for
        `self_sustained`.
    highest
        Largest pulse tried [the cell's unit]. Default four times the pulse of
        `self_sustained`: 4 nA or 80 uA/cm2.
    lowest
        Most negative pulse tried [the cell's unit]. Default -5 uA/cm2, which ends the firing
        of Molkov's cell, or -0.25 nA; more takes resting cells towards -150 mV.
    precision
        Width of the last bracket relative to the value, or to a thousandth of the largest
        where the value is less; 1e-6 to 0.5. The default is a choice.

    Returns
    -------
    Experiment
        For each holding current `latching_at_<current>` and `releasing_at_<current>`, both as
        sizes of pulses [the cell's unit], and `basin_at_<current>`: `ok`;
        `nothing_latches`, up to `highest`; `fires_by_itself`, without a pulse;
        `nothing_releases`, down to `lowest`, with the latching pulse beside; `failed`. NaN
        where undefined.

    Raises
    ------
    InputError
        If an argument is not allowed.

    References
    ----------
    Lee & Heckman 1998, J Neurophysiol 80:583, for pulses of both signs and holding currents.

    Examples
    --------
    >>> [output.name for output in basin(holding=(0.0, 0.1)).outputs[:3]]
    ['latching_at_0', 'releasing_at_0', 'basin_at_0']
    """
    currents = _holdings(holding)
    outputs = []
    for current in map(_name, currents):
        outputs += [
            Output(UP + current, "{current}", f"least pulse that latches at {current}"),
            Output(DOWN + current, "{current}", f"least pulse that releases at {current}"),
            Output(STATUS + current, "1", f"status of both at {current}", _STATUS.flags),
        ]
    return Experiment(
        tuple(outputs),
        partial(
            _measure,
            holdings=currents,
            duration=experiment.time("basin: duration", duration),
            settle=experiment.time("basin: settle", settle, zero=True),
            wait=experiment.time("basin: wait", wait),
            watch=experiment.time("basin: watch", watch),
            highest=experiment.current("basin: highest", highest),
            lowest=lowest if lowest is None else experiment.below_0("basin: lowest", lowest),
            precision=experiment.precision("basin: precision", precision),
        ),
    )


def _name(current: float) -> str:
    return f"{current:g}"


def _holdings(given: float | Iterable[float]) -> tuple[float, ...]:
    listed = array("basin: holding", given, "one current or several", ndim=(0, 1))
    # + 0 makes no difference between 0 and -0
    values = tuple((np.atleast_1d(listed) + 0.0).tolist())
    if not values or len({_name(each) for each in values}) < len(values):
        raise InputError(
            f"basin: holding is {list(values)}; allowed: one current or several, all different"
        )
    return tuple(sorted(values))


def _measure(
    run: RunLanes,
    *,
    holdings: tuple[float, ...],
    duration: float,
    settle: float,
    wait: float,
    watch: float,
    highest: float | None,
    lowest: float | None,
    precision: float,
) -> Values:
    top = experiment.current_for(run, highest, HIGHEST)
    bottom = experiment.current_for(run, lowest, LOWEST)
    # every lane at every holding current: all are searched together
    lanes = np.tile(np.arange(run.lanes), len(holdings))
    held = np.repeat(np.array(holdings), run.lanes)
    first = settle + duration
    second = first + wait

    def pulses(pair: int, up: float) -> Stimulus:
        kick = pulse(up, unit=run.unit, start=settle, duration=duration)
        return step(held[pair], unit=run.unit) + kick

    def fire(stimuli: list[Stimulus], of: IntArray, after: float) -> tuple[Bools, Bools]:
        batch = run(stimuli, duration=after + watch, lanes=lanes[of])
        on = fires_on(batch.spike_times.between(after, after + watch), after + watch)
        return on, experiment.failed_lanes(batch)

    def latches(of: IntArray, tried: Array) -> tuple[Bools, Bools]:
        return fire([pulses(i, each) for i, each in zip(of, tried, strict=True)], of, first)

    up, known = least(latches, lanes.size, top, precision)
    latched = np.flatnonzero(known == FOUND)

    def releases(of: IntArray, tried: Array) -> tuple[Bools, Bools]:
        stimuli = [
            pulses(i, float(up[i]))
            + pulse(-down, unit=run.unit, start=second, duration=duration)
            for i, down in zip(latched[of], tried, strict=True)
        ]
        on, failed = fire(stimuli, latched[of], second + duration)
        return ~on, failed

    down, flag = np.full(lanes.size, np.nan), np.full(lanes.size, _OK)
    for code, meaning in ((ABOVE_HIGHEST, _NO_LATCH), (AT_ZERO, _BY_ITSELF), (FAILED, _FAILED)):
        flag[known == code] = meaning
    up[known == AT_ZERO] = np.nan
    if latched.size:
        down[latched], known = least(releases, latched.size, -bottom, precision)
        flag[latched[known == ABOVE_HIGHEST]] = _NO_RELEASE
        flag[latched[known == FAILED]] = _FAILED
        # ended without a pulse: it fired on, but not for as long as this run
        ended = latched[known == AT_ZERO]
        down[ended], flag[ended], up[ended] = np.nan, _NO_LATCH, np.nan
        up[flag == _FAILED] = np.nan
    rows = (len(holdings), run.lanes)
    values: Values = {}
    for i, current in enumerate(map(_name, holdings)):
        values[UP + current] = up.reshape(rows)[i]
        values[DOWN + current] = down.reshape(rows)[i]
        values[STATUS + current] = flag.reshape(rows)[i].astype(np.int8)
    return values
