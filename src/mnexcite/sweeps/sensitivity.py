"""How much of a result's variance each axis explains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnexcite.errors import InputError, checked, did_you_mean, number, whole
from mnexcite.sweeps.designs.axes import Array

if TYPE_CHECKING:
    import xarray

_SOURCE = "Saltelli et al. 2010, Comput Phys Commun 181:259 (scipy.stats.sobol_indices)"


@checked
def sensitivity(
    ds: xarray.Dataset,
    variable: str,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int | None = 0,
) -> xarray.Dataset:
    """Return the first-order and total Sobol indices of a sweep on a saltelli design.

    The first-order index of an axis is the share of the variable's variance that goes
    when this axis is fixed; the total index is the share that stays when all others are.
    Their difference is interaction. By `scipy.stats.sobol_indices` (Saltelli et al. 2010);
    estimates may lie slightly outside 0 to 1.

    Parameters
    ----------
    ds
        What `mnexcite.sweep` returned for a `saltelli` design.
    variable
        Name of a number in it, such as `rate`.
    confidence
        Level of the intervals, above 0 and below 1.
    resamples
        Bootstrap resamples of the design's samples, from which the intervals are the
        percentiles.
    seed
        Of the resampling; None is 0.

    Returns
    -------
    xarray.Dataset
        `first_order` and `total_order` [1] with `_low` and `_high`, along `axis`.

    Raises
    ------
    InputError
        If the sweep is on another design, points are missing or failed, or the variable
        is a flag or the same at every point.
    """
    import xarray

    level = number("confidence", confidence, "above 0, below 1", above=0.0, highest=1 - 1e-9)
    resamples = whole("resamples", resamples, "1 to 100000", highest=100_000)
    seed = (
        0
        if seed is None
        else whole("seed", seed, "whole numbers from 0 on", lowest=0, highest=2**63)
    )
    names, values = _by_sample(ds, variable)
    indices = _indices(values)
    rng = np.random.default_rng(seed)
    count = values.shape[0]
    drawn = np.array(
        [_indices(values[rng.integers(0, count, count)]) for _ in range(resamples)]
    )
    tails = [50.0 * (1.0 - level), 50.0 * (1.0 + level)]
    low, high = np.percentile(drawn, tails, axis=0)
    found: dict[str, Any] = {}
    for k, (name, words) in enumerate(
        (("first_order", "first-order"), ("total_order", "total"))
    ):
        said = f"{words} Sobol index of {ds[variable].attrs.get('long_name', variable)}"
        found[name] = ("axis", indices[k], {"units": "1", "long_name": said})
        for side, ends in (("low", low), ("high", high)):
            attrs = {"units": "1", "long_name": f"{side} end of the interval"}
            found[f"{name}_{side}"] = ("axis", ends[k], attrs)
    attrs = {
        "variable": variable,
        "samples": count,
        "confidence": level,
        "resamples": resamples,
        "seed": seed,
        "source": _SOURCE,
    }
    return xarray.Dataset(found, {"axis": list(names)}, attrs)


def _indices(values: Array) -> Array:
    """Return first-order and total indices, shape (2, axes), of values (samples, axes + 2)."""
    from scipy.stats import sobol_indices

    a, b, *mixed = values.T.copy()  # before 1.15 SciPy changes what it is given
    func = {"f_A": a[None], "f_B": b[None], "f_AB": np.array(mixed)[:, None]}
    result = sobol_indices(func=func, n=len(values))
    return np.array([result.first_order, result.total_order])


def _by_sample(ds: xarray.Dataset, variable: str) -> tuple[list[str], Array]:
    """Return the axes' names and the values, shape (samples, axes + 2)."""
    if "saltelli_matrix" not in ds.coords:
        raise InputError(
            "the sweep is on no saltelli design; run it on mnexcite.sweeps.saltelli(...), "
            "whose points the Sobol indices need"
        )
    numbers = [str(name) for name in ds.data_vars if not _is_flag(ds[name])]
    if variable not in numbers:
        what = "is a flag" if variable in ds.data_vars else "is not in the sweep"
        raise InputError(f"variable {variable!r} {what}; {did_you_mean(variable, numbers)}")
    matrices = ds["saltelli_matrix"].attrs["flag_meanings"].split(" ")
    order = np.lexsort((ds["saltelli_matrix"].values, ds["saltelli_sample"].values))
    samples, left = divmod(order.size, len(matrices))
    expected = np.tile(np.arange(len(matrices)), samples)
    if (
        left
        or samples & (samples - 1)
        or not np.array_equal(ds["saltelli_matrix"].values[order], expected)
    ):
        raise InputError(
            f"the dataset has {order.size} points, not all of a saltelli design's; give the "
            "whole sweep"
        )
    _check_complete(ds, variable)
    values = np.asarray(ds[variable].values, dtype=np.float64)[order]
    if np.ptp(values) == 0:
        raise InputError(
            f"{variable} is {values[0]:g} at every point, so it has no variance to share out; "
            "choose another variable or wider ranges"
        )
    return [name.removeprefix("AB_") for name in matrices[2:]], values.reshape(samples, -1)


def _check_complete(ds: xarray.Dataset, variable: str) -> None:
    reasons = []
    if "status" in ds:
        codes, attrs = ds["status"].values, ds["status"].attrs
        meanings = dict(
            zip(
                np.atleast_1d(attrs["flag_values"]), attrs["flag_meanings"].split(), strict=True
            )
        )
        for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
            if meanings.get(code) != "ok":
                reasons.append(f"{count} {meanings.get(code, code)}")
    if not reasons:
        count = int(np.count_nonzero(~np.isfinite(ds[variable].values)))
        reasons = [f"{count} without a value of {variable}"] if count else []
    if reasons:
        raise InputError(
            f"Sobol indices need all {ds[variable].size} points, and some are not there: "
            f"{', '.join(reasons)}; finish the sweep, choose another variable, or narrow the "
            "ranges"
        )


def _is_flag(variable: xarray.DataArray) -> bool:
    return "flag_values" in variable.attrs
