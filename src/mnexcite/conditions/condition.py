"""The shape that all conditions share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mnexcite.cells import STATUSES, Cell
from mnexcite.cells.paths import Path, resolve
from mnexcite.cells.provenance import noted
from mnexcite.errors import InputError, number


@dataclass(frozen=True)
class Condition:
    """Change a cell in a named way; call it with the cell, or use `cell.under`.

    `source` and `status` are those of the change itself and are noted on every number
    that it changes.
    """

    name: str
    change: Callable[[Cell], Cell]
    source: str
    status: str

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise InputError(
                f"condition {self.name}: status is {self.status!r}; allowed: "
                f"{', '.join(STATUSES)}"
            )

    def __call__(self, cell: Cell) -> Cell:
        """Return the changed cell.

        Raises
        ------
        InputError
            If the cell has nothing that the condition could change.
        """
        return noted(cell, self.change(cell), self.name, self.source, self.status)


def present(cell: Cell, wanted: tuple[Path, ...], condition: str) -> list[Path]:
    """Return those of the wanted paths that the cell has; none at all is an error."""
    found = []
    for path in wanted:
        try:
            resolve(cell, path)
        except InputError:
            continue
        found.append(path)
    if not found:
        raise InputError(
            f"{condition} changes nothing in cell {cell.name}: it looked for "
            f"{', '.join(map(str, wanted))}; choose a cell that has one of them"
        )
    return found


def finite(name: str, value: float, lowest: float, highest: float) -> float:
    """Return the number if it lies in the allowed range."""
    return number(name, value, f"{lowest:g} to {highest:g}", lowest=lowest, highest=highest)
