"""A small pool against SciPy on equations that are written out here once more.

All acts at its time there: potassium and facilitation are states among others, spikes are
events that make them jump and set off pulses at the other end of the axon. The pool steps what
units share once per ms and tells cells of it once per window: that is left between the two.
"""

import heapq
from itertools import chain
from math import exp, log

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from mnexcite import motor_pool as mp

#: Without noise, kicks and tendon organs; potassium and afferents that matter within 200 ms.
POOL = mp.cramping_pool(2, seed=4).replaced(
    {
        "noise.own": 0.0,
        "noise.loop": 0.0,
        "noise.loop_common": 0.0,
        "effort.own": 0.0,
        "effort.common": 0.0,
        "twitches.rate": 0.0,
        "golgi.gain": 0.0,
        "potassium.release": 0.2,
        "afferent.half": 4.5,
        "afferent.slope": 0.2,
        "afferent.rise": 600.0,
        "sensitisation.rise": 1e-4,
    }
)
UNITS, STIMULI, END = 2, (30.0, 62.0, 69.0), 110.0
#: Effort [ms, mS/cm2]: what is said at each ms is straight between.
EFFORT = (4.0, 5.0, 119.0, 120.0), (0.0, 0.12, 0.12, 0.0)
DRIVE = (
    mp.length(-1.0)
    + mp.effort(0.12, start=5.0, duration=115.0)
    + mp.train(1000.0 / 32.0, count=2, start=STIMULI[0])
    + mp.train(10.0, count=1, start=STIMULI[2])
)
SOMA = ("v", "Ca", "Cs", "facilitation", "Na.h", "NaP.s", "Kdr.n", "CaN.m", "CaN.h", "KM.w")
TERMINAL = ("v", "K_o", "Na.h", "NaP.s", "Kdr.n", "KM.w")


def s(v, half, slope):
    return 1.0 / (1.0 + exp(-(v - half) / slope))


def bell(v, scale, a, b, c, d):
    return scale / (exp((v - a) / b) + exp(-(v - c) / d))


def spike_gates(v, h, slow, n, w):
    """Return the slopes of the gates that both ends of an axon have."""
    a = 0.001 * exp((-85.0 - v) / 30.0)
    tau = 1.0 / (a + 0.0034 * s(v, -17.0, 10.0))
    yield (s(v, -55.0, -7.0) - h) / bell(v, 30.0, -50.0, 15.0, -50.0, 16.0)
    yield (a * tau + 0.4 * (1.0 - a * tau) - slow) / tau
    yield (s(v, -28.0, 15.0) - n) / bell(v, 7.0, -40.0, 40.0, -50.0, 50.0)
    open_w = 3.3 * exp((v + 35.0) / 20.0) + exp(-(v + 35.0) / 20.0)
    yield (s(v, -35.0, 10.0) - w) * open_w / 400.0


