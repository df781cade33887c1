"""Read a printed mechanism back, and run the real simulators on small pieces of work."""

import math
import re

import numpy as np

from mnexcite import cells, stimuli
from mnexcite.bench.cell import benchmark_cell
from mnexcite.bench.work import Work
from mnexcite.stimuli import ramp, step

#: A fiftieth of the interval between spikes here, 6 ms: what a wrong equation would move.
CLOSE = 0.12  # ms


def exprelr(z):
    return 1.0 if z == 0.0 else z / math.expm1(z)


def linoid(z):
    return exprelr(-z)


#: What the functions of both dialects of NMODL mean.
FUNCTIONS = {
    **{name: getattr(math, name) for name in ("exp", "log", "sqrt", "tanh", "cosh", "pow")},
    "linoid": linoid,
    "exprelr": exprelr,
    "logistic": lambda z: 1.0 / (1.0 + math.exp(-z)),
    "where": lambda condition, a, b: a if condition else b,
    **{"larger": max, "smaller": min, "max": max, "min": min, "fabs": abs, "abs": abs},
}


def blocks(text):
    """Return the lines of each block of a mechanism by its title."""
    found = {}
    for title, body in re.findall(r"^([A-Z][\w ()]*?) \{\n(.*?)^\}", text, re.M | re.S):
        found[title] = [line.strip() for line in body.splitlines() if line.strip()]
    return found


def evaluate(text, values):
    """Return the current i [mA/cm2] and each derivative that a mechanism computes."""
    parts, known = blocks(text), {**FUNCTIONS, **values}
    found = {}
    for line in [*parts["BREAKPOINT"], *parts.get("DERIVATIVE kinetics", [])]:
        if line.startswith(("LOCAL", "SOLVE")):
            continue
        name, formula = line.split(" = ", 1)
        formula = formula.replace("&&", " and ").replace("||", " or ").replace("!(", " not (")
        known[name.rstrip("'")] = value = eval(formula.replace(" ^ ", "**"), {}, dict(known))
        found[name] = value
        if name.endswith("'"):
            known[name[:-1]] = values[name[:-1]]
    return found


def small_work():
    """Return four sets of the benchmark cell for 25 ms; some fire, one is silent."""
    sets = {"NaP.g": np.array([0.0, 0.9, 1.2, 2.0]), "K.g": np.array([10.0, 22.0, 28.0, 40.0])}
    return Work(benchmark_cell(), sets, duration=25.0)


def joined_work():
    """Return two sets of a cell of two compartments under a current that changes."""
    drive = step(20.0, unit="uA/cm2", start=2.0, duration=20.0) + ramp(
        0.0, 8.0, unit="uA/cm2", start=5.5, duration=10.0
    )
    return Work(
        cells.booth_rinzel_kiehn_1997(),
        {"coupling.p": np.array([0.1, 0.2]), "soma.Kdr.g": np.array([100.0, 90.0])},
        drive + stimuli.step(1.0, unit="uA/cm2", compartment="dendrite"),
        duration=25.0,
    )


def errors(answer, work):
    """Return the largest spike-time error [ms] against LSODA, infinite for a wrong count."""
    worst = 0.0
    for train, wanted in zip(answer.spikes, exact(work), strict=True):
        if len(train) != len(wanted):
            return math.inf
        worst = max(worst, float(np.max(np.abs(train - wanted), initial=0.0)))
    return worst


def exact(work, tolerance=1e-8):
    """Return each set's spikes, by SciPy on the engine's right-hand side."""
    from scipy.integrate import solve_ivp

    from mnexcite.equations.right_hand_side import Equations

    trains = []
    for cell in work.cells():
        equations, waveforms = Equations(cell), work.waveforms()

        def derivative(t, y, equations=equations, waveforms=waveforms):
            return equations.derivative(
                y, [0.0 if w is None else float(w.at(t)) for w in waveforms]
            )

        def crossing(t, y, threshold=cell.spike_threshold):
            return y[0] - threshold

        crossing.direction = 1.0
        start = np.array([cell.initial[path] for path in equations.structure.states])
        solved = solve_ivp(
            derivative,
            (0.0, work.duration),
            start,
            method="LSODA",
            rtol=tolerance,
            atol=tolerance,
            max_step=0.25,
            events=crossing,
        )
        trains.append(solved.t_events[0])
    return trains
