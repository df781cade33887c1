"""Cells and runs that several engine tests share.

The catalogue under short names, and cells of a user's own: their kinetics are lambdas, so
nothing in the package knows them.
"""

import json
from pathlib import Path

import numpy as np

from mnexcite import cells, simulate, stimuli
from mnexcite.cells import Cell, Compartment, Coupling, Ion
from mnexcite.channels import Channel, Gate, IonPool
from mnexcite.engine import adaptive_run, fixed_run
from mnexcite.engine import batch as engine
from mnexcite.engine.methods import METHODS

ADAPTIVE = tuple(name for name, method in METHODS.items() if method.adaptive)
FIXED = tuple(name for name, m in METHODS.items() if m.source is not None and not m.adaptive)
#: Every method that runs a kernel.
COMPILED = ADAPTIVE + FIXED

REFERENCES = json.loads(
    (Path(__file__).parents[1] / "data" / "references.json").read_text(encoding="utf-8")
)
CASES = {case["name"]: case for case in REFERENCES["cases"]}


def linoid(u, y):
    """Return u / (1 - exp(-u / y)), which no axis point makes 0 / 0 for these numbers."""
    return u / (1.0 - np.exp(-u / y))


def benchmark_cell():
    """Return the six-state benchmark cell; its rates are undefined at -38, -11 and -25 mV."""

    def a_m(v):
        return 0.4 * linoid(np.where(v == -38.0, 1e-6, v + 38.0), 5.0)

    def b_m(v):
        return 0.4 * linoid(np.where(v == -11.0, 1e-6, -(v + 11.0)), 5.0)

    def a_n(v):
        return 0.02 * linoid(np.where(v == -25.0, 1e-6, v + 25.0), 5.0)

    m = Gate("m", power=3, alpha=a_m, beta=b_m)
    h = Gate(
        "h",
        alpha=lambda v: 0.16 * np.exp(-(v + 55.0) / 15.0),
        beta=lambda v: 4.0 / (1.0 + np.exp(-(v + 12.0) / 10.0)),
    )
    n = Gate("n", power=4, alpha=a_n, beta=lambda v: 0.25 * np.exp(-(v + 35.0) / 40.0))
    p = Gate("p", inf=lambda v: 1.0 / (1.0 + np.exp(-(v + 47.0) / 4.5)), tau=1.0)
    w = Gate(
        "w",
        inf=lambda v: 1.0 / (1.0 + np.exp(-(v + 40.0) / 8.0)),
        tau=lambda v: 200.0 / (3.3 * np.exp((v + 40.0) / 20.0) + np.exp(-(v + 40.0) / 20.0)),
    )
    channels = [
        Channel("Na", 120.0, [m, h], ion="Na"),
        Channel("NaP", 0.0, [p], ion="Na"),
        Channel("K", 10.0, [n], ion="K"),
        Channel("W", 2.0, [w], ion="K"),
        Channel("leak", 0.3, E=-65.0),
    ]
    start = {"Na.m": 0.05, "Na.h": 0.6, "K.n": 0.3, "NaP.p": 0.02, "W.w": 0.1}
    return Cell(
        "benchmark",
        Compartment("soma", 1.0, channels, v=-65.0, initial=start),
        ions=[Ion("Na", 55.0), Ion("K", -80.0)],
    )


def sigmoid(v, half, slope):
    """Return a Boltzmann function of the voltage."""
    return 1.0 / (1.0 + np.exp(-(v - half) / slope))


def two_compartments():
    """Return an absolute cell (nF, uS, nA): a spiking soma and a dendrite with calcium.

    The dendrite's potassium gate follows its calcium with a time constant.
    """
    m = Gate("m", power=3, inf=lambda v: sigmoid(v, -35.3, 7.7), tau=0.12)
    h = Gate(
        "h",
        inf=lambda v: sigmoid(v, -58.1, -6.2),
        tau=lambda v: 0.4 + 6.0 / np.cosh((v + 60.0) / 15.0),
    )
    n = Gate(
        "n",
        power=4,
        inf=lambda v: sigmoid(v, -31.7, 12.3),
        tau=lambda v: 0.7 + 3.0 / np.cosh((v + 40.0) / 18.0),
    )
    d = Gate("d", power=2, inf=lambda v: sigmoid(v, -38.2, 6.1), tau=2.5)
    z = Gate("z", inf=lambda c: c**2 / (c**2 + 0.35**2), tau=lambda c: 3.0 + 2.0 / (1.0 + c))
    soma = Compartment(
        "soma",
        0.05,
        [
            Channel("Na", 2.1, [m, h], E=52.0),
            Channel("Kdr", 0.9, [n], E=-84.0),
            Channel("leak", 0.004, E=-66.0),
        ],
        v=-66.3,
    )
    dendrite = Compartment(
        "dendrite",
        0.11,
        [
            Channel("CaD", 0.04, [d], E=62.0, ion="Ca"),
            Channel("KCa", 0.06, [z], E=-84.0),
            Channel("leak", 0.006, E=-66.0),
        ],
        pools=[
            IonPool(
                "Ca", alpha=3.0, tau=35.0, f=0.5, rest=0.05, initial=0.05, scale=0.3, unit="uM"
            )
        ],
        v=-66.3,
    )
    return Cell(
        "two",
        [soma, dendrite],
        couplings=[Coupling("soma", "dendrite", g_c=0.013)],
        ions=[Ion("Ca", 62.0)],
        membrane="absolute",
    )


