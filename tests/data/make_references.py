"""Write references.json: spike times of published cells from SciPy's integrators alone.

To regenerate, from the root of the repository (a few minutes on one core)::

    python tests/data/make_references.py

``--only TEXT`` computes only the cases whose name contains TEXT and writes nothing.

This file is an oracle, so it imports nothing from the library it judges: the equations are
written once more, as scalar Python, from the publications and the parameter tables named at
each cell. Every case is integrated twice, by methods of different families:

- the reference, DOP853 (explicit Runge-Kutta, order 8);
- the control, LSODA (implicit multistep), at a tolerance of its own.

Integration restarts at every stimulus edge. A spike is an upward crossing of the cell's
threshold, armed again 10 mV below it; its time is the root of the method's dense output.
``spike_error`` is the largest difference between the spike times of the two runs, so it bounds
the error of the worse one. A test that compares with a case should allow ``spike_error`` on
top of its own tolerance. Where the two runs disagree in the number of spikes the case says
so, as ``count_uncertainty``.

Conventions: a stimulus acts on [start, start + duration); positive currents depolarise; rate =
(n - 1) / (t_n - t_1), 0 below two spikes; last_rate = 1 / last interval. ``replaced`` gives a
parameter a value in its paper's unit, ``scaled`` then multiplies it; ``K.g`` stands for all
voltage-gated potassium channels of the cell. The layout of the file is described in its
``about`` entry.
"""

import argparse
import itertools
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.integrate import DOP853, LSODA
from scipy.optimize import brentq, fsolve

State = list[float]
Derivative = Callable[[float, Sequence[float]], State]

ARM_BELOW = 10.0  # [mV] below threshold before the next crossing counts
MAX_STEP = 1.0  # [ms] no step can jump over a whole spike


def sigmoid(v: float, half: float, slope: float) -> float:
    """Return the Boltzmann function 1 / (1 + exp(-(v - half) / slope))."""
    return 1.0 / (1.0 + math.exp(-(v - half) / slope))


def lin(u: float, y: float) -> float:
    """Return u / (1 - exp(-u / y)), with its limit at u = 0."""
    x = u / y
    if abs(x) < 1e-7:
        return y * (1.0 + 0.5 * x)
    return -u / math.expm1(-x)


# --------------------------------------------------------------------------------------------
# The cells. `derivative(p, i)` returns f(t, y); `i(t)` is the applied current. `steady(v, p)`
# returns every state but the voltage, at equilibrium with it.


def _hodgkin_huxley_rates(v: float) -> tuple[float, ...]:
    return (
        0.1 * lin(v + 40.0, 10.0),
        4.0 * math.exp(-(v + 65.0) / 18.0),
        0.07 * math.exp(-(v + 65.0) / 20.0),
        1.0 / (1.0 + math.exp(-(v + 35.0) / 10.0)),
        0.01 * lin(v + 55.0, 10.0),
        0.125 * math.exp(-(v + 65.0) / 80.0),
    )


def hodgkin_huxley(p: Mapping[str, float], i: Callable[[float], float]) -> Derivative:
    """Hodgkin & Huxley 1952, squid axon, 6.3 degC; states v, m, h, n."""
    c, e_na, e_k = p["C"], p["ions.E_Na"], p["ions.E_K"]
    g_na, g_k, g_l, e_l = p["Na.g"], p["Kdr.g"], p["leak.g"], p["leak.E"]

    def f(t: float, y: Sequence[float]) -> State:
        v, m, h, n = y
        a_m, b_m, a_h, b_h, a_n, b_n = _hodgkin_huxley_rates(v)
        ionic = g_na * m**3 * h * (v - e_na) + g_k * n**4 * (v - e_k) + g_l * (v - e_l)
        return [
            (i(t) - ionic) / c,
            a_m * (1.0 - m) - b_m * m,
            a_h * (1.0 - h) - b_h * h,
            a_n * (1.0 - n) - b_n * n,
        ]

    return f


def hodgkin_huxley_steady(v: float, p: Mapping[str, float]) -> State:
    """Return m, h, n at equilibrium."""
    del p
    a_m, b_m, a_h, b_h, a_n, b_n = _hodgkin_huxley_rates(v)
    return [a_m / (a_m + b_m), a_h / (a_h + b_h), a_n / (a_n + b_n)]


def _purvis_butera_e_k(p: Mapping[str, float]) -> float:
    return p["ions.E_K"] + 26.73 * math.log(p["ions.K_o"] / 4.0)


def purvis_butera(p: Mapping[str, float], i: Callable[[float], float]) -> Derivative:
    """Purvis & Butera 2005, rat hypoglossal motoneuron; uS, nF, nA, mM.

    States v, m, h, mNaP, hNaP, n, mT, hT, mP, mN, hN, z, mA, hA, mh, Ca. The reversal of
    potassium moves with K_o by 26.73 ln(K_o / 4) mV.
    """
    exp = math.exp
    c, e_na, e_ca, e_k = p["C"], p["ions.E_Na"], p["ions.E_Ca"], _purvis_butera_e_k(p)
    g_na, g_nap, g_k, g_a, g_sk = (p[f"{x}.g"] for x in ("Na", "NaP", "Kdr", "A", "SK"))
    g_t, g_n, g_p = p["CaT.g"], p["CaN.g"], p["CaP.g"]
    g_h, e_h, g_l, e_l = p["h.g"], p["h.E"], p["leak.g"], p["leak.E"]

    def f(t: float, y: Sequence[float]) -> State:
        v, m, h, mp, hp, n, m_t, h_t, m_p, m_n, h_n, z, m_a, h_a, m_h, ca = y
        i_ca = (g_t * m_t * h_t + g_n * m_n * h_n + g_p * m_p) * (v - e_ca)
        ionic = (
            (g_na * m**3 * h + g_nap * mp * hp) * (v - e_na)
            + (g_k * n**4 + g_a * m_a * h_a + g_sk * z * z) * (v - e_k)
            + i_ca
            + g_h * m_h * (v - e_h)
            + g_l * (v - e_l)
        )
        ratio = 0.003 / ca
        return [
            (i(t) - ionic) / c,
            (1.0 / (1.0 + exp(-(v + 36.0) / 8.5)) - m) / 0.1,
            (1.0 / (1.0 + exp((v + 44.1) / 7.0)) - h)
            / (3.5 / (exp((v + 35.0) / 4.0) + exp(-(v + 35.0) / 25.0)) + 1.0),
            (1.0 / (1.0 + exp(-(v + 47.1) / 4.1)) - mp) / 0.1,
            (1.0 / (1.0 + exp((v + 65.0) / 5.0)) - hp) / 150.0,
            (1.0 / (1.0 + exp(-(v + 30.0) / 25.0)) - n)
            / (2.5 / (exp((v + 30.0) / 40.0) + exp(-(v + 30.0) / 50.0)) + 0.01),
            (1.0 / (1.0 + exp(-(v + 38.0) / 5.0)) - m_t)
            / (5.0 / (exp((v + 28.0) / 25.0) + exp(-(v + 28.0) / 70.0)) + 2.0),
            (1.0 / (1.0 + exp((v + 70.1) / 7.0)) - h_t)
            / (20.0 / (exp((v + 70.0) / 65.0) + exp(-(v + 70.0) / 65.0)) + 1.0),
            (1.0 / (1.0 + exp(-(v + 17.0) / 3.0)) - m_p) / 10.0,
            (1.0 / (1.0 + exp(-(v + 30.0) / 6.0)) - m_n) / 5.0,
            (1.0 / (1.0 + exp((v + 70.0) / 3.0)) - h_n) / 25.0,
            1.0 / (1.0 + ratio * ratio) - z,
            (1.0 / (1.0 + exp(-(v + 27.0) / 16.0)) - m_a)
            / (1.0 / (exp((v + 40.0) / 5.0) + exp(-(v + 74.0) / 7.5)) + 0.37),
            (1.0 / (1.0 + exp((v + 80.0) / 11.0)) - h_a) / 20.0,
            (1.0 / (1.0 + exp((v + 79.8) / 5.3)) - m_h)
            / (475.0 / (exp((v + 70.0) / 11.0) + exp(-(v + 70.0) / 11.0)) + 50.0),
            -0.0005 * i_ca - 0.04 * ca,
        ]

    return f


