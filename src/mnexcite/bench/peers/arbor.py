"""Arbor: fixed steps, with vectors and all cells in one group.

Every parameter set is a cable cell of one control volume per compartment (two at most),
with all equations of the compartment in one mechanism of ours, built by
arbor-build-catalogue for the machine that the wheel is made for. Arbor interpolates the
crossing of its threshold itself.
"""

from __future__ import annotations

import functools
import importlib.util
import math
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench import clock
from mnexcite.bench.expressions import Untraceable
from mnexcite.bench.peers.drive import constant, points
from mnexcite.bench.peers.folder import Folder
from mnexcite.bench.peers.nmodl import block, declared, membrane
from mnexcite.bench.peers.peer import Answer, Setting
from mnexcite.bench.system import System, system
from mnexcite.bench.work import Work

Array = NDArray[np.float64]

STEPS = (0.05, 0.025, 0.0125, 0.00625, 0.003125)  # ms
RADIUS = 5.0  # um
LENGTH = 10.0  # um, of the first compartment; a convention, currents are densities
JUMP = 1e-9  # ms within which Arbor's envelope may jump


@dataclass(frozen=True)
class Arbor:
    """Run Arbor's fixed step."""

    @property
    def name(self) -> str:
        """Name in tables."""
        return "Arbor, fixed step"

    def missing(self) -> str | None:
        """Return why Arbor cannot run here."""
        if importlib.util.find_spec("arbor") is None:
            return "Arbor is not installed; pip install arbor"
        if _builder() is None:
            return "arbor-build-catalogue is not found"
        needed = [name for name in ("cmake", "make", "c++") if shutil.which(name) is None]
        if needed:
            return f"Arbor builds mechanisms with {', '.join(needed)}; install it"
        return None

    def settings(self) -> tuple[Setting, ...]:
        """Return the steps."""
        return tuple(Setting(f"dt {dt:g} ms", dt, "dt") for dt in STEPS)

    def prepare(self, work: Work, setting: Setting) -> Callable[[], Answer]:
        """Build the catalogue and the cells, and return the run."""
        s = system(work.cell, tuple(work.parameters))
        if s.compartments > 2:
            raise Untraceable(f"Arbor is given two compartments at most, not {s.compartments}")
        constants = [constant(work, k) for k in range(s.compartments)]
        driven = [bool(value) for value in constants]
        sources = tuple(mechanism(s, k, driven=driven[k]) for k in range(s.compartments))
        built = _catalogue(sources)
        simulation, units = _simulation(s, work, constants, built.path)
        steps = round(work.duration / setting.value) * work.sets

        def run() -> Answer:
            simulation.reset()
            start = clock.now()
            simulation.run(work.duration * units.ms, setting.value * units.ms)
            seconds = clock.now() - start
            return Answer(_trains(simulation.spikes(), work.sets), seconds, steps)

        return run


def mechanism(s: System, compartment: int, *, driven: bool) -> str:
    """Return a compartment's membrane in Arbor's NMODL, with the suffix membrane + index.

    A constant current is the parameter `drive` where it is `driven`.

    Raises
    ------
    Untraceable
        If a function chooses between values, which Arbor's formulas cannot.
    """
    m = membrane(s, compartment, "arbor")
    parameters = [*s.parameters, *(["drive"] if driven else [])]
    declarations = [f"SUFFIX membrane{compartment}", "NONSPECIFIC_CURRENT i"]
    if parameters:
        declarations.append(f"RANGE {', '.join(parameters)}")
    blocks = [
        block("NEURON", *declarations),
        block("PARAMETER", *(f"{name} = 0" for name in parameters)),
        block("STATE", *m.states),
        block(
            "INITIAL",
            *(f"{x} = {value!r}" for x, value in zip(m.states, m.initial, strict=True)),
        ),
        block(
            "BREAKPOINT",
            *(["SOLVE kinetics METHOD cnexp"] if m.states else []),
            *declared(m.currents),
            f"i = 0.001 * ({m.total}{' - drive' if driven else ''})",
        ),
    ]
    if m.states:
        blocks.append(block("DERIVATIVE kinetics", *declared(m.rates), *m.derivatives))
    return "\n\n".join(blocks) + "\n"


def _builder() -> str | None:
    """Return arbor-build-catalogue of this very environment."""
    beside = Path(sys.executable).with_name("arbor-build-catalogue")
    return str(beside) if beside.exists() else shutil.which("arbor-build-catalogue")


@functools.lru_cache(maxsize=32)
def _catalogue(sources: tuple[str, ...]) -> Folder:
    """Return a folder with the built catalogue; all steps share it."""
    folder = Folder({f"mod/membrane{k}.mod": text for k, text in enumerate(sources)})
    builder = _builder()
    assert builder is not None
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    folder.run([sys.executable, builder, "bench", "mod"], {**os.environ, "PATH": path})
    return folder


