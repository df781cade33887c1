"""`mnexcite cells`: the catalogue, and every number of a cell with its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from mnexcite.cli import console

if TYPE_CHECKING:
    from mnexcite.cells import Cell, Parameter

app = typer.Typer(help="List the cells of the catalogue, or show one number by number.")

#: From this width on [characters] sources are printed in full, not by number.
WIDE = 140


@app.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    """List the cells of the catalogue, or show one number by number."""
    if context.invoked_subcommand is None:
        list_cells()


@app.command("list")
def list_cells() -> None:
    """List the cells of the catalogue; the first is the default."""
    from mnexcite.cells import CATALOGUE

    made = console.table("Cell", "Source")
    made.columns[1].justify = "left"
    for name, make in CATALOGUE.items():
        made.add_row(name, make().source)
    console.out().print(made)


@app.command("show")
def show(
    name: Annotated[
        str, typer.Argument(help="Cell of the catalogue, saved .json file or module:function.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Show every number of a cell: path, value, unit, source, status."""
    from mnexcite.cells import find
    from mnexcite.errors import InputError

    if as_json and as_csv:
        raise InputError("--json and --csv are both given; allowed: one of the two")
    cell = find(name)
    if as_json:
        typer.echo(_json(cell))
    elif as_csv:
        typer.echo(_csv(cell.parameters), nl=False)
    else:
        _print(cell)


def _json(cell: Cell) -> str:
    import json
    from dataclasses import asdict

    numbers = {path: asdict(number) for path, number in cell.parameters.items()}
    described = {"name": cell.name, "source": cell.source, "parameters": numbers}
    return json.dumps(described, indent=2)


def _csv(numbers: Mapping[str, Parameter]) -> str:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "value", "unit", "source", "status"])
    for path, number in numbers.items():
        writer.writerow([path, repr(number.value), number.unit, number.source, number.status])
    return text.getvalue()


def _print(cell: Cell) -> None:
    printer = console.out()
    wide = printer.width >= WIDE
    made = console.table("Path", "Value", "Unit", "Status", "Source")
    made.columns[2].justify = made.columns[3].justify = made.columns[4].justify = "left"
    sources = list(dict.fromkeys(number.source for number in cell.parameters.values()))
    for path, number in cell.parameters.items():
        source = number.source if wide else f"[{sources.index(number.source) + 1}]"
        made.add_row(path, f"{number.value:.9g}", number.unit, number.status, source)
    printer.print(cell.name)
    printer.print(made)
    if not wide:
        for i, source in enumerate(sources, start=1):
            printer.print(f"[{i}] {source}")
    area = "none" if cell.area is None else f"{cell.area:g} cm2"
    groups = "; ".join(f"{name} = {', '.join(of)}" for name, of in cell.groups.items())
    printer.print(
        f"Area: {area}. Spike threshold: {cell.spike_threshold:g} mV. Fixed step: "
        f"{cell.dt:g} ms. Groups: {groups or 'none'}."
    )
