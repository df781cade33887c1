"""The hypoglossal motoneuron of Purvis and Butera (2005), J Neurophysiol 93:723-733."""

from __future__ import annotations

from mnexcite.cells.cell import Cell
from mnexcite.cells.compartment import Compartment, Ion
from mnexcite.channels import Channel, Gate, IonPool, kinetics

SOURCE = "Purvis & Butera 2005, J Neurophysiol 93:723"
_K_OUT = (
    "convention: 4 mM stands for the paper's E_K of -80 mV; only changes of the "
    "concentration matter"
)
#: The equilibrium that the published equations settle to in 20 s.
REST = {
    "v": -71.6300326,
    "Na.m": 0.0148943267,
    "Na.h": 0.980788764,
    "NaP.m": 0.00251507410,
    "NaP.h": 0.790179298,
    "Kdr.n": 0.159065019,
    "CaT.m": 0.00119787622,
    "CaT.h": 0.554427500,
    "CaP.m": 1.23450475e-8,
    "CaN.m": 9.68939709e-4,
    "CaN.h": 0.632590017,
    "SK.z": 0.00203398207,
    "A.m": 0.0579009277,
    "A.h": 0.318449568,
    "h.m": 0.176316847,
    "Ca": 1.35436879e-4,
}


def purvis_butera_2005() -> Cell:
    """Return the rat hypoglossal motoneuron, quiet at -71.63 mV; the default cell.

    nF, uS, nA. Source: Purvis and Butera 2005, appendix; equations as replicated by
    Shifman 2017 (ReScience). Its potassium concentration is our convention.
    """
    return Cell(
        "purvis_butera_2005",
        Compartment(
            "soma",
            C=0.040,
            channels=[_na(), _nap(), _kdr(), _a(), _sk(), *_calcium(), _h(), _leak()],
            pools=[IonPool("Ca", alpha=0.0005, decay=0.04, scale=0.003)],
            initial=REST,
        ),
        ions=[
            Ion("Na", E=60.0, outside=145.0),
            Ion("K", E=-80.0, outside=4.0),
            Ion("Ca", E=40.0),
        ],
        temperature=37.0,
        rt_f=26.73,
        membrane="absolute",
        area=4.0e-5,
        spike_threshold=-10.0,
        dt=0.0125,
        groups={"K": ("Kdr", "A")},
        source=SOURCE,
        status="published",
        provenance={
            "area": ("0.04 nF at 1 uF/cm2", "derived"),
            "ions.K_o": (_K_OUT, "unverified"),
            "ions.Na_o": ("convention: plasma; only changes matter", "unverified"),
            "temperature": ("convention: body temperature, for RT/F only", "unverified"),
        },
    )


def _boltzmann(name: str, half: float, slope: float, tau: float, power: int = 1) -> Gate:
    return Gate(name, power=power, inf=kinetics.boltzmann, tau=tau, half=half, slope=slope)


def _bell(
    name: str,
    half: float,
    slope: float,
    scale: float,
    rising: tuple[float, float],
    falling: tuple[float, float],
    base: float,
    power: int = 1,
) -> Gate:
    return Gate(
        name,
        power=power,
        inf=kinetics.boltzmann,
        tau=kinetics.bell,
        half=half,
        slope=slope,
        tau_scale=scale,
        tau_half_1=rising[0],
        tau_slope_1=rising[1],
        tau_half_2=falling[0],
        tau_slope_2=falling[1],
        tau_base=base,
    )


def _na() -> Channel:
    m = _boltzmann("m", -36.0, 8.5, tau=0.1, power=3)
    h = _bell("h", -44.1, -7.0, 3.5, (-35.0, 4.0), (-35.0, 25.0), 1.0)
    return Channel("Na", g=0.7, ion="Na", gates=[m, h])


def _nap() -> Channel:
    m = _boltzmann("m", -47.1, 4.1, tau=0.1)
    h = _boltzmann("h", -65.0, -5.0, tau=150.0)
    return Channel("NaP", g=0.05, ion="Na", gates=[m, h])


def _kdr() -> Channel:
    n = _bell("n", -30.0, 25.0, 2.5, (-30.0, 40.0), (-30.0, 50.0), 0.01, power=4)
    return Channel("Kdr", g=1.3, ion="K", gates=[n])


def _a() -> Channel:
    m = _bell("m", -27.0, 16.0, 1.0, (-40.0, 5.0), (-74.0, 7.5), 0.37)
    h = _boltzmann("h", -80.0, -11.0, tau=20.0)
    return Channel("A", g=1.0, ion="K", gates=[m, h])


def _sk() -> Channel:
    z = Gate("z", power=2, inf=kinetics.hill, tau=1.0, half=0.003, order=2.0)
    return Channel("SK", g=0.3, ion="K", gates=[z])


def _calcium() -> list[Channel]:
    transient = [
        _bell("m", -38.0, 5.0, 5.0, (-28.0, 25.0), (-28.0, 70.0), 2.0),
        _bell("h", -70.1, -7.0, 20.0, (-70.0, 65.0), (-70.0, 65.0), 1.0),
    ]
    n_type = [_boltzmann("m", -30.0, 6.0, tau=5.0), _boltzmann("h", -70.0, -3.0, tau=25.0)]
    p_type = [_boltzmann("m", -17.0, 3.0, tau=10.0)]
    return [
        Channel("CaT", g=0.1, ion="Ca", gates=transient),
        Channel("CaN", g=0.05, ion="Ca", gates=n_type),
        Channel("CaP", g=0.05, ion="Ca", gates=p_type),
    ]


def _h() -> Channel:
    m = _bell("m", -79.8, -5.3, 475.0, (-70.0, 11.0), (-70.0, 11.0), 50.0)
    return Channel("h", g=0.005, E=-38.8, gates=[m])


def _leak() -> Channel:
    return Channel("leak", g=0.005, E=-50.0)
