"""Save runs to a Zarr folder and load them again, to the bit."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray
from numpy.typing import NDArray

from mnexcite.cells import files
from mnexcite.cells.warmth import Numbers
from mnexcite.disk import damaged, explained, recover, replacing, seal
from mnexcite.disk.sealing import OWN, ROOT
from mnexcite.engine.state import State
from mnexcite.engine.status import STATUSES
from mnexcite.errors import InputError, StorageError, place
from mnexcite.simulation.beginning import BEGAN
from mnexcite.simulation.recording import Batch, Recording
from mnexcite.spikes import SpikeTrains
from mnexcite.stimuli import Events, Stimulus

Array = NDArray[np.float64]

NAME = "mnexcite run, format"
FORMAT = f"{NAME} 3"


def save(run: Batch | Recording, path: str | Path) -> None:
    """Write a run; an older run at `path` is replaced once the new one is complete.

    Raises
    ------
    InputError
        If `path` holds something else than a saved run.
    StorageError
        If it cannot be written.
    """
    path = _target(path)
    single = isinstance(run, Recording)
    batch = run.as_batch() if single else run
    state = batch.final_state
    dataset = batch.to_xarray().assign(
        **_variables(state),
        ended=("lane", batch.ended, {"units": "ms", "long_name": "when the run failed"}),
    )
    dataset.attrs |= {
        **_described(state),
        "format": FORMAT,
        "single": int(single),
        "lanes": len(batch),
        "cell_definition": json.dumps(files.describe(batch.cell)),
        "units": json.dumps(dict(batch.units)),
        "stimuli": json.dumps(batch.stimulus),
    }
    write(dataset, path)


def save_state(state: State, path: str | os.PathLike[str]) -> None:
    """Write where a session stands; refuse and replace as `save` does."""
    path = _target(path)
    variables = _variables(state)
    for name in ("dt", "tolerance"):
        if (column := getattr(state, name)) is not None:
            variables[name] = ("lane", column)
    attrs = {**_described(state), "format": FORMAT, "lanes": state.lanes, "only_state": 1}
    write(xarray.Dataset(variables, attrs=attrs), path)


def _target(path: str | os.PathLike[str]) -> Path:
    """Return where to write; refuse to write over what is no saved run."""
    with explained("write", path):
        target = place("path", path).resolve()
        recover(target, _whole)
        if target.exists() and not _is_run(target):
            raise InputError(f"{path} exists and is not a saved run; choose another name")
    return target


def _variables(state: State) -> dict[str, Any]:
    return {
        "state": (("state", "lane"), state.values),
        "state_raw": (("raw", "lane"), state.raw),
        "state_armed": ("lane", state.armed),
        "state_status": ("lane", state.status),
        "state_protocol": ("lane", state.protocol),
    }


def _described(state: State) -> dict[str, Any]:
    told = [
        [[e.synapse, e.times.tolist(), e.weights.tolist(), e.compartment] for e in one.events]
        for one in state.told
    ]
    return {
        "state_names": json.dumps(state.names),
        "state_time": state.time,
        "state_method": state.method,
        "state_told": json.dumps(told),
    }


def _state(dataset: xarray.Dataset) -> State:
    attrs = dataset.attrs
    told = tuple(
        Stimulus(events=tuple(Events(n, np.array(t), np.array(w), c) for n, t, w, c in one))
        for one in json.loads(attrs["state_told"])
    )
    return State(
        time=float(attrs["state_time"]),
        names=tuple(json.loads(attrs["state_names"])),
        values=dataset["state"].values,
        raw=dataset["state_raw"].values,
        armed=dataset["state_armed"].values,
        status=dataset["state_status"].values,
        method=attrs["state_method"],
        dt=_values(dataset, "dt"),
        tolerance=_values(dataset, "tolerance"),
        protocol=dataset["state_protocol"].values,
        told=told,
    )


def write(dataset: xarray.Dataset, path: Path) -> None:
    """Write a dataset as a Zarr folder with checksums; an older folder is replaced at once.

    Raises
    ------
    StorageError
        If it cannot be written; an older folder is then as it was.
    """
    with explained("write", path), replacing(path.resolve(), _whole) as fresh:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of zarr, about names that others may not read
            dataset.to_zarr(fresh, consolidated=False, zarr_format=3)
        seal(fresh)


def load(path: str | Path) -> Batch | Recording | State:
    """Read what `Recording.save`, `Batch.save` or `Session.save` wrote.

    Raises
    ------
    StorageError
        If there is nothing to read, or it is damaged.
    InputError
        If it is not a saved run.
    """
    named = path
    with explained("read", named):
        path = place("path", path).resolve()
        recover(path, _whole)
        if not path.exists():
            raise StorageError(f"cannot read {named}: there is no such folder")
        _check(named, path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is read is what was written
            with xarray.open_zarr(path, consolidated=False, chunks=None) as opened:
                dataset = opened.load()
    try:
        return _state(dataset) if "only_state" in dataset.attrs else _build(dataset)
    except (InputError, LookupError, ValueError, TypeError, AttributeError) as error:
        # whole, but of a version that described cells or runs otherwise
        raise InputError(
            f"{named} cannot be read by this version ({type(error).__name__}: "
            f"{_first_line(error)}); use that which wrote it: "
            f"{dataset.attrs.get('software', 'unknown')}"
        ) from error


def _check(named: str | Path, path: Path) -> None:
    """Refuse what is no saved run, or a damaged one."""
    found = damaged(path)
    attributes = _attributes(path)
    if found == () and attributes.get("format") == FORMAT:
        return
    if found and OWN in attributes:
        raise StorageError(
            f"{named} is damaged in {', '.join(found)}, so its values are not those that were "
            "saved; take a copy, or run and save it again"
        )
    raise InputError(
        f"{named} is not a saved run; allowed: a folder that Recording.save or Batch.save "
        f"wrote ({FORMAT})"
    )


def _whole(path: Path) -> bool:
    try:
        return not damaged(path)
    except OSError:
        return False


def _values(dataset: xarray.Dataset, name: str) -> Array | None:
    return dataset[name].values if name in dataset else None


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]


def _is_run(path: Path) -> bool:
    """Tell whether a folder is of a saved run, of any version and damaged or not."""
    return str(_attributes(path).get("format", "")).startswith(NAME)


def _attributes(path: Path) -> dict[str, Any]:
    try:
        found = json.loads((path / ROOT).read_bytes())["attributes"]
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _build(dataset: xarray.Dataset) -> Batch | Recording:
    attrs = dataset.attrs
    cell = files.build(json.loads(attrs["cell_definition"]))
    state = _state(dataset)
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
        stimulus=tuple(json.loads(attrs["stimuli"])),
        initial=attrs["initial"],
    )
    return replace(batch.lane(0), cell=cell) if attrs["single"] else batch
