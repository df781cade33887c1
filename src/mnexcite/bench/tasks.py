"""Works that need no further choice: the benchmark cell's, and one for any cell."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from mnexcite import stimuli
from mnexcite.bench.cell import MOST_SETS, benchmark_cell, benchmark_parameters
from mnexcite.bench.work import Work, sets_of
from mnexcite.cells import Cell
from mnexcite.errors import checked, whole
from mnexcite.stimuli import Stimulus

#: What makes each cell of the catalogue fire.
DRIVES: Mapping[str, Stimulus] = MappingProxyType(
    {
        "purvis_butera_2005": stimuli.step(1.0, unit="nA"),
        "molkov_2025": stimuli.step(15.0, unit="uA/cm2"),
        "booth_rinzel_kiehn_1997": stimuli.step(10.0, unit="uA/cm2"),
        "hodgkin_huxley_1952": stimuli.step(10.0, unit="uA/cm2"),
        "cramping_motoneuron": stimuli.step(8.0, unit="uA/cm2"),
        "motor_terminal": stimuli.step(8.0, unit="uA/cm2"),
    }
)
#: By this share the first conductance grows from set to set, so that they differ.
SPREAD = 0.2
DURATION = 200.0


@checked
def benchmark_work(sets: int = 1024, duration: float = DURATION) -> Work:
    """Return the benchmark cell with its parameter sets, for `duration` [ms].

    Examples
    --------
    >>> benchmark_work(8).sets
    8
    """
    sets = whole("sets", sets, f"2 to {MOST_SETS}", lowest=2, highest=MOST_SETS)
    return Work(benchmark_cell(), benchmark_parameters(sets), duration=duration)


@checked
def cell_work(
    cell: Cell,
    sets: int = 64,
    duration: float = DURATION,
    *,
    stimulus: Stimulus | None = None,
    parameters: Mapping[str, ArrayLike] | None = None,
) -> Work:
    """Return a work of any cell, with defaults for what is not given.

    Parameters
    ----------
    cell, sets, duration
        The cell, its number of parameter sets, and the length of the run [ms].
    stimulus
        What drives it; a cell of the catalogue has a current that makes it fire.
    parameters
        Path -> one value per set; by default the first conductance goes from its value
        to one 20 % above.

    Raises
    ------
    InputError
        As `Work`.

    Examples
    --------
    >>> from mnexcite import cells
    >>> cell_work(cells.hodgkin_huxley_1952(), 3).parameters
    {'Na.g': array([120., 132., 144.])}
    """
    sets = whole("sets", sets, f"1 to {MOST_SETS}", highest=MOST_SETS)
    columns = {path: sets_of(path, given) for path, given in (parameters or {}).items()}
    if parameters is None:
        first = next((path for path in cell.parameters if path.endswith(".g")), None)
        if first is not None and sets > 1:
            factors = np.linspace(1.0, 1.0 + SPREAD, sets)
            columns = {first: factors * cell.parameters[first].value}
    for path, column in columns.items():
        for end in {float(column.min()), float(column.max())}:
            cell.replaced({path: end})  # refuses what the cell cannot have
    given = DRIVES.get(cell.name) if stimulus is None else stimulus
    return Work(cell, columns, given, duration)