def purvis_butera_steady(v: float, p: Mapping[str, float]) -> State:
    """Return every state but v at equilibrium."""
    s = sigmoid
    m_t, h_t, m_p = s(v, -38.0, 5.0), s(v, -70.1, -7.0), s(v, -17.0, 3.0)
    m_n, h_n = s(v, -30.0, 6.0), s(v, -70.0, -3.0)
    g_ca = p["CaT.g"] * m_t * h_t + p["CaN.g"] * m_n * h_n + p["CaP.g"] * m_p
    ca = -0.0005 * g_ca * (v - p["ions.E_Ca"]) / 0.04
    return [
        s(v, -36.0, 8.5),
        s(v, -44.1, -7.0),
        s(v, -47.1, 4.1),
        s(v, -65.0, -5.0),
        s(v, -30.0, 25.0),
        m_t,
        h_t,
        m_p,
        m_n,
        h_n,
        1.0 / (1.0 + (0.003 / ca) ** 2),
        s(v, -27.0, 16.0),
        s(v, -80.0, -11.0),
        s(v, -79.8, -5.3),
        ca,
    ]


def molkov(p: Mapping[str, float], i: Callable[[float], float]) -> Derivative:
    """Molkov et al. 2025, mouse spinal motoneuron; mS/cm2, uA/cm2, mM.

    States v, mCaL, hCaL, hNaF, n, hKv1, Ca; the other gates are instantaneous. The reversal of
    potassium is 26.54 ln(K_o / K_i) mV.
    """
    exp = math.exp
    c, e_na, e_ca, e_can = p["C"], p["ions.E_Na"], p["ions.E_Ca"], p["CAN.E"]
    e_k = 26.54 * math.log(p["ions.K_o"] / p["ions.K_i"])
    g_na, g_nap, g_k, g_kv1 = (p[f"{x}.g"] for x in ("Na", "NaP", "Kdr", "Kv1"))
    g_kca, g_cal, g_can = p["KCa.g"], p["CaL.g"], p["CAN.g"]
    g_l, e_l = p["leak.g"], p["leak.E"]

    def f(t: float, y: Sequence[float]) -> State:
        v, m_l, h_l, h, n, h_v, ca = y
        m_na = 1.0 / (1.0 + exp(-(v + 35.0) / 7.8))
        m_nap = 1.0 / (1.0 + exp(-(v + 53.0) / 3.0))
        m_kv1 = 1.0 / (1.0 + exp(-(v + 46.0) / 6.9))
        i_cal = g_cal * m_l * h_l * (v - e_ca)
        ionic = (
            (g_na * m_na**3 * h + g_nap * m_nap) * (v - e_na)
            + (g_k * n**4 + g_kv1 * m_kv1 * h_v + g_kca * ca / (ca + 0.2e-3)) * (v - e_k)
            + i_cal
            + g_can * ca / (ca + 0.74e-3) * (v - e_can)
            + g_l * (v - e_l)
        )
        tau_v = (
            20.0
            * 3.737
            / (0.00015 * exp(-(v + 13.0) / 15.0) + 0.06 / (1.0 + exp(-(v + 68.0) / 12.0)))
        )
        return [
            (i(t) - ionic) / c,
            (1.0 / (1.0 + exp(-(v + 27.5) / 5.7)) - m_l) / 0.5,
            (1.0 / (1.0 + exp((v + 52.4) / 5.2)) - h_l) / 18.0,
            (1.0 / (1.0 + exp((v + 55.0) / 7.0)) - h)
            * (exp((v + 50.0) / 15.0) + exp(-(v + 50.0) / 16.0))
            / 30.0,
            (1.0 / (1.0 + exp(-(v + 28.0) / 15.0)) - n)
            * (exp((v + 40.0) / 40.0) + exp(-(v + 40.0) / 50.0))
            / 7.0,
            (1.0 / (1.0 + exp((v + 54.0) / 7.1)) - h_v) / tau_v,
            -5e-6 * i_cal - ca / 250.0,
        ]

    return f


def molkov_steady(v: float, p: Mapping[str, float]) -> State:
    """Return every state but v at equilibrium."""
    s = sigmoid
    m_l, h_l = s(v, -27.5, 5.7), s(v, -52.4, -5.2)
    ca = -5e-6 * 250.0 * p["CaL.g"] * m_l * h_l * (v - p["ions.E_Ca"])
    return [m_l, h_l, s(v, -55.0, -7.0), s(v, -28.0, 15.0), s(v, -54.0, -7.1), ca]


