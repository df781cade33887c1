"""Write those pages and tables that are made from the package itself.

Sphinx calls it before it reads any page. Whole pages go to `generated/`, and tables that
other pages include to `generated/parts/`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from pathlib import Path

import typer.main
from sphinx.application import Sphinx

import mnexcite as mx
from mnexcite.cli.app import app as command_line
from mnexcite.engine import status
from mnexcite.engine.methods import METHODS, Method, fastest_gate
from mnexcite.equations.structure import structure_of
from mnexcite.page import page_of


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write_pages)
    app.connect("build-finished", write_cells_to_feel)
    app.connect("autodoc-process-signature", shorten_types)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def shorten_types(
    app: Sphinx, what: str, name: str, obj: object, options: object,
    signature: str | None, returns: str | None,
) -> tuple[str | None, str | None]:  # fmt: skip
    """Write arrays as Array and aliases by their names."""

    def short(text: str | None) -> str | None:
        if text is None:
            return None
        text = re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", text)
        return re.sub(
            r"~?(?:numpy\.)?ndarray\[~?tuple\[[^]]*\], ~?(?:numpy\.)?dtype\[[^]]*\]\]",
            "Array",
            text.replace("~typing.", "").replace("typing.", ""),
        )

    return short(signature), short(returns)


def write_cells_to_feel(app: Sphinx, exception: Exception | None) -> None:
    """Put the page of each cell of the catalogue beside the built pages."""
    if exception is None and app.builder.format == "html":
        folder = Path(app.outdir) / "pages"
        folder.mkdir(exist_ok=True)
        for name, make in mx.cells.CATALOGUE.items():
            write(folder / f"{name}.html", page_of(make()))


def write_pages(app: Sphinx) -> None:
    folder = Path(app.srcdir) / "generated"
    for name, make in mx.cells.CATALOGUE.items():
        write(folder / "cells" / f"{name}.md", cell_page(make()))
    parts = {
        "catalogue": catalogue(),
        "parameter_statuses": table(
            ("status", "meaning"), ((code(k), v) for k, v in mx.cells.STATUSES.items())
        ),
        "run_statuses": table(
            ("status", "what happened", "what to do"),
            ((code(s.name), s.sentence, s.remedy) for s in status.STATUSES),
        ),
        "train_statuses": statuses(mx.spikes.TRAIN_STATUSES),
        "delta_f_statuses": statuses(mx.spikes.DELTA_F_STATUSES),
        "drive_statuses": statuses(mx.spikes.DRIVE_STATUSES),
        "shape_statuses": statuses(mx.spikes.SHAPE_STATUSES),
        "force_statuses": statuses(mx.muscle.STATUSES),
        "methods": table(
            ("method", "order", "steps", "evaluations", "use"),
            (
                (code(m.name), m.order or "", steps_of(m), m.evaluations or "", m.use)
                for m in METHODS.values()
            ),
        ),
        "fixed_steps": fixed_steps(),
        "motor_units": motor_units(),
        "measures": measures(),
        "phases": table(
            ("value", "phase", "rule"),
            ((k, code(p.name), p.rule) for k, p in enumerate(mx.measures.PHASES)),
        ),
        "kernel": kernel_excerpt(),
        "commands": commands(),
    }
    for name, text in parts.items():
        write(folder / "parts" / f"{name}.md", text)


def cell_page(cell: mx.Cell) -> str:
    """Return the page of a cell: what it is, and every number of it."""
    lines = [f"# {cell.name}", "", cell.source + ".", ""]
    states = [path for path in cell.initial]
    facts = [
        ("compartments", ", ".join(c.name for c in cell.compartments)),
        ("conductance, current, capacitance", ", ".join(cell.units[k] for k in "giC")),
        ("area", "none" if cell.area is None else f"{cell.area:g} cm2"),
        ("spike threshold", f"{cell.spike_threshold:g} mV"),
        ("default step", f"{cell.dt:g} ms"),
        *((f"group {g}", ", ".join(map(code, of))) for g, of in cell.groups.items()),
        ("states", f"{len(states)}: " + ", ".join(map(code, states))),
    ]
    lines += [table(("", ""), facts), "", "## Currents", ""]
    for compartment in cell.compartments:
        if len(cell.compartments) > 1:
            lines += [f"### {compartment.name}", ""]
        rows = []
        for channel in compartment.channels:
            gates = " ".join(
                f"{g.name}^{g.power}" if g.power > 1 else g.name for g in channel.gates
            )
            kinds = [f"{g.name} instantaneous" for g in channel.gates if g.instantaneous]
            kinds += [f"{g.name} reads {g.pool}" for g in channel.gates if g.pool is not None]
            strength, drive = LAWS[type(channel)]
            current = " ".join(filter(None, [strength, gates, drive]))
            rows.append((code(channel.name), code(current), ", ".join(kinds)))
        lines += [table(("channel", "current, outward positive", "gates"), rows), ""]
    sources = list(dict.fromkeys(p.source for p in cell.parameters.values()))
    rows = [
        (code(path), f"{p.value:.9g}", p.unit, p.status, f"[{sources.index(p.source) + 1}]")
        for path, p in cell.parameters.items()
    ]
    lines += ["## Numbers", "", table(("path", "value", "unit", "status", "source"), rows), ""]
    lines += [f"{i}. {source}" for i, source in enumerate(sources, start=1)]
    lines += ["", "## State at the start", ""]
    lines += [
        table(("path", "value"), ((code(k), f"{v:.9g}") for k, v in cell.initial.items()))
    ]
    return "\n".join(lines) + "\n"


#: What stands before and after the gates of a current.
LAWS = {
    mx.Channel: ("g", "(v - E)"),
    mx.Pump: ("i_max", ""),
    mx.GHK: ("P", "z F u (c_i - c_o e^-u) / (1 - e^-u)"),
}


def catalogue() -> str:
    rows = []
    for name, make in mx.cells.CATALOGUE.items():
        cell = make()
        link = f"[{name}](/generated/cells/{name}.md)"
        counts = (len(cell.compartments), len(cell.initial))
        rows.append((link, *counts, cell.units["i"], cell.source))
    return table(("cell", "compartments", "states", "current", "source"), rows)


def statuses(meanings: dict[str, str]) -> str:
    return table(("status", "meaning"), ((code(k), v) for k, v in meanings.items()))


def steps_of(method: Method) -> str:
    """Say who chooses a method's steps."""
    return "fixed" if method.source is not None and not method.adaptive else "its own"


