"""NEURON: fixed steps, its CoreNEURON engine, and CVODE.

Every parameter set is a cell of its own in one run, a section per compartment, with all
equations of the compartment in one mechanism of ours (a .mod file, method cnexp). The run
is in a process of its own, since NEURON integrates every section that a process has.

Where the fixed step is of second order, gates stand half a step ahead of the voltage from
the start on, as the scheme wants it: started beside the voltage, all spikes shift by a
multiple of the step. Spikes of the fixed steps are noted by the mechanism after each step,
on the straight line between two steps: NEURON's own detector gives the end of the step.

CVODE gives each cell its own step (`use_local_dt`) and finds the crossing within it
(`condition_order` 2). Both were faster than their alternatives at equal error, as were one
absolute tolerance for voltages and gates, and the compiler's usual options. CoreNEURON is
compiled for this machine's vectors.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench.dialects import DIALECTS
from mnexcite.bench.expressions import Untraceable
from mnexcite.bench.peers.drive import constant, points
from mnexcite.bench.peers.folder import Folder
from mnexcite.bench.peers.nmodl import block, declared, membrane
from mnexcite.bench.peers.peer import Answer, Setting
from mnexcite.bench.system import System, system
from mnexcite.bench.work import Work

Array = NDArray[np.float64]

STEPS = (0.05, 0.025, 0.0125, 0.00625, 0.003125)  # ms
TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
#: For CoreNEURON; without them it is 3 to 4 times slower, and NEURON itself is no faster.
FLAGS = "-O3 -march=native -ffast-math"
ROOT_SIZE = 10.0  # um, of the first compartment; a convention, currents are densities
_SCRIPT = Path(__file__).with_name("_neuron_script.py")


@dataclass(frozen=True)
class NeuronFixed:
    """Run NEURON's fixed step; `order` 0 is backward Euler, 2 its Crank-Nicolson.

    Where `in_turn`, one cell is changed and run set after set, as loops over parameters do.
    """

    order: int = 2
    in_turn: bool = False

    @property
    def name(self) -> str:
        """Name in tables."""
        return f"NEURON, fixed step, secondorder {self.order}{_loop(self.in_turn)}"

    def missing(self) -> str | None:
        """Return why NEURON cannot run here."""
        return _missing()

    def settings(self) -> tuple[Setting, ...]:
        """Return the steps."""
        return tuple(Setting(f"dt {dt:g} ms", dt, "dt") for dt in STEPS)

    def prepare(self, work: Work, setting: Setting) -> Callable[[], Answer]:
        """Write the mechanisms, compile them, and return the run."""
        options = {"in_turn": True} if self.in_turn else {}
        return _prepare(work, setting, {"order": self.order, **options})


@dataclass(frozen=True)
class CoreNeuron:
    """Run NEURON's vectorised engine for fixed steps, compiled for this machine."""

    order: int = 2

    @property
    def name(self) -> str:
        """Name in tables."""
        return f"CoreNEURON, fixed step, secondorder {self.order}"

    def missing(self) -> str | None:
        """Return why NEURON cannot run here."""
        return _missing()

    def settings(self) -> tuple[Setting, ...]:
        """Return the steps."""
        return tuple(Setting(f"dt {dt:g} ms", dt, "dt") for dt in STEPS)

    def prepare(self, work: Work, setting: Setting) -> Callable[[], Answer]:
        """Write the mechanisms, compile them, and return the run."""
        return _prepare(work, setting, {"order": self.order, "core": True})


@dataclass(frozen=True)
class NeuronCvode:
    """Run NEURON's CVODE, each cell with its own step; `in_turn` as for fixed steps."""

    in_turn: bool = False

    @property
    def name(self) -> str:
        """Name in tables."""
        return f"NEURON, CVODE{_loop(self.in_turn)}"

    def missing(self) -> str | None:
        """Return why NEURON cannot run here."""
        return _missing()

    def settings(self) -> tuple[Setting, ...]:
        """Return the absolute tolerances."""
        return tuple(Setting(f"atol {a:g}", a, "tolerance") for a in TOLERANCES)

    def prepare(self, work: Work, setting: Setting) -> Callable[[], Answer]:
        """Write the mechanisms, compile them, and return the run."""
        options = {"in_turn": True} if self.in_turn else {}
        return _prepare(work, setting, {"cvode": True, **options})


