"""How commands end: exit codes, and errors of one line."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
import typer.core

from mnexcite.errors import InputError, RunWarning

BAD_INPUT = 2
SOME_FAILED = 3
STORAGE = 4
INTERRUPTED = 130
NOTHING = "interrupted before anything was computed"


class OneLineErrors(typer.core.TyperGroup):
    """Say what went wrong in one line on stderr, and exit with its code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        *rest: Any,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; raises SystemExit unless `standalone_mode` is false."""
        with _short_warnings():
            code = self._code(args, *rest, **extra)
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: Any) -> Any:
        """Run a command; Ctrl-C that it did not see to ends it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say(NOTHING)
            raise typer.Exit(INTERRUPTED) from None

    def _code(self, *args: Any, **extra: Any) -> int:
        try:
            code = super().main(*args, standalone_mode=False, **extra)
            return code if isinstance(code, int) else 0
        except InputError as error:
            say(str(error))
            return BAD_INPUT
        except OSError as error:
            say(str(error))
            return STORAGE
        except (KeyboardInterrupt, typer.Abort):
            say(NOTHING)
            return INTERRUPTED
        except Exception as error:
            # usage errors of Typer: their class has moved between its versions
            if not hasattr(error, "format_message"):
                raise
            say(error.format_message())  # type: ignore[attr-defined]
            return BAD_INPUT


def say(message: str) -> None:
    """Write one line to stderr."""
    typer.echo("mnexcite: " + " ".join(message.split()), err=True)


@contextmanager
def _short_warnings() -> Iterator[None]:
    def show(message: Warning | str, category: type[Warning], *rest: Any) -> None:
        kind = "warning" if issubclass(category, RunWarning) else category.__name__
        say(f"{kind}: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("default", RunWarning)
        warnings.showwarning = show
        yield