def fixed_steps() -> str:
    """Return the default step of each cell and the bound of each explicit method."""
    explicit = [m for m in METHODS.values() if m.stability < float("inf")]
    rows = []
    for name, make in mx.cells.CATALOGUE.items():
        cell = make()
        gate, rate = fastest_gate(cell)
        bounds = [f"{m.stability / rate:.3g}" if rate else "none" for m in explicit]
        rows.append((name, f"{cell.dt:g}", *bounds, code(gate)))
    heads = [f"largest dt of {m.name} [ms]" for m in explicit]
    return table(("cell", "default dt [ms]", *heads, "fastest gate"), rows)


def motor_units() -> str:
    rows = []
    for make in (mx.muscle.slow_unit, mx.muscle.fast_unit, mx.muscle.thenar_unit):
        unit = make()
        for key, p in unit.parameters.items():
            made = (code(f"{make.__name__}()"), code(key), f"{p.value:.6g}")
            rows.append((*made, p.unit, p.status, p.source))
    return table(("unit", "number", "value", "unit", "status", "source"), rows)


def measures() -> str:
    """Return every output of every built-in measure; a measure is named once."""
    rows, named = [], ""
    for row in mx.measures.describe():
        measure = "" if row.measure == named else code(row.measure)
        named = row.measure
        unit = "flag" if row.flags else row.unit
        meaning = (
            f"{row.meaning}: {', '.join(map(code, row.flags))}" if row.flags else row.meaning
        )
        rows.append((measure, code(row.output), unit, meaning))
    return table(("measure", "variable", "unit", "meaning"), rows)


def kernel_excerpt() -> str:
    """Return one step of four lanes, as it is printed for the smallest cell."""
    cell = mx.cells.hodgkin_huxley_1952()
    lines = METHODS["staggered"].source(structure_of(cell)).splitlines()
    first = next(i for i, line in enumerate(lines) if line.lstrip().startswith("drive_0 ="))
    last = next(i for i, line in enumerate(lines) if line.lstrip().startswith("failed_0 ="))
    step = textwrap.dedent("\n".join(lines[first : last + 1]))
    return f"```python\n{step}\n```\n"


def commands() -> str:
    """Return every command with its arguments and options, from the application itself."""
    group = typer.main.get_command(command_line)
    lines: list[str] = []
    for names, command in walk(group):
        usage = " ".join(["mnexcite", *names])
        lines += [f"## `{usage}`", "", paragraph(command.help or ""), ""]
        options = [option for option in command.params if option.name != "help"]
        rows = [
            (code(spelling(p)), paragraph(getattr(p, "help", "") or ""), default(p))
            for p in options
        ]
        if rows:
            lines += [table(("argument or option", "meaning", "default"), rows), ""]
    return "\n".join(lines)


def walk(group, names=()):
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from walk(command, (*names, name))
        else:
            yield (*names, name), command


def spelling(parameter) -> str:
    if parameter.param_type_name == "argument":
        return parameter.metavar or parameter.name.upper()
    long = [o for o in parameter.opts if o.startswith("--")]
    return " / ".join([*long, *parameter.secondary_opts])


def default(parameter) -> str:
    value = parameter.default
    if parameter.required or value is None or value is False:
        return ""
    return "yes" if value is True else code(str(value))


def paragraph(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def table(heads: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    heads = list(heads)
    made = ["| " + " | ".join(map(str, heads)) + " |", "|" + " --- |" * len(heads)]
    for row in rows:
        made.append("| " + " | ".join(str(x).replace("|", "\\|") for x in row) + " |")
    return "\n".join(made) + "\n"


def code(text: str) -> str:
    return f"`{text}`"


def write(path: Path, text: str) -> None:
    """Write a page only if it changed, so that Sphinx need not read it again."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