def two_compartments_derivative(t, y, injected):
    """Return y' of `two_compartments`, written once more by hand; states as named below."""
    v, u, ca, m, h, n, d, z = y
    i_ca = 0.04 * d**2 * (u - 62.0)
    i_soma = 2.1 * m**3 * h * (v - 52.0) + 0.9 * n**4 * (v + 84.0) + 0.004 * (v + 66.0)
    i_dendrite = i_ca + 0.06 * z * (u + 84.0) + 0.006 * (u + 66.0)
    return [
        (injected - i_soma - 0.013 * (v - u)) / 0.05,
        (-i_dendrite - 0.013 * (u - v)) / 0.11,
        0.5 * (-3.0 * i_ca - (ca - 0.05) / 35.0),
        (sigmoid(v, -35.3, 7.7) - m) / 0.12,
        (sigmoid(v, -58.1, -6.2) - h) / (0.4 + 6.0 / np.cosh((v + 60.0) / 15.0)),
        (sigmoid(v, -31.7, 12.3) - n) / (0.7 + 3.0 / np.cosh((v + 40.0) / 18.0)),
        (sigmoid(u, -38.2, 6.1) - d) / 2.5,
        (ca**2 / (ca**2 + 0.35**2) - z) / (3.0 + 2.0 / (1.0 + ca)),
    ]


TWO_STATES = (
    "soma.v",
    "dendrite.v",
    "dendrite.Ca",
    "soma.Na.m",
    "soma.Na.h",
    "soma.Kdr.n",
    "dendrite.CaD.d",
    "dendrite.KCa.z",
)

CATALOGUE = {
    "HH": cells.hodgkin_huxley_1952(),
    "PB": cells.purvis_butera_2005(),
    "MK": cells.molkov_2025(),
    "BRK": cells.booth_rinzel_kiehn_1997(),
}
CELLS = {**CATALOGUE, "BENCH": benchmark_cell()}
#: A current of the cell's own unit that makes it fire within a few ms.
FIRING = {"HH": 12.0, "PB": 1.2, "MK": 15.0, "BRK": 25.0}


def step_of(name, amplitude=None, **options):
    """Return a step that makes a catalogue cell fire, in its own unit."""
    amplitude = FIRING[name] if amplitude is None else amplitude
    return stimuli.step(amplitude, unit=CATALOGUE[name].units["i"], **options)


def spread(cell, lanes, seed=0):
    """Return parameters per lane that touch conductances, concentrations and capacitance."""
    rng = np.random.default_rng(seed)
    base = cell.parameters
    paths = [*[path for path in base if path.endswith(".g")][:3], "ions.K_o"]
    capacitance = next(path for path in base if path == "C" or path.endswith(".C"))
    return {
        path: base[path].value * rng.uniform(0.8, 1.3, lanes) for path in (*paths, capacitance)
    }


def kinetics(cell, lanes, distinct=4, seed=1):
    """Return kinetics per lane, several lanes to each distinct set."""
    rng = np.random.default_rng(seed)
    gates = [path for path in cell.parameters if path.endswith((".shift", ".rate"))]
    moved = {
        path: rng.uniform(0.9, 1.2, distinct)[rng.integers(0, distinct, lanes)]
        for path in gates[:3]
    }
    return moved


#: Both adaptive methods and the fixed step that keeps raw states of its own.
MAIN = (*ADAPTIVE, "staggered")
RECORD = {
    "HH": ("v", "Na.m", "Na.i", "Kdr.i"),
    "PB": ("v", "SK.z", "SK.i", "Ca", "NaP.i"),
    "MK": ("v", "Na.m", "CAN.i", "Ca"),
    "BRK": ("soma.v", "dendrite.v", "dendrite.CaL.i", "soma.Ca", "soma.Na.i"),
}
DT = {"HH": 0.025, "PB": 0.025, "MK": 0.01, "BRK": 0.01}


