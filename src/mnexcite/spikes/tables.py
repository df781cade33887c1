"""Read a delimited text file into rows of cells, each with its line number."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from mnexcite.errors import InputError, StorageError

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_QUOTED = re.compile(r'"[^"]*"')
_PADDING = ("nan", "na")
_NOTHING = ("none", "null", "nil", "n/a", "-", "--", ".", "<na>", "missing", "[]")
_CLOCK = re.compile(r"[0-9]+:[0-9]{2}(:[0-9]{2})?([.,][0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}.*")


@dataclass(frozen=True)
class Table:
    """Hold the cells of a file: its path, rows as (line, cells), and delimiter."""

    path: Path
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    delimiter: str
    decimal: str

    def is_number(self, cell: str) -> bool:
        """Tell whether a cell is a plain decimal number."""
        return bool(_NUMBER.fullmatch(self._with_point(cell)))

    def number(self, line: int, cell: str) -> float:
        """Return the number of a cell; refuse anything else, naming the line."""
        if not self.is_number(cell):
            raise InputError(
                f"{self.path}: line {line} holds {shortened(cell)}; "
                f"allowed: a spike time as a plain number{_hint(cell)}"
            )
        return float(self._with_point(cell))

    def _with_point(self, cell: str) -> str:
        if self.decimal == ".":
            return cell
        # a point would then group thousands; refuse it rather than misread it
        return cell.replace(".", " ").replace(self.decimal, ".")


def _hint(cell: str) -> str:
    """Return what to do about a cell that is no number, where one can tell."""
    if cell.lower() in _NOTHING:
        return "; leave the cell empty, or write NaN below the last spike of a train"
    if _CLOCK.fullmatch(cell):
        return "; that is a clock time: convert it to seconds since the start of the recording"
    if "," in cell:
        return "; give decimal=',' for decimal commas"
    if cell[:1].isalpha() and not is_padding(cell):
        return "; start each line of text above the table (a preamble) with #, or remove it"
    return ""


def is_padding(cell: str) -> bool:
    """Tell whether a cell is a NaN or NA written below a finished column."""
    return cell.lower() in _PADDING


def shortened(cell: str, length: int = 40) -> str:
    """Return a cell quoted for a message."""
    return repr(cell if len(cell) <= length else cell[:length] + "...")


def read_table(path: Path, decimal: str) -> Table:
    """Read the rows of a file that are neither blank nor comments (#).

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If it is not text, or holds nothing.
    """
    if decimal not in (".", ","):
        raise InputError(f"decimal is {decimal!r}; allowed: '.', ','")
    lines = [
        (number, line)
        for number, line in enumerate(_text(path).split("\n"), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    delimiter = _delimiter([line for _, line in lines], decimal)
    rows = tuple(_split(path, lines, delimiter))
    if not rows:
        raise InputError(f"{path} is empty; give a file with spike times")
    return Table(path, rows, delimiter, decimal)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            f"{path} is not UTF-8 text; save it as comma-separated UTF-8 text"
        ) from None
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}; check the path") from None


def _delimiter(lines: list[str], decimal: str) -> str:
    bare = [_QUOTED.sub("", line) for line in lines]
    for delimiter in ("\t", ";", ","):
        if delimiter != decimal and any(delimiter in line for line in bare):
            return delimiter
    # a header such as "spike time (s)" has blanks, so the data below it decides
    data = bare[1:] if bare and bare[0].lstrip()[:1].isalpha() else bare
    return " " if any(" " in line.strip() for line in data) else "\t"


def _split(
    path: Path, lines: list[tuple[int, str]], delimiter: str
) -> list[tuple[int, tuple[str, ...]]]:
    texts = [line.strip() if delimiter == " " else line for _, line in lines]
    reader = csv.reader(texts, delimiter=delimiter, skipinitialspace=True, strict=True)
    rows: list[tuple[int, tuple[str, ...]]] = []
    for i, (number, _) in enumerate(lines, start=1):
        try:
            cells = [cell.strip() for cell in next(reader)]
        except csv.Error as error:
            raise InputError(f"{path}: line {number}: {error}; mend the quotes") from None
        if reader.line_num != i:
            raise InputError(f"{path}: line {number}: a quote is not closed; mend the quotes")
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            rows.append((number, tuple(cells)))
    return rows
