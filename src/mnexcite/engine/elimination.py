"""Print the solution of a small linear system whose zeros are known while printing."""

from __future__ import annotations

from collections.abc import Collection

from mnexcite.engine.printer import Source


class Elimination:
    """Factor a matrix by Gaussian elimination, then solve with any right-hand side.

    `matrix` maps (row, column) to an expression; what is missing is zero and costs nothing.
    Rows are eliminated in the order of `order`, without pivoting: the diagonal of an
    implicit step holds 1 / (h gamma), and a step in which that does not suffice has a large
    error and is taken again with a smaller h.
    """

    def __init__(
        self,
        out: Source,
        matrix: dict[tuple[int, int], str],
        order: list[int],
        tag: str,
        open: Collection[int] = (),
    ) -> None:
        self.out, self.order, self.tag, self.open = out, order, tag, open
        self.entries: dict[tuple[int, int], str] = {}
        for place, expression in matrix.items():
            self.entries[place] = self._name("entry", *place)
            out.add(f"{self.entries[place]} = {expression}")
        self._factor()

    def _name(self, kind: str, row: int, column: int) -> str:
        return f"{kind}_{row}_{column}_{self.tag}"

    def _factor(self) -> None:
        out, order, entries = self.out, self.order, self.entries
        self.pivots, self.shares = {}, {}
        for step, k in enumerate(order):
            if k in self.open:
                continue
            pivot = self.pivots[k] = self._name("pivot", k, k)
            out.add(f"{pivot} = 1.0 / {entries[k, k]}")
            later = order[step + 1 :]
            for i in later:
                if (i, k) not in entries:
                    continue
                share = self.shares[i, k] = self._name("share", i, k)
                out.add(f"{share} = {entries[i, k]} * {pivot}")
                for j in later:
                    if (k, j) not in entries:
                        continue
                    name = self._name("entry", i, j)
                    before = entries.get((i, j), "0.0")
                    out.add(f"{name} = {before} - {share} * {entries[k, j]}")
                    entries[i, j] = name

    def eliminate(self, rows: dict[int, str]) -> None:
        """Print what right-hand sides in `rows` become, which are overwritten."""
        out, order = self.out, self.order
        for step, k in enumerate(order):
            for i in order[step + 1 :]:
                if (i, k) in self.shares:
                    out.add(f"{rows[i]} = {rows[i]} - {self.shares[i, k]} * {rows[k]}")

    def substitute(self, rows: dict[int, str], solution: dict[int, str]) -> None:
        """Print `solution` (variable of each unknown) after `eliminate`, but for open rows."""
        out, order = self.out, self.order
        for step, k in reversed(list(enumerate(order))):
            if k in self.open:
                continue
            for j in order[step + 1 :]:
                if (k, j) in self.entries:
                    out.add(f"{rows[k]} = {rows[k]} - {self.entries[k, j]} * {solution[j]}")
            out.add(f"{solution[k]} = {rows[k]} * {self.pivots[k]}")
