"""The map's points by NEURON's own loop: one process, one cell, changed from point to point."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray
from large_map import MEASURES, LargeMap
from numpy.typing import NDArray
from tables import Table

import mnexcite as mx
from mnexcite.bench import clock
from mnexcite.bench.accuracy import spike_error
from mnexcite.bench.peers import NeuronCvode, NeuronFixed, Peer, Setting
from mnexcite.bench.work import Work
from mnexcite.measures import Span
from mnexcite.measures.extremes import Extremes
from mnexcite.measures.phases import NAMES, SWING, classify
from mnexcite.spikes import SpikeTrains, describe
from mnexcite.sweeps import zipped
from mnexcite.sweeps.designs.points import inputs_of

#: Both of NEURON's ways with their own defaults, and a CVODE about as exact as our default.
LOOPS: tuple[tuple[Peer, Setting], ...] = (
    (NeuronCvode(in_turn=True), Setting("atol 0.001", 1e-3, "tolerance")),
    (NeuronCvode(in_turn=True), Setting("atol 1e-07", 1e-7, "tolerance")),
    (NeuronFixed(order=2, in_turn=True), Setting("dt 0.025 ms", 0.025, "dt")),
)
OURS = "mnexcite"
#: About as exact as NEURON's CVODE with its default.
COARSE, COARSE_TOLERANCE = "mnexcite, tolerance 1e-3", 1e-3
FINE = "mnexcite, dormand_prince at 1e-10"
#: Rates that differ by less are the same.
SAME = 0.01
Rows = list[dict[str, Any]]


def measure(
    made: LargeMap, ds: xarray.Dataset, row: dict[str, Any], peers: Sequence[Peer], quick: bool
) -> dict[str, Any]:
    """Return rows of costs, of agreement and of the points that differ, and what is missing.

    `row` says what the whole map took.
    """
    if reason := _missing(peers):
        return {"loop": [], "agreement": [], "differing": [], "skipped": reason}
    cell = mx.cells.purvis_butera_2005()
    points = spread(made, (2, 1) if quick else (8, 5))
    given = made.design.at(points)
    design = zipped(
        {
            "NaP.g": mx.factors(given["NaP.g"].tolist()),
            "K.g": mx.factors(given["K.g"].tolist()),
            "ions.K_o": given["ions.K_o"],
        }
    )
    times: dict[str, Any] = {"duration": made.duration, "discard": made.discard}
    work = Work(
        cell, inputs_of(cell, design, np.arange(points.size)).parameters, duration=made.duration
    )
    own = partial(mx.sweep, cell, design, measures=MEASURES, threads=1, **times)
    coarse = partial(own, tolerance=COARSE_TOLERANCE)
    runs = {f"{peer.name}, {s.label}": peer.prepare(work, s) for peer, s in LOOPS}
    seconds: dict[str, list[float]] = {name: [] for name in (OURS, COARSE, *runs)}
    answers: dict[str, tuple[NDArray[Any], ...]] = {}
    swept = own()
    for _ in range(1 if quick else 3):  # in turn
        spent, swept = _spent(own)
        seconds[OURS].append(spent)
        seconds[COARSE].append(_spent(coarse)[0])
        for name, run in runs.items():
            answer = run()
            seconds[name].append(answer.seconds)
            answers[name] = answer.spikes
    alone: dict[str, Any] = {
        "parameters": work.parameters,
        "duration": made.duration,
        "threads": 1,
    }
    trains = {
        OURS: mx.simulate(cell, **alone).spike_times,
        COARSE: mx.simulate(cell, tolerance=COARSE_TOLERANCE, **alone).spike_times,
        FINE: mx.simulate(cell, method="dormand_prince", tolerance=1e-10, **alone).spike_times,
        **{name: SpikeTrains.from_list(spikes) for name, spikes in answers.items()},
    }
    same = all(
        np.array_equal(swept[name].values, ds[name].values.ravel()[points], equal_nan=True)
        for name in ds.data_vars
    )
    return {
        "loop": _costs(seconds, points.size, row),
        "same bits": same,
        **_agreement(made, given, trains),
        "skipped": "",
    }


def tables(result: dict[str, Any]) -> list[Table]:
    """Return costs, agreement and what differs; nothing where NEURON did not run."""
    skipped = result["skipped"]
    if skipped:
        return [Table("The map by NEURON's own loop", [], f"NEURON did not run: {skipped}.")]
    bits = "the same bits as" if result["same bits"] else "NOT the bits of"
    return [
        Table(
            "The map by NEURON's own loop, on points spread over it",
            result["loop"],
            "One NEURON process with one cell, our equations as a .mod file, changed from "
            "point to point; spike times are kept and nothing else, and the loop alone is "
            "timed, by solve() and psolve(), which are faster than continuerun(). Ours: whole "
            "call of mnexcite.sweep with force, one thread; its values have "
            f"{bits} the map's. Processor time, medians of rounds taken in turn. map h: the "
            "whole map at that speed. x of ours: of one thread; x of 1e-3: of ours at that "
            "tolerance; x of the map: by the whole command above.",
        ),
        Table(
            "Do they agree?",
            result["agreement"],
            f"Against {FINE}, points: rates within 1 %, same phase, as many spikes; and there "
            "the largest error of a spike time, its median over points and its maximum. "
            "Phases are told from spikes alone.",
        ),
        Table(
            "Where they do not",
            result["differing"],
            "Points at which a rate is off by more than 1 % or a phase differs.",
        ),
    ]


def spread(made: LargeMap, counts: tuple[int, int]) -> NDArray[np.int64]:
    """Return flat points in the middles of equal parts of the map, at each concentration."""
    shape = made.design.shape
    lines = [
        ((np.arange(n) + 0.5) * size / n).astype(np.int64)
        for n, size in zip((*counts, shape[2]), shape, strict=True)
    ]
    return np.ravel_multi_index(np.ix_(*lines), shape).ravel()


def _spent(call: Callable[[], xarray.Dataset]) -> tuple[float, xarray.Dataset]:
    """Return the processor time of a call on one thread, and what it gave."""
    start = clock.now()
    found = call()
    return clock.now() - start, found


def _missing(peers: Sequence[Peer]) -> str | None:
    if not any(isinstance(peer, NeuronCvode | NeuronFixed) for peer in peers):
        return "not asked for; --peers NEURON"
    return LOOPS[0][0].missing()


def _costs(seconds: dict[str, list[float]], points: int, row: dict[str, Any]) -> Rows:
    each = {name: statistics.median(spent) / points for name, spent in seconds.items()}
    return [
        {
            "what": name,
            "points": points,
            "ms per point": 1e3 * cost,
            "map h": cost * row["points"] / 3600.0,
            "x of ours": cost / each[OURS],
            "x of 1e-3": cost / each[COARSE],
            "x of the map": cost * row["points"] / row["s"],
        }
        for name, cost in each.items()
    ]


def _agreement(
    made: LargeMap,
    given: dict[str, NDArray[Any]],
    trains: dict[str, SpikeTrains],
) -> dict[str, Rows]:
    agreement, differing = [], []
    kept = {name: train.after(made.discard) for name, train in trains.items()}
    rates = {name: np.asarray(describe(train).rate) for name, train in kept.items()}
    span = Span(len(trains[FINE]), 0.0, made.discard, made.duration)
    no_voltage = Extremes.none(span, SWING)
    phases = {name: classify(train, no_voltage) for name, train in kept.items()}
    for name in trains:
        if name == FINE:
            continue
        close = np.abs(rates[name] - rates[FINE]) <= SAME * rates[FINE]
        same = phases[name] == phases[FINE]
        pairs = zip(trains[name], trains[FINE], strict=True)
        errors = [spike_error(a, b, made.duration) for a, b in pairs]
        known = [error for error in errors if error is not None]
        agreement.append(
            {
                "what": name,
                "points": same.size,
                "same rate": int(close.sum()),
                "same phase": int(same.sum()),
                "as many spikes": len(known),
                "median ms": statistics.median(known) if known else None,
                "largest ms": max(known, default=None),
            }
        )
        for i in np.flatnonzero(~(close & same)).tolist():
            differing.append(
                {
                    "what": name,
                    "NaP x": float(given["NaP.g"][i]),
                    "K x": float(given["K.g"][i]),
                    "K_o mM": float(given["ions.K_o"][i]),
                    **{
                        f"{key} {unit}".strip(): value
                        for key, who in (("its", name), ("fine", FINE))
                        for unit, value in (
                            ("Hz", float(rates[who][i])),
                            ("phase", NAMES[phases[who][i]]),
                        )
                    },
                }
            )
    return {"agreement": agreement, "differing": differing}