def _simulation(
    s: System, work: Work, constants: list[float | None], built: Path
) -> tuple[Any, Any]:
    import arbor  # pyright: ignore[reportMissingImports]

    units = arbor.units
    catalogue = arbor.load_catalogue(str(built / "bench-catalogue.so"))
    values = s.values(work.parameters)
    capacitances = [s.number(C, values) for C in s.capacitances]
    lengths, resistivities = _geometry(s, values)
    envelopes = [points(work, k) if c is None else None for k, c in enumerate(constants)]

    def cell(place: int) -> Any:
        tree, decor = arbor.segment_tree(), arbor.decor()
        decor.set_property(rL=float(resistivities[place]) * units.Ohm * units.cm)
        ends = [0.0, *np.cumsum(lengths[:, place]).tolist()]
        before = arbor.mnpos
        for k in range(s.compartments):
            left, right = (arbor.mpoint(x, 0.0, 0.0, RADIUS) for x in ends[k : k + 2])
            before = tree.append(before, left, right, tag=k + 1)
            region = f"(tag {k + 1})"
            numbers = dict(zip(s.parameters, values[:, place].tolist(), strict=True))
            if constants[k]:
                numbers["drive"] = constants[k]
            decor.paint(region, Vm=float(s.initial[k]) * units.mV)
            decor.paint(region, cm=1e-2 * float(capacitances[k][place]) * units.F / units.m2)
            decor.paint(region, arbor.density(f"membrane{k}", numbers))
            middle = f"(location 0 {(ends[k] + ends[k + 1]) / 2 / ends[-1]!r})"
            if k == 0:
                threshold = arbor.threshold_detector(work.cell.spike_threshold * units.mV)
                decor.place(middle, threshold, "spike")
            envelope = envelopes[k]
            if envelope is not None:
                area = 2.0 * math.pi * RADIUS * float(lengths[k, place])
                decor.place(middle, _clamp(arbor, *envelope, area))
        policy = arbor.cv_policy_every_segment() if s.compartments > 1 else None
        return arbor.cable_cell(tree, decor, discretization=policy or arbor.cv_policy_single())

    class Recipe(arbor.recipe):
        def num_cells(self) -> int:
            return work.sets

        def cell_kind(self, gid: int) -> Any:
            return arbor.cell_kind.cable

        def global_properties(self, kind: Any) -> Any:
            properties = arbor.neuron_cable_properties()
            properties.catalogue = catalogue
            return properties

        def cell_description(self, gid: int) -> Any:
            return cell(gid)

    recipe, context = Recipe(), arbor.context(threads=1)
    hint = arbor.partition_hint(cpu_group_size=work.sets)
    domains = arbor.partition_load_balance(recipe, context, {arbor.cell_kind.cable: hint})
    simulation = arbor.simulation(recipe, context, domains)
    simulation.record(arbor.spike_recording.local)
    return simulation, units


def _clamp(arbor: Any, times: list[float], values: list[float], area: float) -> Any:
    """Return a current clamp for a density [uA/cm2] on an area [um2]."""
    rows = []
    for n, (t, value) in enumerate(zip(times, values, strict=True)):
        after = t + JUMP if n and t == times[n - 1] else t
        rows.append((after * arbor.units.ms, 1e-5 * value * area * arbor.units.nA))
    return arbor.i_clamp(rows)


def _geometry(s: System, values: Array) -> tuple[Array, Array]:
    """Return lengths [um], shape (compartments, sets), and axial resistivities [ohm cm].

    Two cylinders of one radius whose areas are such that what one compartment loses the
    other gains; half of each lies between their middles.
    """
    count = values.shape[1]
    lengths = np.full((s.compartments, count), LENGTH)
    if not s.couplings:
        return lengths, np.full(count, 100.0)
    (c,) = s.couplings
    g_a, g_b = s.number(c.g_a, values), s.number(c.g_b, values)
    if np.any(g_a <= 0) or np.any(g_b <= 0):
        raise Untraceable("Arbor joins compartments by a resistance, here by 0 mS")
    lengths[c.b] = lengths[c.a] * g_a / g_b
    area = 2.0 * math.pi * RADIUS * lengths[c.a]
    ohm = 1.0 / (g_a * area * 1e-11)
    return lengths, ohm * math.pi * RADIUS**2 * 2e-4 / lengths.sum(axis=0)


def _trains(spikes: Any, count: int) -> tuple[Array, ...]:
    sources = np.array([source[0] for source, _ in spikes], dtype=int)
    times = np.array([t for _, t in spikes], dtype=float)
    return tuple(np.sort(times[sources == place]) for place in range(count))
