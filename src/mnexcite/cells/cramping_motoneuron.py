"""A motoneuron that cramps: a calibration of this package on published currents."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells.booth_rinzel_kiehn_1997 import SOURCE as BOOTH
from mnexcite.cells.cell import Cell
from mnexcite.cells.compartment import Compartment, Ion
from mnexcite.cells.molkov_2025 import SOURCE as MOLKOV
from mnexcite.cells.provenance import with_sources
from mnexcite.channels import Channel, Gate, IonPool, Pump, kinetics, spinal
from mnexcite.errors import checked, flag

SOURCE = "calibrated by mnexcite, see the page on how the cramping cell was made"
POWERS = "Powers et al. 2012, J Neurophysiol 107:808, with instantaneous activation"
YAMADA = "form of Yamada, Koch & Adams 1989, from memory"
KAGER = "Kager, Wadman & Somjen 2000, J Neurophysiol 84:495"
SODIUM_SOURCE = "mechanism of Grafe et al. 1982, Neuroscience 7:3213; size"
RT_F = 26.73  # mV at 37 degC
#: Part of the cell -> source and status of its numbers; all others were tuned.
SOURCES = {
    **dict.fromkeys(("C", "Na", "Kdr", "CaN"), (BOOTH, "published")),
    **dict.fromkeys(("Ca.alpha", "Cs.alpha"), (f"{BOOTH}: f alpha", "published")),
    **dict.fromkeys(("ions.E_Na", "ions.E_Ca"), (BOOTH, "published")),
    **dict.fromkeys(("NaP.p", "NaP.s"), (POWERS, "published")),
    "Kdr.n.tau_half_2": ("-40 in the source; as our first calibration had it", "unverified"),
    "CAN.E": (MOLKOV, "published"),
    "leakK.g": ("with leakNa and the pump at rest, 0.263 (v + 78.1)", "derived"),
    "leakNa.g": ("as leakK; brings what the pump removes at rest", "derived"),
    "Na_i.alpha": (f"{SODIUM_SOURCE}: of a sphere of 62 um", "tuned"),
    "Na_i": (SODIUM_SOURCE, "unverified"),
    "NaK.i_max": ("removes what comes in at rest, with 10 mM inside (assumed)", "derived"),
    "NaK.Na": (KAGER, "published"),
    "CAN.z.order": (f"1 in {MOLKOV}; with 1 a single spike ignites the latch", "tuned"),
    "KM.w": (YAMADA, "unverified"),
    "afferent.E": ("of excitation, by convention", "unverified"),
    "afferent.a": ("assumed: facilitation excites besides", "unverified"),
    "CAN.f": ("assumed: what facilitation does to CAN", "unverified"),
    "facilitation": ("assumed: a slow drive by muscle afferents", "unverified"),
    "ions.E_K": ("26.73 ln(K_o / K_i)", "derived"),
    "ions.K_o": ("plasma, by convention", "unverified"),
    "ions.K_i": ("by convention", "unverified"),
    "ions.Na_o": ("convention: plasma; only changes matter", "unverified"),
    "temperature": ("convention: body temperature, for RT/F only", "unverified"),
}
#: How many times as large facilitation makes the CAN conductance, per unit, and the level at
#: which the gate that says so is open.
GAIN, FULL = 8.0, 8.0


#: Leak conductance [mS/cm2] and its reversal [mV], of all ions together.
LEAK, LEAK_E = 0.263, -78.1
E_NA, E_K = 55.0, RT_F * math.log(4.0 / 140.0)  # mV
#: Sodium inside at rest [mM], what a charge makes of it [mM cm2/(uA ms)], and the pump's half.
SODIUM, ALPHA, HALF = 10.0, 1e-5, 10.0
#: The pump's current at rest [uA/cm2], a third of the sodium that comes in there.
PUMPED = 1.9846


@checked
def cramping_motoneuron(*, sodium: bool = True) -> Cell:
    """Return the motoneuron that is quiet until facilitated, and then can be locked in firing.

    uF/cm2, mS/cm2, uA/cm2, one compartment. A calcium-activated cation current (CAN, with a
    Hill order of 2) follows the firing rate through a slow calcium; it sustains firing where
    `facilitation` makes it large. Facilitation stands for a slow neuromodulation by muscle
    afferents: it is an assumption, a state that decays to `facilitation.rest` with 45 s. At
    0 the cell is healthy: it fires while it is driven and stops. Firing loads the cell with
    sodium (`Na_i`), which a pump brings out again by a current of its own (`NaK`): so a cramp
    ends even where facilitation does not fade.

    The currents are published, the conductances of all but the spike and the calcium were
    tuned by us to human rates; each number says which. No published motoneuron does this.

    Parameters
    ----------
    sodium
        False leaves sodium and its pump away: the leak is one current, and only the fall of
        facilitation ends a cramp. The cells of a pool are so unless it is asked for sodium.

    Raises
    ------
    InputError
        If `sodium` is neither True nor False.

    Examples
    --------
    >>> cell = cramping_motoneuron()
    >>> cell.parameters["SK.g"].status, cell.parameters["Na.g"].status
    ('tuned', 'published')
    """
    sodium = flag("cramping_motoneuron: sodium", sodium)
    cell = Cell(
        "cramping_motoneuron",
        Compartment(
            "soma",
            C=1.0,
            channels=[
                spinal.fast_sodium("Na", g=120.0),
                persistent_sodium("NaP", g=0.0855),
                spinal.delayed_rectifier("Kdr", g=100.0, tau_half_2=-50.0),
                _can_n(),
                muscarinic_potassium("KM", g=0.0829),
                _by_calcium("SK", 93.4, "Ca", 0.544, ion="K"),
                _by_calcium(
                    "CAN",
                    0.0129 * (1.0 + GAIN * FULL),
                    "Cs",
                    0.0353,
                    Gate("f", inf=facilitated, pool="facilitation", gain=GAIN, full=FULL),
                    E=0.0,
                    **({"ion": "Na"} if sodium else {}),
                ),
                # what afferents excite besides
                Channel(
                    "afferent",
                    g=0.0059 * FULL,
                    gates=Gate("a", inf=share, pool="facilitation", full=FULL),
                    E=0.0,
                ),
                *(_balanced() if sodium else (Channel("leak", g=LEAK, E=LEAK_E),)),
            ],
            pools=[
                IonPool("Ca", alpha=9e-5, tau=189.0, scale=0.1, unit="uM"),
                IonPool("Cs", alpha=9e-5, tau=1090.0, scale=0.05, unit="uM", ion="Ca"),
                IonPool("facilitation", alpha=0.0, tau=45_000.0, scale=1.0, unit="1"),
                *((_inside(),) if sodium else ()),
            ],
            initial={
                "v": -72.0,
                "Na.h": 0.9,
                "NaP.s": 0.9,
                "Kdr.n": 0.05,
                "CaN.m": 0.001,
                "CaN.h": 0.9,
                "KM.w": 0.02,
                "Ca": 0.0,
                "Cs": 0.0,
                "facilitation": 0.0,
                **({"Na_i": SODIUM} if sodium else {}),
            },
        ),
        ions=[
            Ion("Na", E=E_NA, outside=145.0),
            Ion("K", E=E_K, outside=4.0, inside=140.0),
            Ion("Ca", E=80.0),
        ],
        temperature=37.0,
        rt_f=RT_F,
        spike_threshold=-10.0,
        dt=0.01,
        groups={"K": ("Kdr", "KM")} | ({"leak": ("leakK", "leakNa")} if sodium else {}),
        source=SOURCE,
        status="tuned",
    )
    return with_sources(cell, SOURCES)


def _balanced() -> tuple[Channel | Pump, ...]:
    """Return the leak as potassium and sodium, and the pump that brings back the sodium.

    At rest and with sodium at rest, the three are the current LEAK (v - LEAK_E).
    """
    leak_na = (LEAK * (LEAK_E - E_K) + PUMPED) / (E_NA - E_K)
    return (
        Channel("leakK", g=LEAK - leak_na, ion="K"),
        Channel("leakNa", g=leak_na, ion="Na"),
        Pump.sodium_potassium(PUMPED * (1.0 + HALF / SODIUM) ** 3, Na_half=HALF),
    )


def _inside() -> IonPool:
    """Return sodium inside: what currents bring, less three for each charge of the pump."""
    return IonPool(
        "Na_i",
        alpha=ALPHA,
        decay=0.0,
        initial=SODIUM,
        ion="Na",
        reference=SODIUM,
        scale=10.0,
    )


def facilitated(c: ArrayLike, gain: float, full: float) -> NDArray[np.float64]:
    """Return (1 + gain c) / (1 + gain full), 1 from c = full on."""
    c = np.clip(np.asarray(c, dtype=float), 0.0, full)
    return (1.0 + gain * c) / (1.0 + gain * full)


def share(c: ArrayLike, full: float) -> NDArray[np.float64]:
    """Return c / full, 1 from c = full on."""
    return np.clip(np.asarray(c, dtype=float) / full, 0.0, 1.0)


def slow_inactivation(
    v: ArrayLike,
    alpha_rate: float,
    alpha_half: float,
    alpha_slope: float,
    beta_rate: float,
    beta_half: float,
    beta_slope: float,
    left: float,
) -> NDArray[np.float64]:
    """Return alpha tau + left (1 - alpha tau): what `left` is stays open."""
    opening = alpha_rate * np.exp((alpha_half - np.asarray(v)) / alpha_slope)
    tau = slow_inactivation_tau(
        v, alpha_rate, alpha_half, alpha_slope, beta_rate, beta_half, beta_slope
    )
    return opening * tau + left * (1.0 - opening * tau)


def slow_inactivation_tau(
    v: ArrayLike,
    alpha_rate: float,
    alpha_half: float,
    alpha_slope: float,
    beta_rate: float,
    beta_half: float,
    beta_slope: float,
) -> NDArray[np.float64]:
    """Return 1 / (alpha + beta) [ms]."""
    v = np.asarray(v)
    opening = alpha_rate * np.exp((alpha_half - v) / alpha_slope)
    closing = beta_rate * kinetics.boltzmann(v, beta_half, beta_slope)
    return 1.0 / (opening + closing)


def persistent_sodium(name: str, g: float) -> Channel:
    """Return g p_inf(v) s (v - E_Na), with slow inactivation s."""
    p = Gate("p", inf=kinetics.boltzmann, half=-52.3, slope=6.8)
    s = Gate(
        "s",
        inf=slow_inactivation,
        tau=slow_inactivation_tau,
        alpha_rate=0.001,
        alpha_half=-85.0,
        alpha_slope=30.0,
        beta_rate=0.0034,
        beta_half=-17.0,
        beta_slope=10.0,
        left=0.4,
        units={"left": "1"},
    )
    return Channel(name, g=g, ion="Na", gates=[p, s])


def muscarinic_potassium(name: str, g: float) -> Channel:
    """Return the slow g w (v - E_K) that opens below the threshold."""
    w = Gate(
        "w",
        inf=kinetics.boltzmann,
        tau=kinetics.bell,
        half=-35.0,
        slope=10.0,
        tau_scale=400.0 / 3.3,
        tau_half_1=-35.0,
        tau_slope_1=20.0,
        # 3.3 exp((v + 35) / 20) beside exp(-(v + 35) / 20)
        tau_half_2=-35.0 - 20.0 * math.log(3.3),
        tau_slope_2=20.0,
        tau_base=0.0,
    )
    return Channel(name, g=g, ion="K", gates=[w])


def _can_n() -> Channel:
    m = Gate("m", power=2, inf=kinetics.boltzmann, tau=4.0, half=-30.0, slope=5.0)
    h = Gate("h", inf=kinetics.boltzmann, tau=40.0, half=-45.0, slope=-5.0)
    return Channel("CaN", g=14.0, ion="Ca", gates=[m, h])


def _by_calcium(
    name: str, g: float, pool: str, half: float, *more: Gate, **carried: float | str
) -> Channel:
    """Return g c^2 / (c^2 + half^2) (v - E)."""
    z = Gate("z", inf=kinetics.hill, pool=pool, half=half, order=2.0, units={"half": "uM"})
    return Channel(name, g=g, gates=[z, *more], **carried)  # type: ignore[arg-type]
