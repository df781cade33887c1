"""What a design may not mean: values that look like factors."""

from __future__ import annotations

import numpy as np

from mnexcite.cells import Cell
from mnexcite.cells.paths import resolve
from mnexcite.sweeps.designs.axes import Axis
from mnexcite.sweeps.designs.design import Design

#: All values are so many times the cell's own, or so many times less: a choice.
FAR = 10.0
#: Factors that somebody would write: a choice.
LIKELY = (0.01, 100.0)


def meant_as_factors(cell: Cell, design: Design, toml: bool = False) -> list[str]:
    """Return a question for each axis whose values look like factors of the cell's own.

    Those all of whose values are ten times the cell's own or more, or a tenth or less, and
    0.01 to 100 themselves; all above 0.

    Examples
    --------
    >>> import mnexcite as mx
    >>> cell = mx.cells.purvis_butera_2005()
    >>> [asked] = meant_as_factors(cell, mx.sweeps.grid({"NaP.g": (1, 4, 10)}))
    >>> asked[:72]
    "axis 'NaP.g' is 1, 4, 10 uS, 20 to 200 times the cell's own 0.05 uS (pub"
    >>> meant_as_factors(cell, mx.sweeps.grid({"NaP.g": (0.05, 0.5, 1.0)}))
    []
    """
    asked = []
    for axis in design.axes:
        if axis.kind != "parameter" or axis.is_factor or axis.name == "area":
            continue
        path = resolve(cell, axis.path)[0]
        own, unit = cell.scalars[path][:2]
        if (
            not own
            or own <= 0.0
            or axis.values.min() < LIKELY[0]
            or axis.values.max() > LIKELY[1]
        ):
            continue
        times = axis.values / own
        if times.min() < FAR and times.max() > 1.0 / FAR:
            continue
        said = cell.parameters[path].status if path in cell.parameters else "own"
        asked.append(
            f"axis {axis.name!r} is {_listed(axis)} {unit}, {times.min():.3g} to "
            f"{times.max():.3g} times the cell's own {own:g} {unit} ({said}); if factors are "
            f"meant, write {_toml(axis) if toml else _python(axis, design)}"
        )
    return asked


def _listed(axis: Axis) -> str:
    given = [f"{value:g}" for value in axis.values]
    return ", ".join(given if len(given) < 7 else [*given[:3], "...", *given[-2:]])


def _python(axis: Axis, design: Design) -> str:
    if design.kind not in ("grid", "zipped", "table"):
        lo, hi = axis.values.min(), axis.values.max()
        return f"mx.between(..., factor=True), which here drew {lo:.3g} to {hi:.3g}"
    if axis.values.size > 6:
        lo, hi = axis.values[[0, -1]]
        return f"mx.factors({lo:g}, {hi:g}, {axis.values.size})"
    word = f"mx.factors([{_listed(axis)}])"
    if axis.values.size == 3 and axis.values[2] >= 2 and axis.values[2] % 1 == 0:
        lo, hi, n = axis.values
        word += (
            f", or mx.factors({lo:g}, {hi:g}, {n:g}) for {n:g} of them from {lo:g} to {hi:g}"
        )
    return word


def _toml(axis: Axis) -> str:
    if axis.values.size < 7:
        return f'"{axis.name}:factor" = [{_listed(axis)}]'
    lo, hi = np.min(axis.values), np.max(axis.values)
    return f'"{axis.name}:factor" = {{from = {lo:g}, to = {hi:g}, n = {axis.values.size}}}'
