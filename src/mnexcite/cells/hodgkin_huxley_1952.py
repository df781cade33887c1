"""The squid giant axon of Hodgkin and Huxley (1952), J Physiol 117:500-544."""

from __future__ import annotations

from mnexcite.cells.cell import Cell
from mnexcite.cells.compartment import Compartment, Ion
from mnexcite.channels import Channel, Gate, kinetics

SOURCE = "Hodgkin & Huxley 1952, J Physiol 117:500"
_PER_VOLTAGE = {"alpha_rate": "1/(ms mV)"}
_SEA_WATER = "ratio to sea water; only changes of the concentration matter"


def hodgkin_huxley_1952() -> Cell:
    """Return the squid axon membrane at 6.3 degC, rest near -65 mV.

    uF/cm2, mS/cm2, uA/cm2. Voltages are those of the modern convention (inside minus
    outside). Source: Hodgkin and Huxley 1952, eqs 12-13, 20-26 and table 3.
    """
    sodium = Channel(
        "Na",
        g=120.0,
        ion="Na",
        gates=[
            Gate(
                "m",
                power=3,
                alpha=kinetics.alpha_linear,
                beta=kinetics.beta_exponential,
                alpha_rate=0.1,
                alpha_half=-40.0,
                alpha_slope=10.0,
                units=_PER_VOLTAGE,
                beta_rate=4.0,
                beta_half=-65.0,
                beta_slope=18.0,
            ),
            Gate(
                "h",
                alpha=kinetics.alpha_exponential,
                beta=kinetics.beta_sigmoid,
                alpha_rate=0.07,
                alpha_half=-65.0,
                alpha_slope=20.0,
                beta_rate=1.0,
                beta_half=-35.0,
                beta_slope=10.0,
            ),
        ],
    )
    potassium = Channel(
        "Kdr",
        g=36.0,
        ion="K",
        gates=[
            Gate(
                "n",
                power=4,
                alpha=kinetics.alpha_linear,
                beta=kinetics.beta_exponential,
                alpha_rate=0.01,
                alpha_half=-55.0,
                alpha_slope=10.0,
                units=_PER_VOLTAGE,
                beta_rate=0.125,
                beta_half=-65.0,
                beta_slope=80.0,
            )
        ],
    )
    leak = Channel("leak", g=0.3, E=-54.387)
    return Cell(
        "hodgkin_huxley_1952",
        Compartment(
            "axon",
            C=1.0,
            channels=[sodium, potassium, leak],
            initial={"v": -64.99584, "Na.m": 0.05296, "Na.h": 0.59590, "Kdr.n": 0.31773},
        ),
        ions=[Ion("Na", E=50.0, outside=440.0), Ion("K", E=-77.0, outside=10.0)],
        temperature=6.3,
        groups={"K": ("Kdr",)},
        source=SOURCE,
        status="published",
        provenance={
            "ions.Na_o": (_SEA_WATER, "unverified"),
            "ions.K_o": (_SEA_WATER, "unverified"),
        },
    )
