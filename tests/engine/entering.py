"""What may enter a cell, and the same integrated by SciPy on equations written apart."""

import itertools
import sys
from functools import cache
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, minimize_scalar

from mnexcite import cells, stimuli
from mnexcite.channels import Synapse

sys.path.insert(0, str(Path(__file__).parents[1] / "data"))
from make_references import CELLS

PUBLISHED = {
    "PB": cells.purvis_butera_2005(),
    "BRK": cells.booth_rinzel_kiehn_1997(),
}
#: Conductances are in uS and nA there, mS/cm2 and uA/cm2 here; so large that cells fire.
SIZE = {"PB": 0.03, "BRK": 0.25}
UNIT = {"PB": "uS", "BRK": "mS/cm2"}
FIRST = {"PB": "v", "BRK": "soma.v"}
LASTING = {"PB": 60.0, "BRK": 36.0}  # ms, in which both fire twice


def exponentials(t, times, weights, rise, decay):
    """Return the sum of double exponentials of peak 1, one by one."""
    since = t - times[times <= t]
    weights = weights[times <= t]
    if rise == 0.0:
        return float(np.sum(weights * np.exp(-since / decay)))
    shape = np.sum(weights * (np.exp(-since / decay) - np.exp(-since / rise)))
    return float(shape / highest(rise, decay))


@cache
def highest(rise, decay):
    """Return the peak of the difference, found by looking."""
    found = minimize_scalar(
        lambda t: np.exp(-t / rise) - np.exp(-t / decay),
        bounds=(0.0, 10.0 * decay),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return -found.fun


class Given:
    """A cell with what enters it, and g(t) (v - E) as a list of (g, E, edges)."""

    def __init__(self, name, cell, stimulus, conductances):
        self.name, self.cell, self.stimulus = name, cell, stimulus
        self.conductances = conductances

    def truth(self, rtol=1e-10):
        """Return spike times and the last state by path."""
        published, duration = CELLS[self.name], LASTING[self.name]
        names = list(published.initial)
        y = np.array(list(published.initial.values()))
        derivative = published.derivative(published.parameters, lambda t: 0.0)
        C, first = published.parameters["C"], names.index(FIRST[self.name])

        def f(t, y):
            dy = derivative(t, y.tolist())
            v = y[first]
            dy[first] -= sum(g(t) * (v - E) for g, E, _ in self.conductances) / C
            return dy

        edges = {t for *_, known in self.conductances for t in known if 0.0 < t < duration}
        spikes, armed = [], True
        for left, right in itertools.pairwise([0.0, *sorted(edges), duration]):
            # a step must not look at what is beyond an edge
            def inside(t, y, right=right):
                return f(min(t, np.nextafter(right, 0.0)), y)

            run = solve_ivp(
                inside,
                (left, right),
                y,
                method="DOP853",
                rtol=rtol,
                atol=published.atol(rtol),
                max_step=0.5,
                dense_output=True,
            )
            y = run.y[:, -1]
            v = run.y[first]
            for k in range(v.size - 1):
                if armed and v[k] < published.threshold <= v[k + 1]:
                    ends = run.t[k], run.t[k + 1]
                    spikes.append(crossing(run.sol, first, published.threshold, *ends))
                    armed = False
                armed = armed or v[k + 1] < published.threshold - 10.0
        return np.array(spikes), dict(zip(names, y.tolist(), strict=True))


def crossing(solution, first, threshold, start, end):
    """Return when a voltage crosses the threshold."""
    return brentq(lambda t: solution(t)[first] - threshold, start, end)


def with_synapses(name):
    """Return a cell with two synapses, and these; all cases share its kernels."""
    g, cell = SIZE[name], PUBLISHED[name]
    slow = Synapse("GABA", g=0.7 * g, E=-75.0, decay=9.0, rise=0.8)
    fast = Synapse("AMPA", g=g, E=2.0, decay=3.1)
    return cell.with_synapse(slow).with_synapse(fast), slow, fast


def nothing(name):
    """Return a conductance of 0."""
    return stimuli.conductance(0.0, unit=UNIT[name], E=0.0)


def synapses(name, seed=3):
    """Return a cell whose excitatory and inhibitory synapses get random events."""
    rng = np.random.default_rng(seed)
    cell, slow, fast = with_synapses(name)
    where = cell.compartments[0].name
    times = {"AMPA": rng.uniform(0.0, 60.0, 30), "GABA": rng.uniform(0.0, 60.0, 12)}
    weights = {key: rng.uniform(0.2, 2.0, t.size) for key, t in times.items()}
    stimulus, conductances = nothing(name), []
    for synapse in (slow, fast):
        t, w = times[synapse.name], weights[synapse.name]
        stimulus += stimuli.events(synapse.name, t, weights=w, compartment=where)

        def g_of(t, synapse=synapse, at=t, w=w):
            return synapse.g * exponentials(t, at, w, synapse.rise, synapse.decay)

        conductances.append((g_of, synapse.E, t.tolist()))
    return Given(name, cell, stimulus, conductances)


def pulse(name):
    """Return a cell driven to fire, and held by an inhibitory pulse of reflex size."""
    g, unit = SIZE[name], UNIT[name]
    parts = [(1.6 * g, 0.0, 3.3, 50.0), (4.0 * g, -80.0, 20.07, 12.01)]
    stimulus, conductances = stimuli.Stimulus(), []
    for size, E, start, lasting in parts:
        stimulus += stimuli.conductance(size, unit=unit, E=E, start=start, duration=lasting)
        end = start + lasting
        conductances.append(
            (lambda t, s=size, a=start, b=end: s if a <= t < b else 0.0, E, (start, end))
        )
    return Given(name, with_synapses(name)[0], stimulus, conductances)


def noise(name, seed=5):
    """Return a cell with a conductance that fluctuates; the path itself is data."""
    g, unit = SIZE[name], UNIT[name]
    stimulus = stimuli.ornstein_uhlenbeck(
        0.8 * g, mean=1.5 * g, unit=unit, E=0.0, tau=4.0, every=1.0
    )
    path = stimulus.seeded(seed, 0).conductances[0].waveform
    end = LASTING[name] + 1.0
    knots = np.arange(0.0, end, 1.0)
    values = path.between(0.0, end).at(knots)
    conductances = [(lambda t: float(np.interp(t, knots, values)), 0.0, knots.tolist())]
    return Given(name, with_synapses(name)[0], stimulus, conductances)


GIVEN = {"synapses": synapses, "pulse": pulse, "noise": noise}
SEED = 5
