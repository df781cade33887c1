"""A piece of work that every method and simulator does alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.cells import Cell
from mnexcite.cells.paths import resolve
from mnexcite.cells.values import with_values
from mnexcite.cells.warmth import Numbers, warmed_columns
from mnexcite.errors import InputError, array, instance, mapping, number
from mnexcite.stimuli import Stimulus, Waveform

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Work:
    """Hold a cell, its parameter sets, what drives it, and for how long.

    Parameters
    ----------
    cell
        The cell; every set starts at its published state.
    parameters
        Path -> one value per set, shape (sets,), in the parameter's unit; empty for one
        set. Groups are written out into full paths.
    stimulus
        Injected current of all sets.
    duration
        [ms].

    Raises
    ------
    InputError
        If a path is unknown, shapes differ or values are not finite.

    Examples
    --------
    >>> from mnexcite.bench.cell import benchmark_cell, benchmark_parameters
    >>> work = Work(benchmark_cell(), benchmark_parameters(8), duration=200.0)
    >>> work.sets, work.cells()[7].parameters["NaP.g"].value
    (8, 2.0)
    """

    cell: Cell
    parameters: Mapping[str, Array] = field(default_factory=dict)
    stimulus: Stimulus | None = None
    duration: float = 200.0

    def __post_init__(self) -> None:
        instance("cell", self.cell, Cell, "a Cell, such as mnexcite.bench.benchmark_cell()")
        if self.stimulus is not None:
            instance("stimulus", self.stimulus, Stimulus, "a Stimulus of currents, or None")
        number("duration", self.duration, "above 0", above=0.0, unit="ms")
        compartments = self.cell.compartments
        bindings = any(channel.bindings for c in compartments for channel in c.channels)
        if bindings or any(c.synapses for c in compartments):
            raise InputError(
                f"cell {self.cell.name} has synapses or bindings, which no contestant is given "
                "yet; take a cell without"
            )
        self.waveforms()  # currents alone
        columns: dict[str, Array] = {}
        given = mapping("parameters", self.parameters, "path -> one value per set")
        for key, values in given.items():
            columns.update(dict.fromkeys(resolve(self.cell, key), sets_of(key, values)))
        sizes = {path: column.size for path, column in columns.items()}
        if len(set(sizes.values())) > 1:
            raise InputError(f"numbers of sets differ: {sizes}; give each the same number")
        acted = isinstance(self.parameters, Numbers)
        warm = Numbers(columns) if acted else warmed_columns(self.cell, columns)
        object.__setattr__(self, "parameters", warm)

    @property
    def sets(self) -> int:
        """Number of parameter sets."""
        return next((column.size for column in self.parameters.values()), 1)

    def cells(self) -> list[Cell]:
        """Return the cell of each set."""
        found = []
        for place in range(self.sets):
            numbers = {path: float(column[place]) for path, column in self.parameters.items()}
            found.append(with_values(self.cell, numbers))
        return found

    def waveforms(self) -> list[Waveform | None]:
        """Return what enters each compartment, in the cell's own unit; None for nothing."""
        return (self.stimulus or Stimulus()).into(self.cell)


def sets_of(path: str, values: ArrayLike) -> Array:
    """Return a parameter's values, shape (sets,); refuse what is no finite value per set."""
    allowed = "one finite value per set"
    return np.atleast_1d(array(f"parameters[{path!r}]", values, allowed, ndim=(0, 1), least=1))
