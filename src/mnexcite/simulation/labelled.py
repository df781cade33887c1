"""Recordings as xarray datasets, labelled after the CF conventions."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
import xarray

from mnexcite.cells import Parameter
from mnexcite.cells.changes import in_words
from mnexcite.disk import labelled
from mnexcite.engine.status import CODES, STATUSES
from mnexcite.errors import cf
from mnexcite.simulation.beginning import BEGAN
from mnexcite.simulation.recording import Batch, Recording
from mnexcite.simulation.variables import known

_STATUS = {
    "long_name": "how the run ended",
    "flag_values": np.array([status.code for status in STATUSES], "i4"),
    "flag_meanings": " ".join(status.name for status in STATUSES),
}
_BEGAN = {
    "long_name": "where the run began",
    "flag_values": np.arange(len(BEGAN), dtype="i4"),
    "flag_meanings": " ".join(BEGAN),
}

_OF_THE_RUN = {
    "dt": {"units": "ms", "long_name": "step"},
    "tolerance": {"units": "1", "long_name": "error allowed per step"},
    "spike_error": {"units": "ms", "long_name": "estimated error of spike times"},
    "steps": {"units": "1", "long_name": "steps taken"},
}


def from_batch(batch: Batch) -> xarray.Dataset:
    """Return the dataset of a batch."""
    trains = batch.spike_times
    variables: dict[str, Any] = {
        "spike_time": ("spike", trains.times, {"units": "ms", "long_name": "spike time"}),
        "spike_count": (
            "lane",
            trains.counts,
            {"sample_dimension": "spike", "long_name": "spikes of each lane"},
        ),
        "status": ("lane", np.array([CODES[s] for s in batch.status], "i4"), _STATUS),
        "began": ("lane", np.array([BEGAN.index(b) for b in batch.began], "i4"), _BEGAN),
    }
    for name, described in _OF_THE_RUN.items():
        if getattr(batch, name) is not None:
            variables[name] = ("lane", getattr(batch, name), described)
    for name, values in batch.data.items():
        variables[name] = (("lane", "time"), values, _describe(batch, name))
    lanes = np.arange(len(batch))
    coordinates: dict[str, Any] = {"lane": ("lane", lanes, {"long_name": "lane"})}
    parameters = batch.cell.parameters
    for path, values in batch.parameters.items():
        coordinates[path] = ("lane", values, _of_parameter(path, parameters[path]))
    if batch.data:
        coordinates["time"] = ("time", batch.t, {"units": "ms", "long_name": "time"})
    dataset = xarray.Dataset(variables, coordinates, _provenance(batch))
    return labelled(dataset, f"runs of {batch.cell.name}")


def from_recording(recording: Recording) -> xarray.Dataset:
    """Return the dataset of one run."""
    variables: dict[str, Any] = {
        "spike_time": (
            "spike",
            recording.spike_times,
            {"units": "ms", "long_name": "spike time"},
        ),
        "status": ((), np.int32(CODES[recording.status]), _STATUS),
        "began": ((), np.int32(BEGAN.index(recording.began)), _BEGAN),
    }
    for name, described in _OF_THE_RUN.items():
        if getattr(recording, name) is not None:
            variables[name] = ((), getattr(recording, name), described)
    for name, values in recording.data.items():
        variables[name] = ("time", values, _describe(recording, name))
    coordinates = {}
    if recording.data:
        coordinates["time"] = ("time", recording.t, {"units": "ms", "long_name": "time"})
    dataset = xarray.Dataset(variables, coordinates, _provenance(recording))
    return labelled(dataset, f"run of {recording.cell.name}")


def _describe(run: Batch | Recording, name: str) -> dict[str, str]:
    variable = known(run.cell, 0)[name]
    return {"units": cf(run.units[name]), "long_name": variable.long_name}


def _of_parameter(path: str, parameter: Parameter) -> dict[str, str]:
    told = {"source": parameter.source, "status": parameter.status}
    return {"units": cf(parameter.unit), "long_name": path, **told}


def _stimulus(told: str | tuple[str, ...]) -> str:
    """Return what drove a run, of many lanes in lines."""
    if isinstance(told, str) or len(set(told)) < 2:
        return told if isinstance(told, str) else next(iter(told), "")
    return "\n".join(f"lane {lane}: {words}" for lane, words in enumerate(told))


def _provenance(run: Batch | Recording) -> dict[str, Any]:
    return {
        "cell": run.cell.name,
        "cell_changes": in_words(run.cell),
        "cell_source": run.cell.source,
        "stimulus": _stimulus(run.stimulus),
        "initial": run.initial,
        "method": run.method,
        "start": run.start,
        "duration": run.duration,
        "discard": run.discard,
        "software": f"mnexcite {version('mnexcite')}",
        "llvmlite": version("llvmlite"),
        "numpy": np.__version__,
    }
