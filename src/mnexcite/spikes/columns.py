"""Collect the times of trains from a table, by its layout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mnexcite.errors import InputError
from mnexcite.spikes.labels import SAMPLES, Label
from mnexcite.spikes.layouts import Body, Layout, counts_rows, tell_layout
from mnexcite.spikes.tables import Table, is_padding


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


@dataclass(frozen=True)
class Reading:
    """Hold what the caller says about a file."""

    layout: Layout | None
    unit: str | None
    rate: float | None
    zeros: str | None


def read_columns(body: Body, said: Reading) -> list[Column]:
    """Return the trains of a table, in the order in which they first appear.

    Raises
    ------
    InputError
        If layout or unit cannot be told, or a cell does not fit.
    """
    layout = said.layout or tell_layout(body)
    _refuse_counter(body, layout)
    if layout == "binary":
        return _binary(body, said)
    if layout in ("long", "time_first"):
        return _long(body, said, layout)
    columns = {"single": _single, "wide": _wide, "rows": _rows}[layout](body, said)
    return [_unpadded(body.table, column, said.zeros) for column in columns]


def _refuse_counter(body: Body, layout: Layout) -> None:
    """Refuse a first column that counts the rows, where it would become spikes."""
    alone = body.width == 1 or body.heads or layout in ("long", "time_first")
    if not alone and len(body.rows) > 2 and counts_rows(body.rows):
        raise InputError(
            f"{body.table.path}: column 1 counts the rows; remove it (pandas: index=False), or "
            "give the columns a header"
        )


def _unit(
    body: Body, heads: tuple[Label, ...], said: Reading, places: Iterable[int] = ()
) -> str:
    """Return the unit given, or the one that all labels state, of times in some columns."""
    path = body.table.path
    unit = SAMPLES if said.rate is not None else said.unit
    if unit is not None:
        given = f"unit={unit!r}" if said.rate is None else f"rate={said.rate:g}"
        other = [h.text for h in heads if h.states_unit and h.unit != unit]
        if other:
            raise InputError(
                f"{path}: the header says {other[0]!r}, and {given} was given; leave that "
                "out, or mend the header"
            )
        return unit
    stated = {head.unit for head in heads}
    sampled = stated == {SAMPLES}
    if len(stated) != 1 or None in stated or sampled:
        _check_numbers(body, places)
        units = "" if sampled else "unit='s' or unit='ms'"
        whole = not any("." in cell for _, cells in body.rows for cell in cells)
        rate = "rate= of the samples [Hz], such as rate=2048"
        if sampled:
            raise InputError(f"{path} holds numbers of samples; give {rate}")
        also = f", or {rate}, if these are numbers of samples" if whole else ""
        raise InputError(f"{path} does not state one unit of time; give {units}{also}")
    return str(stated.pop())


def _check_numbers(body: Body, places: Iterable[int]) -> None:
    """Refuse what is no time before its unit is asked for."""
    for line, cells in body.rows:
        for i in places:
            if i < len(cells) and cells[i] and not is_padding(cells[i]):
                body.table.number(line, cells[i])


def _name(head: Label, unit: str) -> str:
    """Return a train's name: the label without the unit, unless that was another word."""
    return head.name if head.unit == unit else head.text


def _unpadded(table: Table, column: Column, zeros: str | None) -> Column:
    """Return a column without the zeros below its last spike; ask whether they are any."""
    values = column.values
    kept = len(values)
    while kept and values[kept - 1] == 0:
        kept -= 1
    # a zero that stands first and alone is a spike at 0
    if kept == len(values) or zeros == "spikes" or (zeros is None and len(values) == 1):
        return column
    if zeros is None:
        raise InputError(
            f"{table.path}: line {column.lines[kept]} holds a 0 below the last spike of a "
            "train; give zeros='padding' to leave such zeros out, or zeros='spikes' if they "
            "are spikes at 0"
        )
    return Column(column.name, column.unit, values[:kept], column.lines[:kept])


def _single(body: Body, said: Reading) -> list[Column]:
    table, heads = body.table, body.heads
    unit = _unit(body, heads, said, range(body.width))
    named = len(heads) == 1 and not heads[0].is_time
    column = Column(_name(heads[0], unit) if named else None, unit)
    for line, cells in body.rows:
        for cell in cells:
            column.add(line, table.number(line, cell))
    return [column]


