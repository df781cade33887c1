"""Read spike trains from files of programs that decompose an EMG: openhdemg, DEMUSE, OTB+."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from mnexcite.errors import InputError, StorageError, checked
from mnexcite.spikes.arrays import FloatArray, number
from mnexcite.spikes.belief import FASTEST, believed
from mnexcite.spikes.trains import SpikeTrains, negative

_GZIP = b"\x1f\x8b"
_MUSCLE = re.compile(r"^.*Decomposition of ([^-(\[]*).*$", re.DOTALL)


@checked
def read_openhdemg(
    path: str | os.PathLike[str],
    *,
    offset: float = 0.0,
    sort: bool = False,
    fastest: float = FASTEST,
) -> SpikeTrains:
    """Read the spike trains of a JSON file that openhdemg saved, compressed or not.

    `MUPULSES` holds the samples of each motor unit's discharges, counted from 0, and `FSAMP`
    their rate [Hz].

    Parameters
    ----------
    path
        The file.
    offset, sort, fastest
        As `read_csv` takes them.

    Returns
    -------
    SpikeTrains
        Times in ms, in the order of the file, where motor units are counted from 0.

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If it is no such file, or holds no spikes, or times that `read_csv` refuses, too.

    References
    ----------
    Valli et al. 2024, J Electromyogr Kinesiol 74:102850, and the package openhdemg.
    """
    offset = number("offset", offset, "ms")
    file = Path(path)
    held = _json(file)
    pulses, rate = _unpacked(held.get("MUPULSES")), _unpacked(held.get("FSAMP"))
    if not isinstance(pulses, list) or not isinstance(rate, float | int):
        raise InputError(
            f"{file} has no MUPULSES with a rate FSAMP; give a decomposition that openhdemg "
            "saved as JSON"
        )
    trains = [_samples(f"{file}: MUPULSES {i}", unit) for i, unit in enumerate(pulses)]
    return _trains(file, trains, 0, _rate(file, "FSAMP", rate), None, offset, sort, fastest)


@checked
def read_mat(
    path: str | os.PathLike[str],
    *,
    rate: float | None = None,
    offset: float = 0.0,
    sort: bool = False,
    fastest: float = FASTEST,
) -> SpikeTrains:
    """Read the spike trains of a MATLAB file of DEMUSE or OTBioLab+.

    DEMUSE's `MUPulses` holds the samples of each motor unit's discharges, counted from 1, and
    `fsamp` their rate. OTBioLab+'s `Data` holds 1 at each sample with a discharge in the
    columns that `Description` calls "Decomposition of ...", and `SamplingFrequency` the rate.
    The first sample is at 0 ms.

    Parameters
    ----------
    path
        The file, of MATLAB 7 or earlier.
    rate
        Rate of the samples [Hz]; None: as the file says.
    offset, sort, fastest
        As `read_csv` takes them.

    Returns
    -------
    SpikeTrains
        Times in ms, in the order of the file; OTBioLab+'s are named by their
        muscle and counted.

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If it is no such file, or holds no spikes, or times that `read_csv` refuses, too.
    """
    offset = number("offset", offset, "ms")
    file = Path(path)
    held = _mat(file)
    folded = {key.lower(): key for key in held if not key.startswith("__")}
    said = next((folded[k] for k in ("fsamp", "samplingfrequency", "fs") if k in folded), None)
    if rate is None and said is not None:
        rate = float(np.ravel(held[said])[0])
    if "mupulses" in folded:
        key = folded["mupulses"]
        first, names = 1, None
        trains = [_samples(f"{file}: {key} {i}", u) for i, u in enumerate(_cells(held[key]), 1)]
    elif {"data", "description"} <= set(folded):
        first = 0
        trains, names = _of_otb(file, held[folded["data"]], held[folded["description"]])
    else:
        raise InputError(
            f"{file} holds {', '.join(folded.values()) or 'nothing'}; allowed: MUPulses and "
            "fsamp (DEMUSE), or Data, Description and SamplingFrequency (OTBioLab+); save "
            "other spike times as text"
        )
    if rate is None:
        raise InputError(
            f"{file} does not say the rate of its samples; give rate= [Hz], such as rate=2048"
        )
    rate = _rate(file, said or "rate", rate)
    return _trains(file, trains, first, rate, names, offset, sort, fastest)


def _json(file: Path) -> dict[str, Any]:
    try:
        raw = file.read_bytes()
        held = json.loads(gzip.decompress(raw) if raw.startswith(_GZIP) else raw)
    except (ValueError, EOFError, gzip.BadGzipFile):
        raise InputError(f"{file} is no JSON; give a file that openhdemg saved") from None
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror}; check the path") from None
    return held if isinstance(held, dict) else {}


def _unpacked(value: Any) -> Any:
    """Return a value of openhdemg's file, where each is JSON within the JSON."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None


