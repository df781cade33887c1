"""Write the documentation's page of benchmarks from results, and from nothing else.

    python benchmarks/page.py [RESULTS.json ...]

By default from all of `benchmarks/results/`, one section for each file; what a reader must
know of a file stands in it under `note`. Figures go to `docs/benchmarks/`, the page is
`docs/benchmarks.md`.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import run

from mnexcite import plots
from mnexcite.bench import report
from mnexcite.bench.frontier import TARGETS, Frontier

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
HEAD = """# Benchmarks

Made by `python benchmarks/run.py --peers NAMES --json FILE` and `python benchmarks/page.py`;
every number below stands in the JSON files of `benchmarks/results/`. Wall times depend on the
machine, so each section names it, and what counts are ratios of things that were measured in
turn in one run: same equations, same start, same stimulus, 64-bit numbers, one thread, warm,
medians; and one measure of error for all. With all peers that takes half an hour, and how
busy the machine was is said.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("results", nargs="*", type=Path)
    parser.add_argument("--docs", type=Path, default=DOCS, help="where the page goes")
    options = parser.parse_args()
    files = options.results or sorted((HERE / "results").glob("*.json"))
    if not files:
        parser.error("there are no results; run.py --json writes them")
    write(files, options.docs)


def write(files: list[Path], docs: Path) -> None:
    """Write the page and its figures from result files."""
    folder = docs / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    text = HEAD
    for file in files:
        results = json.loads(file.read_text(encoding="utf-8"))
        text += f"\n## {file.stem}\n\n{machine(results['machine'])}\n"
        if "note" in results:
            text += f"\n{results['note']}\n"
        for name, part in run.PARTS.items():
            if name in results:
                text += f"\n### {part.TITLE}\n\n{part.NOTE}{busy(results, name)}\n"
                text += SECTIONS[name](part, results[name], folder, file.stem)
    page = docs / "benchmarks.md"
    page.write_text(text, encoding="utf-8")


def machine(found: Mapping[str, object]) -> str:
    """Return the machine and the versions as one sentence."""
    versions = ", ".join(
        f"{key} {value}"
        for key, value in found.items()
        if key not in ("cpu", "cores", "system")
    )
    return f"{found['cpu']}, {found['cores']} cores, {found['system']}; {versions}."


def busy(results: Mapping[str, Any], name: str) -> str:
    """Return how long a part was measured, and how busy the machine was, as a sentence."""
    own = [how for key, how in results.get("measured", {}).items() if key.split()[0] == name]
    if not own:
        return ""
    share = sum(how["processor s"] for how in own) / sum(how["s"] for how in own)
    loads = [how["load"] for how in own if how["load"] is not None]
    load = f", load {max(loads):.1f}" if loads else ""
    seconds = sum(how["s"] for how in own)
    return f" Measured in {seconds:.0f} s, {share:.2f} processors busy with it{load}."


def plain(part: Any, result: Any, folder: Path, stem: str) -> str:
    """Return a part's tables."""
    return "".join(
        f"\n**{t.title}**\n\n{t.markdown()}\n{t.note}".rstrip() + "\n"
        for t in part.tables(result)
    )


def frontiers(part: Any, result: Mapping[str, Any], folder: Path, stem: str) -> str:
    """Return figure, costs, who is cheaper, and every point of each work."""
    text = ""
    for title, described in result.items():
        frontier = report.from_dict(described)
        picture = folder / f"{_slug(stem)}-{_slug(title)}.png"
        figure = plots.new_figure(10.0, 7.0)
        with plots.style():
            plots.work_precision(frontier, figure.subplots())
        plots.save(figure, picture)
        costs, points = part.tables({title: described})
        text += f"\n#### {title}\n\n{costs.note}\n\n"
        text += f"![Error against cost, {title}](benchmarks/{picture.name})\n\n"
        text += costs.markdown() + cheaper(frontier)
        text += "\n<details><summary>Every point</summary>\n\n"
        text += f"{points.markdown()}\n</details>\n"
        text += "".join(f"\n{line}\n" for line in points.note.splitlines())
    return text


def cheaper(frontier: Frontier) -> str:
    """Return a line for each target at which something is cheaper than the baseline."""
    lines = []
    for error in TARGETS:
        found = {
            name: times
            for name in frontier.names
            if (times := frontier.ratio(frontier.baseline, name, error)) is not None
            and times > 1.0
        }
        listed = ", ".join(f"{name} {times:.2g} times" for name, times in found.items())
        if listed:
            lines.append(f"- Cheaper than {frontier.baseline} at {error:g} ms: {listed}.")
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def growth(part: Any, result: Mapping[str, Any], folder: Path, stem: str) -> str:
    """Return the figure of costs against cells and time, and the tables."""
    picture = folder / f"{_slug(stem)}-scaling.png"
    figure = plots.new_figure(11.0, 4.8)
    with plots.style():
        for ax, (kind, column, label) in zip(
            figure.subplots(1, 2),
            (
                ("cells", "cells", "Cells, 200 ms each"),
                ("time", "time s", "Time of each cell [s]"),
            ),
            strict=True,
        ):
            draw_growth(ax, result[kind], column)
            ax.set_xlabel(label)
    plots.save(figure, picture)
    text = f"\n![Cost against cells and time](benchmarks/{picture.name})\n"
    return text + plain(part, result, folder, stem)


def draw_growth(ax: Any, rows: list[dict[str, Any]], column: str) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    colors = list(plots.COLORS.values())[1:]
    for color, method in zip(
        colors, dict.fromkeys(row["method"] for row in rows), strict=False
    ):
        own = [row for row in rows if row["method"] == method]
        x, y = [row[column] for row in own], [row["s"] for row in own]
        ax.plot(x, y, "-o", color=color, label=method)
        line = [y[-1] * value / x[-1] for value in x]
        ax.plot(x, line, "--", color="#B0B0B0", linewidth=1.0, zorder=0)
    ax.margins(x=0.05)
    ax.legend(loc="upper left")
    ax.set_ylabel("Computing time [s]; dashed: in proportion")


SECTIONS = {
    "start_up": plain,
    "work_precision": frontiers,
    "scaling": growth,
    "sweeps": plain,
    "survival": plain,
    "damages": plain,
}


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")


if __name__ == "__main__":
    main()
