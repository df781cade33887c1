"""How the default method's spike times depend on its step, for each published cell.

The oracle is an independent integration at 1e-11 (tests/data/make_references.py).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import mnexcite as mx

TITLE = "Largest spike-time error of the staggered method [ms]"
NOTE = (
    "Where the counts differ, the counts. The error is that of the last spikes: it grows with "
    "every interval."
)
_REFERENCES = Path(__file__).parents[1] / "tests" / "data" / "references.json"
_CELLS = {"HH": "hodgkin_huxley_1952", "PB": "purvis_butera_2005", "MK": "molkov_2025"}
_CELLS["BRK"] = "booth_rinzel_kiehn_1997"
_CASES = ("PB NaP x2 K x0.5", "HH two steps", "MK NaP 0.1 step 15", "BRK step 10")
_STEPS = (0.1, 0.05, 0.025, 0.0125, 0.01, 0.005, 0.0025, 0.00125)


def measure(quick: bool) -> list[dict[str, object]]:
    """Return a row for each step and a column for each cell."""
    cases = {case["name"]: case for case in json.loads(_REFERENCES.read_text())["cases"]}
    chosen = [cases[name] for name in _CASES]
    steps = (0.025,) if quick else _STEPS
    return [
        {"dt ms": dt, **{case["name"]: _error(case, dt) for case in chosen}} for dt in steps
    ]


def _error(case: dict, dt: float) -> float | str:
    cell = mx.cells.find(_CELLS[case["cell"]]).replaced(case["replaced"]).scaled(case["scaled"])
    drive = mx.stimuli.Stimulus()
    for given in case["stimuli"]:
        shape = getattr(mx.stimuli, given["kind"])
        settings = {key: given[key] for key in ("unit", "start", "duration")}
        drive = drive + shape(given["amplitude"], **settings)
    run = mx.simulate(cell, drive, duration=case["duration"], dt=dt, record=())
    found, wanted = run.spike_times, np.array(case["spikes"])
    if found.size != wanted.size:
        return f"{found.size} of {wanted.size}"
    return float(np.abs(found - wanted).max())
