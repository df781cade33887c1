"""Progress to be seen: a bar in a terminal or a notebook, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from mnexcite.errors.kinds import InputError, in_module_of

P = ParamSpec("P")
R = TypeVar("R")
#: Takes the share done, 0 to 1, or what has `points`, `done` and words as its text.
Tell = Callable[[Any], None]

#: Seconds between lines where there is no terminal, and between updates of a notebook.
LINES, UPDATES = 10.0, 0.2


def with_bar(title: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let `progress=True` of a function show a bar, and False be None.

    >>> @with_bar("doubling")
    ... def double(x, *, progress=None):
    ...     return 2 * x if progress is None else progress(1.0)
    >>> double(2, progress=False), double(2, progress=lambda share: share)
    (4, 1.0)
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        opened = bar

        def shown(*args: P.args, **kwargs: P.kwargs) -> R:
            wanted = kwargs.get("progress")
            if not isinstance(wanted, bool):
                return function(*args, **kwargs)
            if not wanted:
                kwargs["progress"] = None
                return function(*args, **kwargs)
            with opened(title) as tell:
                kwargs["progress"] = tell
                return function(*args, **kwargs)

        return in_module_of(function, shown)

    return decorate


def told(progress: Any, takes: str = "the share done") -> Tell | None:
    """Return the function that is told how far something is; refuse what is none.

    >>> told(1)
    Traceback (most recent call last):
    ...
    mnexcite.errors.InputError: progress is 1; allowed: True, or a function that takes the ...
    """
    if progress is None or (callable(progress) and not isinstance(progress, type)):
        return progress  # type: ignore[return-value]
    raise InputError(
        f"progress is {progress!r:.60}; allowed: True, or a function that takes {takes}"
    )


@contextmanager
def bar(title: str) -> Iterator[Tell]:
    """Show how far something is, and nothing any more when it ends, however it ends."""
    if "ipykernel" in sys.modules:
        with _in_notebook(title) as tell:
            yield tell
        return
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(title)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[told]}"),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(title, total=1.0, told="")
        yield lambda now: shown.update(task, completed=share(now), told=words(now))


def share(now: Any) -> float:
    """Return the share done, 0 to 1."""
    return float(now) if isinstance(now, float | int) else now.done / max(now.points, 1)


def words(now: Any) -> str:
    """Return what more there is to tell than a share."""
    return "" if isinstance(now, float | int) else str(now)


def _lines(title: str) -> Tell:
    said = time.monotonic()

    def tell(now: Any) -> None:
        nonlocal said
        if time.monotonic() - said >= LINES:
            said = time.monotonic()
            line = words(now) or f"{title}: {100.0 * share(now):.0f} %"
            sys.stderr.write(f"mnexcite: {line}\n")

    return tell


@contextmanager
def _in_notebook(title: str) -> Iterator[Tell]:
    """Show HTML's own bar, which needs no widgets."""
    import html

    from IPython.display import HTML, display  # type: ignore[import-not-found]

    def drawn(now: Any) -> Any:
        told = html.escape(f"{title} {100.0 * share(now):.0f} % {words(now)}".rstrip())
        return HTML(f'<progress value="{share(now):.4f}" max="1"></progress> {told}')

    handle, said = display(drawn(0.0), display_id=True), time.monotonic()

    def tell(now: Any) -> None:
        nonlocal said
        if time.monotonic() - said >= UPDATES:
            said = time.monotonic()
            handle.update(drawn(now))

    try:
        yield tell
    finally:
        handle.update(HTML(""))