def _mat(file: Path) -> dict[str, Any]:
    from scipy.io import loadmat

    try:
        file.open("rb").close()
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror}; check the path") from None
    try:
        return loadmat(file)
    except NotImplementedError:
        raise InputError(
            f"{file} is of MATLAB 7.3; save it as version 7: save(..., '-v7')"
        ) from None
    except Exception as error:
        # SciPy has no common error for a file that is none of MATLAB's
        first = (str(error).splitlines() or [""])[0]
        raise InputError(f"{file} cannot be read as MATLAB's ({first})") from None


def _cells(value: Any) -> list[Any]:
    """Return the parts of a cell array; an array of numbers is one part."""
    return list(value.ravel()) if value.dtype == object else [value]


def _of_otb(
    file: Path, data: Any, described: Any
) -> tuple[list[FloatArray], tuple[str, ...] | None]:
    columns, texts = _cells(data)[0], [str(np.ravel(d)[0]) for d in described.ravel()]
    places = [i for i, text in enumerate(texts) if "Decomposition of" in text]
    if not places or columns.ndim != 2 or columns.shape[1] != len(texts):
        raise InputError(
            f"{file} has no column that is described as 'Decomposition of ...'; export the "
            "decomposition from OTBioLab+ with the signals"
        )
    bits = columns[:, places]
    if not np.isin(bits, (0, 1)).all():
        raise InputError(f"{file} has decompositions with other values than 0 and 1")
    muscles = [_MUSCLE.sub(r"\1", texts[i]).strip() for i in places]
    names = tuple(f"{name} {muscles[:i].count(name) + 1}" for i, name in enumerate(muscles))
    trains = [np.flatnonzero(bits[:, i]).astype(np.float64) for i in range(len(places))]
    return trains, names if len(set(names)) == len(names) and all(muscles) else None


def _samples(where: str, given: Any) -> FloatArray:
    try:
        samples = np.asarray(given, dtype=np.float64).ravel()
    except (TypeError, ValueError):
        samples = np.array([np.nan])
    if not (samples % 1 == 0).all():
        raise InputError(f"{where} holds no whole numbers of samples")
    return samples


def _rate(file: Path, what: str, rate: float) -> float:
    if not (np.isfinite(rate) and rate > 0):
        raise InputError(f"{file}: {what} is {rate:g} Hz; allowed: above 0")
    return float(rate)


def _trains(
    file: Path,
    samples: list[FloatArray],
    first: int,
    rate: float,
    names: tuple[str, ...] | None,
    offset: float,
    sort: bool,
    fastest: float,
) -> SpikeTrains:
    """Return trains from samples counted from `first`, which is at 0 ms."""
    with np.errstate(over="ignore"):
        times = [(unit - first) * 1000.0 / rate + offset for unit in samples]
    earliest = min((float(unit.min()) for unit in times if unit.size), default=None)
    if earliest is None:
        raise InputError(f"{file} holds no spike times; give a file with at least one")
    if earliest < 0:
        raise InputError(negative(str(file), earliest, offset))
    try:
        trains = SpikeTrains.from_list(
            [np.sort(unit) for unit in times] if sort else times, names
        )
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    return believed(str(file), trains, fastest)
