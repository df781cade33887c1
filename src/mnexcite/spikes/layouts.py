"""Tell what a table's header and columns are."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, NoReturn, get_args

from mnexcite.errors import InputError
from mnexcite.spikes import labels
from mnexcite.spikes.labels import Label
from mnexcite.spikes.tables import Table, is_padding

Layout = Literal["single", "long", "time_first", "wide", "rows", "binary"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
Rows = tuple[tuple[int, tuple[str, ...]], ...]

#: What each layout is, for questions.
_SAID: dict[str, str] = {
    "wide": "one column per train",
    "rows": "one row per train",
    "long": "one line per spike: train, time",
    "time_first": "one line per spike: time, train",
    "single": "all cells are one train",
    "binary": "one column per train, 1 at each sample with a spike",
}
_DIGITS = re.compile(r"[0-9]+")
_BIT = re.compile(r"[01](\.0*)?")


@dataclass(frozen=True)
class Body:
    """Hold the labels of a table, none without a header, and the rows below them.

    `declared` tells that the caller said that line 1 is a header.
    """

    table: Table
    heads: tuple[Label, ...]
    rows: Rows
    width: int
    declared: bool = False


def read_body(table: Table, header: bool | None) -> Body:
    """Part a table into header and rows; an index that pandas or R wrote is left out.

    Raises
    ------
    InputError
        If a label lacks, a row is wider than the header, or line 1 may be either.
    """
    declared = header is True
    table, indexed = (table, False) if header is False else _without_index(table)
    if header is None:
        header = indexed or _is_header(table)
    heads = _labels(table) if header else ()
    rows = table.rows[1:] if header else table.rows
    width = len(heads) if heads else max(len(cells) for _, cells in rows)
    for line, cells in rows:
        if len(cells) > width:
            raise InputError(
                f"{table.path}: line {line} has {len(cells)} columns and the header {width}; "
                "give each column a label, or start each line above the table (a preamble) "
                "with #"
            )
    return Body(table, heads, rows, width, declared)


def _without_index(table: Table) -> tuple[Table, bool]:
    """Leave out a first column that counts the rows, and is called so or not at all."""
    (line, first), *rest = table.rows
    if len(first) < 2 or not (labels.parse(first[0]).may_count and counts_rows(tuple(rest))):
        return table, False
    rows = ((line, first[1:]), *((number, cells[1:]) for number, cells in rest))
    return replace(table, rows=rows), True


def counts_rows(rows: Rows) -> bool:
    """Tell whether the first column counts the rows from 0 or 1."""
    counted = [cells[0] for _, cells in rows]
    return any(counted == [str(start + i) for i in range(len(counted))] for start in (0, 1))


def _is_header(table: Table) -> bool:
    (line, first), *rest = table.rows
    # one with a number is data, and so is a mistyped number, which starts like one
    if not any(table.is_number(cell) or is_padding(cell) for cell in first):
        return any(cell[:1].isalpha() or labels.parse(cell).unit is not None for cell in first)
    if rest and all(map(_DIGITS.fullmatch, first)) and _may_be_labels(table, first):
        raise InputError(
            f"{table.path}: line {line} holds {', '.join(first[:3])}"
            f"{', ...' if len(first) > 3 else ''}, which may be numbers of columns or spikes; "
            "give header=True or header=False"
        )
    return False


def _may_be_labels(table: Table, first: tuple[str, ...]) -> bool:
    """Tell whether whole numbers in line 1 are those that programs give to columns."""
    counted = any(first == tuple(str(i + k) for i in range(len(first))) for k in (0, 1))
    others = [cell for _, cells in table.rows[1:] for cell in cells if cell]
    whole = any(map(_DIGITS.fullmatch, others))
    return (counted or len(first) > 1) if not whole else (counted and len(first) > 1)


def _labels(table: Table) -> tuple[Label, ...]:
    for i, cell in enumerate(table.rows[0][1], start=1):
        if not cell:
            raise InputError(
                f"{table.path}: column {i} has no label in the header; name or remove it "
                "(pandas writes its index so, and not with index=False)"
            )
    if len(table.rows) == 1:
        raise InputError(f"{table.path} holds no spike times; give a file with at least one")
    return tuple(labels.parse(cell) for cell in table.rows[0][1])


def tell_layout(body: Body) -> Layout:
    """Return the layout that header and columns tell; ask where they leave it open.

    Raises
    ------
    InputError
        If more than one is possible; it names them.
    """
    table, heads, rows, width = body.table, body.heads, body.rows, body.width
    clocked = any(head.is_time for head in heads)
    if len(rows) > 2 and not any(h.is_train for h in heads) and not clocked and _bits(rows):
        return "binary"
    if width == 1:
        return "single"
    texts = [_is_text(cells[0]) for _, cells in rows]
    if heads:
        return _of_labels(body, clocked)
    if all(texts):
        names = [cells[0] for _, cells in rows]
        if width == 2:
            return "long"
        if len(set(names)) == len(names):
            return "rows"
        _ask(body, f"{width} columns without a header", "long", "rows")
    if width == 2 and all(len(cells) == 2 and _is_text(cells[1]) for _, cells in rows):
        return "time_first"
    if texts[0]:
        # a line of text above the table, or a cell that is wrong: it is named
        return "long" if width == 2 else "wide"
    full = all(len(cells) == width and all(cells) for _, cells in rows)
    if width == 2 and full:
        _ask(body, "2 columns without a header", *_possible(body), "long", "time_first")
    # a row that ascends may be a train of its own
    if _rows_ascend(table, rows):
        _ask(body, f"{width} columns without a header", *_possible(body))
    return "wide"


def _of_labels(body: Body, clocked: bool) -> Layout:
    heads, rows = body.heads, body.rows
    said = f"columns {', '.join(head.text for head in heads[:6])}"
    numbered = [head.is_numbered for head in heads]
    if any(head.is_train for head in heads):
        names = [cells[0] for _, cells in rows]
        # one line per train, its spikes in numbered columns
        if heads[0].is_train and all(numbered[1:]) and len(set(names)) == len(names):
            return "rows" if len(heads) > 2 else "long"
        return "long"
    if clocked:
        others = [i for i, head in enumerate(heads) if not head.is_time]
        bits = _bits(tuple((line, _at(cells, others)) for line, cells in rows))
        # all columns but that of the time
        if bits and len(rows) > 2 and 1 < len(others) == len(heads) - 1:
            return "binary"
        _ask(body, said, *(["binary"] if bits else []), *_possible(body))
    if not body.declared and all(numbered) and _rows_ascend(body.table, rows):
        _ask(body, said, "wide", "rows")
    return "wide"


def _at(cells: tuple[str, ...], places: list[int]) -> tuple[str, ...]:
    return tuple(cells[i] if i < len(cells) else "" for i in places)


def _possible(body: Body) -> list[str]:
    """Return which readings of a table of numbers give trains that ascend."""
    table, rows = body.table, body.rows
    every = [(0, tuple(cell for _, cells in rows for cell in cells))]
    columns = [(0, tuple(c[i] for _, c in rows if i < len(c))) for i in range(body.width)]
    tried = {"wide": columns, "rows": rows, "single": every}
    found = [name for name, trains in tried.items() if _rows_ascend(table, tuple(trains))]
    return found or ["wide"]


def _ask(body: Body, what: str, *choices: str) -> NoReturn:
    first, *rest = choices
    said = [f"layout={first!r} ({_SAID[first]})", *(f"{c!r} ({_SAID[c]})" for c in rest)]
    listed = " or ".join([", ".join(said[:-1]), said[-1]] if rest else said)
    raise InputError(f"{body.table.path} has {what}; give {listed}")


def _bits(rows: Rows) -> bool:
    """Tell whether all cells are 0 or 1: more than two of them never ascend."""
    return all(_BIT.fullmatch(cell) for _, cells in rows for cell in cells)


def _is_text(cell: str) -> bool:
    return cell[:1].isalpha() and not is_padding(cell)


def _rows_ascend(table: Table, rows: Rows) -> bool:
    return all(_ascends(table, line, cells) for line, cells in rows)


def _ascends(table: Table, line: int, cells: tuple[str, ...]) -> bool:
    values = [table.number(line, cell) for cell in cells if cell and not is_padding(cell)]
    while len(values) > 1 and values[-1] == 0:
        values.pop()
    return all(a < b for a, b in pairwise(values))
