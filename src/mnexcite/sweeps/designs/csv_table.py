"""Read the points of a sweep from a delimited text file."""

from __future__ import annotations

import math
from pathlib import Path

from mnexcite.errors import InputError
from mnexcite.spikes.tables import Table, read_table, shortened
from mnexcite.sweeps.designs.axes import read_label


def read_columns(path: Path, decimal: str = ".") -> dict[str, list[float]]:
    """Return header -> values of every column; lines that start with # are comments.

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If a header is no axis, or a cell below it no number.
    """
    try:
        read = read_table(path, decimal)
    except InputError as error:
        raise InputError(str(error).replace("spike times", "a header and points")) from None
    (line, heads), *rows = read.rows
    for place, head in enumerate(heads, start=1):
        where = f"{path}: line {line}, column {place}"
        if not head:
            raise InputError(f"{where} has no name; name the axis or remove the column")
        if read.is_number(head):
            raise InputError(
                f"{where} is {head}; allowed: a header that names the axes, such as NaP.g"
            )
        try:
            read_label(head)
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
        if heads.index(head) < place - 1:
            raise InputError(f"{where} is {head} again; keep one column of it")
    if not rows:
        raise InputError(f"{path} has a header and no points; give one line per point")
    columns: dict[str, list[float]] = {head: [] for head in heads}
    for line, cells in rows:
        if len(cells) > len(heads):
            raise InputError(
                f"{path}: line {line} has {len(cells)} columns and the header {len(heads)}; "
                "give each column a name"
            )
        for place, head in enumerate(heads):
            cell = cells[place] if place < len(cells) else ""
            columns[head].append(_number(read, line, place, head, cell))
    return columns


def _number(read: Table, line: int, place: int, head: str, cell: str) -> float:
    if not read.is_number(cell):
        hint = "; give decimal=',' for decimal commas" if "," in cell else ""
        what = f"holds {shortened(cell)}" if cell else "is empty"
        raise InputError(
            f"{read.path}: line {line}, column {place + 1} ({head}) {what}; allowed: a plain "
            f"number{hint}"
        )
    value = read.number(line, cell)
    if math.isinf(value):
        raise InputError(
            f"{read.path}: line {line}, column {place + 1} ({head}) is too large; allowed: a "
            "finite number"
        )
    return value