def mechanism(s: System, compartment: int, *, driven: bool, noting: int | None = None) -> str:
    """Return a compartment's membrane as NMODL, with the suffix membrane + index.

    A constant current is the parameter `drive` where it is `driven`. Where `noting` is
    given, the mechanism keeps that many spike times at most.
    """
    m = membrane(s, compartment, "nmodl")
    parameters = [*s.parameters, *(["drive"] if driven else [])]
    notes = [] if noting is None else ["count", "spikes", "armed", "before"]
    declarations = [f"SUFFIX membrane{compartment}", "NONSPECIFIC_CURRENT i", "THREADSAFE"]
    if parameters or notes:
        declarations.append(f"RANGE {', '.join([*parameters, *notes])}")
    assigned = ["v (millivolt)", "i (milliamp/cm2)"]
    start = [f"{x} = {value!r}" for x, value in zip(m.states, m.initial, strict=True)]
    if noting is not None:
        assigned += ["dt (ms)", "before", "armed", "count", f"spikes[{noting}]"]
        start += ["before = v", "armed = 1", "count = 0"]
    scales = _scales(s)
    blocks = [
        block("NEURON", *declarations),
        block("PARAMETER", *(f"{name} = 0" for name in parameters)),
        block("STATE", *(f"{x} <{scales[x]!r}>" if x in scales else x for x in m.states)),
        block("ASSIGNED", *assigned),
        block("INITIAL", *start),
        block(
            "BREAKPOINT",
            *declared(m.currents)[:1],
            *(["SOLVE kinetics METHOD cnexp"] if m.states else []),
            *declared(m.currents)[1:],
            f"i = 0.001 * ({m.total}{' - drive' if driven else ''})",
        ),
    ]
    if m.states:
        blocks.append(block("DERIVATIVE kinetics", *declared(m.rates), *m.derivatives))
    if noting is not None:
        blocks.append(_detector(s.cell.spike_threshold, noting))
    helpers = DIALECTS["nmodl"].prelude.strip().split("\n\n")
    blocks += [text for text in helpers if f"{text.split()[1].split('(')[0]}(" in m.text]
    return "\n\n".join(blocks) + "\n"


def _scales(s: System) -> dict[str, float]:
    """Return the scale in which each pool's error counts, by its state's name."""
    scales = [pool.scale for c in s.cell.compartments for pool in c.pools]
    return {str(p.state.value): scale for p, scale in zip(s.pools, scales, strict=True)}


def _detector(threshold: float, room: int) -> str:
    return f"""\
AFTER SOLVE {{
    if (armed > 0.5) {{
        if (v >= {threshold!r} && count < {room}) {{
            spikes[count] = t - dt * (v - {threshold!r}) / (v - before)
            count = count + 1
            armed = 0
        }}
    }} else {{
        if (v < {threshold - 10.0!r}) {{
            armed = 1
        }}
    }}
    before = v
}}"""


def _loop(in_turn: bool) -> str:
    return ", sets in turn" if in_turn else ""


def _missing() -> str | None:
    if importlib.util.find_spec("neuron") is None:
        return "NEURON is not installed; pip install neuron"
    if _compiler() is None:
        return "nrnivmodl of NEURON is not found"
    if shutil.which("g++") is None:
        return "NEURON needs a C++ compiler to build mechanisms; install g++"
    return None


def _compiler() -> str | None:
    """Return nrnivmodl of this very environment, which need not be on the path."""
    beside = Path(sys.executable).with_name("nrnivmodl")
    return str(beside) if beside.exists() else shutil.which("nrnivmodl")


@functools.lru_cache(maxsize=32)
def _compiled(sources: tuple[str, ...], core: bool) -> Folder:
    """Return a folder with the compiled mechanisms; steps and tolerances share it."""
    folder = Folder({f"membrane{k}.mod": text for k, text in enumerate(sources)})
    compiler = _compiler()
    assert compiler is not None
    options = ["-coreneuron", "-incflags", FLAGS] if core else []
    folder.run([compiler, *options, "."], _environment())
    return folder


def _environment(built: Path | None = None) -> dict[str, str]:
    own = str(Path(sys.executable).parent)
    path = os.pathsep.join([own, os.environ.get("PATH", "")])
    core = [] if built is None else sorted(built.glob("*/libcorenrnmech.*"))
    return {
        **os.environ,
        **({"CORENEURONLIB": str(core[0])} if core else {}),
        "PATH": path,
        "NEURON_MODULE_OPTIONS": "-nogui",
        "OMP_NUM_THREADS": "1",
    }


