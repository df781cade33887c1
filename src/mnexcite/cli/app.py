"""All commands in one application."""

from __future__ import annotations

from typing import Annotated

import typer

from mnexcite.cli import (
    bench,
    cells,
    contract,
    course,
    cramp,
    ctf,
    day,
    doctor,
    explore,
    imbalance,
    simulate,
    sweep,
)
from mnexcite.cli.exits import OneLineErrors

app = typer.Typer(
    name="mnexcite",
    cls=OneLineErrors,
    help="From an ion channel to a cramp: motor neurons and the muscle they drive.",
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    rich_markup_mode=None,  # plain help has room for words at 80 columns
)
app.command("cramp")(cramp.cramp)
app.command("ctf")(ctf.ctf)
app.command("day")(day.day)
app.command("course")(course.course)
app.command("imbalance")(imbalance.imbalance)
app.command("explore")(explore.explore)
app.command("simulate")(simulate.simulate)
app.command("sweep")(sweep.sweep)
app.command("contract")(contract.contract)
app.command("bench")(bench.bench)
app.add_typer(cells.app, name="cells")
app.command("doctor")(doctor.doctor)


@app.callback()
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """From an ion channel to a cramp: motor neurons and the muscle they drive."""
    if version:
        from mnexcite import __version__

        typer.echo(f"mnexcite {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())
