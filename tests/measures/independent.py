"""Right-hand sides of published cells from the tests' own transcription, for SciPy."""

import sys
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp

sys.path.insert(0, str(Path(__file__).parents[1] / "cells"))
from published_equations import CALCIUM_GATES, GATES, INITIAL, NUMBERS

#: channel -> (reversal's name in NUMBERS, its gates with their powers)
CHANNELS = {
    "hodgkin_huxley_1952": {"Na": {"m": 3, "h": 1}, "Kdr": {"n": 4}, "leak": {}},
    "purvis_butera_2005": {
        "Na": {"m": 3, "h": 1},
        "NaP": {"m": 1, "h": 1},
        "Kdr": {"n": 4},
        "A": {"m": 1, "h": 1},
        "SK": {"z": 2},
        "CaT": {"m": 1, "h": 1},
        "CaN": {"m": 1, "h": 1},
        "CaP": {"m": 1},
        "h": {"m": 1},
        "leak": {},
    },
}
THRESHOLD = {"hodgkin_huxley_1952": 0.0, "purvis_butera_2005": -10.0}


class Independent:
    """One published cell with factors on conductances; y is v, calcium if any, gates."""

    def __init__(self, name, **factors):
        self.name, numbers = name, NUMBERS[name]
        self.C = numbers["C"][0]
        self.g = {c: numbers[f"{c}.g"][0] * factors.get(c, 1.0) for c in CHANNELS[name]}
        self.E = {c: numbers[f"{c}.E"][0] for c in CHANNELS[name]}
        self.calcium = "Ca.alpha" in numbers
        self.gates = [f"{c}.{g}" for c, gates in CHANNELS[name].items() for g in gates]
        self.paths = ["v", *(["Ca"] if self.calcium else []), *self.gates]
        start = INITIAL[name]
        self.published = np.array([start[path] for path in self.paths])
        at = {path: index for index, path in enumerate(self.paths)}
        #: conductance, reversal, the places of its gates with powers, and whether it is calcium
        self.flows = [
            (
                self.g[channel],
                self.E[channel],
                [(at[f"{channel}.{gate}"], power) for gate, power in gates.items()],
                channel in ("CaT", "CaN", "CaP"),
            )
            for channel, gates in CHANNELS[name].items()
        ]
        self.kinetics = [
            (at[gate], *GATES[name][gate]) for gate in self.gates if gate in GATES[name]
        ]
        self.of_calcium = [
            (at[gate], *CALCIUM_GATES[name][gate][:2])
            for gate in self.gates
            if gate not in GATES[name]
        ]

    def __call__(self, t, y, current=0.0):
        y = np.asarray(y).tolist()  # Python is quicker on numbers of its own
        v, total, influx = y[0], 0.0, 0.0
        for g, E, gates, calcium in self.flows:
            for place, power in gates:
                g *= y[place] ** power
            flow = g * (v - E)
            total += flow
            if calcium:
                influx += flow
        dy = [(current - total) / self.C] * len(y)
        if self.calcium:
            dy[1] = -0.0005 * influx - 0.04 * y[1]
        for place, inf, tau in self.kinetics:
            dy[place] = (inf(v) - y[place]) / tau(v)
        for place, inf, tau in self.of_calcium:
            dy[place] = (inf(y[1]) - y[place]) / tau
        return dy

    def run(self, y, until, current=0.0, start=0.0, **options):
        told = {"method": "LSODA", "rtol": 1e-9, "atol": 1e-11, **options}
        return solve_ivp(self, (start, until), y, args=(current,), **told)

    def rest(self):
        """Return the state after 20 s from the published one."""
        return self.run(self.published, 20_000.0).y[:, -1]

    def fires(self, rest, current, duration, watch):
        """Return whether a pulse from rest makes a spike, in it or in the watch after it."""
        within = self.run(rest, duration, current, max_step=max(duration / 20, 0.05))
        after = self.run(within.y[:, -1], watch, max_step=0.2)
        v = np.concatenate([within.y[0], after.y[0]])
        return v.max() > THRESHOLD[self.name]

    def bracketed(self, duration, low, high, watch=100.0):
        """Return whether the weakest pulse from rest that makes a spike lies between both."""
        rest = self.rest()
        return [self.fires(rest, current, duration, watch) for current in (low, high)] == [
            False,
            True,
        ]