def booth(p: Mapping[str, float], i: Callable[[float], float]) -> Derivative:
    """Booth, Rinzel & Kiehn 1997, soma and dendrite; mS/cm2, uA/cm2, uM.

    States v_s, h, n, mN_s, hN_s, Ca_s, v_d, mN_d, hN_d, mL, Ca_d; the current enters the soma.
    """
    exp = math.exp
    c, g_c, frac = p["C"], p["coupling.g"], p["coupling.p"]
    e_na, e_k, e_ca = p["ions.E_Na"], p["ions.E_K"], p["ions.E_Ca"]
    g_na, g_k, g_ns = p["soma.Na.g"], p["soma.Kdr.g"], p["soma.CaN.g"]
    g_ks, g_ls, e_ls = p["soma.KCa.g"], p["soma.leak.g"], p["soma.leak.E"]
    g_nd, g_l, g_kd = p["dendrite.CaN.g"], p["dendrite.CaL.g"], p["dendrite.KCa.g"]
    g_ld, e_ld = p["dendrite.leak.g"], p["dendrite.leak.E"]

    def f(t: float, y: Sequence[float]) -> State:
        vs, h, n, m_ns, h_ns, ca_s, vd, m_nd, h_nd, m_l, ca_d = y
        m = 1.0 / (1.0 + exp(-(vs + 35.0) / 7.8))
        i_cs = g_ns * m_ns * m_ns * h_ns * (vs - e_ca)
        i_s = (
            g_na * m**3 * h * (vs - e_na)
            + (g_k * n**4 + g_ks * ca_s / (ca_s + 0.2)) * (vs - e_k)
            + i_cs
            + g_ls * (vs - e_ls)
        )
        i_cd = (g_nd * m_nd * m_nd * h_nd + g_l * m_l) * (vd - e_ca)
        i_d = i_cd + g_kd * ca_d / (ca_d + 0.2) * (vd - e_k) + g_ld * (vd - e_ld)
        return [
            (i(t) - i_s - g_c / frac * (vs - vd)) / c,
            (1.0 / (1.0 + exp((vs + 55.0) / 7.0)) - h)
            * (exp((vs + 50.0) / 15.0) + exp(-(vs + 50.0) / 16.0))
            / 30.0,
            (1.0 / (1.0 + exp(-(vs + 28.0) / 15.0)) - n)
            * (exp((vs + 40.0) / 40.0) + exp(-(vs + 40.0) / 50.0))
            / 7.0,
            (1.0 / (1.0 + exp(-(vs + 30.0) / 5.0)) - m_ns) / 4.0,
            (1.0 / (1.0 + exp((vs + 45.0) / 5.0)) - h_ns) / 40.0,
            0.01 * (-0.009 * i_cs - 2.0 * ca_s),
            (-i_d - g_c / (1.0 - frac) * (vd - vs)) / c,
            (1.0 / (1.0 + exp(-(vd + 30.0) / 5.0)) - m_nd) / 4.0,
            (1.0 / (1.0 + exp((vd + 45.0) / 5.0)) - h_nd) / 40.0,
            (1.0 / (1.0 + exp(-(vd + 40.0) / 7.0)) - m_l) / 40.0,
            0.01 * (-0.009 * i_cd - 2.0 * ca_d),
        ]

    return f


def booth_gates(vs: float, vd: float) -> tuple[State, State]:
    """Return h, n, mN, hN of the soma and mN, hN, mL of the dendrite at equilibrium."""
    s = sigmoid
    soma = [s(vs, -55.0, -7.0), s(vs, -28.0, 15.0), s(vs, -30.0, 5.0), s(vs, -45.0, -5.0)]
    dendrite = [s(vd, -30.0, 5.0), s(vd, -45.0, -5.0), s(vd, -40.0, 7.0)]
    return soma, dendrite


def benchmark(p: Mapping[str, float], i: Callable[[float], float]) -> Derivative:
    """Six-state benchmark cell: Na, NaP, K, a slow K (gate w) and a leak; mS/cm2.

    States v, m, h, n, p, w.
    """
    exp = math.exp
    c, e_na, e_k = p["C"], p["ions.E_Na"], p["ions.E_K"]
    g_na, g_nap, g_k, g_w = p["Na.g"], p["NaP.g"], p["K.g"], p["W.g"]
    g_l, e_l = p["leak.g"], p["leak.E"]

    def f(t: float, y: Sequence[float]) -> State:
        v, m, h, n, q, w = y
        ionic = (
            (g_na * m**3 * h + g_nap * q) * (v - e_na)
            + (g_k * n**4 + g_w * w) * (v - e_k)
            + g_l * (v - e_l)
        )
        tau_w = 200.0 / (3.3 * exp((v + 40.0) / 20.0) + exp(-(v + 40.0) / 20.0))
        return [
            (i(t) - ionic) / c,
            0.4 * lin(v + 38.0, 5.0) * (1.0 - m) - 0.4 * lin(-(v + 11.0), 5.0) * m,
            0.16 * exp(-(v + 55.0) / 15.0) * (1.0 - h)
            - 4.0 / (1.0 + exp(-(v + 12.0) / 10.0)) * h,
            0.02 * lin(v + 25.0, 5.0) * (1.0 - n) - 0.25 * exp(-(v + 35.0) / 40.0) * n,
            1.0 / (1.0 + exp(-(v + 47.0) / 4.5)) - q,
            (1.0 / (1.0 + exp(-(v + 40.0) / 8.0)) - w) / tau_w,
        ]

    return f


@dataclass(frozen=True)
class Cell:
    """A published cell: equations, parameters, the published initial state, its scales."""

    source: str
    unit: str
    threshold: float
    derivative: Callable[[Mapping[str, float], Callable[[float], float]], Derivative]
    parameters: Mapping[str, float]
    initial: Mapping[str, float]
    potassium: tuple[str, ...]
    small: Mapping[str, float] = field(default_factory=dict)

    def atol(self, level: float) -> np.ndarray:
        """Return absolute tolerances: 100 for a voltage, 1 for a gate, or the pool's scale."""
        scale = {
            name: 100.0 if name.split(".")[-1] == "v" else self.small.get(name, 1.0)
            for name in self.initial
        }
        return level * np.array(list(scale.values()))


_BOOTH_SOMA, _BOOTH_DENDRITE = booth_gates(-60.0, -60.0)

