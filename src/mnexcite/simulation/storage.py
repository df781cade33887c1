"""Save runs to a Zarr folder and load them again, to the bit."""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray
from numpy.typing import NDArray

from mnexcite.cells import files
from mnexcite.cells.warmth import Numbers
from mnexcite.engine.state import State
from mnexcite.engine.status import STATUSES
from mnexcite.errors import InputError, StorageError, place
from mnexcite.simulation.beginning import BEGAN
from mnexcite.simulation.recording import Batch, Recording
from mnexcite.spikes import SpikeTrains

Array = NDArray[np.float64]

FORMAT = "mnexcite run, format 1"


def save(run: Batch | Recording, path: str | Path) -> None:
    """Write a run; an older run at `path` is replaced once the new one is complete.

    Raises
    ------
    InputError
        If `path` holds something else than a saved run.
    StorageError
        If it cannot be written.
    """
    path = place("path", path)
    if path.exists() and not _is_run(path):
        raise InputError(f"{path} exists and is not a saved run; choose another name")
    single = isinstance(run, Recording)
    batch = run.as_batch() if single else run
    state = batch.final_state
    dataset = batch.to_xarray().assign(
        state=(("state", "lane"), state.values),
        state_raw=(("raw", "lane"), state.raw),
        state_armed=("lane", state.armed),
        state_status=("lane", state.status),
        state_protocol=("lane", state.protocol),
        ended=("lane", batch.ended, {"units": "ms", "long_name": "when the run failed"}),
    )
    dataset.attrs |= {
        "format": FORMAT,
        "single": int(single),
        "lanes": len(batch),
        "cell_definition": json.dumps(files.describe(batch.cell)),
        "state_names": json.dumps(state.names),
        "state_time": state.time,
        "state_method": state.method,
        "units": json.dumps(dict(batch.units)),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
            fresh = Path(folder) / path.name
            dataset.to_zarr(fresh, consolidated=False, zarr_format=3)
            if path.exists():
                shutil.rmtree(path)
            fresh.rename(path)
    except OSError as error:
        raise StorageError(f"cannot write {path} ({error}); choose another folder") from error


def load(path: str | Path) -> Batch | Recording:
    """Read what `Recording.save` or `Batch.save` wrote.

    Raises
    ------
    StorageError
        If there is nothing to read.
    InputError
        If it is not a saved run.
    """
    path = place("path", path)
    if not path.exists():
        raise StorageError(f"cannot read {path}: there is no such folder")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of zarr, about what is missing; we say so below
            with xarray.open_zarr(path, consolidated=False, chunks=None) as opened:
                dataset = opened.load()
        if dataset.attrs["format"] != FORMAT:
            raise KeyError(f"format {dataset.attrs['format']!r}")
        return _build(dataset)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise InputError(
            f"{path} is not a saved run ({type(error).__name__}: {_first_line(error)}); "
            f"allowed: a folder that Recording.save or Batch.save wrote ({FORMAT})"
        ) from error


def _values(dataset: xarray.Dataset, name: str) -> Array | None:
    return dataset[name].values if name in dataset else None


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]


def _is_run(path: Path) -> bool:
    try:
        group = json.loads((path / "zarr.json").read_text(encoding="utf-8"))
        return group["attributes"]["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _build(dataset: xarray.Dataset) -> Batch | Recording:
    attrs = dataset.attrs
    cell = files.build(json.loads(attrs["cell_definition"]))
    names = tuple(json.loads(attrs["state_names"]))
    state = State(
        time=float(attrs["state_time"]),
        names=names,
        values=dataset["state"].values,
        raw=dataset["state_raw"].values,
        armed=dataset["state_armed"].values,
        status=dataset["state_status"].values,
        method=attrs["state_method"],
        dt=_values(dataset, "dt"),
        tolerance=_values(dataset, "tolerance"),
        protocol=dataset["state_protocol"].values,
    )
    units = json.loads(attrs["units"])
    parameters = cell.parameters
    batch = Batch(
        cell=cell,
        parameters=Numbers(
            {str(p): dataset[p].values for p in dataset.coords if p in parameters}
        ),
        spike_times=SpikeTrains(dataset["spike_time"].values, dataset["spike_count"].values),
        t=dataset["time"].values if "time" in dataset.coords else np.empty(0),
        data={name: dataset[name].values for name in units},
        units=units,
        status=tuple(STATUSES[code].name for code in dataset["status"].values),
        ended=dataset["ended"].values,
        final_state=state,
        start=float(attrs["start"]),
        duration=float(attrs["duration"]),
        discard=float(attrs["discard"]),
        method=attrs["method"],
        dt=state.dt,
        tolerance=state.tolerance,
        spike_error=_values(dataset, "spike_error"),
        steps=dataset["steps"].values,
        began=tuple(BEGAN[code] for code in dataset["began"].values),
    )
    return replace(batch.lane(0), cell=cell) if attrs["single"] else batch
