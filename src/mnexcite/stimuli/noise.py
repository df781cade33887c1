"""Currents that fluctuate."""

from __future__ import annotations

import math

import numpy as np

from mnexcite.errors import check_memory, number, whole
from mnexcite.stimuli.shapes import sampled
from mnexcite.stimuli.stimulus import Stimulus


def ornstein_uhlenbeck(
    sd: float,
    *,
    unit: str,
    tau: float,
    duration: float,
    mean: float = 0.0,
    start: float = 0.0,
    every: float = 0.1,
    seed: int = 0,
    compartment: str | None = None,
) -> Stimulus:
    """Return a fluctuating current, the usual stand-in for synaptic bombardment.

    An Ornstein-Uhlenbeck process in its stationary state: normally distributed, with
    correlation `exp(-abs(lag) / tau)`. It is drawn every `every` ms, exactly, and is
    held in between.

    Parameters
    ----------
    sd, mean
        Standard deviation and mean [`unit`].
    unit
        nA or uA/cm2.
    tau
        Correlation time [ms].
    duration
        Length [ms].
    start
        Where it begins [ms].
    every
        Interval of the samples [ms]; well below `tau` and the cell's own times.
    seed
        The same seed gives the same current; a sweep gives each point its own.
    compartment
        Where it enters; the first compartment by default.

    Raises
    ------
    InputError
        If a number is out of range.

    References
    ----------
    Gillespie 1996 (Phys Rev E 54:2084), the exact update; Destexhe et al. 2001
    (Neuroscience 107:13), its use for synaptic noise.

    Examples
    --------
    >>> noise = ornstein_uhlenbeck(0.2, unit="nA", tau=5.0, duration=20_000.0, seed=1)
    >>> values = noise.at(np.arange(0.0, 20_000.0, 0.1))
    >>> bool(abs(values.std() - 0.2) < 0.02)
    True
    """
    from scipy.signal import lfilter

    name = "ornstein_uhlenbeck"
    sd = number(f"{name}: sd", sd, "0 or more", lowest=0.0, unit=unit)
    mean = number(f"{name}: mean", mean, unit=unit)
    tau = number(f"{name}: tau", tau, "above 0", above=0.0, unit="ms")
    every = number(f"{name}: every", every, "above 0", above=0.0, unit="ms")
    duration = number(f"{name}: duration", duration, "above 0", above=0.0, unit="ms")
    seed = whole(f"{name}: seed", seed, "a whole number, 0 or more", lowest=0, highest=2**63)
    check_memory(
        f"{name}: {duration:g} ms every {every:g} ms",
        8.0 * duration / every,
        "take a shorter duration or a longer every",
    )
    count = max(1, math.ceil(duration / every - 1e-9))
    kept = math.exp(-every / tau)
    drawn = np.random.Generator(np.random.Philox(seed)).standard_normal(count)
    drawn[1:] *= math.sqrt(-math.expm1(-2.0 * every / tau))
    values = mean + sd * np.asarray(lfilter([1.0], [1.0, -kept], drawn))
    return sampled(values, unit=unit, every=every, start=start, compartment=compartment)
