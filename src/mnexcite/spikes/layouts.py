"""Tell which columns of a table hold which train, and collect their times."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NoReturn

from mnexcite.errors import InputError
from mnexcite.spikes import labels
from mnexcite.spikes.labels import Label
from mnexcite.spikes.tables import Table, is_padding

Layout = Literal["single", "long", "wide"]
_Rows = tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Column:
    """Collect the times of one train as the file has them, and their lines."""

    name: str | None
    unit: str
    values: list[float] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def add(self, line: int, value: float) -> None:
        """Append one spike."""
        self.values.append(value)
        self.lines.append(line)


def read_columns(
    table: Table, layout: Layout | None, header: bool | None, unit: str | None
) -> list[Column]:
    """Return the trains of a table, in the order in which they first appear.

    Raises
    ------
    InputError
        If layout or unit cannot be told, or a cell does not fit.
    """
    heads, rows = _header(table, header)
    width = len(heads) if heads else max(len(cells) for _, cells in rows)
    for line, cells in rows:
        if len(cells) > width:
            raise InputError(
                f"{table.path}: line {line} has {len(cells)} columns and the header {width}; "
                "give each column a label"
            )
    if layout is None:
        layout = _layout(table, heads, rows, width)
    if layout == "single":
        return _single(table, heads, rows, unit)
    if layout == "long":
        return _long(table, heads, rows, width, unit)
    return _wide(table, heads, rows, width, unit)


def _header(table: Table, header: bool | None) -> tuple[tuple[Label, ...], _Rows]:
    """Return the labels, none without a header, and the rows below them."""
    first = table.rows[0][1]
    if header is None:
        # one with a number is data, and so is a mistyped number, which starts like one
        header = not any(table.is_number(cell) or is_padding(cell) for cell in first) and any(
            cell[:1].isalpha() or labels.parse(cell).unit is not None for cell in first
        )
    if not header:
        return (), table.rows
    for i, cell in enumerate(first, start=1):
        if not cell:
            raise InputError(
                f"{table.path}: column {i} has no label in the header; name or remove it"
            )
    if len(table.rows) == 1:
        raise InputError(f"{table.path} holds no spike times; give a file with at least one")
    return tuple(labels.parse(cell) for cell in first), table.rows[1:]


def _layout(table: Table, heads: tuple[Label, ...], rows: _Rows, width: int) -> Layout:
    if width == 1:
        return "single"
    if heads:
        if any(head.is_train for head in heads):
            return "long"
        if not any(head.is_time for head in heads):
            return "wide"
        _ask(table, f"columns {', '.join(head.text for head in heads)}")
    first = rows[0][1]
    if width == 2 and len(first) == 2 and _is_text(table, first[0]):
        return "long"
    full = all(len(cells) == width and all(cells) for _, cells in rows)
    # a row that ascends may also be a train of its own, or a row of a long file
    if (width == 2 and full) or all(_ascends(table, line, cells) for line, cells in rows):
        _ask(table, f"{width} columns without a header")
    return "wide"


def _ask(table: Table, what: str) -> NoReturn:
    raise InputError(
        f"{table.path} has {what}; give layout='wide' (one column per train), 'long' "
        "(one line per spike, with its train) or 'single' (all cells are one train)"
    )


def _is_text(table: Table, cell: str) -> bool:
    return cell[:1].isalpha() and not is_padding(cell)


def _ascends(table: Table, line: int, cells: tuple[str, ...]) -> bool:
    values = [table.number(line, cell) for cell in cells if cell and not is_padding(cell)]
    return all(a < b for a, b in pairwise(values))


def _unit(table: Table, heads: tuple[Label, ...], unit: str | None) -> str:
    """Return the unit given, or the one that all labels state."""
    if unit is not None:
        other = [h.text for h in heads if h.states_unit and h.unit != unit]
        if other:
            raise InputError(
                f"{table.path}: the header says {other[0]!r}, and unit is {unit!r}; leave unit "
                "out, or mend the header"
            )
        return unit
    stated = {head.unit for head in heads}
    if len(stated) != 1 or None in stated:
        raise InputError(
            f"{table.path} does not state one unit of time; give unit='s' or unit='ms'"
        )
    return str(stated.pop())


def _name(head: Label, unit: str) -> str:
    """Return a train's name: the label without the unit, unless that was another word."""
    return head.name if head.unit == unit else head.text


def _single(
    table: Table, heads: tuple[Label, ...], rows: _Rows, unit: str | None
) -> list[Column]:
    unit = _unit(table, heads, unit)
    named = len(heads) == 1 and not heads[0].is_time
    column = Column(_name(heads[0], unit) if named else None, unit)
    for line, cells in rows:
        for cell in cells:
            column.add(line, table.number(line, cell))
    return [column]


def _long(
    table: Table, heads: tuple[Label, ...], rows: _Rows, width: int, unit: str | None
) -> list[Column]:
    who, when = _long_columns(table, heads, width)
    unit = _unit(table, heads[when : when + 1], unit)
    columns: dict[str, Column] = {}
    for line, cells in rows:
        pair = [cells[i] if i < len(cells) else "" for i in (who, when)]
        if not all(pair):
            raise InputError(
                f"{table.path}: line {line} lacks a train or a time; give both on each line"
            )
        columns.setdefault(pair[0], Column(pair[0], unit)).add(
            line, table.number(line, pair[1])
        )
    return list(columns.values())


def _long_columns(table: Table, heads: tuple[Label, ...], width: int) -> tuple[int, int]:
    """Return which column holds the train and which the time."""
    if not heads:
        if width != 2:
            raise InputError(
                f"{table.path} has {width} columns; a long file without a header has 2, "
                "train and time; add a header such as unit,time_s"
            )
        return 0, 1
    trains = [i for i, head in enumerate(heads) if head.is_train]
    times = [i for i, head in enumerate(heads) if head.is_time]
    times = times or [i for i, head in enumerate(heads) if head.unit is not None]
    if len(trains) != 1 or len(times) != 1:
        raise InputError(
            f"{table.path} has columns {', '.join(head.text for head in heads)}; a long file "
            "has one called unit and one called time, time_s or time_ms; rename them"
        )
    return trains[0], times[0]


def _wide(
    table: Table, heads: tuple[Label, ...], rows: _Rows, width: int, unit: str | None
) -> list[Column]:
    unit = _unit(table, heads, unit)
    names = [_name(head, unit) for head in heads] or [None] * width
    columns = [Column(name, unit) for name in names]
    ended: dict[int, int] = {}
    for line, cells in rows:
        if table.delimiter == " " and len(cells) != width:
            raise InputError(
                f"{table.path}: line {line} has {len(cells)} of {width} columns, and blanks "
                "do not tell which; separate the columns by commas or tabs"
            )
        for i, cell in enumerate(cells):
            if is_padding(cell):
                ended.setdefault(i, line)
            elif cell and i in ended:
                raise InputError(
                    f"{table.path}: line {ended[i]} has no number in column {i + 1}, but line "
                    f"{line} has; allowed: NaN only below the last spike of a column"
                )
            elif cell:
                columns[i].add(line, table.number(line, cell))
    return columns
