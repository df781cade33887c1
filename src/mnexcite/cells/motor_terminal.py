"""The terminal of a motor axon in its muscle: a calibration of this package."""

from __future__ import annotations

import math

from mnexcite.cells.booth_rinzel_kiehn_1997 import SOURCE as BOOTH
from mnexcite.cells.cell import Cell
from mnexcite.cells.compartment import Compartment, Ion
from mnexcite.cells.cramping_motoneuron import (
    POWERS,
    RT_F,
    YAMADA,
    muscarinic_potassium,
    persistent_sodium,
)
from mnexcite.cells.provenance import with_sources
from mnexcite.channels import Channel, spinal

SOURCE = "calibrated by mnexcite by a scan, see the page on how the cramping cell was made"
#: Share of the leak that potassium carries.
BY_POTASSIUM = 0.9
SOURCES = {
    **dict.fromkeys(("C", "Na", "Kdr", "ions.E_Na"), (BOOTH, "published")),
    **dict.fromkeys(("NaP.p", "NaP.s"), (POWERS, "published")),
    "Kdr.n.tau_half_2": ("-40 in the source; as our first calibration had it", "unverified"),
    "KM.w": (YAMADA, "unverified"),
    "ions.E_K": ("26.73 ln(K_o / K_i)", "derived"),
    "ions.K_o": (
        "plasma, by convention; 6 to 12 in muscle at work",
        "unverified",
    ),
    "ions.K_i": ("by convention", "unverified"),
    "ions.Na_o": ("convention: plasma; only changes matter", "unverified"),
    "temperature": ("convention: body temperature, for RT/F only", "unverified"),
}


def motor_terminal() -> Cell:
    """Return the terminal of a motor axon, which fires by itself where potassium is high.

    uF/cm2, mS/cm2, uA/cm2, one compartment: sodium, persistent sodium, delayed rectifier, the
    slow KM, and a leak of which potassium carries nine tenths, so that the rest follows K_o.
    `ions.K_o` is that of the muscle around it. Spike currents are published; the others were
    tuned by us so that it is quiet at rest and discharges ectopically from about 7 mM on.

    Examples
    --------
    >>> motor_terminal().groups["K"]
    ('Kdr', 'KM')
    """
    leak = 0.3
    cell = Cell(
        "motor_terminal",
        Compartment(
            "terminal",
            C=1.0,
            channels=[
                spinal.fast_sodium("Na", g=120.0),
                persistent_sodium("NaP", g=0.06),
                spinal.delayed_rectifier("Kdr", g=100.0, tau_half_2=-50.0),
                muscarinic_potassium("KM", g=0.04),
                # its reversal is the leak's at 4 mM and moves as potassium's does
                Channel("leakK", g=BY_POTASSIUM * leak, E=-79.0, ion="K"),
                Channel("leak", g=(1.0 - BY_POTASSIUM) * leak, E=-79.0),
            ],
            initial={"v": -75.0, "Na.h": 0.9, "NaP.s": 0.9, "Kdr.n": 0.05, "KM.w": 0.02},
        ),
        ions=[
            Ion("Na", E=55.0, outside=145.0),
            Ion("K", E=RT_F * math.log(4.0 / 140.0), outside=4.0, inside=140.0),
        ],
        temperature=37.0,
        rt_f=RT_F,
        spike_threshold=-10.0,
        dt=0.01,
        groups={"K": ("Kdr", "KM")},
        source=SOURCE,
        status="tuned",
    )
    return with_sources(cell, SOURCES)
