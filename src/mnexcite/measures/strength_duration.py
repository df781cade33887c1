"""The least pulses of several durations that make a cell fire."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, checked, number
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Array, Experiment, RunLanes
from mnexcite.measures.flags import status_of
from mnexcite.measures.measure import Output, Values
from mnexcite.measures.rheobase import STATUS as SEARCHED
from mnexcite.measures.rheobase import search, search_settings
from mnexcite.measures.search import FOUND

_STATUS = status_of("strength_duration", *SEARCHED.flags[1:-1], "chronaxie_not_within")
_OK, _NOT_WITHIN = map(_STATUS.flags.index, ("ok", "chronaxie_not_within"))
_OF_SEARCH = np.array([_STATUS.flags.index(flag) for flag in SEARCHED.flags], np.int8)

#: Name of the threshold of a duration [ms], as a variable.
PREFIX, SUFFIX = "threshold_", "ms"


@checked
def strength_duration(
    *,
    durations: Iterable[float] = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 100.0, 1000.0),
    weiss: float | None = None,
    highest: float | None = None,
    settle: float = 200.0,
    watch: float = 200.0,
    precision: float = 0.001,
) -> Experiment:
    """Find the threshold of pulses of several durations, and the constants that sum it up.

    The threshold current falls with duration towards the rheobase; the threshold charge
    grows, from a constant at brief pulses. Weiss' law is a straight line for the charge, Q =
    I_rh (d + tau), whose time constant is the chronaxie of a membrane that obeys it. No
    membrane does to the letter, so that how far off it is stands beside.

    Parameters
    ----------
    durations
        Of the pulses, two or more [ms]. The threshold of the longest is the rheobase. The
        default is a choice: from well below to well above the time constants of membranes.
    weiss
        Longest pulse that Weiss' law is fitted to [ms], by least squares of the relative
        error; two durations or more must be no longer. Default all. In axons, with time
        constants of 0.4 ms, pulses of up to 1 ms are used (Mogyoros et al. 1996).
    highest, settle, watch
        As for `rheobase`.
    precision
        As for `rheobase`, finer, since charges differ little between brief pulses.

    Returns
    -------
    Experiment
        `threshold_<duration>ms` of each duration and `sd_rheobase`, that of the longest [the
        cell's unit]; `chronaxie`, the duration at which twice the rheobase is the threshold,
        between two of the durations by the straight line of charge [ms]; `weiss_rheobase`
        [the cell's unit], `weiss_time_constant` [ms] and `weiss_misfit`, the largest relative
        error of the law. `strength_duration_status` is `ok`,
        `fires_by_itself`, `above_highest` or `failed`, with NaN but for thresholds that were
        found; or `chronaxie_not_within` the durations, with NaN for that alone.

    Raises
    ------
    InputError
        If an argument is not allowed.

    References
    ----------
    Weiss 1901, Arch Ital Biol 35:413. Mogyoros, Kiernan & Burke 1996, Brain 119:439.

    Examples
    --------
    >>> [output.name for output in strength_duration(durations=(0.2, 1.0, 100.0)).outputs[:3]]
    ['threshold_0.2ms', 'threshold_1ms', 'threshold_100ms']
    """
    lengths = experiment.durations("strength_duration: durations", durations, least=2)
    longest = lengths[-1]
    if weiss is not None:
        longest = number("strength_duration: weiss", weiss, "above 0", above=0.0, unit="ms")
    if sum(length <= longest for length in lengths) < 2:
        raise InputError(
            f"strength_duration: weiss is {longest:g} ms, and fewer than two durations are no "
            "longer; allowed: from the second shortest duration on"
        )
    return Experiment(
        (
            *(Output(_name(d), "{current}", f"threshold of {d:g} ms pulses") for d in lengths),
            Output("sd_rheobase", "{current}", "threshold of the longest pulse"),
            Output("chronaxie", "ms", "chronaxie"),
            Output("weiss_rheobase", "{current}", "rheobase by Weiss' law"),
            Output("weiss_time_constant", "ms", "strength-duration time constant"),
            Output("weiss_misfit", "1", "largest relative error of Weiss' law"),
            _STATUS,
        ),
        partial(
            _measure,
            lengths=lengths,
            longest=longest,
            **search_settings("strength_duration", highest, settle, watch, precision),
        ),
    )


def _name(duration: float) -> str:
    return f"{PREFIX}{duration:g}{SUFFIX}"


def _measure(
    run: RunLanes, *, lengths: tuple[float, ...], longest: float, **settings: Any
) -> Values:
    thresholds = np.full((len(lengths), run.lanes), np.nan)
    flag = np.full(run.lanes, _OK, np.int8)
    for row in reversed(range(len(lengths))):
        lanes = np.flatnonzero(flag == _OK)  # where one pulse has no threshold, none is needed
        if lanes.size:
            value, found = search(run, lanes, duration=lengths[row], **settings)
            thresholds[row, lanes] = np.where(found == FOUND, value, np.nan)
            flag[lanes] = _OF_SEARCH[found]
    d = np.array(lengths)
    chronaxie = np.array([_chronaxie(d, column) for column in thresholds.T])
    brief = d <= longest
    rheobase, time_constant, misfit = weiss_law(d[brief], thresholds[brief])
    flag[(flag == _OK) & np.isnan(chronaxie)] = _NOT_WITHIN
    undefined = (flag != _OK) & (flag != _NOT_WITHIN)
    return {
        **{_name(length): row for length, row in zip(lengths, thresholds, strict=True)},
        "sd_rheobase": thresholds[-1],
        "chronaxie": np.where(undefined, np.nan, chronaxie),
        "weiss_rheobase": np.where(undefined, np.nan, rheobase),
        "weiss_time_constant": np.where(undefined, np.nan, time_constant),
        "weiss_misfit": np.where(undefined, np.nan, misfit),
        "strength_duration_status": flag,
    }


def weiss_law(durations: Array, thresholds: Array) -> tuple[Array, Array, Array]:
    """Return rheobase, time constant [ms] and largest relative error of the fitted law.

    Thresholds of shape (durations, lanes); the relative errors of the charge have the least
    squares.

    >>> d = np.array([0.1, 0.4, 1.0])
    >>> rheobase, tau, misfit = weiss_law(d, 2.0 * (1.0 + 0.3 / d)[:, None])
    >>> rheobase.round(9).tolist(), tau.round(9).tolist(), bool(misfit < 1e-9)
    ([2.0], [0.3], True)
    """
    # relative charge: 1 = a (d / Q) + b (1 / Q), with a = I_rh and b = I_rh tau
    x = 1.0 / thresholds
    y = x / durations[:, None]
    xx, yy, xy = ((p * q).sum(axis=0) for p, q in ((x, x), (y, y), (x, y)))
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = xx * yy - xy * xy
        a = (yy * x.sum(axis=0) - xy * y.sum(axis=0)) / whole
        b = (xx * y.sum(axis=0) - xy * x.sum(axis=0)) / whole
        return a, b / a, np.abs(a * x + b * y - 1.0).max(axis=0)


def _chronaxie(durations: Array, thresholds: NDArray[np.float64]) -> float:
    """Return where twice the last threshold is the threshold, NaN where it is nowhere."""
    twice = 2.0 * thresholds[-1]
    below = np.flatnonzero(thresholds <= twice)
    if not np.all(np.isfinite(thresholds)) or not below.size or below[0] == 0:
        return float("nan")
    after = below[0]
    near = slice(after - 1, after + 1)
    d, charge = durations[near], (durations * thresholds)[near]
    slope = (charge[1] - charge[0]) / (d[1] - d[0])
    # charge on the line is twice the rheobase by the duration
    return float((charge[0] - slope * d[0]) / (twice - slope))
