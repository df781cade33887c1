"""Input resistance and time constant of a membrane at rest, from a small step."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from mnexcite.errors import checked, number
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Array, Experiment, RunLanes
from mnexcite.measures.flags import FAILED, status_of
from mnexcite.measures.measure import Output, Values
from mnexcite.stimuli import step

#: Current of the trial that tells how large the step must be, by the cell's unit.
_TRIAL = {"nA": -0.01, "uA/cm2": -0.1}
#: Sampling interval [ms].
EVERY = 0.1
#: Of which a tenth holds a sample [ms].
_SHORTEST = 10.0 * EVERY
#: More of a sag than this is told: a choice. And the worst misfit of one exponential.
_SAG, _MISFIT = 0.05, 0.05
#: Largest drift in the second half of the settling time, of the wanted deflection: a choice.
_DRIFT = 0.01

_STATUS = status_of("passive", "fires_by_itself", "not_settled", "no_exponential", "sag")
_OUTPUTS = (
    Output("input_resistance", "mV/{current}", "input resistance"),
    Output("time_constant", "ms", "membrane time constant"),
    Output("sag", "1", "sag: how much of the largest deflection is lost by the step's end"),
    _STATUS,
)


@checked
def passive(
    *, deflection: float = 2.0, duration: float = 500.0, settle: float = 200.0
) -> Experiment:
    """Find input resistance and membrane time constant by a small hyperpolarising step.

    A trial with a tiny current tells which current makes the wanted deflection. The step with
    that current gives the resistance: change of voltage over current, with the mean of the
    last tenth of `settle` as baseline and of the last tenth of the step as steady voltage, as
    eFEL's `ohmic_input_resistance_vb_ssse`. The time constant is that of one exponential with
    a free end, fitted by least squares from a tenth of the largest deflection up to it.

    It is the slope resistance at rest, with all currents that are open there: a persistent
    inward current raises it, a cell that has several compartments charges more than one time
    constant and is told by the one that fits.

    Parameters
    ----------
    deflection
        Wanted change of the voltage [mV], 0.1 to 20. Small, so that gates move little: a
        choice.
    duration, settle
        Length of the step, and time before it, 1 or more [ms].

    Returns
    -------
    Experiment
        `input_resistance` [mV per unit of current: Mohm, or kohm cm2], `time_constant` [ms],
        `sag` [1] and `passive_status`: `ok`; `sag`, more than 5 % of the largest deflection
        is lost by the end, so that the resistance is that after the sag and the time
        constant that before it; `no_exponential`, the fit misses by more than 5 % of the
        deflection, the time constant is NaN; `not_settled`, the voltage still drifts before
        the step (by 1 % of the deflection in the second half of `settle`), `fires_by_itself`
        and `failed`: all NaN.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> [output.name for output in passive().outputs]
    ['input_resistance', 'time_constant', 'sag', 'passive_status']
    """
    told = {
        "deflection": number(
            "passive: deflection", deflection, "0.1 to 20", lowest=0.1, highest=20.0, unit="mV"
        ),
        **{
            name: number(f"passive: {name}", value, "1 or more", lowest=_SHORTEST, unit="ms")
            for name, value in (("duration", duration), ("settle", settle))
        },
    }
    return Experiment(_OUTPUTS, partial(_measure, **told))


def _measure(run: RunLanes, *, deflection: float, duration: float, settle: float) -> Values:
    end = settle + duration

    def stepped(currents: Array) -> list:
        return [step(i, unit=run.unit, start=settle, duration=duration) for i in currents]

    quiet = run(stepped(np.zeros(run.lanes)), duration=end)
    trial = np.full(run.lanes, _TRIAL[run.unit])
    tried = run(stepped(trial), duration=end)
    moved = quiet.final_state.values[0] - tried.final_state.values[0]
    currents = trial * np.clip(deflection / np.maximum(moved, 1e-9), 1e-2, 1e3)
    name = experiment.voltage_of(quiet.cell)
    batch = run(stepped(currents), duration=end, record=(name,), every=EVERY)
    t, v = batch.t, np.asarray(batch[name]).reshape(run.lanes, -1)
    before = (t >= 0.9 * settle) & (t < settle)
    resting = (t >= 0.5 * settle) & (t < settle)
    late = t >= end - 0.1 * duration
    on = (t >= settle) & (t < end)
    broken = np.any([experiment.failed_lanes(each) for each in (quiet, tried, batch)], axis=0)
    found = np.full((3, run.lanes), np.nan)
    flags = np.zeros(run.lanes, np.int8)
    for lane in range(run.lanes):
        if broken[lane]:
            said = FAILED
        elif quiet.spike_times[lane].size and quiet.spike_times[lane][-1] >= 0.5 * settle:
            said = "fires_by_itself"
        elif np.ptp(v[lane, resting]) > _DRIFT * deflection:
            said = "not_settled"
        else:
            said, found[:, lane] = _one(
                t[on] - settle, v[lane, on], v[lane, before].mean(), v[lane, late].mean(),
                currents[lane],
            )  # fmt: skip
        flags[lane] = _STATUS.flags.index(said)
    names = (output.name for output in _OUTPUTS)
    return dict(zip(names, [*found, flags], strict=True))


def _one(
    t: Array, v: Array, base: float, steady: float, current: float
) -> tuple[str, tuple[float, float, float]]:
    """Return status, resistance, time constant and sag of one lane's step."""
    low = int(np.argmin(v))
    largest = base - v[low]
    if not largest > 0.0:  # it drifts up by more than the step pulls it down
        return "not_settled", (np.nan, np.nan, np.nan)
    sag = float((steady - v[low]) / largest)
    first = int(np.flatnonzero(base - v >= 0.1 * largest)[0])
    tau, misfit = _exponential(t[first : low + 1], v[first : low + 1])
    said = "sag" if sag > _SAG else "ok"
    if not misfit <= _MISFIT * largest:
        said, tau = "no_exponential", np.nan
    return said, ((steady - base) / current, tau, sag)


def _exponential(t: Array, v: Array) -> tuple[float, float]:
    """Return the time constant of A exp(-t / tau) + B, and its worst misfit."""
    if t.size < 4:
        return np.nan, np.inf
    from scipy.optimize import minimize_scalar

    def fitted(log_tau: float) -> Array:
        shape = np.stack([np.exp(-(t - t[0]) / np.exp(log_tau)), np.ones(t.size)], axis=1)
        return shape @ np.linalg.lstsq(shape, v, rcond=None)[0] - v

    span = t[-1] - t[0]
    best: Any = minimize_scalar(
        lambda x: float(np.sum(fitted(x) ** 2)),
        bounds=(np.log(EVERY), np.log(10.0 * span)),
        method="bounded",
        options={"xatol": 1e-8},
    )
    return float(np.exp(best.x)), float(np.abs(fitted(best.x)).max())