def _prepare(
    work: Work, setting: Setting, options: Mapping[str, float]
) -> Callable[[], Answer]:
    s = system(work.cell, tuple(work.parameters))
    constants = [constant(work, k) for k in range(s.compartments)]
    fixed = "cvode" not in options
    noting = math.ceil(work.duration) + 8  # no cell fires more than once in a ms
    sources = tuple(
        mechanism(
            s,
            k,
            driven=bool(constants[k]),
            noting=noting if fixed and k == 0 else None,
        )
        for k in range(s.compartments)
    )
    values = s.values(work.parameters)
    sizes, resistances, parents = _geometry(s, values)
    built = _compiled(sources, "core" in options)
    job = {
        "library": str(_library(built.path)),
        "duration": work.duration,
        "threshold": work.cell.spike_threshold,
        "setting": setting.value,
        "options": dict(options),
        "sets": work.sets,
        "parameters": s.parameters,
        "v": s.initial[: s.compartments].tolist(),
        "drive": constants,
        "plays": [points(work, k) if c is None else None for k, c in enumerate(constants)],
        "parents": parents,
        "states": [(part.compartment, str(part.state.value)) for part in (*s.pools, *s.gates)],
    }
    # the program runs from there: beside this file, `import neuron` would find this file
    folder = Folder({"job.json": json.dumps(job), "run.py": _SCRIPT.read_text("utf-8")})
    np.savez(
        folder.path / "job.npz",
        values=values,
        capacitances=np.array([s.number(C, values) for C in s.capacitances]),
        sizes=sizes,
        resistances=resistances,
        staggered=_staggered(s, values, 0.5 * setting.value),
    )
    steps = round(work.duration / setting.value) * work.sets if fixed else None

    def run() -> Answer:
        folder.run([sys.executable, "run.py", "."], _environment(built.path))
        with np.load(folder.path / "answer.npz") as answer:
            spikes = np.split(answer["spikes"], np.cumsum(answer["counts"])[:-1])
            return Answer(tuple(spikes), float(answer["seconds"]), steps)

    return run


def _staggered(s: System, values: Array, ahead: float) -> Array:
    """Return pools and gates `ahead` [ms] of the initial state, shape (states, sets)."""
    start = {
        **dict(zip(s.names, s.initial.tolist(), strict=True)),
        **dict(zip(s.parameters, values, strict=True)),
    }
    rows = []
    for pool in s.pools:
        rows.append(start[str(pool.state.value)] + ahead * pool.derivative.evaluate(**start))
    for gate in s.gates:
        first, second = (part.evaluate(**start) for part in gate.parts)
        rate = second if gate.alpha is None else first + second
        steady = first if gate.alpha is None else first / rate
        x = start[str(gate.state.value)]
        rows.append(steady + (x - steady) * np.exp(-ahead * rate))
    shape = len(rows), values.shape[1]
    return np.array([np.broadcast_to(row, shape[1:]) for row in rows]).reshape(shape)


def _library(folder: Path) -> Path:
    found = sorted(folder.glob("*/libnrnmech.*"))
    if not found:
        raise Untraceable("nrnivmodl made no library")
    return found[0]


def _geometry(s: System, values: Array) -> tuple[Array, Array, list[int]]:
    """Return diameters [um], axial resistivities [ohm cm] and parents of all sections.

    Shapes (compartments, sets). A section is as long as it is wide; areas are such that
    what one compartment loses the other gains, and each joins the middle of its parent by
    half its own length.
    """
    count = values.shape[1]
    sizes, resistances = np.full((2, s.compartments, count), ROOT_SIZE)
    parents = [-1] * s.compartments
    reached = [0]
    for here in reached:  # grows while the tree is walked
        for c in s.couplings:
            if here not in (c.a, c.b):
                continue
            there = c.b if here == c.a else c.a
            if there in reached:
                continue
            g_here, g_there = (c.g_a, c.g_b) if here == c.a else (c.g_b, c.g_a)
            near, far = s.number(g_here, values), s.number(g_there, values)
            if np.any(near <= 0) or np.any(far <= 0):
                raise Untraceable("NEURON joins sections by a resistance, here by 0 mS")
            reached.append(there)
            parents[there] = here
            sizes[there] = sizes[here] * np.sqrt(near / far)
            area = math.pi * sizes[there] ** 2  # um2
            ohm = 1.0 / (far * area * 1e-11)
            resistances[there] = ohm * area / (2e4 * sizes[there])
    return sizes, resistances, parents
