"""Read spike trains from NWB files, and write them."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from mnexcite import disk
from mnexcite.errors import (
    InputError,
    StorageError,
    carried,
    checked,
    choice,
    converted,
    did_you_mean,
    instance,
    mapping,
    place,
    text,
)
from mnexcite.spikes.arrays import FloatArray, IntArray, number
from mnexcite.spikes.belief import FASTEST, believed
from mnexcite.spikes.trains import SpikeTrains, negative


@checked
def read_nwb(
    path: str | os.PathLike[str],
    *,
    offset: float = 0.0,
    sort: bool = False,
    fastest: float = FASTEST,
) -> SpikeTrains:
    """Read the spike times of the `Units` table of an NWB file.

    Parameters
    ----------
    path
        The file (NWB 2, HDF5), with spike times in seconds.
    offset, sort, fastest
        As `read_csv` takes them; NWB times may be negative, and then need an offset.

    Returns
    -------
    SpikeTrains
        Times in ms, named by the units' `unit_name` where the file has that column, each name
        another, else by their ids.

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If pynwb is not installed, the file is not NWB, or it holds no units or no spikes,
        or times that are negative or out of order.
    """
    offset = number("offset", offset, "ms")
    file = Path(path)
    try:
        file.open("rb").close()
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror}; check the path") from None
    pynwb = need_pynwb("reading")
    try:
        with pynwb.NWBHDF5IO(path=str(file), mode="r") as io:
            ids, times, counts = _units(file, io.read())
    except InputError:
        raise
    except Exception as error:
        # pynwb and h5py have no common error for a file that is no NWB file
        first = (str(error).splitlines() or [""])[0]
        raise InputError(
            f"{file} cannot be read as NWB ({first}); give an NWB 2 file"
        ) from None
    if not times.size:
        raise InputError(f"{file} holds no spike times; give a file with at least one")
    times = times + offset
    if not np.isfinite(times).all():
        raise InputError(f"{file} holds spike times that are not finite; remove them")
    if times.min() < 0:
        raise InputError(negative(str(file), float(times.min()), offset))
    if sort:
        times = times[np.lexsort((times, np.repeat(np.arange(counts.size), counts)))]
    try:
        found = SpikeTrains(times, counts, tuple(str(unit) for unit in ids))
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    return believed(str(file), found, fastest)


#: What NWB can tell of a subject.
_SUBJECT = (
    *("subject_id", "species", "sex", "age", "age__reference", "weight"),
    *("strain", "genotype", "description"),
)
_AGE = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(/(P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?)?)?")
#: Of a file whose writer says nothing else: NWB asks for a start, spike times begin at it.
START = datetime(1970, 1, 1, tzinfo=UTC)


@checked
def write_nwb(
    trains: SpikeTrains,
    path: str | os.PathLike[str],
    *,
    description: str = "spike trains of mnexcite",
    start: datetime = START,
    resolution: float | None = None,
    subject: Mapping[str, str] | None = None,
    experimenter: str | None = None,
    institution: str | None = None,
) -> None:
    """Write spike trains as the `Units` table of an NWB 2 file, in seconds.

    `read_nwb` reads them back: names to the letter, times to one rounding of a float. Names
    stand in a column `unit_name`.

    Parameters
    ----------
    trains
        What to write; a train may be empty, not all.
    path
        The file; one that is there is replaced once the new one is complete.
    description
        Of the session, as NWB asks for.
    start
        When the recording began, with a time zone; 1970 where that has no meaning.
    resolution
        Smallest difference of two spike times [ms], one sample of what they were found in;
        left open where there is none, as in a simulation that interpolates.
    subject
        Whose the spikes are, for archives that ask: such as `{"subject_id": "S1", "species":
        "Homo sapiens", "sex": "F", "age": "P54Y"}`.
    experimenter, institution
        Who recorded them ("Last, First") and where.

    Raises
    ------
    StorageError
        If the file cannot be written.
    InputError
        If pynwb is not installed, there is no spike, or an argument is not allowed.
    """
    instance("trains", trains, SpikeTrains, "SpikeTrains")
    text("description", description)
    if not isinstance(start, datetime) or start.tzinfo is None:
        raise InputError(f"start is {start!r}; allowed: a datetime with a time zone")
    place("path", path)
    told = {"experimenter": experimenter, "institution": institution}
    told = {key: text(key, value) for key, value in told.items() if value is not None}
    whose = None if subject is None else _subject(subject)
    if not trains.times.size:
        raise InputError("there are 0 spikes; give at least 1 to write")
    pynwb = need_pynwb("writing")
    mark = disk.checksum(trains.times.tobytes() + trains.counts.tobytes())
    nwb = pynwb.NWBFile(
        description,
        mark,
        start,
        experiment_description=description,
        keywords=["motor unit", "spike times"],
        subject=None if whose is None else pynwb.file.Subject(**whose),
        **told,
    )
    if resolution is not None:
        seconds = number("resolution", resolution, "ms", above=0.0) / 1000.0
        nwb.units = pynwb.misc.Units(
            name="units", description="spike trains", resolution=seconds
        )
    if trains.names is not None:
        nwb.add_unit_column("unit_name", "what the unit is called")
    for i, train in enumerate(trains):
        named = {} if trains.names is None else {"unit_name": trains.names[i]}
        nwb.add_unit(id=i, spike_times=train / 1000.0, **named)
    # HDF5 writes a file in place: whole elsewhere first, then at once
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "units.nwb")
        with disk.explained("write", path), pynwb.NWBHDF5IO(str(whole), mode="w") as io:
            io.write(nwb)
        disk.write(path, whole.read_bytes())


def _subject(given: Mapping[str, str]) -> dict[str, str]:
    """Return what is told of a subject, in NWB's words."""
    allowed = f"such of {', '.join(_SUBJECT)} as are known"
    for key in mapping("subject", given, allowed):
        if key not in _SUBJECT:
            raise InputError(f"subject names {key!r}; {did_you_mean(key, _SUBJECT)}")
    told = {key: text(f"subject's {key}", value) for key, value in given.items()}
    if "sex" in told:
        choice("subject's sex", told["sex"], ("M", "F", "U", "O"))
    if not _AGE.fullmatch(told.get("age", "P1Y")):
        raise InputError(
            f"subject's age is {told['age']!r}; allowed: a duration as in ISO 8601, such as "
            "P54Y for 54 years or P3M for 3 months"
        )
    return told


def need_pynwb(doing: str) -> Any:
    """Return pynwb, or say how to install it."""
    try:
        import pynwb
    except ImportError:
        raise InputError(
            f'{doing} NWB needs pynwb, which is not installed; run: pip install "mnexcite[nwb]"'
        ) from None
    return pynwb


def _units(file: Path, nwb: Any) -> tuple[list[Any], FloatArray, IntArray]:
    """Return ids, all spike times [ms] end to end, and the spikes of each unit."""
    if nwb.units is None or "spike_times" not in nwb.units.colnames:
        raise InputError(f"{file} has no Units table with spike_times; give a file with one")
    ends = np.asarray(nwb.units.spike_times_index.data[:], dtype=np.int64)
    stored = nwb.units.spike_times_index.target.data
    times = np.asarray(stored[:], dtype=np.float64)
    # NWB means seconds; a file that states another unit means that one
    unit = carried(stored)[1] or "s"
    found = converted(f"{file}: spike_times", times, unit, "ms")
    names = list(nwb.units.id[:])
    if "unit_name" in nwb.units.colnames:
        called = [str(name) for name in nwb.units["unit_name"].data[:]]
        names = called if len(set(called)) == len(called) else names
    return names, found, np.diff(ends, prepend=0)
