"""Run a prepared job in NEURON; a program of its own, given the job's folder."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

WARM_UP = 1.0  # ms


def main(folder: Path) -> None:
    """Read the job, build the cells, run them, and write spikes and seconds."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    with np.load(folder / "job.npz") as given:
        arrays = dict(given)
    from neuron import h  # pyright: ignore[reportMissingImports]

    h.nrn_load_dll(job["library"])
    cells = [_cell(h, job, arrays, place) for place in range(job["sets"])]
    stimuli = [_stimuli(h, job, cell) for cell in cells]
    events = _method(h, job, cells)
    _run(h, job, arrays, cells, WARM_UP)
    seconds = _run(h, job, arrays, cells, job["duration"])
    spikes = events or [_noted(cell[0](0.5).membrane0) for cell in cells]
    trains = [np.asarray(train, dtype=float) for train in spikes]
    np.savez(
        folder / "answer.npz",
        spikes=np.concatenate(trains),
        counts=[len(train) for train in trains],
        seconds=seconds,
    )
    del stimuli  # they act as long as they are held


def _cell(h: Any, job: Any, arrays: Any, place: int) -> list[Any]:
    sections = []
    for k in range(len(job["parents"])):
        section = h.Section(name=f"c{place}_{k}")
        section.nseg = 1
        section.L = section.diam = float(arrays["sizes"][k, place])
        section.Ra = float(arrays["resistances"][k, place])
        section.cm = float(arrays["capacitances"][k, place])
        section.insert(f"membrane{k}")
        membrane = getattr(section(0.5), f"membrane{k}")
        for name, row in zip(job["parameters"], arrays["values"], strict=True):
            setattr(membrane, name, float(row[place]))
        if job["drive"][k]:
            membrane.drive = job["drive"][k]
        sections.append(section)
    for k, parent in enumerate(job["parents"]):
        if parent >= 0:
            sections[k].connect(sections[parent](0.5), 0)
    return sections


def _stimuli(h: Any, job: Any, cell: list[Any]) -> list[Any]:
    held = []
    for section, play in zip(cell, job["plays"], strict=True):
        if play is None:
            continue
        clamp = h.IClamp(section(0.5))
        clamp.delay, clamp.dur = 0.0, 1e9
        # nA from uA/cm2 and um2
        values = np.array(play[1]) * section(0.5).area() * 1e-5
        amplitude, times = h.Vector(values), h.Vector(play[0])
        amplitude.play(clamp._ref_amp, times, 1)
        held += [clamp, amplitude, times]
    return held


def _method(h: Any, job: Any, cells: list[Any]) -> list[Any]:
    """Choose the method; return the vectors that CVODE's spikes will fill."""
    options = job["options"]
    if "cvode" not in options:
        h.secondorder = options["order"]
        h.dt = job["setting"]
        if "core" in options:
            from neuron import coreneuron  # pyright: ignore[reportMissingImports]

            coreneuron.enable = True
            coreneuron.verbose = 0
        return []
    cvode = h.CVode()
    cvode.active(True)
    cvode.use_local_dt(True)
    cvode.condition_order(2)
    cvode.atol(job["setting"])
    trains = []
    for section, *_ in cells:
        connection = h.NetCon(section(0.5)._ref_v, None, sec=section)
        connection.threshold = job["threshold"]
        train = h.Vector()
        connection.record(train)
        _HELD.append(connection)
        trains.append(train)
    return trains


_HELD: list[Any] = []


def _run(h: Any, job: Any, arrays: Any, cells: list[Any], until: float) -> float:
    for cell in cells:
        for section, v in zip(cell, job["v"], strict=True):
            section(0.5).v = v
    h.finitialize()
    if job["options"].get("order") == 2:
        for place, cell in enumerate(cells):
            for (k, name), row in zip(job["states"], arrays["staggered"], strict=True):
                setattr(getattr(cell[k](0.5), f"membrane{k}"), name, float(row[place]))
    start = time.perf_counter()
    if "cvode" in job["options"]:
        h.CVode().solve(until)
    else:
        context = h.ParallelContext()
        context.set_maxstep(10)
        context.psolve(until)
    return time.perf_counter() - start


def _noted(membrane: Any) -> list[float]:
    return [membrane.spikes[n] for n in range(int(membrane.count))]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
