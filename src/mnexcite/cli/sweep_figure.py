"""The figure that a finished sweep is drawn into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mnexcite.cli import results
from mnexcite.errors import InputError

if TYPE_CHECKING:
    import xarray

    from mnexcite.config import SweepFile

#: Most panels of a figure, one for each value of a third axis.
PANELS = 6


def figure_name(described: SweepFile) -> str | None:
    """Return the checked name of the figure; None where none is wanted."""
    name = described.sweep.figure
    if name == "":
        return None
    path = described.run.path
    name = f"{'map' if path is None else path.stem}.png" if name is None else name
    from mnexcite import plots

    try:
        plots.check_name(name)
    except InputError as error:
        raise InputError(f"{path}: [sweep] {error}") from error
    return name


def draw(ds: xarray.Dataset, path: Path, *, factor: bool = False) -> Path | None:
    """Draw the map of phases where there is one, a panel for each value of a third axis."""
    from mnexcite import plots

    third = ds.sizes[ds["status"].dims[2]] if ds["status"].ndim == 3 else 1
    if "phase" not in ds or ds["phase"].ndim not in (2, 3) or third > PANELS:
        return None
    with plots.style():
        figure = plots.new_figure(8.5 * third, 6.0)
        axes = figure.subplots(1, third, squeeze=False)[0]
        for panel, ax in enumerate(axes):
            part = ds if ds["phase"].ndim == 2 else ds.isel({ds["phase"].dims[2]: panel})
            plots.phase_map(part, ax=ax, factor=factor)
    results.folder(path.parent)
    plots.save(figure, path)
    return path