def options(name, method, duration=12.0, **more):
    """Return options of a run whose samples fall on steps, where steps are fixed."""
    given = {"duration": duration, "record": RECORD[name], "every": 0.5, "method": method}
    if method in FIXED:
        given["dt"] = DT[name]
    return {**given, **more}


def cut(patch, size, chunk, room=32):
    """Cut runs into small calls and batches into small chunks.

    A call needs room for a spike of every lane that it works on at a time.
    """
    patch.setattr(adaptive_run, "BUDGET", size)
    patch.setattr(adaptive_run, "ROOM", room)
    patch.setattr(fixed_run, "WINDOW", size)
    for name in ("CHUNK", "QUEUE", "OWN_TABLES_CHUNK"):
        patch.setattr(engine, name, chunk)


def case_cell(case):
    """Return the cell of a frozen case; the record calls a coupling's conductance g."""
    values = {
        "coupling.g_c" if path == "coupling.g" else path: value
        for path, value in case["replaced"].items()
    }
    return CELLS[case["cell"]].replaced(values).scaled(case["scaled"])


def case_stimulus(case):
    """Return the stimulus of a frozen case."""
    shapes = {"step": stimuli.step, "triangle": stimuli.triangle}
    total = stimuli.Stimulus()
    for given in case["stimuli"]:
        total = total + shapes[given["kind"]](
            given["amplitude"],
            unit=given["unit"],
            start=given["start"],
            duration=given["duration"],
        )
    return total


def case_runs(names, duration, **options):
    """Return name -> recording of frozen cases of one cell, side by side in one batch."""
    cases = [CASES[name] for name in names]
    base, own = CELLS[cases[0]["cell"]], [case_cell(case).parameters for case in cases]
    changed = [path for path, p in base.parameters.items() if any(o[path] != p for o in own)]
    values = {path: [o[path].value for o in own] for path in changed}
    drives = [case_stimulus(case) for case in cases]
    batch = simulate(base, drives, parameters=values, duration=duration, **options)
    return {name: batch[lane] for lane, name in enumerate(names)}


def case_spikes(names, longest, **options):
    """Return name -> (found, frozen) spikes of cases of one cell, up to `longest` [ms]."""
    ends = {name: min(CASES[name]["duration"], longest) for name in names}
    runs = case_runs(names, max(ends.values()), record=(), **options)
    assert all(run.status == "ok" for run in runs.values())
    trains = {name: (runs[name].spike_times, np.array(CASES[name]["spikes"])) for name in names}
    return {n: tuple(each[each < ends[n]] for each in pair) for n, pair in trains.items()}


def by_key(names, key):
    """Return frozen cases that share what `key` says of them, as lists of names."""
    groups = {}
    for name in names:
        groups.setdefault(key(CASES[name]), []).append(name)
    return list(groups.values())


def mean_rate(spikes):
    """Return (n - 1) / (t_n - t_1) in Hz, 0 below two spikes."""
    return 0.0 if len(spikes) < 2 else 1e3 * (len(spikes) - 1) / (spikes[-1] - spikes[0])


def same_bits(one, other, lane_one=0, lane_other=0):
    """Assert that two lanes agree in every bit: spikes, samples, raw and centred state."""
    same_lanes(one, other, [lane_one], [lane_other])


def same_lanes(one, other, lanes_one=None, lanes_other=None):
    """Assert that lanes agree in every bit, all of them or those given; one by one in turn."""
    a, b = (run.as_batch() if hasattr(run, "as_batch") else run for run in (one, other))
    at, there = (
        np.arange(len(run)) if lanes is None else np.array(lanes)
        for run, lanes in ((a, lanes_one), (b, lanes_other))
    )
    assert [a.status[i] for i in at] == [b.status[i] for i in there]
    np.testing.assert_array_equal(a.ended[at], b.ended[there])
    for i, j in zip(at, there, strict=True):
        np.testing.assert_array_equal(a.spike_times[i], b.spike_times[j], f"lanes {i}, {j}")
    assert a.data.keys() == b.data.keys()
    for name in a.data:
        np.testing.assert_array_equal(a.data[name][at], b.data[name][there], name)
    assert a.final_state.lanes_at(at) == b.final_state.lanes_at(there)


def until(end, state):
    """Return the duration with which a run from `state` ends at `end` to the bit."""
    duration = end - state.time
    for candidate in (duration, np.nextafter(duration, 0), np.nextafter(duration, np.inf)):
        if state.time + candidate == end:
            return float(candidate)
    raise AssertionError(f"no duration leads from {state.time} to {end}")