def _long(body: Body, said: Reading, layout: Layout) -> list[Column]:
    table = body.table
    who, when = _long_columns(body, layout)
    unit = _unit(body, body.heads[when : when + 1], said, (when,))
    columns: dict[str, Column] = {}
    for line, cells in body.rows:
        pair = [cells[i] if i < len(cells) else "" for i in (who, when)]
        if not all(pair):
            raise InputError(
                f"{table.path}: line {line} lacks a train or a time; give both on each line"
            )
        columns.setdefault(pair[0], Column(pair[0], unit)).add(
            line, table.number(line, pair[1])
        )
    return list(columns.values())


def _long_columns(body: Body, layout: Layout) -> tuple[int, int]:
    """Return which column holds the train and which the time."""
    table, heads = body.table, body.heads
    if not heads:
        if body.width != 2:
            raise InputError(
                f"{table.path} has {body.width} columns; a long file without a header has 2, "
                "train and time; add a header such as unit,time_s"
            )
        who, when = (0, 1) if layout == "long" else (1, 0)
        fractions = [
            any(_is_fraction(table, cells[i]) for _, cells in body.rows if len(cells) == 2)
            for i in (who, when)
        ]
        if fractions == [True, False]:
            other = "time_first" if layout == "long" else "long"
            raise InputError(
                f"{table.path} has fractions in column {who + 1} and none in column "
                f"{when + 1}, which would be trains and times; give layout={other!r}"
            )
        return who, when
    trains = [i for i, head in enumerate(heads) if head.is_train]
    times = [i for i, head in enumerate(heads) if head.is_time]
    times = times or [i for i, head in enumerate(heads) if head.unit is not None]
    if len(trains) != 1 or len(times) != 1:
        raise InputError(
            f"{table.path} has columns {', '.join(head.text for head in heads)}; a long file "
            "has one called unit and one called time, time_s or time_ms; rename them"
        )
    return trains[0], times[0]


def _is_fraction(table: Table, cell: str) -> bool:
    return table.is_number(cell) and table.number(0, cell) % 1 != 0


def _wide(body: Body, said: Reading) -> list[Column]:
    table, heads, width = body.table, body.heads, body.width
    unit = _unit(body, heads, said, range(width))
    names = [_name(head, unit) for head in heads] or [None] * width
    columns = [Column(name, unit) for name in names]
    ended: dict[int, int] = {}
    for line, cells in body.rows:
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


def _rows(body: Body, said: Reading) -> list[Column]:
    table, heads = body.table, body.heads
    called = bool(heads and heads[0].is_train) or all(
        cells[0] and not table.is_number(cells[0]) and not is_padding(cells[0])
        for _, cells in body.rows
    )
    # labels of columns are no trains here; a unit they may state
    unit = _unit(body, heads[called:], said, range(called, body.width))
    columns: list[Column] = []
    for line, cells in body.rows:
        column = Column(cells[0] if called else None, unit)
        spikes = list(cells[called:])
        while spikes and (not spikes[-1] or is_padding(spikes[-1])):
            spikes.pop()
        for cell in spikes:
            column.add(line, table.number(line, cell))
        columns.append(column)
    return columns


def _binary(body: Body, said: Reading) -> list[Column]:
    """Return the times of the ones: of their own column of times, or numbers of samples."""
    table, heads, path = body.table, body.heads, body.table.path
    clocks = [i for i, head in enumerate(heads) if head.is_time]
    if len(clocks) > 1:
        raise InputError(f"{path} has {len(clocks)} columns of times; allowed: one at most")
    if clocks:
        unit = _unit(body, tuple(heads[i] for i in clocks), said, clocks)
    elif said.rate is None:
        raise InputError(
            f"{path} holds 0 and 1 at each sample and not how many samples there are a "
            "second; give rate= [Hz], such as rate=2048"
        )
    elif body.width > len(body.rows):
        raise InputError(
            f"{path} has {body.width} columns of {len(body.rows)} samples; allowed: one column "
            "per train; turn the table round"
        )
    else:
        unit = SAMPLES
    places = [i for i in range(body.width) if i not in clocks]
    columns = [Column(heads[i].text if heads else None, unit) for i in places]
    for sample, (line, cells) in enumerate(body.rows):
        if len(cells) != body.width:
            raise InputError(
                f"{path}: line {line} has {len(cells)} of {body.width} columns; allowed: 0 or "
                "1 in each"
            )
        at = table.number(line, cells[clocks[0]]) if clocks else float(sample)
        for i, column in zip(places, columns, strict=True):
            bit = table.number(line, cells[i])
            if bit not in (0.0, 1.0):
                raise InputError(f"{path}: line {line} holds {cells[i]!r}; allowed: 0 or 1")
            if bit:
                column.add(line, at)
    return columns
