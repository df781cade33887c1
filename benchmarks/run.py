"""Measure the library: one command, one table, one JSON file.

    python benchmarks/run.py [--quick] [--json FILE]

Wall times depend on the machine, so each table names it, and every claim of speed is a ratio
of two things measured in turn in one run. `--quick` runs everything once and briefly, so that
this folder cannot rot.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import machine
import method_costs
import start_up
import step_halving
from rich.console import Console
from rich.table import Table

PARTS = (start_up, method_costs, step_halving)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="once and briefly")
    parser.add_argument("--json", type=Path, help="where to write the results")
    options = parser.parse_args()
    console = Console()
    results = {"machine": machine.describe(), "quick": options.quick}
    console.print(results["machine"])
    for part in PARTS:
        rows = part.measure(quick=options.quick)
        results[part.__name__] = rows
        table = Table(title=part.TITLE, title_justify="left")
        for column in rows[0]:
            table.add_column(column, justify="left" if column in ("what", "cell") else "right")
        for row in rows:
            table.add_row(*(_text(value) for value in row.values()))
        console.print(table)
        console.print(part.NOTE, highlight=False)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
