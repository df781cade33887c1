"""Run a prepared job in NEURON; a program of its own, given the job's folder."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Collection, Mapping
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
    trains, seconds = (_in_turn if "in_turn" in job["options"] else _together)(h, job, arrays)
    np.savez(
        folder / "answer.npz",
        spikes=np.concatenate(trains),
        counts=[len(train) for train in trains],
        seconds=seconds,
    )


def _together(h: Any, job: Any, arrays: Any) -> tuple[list[Any], float]:
    """Run a cell for each set, all at once; return their spikes and the seconds."""
    cells = {place: _cell(h, job, arrays, place) for place in range(job["sets"])}
    stimuli = [_stimuli(h, job, cell) for cell in cells.values()]
    events = _method(h, job, cells.values())
    _run(h, job, arrays, cells, WARM_UP)
    seconds = _run(h, job, arrays, cells, job["duration"])
    spikes = events or [_noted(cell[0](0.5).membrane0) for cell in cells.values()]
    del stimuli  # they act as long as they are held
    return [np.asarray(train, dtype=float) for train in spikes], seconds


def _in_turn(h: Any, job: Any, arrays: Any) -> tuple[list[Any], float]:
    """Run one cell, changed from set to set; return its spikes and the loop's seconds."""
    cell = _cell(h, job, arrays, 0)
    stimuli = _stimuli(h, job, cell)
    events = _method(h, job, [cell])
    _run(h, job, arrays, {0: cell}, WARM_UP)
    trains = []
    start = time.process_time()
    for place in range(job["sets"]):
        _change(job, arrays, cell, place)
        stimuli = _stimuli(h, job, cell)
        _run(h, job, arrays, {place: cell}, job["duration"])
        spikes = events[0] if events else _noted(cell[0](0.5).membrane0)
        trains.append(np.array(spikes, dtype=float))
    seconds = time.process_time() - start
    del stimuli
    return trains, seconds


def _cell(h: Any, job: Any, arrays: Any, place: int) -> list[Any]:
    sections = []
    for k in range(len(job["parents"])):
        section = h.Section(name=f"c{place}_{k}")
        section.nseg = 1
        section.insert(f"membrane{k}")
        sections.append(section)
    _change(job, arrays, sections, place)
    for k, parent in enumerate(job["parents"]):
        if parent >= 0:
            sections[k].connect(sections[parent](0.5), 0)
    return sections


def _change(job: Any, arrays: Any, cell: list[Any], place: int) -> None:
    """Give a cell the numbers of a set."""
    for k, section in enumerate(cell):
        section.L = section.diam = float(arrays["sizes"][k, place])
        section.Ra = float(arrays["resistances"][k, place])
        section.cm = float(arrays["capacitances"][k, place])
        membrane = getattr(section(0.5), f"membrane{k}")
        for name, row in zip(job["parameters"], arrays["values"], strict=True):
            setattr(membrane, name, float(row[place]))
        if job["drive"][k]:
            membrane.drive = job["drive"][k]


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


def _method(h: Any, job: Any, cells: Collection[Any]) -> list[Any]:
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


def _run(h: Any, job: Any, arrays: Any, cells: Mapping[int, Any], until: float) -> float:
    for cell in cells.values():
        for section, v in zip(cell, job["v"], strict=True):
            section(0.5).v = v
    h.finitialize()
    if job["options"].get("order") == 2:
        for place, cell in cells.items():
            for (k, name), row in zip(job["states"], arrays["staggered"], strict=True):
                setattr(getattr(cell[k](0.5), f"membrane{k}"), name, float(row[place]))
    start = time.process_time()
    if "cvode" in job["options"]:
        h.CVode().solve(until)
    else:
        context = h.ParallelContext()
        context.set_maxstep(10)
        context.psolve(until)
    return time.process_time() - start


def _noted(membrane: Any) -> list[float]:
    return [membrane.spikes[n] for n in range(int(membrane.count))]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