CELLS = {
    "HH": Cell(
        source="Hodgkin & Huxley 1952 J Physiol 117:500, modern signs",
        unit="uA/cm2",
        threshold=0.0,
        derivative=hodgkin_huxley,
        parameters={
            "C": 1.0,
            "Na.g": 120.0,
            "Kdr.g": 36.0,
            "leak.g": 0.3,
            "leak.E": -54.387,
            "ions.E_Na": 50.0,
            "ions.E_K": -77.0,
        },
        initial={"v": -64.99584, "Na.m": 0.05296, "Na.h": 0.59590, "Kdr.n": 0.31773},
        potassium=("Kdr.g",),
    ),
    "PB": Cell(
        source="Purvis & Butera 2005 J Neurophysiol 93:723; start: rest state of the "
        "replication by Shifman 2017 (ReScience)",
        unit="nA",
        threshold=-10.0,
        derivative=purvis_butera,
        parameters={
            "C": 0.040,
            "Na.g": 0.7,
            "NaP.g": 0.05,
            "Kdr.g": 1.3,
            "A.g": 1.0,
            "SK.g": 0.3,
            "CaT.g": 0.1,
            "CaN.g": 0.05,
            "CaP.g": 0.05,
            "h.g": 0.005,
            "h.E": -38.8,
            "leak.g": 0.005,
            "leak.E": -50.0,
            "ions.E_Na": 60.0,
            "ions.E_K": -80.0,
            "ions.E_Ca": 40.0,
            "ions.K_o": 4.0,
        },
        initial={
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
        potassium=("Kdr.g", "A.g"),
        small={"Ca": 1e-3},
    ),
    "MK": Cell(
        source="Molkov et al. 2025 Front Cell Neurosci 19:1710893",
        unit="uA/cm2",
        threshold=0.0,
        derivative=molkov,
        parameters={
            "C": 1.0,
            "Na.g": 120.0,
            "NaP.g": 0.0,
            "Kdr.g": 100.0,
            "Kv1.g": 1.0,
            "KCa.g": 0.25,
            "CaL.g": 0.01,
            "CAN.g": 1.0,
            "CAN.E": 0.0,
            "leak.g": 0.1,
            "leak.E": -80.0,
            "ions.E_Na": 55.0,
            "ions.E_Ca": 80.0,
            "ions.K_o": 4.0,
            "ions.K_i": 140.0,
        },
        initial={
            "v": -80.0,
            "CaL.m": 1e-6,
            "CaL.h": 0.0,
            "Na.h": 0.0,
            "Kdr.n": 0.0,
            "Kv1.h": 1.0,
            "Ca": 0.0,
        },
        potassium=("Kdr.g", "Kv1.g"),
        small={"Ca": 1e-3},
    ),
    "BRK": Cell(
        source="Booth, Rinzel & Kiehn 1997 J Neurophysiol 78:3371; start: -60 mV in both "
        "compartments, gates at their steady state there, Ca 0",
        unit="uA/cm2",
        threshold=0.0,
        derivative=booth,
        parameters={
            "C": 1.0,
            "coupling.g": 0.1,
            "coupling.p": 0.1,
            "soma.Na.g": 120.0,
            "soma.Kdr.g": 100.0,
            "soma.CaN.g": 14.0,
            "soma.KCa.g": 5.0,
            "soma.leak.g": 0.51,
            "soma.leak.E": -60.0,
            "dendrite.CaN.g": 0.03,
            "dendrite.CaL.g": 0.33,
            "dendrite.KCa.g": 1.1,
            "dendrite.leak.g": 0.51,
            "dendrite.leak.E": -60.0,
            "ions.E_Na": 55.0,
            "ions.E_K": -80.0,
            "ions.E_Ca": 80.0,
        },
        initial=dict(
            zip(
                (
                    "soma.v",
                    "soma.Na.h",
                    "soma.Kdr.n",
                    "soma.CaN.m",
                    "soma.CaN.h",
                    "soma.Ca",
                    "dendrite.v",
                    "dendrite.CaN.m",
                    "dendrite.CaN.h",
                    "dendrite.CaL.m",
                    "dendrite.Ca",
                ),
                [-60.0, *_BOOTH_SOMA, 0.0, -60.0, *_BOOTH_DENDRITE, 0.0],
                strict=True,
            )
        ),
        potassium=("soma.Kdr.g",),
        small={"soma.Ca": 0.1, "dendrite.Ca": 0.1},
    ),
    "BENCH": Cell(
        source="six-state benchmark cell; parameter set k of 1024 has NaP.g 2k/1023 and K.g "
        "10 + 30k/1023; its constant bias of 2 uA/cm2 is written as a stimulus",
        unit="uA/cm2",
        threshold=0.0,
        derivative=benchmark,
        parameters={
            "C": 1.0,
            "Na.g": 120.0,
            "NaP.g": 0.0,
            "K.g": 10.0,
            "W.g": 2.0,
            "leak.g": 0.3,
            "leak.E": -65.0,
            "ions.E_Na": 55.0,
            "ions.E_K": -80.0,
        },
        initial={"v": -65.0, "Na.m": 0.05, "Na.h": 0.6, "K.n": 0.3, "NaP.p": 0.02, "W.w": 0.1},
        potassium=("K.g",),
    ),
}


# --------------------------------------------------------------------------------------------
# What is run.


@dataclass(frozen=True)
class Stimulus:
    """A current `amplitude` on [start, start + duration); a triangle rises to it and falls."""

    kind: str
    amplitude: float
    start: float
    duration: float

    def edges(self) -> list[float]:
        """Return the times at which the current or its slope jumps."""
        middle = [self.start + self.duration / 2] if self.kind == "triangle" else []
        return [self.start, *middle, self.start + self.duration]

    def line(self, t: float) -> tuple[float, float]:
        """Return offset and slope of the straight piece that holds at time t."""
        u = t - self.start
        if not 0.0 <= u < self.duration:
            return 0.0, 0.0
        if self.kind == "step":
            return self.amplitude, 0.0
        slope = 2.0 * self.amplitude / self.duration
        if u < self.duration / 2:
            return -slope * self.start, slope
        return slope * (self.start + self.duration), -slope


def step(amplitude: float, start: float, duration: float) -> Stimulus:
    """Return a constant current."""
    return Stimulus("step", amplitude, start, duration)


@dataclass(frozen=True)
class Case:
    """One simulation, and the numbers already stated for it, if any (`stated`).

    `windows` are intervals [start, stop) in which spikes are counted apart. `summary` keeps no
    list of spikes. `shape` adds the highest and the lowest voltage and their times.
    """

    name: str
    cell: str
    duration: float
    stimuli: tuple[Stimulus, ...] = ()
    scaled: Mapping[str, float] = field(default_factory=dict)
    replaced: Mapping[str, float] = field(default_factory=dict)
    windows: tuple[tuple[float, float], ...] = ()
    summary: bool = False
    shape: bool = False
    stated: Mapping[str, object] = field(default_factory=dict)
    note: str = ""

    def parameters(self) -> dict[str, float]:
        """Return the cell's parameters after the changes."""
        cell = CELLS[self.cell]
        p = dict(cell.parameters)
        for path, value in self.replaced.items():
            if path not in p:
                raise KeyError(f"{self.name}: no parameter {path!r}")
            p[path] = value
        for path, factor in self.scaled.items():
            for one in cell.potassium if path == "K.g" else (path,):
                p[one] *= factor
        return p


EXAMPLE = {"CAN.g": 1.0, "Kv1.g": 1.0, "KCa.g": 0.25}  # the published example set of MK
LATCH_PULSE = step(20.0, 500.0, 500.0)


def worked_cases() -> list[Case]:
    """Return the cases for which numbers have been stated before."""
    cases = [
        Case(
            "HH two steps",
            "HH",
            450.0,
            (step(10.0, 100.0, 100.0), step(35.0, 300.0, 100.0)),
            stated={
                "spikes": [
                    *(101.9012, 116.8227, 131.4719, 146.1091, 160.7453, 175.3816, 190.0178),
                    *(300.9286, 311.2867, 320.9835, 330.6199, 340.2467, 349.8720, 359.4970),
                    *(369.1219, 378.7469, 388.3718, 397.9968),
                ]
            },
        ),
        Case(
            "PB one spike",
            "PB",
            200.0,
            (step(1.0, 10.0, 1.0),),
            shape=True,
            stated={"spikes": [11.3846], "v_max": 19.893, "v_min": -78.1257, "t_min": 35.59},
        ),
    ]
    for amplitude, stated in {
        0.15: {"window_count": 0},
        0.22: {"window_count": 13},
        0.25: {"window_count": 33, "window_last_rate": 10.63},
        0.50: {"window_count": 54, "window_last_rate": 17.89},
        1.0: {"window_count": 70, "window_last_rate": 23.32},
        2.0: {"window_count": 108, "window_last_rate": 36.07},
    }.items():
        cases.append(
            Case(
                f"PB step {amplitude} nA",
                "PB",
                3100.0,
                (step(amplitude, 20.0, 3000.0),),
                windows=((20.0, 3020.0),),
                stated=stated,
            )
        )
    cases += [
        Case("PB published", "PB", 4000.0, stated={"count": 0}),
        Case("PB K x0.5", "PB", 4000.0, scaled={"K.g": 0.5}, stated={"last_rate": 6.4}),
        Case(
            "PB NaP x2 K x0.5",
            "PB",
            4000.0,
            scaled={"NaP.g": 2.0, "K.g": 0.5},
            stated={"last_rate": 10.3},
        ),
        Case(
            "PB NaP x4 K x0.5",
            "PB",
            4000.0,
            scaled={"NaP.g": 4.0, "K.g": 0.5},
            summary=True,
            stated={"last_rate": 9.8},
            note="after its first spike the cell creeps along an unstable depolarised state "
            "and leaves it at 0.38 to 0.49 s, when round-off decides: compare only the last "
            "rate",
        ),
        Case(
            "PB NaP x2 E_K -70",
            "PB",
            4000.0,
            scaled={"NaP.g": 2.0},
            replaced={"ions.E_K": -70.0},
            stated={"last_rate": 14.15},
        ),
        Case(
            "PB NaP x2 Kdr alone x0.5",
            "PB",
            4000.0,
            scaled={"NaP.g": 2.0, "Kdr.g": 0.5},
            stated={"count": 0},
        ),
        Case(
            "PB NaP x2 K x0.7",
            "PB",
            4000.0,
            scaled={"NaP.g": 2.0, "K.g": 0.7},
            windows=((2000.0, 4000.0),),
        ),
        Case(
            "PB NaP x2 K x0.5, 10 s",
            "PB",
            10000.0,
            scaled={"NaP.g": 2.0, "K.g": 0.5},
            windows=((2000.0, 10000.0),),
            stated={"window_rate": 10.27},
        ),
        Case(
            "MK triangle",
            "MK",
            10000.0,
            (Stimulus("triangle", 20.0, 0.0, 10000.0),),
            replaced={**EXAMPLE, "NaP.g": 0.0},
            summary=True,
            stated={"i_first": 10.3, "i_last": 5.0, "count": 1045, "rate_max": 213.6},
            note="slow passage through the threshold amplifies round-off: compare the count "
            "within 2 and the currents within 0.1 uA/cm2, not single spikes",
        ),
        Case(
            "MK NaP 0.1 step 15",
            "MK",
            1000.0,
            (step(15.0, 0.0, 1000.0),),
            replaced={**EXAMPLE, "NaP.g": 0.1},
            stated={"count": 191},
        ),
        Case(
            "MK pulse, K_o 4, NaP 0.5",
            "MK",
            4000.0,
            (LATCH_PULSE,),
            replaced={**EXAMPLE, "NaP.g": 0.5, "ions.K_o": 4.0},
            windows=((50.0, 500.0), (500.0, 1000.0), (3000.0, 4000.0)),
            stated={"window_count": 0},
            note="does not latch: fires on for about 1.53 s after the pulse, then stays silent",
        ),
        Case(
            "MK pulse, K_o 6, NaP 0.5",
            "MK",
            4000.0,
            (LATCH_PULSE,),
            replaced={**EXAMPLE, "NaP.g": 0.5, "ions.K_o": 6.0},
            windows=((50.0, 500.0), (500.0, 1000.0), (3000.0, 4000.0)),
            note="latched: fires on after the pulse, near 130 to 145 Hz",
        ),
        Case(
            "MK latch and inhibition",
            "MK",
            4000.0,
            (LATCH_PULSE, step(-5.0, 2000.0, 1000.0)),
            replaced={**EXAMPLE, "NaP.g": 0.5, "ions.K_o": 6.0},
            windows=((50.0, 500.0), (1000.0, 2000.0), (3000.0, 4000.0)),
            note="the same until 2 s, then -5 uA/cm2 for 1 s",
        ),
        Case(
            "MK pulse, K_o 6, NaP 0",
            "MK",
            3000.0,
            (LATCH_PULSE,),
            replaced={**EXAMPLE, "NaP.g": 0.0, "ions.K_o": 6.0},
            windows=((50.0, 500.0), (500.0, 1000.0), (1500.0, 3000.0)),
        ),
        Case(
            "MK pulse, K_o 6, NaP 0.5, no CAN",
            "MK",
            3000.0,
            (LATCH_PULSE,),
            replaced={**EXAMPLE, "CAN.g": 0.0, "NaP.g": 0.5, "ions.K_o": 6.0},
            windows=((50.0, 500.0), (500.0, 1000.0), (1500.0, 3000.0)),
        ),
    ]
    for amplitude, count, rate in ((6.0, 53, 13.02), (10.0, 107, 26.43), (20.0, 199, 49.47)):
        cases.append(
            Case(
                f"BRK step {amplitude:g}",
                "BRK",
                4000.0,
                (step(amplitude, 0.0, 4000.0),),
                stated={"count": count, "last_rate": rate},
            )
        )
    for where, paths in {
        "soma": ("soma.KCa.g",),
        "dendrite": ("dendrite.KCa.g",),
        "both": ("soma.KCa.g", "dendrite.KCa.g"),
        "published": (),
    }.items():
        cases.append(
            Case(
                f"BRK 5-HT {where}",
                "BRK",
                7000.0,
                (step(2.0, 0.0, 7000.0), step(20.0, 3000.0, 1000.0)),
                scaled=dict.fromkeys(paths, 0.6),
                windows=((1000.0, 3000.0), (5000.0, 7000.0)),
                note="pulse of 20 on top of a holding current of 2",
            )
        )
    for k, spikes in {
        0: [],
        100: [],
        200: [],
        400: [14.99545, 105.96059, 197.05413],
        512: [9.51341, 90.17741, 171.17972],
        1023: [4.03820, 6.69043],
    }.items():
        cases.append(bench_case(k, {"spikes": spikes}))
    return cases


def bench_case(k: int, stated: Mapping[str, object]) -> Case:
    """Return parameter set k of the benchmark cell."""
    return Case(
        f"BENCH k {k}",
        "BENCH",
        200.0,
        (step(2.0, 0.0, 200.0),),
        replaced={"NaP.g": 2.0 * k / 1023.0, "K.g": 10.0 + 30.0 * k / 1023.0},
        stated=stated,
    )


def further_cases() -> list[Case]:
    """Return points off the grids above, so that no table of answers can pass."""

    def pb(name, duration, stimuli=(), scaled=None, replaced=None) -> Case:
        return Case(f"PB {name}", "PB", duration, stimuli, scaled or {}, replaced or {})

    def mk(name, duration, stimuli, scaled=None, **replaced) -> Case:
        paths = {"NaP": "NaP.g", "KCa": "KCa.g", "CAN": "CAN.g", "Kv1": "Kv1.g"}
        values = {paths.get(key, f"ions.{key}"): value for key, value in replaced.items()}
        return Case(f"MK {name}", "MK", duration, stimuli, scaled or {}, {**EXAMPLE, **values})

    def brk(name, duration, stimuli, scaled=None, replaced=None) -> Case:
        return Case(f"BRK {name}", "BRK", duration, stimuli, scaled or {}, replaced or {})

    def hh(name, duration, stimuli, scaled=None, replaced=None) -> Case:
        return Case(f"HH {name}", "HH", duration, stimuli, scaled or {}, replaced or {})

    return [
        pb("NaP x1.3, 0.33 nA", 2500.0, (step(0.33, 100.0, 2000.0),), {"NaP.g": 1.3}),
        pb("K x0.8, 0.7 nA", 2000.0, (step(0.7, 50.0, 1500.0),), {"K.g": 0.8}),
        pb("K_o 5.5", 3000.0, replaced={"ions.K_o": 5.5}),
        pb("K_o 3.5, 1.2 nA", 1500.0, (step(1.2, 37.3, 1200.0),), replaced={"ions.K_o": 3.5}),
        pb("NaP 0.125, K x0.6", 3000.0, (), {"K.g": 0.6}, {"NaP.g": 0.125}),
        pb("NaP x1.7, K_o 5.2", 3000.0, (), {"NaP.g": 1.7}, {"ions.K_o": 5.2}),
        pb("NaP x2.3, K_o 5", 3000.0, (), {"NaP.g": 2.3}, {"ions.K_o": 5.0}),
        pb("NaP x1.6, K_o 6.5", 3000.0, (), {"NaP.g": 1.6}, {"ions.K_o": 6.5}),
        pb("K x0.55, K_o 4.8", 3000.0, (), {"K.g": 0.55}, {"ions.K_o": 4.8}),
        pb("NaP x3, K x1.2, 0.2 nA", 2000.0, (step(0.2, 0.0, 2e3),), {"NaP.g": 3, "K.g": 1.2}),
        pb("Kdr x0.6, 0.45 nA", 2000.0, (step(0.45, 10.0, 1900.0),), {"Kdr.g": 0.6}),
        pb("A x0.4, 0.9 nA", 1500.0, (step(0.9, 20.0, 1400.0),), {"A.g": 0.4}),
        pb("SK x0.5, 1.6 nA", 1500.0, (step(1.6, 20.0, 1400.0),), {"SK.g": 0.5}),
        pb("K_o 7, 0.2 nA", 1500.0, (step(0.2, 200.0, 1000.0),), replaced={"ions.K_o": 7.0}),
        pb("two steps", 1200.0, (step(0.6, 50.0, 800.0), step(-0.5, 300.0, 150.0))),
        pb("inhibition", 600.0, (step(-0.4, 100.0, 250.0),), replaced={"ions.K_o": 4.4}),
        mk("NaP 0, step 14", 1000.0, (step(14.0, 50.0, 900.0),), NaP=0.0),
        mk("NaP 0.3, step 7.5", 1000.0, (step(7.5, 30.0, 700.0),), NaP=0.3),
        mk("NaP 0.2, K_o 5, step 9", 800.0, (step(9.0, 100.0, 600.0),), NaP=0.2, K_o=5.0),
        mk("NaP 0.7, K_o 3.5, step 11", 800.0, (step(11.0, 50.0, 700.0),), NaP=0.7, K_o=3.5),
        mk("NaP 0.4, K_o 7, step 4", 600.0, (step(4.0, 50.0, 500.0),), NaP=0.4, K_o=7.0),
        mk("NaP 0.1, KCa 1, step 18", 500.0, (step(18.0, 25.0, 450.0),), NaP=0.1, KCa=1.0),
        mk("NaP 0.15, no CAN, step 8", 1000.0, (step(8.0, 50.0, 900.0),), NaP=0.15, CAN=0.0),
        mk("NaP 0.2, step 3", 500.0, (step(3.0, 50.0, 400.0),), NaP=0.2),
        mk(
            "NaP 0.25, K x0.7, triangle",
            1000.0,
            (Stimulus("triangle", 16.0, 50.0, 900.0),),
            {"K.g": 0.7},
            NaP=0.25,
        ),
        brk("step 8, CaL x1.2", 2000.0, (step(8.0, 100.0, 1800.0),), {"dendrite.CaL.g": 1.2}),
        brk("step 15, KCa x0.7", 1500.0, (step(15.0, 50.0, 1400.0),), {"soma.KCa.g": 0.7}),
        brk("step 25", 1000.0, (step(25.0, 20.0, 900.0),)),
        brk(
            "step 12, g_c 0.2", 1500.0, (step(12.0, 0.0, 1500.0),), replaced={"coupling.g": 0.2}
        ),
        brk("step 3.5", 1000.0, (step(3.5, 100.0, 800.0),)),
        brk(
            "Kdr x0.8, E_K -75, step 9",
            1500.0,
            (step(9.0, 30.0, 1400.0),),
            {"K.g": 0.8},
            {"ions.E_K": -75.0},
        ),
        hh("brief pulse", 60.0, (step(20.0, 5.0, 0.6),)),
        hh("step 7.3", 250.0, (step(7.3, 10.0, 220.0),)),
        hh("step 2", 150.0, (step(2.0, 10.0, 120.0),)),
        hh("Kdr x0.8, step 12.5", 200.0, (step(12.5, 20.0, 160.0),), {"K.g": 0.8}),
        hh(
            "Na x0.85, E_K -72, step 18",
            200.0,
            (step(18.0, 7.7, 180.0),),
            {"Na.g": 0.85},
            {"ions.E_K": -72.0},
        ),
        hh("rebound", 120.0, (step(-12.0, 10.0, 30.0),)),
        hh("triangle 40", 250.0, (Stimulus("triangle", 40.0, 20.0, 200.0),)),
        *(bench_case(k, {}) for k in (300, 600, 700, 900)),
    ]


# --------------------------------------------------------------------------------------------
# How it is run.


@dataclass(frozen=True)
class Method:
    """A SciPy integrator and its tolerance (relative, and absolute per unit of each scale)."""

    solver: type
    tolerance: float

    def __str__(self) -> str:
        return f"{self.solver.__name__} {self.tolerance:g}"


REFERENCE = Method(DOP853, 1e-11)
CONTROL = Method(LSODA, 1e-11)


@dataclass
class Trace:
    """What one integration leaves behind."""

    spikes: list[float] = field(default_factory=list)
    voltages: list[float] = field(default_factory=list)
    extrema: list[tuple[float, float]] = field(default_factory=list)


def _applied(stimuli: Sequence[Stimulus], t: float) -> Callable[[float], float]:
    pieces = [stimulus.line(t) for stimulus in stimuli]
    offset, slope = sum(a for a, _ in pieces), sum(b for _, b in pieces)
    if slope == 0.0:
        return lambda t: offset
    return lambda t: offset + slope * t


def integrate(case: Case, method: Method, samples: Sequence[float]) -> Trace:
    """Integrate a case once; `samples` are the times at which the voltage is kept."""
    cell, p = CELLS[case.cell], case.parameters()
    y = np.array(list(cell.initial.values()))
    edges = {e for s in case.stimuli for e in s.edges() if 0.0 < e < case.duration}
    times = [0.0, *sorted(edges), case.duration]
    trace = Trace()
    queue = list(samples)
    armed = y[0] < cell.threshold
    for t0, t1 in itertools.pairwise(times):
        f = cell.derivative(p, _applied(case.stimuli, 0.5 * (t0 + t1)))
        tol = method.tolerance
        solver = method.solver(f, t0, y, t1, rtol=tol, atol=cell.atol(tol), max_step=MAX_STEP)
        v = y[0]
        slope = f(t0, y)[0] if case.shape else 0.0
        while solver.status == "running":
            message = solver.step()
            if solver.status == "failed":
                raise RuntimeError(f"{case.name}: {message}")
            before, v = v, solver.y[0]
            if armed and before < cell.threshold <= v:
                trace.spikes.append(_root(solver, lambda t, y: y[0] - cell.threshold))
                armed = False
            armed = armed or v < cell.threshold - ARM_BELOW
            while queue and queue[0] <= solver.t:
                trace.voltages.append(float(solver.dense_output()(queue.pop(0))[0]))
            if case.shape:
                previous, slope = slope, f(solver.t, solver.y)[0]
                if previous * slope < 0.0:
                    t = _root(solver, lambda t, y, f=f: f(t, y)[0])
                    trace.extrema.append((t, float(solver.dense_output()(t)[0])))
        y = solver.y
    return trace


def _root(solver, g: Callable[[float, np.ndarray], float]) -> float:
    dense = solver.dense_output()
    return brentq(lambda t: g(t, dense(t)), solver.t_old, solver.t, xtol=1e-11, rtol=1e-14)


def rates(spikes: Sequence[float]) -> dict[str, float]:
    """Return count, mean rate and last rate [Hz]."""
    n = len(spikes)
    if n < 2:
        return {"count": n, "rate": 0.0, "last_rate": 0.0}
    return {
        "count": n,
        "rate": round(1e3 * (n - 1) / (spikes[-1] - spikes[0]), 6),
        "last_rate": round(1e3 / (spikes[-1] - spikes[-2]), 6),
    }


def compute(case: Case) -> dict:
    """Run a case with both methods and return its entry."""
    cell = CELLS[case.cell]
    samples = [round(x, 6) for x in np.linspace(0.0, case.duration, 21)[1:]]
    a, b = (integrate(case, method, samples) for method in (REFERENCE, CONTROL))
    n = min(len(a.spikes), len(b.spikes))
    difference = np.abs(np.subtract(a.spikes[:n], b.spikes[:n]))
    entry: dict = {
        "name": case.name,
        "cell": case.cell,
        "scaled": dict(case.scaled),
        "replaced": dict(case.replaced),
        "stimuli": [
            {
                "kind": s.kind,
                "amplitude": s.amplitude,
                "unit": cell.unit,
                "start": s.start,
                "duration": s.duration,
            }
            for s in case.stimuli
        ],
        "duration": case.duration,
        "spike_threshold": cell.threshold,
        **rates(a.spikes),
    }
    if case.summary:
        entry |= {
            "first_spike": round(a.spikes[0], 7),
            "last_spike": round(a.spikes[-1], 7),
            "rate_max": round(1e3 / float(np.diff(a.spikes).min()), 4),
        }
    if case.summary and case.stimuli:
        current = [float(_current(case, t)) for t in (a.spikes[0], a.spikes[-1])]
        entry |= {"i_first": round(current[0], 5), "i_last": round(current[1], 5)}
    else:
        entry["spikes"] = [round(t, 7) for t in a.spikes]
    entry["spike_error"] = float(f"{difference.max():.1e}") if n else 0.0
    if len(a.spikes) != len(b.spikes):
        entry["count_uncertainty"] = abs(len(a.spikes) - len(b.spikes))
    if case.windows:
        entry["windows"] = [
            {"start": w0, "stop": w1} | rates([t for t in a.spikes if w0 <= t < w1])
            for w0, w1 in case.windows
        ]
    if not a.spikes or case.duration <= 600.0:
        error = np.abs(np.subtract(a.voltages, b.voltages)).max()
        entry["voltage"] = {
            "t": samples,
            "v": [round(v, 6) for v in a.voltages],
            "error": float(f"{error:.1e}"),
        }
    if case.shape:
        (t_max, v_max), (t_min, v_min) = (
            choose(a.extrema, key=lambda point: point[1]) for choose in (max, min)
        )
        entry["shape"] = {
            "t_max": round(t_max, 6),
            "v_max": round(v_max, 6),
            "t_min": round(t_min, 6),
            "v_min": round(v_min, 6),
        }
    if case.stated:
        entry["stated"] = dict(case.stated)
    if case.note:
        entry["note"] = case.note
    return entry


def _current(case: Case, t: float) -> float:
    return sum(offset + slope * t for offset, slope in (s.line(t) for s in case.stimuli))


def compare(entry: Mapping) -> list[str]:
    """Return one line for every stated number that the run does not reproduce as printed."""
    window = entry.get("windows", [{}])[-1]
    found = {
        **entry,
        **entry.get("shape", {}),
        **{f"window_{key}": value for key, value in window.items()},
    }
    lines = []
    for key, stated in entry.get("stated", {}).items():
        pairs = list(zip(stated, found[key], strict=False)) if key == "spikes" else None
        if pairs is not None and len(stated) != len(found[key]):
            lines.append(f"{len(found[key])} spikes, stated {len(stated)}")
        for one, value in pairs if pairs is not None else [(stated, found[key])]:
            digits = len(repr(one).partition(".")[2]) if isinstance(one, float) else 0
            if abs(value - one) > 0.5001 * 10.0**-digits:
                lines.append(f"{key} {value}, stated {one}")
    return lines


# --------------------------------------------------------------------------------------------
# Equilibria and Hopf points.


def jacobian(f: Derivative, y: Sequence[float], scale: Sequence[float]) -> np.ndarray:
    """Return df/dy by fourth-order central differences."""
    columns = []
    for k, size in enumerate(scale):
        h = 1e-3 * size

        def at(shift: float, k: int = k) -> np.ndarray:
            moved = np.array(y, dtype=float)
            moved[k] += shift
            return np.array(f(0.0, moved))

        columns.append((8.0 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h))
    return np.array(columns).T


def equilibria(case: Case, steady: Callable[[float, Mapping[str, float]], State]) -> dict:
    """Return every equilibrium of a one-compartment cell without current, and its stability."""
    cell, p = CELLS[case.cell], case.parameters()
    f = cell.derivative(p, lambda t: 0.0)

    def net(v: float) -> float:
        return f(0.0, [v, *steady(v, p)])[0]

    grid = np.linspace(-95.0, 20.0, 2301)
    values = [net(float(v)) for v in grid]
    points = []
    for k in range(len(grid) - 1):
        if values[k] * values[k + 1] < 0.0:
            v = brentq(net, grid[k], grid[k + 1], xtol=1e-12, rtol=1e-14)
            y = [v, *steady(v, p)]
            scale = [1.0 if n == "v" else 0.01 * cell.small.get(n, 1.0) for n in cell.initial]
            if "Ca" in cell.initial:
                scale[-1] = 0.1 * y[-1]
            growth = np.linalg.eigvals(jacobian(f, y, scale)).real.max()
            points.append(
                {
                    "state": {
                        name: float(f"{value:.12g}")
                        for name, value in zip(cell.initial, y, strict=True)
                    },
                    "stable": bool(growth < 0.0),
                    "growth": float(f"{growth:.6g}"),
                }
            )
    return {
        "name": case.name,
        "cell": case.cell,
        "scaled": dict(case.scaled),
        "replaced": dict(case.replaced),
        "points": points,
    }


def booth_equilibrium() -> dict:
    """Return the rest state of the two-compartment cell without current."""
    cell = CELLS["BRK"]
    p = cell.parameters
    f = cell.derivative(p, lambda t: 0.0)

    def state(v: Sequence[float]) -> State:
        vs, vd = (float(x) for x in v)
        soma, dendrite = booth_gates(vs, vd)
        e_ca = p["ions.E_Ca"]
        i_cs = p["soma.CaN.g"] * soma[2] ** 2 * soma[3] * (vs - e_ca)
        g_d = p["dendrite.CaN.g"] * dendrite[0] ** 2 * dendrite[1]
        i_cd = (g_d + p["dendrite.CaL.g"] * dendrite[2]) * (vd - e_ca)
        return [vs, *soma, -0.009 * i_cs / 2.0, vd, *dendrite, -0.009 * i_cd / 2.0]

    def net(v: Sequence[float]) -> State:
        derivative = f(0.0, state(v))
        return [derivative[0], derivative[6]]

    v = fsolve(net, [-60.0, -60.0], xtol=1e-14)
    y = state(v)
    scale = [1.0 if n.endswith(".v") else 1e-3 for n in cell.initial]
    growth = np.linalg.eigvals(jacobian(f, y, scale)).real.max()
    return {
        "name": "BRK rest",
        "cell": "BRK",
        "scaled": {},
        "replaced": {},
        "points": [
            {
                "state": {
                    name: float(f"{x:.12g}") for name, x in zip(cell.initial, y, strict=True)
                },
                "stable": bool(growth < 0.0),
                "growth": float(f"{growth:.6g}"),
            }
        ],
    }


def hopf_points() -> list[dict[str, float]]:
    """Return currents and voltages at which HH's equilibrium meets purely imaginary pairs."""
    p = CELLS["HH"].parameters
    f = hodgkin_huxley(p, lambda t: 0.0)

    def growth(v: float) -> float:
        y = [v, *hodgkin_huxley_steady(v, p)]
        values = np.linalg.eigvals(jacobian(f, y, [1.0, 0.01, 0.01, 0.01]))
        return float(values[np.abs(values.imag) > 1e-6].real.max())

    points = []
    for low, high in ((-62.0, -57.0), (-45.0, -41.0)):
        v = brentq(growth, low, high, xtol=1e-11)
        current = -f(0.0, [v, *hodgkin_huxley_steady(v, p)])[0]
        points.append({"i": round(current, 7), "v": round(v, 7)})
    return points


def steady_values() -> dict:
    """Return equilibria of the cells and the Hopf points of HH."""
    one = [
        (Case("HH rest", "HH", 0.0), hodgkin_huxley_steady),
        (Case("PB rest", "PB", 0.0), purvis_butera_steady),
        (Case("PB rest K_o 5", "PB", 0.0, replaced={"ions.K_o": 5.0}), purvis_butera_steady),
        (Case("PB rest NaP x2", "PB", 0.0, scaled={"NaP.g": 2.0}), purvis_butera_steady),
        (Case("PB rest K x0.7", "PB", 0.0, scaled={"K.g": 0.7}), purvis_butera_steady),
        (
            Case("PB no rest", "PB", 0.0, scaled={"NaP.g": 2.0, "K.g": 0.5}),
            purvis_butera_steady,
        ),
        (Case("MK rest", "MK", 0.0, replaced={**EXAMPLE, "NaP.g": 0.0}), molkov_steady),
        (
            Case(
                "MK rest K_o 6, NaP 0.5",
                "MK",
                0.0,
                replaced={**EXAMPLE, "NaP.g": 0.5, "ions.K_o": 6.0},
            ),
            molkov_steady,
        ),
    ]
    return {
        "equilibria": [*(equilibria(case, f) for case, f in one), booth_equilibrium()],
        "hopf": hopf_points(),
    }


ABOUT = {
    "layout": "cells: source, unit of current, threshold [mV], parameters and initial state of "
    "each; cases: one simulation each; equilibria: without current, with their stability "
    "(growth in 1/ms); hopf: current and voltage of the Hopf points of HH",
    "case": "replaced = values, then scaled = factors on top; start from the cell's initial "
    "state; times in ms, rates in Hz, voltages in mV; spikes = all upward crossings; "
    "spike_error = largest difference between the two integrators; voltage = samples, with "
    "their error; "
    "cases whose single spikes depend on round-off keep a summary in place of spikes",
    "stated": "numbers given elsewhere for the same run, to the digits printed; window_ marks "
    "the last of the case's windows",
    "made_by": "tests/data/make_references.py",
}


def write(path: Path, content: Mapping) -> None:
    """Write one case per line, so that a change shows as the lines it changes."""
    lines = ["{"]
    for number, (key, value) in enumerate(content.items()):
        last = "" if number == len(content) - 1 else ","
        if isinstance(value, list):
            rows = ",\n".join("  " + json.dumps(row, separators=(",", ":")) for row in value)
            lines.append(f" {json.dumps(key)}: [\n{rows}\n ]{last}")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}{last}")
    path.write_text("\n".join([*lines, "}"]) + "\n", encoding="utf-8")


