"""How objects show themselves: one line as text, a small table in a notebook."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Sequence


def table(title: str, rows: Iterable[tuple[str, object]]) -> str:
    """Return an HTML table of names and values; rows without a value are left out.

    >>> table("Force", [("peak", 0.5), ("names", "")])
    '<table><caption>Force</caption><tr><th>peak</th><td>0.5</td></tr></table>'
    """
    kept = [(name, str(value)) for name, value in rows if str(value)]
    body = "".join(f"<tr><th>{_safe(n)}</th><td>{_safe(v)}</td></tr>" for n, v in kept)
    return f"<table><caption>{_safe(title)}</caption>{body}</table>"


def columns(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return an HTML table with named columns, folded away under its title."""
    head = "".join(f"<th>{_safe(name)}</th>" for name in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{_safe(str(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    listed = f"<table><tr>{head}</tr>{body}</table>"
    return f"<details><summary>{_safe(title)}</summary>{listed}</details>"


def counted(number: int, name: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "lane"), counted(2, "spike")
    ('1 lane', '2 spikes')
    """
    return f"{number} {name}{'' if number == 1 else 's'}"


def statuses(names: Iterable[str]) -> str:
    """Return how many ended in which way, `ok` alone where all did.

    >>> statuses(["ok", "ok"]), statuses(["ok", "failed", "ok"])
    ('ok', '2 ok, 1 failed')
    """
    found = Counter(names).most_common()
    if len(found) < 2:
        return "".join(name for name, _ in found)
    return ", ".join(f"{number} {name}" for name, number in found)


def some(names: Iterable[str], most: int = 4) -> str:
    """Return the first names of a list.

    >>> some(["a", "b", "c"], 2), some([])
    ('a, b, ... (3)', 'nothing')
    """
    listed = list(names)
    if not listed:
        return "nothing"
    more = f", ... ({len(listed)})" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def _safe(text: str) -> str:
    return html.escape(text)
