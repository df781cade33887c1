"""The four published cells written once more, straight from their papers.

Plain Python and the standard library only: no number or formula is taken from the
package, so that the tests compare two transcriptions. Purvis & Butera 2005 (equations as
replicated by Shifman 2017), Molkov et al. 2025, Booth, Rinzel & Kiehn 1997, Hodgkin &
Huxley 1952.
"""

import math
from math import exp, log


def s(v, half, k):
    return 1.0 / (1.0 + exp(-(v - half) / k))


def lin(u, y):
    return y if u == 0 else u / -math.expm1(-u / y)


def constant(value):
    return lambda v: value


def by_rates(a, b):
    return (lambda v: a(v) / (a(v) + b(v)), lambda v: 1.0 / (a(v) + b(v)))


INSTANTANEOUS = constant(0.0)


def sodium_h_tau(v):
    return 30.0 / (exp((v + 50) / 15) + exp(-(v + 50) / 16))


def rectifier_n_tau(v):
    return 7.0 / (exp((v + 40) / 40) + exp(-(v + 40) / 50))


def kv1_h_tau(v):
    return 20 * 3.737 / (0.00015 * exp(-(v + 13) / 15) + 0.06 / (1 + exp(-(v + 68) / 12)))


SPINAL = {
    "Na.m": (lambda v: s(v, -35, 7.8), INSTANTANEOUS),
    "Na.h": (lambda v: s(v, -55, -7), sodium_h_tau),
    "Kdr.n": (lambda v: s(v, -28, 15), rectifier_n_tau),
}
BOOTH_CAN = {
    "CaN.m": (lambda v: s(v, -30, 5), constant(4.0)),
    "CaN.h": (lambda v: s(v, -45, -5), constant(40.0)),
}

#: cell -> path of a voltage-dependent gate -> (steady state, time constant in ms)
GATES = {
    "purvis_butera_2005": {
        "Na.m": (lambda v: s(v, -36, 8.5), constant(0.1)),
        "Na.h": (
            lambda v: s(v, -44.1, -7),
            lambda v: 3.5 / (exp((v + 35) / 4) + exp(-(v + 35) / 25)) + 1,
        ),
        "NaP.m": (lambda v: s(v, -47.1, 4.1), constant(0.1)),
        "NaP.h": (lambda v: s(v, -65, -5), constant(150.0)),
        "Kdr.n": (
            lambda v: s(v, -30, 25),
            lambda v: 2.5 / (exp((v + 30) / 40) + exp(-(v + 30) / 50)) + 0.01,
        ),
        "CaT.m": (
            lambda v: s(v, -38, 5),
            lambda v: 5 / (exp((v + 28) / 25) + exp(-(v + 28) / 70)) + 2,
        ),
        "CaT.h": (
            lambda v: s(v, -70.1, -7),
            lambda v: 20 / (exp((v + 70) / 65) + exp(-(v + 70) / 65)) + 1,
        ),
        "CaN.m": (lambda v: s(v, -30, 6), constant(5.0)),
        "CaN.h": (lambda v: s(v, -70, -3), constant(25.0)),
        "CaP.m": (lambda v: s(v, -17, 3), constant(10.0)),
        "A.m": (
            lambda v: s(v, -27, 16),
            lambda v: 1 / (exp((v + 40) / 5) + exp(-(v + 74) / 7.5)) + 0.37,
        ),
        "A.h": (lambda v: s(v, -80, -11), constant(20.0)),
        "h.m": (
            lambda v: s(v, -79.8, -5.3),
            lambda v: 475 / (exp((v + 70) / 11) + exp(-(v + 70) / 11)) + 50,
        ),
    },
    "molkov_2025": {
        **SPINAL,
        "NaP.m": (lambda v: s(v, -53, 3), INSTANTANEOUS),
        "Kv1.m": (lambda v: s(v, -46, 6.9), INSTANTANEOUS),
        "Kv1.h": (lambda v: s(v, -54, -7.1), kv1_h_tau),
        "CaL.m": (lambda v: s(v, -27.5, 5.7), constant(0.5)),
        "CaL.h": (lambda v: s(v, -52.4, -5.2), constant(18.0)),
    },
    "booth_rinzel_kiehn_1997": {
        **{f"soma.{path}": kinetics for path, kinetics in {**SPINAL, **BOOTH_CAN}.items()},
        **{f"dendrite.{path}": kinetics for path, kinetics in BOOTH_CAN.items()},
        "dendrite.CaL.m": (lambda v: s(v, -40, 7), constant(40.0)),
    },
    "hodgkin_huxley_1952": {
        "Na.m": by_rates(lambda v: 0.1 * lin(v + 40, 10), lambda v: 4 * exp(-(v + 65) / 18)),
        "Na.h": by_rates(
            lambda v: 0.07 * exp(-(v + 65) / 20), lambda v: 1 / (1 + exp(-(v + 35) / 10))
        ),
        "Kdr.n": by_rates(
            lambda v: 0.01 * lin(v + 55, 10), lambda v: 0.125 * exp(-(v + 65) / 80)
        ),
    },
}