def main() -> None:
    """Compute every case and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="text that a case's name must contain")
    only = parser.parse_args().only
    started = time.perf_counter()
    cases = [case for case in [*worked_cases(), *further_cases()] if only in case.name]
    entries = []
    for case in cases:
        before = time.perf_counter()
        entry = compute(case)
        entries.append(entry)
        print(
            f"{case.name:32s} {entry['count']:5d} spikes {entry['rate']:9.4f} Hz, last "
            f"{entry['last_rate']:9.4f} Hz, error {entry['spike_error']:.0e} ms, "
            f"{time.perf_counter() - before:5.1f} s",
            flush=True,
        )
        for window in entry.get("windows", []):
            print(f"    window {window}")
        for line in compare(entry):
            print(f"    DIFFERS: {line}")
        if "count_uncertainty" in entry:
            print(f"    the methods differ by {entry['count_uncertainty']} spikes")
    if only:
        return
    cells = {
        key: {
            "source": cell.source,
            "unit": cell.unit,
            "spike_threshold": cell.threshold,
            "parameters": dict(cell.parameters),
            "initial": {name: float(f"{x:.12g}") for name, x in cell.initial.items()},
        }
        for key, cell in CELLS.items()
    }
    content = {
        "about": {**ABOUT, "reference": str(REFERENCE), "control": str(CONTROL)},
        "cells": [{"cell": key, **value} for key, value in cells.items()],
        **steady_values(),
        "cases": entries,
    }
    path = Path(__file__).with_name("references.json")
    write(path, content)
    print(f"{path.name}: {len(entries)} cases, {path.stat().st_size / 1e3:.0f} kB", end=", ")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
