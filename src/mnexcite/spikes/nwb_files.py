"""Read spike trains from NWB files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from mnexcite.errors import InputError, StorageError, carried, checked, converted
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
    offset
        Added to all times [ms]; NWB times may be negative, spike trains start at 0.
    sort
        Sort each train; without it a train out of order is an error.
    fastest
        Mean rate above which a train of three spikes or more is refused [Hz].

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
    try:
        from pynwb import NWBHDF5IO
    except ImportError:
        raise InputError(
            'reading NWB needs pynwb, which is not installed; run: pip install "mnexcite[nwb]"'
        ) from None
    try:
        with NWBHDF5IO(path=str(file), mode="r") as io:
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
