"""What is known of each point of a sweep: its class, its number, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, did_you_mean
from mnexcite.plots.labels import unit_of

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

STATUS = "status"
OK, FAILED, PENDING, UNDEFINED = "ok", "failed", "pending", "undefined"
#: The number of a point that has not been run, in every flag variable.
PENDING_FLAG = -1


@dataclass(frozen=True)
class States:
    """Hold a variable of a sweep and the class of each of its points.

    Attributes
    ----------
    data
        The variable: numbers, NaN where there is none; or the places of `names`.
    index
        The place in `names` of each point's class, in the shape of `data`.
    names
        What the classes are called; for numbers the first is "ok".
    title
        What the variable is, with its unit, for a label.
    """

    data: DataArray
    index: DataArray
    names: tuple[str, ...]
    title: str

    def present(self) -> list[int]:
        """Return the places of the classes that some point has, in their order."""
        return np.unique(self.index.values).tolist()


def classes(ds: Dataset, variable: str) -> States:
    """Return the class of each point by a flag variable after the CF conventions.

    Raises
    ------
    InputError
        If the variable is unknown, has no flags, or has numbers without a meaning.
    """
    data = _variable(ds, variable)
    if "flag_meanings" not in data.attrs:
        raise InputError(
            f"variable {variable!r} has no flag_meanings; give a flag variable, "
            f"{_of_kind(ds, True)}, or draw measure_map(ds, {variable!r})"
        )
    meanings = str(data.attrs["flag_meanings"]).split()
    flags = np.ravel(data.attrs["flag_values"]).astype(int).tolist()
    names = (*(m for m in meanings if m not in (FAILED, PENDING)), FAILED, PENDING)
    raw = np.nan_to_num(np.asarray(data.values, dtype=float), nan=PENDING_FLAG).astype(int)
    index = np.where(raw == PENDING_FLAG, names.index(PENDING), -1)
    for flag, meaning in zip(flags, meanings, strict=True):
        index[raw == flag] = names.index(meaning)
    if (index < 0).any():
        raise InputError(
            f"variable {variable!r} holds {int(raw[index < 0][0])}, which has no meaning; "
            f"allowed: {', '.join(map(str, flags))} and {PENDING_FLAG} for pending"
        )
    if variable != STATUS:
        failed, pending = _by_status(ds, data)
        index[failed], index[pending] = names.index(FAILED), names.index(PENDING)
    shown = tuple(name.replace("_", " ") for name in names)
    found = data.copy(data=index)
    return States(found, found, shown, _title(data))


def numbers(ds: Dataset, variable: str) -> States:
    """Return the numbers of a measure, NaN where a point failed, is pending or has none.

    Raises
    ------
    InputError
        If the variable is unknown or has no numbers.
    """
    data = _variable(ds, variable)
    if "flag_meanings" in data.attrs or data.dtype.kind not in "iuf":
        raise InputError(
            f"variable {variable!r} holds no measure; give {_of_kind(ds, False)}, or draw "
            f"phase_map(ds, variable={variable!r})"
        )
    values = np.array(data.values, dtype=float)
    failed, pending = _by_status(ds, data)
    values[failed | pending] = np.nan
    undefined = ~(np.isfinite(values) | failed | pending)
    values[undefined] = np.nan
    index = np.select([failed, pending, undefined], [1, 2, 3])
    names = (OK, FAILED, PENDING, UNDEFINED + _why(ds, data, undefined))
    return States(data.copy(data=values), data.copy(data=index), names, _title(data))


def _variable(ds: Dataset, name: str) -> DataArray:
    if name not in ds.data_vars:
        known = [str(known) for known in ds.data_vars]
        raise InputError(f"variable {name!r} is not there; {did_you_mean(name, known)}")
    return ds[name]


def _by_status(ds: Dataset, like: DataArray) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which points failed and which are pending, in the shape of `like`."""
    if STATUS not in ds:
        return np.zeros(like.shape, bool), np.zeros(like.shape, bool)
    status = ds[STATUS]
    if left := set(status.dims) - set(like.dims):
        raise InputError(
            f"status has a dimension {min(map(str, left))!r} that {like.name!r} has not; "
            "reduce both, or drop status"
        )
    raw = status.broadcast_like(like).transpose(*like.dims).values.astype(float)
    pending = np.isnan(raw) | (raw == PENDING_FLAG)
    return ~pending & (raw != 0.0), pending


def _why(ds: Dataset, data: DataArray, undefined: NDArray[np.bool_]) -> str:
    """Return what the status beside a measure says of the points that have none."""
    beside = f"{data.name}_{STATUS}"
    if beside not in ds or not undefined.any():
        return ""
    said = classes(ds, beside)
    there = np.unique(said.index.transpose(*data.dims).values[undefined])
    reasons = [said.names[place] for place in there if said.names[place] != OK]
    return f" ({', '.join(reasons)})" if reasons else ""


def _title(data: DataArray) -> str:
    name = str(data.attrs.get("long_name", data.name)).replace("_", " ")
    shown, unit = name[:1].upper() + name[1:], unit_of(data)
    return f"{shown} [{unit}]" if unit else shown


def _of_kind(ds: Dataset, flags: bool) -> str:
    """Return the variables that have flags, or that have none, for an error's line."""
    names = [str(name) for name, data in ds.items() if ("flag_meanings" in data.attrs) == flags]
    return " or ".join(map(repr, names[:4])) or "one of another dataset"
