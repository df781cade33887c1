"""What conditions are made of: each effect is data, and acts on one cell or on many lanes.

`act` takes numbers by path, each one value or one per lane, and returns those that it
changes; so a condition on the axis of a sweep costs no cell per point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from mnexcite.cells import Cell, warmth
from mnexcite.cells.compartment import Ion, tracking
from mnexcite.cells.paths import Path, join, resolve, strengths
from mnexcite.channels import GHK, Binding, Channel, Gate
from mnexcite.channels.mapping import FrozenMapping
from mnexcite.errors import InputError, number

Value = float | NDArray[np.float64]
Numbers = Mapping[str, Value]


class Effect(Protocol):
    """One change of a cell."""

    @property
    def numbers(self) -> dict[str, float]:
        """Its own numbers by a name each, so that any can be an axis."""
        ...

    def with_number(self, name: str, value: float) -> Effect:
        """Return the effect with another number."""
        ...

    def at(self, strength: float) -> Effect:
        """Return the effect at a strength: 0 changes nothing, 1 is the effect itself."""
        ...

    def act(self, cell: Cell, numbers: Numbers) -> dict[str, Value]:
        """Return path -> new value of what it changes; empty where the cell lacks it."""
        ...


@dataclass(frozen=True)
class OfPath:
    """An effect on what one path, group or tuple of paths means."""

    path: Path
    _number: ClassVar[str]

    def __post_init__(self) -> None:
        for name in ("factor", "value", "by", "strength"):
            if hasattr(self, name):
                given = number(f"{type(self).__name__}: {name}", getattr(self, name))
                object.__setattr__(self, name, given)

    @property
    def name(self) -> str:
        """The path as one text."""
        return self.path if isinstance(self.path, str) else "+".join(self.path)

    def found(self, cell: Cell) -> tuple[str, ...]:
        """Return the full paths in a cell, none where it has no such number."""
        try:
            return resolve(cell, self.path)
        except InputError:
            return ()

    @property
    def numbers(self) -> dict[str, float]:
        """Its number by the path that it acts on."""
        return {self.name: getattr(self, self._number)}

    def with_number(self, name: str, value: float) -> Any:
        """Return the effect with another number."""
        return replace(self, **{self._number: value})


@dataclass(frozen=True)
class Scale(OfPath):
    """Multiply numbers, such as the conductances of a group, by a factor.

    >>> from mnexcite import cells
    >>> cell = cells.purvis_butera_2005()
    >>> Scale("NaP.g", 2.0).at(0.5).act(cell, {"NaP.g": 0.05})
    {'NaP.g': 0.07500000000000001}
    """

    factor: float

    _number = "factor"

    def at(self, strength: float) -> Scale:
        """Return the effect at a strength; the factor grows linearly with it."""
        return replace(self, factor=1.0 + strength * (self.factor - 1.0))

    def act(self, cell: Cell, numbers: Numbers) -> dict[str, Value]:
        """Return path -> product."""
        return {path: numbers[path] * self.factor for path in self.found(cell)}


@dataclass(frozen=True)
class Shift(OfPath):
    """Add to numbers, such as a gate's half-activation [mV]."""

    by: float

    _number = "by"

    def at(self, strength: float) -> Shift:
        """Return the effect at a strength."""
        return replace(self, by=strength * self.by)

    def act(self, cell: Cell, numbers: Numbers) -> dict[str, Value]:
        """Return path -> sum."""
        return {path: numbers[path] + self.by for path in self.found(cell)}


@dataclass(frozen=True)
class Replace(OfPath):
    """Set numbers, such as a concentration outside, to a value, at strength 1."""

    value: float
    strength: float = 1.0

    _number = "value"

    def at(self, strength: float) -> Replace:
        """Return the effect at a strength: the share of the way to the value."""
        return replace(self, strength=strength * self.strength)

    def act(self, cell: Cell, numbers: Numbers) -> dict[str, Value]:
        """Return path -> value, or the share of the way there."""
        return {path: self._of(numbers[path]) for path in self.found(cell)}

    def found(self, cell: Cell) -> tuple[str, ...]:
        """Return the full paths in a cell; a concentration that nothing follows is none."""
        paths = super().found(cell)
        return tuple(p for p in paths if not p.startswith("ions.") or _is_followed(cell, p))

    def _of(self, own: Value) -> Value:
        if self.strength == 1.0:
            return own * 0.0 + self.value if isinstance(own, np.ndarray) else self.value
        return own + self.strength * (self.value - own)


def _is_followed(cell: Cell, path: str) -> bool:
    """Tell whether a channel or a pool follows `ions.K_o`, `ions.K_i` or `ions.E_K`.

    Where a pool stands for a concentration, channels follow it instead; and it follows what
    the ion states unless it has a rest of its own.
    """
    ion = next(ion for ion in cell.ions if path in (f"ions.E_{ion.name}", *_sides(ion)))
    side = _sides(ion).get(path)
    for compartment in cell.compartments:
        pools = [p for p in compartment.pools if (p.ion, p.side) == (ion.name, side)]
        moved = any(pool in tracking(compartment, ion) for pool in pools)
        carried = any(channel.ion == ion.name for channel in compartment.channels)
        if (carried and not moved) or any(pool.rest is None for pool in pools):
            return True
    return False


def _sides(ion: Ion) -> dict[str, str]:
    return {f"ions.{ion.name}_{side[0]}": side for side in ("outside", "inside")}


