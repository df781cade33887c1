"""Put results into files and tables."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from mnexcite.cli import console
from mnexcite.cli.console import number, table
from mnexcite.cli.exits import NOTHING
from mnexcite.disk import write
from mnexcite.errors import InputError, StorageError

if TYPE_CHECKING:
    import xarray

    from mnexcite.muscle import Force, Forces
    from mnexcite.simulation import Recording
    from mnexcite.spikes import SpikeTrains


def check_folder(path: Path) -> None:
    """Refuse a folder that cannot be made or written, before any work; nothing is made yet.

    Raises
    ------
    StorageError
        If it cannot.
    """
    from mnexcite.errors import place  # it brings NumPy in, for which --help need not wait

    try:
        there = place("--out", path).absolute()
        while not there.exists():
            there = there.parent
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise _unwritable(path, error) from error


def folder(path: Path) -> Path:
    """Make a folder for results, once there is one.

    Raises
    ------
    StorageError
        If it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    return path


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot write into {path} ({error.strerror}); choose another folder with --out"
    )


def keep(recordings: Mapping[str, Recording], out: Path) -> str:
    """Save what there was before Ctrl-C, if anything, and say so."""
    kept = {name: rec for name, rec in recordings.items() if rec.ended > rec.start}
    if not kept:
        return NOTHING
    save_recordings(kept, out)
    return f"interrupted; what was computed is in {out}"


def save_dataset(dataset: xarray.Dataset, path: Path) -> None:
    """Write a dataset as Zarr; an older one is replaced once the new one is complete.

    Raises
    ------
    InputError
        If `path` holds something else than a Zarr folder.
    StorageError
        If it cannot be written.
    """
    if path.exists() and not (path / "zarr.json").exists():
        raise InputError(f"{path} exists and is no Zarr folder; choose another --out")
    from mnexcite.simulation import storage

    storage.write(dataset, path)


def cases_table(cases: Mapping[str, tuple[Recording, Force | None]]) -> Table:
    """Return the table of cases side by side: spikes, rate, CV, force, status."""
    from mnexcite.spikes import describe

    made = table("", *cases)
    rows: dict[str, list[str]] = {}

    def add(row: str, value: str) -> None:
        rows.setdefault(row, []).append(value)

    for rec, force in cases.values():
        train = describe(rec.spike_times)
        add("Spikes", str(train.count))
        add("Rate [Hz]", number(float(train.rate)))
        add("CV of intervals", number(float(train.cv), 3, _words(train.status)))
        if rec.spike_error is not None:
            add("Error of spike times [ms]", f"{rec.spike_error:.1e}")
        if force is not None:
            add("Fusion index", number(force.fusion_index, 3, _words(force.status)))
            unit = _unit(force.force_unit)
            scale = 100.0 if unit.startswith("%") else 1.0
            add(f"Peak force [{unit}]", number(scale * force.peak, 1))
            add(f"Mean force [{unit}]", number(scale * force.mean, 1))
        add("Status", _words(rec.status))
    for row, values in rows.items():
        made.add_row(row, *values)
    return made


def _unit(force_unit: str) -> str:
    from mnexcite.muscle.unit import FRACTION

    return "% of fused" if force_unit == FRACTION else force_unit


def _words(status: object) -> str:
    return str(status).replace("_", " ")


def save_recordings(recordings: Mapping[str, Recording], out: Path) -> None:
    """Write each recording as `<name>.zarr`, and all spike times to `spikes.csv`."""
    from mnexcite.spikes import SpikeTrains, write_csv

    folder(out)
    for name, rec in recordings.items():
        rec.save(out / f"{name}.zarr")
    times = [rec.spike_times for rec in recordings.values()]
    write_csv(SpikeTrains.from_list(times, tuple(recordings)), out / "spikes.csv")


def write_text(text: str, path: Path) -> None:
    """Write a text file.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    folder(path.parent)
    write(path, text)


def tell(out: Path, written: Iterable[str]) -> None:
    """Print where results are."""
    console.out().print(f"Written to {out}: {', '.join(written)}", soft_wrap=True)


def print_trains(trains: SpikeTrains, forces: Forces, listed: int) -> None:
    """Print the table of spike trains, one row each, up to `listed` of them."""
    from mnexcite.spikes import describe

    unit = _unit(forces.force_unit)
    scale = 100.0 if unit.startswith("%") else 1.0
    made = table("Train", "Spikes", "Rate [Hz]", "Fusion index", "Peak", "Mean")
    for i in range(min(len(trains), listed)):
        force = forces[i]
        made.add_row(
            str(i) if trains.names is None else trains.names[i],
            str(trains[i].size),
            number(float(describe(trains[i]).rate)),
            number(force.fusion_index, 3, _words(force.status)),
            number(scale * force.peak, 1),
            number(scale * force.mean, 1),
        )
    printer = console.out()
    printer.print(f"Peak and mean force in {unit}{' force' if scale == 100.0 else ''}")
    printer.print(made)
    if len(trains) > listed:
        printer.print(f"... and {len(trains) - listed} more trains")
