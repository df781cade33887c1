"""A comparison as JSON and back, and as rows of tables."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mnexcite import disk
from mnexcite.bench.frontier import TARGETS, Frontier, Point, Task
from mnexcite.errors import InputError, StorageError, checked

FORMAT = "mnexcite bench, format 1"

Row = dict[str, str]
#: A program that has a processor to itself is on it for at least this share of the time.
IDLE = 0.9


def to_dict(frontier: Frontier) -> dict[str, Any]:
    """Return a comparison as dicts, lists, texts and numbers."""
    told = {name: why for name in frontier.names if (why := frontier.refused(name))}
    return {"format": FORMAT, **asdict(frontier), "refused": told}


def from_dict(described: dict[str, Any]) -> Frontier:
    """Return the comparison that `to_dict` described.

    Raises
    ------
    InputError
        If it is something else.
    """
    try:
        if described["format"] != FORMAT:
            raise ValueError(f"its format is {described['format']!r}")
        task = dict(described["task"])
        task["parameters"] = {
            path: tuple(ends)  # JSON has no tuples
            for path, ends in task["parameters"].items()
        }
        return Frontier(
            tuple(Point(**point) for point in described["points"]),
            Task(**task),
            described["machine"],
            described["baseline"],
            described.get("floors", {}),
            described.get("busy", {}),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"no comparison ({error}); allowed: what to_dict gave") from None


@checked
def save(frontier: Frontier, path: str | Path) -> None:
    """Write a comparison to a JSON file.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    text = json.dumps(to_dict(frontier), indent=1)
    disk.write(path, text + "\n")


@checked
def load(path: str | Path) -> Frontier:
    """Read a comparison that `save` wrote.

    Raises
    ------
    StorageError
        If the file cannot be read.
    InputError
        If it holds something else.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot read {path} ({error.strerror or error})") from error
    try:
        described = json.loads(text)
    except ValueError as error:
        raise InputError(f"{path} is not JSON ({error}); give a file of bench") from None
    try:
        return from_dict(described)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def points(frontier: Frontier) -> list[Row]:
    """Return a row of texts for each point that was measured.

    Examples
    --------
    >>> task = Task("squid", 1, 100.0, {}, "none", 1, 5, "closed form", 0.0)
    >>> point = Point("ours", "method", "dt 0.1", "dt", 0.1, cost=1.0, error=1e-2, cold=2.0)
    >>> points(Frontier((point,), task, {}, "ours"))[0]["error [ms]"]
    '1.0e-02'
    """
    stalled = {name: frontier.stalled(name) for name in frontier.names}
    return [
        {
            "": point.name,
            "setting": point.setting,
            "error [ms]": _error(point) + (" stays" if point in stalled[point.name] else ""),
            "ms/cell": _number(point.cost, 3),
            "ns/step": _number(point.per_step, 3),
            "cold [s]": _number(point.cold, 2),
        }
        for point in frontier.points
        if point.skipped is None
    ]


def ratios(frontier: Frontier, targets: tuple[float, ...] = TARGETS) -> list[Row]:
    """Return a row for each contestant: cost at each error, and times the baseline's.

    A dash stands where it, or the baseline, does not get so far, or where it is refused.
    """
    rows = []
    for name in frontier.names:
        refused = frontier.refused(name)
        if not frontier.edge(name) and not refused:
            continue
        row = {"": f"{name} (refused)" if refused else name}
        for error in targets:
            label = f"{error:.0e}".replace("e-0", "e-")
            row[f"{label} ms"] = _number(frontier.cost_at(name, error), 3)
            times = frontier.ratio(name, frontier.baseline, error)
            row[f"x {label}"] = _number(times, 2)
        rows.append(row)
    return rows


def remarks(frontier: Frontier) -> list[str]:
    """Return one line for all that is not compared, or stops at a floor of its own."""
    lines = [f"Skipped: {line}" for line in skipped(frontier)]
    for name in frontier.names:
        if why := frontier.refused(name):
            lines.append(f"Refused: {name}: {why}")
        elif points := frontier.stalled(name):
            lines.append(
                f"Floor: {name}: its error stays at {points[-1].error:.1e} ms from "
                f"{points[0].setting} on: {frontier.floors[name]}"
            )
    return lines


def skipped(frontier: Frontier) -> list[str]:
    """Return one line for each contestant or setting that was skipped, with the reason."""
    lines: dict[str, None] = {}
    for point in frontier.points:
        if point.skipped is None:
            continue
        whole = all(other.skipped == point.skipped for other in frontier.of(point.name))
        label = point.name if whole else f"{point.name}, {point.setting}"
        lines[f"{label}: {point.skipped}"] = None
    return list(lines)


def summary(frontier: Frontier) -> str:
    """Return one sentence on the work and how it was judged."""
    task = frontier.task
    varied = ", ".join(
        f"{path} {low:g} to {high:g}" for path, (low, high) in task.parameters.items()
    )
    sets = f"{task.sets} set{'s' if task.sets > 1 else ''}" + (f" ({varied})" if varied else "")
    left = (
        f" ({task.left_out} more cannot be judged: a peak within 1 mV of the threshold, or "
        "times that two solutions differ in)"
        if task.left_out
        else ""
    )
    return (
        f"{task.cell}, {task.duration:g} ms, {sets}, stimulus {task.stimulus}; errors on "
        f"{task.judged} sets with {task.spikes} spikes{left}, against {task.reference} "
        f"(apart by {task.reference_error:.0e} ms, the judge's floor).{_busy(frontier)}"
    )


def _busy(frontier: Frontier) -> str:
    """Return how busy the machine was, as sentences."""
    busy = frontier.busy
    if not busy:
        return ""
    share, load = busy["share"], busy.get("load")
    said = f"Processor time was {100.0 * share:.0f} % of wall time"
    if "wall" in busy:
        said = (
            f"Warm runs took {busy['wall']:.3g} s of wall time and {busy['cpu']:.3g} s "
            f"({100.0 * share:.0f} %) of processor time"
        )
    said += "" if load is None else f"; load {load:.1f}"
    cores = float(frontier.machine.get("cores", 1))
    crowded = share < IDLE or (load is not None and load > cores)
    word = " The machine was busy with other programs: ratios count, costs may be too high."
    return f" {said}.{word if crowded else ''}"


def _error(point: Point) -> str:
    if point.error is not None:
        return f"{point.error:.1e}"
    return f"{point.wrong} misfire" if point.wrong else "-"


def _number(value: float | None, digits: int) -> str:
    if value is None:
        return "-"
    return f"{value:.{digits}g}" if value < 10**digits else f"{value:.0f}"


def told_cost(value: float | None) -> str:
    """Return a cost or a ratio with three digits, a dash for none."""
    return _number(value, 3)
