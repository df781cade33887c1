"""The benchmark cell: six states that fire at many rates over its parameter sets."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell, Compartment, Ion
from mnexcite.channels import Channel, Gate, kinetics
from mnexcite.errors import whole

Array = NDArray[np.float64]

_PER_VOLTAGE = {"alpha_rate": "1/(ms mV)", "beta_rate": "1/(ms mV)"}
_LEAK, _REST, _BIAS = 0.3, -65.0, 2.0  # mS/cm2, mV, uA/cm2
#: More parameter sets than this are no benchmark.
MOST_SETS = 10_000_000


def beta_linear(v: ArrayLike, beta_rate: float, beta_half: float, beta_slope: float) -> Array:
    """Return beta_rate u / (1 - exp(-u / slope)) [1/ms] with u = -(v - half)."""
    return beta_rate * kinetics.linoid(-(np.asarray(v) - beta_half), beta_slope)


def benchmark_cell() -> Cell:
    """Return the cell that every engine is timed on; uF/cm2, mS/cm2, uA/cm2.

    Six states: v; Na.m, Na.h; NaP.p; K.n; W.w. Its constant current of 2 uA/cm2 stands in
    the leak's reversal, so it needs no stimulus.

    Examples
    --------
    >>> import mnexcite as mx
    >>> sets = {"NaP.g": [1.0], "K.g": [25.0]}
    >>> run = mx.simulate(benchmark_cell(), duration=50.0, parameters=sets)
    >>> run.spike_times[0].round(1).tolist()
    [9.5]
    """
    sodium = Channel("Na", g=120.0, ion="Na", gates=[_m(), _h()])
    persistent = Channel(
        "NaP",
        g=0.0,
        ion="Na",
        gates=[Gate("p", inf=kinetics.boltzmann, tau=1.0, half=-47.0, slope=4.5)],
    )
    slow = Gate(
        "w",
        inf=kinetics.boltzmann,
        tau=kinetics.bell,
        half=-40.0,
        slope=8.0,
        tau_scale=200.0,
        tau_half_1=-40.0 - 20.0 * math.log(3.3),
        tau_slope_1=20.0,
        tau_half_2=-40.0,
        tau_slope_2=20.0,
        tau_base=0.0,
    )
    return Cell(
        "benchmark",
        Compartment(
            "soma",
            C=1.0,
            channels=[
                sodium,
                persistent,
                Channel("K", g=10.0, ion="K", gates=[_n()]),
                Channel("W", g=2.0, ion="K", gates=[slow]),
                Channel("leak", g=_LEAK, E=_REST + _BIAS / _LEAK),
            ],
            initial={
                "v": -65.0,
                "Na.m": 0.05,
                "Na.h": 0.6,
                "K.n": 0.3,
                "NaP.p": 0.02,
                "W.w": 0.1,
            },
        ),
        ions=[Ion("Na", E=55.0), Ion("K", E=-80.0)],
        source="made for timing; no cell's measurements",
        status="tuned",
    )


def benchmark_parameters(count: int = 1024) -> dict[str, Array]:
    """Return path -> value of each parameter set k = 0 to `count` - 1, shape (count,).

    From silent to firing fast: NaP.g = 2 s, K.g = 10 + 30 s [mS/cm2] with
    s = k / (count - 1).

    Examples
    --------
    >>> benchmark_parameters(3)["K.g"].tolist()
    [10.0, 25.0, 40.0]
    """
    count = whole("count", count, f"2 to {MOST_SETS}", lowest=2, highest=MOST_SETS)
    share = np.arange(float(count)) / (count - 1)
    return {"NaP.g": 2.0 * share, "K.g": 10.0 + 30.0 * share}


def _m() -> Gate:
    return Gate(
        "m",
        power=3,
        alpha=kinetics.alpha_linear,
        beta=beta_linear,
        alpha_rate=0.4,
        alpha_half=-38.0,
        alpha_slope=5.0,
        beta_rate=0.4,
        beta_half=-11.0,
        beta_slope=5.0,
        units=_PER_VOLTAGE,
    )


def _h() -> Gate:
    return Gate(
        "h",
        alpha=kinetics.alpha_exponential,
        beta=kinetics.beta_sigmoid,
        alpha_rate=0.16,
        alpha_half=-55.0,
        alpha_slope=15.0,
        beta_rate=4.0,
        beta_half=-12.0,
        beta_slope=10.0,
    )


def _n() -> Gate:
    return Gate(
        "n",
        power=4,
        alpha=kinetics.alpha_linear,
        beta=kinetics.beta_exponential,
        alpha_rate=0.02,
        alpha_half=-25.0,
        alpha_slope=5.0,
        beta_rate=0.25,
        beta_half=-35.0,
        beta_slope=40.0,
        units={"alpha_rate": "1/(ms mV)"},
    )
