"""What the temperature of a cell changes: rates of gates, Nernst potentials, RT/F.

One meaning wherever a temperature is set: as a path, as lanes, as an axis, as a condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells.paths import strengths
from mnexcite.cells.values import with_values
from mnexcite.channels import Pump
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, did_you_mean, mapping, number, text

if TYPE_CHECKING:
    from mnexcite.cells.cell import Cell

Array = NDArray[np.float64]
Value = float | Array

KELVIN = 273.15
#: Of gating, where no other is given; Hodgkin and Huxley's for their axon.
Q10 = 3.0
LOWEST, HIGHEST = 0.0, 50.0  # degC; no membrane of the catalogue lives beyond
SOURCE = (
    "Q10 of gating 3 (Hodgkin & Huxley 1952; assumed where a cell's source states none) "
    "unless another was given"
)


def celsius(name: str, value: object) -> float:
    """Return a temperature [degC] that a cell can be brought to, or refuse it."""
    allowed = f"{LOWEST:g} to {HIGHEST:g}"
    return number(name, value, allowed, lowest=LOWEST, highest=HIGHEST, unit="degC")


def allowed_q10(name: str, value: object) -> float:
    """Return a Q10, or refuse it."""
    return number(name, value, "1 to 6", lowest=1.0, highest=6.0)


@dataclass(frozen=True)
class Q10s:
    """Hold factors per 10 degC, 1 to 6.

    Attributes
    ----------
    gates
        Of the rates of all gates that have none of their own.
    conductances, pumps
        Of conductances (of channels and synapses) and permeabilities, and of pumps' currents
        at saturation.
    own
        Gate, such as `Na.m`, or channel, for all its gates -> the Q10 of its rates.
    """

    gates: float = Q10
    conductances: float = 1.0
    pumps: float = 1.0
    own: Mapping[str, float] = field(default_factory=lambda: FrozenMapping[float]())

    def __post_init__(self) -> None:
        for name in ("gates", "conductances", "pumps"):
            given = allowed_q10(f"temperature: Q10 of {name}", getattr(self, name))
            object.__setattr__(self, name, given)
        told = mapping("temperature: gates", self.own, "gate or channel -> Q10")
        own = {
            text("temperature: gate", gate, "a name"): allowed_q10(f"temperature: {gate}", q10)
            for gate, q10 in told.items()
        }
        object.__setattr__(self, "own", FrozenMapping(own))

    def of(self, cell: Cell) -> dict[str, float]:
        """Return path -> Q10 of all rates, conductances and pumps that are warmed.

        Raises
        ------
        InputError
            If a name is no gate and no channel of the cell.
        """
        rates = [path for path in cell.scalars if path.endswith(".rate")]
        found = dict.fromkeys(rates, self.gates)
        # a gate's own Q10 goes before its channel's
        for name, q10 in sorted(self.own.items(), key=lambda named: named[0].count(".")):
            those = [path for path in rates if f".{name}." in f".{path}"]
            if not those:
                names = {path.removesuffix(".rate") for path in rates}
                hint = did_you_mean(name, sorted(names))
                raise InputError(
                    f"temperature: cell {cell.name} has no gate or channel {name!r}; {hint}"
                )
            found |= dict.fromkeys(those, q10)
        for path, part in strengths(cell).items():
            q10 = self.pumps if isinstance(part, Pump) else self.conductances
            found |= {path: q10} if q10 != 1.0 else {}
        return found


def followers(cell: Cell) -> tuple[str, ...]:
    """Return the paths of the Nernst potentials that a temperature changes.

    Raises
    ------
    InputError
        If nothing of the cell follows its temperature.
    """
    gates = any(path.endswith(".rate") for path in cell.scalars)
    ions = tuple(f"ions.E_{ion.name}" for ion in cell.ions if ion.name in ("Na", "K"))
    if not gates and not cell.ions:
        raise InputError(
            f"temperature changes nothing in cell {cell.name}: it looked for a gate's rate and "
            "an ion; choose a cell that has one of them"
        )
    return ions


def _speed(own: Value, to: Value, q10: float) -> Value:
    """Return the factor of a Q10 from one degC to another."""
    tens = (to - own) / 10.0
    if isinstance(tens, np.ndarray):  # the bits of numbers one by one
        return np.array([q10**ten for ten in tens.tolist()])
    return q10**tens


def warmed(cell: Cell, to: float) -> Cell:
    """Return the cell at another temperature [degC], its provenance unchanged."""
    numbers = {path: value for path, (value, _) in cell.scalars.items()}
    return with_values(cell, changes(cell, numbers, to))  # type: ignore[arg-type]


def changes(
    cell: Cell, numbers: Mapping[str, Value], to: Value, q10s: Q10s | None = None
) -> dict[str, Value]:
    """Return path -> new value of all that a temperature changes, itself too."""
    ions = followers(cell)
    own = numbers["temperature"]
    of = (Q10s() if q10s is None else q10s).of(cell)
    speed = {q10: _speed(own, to, q10) for q10 in set(of.values())}
    warmer = (KELVIN + to) / (KELVIN + own)
    changed = {path: numbers[path] * speed[q10] for path, q10 in of.items()}
    changed |= {path: numbers[path] * warmer for path in ions}
    return changed | {"temperature": to}


class Numbers(dict[str, Array]):
    """Full path -> one number per lane, in which temperatures have acted already.

    A batch keeps these, so that what it says can be run again and is not warmed twice.
    """


def warmed_columns(cell: Cell, columns: Mapping[str, Array]) -> Numbers:
    """Return the columns in which lanes' temperatures have done what `warmed` does."""
    out = Numbers(columns)
    if "temperature" not in columns or isinstance(columns, Numbers):
        return out
    own = {path: value for path, (value, _) in cell.scalars.items()}
    numbers = {**own, **columns, "temperature": cell.temperature}
    for path, column in changes(cell, numbers, columns["temperature"]).items():
        out[path] = np.asarray(column)
    return out
