"""What a page lets one move: numbers of a cell, its temperature, drugs, and a current."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mnexcite import conditions
from mnexcite.cells import Cell, Parameter, warmth
from mnexcite.cells.paths import resolve
from mnexcite.conditions import Condition
from mnexcite.equations.layout import Layout
from mnexcite.equations.lower import any_row
from mnexcite.equations.structure import structure_of
from mnexcite.errors import InputError
from mnexcite.page.formula import Formula, slider

#: Drugs that bind, by the group of their sites, and the greatest concentration [uM]. The
#: page's cell has all of them, at first without any.
DRUGS: Mapping[str, tuple[Callable[[float], Condition], str, float]] = MappingProxyType(
    {
        "mexiletine": (conditions.mexiletine, "Mexiletine", 30.0),
        "ttx": (conditions.ttx, "Tetrodotoxin (TTX)", 0.05),
        "tea": (conditions.tea, "Tetraethylammonium (TEA)", 10_000.0),
        "four_ap": (conditions.four_ap, "4-aminopyridine (4-AP)", 3000.0),
    }
)
#: Conductances by path: name, greatest factor, and what more of it does.
CONDUCTANCES: Mapping[str, tuple[str, float, str]] = MappingProxyType(
    {
        "NaP.g": ("Persistent sodium", 4.0, "keeps the cell depolarised and makes it fire"),
        "K.g": ("Voltage-gated potassium", 2.0, "brakes the cell and repolarises it"),
        "Na.g": ("Fast sodium", 2.0, "makes each spike"),
        "CAN.g": ("Calcium-activated cation", 2.0, "holds firing up once calcium is there"),
        "leak.g": ("Leak", 3.0, "pulls the cell to rest"),
    }
)
MOST_CONDUCTANCES = 3
#: Currents by unit: least, greatest, step.
CURRENTS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {"nA": (-1.0, 3.0, 0.01), "uA/cm2": (-10.0, 40.0, 0.1)}
)
STIMULUS, TEMPERATURE = "stimulus", "temperature"
#: When a current begins [ms].
BEGINS = 100.0


@dataclass(frozen=True)
class Slider:
    """Describe one: what it is called, where it goes and what it moves.

    `kind`: a `factor` of own values, a `value`, the concentration of a `drug`, or the
    `stimulus`. `neutral` changes nothing.
    """

    id: str
    label: str
    kind: str
    low: float
    high: float
    step: float
    neutral: float
    unit: str
    says: str
    source: str
    status: str
    own: float | None = None

    @property
    def json(self) -> dict[str, Any]:
        """As the page reads it."""
        found = {key: getattr(self, key) for key in self.__dataclass_fields__}
        evidence = {"source": found.pop("source"), "status": found.pop("status")}
        return found | {"path": self.id, "evidence": evidence}


def sliders_of(cell: Cell, more: Sequence[str] = ()) -> tuple[Slider, ...]:
    """Return the sliders of a cell, those of `more` paths after its own.

    Raises
    ------
    InputError
        If a path is none of the cell's.
    """
    known = [path for path in CONDUCTANCES if has(cell, path)][:MOST_CONDUCTANCES]
    found = [_of_path(cell, path) for path in known]
    found += [_of_path(cell, "ions.K_o")] if has(cell, "ions.K_o") else []
    found = [one for one in found if _moves(cell, one)]
    for path in more:
        if path not in {one.id for one in found}:
            found.append(_of_path(cell, path))
            if not _moves(cell, found[-1]):
                raise InputError(
                    f"sliders: {path} decides tables, or another number goes before it, so a "
                    "page cannot move it; allowed: conductances, concentrations outside, C, "
                    "reversals that follow no ion, rates, and numbers of pools"
                )
    found += [_temperature(cell)] if _is_warmed(cell) else []
    low, high, step = CURRENTS[cell.units["i"]]
    found.append(
        Slider(
            *(STIMULUS, "Current", STIMULUS, low, high, step, 0.0, cell.units["i"]),
            f"a constant current from {BEGINS:g} ms on, as through an electrode",
            *("chosen here", ""),
        )
    )
    return tuple(found) + tuple(_drug(cell, name) for name in drugs_of(cell))


def drugs_of(cell: Cell) -> tuple[str, ...]:
    """Return the drugs of the page that find something to bind to in a cell."""
    found = []
    for name, (drug, *_) in DRUGS.items():
        try:
            drug(1.0)(cell)
        except InputError:
            continue
        found.append(name)
    return tuple(found)


def with_drugs(cell: Cell) -> Cell:
    """Return the cell with all drugs of the page, whose concentrations are then sliders."""
    return cell.under(*(DRUGS[name][0](1.0) for name in drugs_of(cell)))


def moved(cell: Cell, sliders: Sequence[Slider]) -> dict[str, Formula]:
    """Return full path -> formula of all numbers of a cell that sliders move.

    They act in the order factors, values, temperature, as `cell.scaled(...).replaced(...)`.
    """
    numbers: dict[str, Any] = {path: value for path, (value, _) in cell.scalars.items()}
    changed: dict[str, Formula] = {}
    for one in sliders:
        x = slider(one.id)
        if one.kind == "factor":
            changed |= {path: numbers[path] * x for path in resolve(cell, one.id)}
        elif one.kind in ("value", "drug") and one.id != TEMPERATURE and has(cell, one.id):
            changed |= dict.fromkeys(resolve(cell, one.id), x)
    if TEMPERATURE not in {one.id for one in sliders}:
        return changed
    warm = warmth.changes(cell, numbers | changed, slider(TEMPERATURE))  # type: ignore[arg-type]
    return changed | warm  # type: ignore[return-value]


def _moves(cell: Cell, one: Slider) -> bool:
    """Tell whether a slider moves a row of the kernel's parameters."""
    layout = Layout(structure_of(cell))
    numbers: dict[str, Any] = {path: value for path, (value, _) in cell.scalars.items()}
    numbers |= moved(cell, [one])
    try:
        rows = [any_row(cell, layout, numbers, k, ()) for k in range(len(layout.parameters))]
    except TypeError:  # such as a synapse's times, which decide what enters
        return False
    return any(isinstance(row, Formula) for row in rows)


