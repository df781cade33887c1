"""Read spike trains from a file of any kind that laboratories have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from mnexcite.errors import InputError, checked
from mnexcite.spikes.belief import FASTEST
from mnexcite.spikes.csv_files import Unit, Zeros, read_csv
from mnexcite.spikes.decompositions import read_mat, read_openhdemg
from mnexcite.spikes.layouts import Layout
from mnexcite.spikes.nwb_files import read_nwb
from mnexcite.spikes.trains import SpikeTrains

_BOOKS = (".xlsx", ".xls", ".ods")


@checked
def read(
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
    r"""Read spike trains from a file; the end of its name says what it is.

    `.nwb` is read by `read_nwb`, `.json` by `read_openhdemg`, `.mat` by `read_mat`, and any
    other as text by `read_csv`, which says what the options are.

    Parameters
    ----------
    path
        The file.
    unit, layout, header, decimal, zeros
        Of text files; see `read_csv`, also for `offset`, `sort` and `fastest`.
    rate
        Rate of the samples [Hz], of text files and of MATLAB files that do not say it.

    Returns
    -------
    SpikeTrains
        Times in ms, named where the file names its trains.

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If what the file means is open, the message asks for the option that decides; if it
        holds no spikes or times that are no trains; if an option is not of its kind.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from mnexcite.spikes import read
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "spikes.csv")
    >>> _ = path.write_text("unit,sample\nMU1,0\nMU1,2048\n")
    >>> read(path, rate=2048)["MU1"]
    array([   0., 1000.])
    >>> folder.cleanup()
    """
    file = Path(path)
    suffix = file.suffix.lower()
    common: dict[str, Any] = {"offset": offset, "sort": sort, "fastest": fastest}
    text: dict[str, Any] = {"unit": unit, "layout": layout, "header": header, "zeros": zeros}
    if suffix in _BOOKS:
        raise InputError(f"{file} is a workbook; save its sheet as CSV (UTF-8)")
    if suffix not in (".nwb", ".json", ".mat"):
        return read_csv(file, **text, decimal=decimal, rate=rate, **common)
    given = [key for key, value in text.items() if value is not None]
    given += ["decimal"] * (decimal != ".") + ["rate"] * (rate is not None and suffix != ".mat")
    if given:
        raise InputError(f"{given[0]}= is given and {file} says it itself; leave it out")
    if suffix == ".mat":
        return read_mat(file, rate=rate, **common)
    return (read_nwb if suffix == ".nwb" else read_openhdemg)(file, **common)
