"""Write the text of kernels: indented lines, and the head of an entry function."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from mnexcite.kernels.vector_ops import OPERATIONS, WIDTH_FROM

LINE_LENGTH = 96


class Source:
    """Lines of Python text with indentation."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 0

    def add(self, *lines: str) -> None:
        """Append lines at the current depth."""
        self.lines += [("    " * self.depth + line).rstrip() for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Indent what is added inside under `head`."""
        self.add(head)
        self.depth += 1
        yield
        self.depth -= 1

    @contextmanager
    def for_each_vector(self, count: int) -> Iterator[None]:
        """Repeat what is added inside for vectors 0 to `count` - 1."""
        start = len(self.lines)
        yield
        once = self.lines[start:]
        self.lines[start:] = [
            line.replace("@", str(vector)) for vector in range(count) for line in once
        ]

    def text(self) -> str:
        """Return all lines as one text."""
        return "\n".join(self.lines) + "\n"


@dataclass(frozen=True)
class Entry:
    """Declare a kernel's entry function once: for its text, and for its machine code.

    `arguments`: name -> (its type, what it is); `answer`: the type of what it gives.
    """

    name: str
    summary: str
    arguments: Mapping[str, tuple[str, str]]
    answer: str = "void"

    @property
    def types(self) -> dict[str, str]:
        """The type of each argument, and of `return`."""
        return {name: kind for name, (kind, _) in self.arguments.items()} | {
            "return": self.answer
        }

    def head(self) -> list[str]:
        """Return the lines before the function's body."""
        start = f"def {self.name}("
        result = {"void": "None", "i8": "int", "f8": "float"}[self.answer]
        lines = textwrap.wrap(
            f"{start}{', '.join(self.arguments)}) -> {result}:",
            LINE_LENGTH,
            subsequent_indent=" " * len(start),
        )
        lines += textwrap.wrap(
            f'"""{self.summary}', LINE_LENGTH, initial_indent="    ", subsequent_indent="    "
        )
        lines.append("")
        for name, (_, meaning) in self.arguments.items():
            lines += textwrap.wrap(
                f"{name}: {meaning}",
                LINE_LENGTH,
                initial_indent=" " * 4,
                subsequent_indent=" " * 8,
            )
        return [*lines, '    """']


def preamble(title: str, width: int) -> list[str]:
    """Return the lines before a kernel's functions, on vectors of so many lanes."""
    operations = textwrap.wrap(
        f"({', '.join(OPERATIONS)}) = {WIDTH_FROM}({width})", LINE_LENGTH, subsequent_indent=" "
    )
    return [
        f'"""{title}"""',
        "",
        "import math",
        "",
        "import numpy as np",
        "",
        f"from mnexcite.kernels.vector_ops import {WIDTH_FROM}",
        "",
        *operations,
        "",
        "",
    ]
