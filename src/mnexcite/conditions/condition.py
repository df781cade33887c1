"""The shape that all conditions share: effects in an order, with a name and a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mnexcite.cells import STATUSES, Cell
from mnexcite.cells.provenance import noted
from mnexcite.cells.values import with_values
from mnexcite.conditions.effects import (
    AddBinding,
    AddGate,
    Effect,
    Numbers,
    OfPath,
    Rates,
    Replace,
    Scale,
    ScaleAll,
    Shift,
    ShiftByDose,
    Value,
)
from mnexcite.errors import InputError, choice, did_you_mean, number, shown, text

NUMERIC = (Scale, ScaleAll, Replace, Shift, ShiftByDose, Rates)
GROWING = (AddGate, AddBinding)
Change = Effect | AddGate | AddBinding | Callable[[Cell], Cell]


@dataclass(frozen=True)
class Condition:
    """Change a cell in a named way; call it with the cell, or use `cell.under`.

    `source` and `status` are those of the change itself and are noted on every number
    that it changes.

    Parameters
    ----------
    name
        What it is called in sources, files and axes.
    effects
        One or more, which act in their order: `Scale`, `Replace`, `Shift`, `Rates`, `AddGate`,
        `AddBinding`, or a function Cell -> Cell, of which a sweep builds a cell for each
        point. What a cell lacks is passed over; a condition that finds nothing is refused.
    source, status
        Where it comes from, and how sure that is.
    strengths
        Least and greatest strength, of which 0 changes nothing and 1 is the condition.
    every
        Whether each effect must find something.

    Raises
    ------
    InputError
        If an effect is none, or the status is unknown.

    Examples
    --------
    >>> from mnexcite import cells
    >>> less_k = Condition("less_k", Scale("K.g", 0.5), "our assay", "unverified")
    >>> cell = cells.purvis_butera_2005()
    >>> cell.under(less_k.at(0.5)).parameters["A.g"].value, less_k.numbers
    (0.75, {'K.g': 0.5})
    """

    name: str
    effects: tuple[Change, ...]
    source: str
    status: str
    strengths: tuple[float, float] = (0.0, 1.0)
    every: bool = False

    def __init__(
        self,
        name: str,
        effects: Change | Iterable[Change],
        source: str,
        status: str,
        strengths: tuple[float, float] = (0.0, 1.0),
        every: bool = False,
    ) -> None:
        name = text("condition: name", name, "a text of one line")
        source = text(f"condition {name}: source", source, "a text of one line")
        several = isinstance(effects, Iterable) and not callable(effects)
        listed: tuple[Any, ...] = tuple(effects) if several else (effects,)  # type: ignore[arg-type]
        for effect in listed:
            if not (isinstance(effect, (*NUMERIC, *GROWING)) or callable(effect)):
                raise InputError(
                    f"condition {name}: {shown(effect)} is no effect; allowed: Scale, Replace, "
                    "Shift, Rates, AddGate, AddBinding of mnexcite.conditions, or a function "
                    "Cell -> Cell"
                )
        status = choice(f"condition {name}: status", status, STATUSES)
        for key, value in {
            "name": name,
            "effects": listed,
            "source": source,
            "status": status,
            "strengths": strengths,
            "every": every,
        }.items():
            object.__setattr__(self, key, value)

    @property
    def is_numeric(self) -> bool:
        """Whether it changes numbers alone, and says so: lanes need no cell of their own."""
        return all(isinstance(effect, NUMERIC) for effect in self.effects)

    @property
    def numbers(self) -> dict[str, float]:
        """Every number of its effects by name; a sweep's axis is `conditions.name.number`."""
        found: dict[str, float] = {}
        for effect in self.effects:
            found |= effect.numbers if isinstance(effect, NUMERIC) else {}
        return found

    def with_number(self, name: str, value: float) -> Condition:
        """Return the condition with another number in every effect that has one of that name.

        Raises
        ------
        InputError
            If none has.
        """
        known = self.numbers
        name = text(f"condition {self.name}: number", name, "the name of one of its numbers")
        if name not in known:
            raise InputError(
                f"condition {self.name} has no number {name!r}; {did_you_mean(name, known)}"
            )
        value = number(f"{self.name}: {name}", value)
        return self._of(
            effect.with_number(name, value)
            if isinstance(effect, NUMERIC) and name in effect.numbers
            else effect
            for effect in self.effects
        )

    def at(self, strength: float) -> Condition:
        """Return the condition at a strength.

        Raises
        ------
        InputError
            If the strength is out of range, or an effect has none: a gate that is added, a
            function.
        """
        low, high = self.strengths
        name = f"{self.name}: strength"
        strength = number(name, strength, f"{low:g} to {high:g}", lowest=low, highest=high)
        if not self.is_numeric:
            raise InputError(f"condition {self.name} has no strength: not all of it is numbers")
        scaled = self._of(effect.at(strength) for effect in self.effects)  # type: ignore[union-attr]
        return replace(scaled, name=f"{self.name}({strength:g})")

    def act(self, cell: Cell, numbers: Numbers) -> dict[str, Value]:
        """Return path -> new value of all that a numeric condition changes.

        Raises
        ------
        InputError
            If the cell has nothing that it could change.
        """
        self._check(cell)
        changed: dict[str, Value] = {}
        for effect in self.effects:
            assert isinstance(effect, NUMERIC)
            changed |= effect.act(cell, _Changed(numbers, changed))
        return changed

    def __call__(self, cell: Cell) -> Cell:
        """Return the changed cell.

        Raises
        ------
        InputError
            If the cell has nothing that the condition could change.
        """
        changed = cell
        for effect in self.effects:
            if isinstance(effect, GROWING):
                changed = effect.grown(changed)
            elif isinstance(effect, NUMERIC):
                own = {path: value for path, (value, _) in changed.scalars.items()}
                new = effect.act(changed, own)
                changed = with_values(changed, {p: v for p, v in new.items() if v != own[p]})  # type: ignore[misc]
            else:
                changed = effect(changed)  # type: ignore[operator]
        self._check(cell)
        return noted(cell, changed, self.name, self.source, self.status)

    def _of(self, effects: Iterable[Any]) -> Condition:
        return replace(self, effects=tuple(effects))

    def _check(self, cell: Cell) -> None:
        """Refuse a cell that has nothing, or not all, of what it changes."""
        paths = [e for e in self.effects if isinstance(e, OfPath | AddBinding)]
        lacking = [effect.name for effect in paths if not effect.found(cell)]
        if lacking and (self.every or len(lacking) == len(self.effects)):
            raise InputError(
                f"{self.name.partition('(')[0]} changes nothing in cell {cell.name}: it looked "
                f"for {', '.join(lacking)}; choose a cell that has one of them"
            )


class _Changed(Mapping[str, Value]):
    """Numbers of which some have changed."""

    def __init__(self, numbers: Numbers, changed: Numbers) -> None:
        self.numbers, self.changed = numbers, changed

    def __getitem__(self, path: str) -> Value:
        return self.changed[path] if path in self.changed else self.numbers[path]

    def __iter__(self) -> Any:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)
