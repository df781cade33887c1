"""A motor pool as a page is told of it: runs that were computed, and what they mean."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.motor_pool import Pool, cramp_after, surface_emg
from mnexcite.motor_pool.elicited import BASIS, outcome, sentence
from mnexcite.page.buffers import Buffers
from mnexcite.page.describe import of_page
from mnexcite.page.pool_runs import Case, Grid, Ran, cases_of, runs_of
from mnexcite.page.sliders import numbers_json

Array = NDArray[np.float64]

#: How often each is told [ms], and its smallest step: spikes in ticks, the electromyogram in
#: shares of its peak, force in maximal forces, potassium in mM.
EVERY = {"spikes": 0.1, "emg": 1.0, "force": 10.0, "potassium": 50.0}
EMG_STEPS, FORCE_STEP, POTASSIUM_STEP = 127, 2e-5, 1e-3


def describe_pool(
    pool: Pool,
    python: str = "",
    workers: int = 1,
    progress: Callable[[float], None] | None = None,
    grid: Grid | None = None,
) -> dict[str, Any]:
    """Return all that a page of a pool is told, as JSON has it: its runs are computed here."""
    from mnexcite import __version__

    cases, seed = cases_of(pool), 0
    ran = runs_of(cases, grid or Grid(), seed, workers, progress)
    buffers, made = Buffers(), python or "pool = ...  # the pool that this page was made of"
    emgs = [surface_emg(one.activity, rate=1.0 / EVERY["emg"]).values for one in ran]
    top = max((float(np.abs(emg).max(initial=0.0)) for emg in emgs), default=0.0) or 1.0
    shown = [(one, emg / top) for one, emg in zip(ran, emgs, strict=True)]
    plain = {
        (one.case, one.given.train): (one, emg) for one, emg in shown if not one.given.stretch
    }
    runs = [
        _run_json(one, emg, plain[one.case, one.given.train], buffers)
        | {"python": _python(made, next(c for c in cases if c.id == one.case), one, seed)}
        for one, emg in shown
    ]
    return {
        "version": __version__,
        "title": f"A muscle of {len(pool)} motor units",
        "units": len(pool),
        "seed": seed,
        "basis": of_page(BASIS),
        "cases": [
            {
                "id": case.id,
                "label": case.label,
                "about": case.about,
                "source": case.source,
                "status": case.status,
            }
            for case in cases
        ],
        "every": EVERY,
        "step": {
            "emg": top / EMG_STEPS,
            "force": 100.0 * FORCE_STEP,
            "potassium": POTASSIUM_STEP,
        },
        "runs": runs,
        "parameters": numbers_json(_numbers(pool)),
        "buffers": buffers.json,
    }


def _numbers(pool: Pool) -> dict[str, Any]:
    """Return every number of a pool by the name that `Pool.replaced` takes."""
    found = dict(pool.numbers)
    for part in ("soma", "terminal"):
        cell = getattr(pool, part)
        found |= {f"{part}.{path}": number for path, number in cell.parameters.items()}
    return found


def _run_json(
    ran: Ran, emg: Array, plain: tuple[Ran, Array], buffers: Buffers
) -> dict[str, Any]:
    """Return a run; `plain`: the one without a stretch, with which it begins."""
    activity, given = ran.activity, ran.given
    told: dict[str, Any] = {
        "case": ran.case,
        "train": given.train,
        "stretch": given.stretch,
        "rest": given.rest,
        "end": given.end,
        "pulled": given.pulled,
        "duration": activity.duration,
        "status": activity.status,
    }
    if activity.status != "ok":
        return told | {"sentence": f"the run failed ({activity.status})."}
    # until the stretch begins it is the same run: told once
    since = given.pulled[0] if given.pulled else 0.0
    if since and not _same(_parts(ran, emg, 0.0, since), _parts(*plain, 0.0, since)):
        since = 0.0
    parts = _parts(ran, emg, since, activity.duration + 1.0)
    return told | {
        "sentence": sentence(activity, given),
        "outcome": outcome(activity, given),
        "units": cramp_after(activity, given.end).units,
        "since": since,
        **{name: buffers.add(values) for name, values in parts.items()},
    }


def _parts(ran: Ran, emg: Array, start: float, stop: float) -> dict[str, NDArray[Any]]:
    """Return what is told of a run between two times."""
    trains = ran.activity.terminals.between(start, stop)

    def between(name: str, values: Array, step: float, kind: type) -> NDArray[Any]:
        first, last = (math.ceil(t / EVERY[name]) for t in (start, stop))
        steps = np.rint(values[first:last] / step)
        return np.clip(steps, np.iinfo(kind).min, np.iinfo(kind).max).astype(kind)

    def every(name: str, values: Array) -> Array:
        # of the ms that ends there, from 0 on
        return np.concatenate([values[:1], values])[:: int(EVERY[name])]

    shared = ran.activity.shared
    return {
        "spikes": np.rint(trains.times / EVERY["spikes"]).astype(np.uint32),
        "counts": trains.counts.astype(np.uint32),
        "emg": between("emg", emg, 1.0 / EMG_STEPS, np.int8),
        "force": between("force", every("force", ran.activity.force), FORCE_STEP, np.uint16),
        "potassium": between(
            "potassium", every("potassium", shared["potassium"]), POTASSIUM_STEP, np.uint16
        ),
    }


def _same(one: dict[str, NDArray[Any]], other: dict[str, NDArray[Any]]) -> bool:
    """Tell whether two runs begin alike; an electromyogram may be rounded otherwise."""
    return all(
        values.shape == other[name].shape
        and np.abs(values.astype(float) - other[name]).max(initial=0.0) <= (name == "emg")
        for name, values in one.items()
    )


def _python(made: str, case: Case, ran: Ran, seed: int) -> str:
    """Return the text that does a run again."""
    lines = ["import mnexcite as mx", "", made, *case.python.splitlines()]
    lines.append(f"protocol = {ran.given.python}")
    lines.append(
        f"run = mx.motor_pool.contract(pool, protocol, duration={ran.activity.duration:g}, "
        f"seed={seed})"
    )
    return "\n".join([*lines, "print(run)", ""])