def _is_warmed(cell: Cell) -> bool:
    try:
        warmth.followers(cell)
    except InputError:
        return False
    return True


def _of_path(cell: Cell, path: str) -> Slider:
    full = resolve(cell, path)
    number = cell.parameters[full[0]]
    label, most, says = CONDUCTANCES.get(path, (path, 3.0, "")) if path != "ions.K_o" else _K_O
    if path.endswith(".g") and number.value > 0.0:
        own = number.value if len(full) == 1 else None
        return Slider(
            *(path, label, "factor", 0.0, most, 0.01, 1.0, number.unit, says),
            *(number.source, number.status, own),
        )
    own = number.value
    low, high = (0.0, 1.0) if own == 0.0 else sorted((0.5 * own, 3.0 * own))
    return Slider(
        *(path, label, "value", low, high, (high - low) / 200, own, number.unit, says),
        *(number.source, number.status, own),
    )


_K_O = ("Potassium outside", 0.0, "less of a brake by every potassium channel")


def _temperature(cell: Cell) -> Slider:
    own = cell.temperature
    low, high = max(warmth.LOWEST, own - 10.0), min(warmth.HIGHEST, own + 10.0)
    return Slider(
        *(TEMPERATURE, "Temperature", "value", low, high, 0.1, own, "degC"),
        "makes gates faster",
        *(warmth.SOURCE, "unverified", own),
    )


def _drug(cell: Cell, name: str) -> Slider:
    drug, label, most = DRUGS[name]
    condition = drug(1.0)
    return Slider(
        *(f"{name}.c", label, "drug", 0.0, most, most / 300, 0.0, "uM"),
        "a drug, by its free concentration",
        *(condition.source, condition.status, 0.0),
    )


def has(cell: Cell, path: str) -> bool:
    """Tell whether a path is one of a cell's numbers."""
    try:
        resolve(cell, path)
    except InputError:
        return False
    return True


def numbers_json(numbers: Mapping[str, Parameter]) -> list[dict[str, Any]]:
    """Return every number with unit and source, as the page reads them."""

    def row(path: str, number: Parameter) -> dict[str, Any]:
        told = {"value": number.value, "unit": number.unit}
        return {"path": path, **told, "source": number.source, "status": number.status}

    return [row(path, number) for path, number in numbers.items()]
