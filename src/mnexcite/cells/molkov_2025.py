"""The bistable spinal motoneuron of Molkov et al. (2025), Front Cell Neurosci 19:1710893."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells.cell import Cell
from mnexcite.cells.compartment import Compartment, Ion
from mnexcite.channels import Channel, Gate, IonPool, kinetics, spinal

SOURCE = "Molkov et al. 2025, Front Cell Neurosci 19:1710893"
RT_F = 26.54  # mV at 35 degC, as the paper has it
_SET = "the example parameter set published with the paper's code"


def molkov_2025() -> Cell:
    """Return the mouse spinal motoneuron that latches through calcium and CAN.

    uF/cm2, mS/cm2, uA/cm2. The conductances are those of the published example set, so
    NaP is there with 0. The start is not an equilibrium: the first 20 ms are a
    transient. Source: Molkov et al. 2025; Kv1.2 after Bos et al. 2018, NaP after
    Brocard et al. 2013.
    """
    channels = [
        spinal.fast_sodium("Na", g=120.0),
        Channel(
            "NaP",
            g=0.0,
            ion="Na",
            gates=[Gate("m", inf=kinetics.boltzmann, half=-53.0, slope=3.0)],
        ),
        spinal.delayed_rectifier("Kdr", g=100.0),
        _kv1(),
        spinal.calcium_potassium("KCa", g=0.25, half=0.2e-3),
        _cal(),
        Channel(
            "CAN",
            g=1.0,
            E=0.0,
            gates=[Gate("z", inf=kinetics.hill, half=0.74e-3, order=1.0, units={"half": "mM"})],
        ),
        Channel("leak", g=0.1, E=-80.0),
    ]
    return Cell(
        "molkov_2025",
        Compartment(
            "soma",
            C=1.0,
            channels=channels,
            pools=[IonPool("Ca", alpha=5e-6, tau=250.0, scale=0.2e-3)],
            initial={
                "v": -80.0,
                "Ca": 0.0,
                "CaL.m": 1e-6,
                "CaL.h": 0.0,
                "Na.h": 0.0,
                "Kdr.n": 0.0,
                "Kv1.h": 1.0,
            },
        ),
        ions=[
            Ion("Na", E=55.0, outside=145.0),
            Ion("K", E=RT_F * math.log(4.0 / 140.0), outside=4.0, inside=140.0),
            Ion("Ca", E=80.0),
        ],
        temperature=35.0,
        rt_f=RT_F,
        dt=0.005,
        groups={"K": ("Kdr", "Kv1")},
        source=SOURCE,
        status="published",
        provenance={
            "ions.E_K": (f"{SOURCE}: 26.54 ln(K_o / K_i)", "derived"),
            "ions.Na_o": ("convention: plasma; only changes matter", "unverified"),
            **{
                f"{name}.g": (f"{SOURCE}: {_SET}", "published")
                for name in ("NaP", "KCa", "CAN")
            },
        },
    )


def slow_kv1_tau(
    v: ArrayLike,
    tau_scale: float,
    tau_rate_1: float,
    tau_half_1: float,
    tau_slope_1: float,
    tau_rate_2: float,
    tau_half_2: float,
    tau_slope_2: float,
) -> NDArray[np.float64]:
    """Return the time constant [ms] of Kv1.2 inactivation (Bos et al. 2018)."""
    v = np.asarray(v)
    leaving = tau_rate_1 * np.exp(-(v - tau_half_1) / tau_slope_1)
    entering = tau_rate_2 * kinetics.boltzmann(v, tau_half_2, tau_slope_2)
    return tau_scale / (leaving + entering)


def _kv1() -> Channel:
    m = Gate("m", inf=kinetics.boltzmann, half=-46.0, slope=6.9)
    h = Gate(
        "h",
        inf=kinetics.boltzmann,
        tau=slow_kv1_tau,
        half=-54.0,
        slope=-7.1,
        tau_scale=20 * 3.737,
        tau_rate_1=0.00015,
        tau_half_1=-13.0,
        tau_slope_1=15.0,
        tau_rate_2=0.06,
        tau_half_2=-68.0,
        tau_slope_2=12.0,
        units={"tau_rate_1": "", "tau_rate_2": ""},
    )
    return Channel("Kv1", g=1.0, ion="K", gates=[m, h])


def _cal() -> Channel:
    m = Gate("m", inf=kinetics.boltzmann, tau=0.5, half=-27.5, slope=5.7)
    h = Gate("h", inf=kinetics.boltzmann, tau=18.0, half=-52.4, slope=-5.2)
    return Channel("CaL", g=0.01, ion="Ca", gates=[m, h])
