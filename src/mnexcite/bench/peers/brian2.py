"""Brian2: C++ standalone, fixed steps, all parameter sets in one NeuronGroup.

Brian2 2.9 needs an older NumPy than this package may have, so it lives in an environment of
its own, whose interpreter the environment variable MNEXCITE_BRIAN2_PYTHON names. It builds
the program, with the compiler options that are its default (-O3 -ffast-math
-march=native); a run is that program alone, and its seconds are wall time, from its own report.

A spike is noted with the voltages before and after the step, and interpolated: in a straight
line, or through four voltages for the fourth-order method. For exponential Euler, which
wants a current that is linear in the voltage, gates without a time constant are held during
a step (`constant over dt`).
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench.dialects import DIALECTS
from mnexcite.bench.expressions import Expression, expression, symbol, where
from mnexcite.bench.peers.folder import Folder
from mnexcite.bench.peers.peer import Answer, Setting
from mnexcite.bench.pieces import pieces
from mnexcite.bench.system import System, system
from mnexcite.bench.work import Work

Array = NDArray[np.float64]

STEPS = (0.05, 0.025, 0.0125, 0.00625, 0.003125)  # ms
STEP_START = "step_start"
ROUNDING = 1e-9  # ms, of a step's start
PYTHON = "MNEXCITE_BRIAN2_PYTHON"
_SCRIPT = Path(__file__).with_name("_brian2_script.py")


@dataclass(frozen=True)
class Brian2:
    """Run Brian2 as a program of its own; `method` is exponential_euler or rk4."""

    method: str = "exponential_euler"

    @property
    def name(self) -> str:
        """Name in tables."""
        return f"Brian2, {self.method.replace('_', ' ')}"

    def missing(self) -> str | None:
        """Return why Brian2 cannot run here."""
        python = os.environ.get(PYTHON)
        if not python:
            return f"{PYTHON} names no interpreter; give the python of Brian2's environment"
        if shutil.which(python) is None:
            return f"{PYTHON} names {python}, which is not there"
        if shutil.which("g++") is None:
            return "Brian2 needs a C++ compiler; install g++"
        return _import_error(python)

    def settings(self) -> tuple[Setting, ...]:
        """Return the steps."""
        return tuple(Setting(f"dt {dt:g} ms", dt, "dt") for dt in STEPS)

    def prepare(self, work: Work, setting: Setting) -> Callable[[], Answer]:
        """Let Brian2 write and compile the program, and return its run."""
        s = system(work.cell, tuple(work.parameters))
        start = dict(zip(s.names, s.initial.tolist(), strict=True))
        held = self.method == "exponential_euler"
        job = {
            "equations": equations(s, work, held=held),
            "method": self.method,
            "memory": ["before"] if held else ["before", "before_2", "before_3"],
            "step_start": STEP_START,
            "v": s.names[0],
            "initial": start,
            "parameters": s.parameters,
            "values": s.values(work.parameters).tolist(),
            "sets": work.sets,
            "threshold": work.cell.spike_threshold,
            "dt": setting.value,
            "duration": work.duration,
            "helpers": DIALECTS["brian2"].prelude,
        }
        folder = Folder({"job.json": json.dumps(job), "run.py": _SCRIPT.read_text("utf-8")})
        folder.run([os.environ[PYTHON], "run.py"])
        files = json.loads((folder.path / "files.json").read_text(encoding="utf-8"))
        steps = round(work.duration / setting.value) * work.sets

        def run() -> Answer:
            folder.run([folder.path / "program" / "main"], within="program")
            read = {
                name: np.fromfile(folder.path / "program" / path, dtype=kind)
                for name, (path, kind) in files.items()
            }
            report = folder.path / "program" / "results" / "last_run_info.txt"
            seconds = float(report.read_text(encoding="utf-8").split()[0])
            return Answer(_trains(read, job), seconds, steps)

        return run


def equations(s: System, work: Work, *, held: bool = True) -> str:
    """Return the cell in Brian2's notation, all quantities plain numbers, time in ms.

    Gates without a time constant are `held` during a step, or not.

    Raises
    ------
    Untraceable
        If a function has no counterpart in Brian2.
    """
    voltages = set(s.names[: s.compartments])
    lines, flows = [], []
    for n, current in enumerate(s.currents):
        g = current.conductance
        if held and g.symbols & voltages:
            lines.append(f"conductance_{n} = {_text(g)} : 1 (constant over dt)")
            g = symbol(f"conductance_{n}")
        flows.append(g if current.drive is None else g * current.drive)
    rates: dict[str, Expression] = {}
    for k, name in enumerate(s.names[: s.compartments]):
        inward = _injected(work, k) - s.coupled(k)
        for current, flow in zip(s.currents, flows, strict=True):
            if current.compartment == k:
                inward = inward - flow
        rates[name] = inward / s.capacitances[k]
    for pool in s.pools:
        feeding = str(pool.state.value)
        influx = expression(0.0)
        for current, flow in zip(s.currents, flows, strict=True):
            if feeding in current.feeds:
                influx = influx + current.feeds[feeding] * flow
        removed = pool.removal * (pool.state - pool.rest)
        rates[feeding] = -pool.alpha * influx - removed
    rates.update({str(gate.state.value): gate.derivative for gate in s.gates})
    lines += [f"d{name}/dt = ({_text(rate)}) / ms : 1" for name, rate in rates.items()]
    lines += [f"{name} : 1 (constant)" for name in s.parameters]
    lines += ["time = t / ms : 1", f"{STEP_START} : 1 (shared)"]
    return "\n".join(lines)


def _text(formula: Expression) -> str:
    return formula.text("brian2")


def _injected(work: Work, compartment: int) -> Expression:
    """Return the current as a function of the symbol `time` [ms].

    Which piece of the stimulus holds is decided at the start of a step, so that no stage of
    a Runge-Kutta step sees what comes after a jump at its end.
    """
    value, time, begun = expression(0.0), symbol("time"), symbol(STEP_START)
    for piece in pieces(work):
        first, slope = float(piece.first[compartment]), float(piece.slope[compartment])
        line = first + slope * (time - piece.left)
        value = where(begun >= piece.left - ROUNDING, line, value) if piece.left else line
    return value


@functools.lru_cache(maxsize=4)
def _import_error(python: str) -> str | None:
    """Return why the interpreter cannot import Brian2, None if it can."""
    done = subprocess.run([python, "-c", "import brian2"], capture_output=True, text=True)
    if not done.returncode:
        return None
    lines = done.stderr.strip().splitlines()
    return f"{PYTHON} cannot import brian2: {lines[-1] if lines else 'no reason given'}"


def _trains(read: dict[str, Array], job: dict[str, Any]) -> tuple[Array, ...]:
    """Return each set's spikes; Brian2 stamps a spike with the start of its step."""
    voltages = [read[name] for name in (*reversed(job["memory"]), job["v"])]
    times = 1e3 * read["t"] + job["dt"] * crossing(np.array(voltages), job["threshold"])
    return tuple(np.sort(times[read["i"] == place]) for place in range(job["sets"]))


def crossing(voltages: Array, threshold: float) -> Array:
    """Return where in the last step the voltage reaches the threshold, 0 to 1, shape (n,).

    `voltages` [mV] of the last steps, shape (points, n): the polynomial through them.

    >>> crossing(np.array([[-8.0], [-1.0], [0.0], [1.0]]), 0.5).round(3)
    array([0.794])
    """
    points = np.arange(len(voltages)) - (len(voltages) - 2.0)  # the last step is 0 to 1
    weights = np.linalg.inv(np.vander(points, increasing=True)) @ (voltages - threshold)
    low, high = np.zeros(voltages.shape[1]), np.ones(voltages.shape[1])
    for _ in range(50):
        middle = 0.5 * (low + high)
        above = np.polynomial.polynomial.polyval(middle, weights, tensor=False) >= 0.0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return 0.5 * (low + high)
