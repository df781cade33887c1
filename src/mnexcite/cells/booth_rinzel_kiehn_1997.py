"""The two-compartment motoneuron of Booth, Rinzel and Kiehn (1997), J Neurophysiol 78:3371."""

from __future__ import annotations

from mnexcite.cells.cell import Cell
from mnexcite.cells.compartment import Compartment, Coupling, Ion
from mnexcite.channels import Channel, Gate, IonPool, kinetics, spinal

SOURCE = "Booth, Rinzel & Kiehn 1997, J Neurophysiol 78:3371"


def booth_rinzel_kiehn_1997() -> Cell:
    """Return the vertebrate motoneuron whose dendrite holds a calcium plateau.

    uF/cm2, mS/cm2, uA/cm2, calcium in uM; currents per area of their own compartment.
    Lower KCa (serotonin) makes it bistable. Source: Booth, Rinzel and Kiehn 1997,
    eqs 1-9 and appendix.
    """
    soma = Compartment(
        "soma",
        C=1.0,
        v=-60.0,
        channels=[
            spinal.fast_sodium("Na", g=120.0),
            spinal.delayed_rectifier("Kdr", g=100.0),
            _can(g=14.0),
            spinal.calcium_potassium("KCa", g=5.0, half=0.2),
            Channel("leak", g=0.51, E=-60.0),
        ],
        pools=[_calcium()],
    )
    dendrite = Compartment(
        "dendrite",
        C=1.0,
        v=-60.0,
        channels=[
            _can(g=0.03),
            Channel(
                "CaL",
                g=0.33,
                ion="Ca",
                gates=[Gate("m", inf=kinetics.boltzmann, tau=40.0, half=-40.0, slope=7.0)],
            ),
            spinal.calcium_potassium("KCa", g=1.1, half=0.2),
            Channel("leak", g=0.51, E=-60.0),
        ],
        pools=[_calcium()],
    )
    return Cell(
        "booth_rinzel_kiehn_1997",
        [soma, dendrite],
        couplings=[Coupling("soma", "dendrite", g_c=0.1, p=0.1)],
        ions=[
            Ion("Na", E=55.0, outside=145.0),
            Ion("K", E=-80.0, outside=4.0),
            Ion("Ca", E=80.0),
        ],
        temperature=37.0,
        dt=0.005,
        groups={"K": ("soma.Kdr",)},
        source=SOURCE,
        status="published",
        provenance={
            "ions.K_o": ("convention: 4 mM stands for the paper's E_K", "unverified"),
            "ions.Na_o": ("convention: plasma; only changes matter", "unverified"),
            "temperature": ("convention: body temperature, for RT/F only", "unverified"),
        },
    )


def _can(g: float) -> Channel:
    m = Gate("m", power=2, inf=kinetics.boltzmann, tau=4.0, half=-30.0, slope=5.0)
    h = Gate("h", inf=kinetics.boltzmann, tau=40.0, half=-45.0, slope=-5.0)
    return Channel("CaN", g=g, ion="Ca", gates=[m, h])


def _calcium() -> IonPool:
    return IonPool("Ca", alpha=0.009, decay=2.0, f=0.01, scale=0.2, unit="uM")