class Truth:
    """The pool as one system of equations with events."""

    def __init__(self, pool):
        self.n = {name: p.value for name, p in pool.numbers.items()}
        # of each unit, as plain floats: Python is quicker on those than NumPy on two units
        self.soma, self.terminal = (
            [self.numbers(pool, part, u) for u in range(UNITS)] for part in mp.PARTS
        )
        self.units, self.shares = pool.units, pool.shares
        rest = mp.run.resting(pool)
        states = [rest.soma[p] for p in SOMA] + [rest.terminal[p] for p in TERMINAL]
        shared = [self.n["potassium.rest"], 0.0, 0.0, 0.0, 0.0]
        self.y = np.concatenate([*states, shared])
        # what comes when: (time, kind, unit)
        self.coming = [(t, "stimulus", u) for t in STIMULI for u in range(UNITS)]
        self.coming += [(t, "edge", 0) for t in EFFORT[0]]
        heapq.heapify(self.coming)
        self.current = np.zeros((2, UNITS))
        self.arrived = np.full((2, UNITS), -np.inf)
        self.armed, self.met = np.ones((2, UNITS), bool), 0
        self.spikes = {
            "soma": [[] for _ in range(UNITS)],
            "terminal": [[] for _ in range(UNITS)],
        }

    @staticmethod
    def numbers(pool, part, u):
        found = {p: x.value for p, x in getattr(pool, part).parameters.items()}
        for path, each in getattr(pool.units, part).items():
            x = float(each[u])
            found[path] = found[path] + x if path.endswith(".E") else found[path] * x
        return found

    def slopes(self, t, y):
        n, y = self.n, y.tolist()
        K, P, A, M, Q = y[16 * UNITS :]
        half = n["afferent.half"] - n["afferent.sensitised"] * M
        gate = 1.0 / (1.0 + exp(-(K - half) / n["afferent.slope"]))
        fills = gate * max(0.0, n["afferent.most"] - A) / n["afferent.rise"]
        effort = float(np.interp(t, *EFFORT))
        ends = 10 * UNITS
        somas = [self.soma_slopes(u, y[u:ends:UNITS], effort, fills) for u in range(UNITS)]
        terminals = [
            self.terminal_slopes(u, y[ends + u : 16 * UNITS : UNITS], K) for u in range(UNITS)
        ]
        over, tau_A = K - n["potassium.rest"], self.soma[0]["facilitation.tau"]
        d_shared = [
            -over * (1.0 + n["pump.gain"] * P) / n["potassium.tau"],
            -P / n["pump.tau"],
            fills - A / tau_A,
            n["sensitisation.rise"] * A * (1.0 - M) - M / n["sensitisation.tau"],
            -Q / n["noise.activity"],
        ]
        rows = [*zip(*somas, strict=True), *zip(*terminals, strict=True)]
        return [*chain.from_iterable(rows), *d_shared]

    def soma_slopes(self, u, y, effort, fills):
        p, full = self.soma[u], 8.0
        v, ca, cs, f, h, slow, k, m, hn, w = y
        E_K = 26.73 * log(4.0 / 140.0)
        I_N = p["CaN.g"] * m**2 * hn * (v - 80.0)
        out = (
            p["Na.g"] * s(v, -35.0, 7.8) ** 3 * h * (v - 55.0)
            + p["NaP.g"] * s(v, -52.3, 6.8) * slow * (v - 55.0)
            + p["Kdr.g"] * k**4 * (v - E_K)
            + I_N
            + p["KM.g"] * w * (v - E_K)
            + p["SK.g"] * ca**2 / (ca**2 + p["SK.z.half"] ** 2) * (v - E_K)
            + p["CAN.g"] / (1.0 + 8.0 * full) * (1.0 + 8.0 * f)
            * cs**2 / (cs**2 + p["CAN.z.half"] ** 2) * v
            + p["afferent.g"] / full * f * v
            + p["leak.g"] * (v - p["leak.E"])
            + effort * v
        )  # fmt: skip
        h_, s_, n_, w_ = spike_gates(v, h, slow, k, w)
        return [
            self.current[0, u] - out,
            -p["Ca.alpha"] * I_N - ca / p["Ca.tau"],
            -p["Cs.alpha"] * I_N - cs / p["Cs.tau"],
            self.units.afferent[u] * fills - f / p["facilitation.tau"],
            h_,
            s_,
            n_,
            (s(v, -30.0, 5.0) - m) / 4.0,
            (s(v, -45.0, -5.0) - hn) / 40.0,
            w_,
        ]

    def terminal_slopes(self, u, y, K):
        q = self.terminal[u]
        v, c, h, slow, k, w = y
        E_K = 26.73 * log(c / 140.0)
        I_K = (q["Kdr.g"] * k**4 + q["KM.g"] * w) * (v - E_K)
        I_K = I_K + q["leakK.g"] * (v - q["leakK.E"] - 26.73 * log(c / 4.0))
        out = (
            I_K
            + q["Na.g"] * s(v, -35.0, 7.8) ** 3 * h * (v - 55.0)
            + q["NaP.g"] * s(v, -52.3, 6.8) * slow * (v - 55.0)
            + q["leak.g"] * (v - q["leak.E"])
        )
        moved = 3e-5 * I_K - (c - K) / 2500.0
        return [self.current[1, u] - out, moved, *spike_gates(v, h, slow, k, w)]

    def run(self):
        t = 0.0
        places = [(end, u, (0, 10)[end] * UNITS + u) for end in range(2) for u in range(UNITS)]
        while t < END:
            stop = min(END, self.coming[0][0]) if self.coming else END
            if stop > t:
                events = []
                for end, u, place in places:
                    up = self.armed[end, u]

                    def crosses(t, y, place=place, level=-10.0 if up else -20.0):
                        return y[place] - level

                    crosses.terminal, crosses.direction = True, 1.0 if up else -1.0
                    events.append(crosses)
                found = solve_ivp(
                    self.slopes, (t, stop), self.y, "LSODA", events=events, rtol=1e-6, atol=1e-8
                )
                t, self.y = float(found.t[-1]), found.y[:, -1]
                for (end, u, _), times in zip(places, found.t_events, strict=True):
                    if times.size:
                        self.crossed(end, u, t)
            while self.coming and self.coming[0][0] <= t:
                self.comes(*heapq.heappop(self.coming))
        return self

    def crossed(self, end, u, t):
        armed = self.armed[end, u]
        self.armed[end, u] = not armed
        if not armed:
            return
        self.spikes[mp.PARTS[end]][u].append(t)
        if end == 1:  # the muscle's spike
            K = self.y[16 * UNITS :]
            share, rest = self.shares[u], self.n["potassium.rest"]
            room = 1.0 - (K[0] - rest) / (self.n["potassium.ceiling"] - rest)
            K[0] += self.n["potassium.release"] * share * max(0.0, room)
            K[1] += 1000.0 * share / self.n["pump.rate"] / self.n["pump.tau"]
            K[4] += 1000.0 * share / self.n["noise.activity"]
        if t - self.arrived[end, u] <= self.n["axon.echo"]:
            return
        # one that is on its way here, and is met
        other = ("up", "down")[end]
        met = [x for x in self.coming if x[1] == other and x[2] == u]
        if met:
            self.met += 1
            self.coming.remove(min(met))
            heapq.heapify(self.coming)
        else:
            way = ("down", "up")[end]
            heapq.heappush(self.coming, (t + self.units.delay[u], way, u))

    def comes(self, t, kind, u):
        if kind == "edge":
            return
        if kind in ("off soma", "off terminal"):
            end = mp.PARTS.index(kind[4:])
            self.current[end, u] -= (60.0, 80.0)[end]
        else:
            end = 0 if kind == "up" else 1
            self.current[end, u] += (60.0, 80.0)[end]
            if kind != "stimulus":
                self.arrived[end, u] = t
            heapq.heappush(self.coming, (t + (1.0, 0.5)[end], f"off {mp.PARTS[end]}", u))


@pytest.fixture(scope="module")
def truth():
    return Truth(POOL).run()


@pytest.mark.parametrize(
    ("window", "tolerance", "most", "middle"), [(1, 1e-7, 0.04, 2e-4), (10, None, 0.5, 1e-3)]
)
def test_a_pool_spikes_when_scipy_says(truth, window, tolerance, most, middle):
    run = mp.contract(POOL, DRIVE, duration=END, window=window, tolerance=tolerance, threads=1)
    off = []
    for part, trains in (("soma", run.somas), ("terminal", run.terminals)):
        for found, known in zip(trains, truth.spikes[part], strict=True):
            assert found.size == len(known) >= 4
            off += [*np.abs(found - known)]
    # by what units share: most spikes hardly feel it so soon, the last do
    assert max(off) < most
    assert np.median(off) < middle
    assert np.mean(np.array(off) < 5e-3) > 0.8
    assert truth.met == 3
    shared = [run.shared[name][-1] for name in run.shared]
    np.testing.assert_allclose(shared, truth.y[16 * UNITS :], rtol=0.05, atol=1e-4)
