"""Read spike trains from delimited text files, and write them."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Literal

import numpy as np

from mnexcite import disk
from mnexcite.errors import InputError, checked, choice
from mnexcite.spikes.arrays import FloatArray, number
from mnexcite.spikes.labels import MILLISECONDS
from mnexcite.spikes.layouts import Column, Layout, read_columns
from mnexcite.spikes.tables import read_table
from mnexcite.spikes.trains import SpikeTrains, negative

Unit = Literal["s", "ms", "us"]


@checked
def read_csv(
    path: str | os.PathLike[str],
    *,
    unit: Unit | None = None,
    layout: Layout | None = None,
    header: bool | None = None,
    decimal: Literal[".", ","] = ".",
    offset: float = 0.0,
    sort: bool = False,
) -> SpikeTrains:
    r"""Read spike times from a text file.

    Columns are separated by tabs, semicolons, commas or blanks; lines that start with #
    are comments. Three layouts are read: "single", one column of times; "long", one line
    per spike with its train and its time; "wide", one column per train, short columns
    padded with blanks or NaN. A layout that the file leaves open is asked for, never
    guessed; so is the unit.

    Parameters
    ----------
    path
        The file.
    unit
        Unit of the times in the file; None: as the header states it, such as `time_s`,
        `time (ms)` or `MU1 [ms]`.
    layout
        "single", "long" or "wide"; None: as header and columns tell. A long file without
        header has the train first; one with a header names its columns, such as `unit` and
        `time_s`, in any order, and its other columns are ignored.
    header
        Whether the first line holds labels; None: if it holds no number.
    decimal
        Decimal mark of the file.
    offset
        Added to all times [ms].
    sort
        Sort each train; without it a train out of order is an error.

    Returns
    -------
    SpikeTrains
        Times in ms. Names from the header or the column of trains, trains in the order in
        which they first appear; no names where the file has none.

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If it holds no spikes, something else than numbers, times that are negative or out
        of order, or leaves the unit or the layout open.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from mnexcite.spikes import read_csv
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "spikes.csv")
    >>> _ = path.write_text("unit,time_s\nMU1,0.010\nMU2,0.025\nMU1,0.120\n")
    >>> read_csv(path)["MU1"]
    array([ 10., 120.])
    >>> folder.cleanup()
    """
    if unit is not None:
        choice("unit", unit, MILLISECONDS)
    if layout is not None:
        choice("layout", layout, ("single", "long", "wide"))
    offset = number("offset", offset, "ms")
    file = Path(path)
    columns = read_columns(read_table(file, decimal), layout, header, unit)
    if not any(len(column.values) for column in columns):
        raise InputError(f"{file} holds no spike times; give a file with at least one")
    trains = [_times(file, column, offset, sort) for column in columns]
    named = all(column.name is not None for column in columns)
    names = [str(column.name) for column in columns] if named else None
    try:
        return SpikeTrains.from_list(trains, names)
    except InputError as error:
        raise InputError(f"{file}: {error}") from None


@checked
def write_csv(trains: SpikeTrains, path: str | os.PathLike[str]) -> None:
    """Write spike trains to a text file, one column per train, in ms.

    `read_csv` reads it back to the bit; trains without names come back as "train 0",
    "train 1", ..., a single one without name.

    Raises
    ------
    StorageError
        If the file cannot be written.
    InputError
        If there is no train.
    """
    if not len(trains):
        raise InputError("there are 0 trains; give at least 1 to write")
    if trains.names is not None:
        labels = [f"{name} [ms]" for name in trains.names]
    elif len(trains) == 1:
        labels = ["time [ms]"]
    else:
        labels = [f"train {i} [ms]" for i in range(len(trains))]
    rows = zip_longest(*(train.tolist() for train in trains), fillvalue="")
    stream = io.StringIO(newline="")
    # quoted labels: one that starts with # would be a comment
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(labels)
    csv.writer(stream, lineterminator="\n").writerows(rows)
    disk.write(path, stream.getvalue())


def _times(file: Path, column: Column, offset: float, sort: bool) -> FloatArray:
    """Return the spike times of a column [ms], checked, so that errors name the line."""
    times = np.array(column.values, dtype=np.float64) * MILLISECONDS[column.unit] + offset
    lines: Sequence[int] = column.lines
    if sort:
        order = np.argsort(times, kind="stable")
        times, lines = times[order], [lines[i] for i in order]
    wrong = np.flatnonzero(~np.isfinite(times))
    if wrong.size:
        raise InputError(f"{file}: line {lines[wrong[0]]} is too large; allowed: finite times")
    early = np.flatnonzero(times < 0)
    if early.size:
        raise InputError(
            negative(f"{file}: line {lines[early[0]]}", float(times.min()), offset)
        )
    back = np.flatnonzero(np.diff(times) <= 0)
    if back.size:
        i = int(back[0]) + 1
        who = "" if column.name is None else f" of {column.name!r}"
        what = (
            f"{file}: line {lines[i]}: the spike{who} at {times[i]:.15g} ms follows one at "
            f"{times[i - 1]:.15g} ms (line {lines[i - 1]}); allowed: ascending times; "
        )
        repeated = times[i] == times[i - 1]
        raise InputError(what + ("remove the repeat" if repeated else "give sort=True"))
    return times
