"""Measure the library: one command, one JSON file.

    python benchmarks/run.py [--quick] [--peers all|none|NAMES] [--only PARTS] [--works TEXT]
                             [--json FILE]

Times depend on the machine, so each result names it, and every claim of speed is a ratio of
two things measured in turn in one run. `--quick` runs everything once and briefly, so that
this folder cannot rot. A file that is there keeps the parts that are not measured anew, so
that they can be measured one after the other. `page.py` makes the page of the documentation
from the JSON file.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import damages
import scaling
import start_up
import survival
import work_precision
from rich.console import Console
from rich.table import Table as Printed

import sweeps
from mnexcite.bench import clock, machine
from mnexcite.cli.workload import choose_peers
from mnexcite.errors import InputError

PARTS = {
    part.__name__: part
    for part in (start_up, work_precision, scaling, sweeps, survival, damages)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="once and briefly")
    parser.add_argument("--peers", default="none", help="all, none or names (default none)")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--works", default="", help="of work_precision, those named so")
    parser.add_argument("--json", type=Path, help="where to write the results, part by part")
    options = parser.parse_args()
    try:
        peers = choose_peers(options.peers)
    except InputError as error:
        parser.error(str(error))
    if unknown := set(options.only.split(",")) - set(PARTS):
        parser.error(f"--only names {unknown.pop()!r}; allowed: {', '.join(PARTS)}")
    console = Console(highlight=False, markup=False)
    head = {"machine": machine.describe(), "quick": options.quick}
    try:
        results = started(options.json, head)
    except InputError as error:
        parser.error(str(error))
    console.print(results["machine"])
    for name in options.only.split(","):
        part = PARTS[name]
        chosen = {"works": options.works} if part is work_precision else {}
        with clock.Watch() as watch:
            found = part.measure(quick=options.quick, peers=peers, **chosen)
        results[name] = {**results.get(name, {}), **found} if options.works else found
        how = {"s": watch.wall, "processor s": watch.cpu, "load": clock.load()}
        results.setdefault("measured", {})[f"{name} {options.works}".strip()] = how
        console.print(f"\n{part.TITLE}\n{part.NOTE}")
        for table in part.tables(found):
            show(console, table)
        if options.json:  # after each part, so that nothing measured is lost
            options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def started(path: Path | None, head: dict[str, Any]) -> dict[str, Any]:
    """Return what a file holds already, or its head alone.

    Raises
    ------
    InputError
        If it was measured on another machine, with other versions, or otherwise.
    """
    if path is None or not path.exists():
        return head
    found = json.loads(path.read_text(encoding="utf-8"))
    if differ := [key for key in head if found.get(key) != head[key]]:
        raise InputError(
            f"{path} was measured with another {differ[0]}; name another file, or move it away"
        )
    return found


def show(console: Console, table) -> None:
    made = Printed(title=table.title, title_justify="left")
    for head in table.heads:
        made.add_column(head, justify="left" if head in table.left else "right")
    for row in table.texts:
        made.add_row(*row)
    console.print(made)
    if table.note:
        console.print(table.note)


if __name__ == "__main__":
    main()
