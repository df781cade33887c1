"""Every state in which a cell would stay, stable or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.cell import Cell
from mnexcite.cells.compartment import find_compartment
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.equations.balance import balanced
from mnexcite.equations.excitability import beyond_instability
from mnexcite.equations.stability import states_at
from mnexcite.equations.variants import variant_of
from mnexcite.errors import checked, number


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """Hold a state in which nothing changes.

    Attributes
    ----------
    v
        Voltage of the first compartment [mV].
    state
        Path -> value of every voltage, gate and concentration, as `initial=` takes it.
    eigenvalues
        Of the linearised equations, the largest real part first, shape (states,) [1/ms]:
        real parts are rates of growth, imaginary parts 2 pi times a frequency.
    blocked
        Whether it lies above a voltage of the first compartment at which the cell is unstable,
        held there by whatever current: a stable one there is a depolarisation block.
    """

    v: float
    state: Mapping[str, float]
    eigenvalues: NDArray[np.complex128]
    blocked: bool

    @property
    def stable(self) -> bool:
        """Whether every small deviation fades: all real parts are below 0."""
        return bool(self.eigenvalues[0].real < 0.0)

    @property
    def rest(self) -> bool:
        """Whether a cell can rest there: stable, and not blocked."""
        return self.stable and not self.blocked

    @property
    def oscillates(self) -> bool:
        """Whether the slowest to fade, or fastest to grow, of deviations oscillates."""
        return bool(self.eigenvalues[0].imag != 0.0)


@checked
def equilibria(
    cell: Cell, current: float = 0.0, *, compartment: str | None = None
) -> tuple[Equilibrium, ...]:
    """Find every equilibrium of a cell from -150 to 100 mV, in order of voltage.

    Where the currents of the steady I-V curve cancel there is an equilibrium, but the cell
    stays at it only if it is stable: at an unstable one the smallest deviation grows, until
    the cell fires or comes to rest elsewhere. A cell with no stable equilibrium at all never
    rests; nor does one whose only stable one is a depolarisation block.

    The steady currents are scanned every 1/16 mV, and pairs of crossings between two nodes
    are looked for; two that are closer than about 0.01 mV, next to where a rest vanishes,
    may be missed. Eigenvalues are those of the exact, untabulated equations.

    Parameters
    ----------
    cell
        The cell.
    current
        A constant injected current [the cell's own unit, `cell.units["i"]`].
    compartment
        Which the current enters; the first one by default.

    Raises
    ------
    InputError
        If an argument is not allowed, or two ion pools feed on each other.

    Examples
    --------
    >>> from mnexcite import cells
    >>> cell = cells.purvis_butera_2005()
    >>> [(round(e.v, 1), e.stable) for e in equilibria(cell)]
    [(-71.6, True)]
    >>> excited = cell.scaled({"NaP.g": 2.0, "K.g": 0.6})
    >>> [(round(e.v, 1), e.stable) for e in equilibria(excited)]
    [(-63.5, False), (-50.4, False), (-31.7, False)]
    """
    injected = np.zeros(len(cell.compartments))
    place = cell.compartments.index(find_compartment(cell, compartment))
    injected[place] = number("current", current, f"a number of {cell.units['i']}")
    variant = variant_of(cell)
    lanes, voltages = balanced(cell, variant, injected)
    found = states_at(cell, variant.at(lanes), voltages, injected)
    blocked = beyond_instability(cell, variant.at(lanes), voltages[0], voltages[1:])
    return tuple(
        Equilibrium(float(y[0]), _state(found.paths, y), rates, bool(beyond))
        for y, rates, beyond in zip(found.values.T, found.eigenvalues, blocked, strict=True)
    )


def _state(names: tuple[str, ...], values: NDArray[np.float64]) -> FrozenMapping[float]:
    return FrozenMapping(dict(zip(names, values.tolist(), strict=True)))