@dataclass(frozen=True)
class Rates:
    """Bring a cell to a temperature [degC].

    Every gate's rate changes by `q10` per 10 degC, or by its own of `gates`; conductances and
    pumps by theirs. The sodium and potassium reversals grow with the absolute temperature, and
    so does RT/F.
    """

    temperature: float
    q10: float = warmth.Q10
    conductance_q10: float = 1.0
    pump_q10: float = 1.0
    gates: Mapping[str, float] = field(default_factory=lambda: FrozenMapping[float]())
    strength: float = 1.0

    def __post_init__(self) -> None:
        q10s = self.q10s
        checked = {
            "temperature": warmth.celsius("Rates: temperature", self.temperature),
            "q10": q10s.gates,
            "conductance_q10": q10s.conductances,
            "pump_q10": q10s.pumps,
            "gates": q10s.own,
            "strength": number("Rates: strength", self.strength),
        }
        for name, given in checked.items():
            object.__setattr__(self, name, given)

    @property
    def q10s(self) -> warmth.Q10s:
        """The factors per 10 degC."""
        return warmth.Q10s(self.q10, self.conductance_q10, self.pump_q10, self.gates)

    @property
    def numbers(self) -> dict[str, float]:
        """The temperature [degC] and the Q10s, those of gates by `<gate>.q10`."""
        told = ("temperature", "q10", "conductance_q10", "pump_q10")
        own = {f"{gate}.q10": q10 for gate, q10 in self.gates.items()}
        return {name: getattr(self, name) for name in told} | own

    def with_number(self, name: str, value: float) -> Rates:
        """Return the effect with another number."""
        gate = name.removesuffix(".q10")
        if gate in self.gates:
            return replace(self, gates={**self.gates, gate: value})
        return replace(self, **{name: value})

    def at(self, strength: float) -> Rates:
        """Return the effect at a strength: the share of the way to the temperature."""
        return replace(self, strength=strength * self.strength)

    def act(self, cell: Cell, numbers: Numbers) -> dict[str, Value]:
        """Return path -> what is warmed, and the temperature itself."""
        own, to = numbers["temperature"], self.temperature
        if self.strength != 1.0:
            to = own + self.strength * (to - own)
        return warmth.changes(cell, numbers, to + own * 0.0, self.q10s)


@dataclass(frozen=True)
class AddGate:
    """Give a channel one more gate; its numbers become paths of the cell."""

    channel: str
    gate: Gate

    def grown(self, cell: Cell) -> Cell:
        """Return the cell with the gate."""
        return cell.with_gate(self.channel, self.gate)


@dataclass(frozen=True)
class AddBinding:
    """Let a substance bind to a channel, of that name in every compartment that has one.

    Its numbers become paths of the cell. Bindings of one `substance` form a group of that
    name, so that `mexiletine.c` is the concentration at all of its sites. `sources`: name of a
    number -> (source, status), where these are not the condition's.
    """

    channel: str
    binding: Binding
    substance: str = ""
    sources: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The channel."""
        return self.channel

    def found(self, cell: Cell) -> tuple[str, ...]:
        """Return the paths of the channels in a cell."""
        every = (
            (join(cell, compartment, channel.name), channel.name)
            for compartment in cell.compartments
            for channel in compartment.channels
        )
        return tuple(path for path, name in every if self.channel in (path, name))

    def grown(self, cell: Cell) -> Cell:
        """Return the cell with the binding."""
        for path in self.found(cell):
            member = f"{path}.{self.binding.name}"
            told = {key: source for key, (source, _) in self.sources.items()}
            sure = {key: status for key, (_, status) in self.sources.items()}
            cell = cell.with_binding(path, self.binding, source=told, status=sure)
            if self.substance:
                joined = dict.fromkeys((*cell.groups.get(self.substance, ()), member))
                groups = {**cell.groups, self.substance: tuple(joined)}
                cell = replace(cell, groups=FrozenMapping(groups))
        return cell


@dataclass(frozen=True)
class ScaleAll:
    """Multiply every channel's conductance by a factor."""

    factor: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "factor", number("ScaleAll: factor", self.factor))

    @property
    def numbers(self) -> dict[str, float]:
        """Its factor."""
        return {"factor": self.factor}

    def with_number(self, name: str, value: float) -> ScaleAll:
        """Return the effect with another factor."""
        return replace(self, **{name: value})

    def at(self, strength: float) -> ScaleAll:
        """Return the effect at a strength; the factor grows linearly with it."""
        return ScaleAll(1.0 + strength * (self.factor - 1.0))

    def act(self, cell: Cell, numbers: Numbers) -> dict[str, Value]:
        """Return path -> product."""
        return {
            path: numbers[path] * self.factor
            for path, part in strengths(cell).items()
            if isinstance(part, Channel | GHK)
        }


@dataclass(frozen=True)
class ShiftByDose(OfPath):
    """Add to numbers what a concentration c [uM] does: most c / (c + half)."""

    most: float
    half: float
    c: float

    _number = "c"

    def __post_init__(self) -> None:
        checked = {
            "most": number("ShiftByDose: most", self.most),
            "half": number("ShiftByDose: half", self.half, "above 0", above=0.0),
            "c": number("ShiftByDose: c", self.c, "0 or more", lowest=0.0),
        }
        for name, given in checked.items():
            object.__setattr__(self, name, given)

    @property
    def numbers(self) -> dict[str, float]:
        """Its concentration."""
        return {"c": self.c}

    def at(self, strength: float) -> ShiftByDose:
        """Return the effect at a share of the concentration."""
        return replace(self, c=strength * self.c)

    def act(self, cell: Cell, numbers: Numbers) -> dict[str, Value]:
        """Return path -> sum."""
        by = self.most * self.c / (self.c + self.half)
        return {path: numbers[path] + by for path in self.found(cell)}
