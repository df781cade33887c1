"""How commands end: exit codes, and errors of one line."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
import typer.core

from mnexcite.cli.options import in_flags
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
        code = self._code(args, *rest, **extra)
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: Any) -> Any:
        """Run a command; it refuses and warns in its own options, and Ctrl-C ends it."""

        def said(message: object) -> str:  # the command is known once it is invoked
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            return in_flags(str(message), flags(command))

        try:
            with _short_warnings(said):
                return super().invoke(ctx)
        except InputError as error:
            raise InputError(said(error)) from error
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


def flags(command: Any) -> dict[str, str]:
    """Return parameter -> flag of a command's options, and of the commands in it."""
    found = {}
    for inner in getattr(command, "commands", {}).values():
        found |= flags(inner)
    options = (p for p in getattr(command, "params", ()) if p.opts[0].startswith("--"))
    return found | {option.name: option.opts[0] for option in options}


def say(message: str) -> None:
    """Write one line to stderr."""
    typer.echo("mnexcite: " + " ".join(message.split()), err=True)


@contextmanager
def _short_warnings(said: Callable[[object], str]) -> Iterator[None]:
    def show(message: Warning | str, category: type[Warning], *rest: Any) -> None:
        kind = "warning" if issubclass(category, RunWarning) else category.__name__
        say(f"{kind}: {said(message)}")

    with warnings.catch_warnings():
        warnings.simplefilter("default", RunWarning)
        warnings.showwarning = show
        yield
