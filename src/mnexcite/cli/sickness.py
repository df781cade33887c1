"""What makes the sick cell sick, from the options of `mnexcite imbalance`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnexcite.errors import InputError

if TYPE_CHECKING:
    from mnexcite.cells import Cell
    from mnexcite.config import ConditionsConfig

#: Factors without any option, by path: more persistent sodium, less potassium.
DEFAULT = {"NaP.g": 2.0, "K.g": 0.5}


@dataclass(frozen=True)
class Sickness:
    """Hold the factors by path, the conditions, a label of both, and remarks."""

    factors: dict[str, float]
    conditions: ConditionsConfig
    label: str
    notes: tuple[str, ...]


def sickness(
    cell: Cell,
    *,
    nap: float | None = None,
    k: float | None = None,
    k_o: float | None = None,
    temperature: float | None = None,
    preset: str | None = None,
    drugs: Sequence[str] = (),
    facilitation: float | None = None,
) -> Sickness:
    """Return what the options mean for a cell.

    A factor that is not given has its default, where that changes the cell at all; with a
    preset, or a facilitation, there are no defaults.

    Raises
    ------
    InputError
        If the preset or a drug is unknown, the cell has no facilitation, or nothing is left to
        change.
    """
    from mnexcite.channels.mapping import FrozenMapping
    from mnexcite.config import ConditionsConfig

    doses = dict(dose(given) for given in drugs)
    if facilitation is not None and "facilitation" not in cell.initial:
        raise InputError(
            f"cell {cell.name} has no facilitation; choose --cell cramping_motoneuron, or "
            "leave --facilitation out"
        )
    plain = preset is None and facilitation is None
    given = {"NaP.g": nap, "K.g": k}
    factors, notes = {}, []
    for path, default in DEFAULT.items():
        factor = given[path]
        if factor is not None:
            factors[path] = factor
        elif plain and _moves(cell, path):
            factors[path] = default
        elif plain:
            notes.append(f"{cell.name} has no {path} above 0, so that is not scaled.")
    changed = not plain or k_o is not None or temperature is not None
    if not factors and not doses and not changed:
        raise InputError(
            f"cell {cell.name} has neither NaP.g nor K.g to scale; give --k-o, --temperature, "
            "--drug or --preset, or another --cell"
        )
    presets: dict[str, float] = {}
    if preset is not None:
        presets[preset] = 1.0
    parts = [
        *presets,
        *(
            f"{p.removesuffix('.g')} x{factor:g}"
            for p, factor in factors.items()
            if factor != 1
        ),
        *([] if facilitation is None else [f"facilitation {facilitation:g}"]),
        *([] if k_o is None else [f"K_o {k_o:g} mM"]),
        *(f"{name} {c:g} uM" for name, c in doses.items()),
        *([] if temperature is None else [f"{temperature:g} degC"]),
    ]
    conditions = ConditionsConfig(
        FrozenMapping(presets),
        FrozenMapping({} if k_o is None else {"K_o": k_o}),
        FrozenMapping(doses),
        temperature,
    )
    return Sickness(factors, conditions, ", ".join(parts) or "unchanged", tuple(notes))


def dose(given: str) -> tuple[str, float]:
    """Return drug and concentration of an option such as mexiletine=8."""
    from mnexcite.config import find_drug
    from mnexcite.errors import number

    name, _, c = given.partition("=")
    find_drug(name, "--drug")
    try:
        uM = float(c)
    except ValueError:
        raise InputError(
            f"--drug is {given!r}; allowed: a name and its free concentration in uM, such as "
            "mexiletine=8"
        ) from None
    return name, number(f"--drug {name}", uM, "0 or more", lowest=0.0, unit="uM")


def _moves(cell: Cell, path: str) -> bool:
    """Tell whether a factor on the path changes the cell at all."""
    try:
        return cell.scaled({path: 2.0}) != cell
    except InputError:
        return False
