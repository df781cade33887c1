"""Read spike trains from delimited text files, and write them."""

from __future__ import annotations

import csv
import io
import os
import warnings
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Literal

import numpy as np

from mnexcite import disk
from mnexcite.errors import InputError, RunWarning, checked, choice
from mnexcite.spikes.arrays import FloatArray, number
from mnexcite.spikes.belief import FASTEST, believed
from mnexcite.spikes.columns import Column, Reading, read_columns
from mnexcite.spikes.labels import MILLISECONDS, SAMPLES
from mnexcite.spikes.layouts import LAYOUTS, Layout, read_body
from mnexcite.spikes.tables import read_table
from mnexcite.spikes.trains import SpikeTrains, negative

Unit = Literal["s", "ms", "us"]
Zeros = Literal["padding", "spikes"]


@checked
def read_csv(
    path: str | os.PathLike[str],
    *,
    unit: Unit | None = None,
    layout: Layout | None = None,
    header: bool | None = None,
    decimal: Literal[".", ","] = ".",
    rate: float | None = None,
    zeros: Zeros | None = None,
    offset: float = 0.0,
    sort: bool = False,
    fastest: float = FASTEST,
) -> SpikeTrains:
    r"""Read spike times from a text file.

    Columns are separated by tabs, semicolons, commas or blanks; lines that start with #
    are comments, and a first column without label that counts the rows, as pandas and R
    write it, is left out. These layouts are read: "single", one column of times; "long", one
    line per spike with its train and its time, and "time_first", with its time and its train;
    "wide", one column per train, short columns padded with blanks or NaN; "rows", one row per
    train; "binary", one column per train with 0 or 1 at each sample. A layout that the file
    leaves open is asked for, never guessed; so is the unit.

    Parameters
    ----------
    path
        The file.
    unit
        Unit of the times in the file; None: as the header states it, such as `time_s`,
        `time (ms)` or `MU1 [ms]`.
    layout
        One of those above; None: as header and columns tell. A long file with a header
        names its columns, such as `unit` and `time_s`, in any order, and its other columns
        are ignored.
    header
        Whether the first line holds labels; None: if it holds no number.
    decimal
        Decimal mark of the file.
    rate
        The file holds numbers of samples (sample 0 is at 0 ms), or is "binary"; their rate,
        such as 2048 [Hz].
    zeros
        What zeros below the last spike of a train are: "padding" or "spikes" at 0; None: asked
        for where there are any.
    offset
        Added to all times [ms].
    sort
        Sort each train; without it a train out of order is an error.
    fastest
        A train of three spikes or more with a higher mean rate is refused, as it comes from a
        wrong unit more often than from a motor unit [Hz]; infinite: none is.

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
        of order, trains faster than `fastest`, or leaves the unit or the layout open.

    Warns
    -----
    RunWarning
        If times in seconds have no fraction: they may be milliseconds or samples.

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
        choice("layout", layout, LAYOUTS)
    if zeros is not None:
        choice("zeros", zeros, ("padding", "spikes"))
    if rate is not None:
        rate = number("rate", rate, "Hz", above=0.0)
        if unit is not None:
            raise InputError(
                f"unit={unit!r} and rate={rate:g} are both given; allowed: unit= for times, "
                "rate= for numbers of samples"
            )
    offset = number("offset", offset, "ms")
    file = Path(path)
    body = read_body(read_table(file, decimal), header)
    columns = read_columns(body, Reading(layout, unit, rate, zeros))
    if not any(len(column.values) for column in columns):
        raise InputError(f"{file} holds no spike times; give a file with at least one")
    trains = [_times(file, column, rate, offset, sort) for column in columns]
    named = all(column.name is not None for column in columns)
    names = [str(column.name) for column in columns] if named else None
    try:
        found = SpikeTrains.from_list(trains, names)
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    _question_seconds(file, columns)
    return believed(str(file), found, fastest, columns[0].unit, given=unit is not None)


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


def _question_seconds(file: Path, columns: Sequence[Column]) -> None:
    """Warn of seconds without any fraction."""
    several = any(len(column.values) > 2 for column in columns)
    whole = all(value % 1 == 0 for column in columns for value in column.values)
    if columns[0].unit == "s" and several and whole:
        warnings.warn(
            f"{file}: all times are whole seconds, as milliseconds or numbers of samples would "
            "be; check the unit",
            RunWarning,
            stacklevel=4,
        )


def _times(
    file: Path, column: Column, rate: float | None, offset: float, sort: bool
) -> FloatArray:
    """Return the spike times of a column [ms], checked, so that errors name the line."""
    times, lines = _in_ms(file, column, rate) + offset, column.lines
    if sort:
        order = np.argsort(times, kind="stable")
        times, lines = times[order], [lines[i] for i in order]
    wrong = np.flatnonzero(~np.isfinite(times))
    if wrong.size:
        raise InputError(f"{file}: line {lines[wrong[0]]} is too large; allowed: finite times")
    early = np.flatnonzero(times < 0)
    if early.size:
        where = f"{file}: line {lines[early[0]]}"
        if not sort and early[0] and len(set(times[early])) == 1:
            raise InputError(
                f"{where}: a spike at {times[early[0]]:g} ms follows later ones; allowed: from "
                "0 ms; if it is padding, leave the cell empty"
            )
        raise InputError(negative(where, float(times.min()), offset))
    back = np.flatnonzero(np.diff(times) <= 0)
    if back.size:
        i = int(back[0]) + 1
        who = "" if column.name is None else f" of {column.name!r}"
        what = (
            f"{file}: line {lines[i]}: the spike{who} at {times[i]:.15g} ms follows one at "
            f"{times[i - 1]:.15g} ms (line {lines[i - 1]}); allowed: ascending times; "
        )
        if times[i] == times[i - 1]:
            raise InputError(what + "remove the repeat")
        # a zero that is no spike would become one by sorting
        zero = column.values[column.lines.index(lines[i])] == 0.0
        raise InputError(what + ("remove the 0 or sort the file" if zero else "give sort=True"))
    return times


def _in_ms(file: Path, column: Column, rate: float | None) -> FloatArray:
    values = np.array(column.values, dtype=np.float64)
    if column.unit != SAMPLES:
        return values * MILLISECONDS[column.unit]
    broken = np.flatnonzero(values % 1 != 0)
    if broken.size:
        raise InputError(
            f"{file}: line {column.lines[broken[0]]} holds {values[broken[0]]:g}; allowed: "
            "whole numbers of samples; leave rate out and give unit= for times"
        )
    assert rate is not None  # asked for with the unit
    with np.errstate(over="ignore"):
        return values * 1000.0 / rate
