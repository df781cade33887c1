"""Two comparisons side by side: what costs changed, and what differs beside."""

from __future__ import annotations

from mnexcite.bench.frontier import TARGETS, Frontier
from mnexcite.bench.report import Row, told_cost
from mnexcite.errors import array, checked


@checked
def differences(a: Frontier, b: Frontier) -> list[str]:
    """Return a line for each thing in which machine, versions or work differ.

    Where the processor differs, ratios between two runs tell of it and not of a program.

    Examples
    --------
    >>> from mnexcite.bench.frontier import Task
    >>> task = Task("squid", 1, 100.0, {}, "none", 1, 5, "closed form", 0.0)
    >>> one, other = ({"cpu": "a", "numpy": n} for n in ("2.0", "2.1"))
    >>> differences(Frontier((), task, one, "x"), Frontier((), task, other, "x"))
    ['numpy: 2.0 and 2.1']
    """
    lines = []
    for one, other in (
        (dict(a.machine), dict(b.machine)),
        (vars(a.task), vars(b.task)),
        (dict(a.busy), dict(b.busy)),
    ):
        for key in dict.fromkeys([*one, *other]):
            pair = [side.get(key, "none") for side in (one, other)]
            if pair[0] != pair[1]:
                lines.append(f"{key.replace('_', ' ')}: {_told(pair[0])} and {_told(pair[1])}")
    return lines


@checked
def costs(a: Frontier, b: Frontier, targets: tuple[float, ...] = TARGETS) -> list[Row]:
    """Return a row for each contestant and error: both costs, and the second over the first.

    Beside it stands the ratio over that of the baseline of the first: what is left of it where
    one machine was faster or busier than the other.

    Raises
    ------
    InputError
        If an argument is not allowed.
    """
    wanted = array("targets", targets, "errors above 0 [ms]", least=1, above=0.0).tolist()
    rows = []
    for name in dict.fromkeys([*a.names, *b.names]):
        for error in wanted:
            first, second = (_cost(side, name, error) for side in (a, b))
            if first is None and second is None:
                continue
            ratio = _ratio(a, b, name, error)
            base = _ratio(a, b, a.baseline, error)
            rows.append(
                {
                    "": name,
                    "error [ms]": f"{error:.0e}".replace("e-0", "e-"),
                    "a [ms/cell]": told_cost(first),
                    "b [ms/cell]": told_cost(second),
                    "b / a": told_cost(ratio),
                    f"over {a.baseline}": told_cost(ratio / base if ratio and base else None),
                }
            )
    return rows


def _cost(side: Frontier, name: str, error: float) -> float | None:
    return side.cost_at(name, error) if name in side.names else None


def _ratio(a: Frontier, b: Frontier, name: str, error: float) -> float | None:
    first, second = (_cost(side, name, error) for side in (a, b))
    return second / first if first and second else None


def _told(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
