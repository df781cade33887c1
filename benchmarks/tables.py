"""Tables that are printed on a terminal and on a page alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """Hold rows that share their columns, a title and a remark."""

    title: str
    rows: Sequence[Mapping[str, object]]
    note: str = ""
    left: Iterable[str] = field(default=("", "what", "cell", "method", "setting"))

    @property
    def heads(self) -> list[str]:
        """Names of the columns."""
        return list(self.rows[0]) if self.rows else []

    @property
    def texts(self) -> list[list[str]]:
        """The rows as texts, numbers with four digits."""
        return [[_text(value) for value in row.values()] for row in self.rows]

    def markdown(self) -> str:
        """Return the table for a page."""
        if not self.rows:
            return ""
        lines = ["| " + " | ".join(self.heads) + " |"]
        lines.append(
            "|"
            + "|".join(" --- " if head in self.left else " ---: " for head in self.heads)
            + "|"
        )
        lines += ["| " + " | ".join(row) + " |" for row in self.texts]
        return "\n".join(lines) + "\n"


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