#: cell -> path of a calcium-dependent gate -> (steady state of c, time constant, unit of c)
CALCIUM_GATES = {
    "purvis_butera_2005": {"SK.z": (lambda c: 1 / (1 + (0.003 / c) ** 2), 1.0, "mM")},
    "molkov_2025": {
        "KCa.z": (lambda c: c / (c + 0.2e-3), 0.0, "mM"),
        "CAN.z": (lambda c: c / (c + 0.74e-3), 0.0, "mM"),
    },
    "booth_rinzel_kiehn_1997": {
        "soma.KCa.z": (lambda c: c / (c + 0.2), 0.0, "uM"),
        "dendrite.KCa.z": (lambda c: c / (c + 0.2), 0.0, "uM"),
    },
    "hodgkin_huxley_1952": {},
}

MOLKOV_E_K = 26.54 * log(4 / 140)


def channels(g_unit, prefix="", **rows):
    numbers = {}
    for name, (g, E) in rows.items():
        numbers[f"{prefix}{name}.g"] = (g, g_unit)
        numbers[f"{prefix}{name}.E"] = (E, "mV")
    return numbers


#: cell -> path -> (value, unit) of every number that no gate owns
NUMBERS = {
    "purvis_butera_2005": {
        "C": (0.040, "nF"),
        "area": (4.0e-5, "cm2"),
        "ions.E_Na": (60, "mV"),
        "ions.E_K": (-80, "mV"),
        "ions.E_Ca": (40, "mV"),
        "ions.K_o": (4, "mM"),
        **channels(
            "uS",
            Na=(0.7, 60),
            NaP=(0.05, 60),
            Kdr=(1.3, -80),
            A=(1.0, -80),
            SK=(0.3, -80),
            CaT=(0.1, 40),
            CaN=(0.05, 40),
            CaP=(0.05, 40),
            h=(0.005, -38.8),
            leak=(0.005, -50),
        ),
        "Ca.alpha": (0.0005, "mM/(nA ms)"),
        "Ca.decay": (0.04, "1/ms"),
        "Ca.f": (1, ""),
        "Ca.rest": (0, "mM"),
        "temperature": (37, "degC"),
    },
    "molkov_2025": {
        "C": (1, "uF/cm2"),
        "ions.E_Na": (55, "mV"),
        "ions.E_K": (MOLKOV_E_K, "mV"),
        "ions.E_Ca": (80, "mV"),
        "ions.K_o": (4, "mM"),
        "ions.K_i": (140, "mM"),
        **channels(
            "mS/cm2",
            Na=(120, 55),
            NaP=(0, 55),
            Kdr=(100, MOLKOV_E_K),
            Kv1=(1, MOLKOV_E_K),
            KCa=(0.25, MOLKOV_E_K),
            CaL=(0.01, 80),
            CAN=(1, 0),
            leak=(0.1, -80),
        ),
        "Ca.alpha": (5e-6, "mM/(uA/cm2 ms)"),
        "Ca.tau": (250, "ms"),
        "Ca.f": (1, ""),
        "Ca.rest": (0, "mM"),
        "temperature": (35, "degC"),
    },
    "booth_rinzel_kiehn_1997": {
        "soma.C": (1, "uF/cm2"),
        "dendrite.C": (1, "uF/cm2"),
        "coupling.g_c": (0.1, "mS/cm2"),
        "coupling.p": (0.1, ""),
        "ions.E_Na": (55, "mV"),
        "ions.E_K": (-80, "mV"),
        "ions.E_Ca": (80, "mV"),
        "ions.K_o": (4, "mM"),
        **channels(
            "mS/cm2",
            "soma.",
            Na=(120, 55),
            Kdr=(100, -80),
            CaN=(14, 80),
            KCa=(5, -80),
            leak=(0.51, -60),
        ),
        **channels(
            "mS/cm2",
            "dendrite.",
            CaN=(0.03, 80),
            CaL=(0.33, 80),
            KCa=(1.1, -80),
            leak=(0.51, -60),
        ),
        **{
            f"{where}.Ca.{name}": number
            for where in ("soma", "dendrite")
            for name, number in {
                "alpha": (0.009, "uM/(uA/cm2 ms)"),
                "decay": (2, "1/ms"),
                "f": (0.01, ""),
                "rest": (0, "uM"),
            }.items()
        },
    },
    "hodgkin_huxley_1952": {
        "C": (1, "uF/cm2"),
        "ions.E_Na": (50, "mV"),
        "ions.E_K": (-77, "mV"),
        **channels("mS/cm2", Na=(120, 50), Kdr=(36, -77), leak=(0.3, -54.387)),
        "temperature": (6.3, "degC"),
    },
}

#: numbers that no paper gives: only their changes matter
CONVENTIONS = {
    "purvis_butera_2005": {"ions.Na_o"},
    "molkov_2025": {"ions.Na_o"},
    "booth_rinzel_kiehn_1997": {"ions.Na_o", "temperature"},
    "hodgkin_huxley_1952": {"ions.Na_o", "ions.K_o"},
}

