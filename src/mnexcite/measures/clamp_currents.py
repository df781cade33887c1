"""Peak and steady currents of voltage-clamp steps, at every point of a sweep."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from mnexcite.errors import InputError, array, checked, number
from mnexcite.measures import experiment
from mnexcite.measures.experiment import Experiment, RunLanes
from mnexcite.measures.flags import status_of
from mnexcite.measures.measure import Output, Values
from mnexcite.stimuli import voltage_clamp

_STATUS = status_of("clamp")


@checked
def clamp_currents(
    levels: ArrayLike,
    *,
    holding: float = -80.0,
    settle: float = 200.0,
    duration: float = 50.0,
    every: float = 0.05,
) -> Experiment:
    """Clamp each point's first compartment to several levels; see `clamp_family` for one cell.

    Parameters
    ----------
    levels
        Voltages of the steps [mV].
    holding, settle
        Voltage before the steps [mV], and for how long it is held first [ms]: gates that are
        slower do not come to rest. The default is a choice.
    duration
        Length of each step [ms].
    every
        Interval of samples [ms]: the peak is the largest sample in size.

    Returns
    -------
    Experiment
        For each level `peak_at_-40mV` and `steady_at_-40mV`, what the amplifier injects at the
        peak and at the end [the cell's unit], outward positive; `clamp_status` is `ok`, or
        `failed` with NaN. Runs are by the reference method: leave `method` and `dt` out.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> [output.name for output in clamp_currents([-40.0]).outputs]
    ['peak_at_-40mV', 'steady_at_-40mV', 'clamp_status']
    """
    held = array(
        "clamp_currents: levels",
        levels,
        "voltages in mV, one or more",
        least=1,
        unit="mV",
    )
    if np.unique(held).size < held.size:
        raise InputError("clamp_currents: a level stands twice; name each once")
    settle = experiment.time("clamp_currents: settle", settle)
    duration = experiment.time("clamp_currents: duration", duration)
    every = number(
        "clamp_currents: every",
        every,
        "above 0 and at most the duration",
        above=0.0,
        highest=duration,
        unit="ms",
    )
    holding = number("clamp_currents: holding", holding, unit="mV")
    clamps = [voltage_clamp(holding, (settle, duration, level)) for level in held.tolist()]
    outputs = [
        Output(
            f"{kind}_at_{level:g}mV",
            "{current}",
            f"{kind} clamp current at {level:g} mV",
            signed=True,
        )
        for level in held
        for kind in ("peak", "steady")
    ]
    told = {"clamps": clamps, "settle": settle, "duration": duration, "every": every}
    return Experiment((*outputs, _STATUS), partial(_measure, names=outputs, **told))


def _measure(
    run: RunLanes, *, names: list, clamps: list, settle: float, duration: float, every: float
) -> Values:
    lanes = np.tile(np.arange(run.lanes), len(clamps))
    batch = run(
        [clamp for clamp in clamps for _ in range(run.lanes)],
        duration=settle + duration,
        lanes=lanes,
        record=("clamp.i",),
        every=every,
    )
    shape = (len(clamps), run.lanes)
    failed = experiment.failed_lanes(batch).reshape(shape).any(axis=0)
    inside = np.asarray(batch["clamp.i"])[:, batch.t >= settle]
    at = np.abs(np.nan_to_num(inside)).argmax(axis=1)
    peaks = inside[np.arange(len(inside)), at].reshape(shape)
    steady = inside[:, -1].reshape(shape)
    rows = [row for pair in zip(peaks, steady, strict=True) for row in pair]
    values: Values = {
        output.name: np.where(failed, np.nan, row)
        for output, row in zip(names, rows, strict=True)
    }
    return values | {"clamp_status": np.where(failed, 1, 0).astype(np.int8)}
