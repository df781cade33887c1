"""Steady states, time constants and rates that published gates use.

Each is an ordinary NumPy function of `v` [mV] (or of a concentration `c`) and named
numbers; a gate that uses one gets a path for each of its numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def linoid(x: ArrayLike, y: float) -> Array:
    """Return x / (1 - exp(-x / y)) with its limit y at x = 0.

    The one helper for this removable singularity; use it in your own rates.

    >>> linoid([-10.0, 0.0, 10.0], 10.0).round(4).tolist()
    [5.8198, 10.0, 15.8198]
    """
    z = np.asarray(x, dtype=float) / y
    safe = np.where(z == 0.0, 1.0, z)
    with np.errstate(over="ignore"):
        return np.where(z == 0.0, y, -y * safe / np.expm1(-safe))


def boltzmann(v: ArrayLike, half: float, slope: float) -> Array:
    """Return 1 / (1 + exp(-(v - half) / slope)); a negative slope [mV] inactivates.

    >>> float(boltzmann(-47.1, half=-47.1, slope=4.1))
    0.5
    """
    return np.exp(-np.logaddexp(0.0, -(np.asarray(v) - half) / slope))


def bell(
    v: ArrayLike,
    tau_scale: float,
    tau_half_1: float,
    tau_slope_1: float,
    tau_half_2: float,
    tau_slope_2: float,
    tau_base: float,
) -> Array:
    """Return a time constant [ms] that falls on both sides of its peak.

    tau_scale / (exp((v - tau_half_1) / tau_slope_1) + exp(-(v - tau_half_2) / tau_slope_2))
    + tau_base.
    """
    v = np.asarray(v)
    with np.errstate(over="ignore"):
        rising = np.exp((v - tau_half_1) / tau_slope_1)
        falling = np.exp(-(v - tau_half_2) / tau_slope_2)
        return tau_scale / (rising + falling) + tau_base


def hill(c: ArrayLike, half: float, order: float) -> Array:
    """Return c^order / (c^order + half^order), 0 at and below c = 0.

    >>> float(hill(0.003, half=0.003, order=2.0))
    0.5
    """
    c = np.maximum(np.asarray(c, dtype=float), 0.0)
    ratio = (c / half) ** order
    return ratio / (1.0 + ratio)


def alpha_linear(
    v: ArrayLike, alpha_rate: float, alpha_half: float, alpha_slope: float
) -> Array:
    """Return alpha_rate (v - half) / (1 - exp(-(v - half) / slope)) [1/ms].

    Its alpha_rate is per voltage [1/(ms mV)]; tell the gate so by `units`.
    """
    return alpha_rate * linoid(np.asarray(v) - alpha_half, alpha_slope)


def alpha_exponential(
    v: ArrayLike, alpha_rate: float, alpha_half: float, alpha_slope: float
) -> Array:
    """Return alpha_rate exp(-(v - half) / slope) [1/ms]."""
    return alpha_rate * np.exp(-(np.asarray(v) - alpha_half) / alpha_slope)


def beta_exponential(
    v: ArrayLike, beta_rate: float, beta_half: float, beta_slope: float
) -> Array:
    """Return beta_rate exp(-(v - half) / slope) [1/ms]."""
    return beta_rate * np.exp(-(np.asarray(v) - beta_half) / beta_slope)


def beta_sigmoid(v: ArrayLike, beta_rate: float, beta_half: float, beta_slope: float) -> Array:
    """Return beta_rate / (1 + exp(-(v - half) / slope)) [1/ms]."""
    return beta_rate * boltzmann(v, beta_half, beta_slope)


#: Units of named numbers, for parameter tables; a gate's own `units` come first.
UNITS = {"half": "mV", "slope": "mV", "tau": "ms", "alpha": "1/ms", "beta": "1/ms", "order": ""}
_ENDINGS = {
    "_half": "mV",
    "_slope": "mV",
    "_half_1": "mV",
    "_half_2": "mV",
    "_slope_1": "mV",
    "_slope_2": "mV",
    "_rate": "1/ms",
    "tau_scale": "ms",
    "tau_base": "ms",
}


def unit_of(name: str) -> str:
    """Return the usual unit of a gate's named number, "" where there is none.

    >>> unit_of("half"), unit_of("alpha_slope"), unit_of("q")
    ('mV', 'mV', '')
    """
    if name in UNITS:
        return UNITS[name]
    return next((unit for ending, unit in _ENDINGS.items() if name.endswith(ending)), "")
