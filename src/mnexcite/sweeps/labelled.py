"""A sweep whose flags are words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnexcite.errors import checked

if TYPE_CHECKING:
    import xarray


@checked
def labelled(ds: xarray.Dataset) -> xarray.Dataset:
    """Return a dataset whose flags are words: `labelled(ds).phase == "tonic"` is a mask.

    In a sweep, as in a run's `to_xarray`, a flag is a small integer whose meanings are in its
    attributes, so `ds.phase == "tonic"` is False everywhere. Plots and stores take the
    dataset with integers.

    Parameters
    ----------
    ds
        What `mnexcite.sweep`, `front` or `Batch.to_xarray` returned.

    Returns
    -------
    xarray.Dataset
        The same, every variable with `flag_meanings` as text; a code that has no meaning is
        shown as it is.

    Examples
    --------
    >>> import mnexcite as mx
    >>> cell = mx.cells.hodgkin_huxley_1952()
    >>> drive = mx.stimuli.step(10.0, unit="uA/cm2")
    >>> ds = mx.sweep(cell, {"Na.g": [60.0, 120.0]}, drive, duration=100.0, measures="phase")
    >>> labelled(ds).phase.values.tolist()
    ['single', 'tonic']
    """
    told = {}
    for name, variable in ds.data_vars.items():
        if "flag_meanings" not in variable.attrs:
            continue
        words = str(variable.attrs["flag_meanings"]).split()
        codes = np.atleast_1d(variable.attrs["flag_values"]).tolist()
        meaning = dict(zip(codes, words, strict=True))
        values = np.asarray(variable.values)
        found = [meaning.get(code, str(code)) for code in values.ravel().tolist()]
        text = np.array(found, dtype=str).reshape(values.shape)
        attrs = {k: v for k, v in variable.attrs.items() if not k.startswith("flag_")}
        told[name] = (variable.dims, text, attrs)
    return ds.assign(told)