GROUP_K = {
    "purvis_butera_2005": ("Kdr", "A"),
    "molkov_2025": ("Kdr", "Kv1"),
    "booth_rinzel_kiehn_1997": ("soma.Kdr",),
    "hodgkin_huxley_1952": ("Kdr",),
}

INITIAL = {
    "purvis_butera_2005": {
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
    },
    "molkov_2025": {
        "v": -80,
        "Ca": 0,
        "CaL.m": 1e-6,
        "CaL.h": 0,
        "Na.h": 0,
        "Kdr.n": 0,
        "Kv1.h": 1,
    },
    "booth_rinzel_kiehn_1997": {
        "soma.v": -60,
        "dendrite.v": -60,
        "soma.Ca": 0,
        "dendrite.Ca": 0,
        **{
            path: GATES["booth_rinzel_kiehn_1997"][path][0](-60)
            for path in (
                "soma.Na.h",
                "soma.Kdr.n",
                "soma.CaN.m",
                "soma.CaN.h",
                "dendrite.CaN.m",
                "dendrite.CaN.h",
                "dendrite.CaL.m",
            )
        },
    },
    "hodgkin_huxley_1952": {
        "v": -64.99584,
        "Na.m": 0.05296,
        "Na.h": 0.59590,
        "Kdr.n": 0.31773,
    },
}


def steady_currents(cell, v):
    """Return (concentrations, currents) at a held voltage, compartment by compartment."""
    x = {path: inf(v) for path, (inf, _) in GATES[cell].items()}
    if cell == "purvis_butera_2005":
        i = {
            "Na": 0.7 * x["Na.m"] ** 3 * x["Na.h"] * (v - 60),
            "NaP": 0.05 * x["NaP.m"] * x["NaP.h"] * (v - 60),
            "Kdr": 1.3 * x["Kdr.n"] ** 4 * (v + 80),
            "A": 1.0 * x["A.m"] * x["A.h"] * (v + 80),
            "CaT": 0.1 * x["CaT.m"] * x["CaT.h"] * (v - 40),
            "CaN": 0.05 * x["CaN.m"] * x["CaN.h"] * (v - 40),
            "CaP": 0.05 * x["CaP.m"] * (v - 40),
            "h": 0.005 * x["h.m"] * (v + 38.8),
            "leak": 0.005 * (v + 50),
        }
        calcium = -0.0005 * (i["CaT"] + i["CaN"] + i["CaP"]) / 0.04
        z = 1 / (1 + (0.003 / calcium) ** 2)
        return {"soma": (calcium, {**i, "SK": 0.3 * z**2 * (v + 80)})}
    if cell == "molkov_2025":
        calcium_current = 0.01 * x["CaL.m"] * x["CaL.h"] * (v - 80)
        calcium = -5e-6 * calcium_current * 250
        i = {
            "Na": 120 * x["Na.m"] ** 3 * x["Na.h"] * (v - 55),
            "NaP": 0.0,
            "Kdr": 100 * x["Kdr.n"] ** 4 * (v - MOLKOV_E_K),
            "Kv1": 1.0 * x["Kv1.m"] * x["Kv1.h"] * (v - MOLKOV_E_K),
            "KCa": 0.25 * calcium / (calcium + 0.2e-3) * (v - MOLKOV_E_K),
            "CaL": calcium_current,
            "CAN": 1.0 * calcium / (calcium + 0.74e-3) * v,
            "leak": 0.1 * (v + 80),
        }
        return {"soma": (calcium, i)}
    if cell == "booth_rinzel_kiehn_1997":
        soma_calcium_current = 14 * x["soma.CaN.m"] ** 2 * x["soma.CaN.h"] * (v - 80)
        soma_calcium = -0.009 * soma_calcium_current / 2
        soma = {
            "Na": 120 * x["soma.Na.m"] ** 3 * x["soma.Na.h"] * (v - 55),
            "Kdr": 100 * x["soma.Kdr.n"] ** 4 * (v + 80),
            "CaN": soma_calcium_current,
            "KCa": 5 * soma_calcium / (soma_calcium + 0.2) * (v + 80),
            "leak": 0.51 * (v + 60),
        }
        n_type = 0.03 * x["dendrite.CaN.m"] ** 2 * x["dendrite.CaN.h"] * (v - 80)
        l_type = 0.33 * x["dendrite.CaL.m"] * (v - 80)
        calcium = -0.009 * (n_type + l_type) / 2
        dendrite = {
            "CaN": n_type,
            "CaL": l_type,
            "KCa": 1.1 * calcium / (calcium + 0.2) * (v + 80),
            "leak": 0.51 * (v + 60),
        }
        return {"soma": (soma_calcium, soma), "dendrite": (calcium, dendrite)}
    i = {
        "Na": 120 * x["Na.m"] ** 3 * x["Na.h"] * (v - 50),
        "Kdr": 36 * x["Kdr.n"] ** 4 * (v + 77),
        "leak": 0.3 * (v + 54.387),
    }
    return {"axon": (None, i)}
