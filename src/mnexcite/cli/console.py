"""What commands print: tables on stdout, progress on stderr."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from mnexcite.cli import stopping
from mnexcite.errors.progress import Tell, bar


def out() -> Console:
    """Return the console for results; made anew, so that it follows redirections."""
    return Console(highlight=False, markup=False, emoji=False)


def table(*columns: str) -> Table:
    """Return an empty table; all columns but the first are right-aligned."""
    made = Table()
    for i, column in enumerate(columns):
        made.add_column(column, justify="left" if i == 0 else "right", overflow="fold")
    return made


def number(value: float, digits: int = 2, why: str = "") -> str:
    """Return a number as text, and for an undefined one a dash with the reason."""
    if math.isnan(value):
        return f"- ({why.replace('_', ' ')})" if why else "-"
    return f"{value:.{digits}f}"


def lasts(ms: float, ended: bool, digits: int = 1, why: str = "") -> str:
    """Return a duration in seconds as text, with "> " before one whose end was not seen."""
    said = number(1e-3 * ms, digits, why)
    return said if ended or math.isnan(ms) else f"> {said}"


@contextmanager
def progress(title: str) -> Iterator[Tell]:
    """Show a bar on stderr while something runs, or a line now and then.

    Ctrl-C is an exception from then on.

    Yields the function that takes the share done, or a sweep's progress.
    """
    stopping.raise_from_now_on()
    with bar(title) as tell:
        yield tell
